"""Single values of the wire."""

from datetime import UTC, date, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money
from pydantic_core import PydanticCustomError

from safetycredit.type.v1.subject_pb2 import LocalIdentity as WireLocalIdentity
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.scoring.domain.subject import CreditCode, EnterpriseId, LocalIdentity, PersonId
from services.scoring.handlers.wire_values import (
    read_day,
    read_enterprise,
    read_fen,
    read_instant,
    read_subject,
    write_day,
    write_instant,
    write_money,
)

CODE = "91110000600037341L"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        pytest.param(Date(), "DATE_INCOMPLETE", id="empty"),
        pytest.param(Date(year=2025, month=6), "DATE_INCOMPLETE", id="month-only"),
        pytest.param(Date(year=2025, month=2, day=29), "DATE_INVALID", id="no-leap-year"),
        pytest.param(Date(year=-1, month=1, day=1), "DATE_INVALID", id="negative"),
        pytest.param(Date(year=1949, month=9, day=30), "DATE_OUT_OF_RANGE", id="too-early"),
        pytest.param(Date(year=3000, month=1, day=1), "DATE_OUT_OF_RANGE", id="too-late"),
    ],
)
def test_days_that_are_none_are_refused(day: Date, reason: str) -> None:
    """A day is complete, stands in the calendar and within the house's limits."""
    with pytest.raises(PydanticCustomError) as error:
        read_day(day)

    assert error.value.type == reason


@pytest.mark.parametrize("day", [date(1949, 10, 1), date(2024, 2, 29), date(2999, 12, 31)])
def test_days_are_read_as_they_were_written(day: date) -> None:
    """Both ends of the range are included."""
    assert read_day(write_day(day)) == day


def test_an_instant_is_cut_to_the_microsecond() -> None:
    """Nanoseconds that nobody recorded are left out, before 1970 too."""
    assert read_instant(Timestamp(seconds=1, nanos=1999)) == datetime(
        1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC
    )
    early = datetime(1969, 12, 31, 23, 59, 59, 250_000, tzinfo=UTC)
    assert read_instant(write_instant(early)) == early


@pytest.mark.parametrize(
    "instant",
    [
        pytest.param(Timestamp(seconds=2**60), id="too-late"),
        pytest.param(Timestamp(seconds=-(2**60)), id="too-early"),
        pytest.param(Timestamp(nanos=-1), id="negative-nanos"),
        pytest.param(Timestamp(nanos=10**9), id="too-many-nanos"),
    ],
)
def test_instants_that_are_none_are_refused(instant: Timestamp) -> None:
    """Seconds and nanoseconds have their ranges."""
    with pytest.raises(PydanticCustomError) as error:
        read_instant(instant)

    assert error.value.type == "TIME_INVALID"


@pytest.mark.parametrize(
    ("money", "fen"),
    [
        pytest.param(Money(currency_code="CNY", nanos=10_000_000), 1, id="a-fen"),
        pytest.param(Money(currency_code="CNY", units=400_000), 40_000_000, id="yuan"),
        pytest.param(Money(currency_code="CNY", units=10**13), 10**15, id="most"),
    ],
)
def test_money_is_read_in_fen(money: Money, fen: int) -> None:
    """A yuan has a hundred fen, and nothing is lost."""
    assert read_fen(money) == fen
    assert write_money(fen) == money


@pytest.mark.parametrize(
    ("money", "reason"),
    [
        pytest.param(Money(units=1), "MONEY_NOT_CNY", id="no-currency"),
        pytest.param(
            Money(currency_code="CNY", units=1, nanos=-10_000_000), "MONEY_INVALID", id="signs"
        ),
        pytest.param(Money(currency_code="CNY", nanos=10**9), "MONEY_INVALID", id="nanos"),
        pytest.param(Money(currency_code="CNY", nanos=1), "MONEY_BELOW_FEN", id="fraction"),
        pytest.param(Money(currency_code="CNY"), "MONEY_OUT_OF_RANGE", id="zero"),
        pytest.param(Money(currency_code="CNY", units=-1), "MONEY_OUT_OF_RANGE", id="negative"),
        pytest.param(
            Money(currency_code="CNY", units=10**13, nanos=10_000_000),
            "MONEY_OUT_OF_RANGE",
            id="too-much",
        ),
    ],
)
def test_money_that_is_none_is_refused(money: Money, reason: str) -> None:
    """Currency, signs, fractions and range are told apart."""
    with pytest.raises(PydanticCustomError) as error:
        read_fen(money)

    assert error.value.type == reason


def test_a_loss_is_written_with_one_sign() -> None:
    """Units and nanos of a negative amount are both negative."""
    assert write_money(-150) == Money(currency_code="CNY", units=-1, nanos=-500_000_000)


@pytest.mark.parametrize(
    ("ref", "subject"),
    [
        pytest.param(SubjectRef(credit_code=CODE.lower()), CreditCode(CODE), id="lower-case"),
        pytest.param(SubjectRef(enterprise_id="e-9"), EnterpriseId(9), id="enterprise"),
        pytest.param(SubjectRef(person_id="p-9"), PersonId(9), id="person"),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="tw.name", value="甲 乙")),
            LocalIdentity("tw.name", "甲 乙"),
            id="local",
        ),
    ],
)
def test_subjects_are_read(ref: SubjectRef, subject: object) -> None:
    """Each way to name a subject leads to its own value."""
    assert read_subject(ref) == subject


@pytest.mark.parametrize(
    ("ref", "reason", "within"),
    [
        pytest.param(SubjectRef(), "REQUIRED", "", id="nobody"),
        pytest.param(SubjectRef(person_id="p-9"), "NOT_AN_ENTERPRISE", "person_id", id="person"),
        pytest.param(SubjectRef(enterprise_id="9"), "ID_MALFORMED", "enterprise_id", id="id"),
        pytest.param(
            SubjectRef(credit_code=f" {CODE}"), "CREDIT_CODE_MALFORMED", "credit_code", id="space"
        ),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="A", value="x")),
            "SCHEME_MALFORMED",
            "local_identity.scheme",
            id="scheme",
        ),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="uscc", value="x")),
            "SCHEME_RESERVED",
            "local_identity.scheme",
            id="reserved",
        ),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="a", value=" ")),
            "REQUIRED",
            "local_identity.value",
            id="blank",
        ),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="a", value="x" * 201)),
            "TEXT_TOO_LONG",
            "local_identity.value",
            id="long",
        ),
        pytest.param(
            SubjectRef(local_identity=WireLocalIdentity(scheme="a", value="\0")),
            "TEXT_WITH_CONTROL_CHARACTER",
            "local_identity.value",
            id="control",
        ),
    ],
)
def test_names_of_no_enterprise_are_refused(ref: SubjectRef, reason: str, within: str) -> None:
    """The reason and the place within the reference are named."""
    with pytest.raises(PydanticCustomError) as error:
        read_enterprise(ref)

    assert error.value.type == reason
    assert error.value.context == {"within": within}
