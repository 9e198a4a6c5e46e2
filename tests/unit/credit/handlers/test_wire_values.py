"""Single values of the wire: what is one, and by which reason the rest is none."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.codes import Sanction
from services.credit.handlers.wire_values import (
    WireError,
    codes_reader,
    read_day,
    read_division,
    read_division_range,
    read_fen,
    read_hundredths,
    read_industry_prefix,
    read_instant,
    read_text,
    write_day,
    write_decimal,
    write_instant,
    write_money,
)

INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 -- hypothesis adds the zone.
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 -- as above.
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("read", "held", "value"),
    [
        pytest.param(read_day, Date(year=2024, month=2, day=29), date(2024, 2, 29), id="leap-day"),
        pytest.param(
            read_fen,
            Money(currency_code="CNY", units=12, nanos=340_000_000),
            1_234,
            id="yuan-and-fen",
        ),
        pytest.param(read_fen, Money(currency_code="CNY", nanos=-10_000_000), -1, id="minus-a-fen"),
        pytest.param(read_hundredths, Decimal(value="2.5"), 250, id="decimal"),
        pytest.param(read_hundredths, Decimal(value="2.50"), 250, id="needless-zero"),
        pytest.param(read_hundredths, Decimal(value="25e-1"), 250, id="exponent"),
        pytest.param(read_hundredths, Decimal(value="+3."), 300, id="sign-and-point"),
        pytest.param(read_hundredths, Decimal(), 0, id="empty-decimal-is-zero"),
        pytest.param(read_text, "第一行\n\t第二行", "第一行\n\t第二行", id="line-break-and-tab"),
        pytest.param(read_text, "\u3000全角空格", "\u3000全角空格", id="not-printable-to-python"),
        pytest.param(read_division, "320602", 320_602, id="abolished-division"),
        pytest.param(
            read_instant,
            Timestamp(seconds=1, nanos=1_999),
            datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC),
            id="finer-than-a-microsecond",
        ),
        pytest.param(
            codes_reader(Sanction), [3, 1], frozenset({Sanction.WARNING, Sanction.FINE}), id="set"
        ),
    ],
)
def test_right_values_are_read(read: Callable[[Any], Any], held: object, value: object) -> None:
    """What is a value is read as what it says."""
    assert read(held) == value


@pytest.mark.parametrize(
    ("read", "held", "reason"),
    [
        pytest.param(read_day, Date(), "DATE_INCOMPLETE", id="empty-day"),
        pytest.param(read_day, Date(year=2024, month=2), "DATE_INCOMPLETE", id="month"),
        pytest.param(read_day, Date(month=2, day=1), "DATE_INCOMPLETE", id="no-year"),
        pytest.param(read_day, Date(year=2025, month=2, day=29), "DATE_INVALID", id="no-leap-day"),
        pytest.param(read_day, Date(year=2025, month=13, day=1), "DATE_INVALID", id="month-13"),
        pytest.param(read_day, Date(year=-1, month=1, day=1), "DATE_INVALID", id="year-minus-one"),
        pytest.param(read_day, Date(year=10_000, month=1, day=1), "DATE_INVALID", id="year-10000"),
        pytest.param(read_fen, Money(), "MONEY_NOT_CNY", id="no-currency"),
        pytest.param(
            read_fen, Money(currency_code="TWD", units=1), "MONEY_NOT_CNY", id="other-currency"
        ),
        pytest.param(
            read_fen, Money(currency_code="CNY", nanos=1), "MONEY_BELOW_FEN", id="below-a-fen"
        ),
        pytest.param(
            read_fen,
            Money(currency_code="CNY", nanos=1_000_000_000),
            "MONEY_INVALID",
            id="nanos-of-a-unit",
        ),
        pytest.param(
            read_fen,
            Money(currency_code="CNY", units=1, nanos=-10_000_000),
            "MONEY_INVALID",
            id="two-signs",
        ),
        pytest.param(
            read_hundredths, Decimal(value="2.505"), "DECIMAL_TOO_PRECISE", id="three-decimals"
        ),
        pytest.param(read_hundredths, Decimal(value="two"), "DECIMAL_MALFORMED", id="word"),
        pytest.param(read_hundredths, Decimal(value="NaN"), "DECIMAL_MALFORMED", id="nan"),
        pytest.param(read_hundredths, Decimal(value="٢"), "DECIMAL_MALFORMED", id="other-digit"),
        pytest.param(read_hundredths, Decimal(value="."), "DECIMAL_MALFORMED", id="point"),
        pytest.param(
            read_hundredths, Decimal(value="1e999"), "DECIMAL_MALFORMED", id="huge-exponent"
        ),
        pytest.param(
            read_hundredths, Decimal(value="1" * 5_000), "DECIMAL_MALFORMED", id="long-decimal"
        ),
        pytest.param(read_text, "a\x00b", "TEXT_WITH_CONTROL_CHARACTER", id="nul"),
        pytest.param(read_text, "\x1b[2J", "TEXT_WITH_CONTROL_CHARACTER", id="escape"),
        pytest.param(read_division, "11010", "DIVISION_MALFORMED", id="five-digits"),
        pytest.param(read_division, "011010", "DIVISION_MALFORMED", id="leading-zero"),
        pytest.param(read_division, "１１０１０５", "DIVISION_MALFORMED", id="full-width-digits"),
        pytest.param(
            read_instant, Timestamp(seconds=2**62), "TIME_INVALID", id="beyond-the-calendar"
        ),
        pytest.param(read_instant, Timestamp(nanos=-1), "TIME_INVALID", id="nanos-below-zero"),
        pytest.param(
            read_instant,
            Timestamp(seconds=253_402_300_799),
            "TIME_INVALID",
            id="last-day-of-the-calendar",
        ),
        pytest.param(read_industry_prefix, "c26", "INDUSTRY_MALFORMED", id="lower-case"),
        pytest.param(read_industry_prefix, "U", "INDUSTRY_MALFORMED", id="no-such-section"),
        pytest.param(codes_reader(Sanction), [1, 0], "ENUM_UNSPECIFIED", id="unspecified"),
        pytest.param(codes_reader(Sanction), [99], "ENUM_UNKNOWN", id="unknown-number"),
        pytest.param(codes_reader(Sanction), [1, 1], "REPEATED", id="twice"),
    ],
)
def test_wrong_values_are_refused_by_reason(
    read: Callable[[Any], Any], held: object, reason: str
) -> None:
    """What is no value is refused by a word that never changes."""
    with pytest.raises(WireError) as error:
        read(held)

    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("code", "within", "without"),
    [
        pytest.param("110000", [110_000, 119_999], [109_999, 120_000], id="province"),
        pytest.param("320600", [320_600, 320_699], [320_599, 320_700], id="city"),
        pytest.param("110105", [110_105], [110_104, 110_106], id="district"),
    ],
)
def test_a_division_includes_what_lies_below(
    code: str, within: list[int], without: list[int]
) -> None:
    """Closing zeros stand for everything (GB/T 2260)."""
    found = read_division_range(code)

    assert all(one in found for one in within)
    assert not any(one in found for one in without)


@given(st.dates())
def test_days_are_written_as_they_are_read(day: date) -> None:
    """Nothing is lost on the way."""
    assert read_day(write_day(day)) == day


@given(INSTANTS)
def test_instants_are_written_as_they_are_read(instant: datetime) -> None:
    """Nothing is lost on the way, down to the microsecond."""
    assert read_instant(write_instant(instant)) == instant


@given(st.integers(min_value=0, max_value=10**13))
def test_amounts_are_written_as_they_are_read(fen: int) -> None:
    """Not a fen is lost on the way."""
    assert read_fen(write_money(fen)) == fen


@given(st.integers(min_value=0, max_value=10**6))
def test_decimals_are_written_as_they_are_read(hundredths: int) -> None:
    """Nothing is lost on the way, and no needless zero is written."""
    written = write_decimal(hundredths)

    assert read_hundredths(written) == hundredths
    assert "." not in written.value or not written.value.endswith(("0", "."))
