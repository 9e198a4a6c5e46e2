"""Messages from files: days, amounts and codes as people write them."""

from pathlib import Path

import pytest

from cli.display.examples import EXAMPLES
from cli.display.forms import FormError, fill, money_of_text, read_form
from cli.importing.targets import BODIES
from safetycredit.credit.v1 import credit_service_pb2
from safetycredit.credit.v1.credit_service_pb2 import RecordAccidentRequest, RecordPenaltyRequest
from safetycredit.credit.v1.record_pb2 import Penalty
from safetycredit.type.v1.field_pb2 import Field


def written(folder: Path, text: str, name: str = "form.yaml") -> Path:
    """Write a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", BODIES)
def test_the_example_of_every_kind_fills_its_request(kind: str, tmp_path: Path) -> None:
    """What the command prints is what the command takes."""
    request = getattr(credit_service_pb2, f"Record{BODIES[kind].name}Request")()
    fill(request, read_form(written(tmp_path, EXAMPLES[kind])))

    assert request.header.field == Field.FIELD_WORK_SAFETY
    assert request.header.event_date.year == 2026
    assert request.HasField(kind)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "header: {event_date: 2024-05-31}\n"
            "penalty: {sanctions: [fine], fine: '30000.50', fine_multiple: 2}\n",
            id="as-people-write",
        ),
        pytest.param(
            "header: {eventDate: {year: 2024, month: 5, day: 31}}\n"
            "penalty:\n"
            "  sanctions: [SANCTION_FINE]\n"
            "  fine: {currencyCode: CNY, units: '30000', nanos: 500000000}\n"
            "  fineMultiple: {value: '2'}\n",
            id="as-the-proto-has-it",
        ),
    ],
)
def test_plain_values_and_the_protos_own_form_mean_the_same(text: str, tmp_path: Path) -> None:
    """Both forms fill the same message."""
    request = RecordPenaltyRequest()
    fill(request, read_form(written(tmp_path, text)))

    assert (request.header.event_date.month, request.header.event_date.day) == (5, 31)
    assert list(request.penalty.sanctions) == [Penalty.SANCTION_FINE]
    assert (request.penalty.fine.units, request.penalty.fine.nanos) == (30_000, 500_000_000)
    assert request.penalty.fine_multiple.value == "2"


def test_a_time_without_a_zone_is_meant_in_shanghai(tmp_path: Path) -> None:
    """Asia/Shanghai is eight hours before UTC."""
    request = RecordAccidentRequest()
    text = "accident: {occurrence_time: 2024-05-31 07:30:00}\n"
    fill(request, read_form(written(tmp_path, text)))

    assert request.accident.occurrence_time.ToJsonString() == "2024-05-30T23:30:00Z"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("form.yaml", "header: {event_day: 2024-05-31}\n", id="unknown-name"),
        pytest.param("form.yaml", "header: {event_date: yesterday}\n", id="no-day"),
        pytest.param("form.yaml", "penalty: {fine: much}\n", id="no-amount"),
        pytest.param("form.yaml", "penalty: {sanctions: [death]}\n", id="unknown-code"),
        pytest.param("form.yaml", "- header\n", id="list"),
        pytest.param("form.yaml", "header: [", id="no-yaml"),
        pytest.param("form.json", "{header", id="no-json"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(name: str, text: str, tmp_path: Path) -> None:
    """Nothing is sent that was not meant."""
    with pytest.raises(FormError):
        fill(RecordPenaltyRequest(), read_form(written(tmp_path, text, name)))


@pytest.mark.parametrize(
    ("text", "units", "nanos"),
    [
        pytest.param("400000", 400_000, 0, id="whole"),
        pytest.param("1,000.05", 1_000, 50_000_000, id="fen"),
        pytest.param("-0.01", 0, -10_000_000, id="negative"),
    ],
)
def test_an_amount_is_taken_apart_exactly(text: str, units: int, nanos: int) -> None:
    """Units and nanos carry the same sign."""
    money = money_of_text(text)

    assert (money.currency_code, money.units, money.nanos) == ("CNY", units, nanos)
