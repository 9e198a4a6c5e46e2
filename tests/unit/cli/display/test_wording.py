"""Values of the protos in a few characters."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from cli.display.console import plain
from cli.display.wording import code, day, identity, instant, money, summary
from safetycredit.credit.v1.record_pb2 import Penalty
from safetycredit.type.v1.subject_pb2 import LocalIdentity


def test_absent_values_are_empty() -> None:
    """Nothing is shown where nothing was said."""
    assert day(Date()) == ""
    assert instant(Timestamp()) == ""
    assert money(Money()) == ""


def test_an_instant_is_shown_in_the_time_of_shanghai_and_can_be_given_back() -> None:
    """The text is ISO 8601 with its zone, to the microsecond."""
    timestamp = Timestamp(seconds=1_717_113_600, nanos=123_456_000)

    assert instant(timestamp) == "2024-05-31T08:00:00.123456+08:00"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        pytest.param(Money(currency_code="CNY", units=30_500), "30,500.00 CNY", id="whole"),
        pytest.param(
            Money(currency_code="CNY", units=-1, nanos=-500_000_000), "-1.50 CNY", id="negative"
        ),
    ],
)
def test_money_is_shown_with_two_places(amount: Money, text: str) -> None:
    """Fen are the hundredths."""
    assert money(amount) == text


def test_codes_are_shown_as_the_vocabulary_names_them() -> None:
    """Not as the proto spells them; an unknown number is shown as it is."""
    assert code(Penalty.Sanction.DESCRIPTOR, Penalty.SANCTION_STOP_PRODUCTION) == "stop_production"
    assert code(Penalty.Sanction.DESCRIPTOR, 0) == ""
    assert code(Penalty.Sanction.DESCRIPTOR, 99) == "99"


def test_a_local_identity_is_shown_as_it_can_be_typed() -> None:
    """Scheme and value, with a colon between."""
    assert identity("", LocalIdentity(scheme="tw.entity-name", value="甲")) == "tw.entity-name:甲"
    assert identity("91350100M000100Y43") == "91350100M000100Y43"


def test_a_message_is_summed_up_in_one_line() -> None:
    """Only what is set is shown."""
    penalty = Penalty(
        sanctions=[Penalty.SANCTION_FINE, Penalty.SANCTION_WARNING],
        fine=Money(currency_code="CNY", units=5),
        final_date=Date(year=2024, month=5, day=31),
        major=True,
    )

    assert summary(penalty) == (
        "sanctions: fine, warning; fine: 5.00 CNY; final_date: 2024-05-31; major: yes"
    )


def test_characters_that_could_steer_a_terminal_are_made_visible() -> None:
    """Data comes from files of others."""
    assert plain("a\x1b[31mb\u202ec") == "a\ufffd[31mb\ufffdc"
    assert plain("甲（乙）") == "甲（乙）"
