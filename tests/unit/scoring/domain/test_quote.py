"""Quotes: where they stand, and what was charged against them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.scoring.domain.quote import (
    ChargedPolicy,
    DeviationKind,
    Quote,
    QuoteState,
    deviation_of,
    for_cover,
    insurer_of,
)

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
QUOTE = Quote(
    quote_id=1,
    subject_id=2,
    insurer="甲",
    policy_id="p",
    policy_version="one",
    policy_digest="d",
    premium_fen=100_000,
    premium_min_fen=None,
    premium_max_fen=None,
    transaction_kind=1,
    cover_start_date=date(2026, 7, 1),
    as_of=date(2026, 6, 1),
    known_at=NOON,
    valid_until_date=date(2026, 7, 2),
    request=b"",
    answer=b"",
    answer_digest="",
    quote_time=NOON,
)
CHARGED = ChargedPolicy(
    record_id=3,
    subject_id=2,
    insurer="甲",
    policy_number="1",
    issue_date=date(2026, 6, 20),
    start_date=date(2026, 7, 1),
    end_date=date(2027, 7, 1),
    insured_headcount=10,
    limit_per_person_fen=40_000_000,
    premium_fen=100_000,
    plan_id="",
)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        pytest.param(date(2026, 7, 1), QuoteState.OPEN, id="last-day"),
        pytest.param(date(2026, 7, 2), QuoteState.LAPSED, id="day-after"),
    ],
)
def test_a_quote_lapses_on_the_first_day_on_which_it_would_change(
    day: date, state: QuoteState
) -> None:
    """The day that it names is the first on which it holds no more."""
    assert QUOTE.state(day) is state


def test_a_bound_quote_stays_bound() -> None:
    """And one without an end never lapses."""
    bound = replace(QUOTE, policy_number="1", bind_time=NOON)
    endless = replace(QUOTE, valid_until_date=None)

    assert bound.state(date(2030, 1, 1)) is QuoteState.BOUND
    assert endless.state(date(2030, 1, 1)) is QuoteState.OPEN


@pytest.mark.parametrize(
    ("charged_fen", "quoted_fen", "kind"),
    [
        pytest.param(100, 100, None, id="as-quoted"),
        pytest.param(99, 100, DeviationKind.NOT_AS_QUOTED, id="a-fen-less"),
        pytest.param(101, 100, DeviationKind.NOT_AS_QUOTED, id="a-fen-more"),
        pytest.param(80, 100, DeviationKind.NOT_AS_QUOTED, id="at-the-lower-bound"),
        pytest.param(79, 100, DeviationKind.BELOW_BOUNDS, id="below"),
        pytest.param(79, 79, DeviationKind.BELOW_BOUNDS, id="quoted-below"),
        pytest.param(120, None, None, id="at-the-upper-bound"),
        pytest.param(121, None, DeviationKind.ABOVE_BOUNDS, id="above"),
    ],
)
def test_a_charge_is_judged_by_bounds_before_the_quote(
    charged_fen: int, quoted_fen: int | None, kind: DeviationKind | None
) -> None:
    """80 to 120 fen are allowed, both included."""
    found = deviation_of(charged_fen, quoted_fen=quoted_fen, least_fen=80, most_fen=120)

    assert found is kind


@pytest.mark.parametrize(
    ("end_date", "fen"),
    [
        pytest.param(date(2027, 7, 1), 36_500, id="a-year"),
        pytest.param(date(2027, 7, 2), 36_500, id="a-leap-year"),
        pytest.param(date(2027, 7, 3), 36_700, id="two-days-more"),
        pytest.param(date(2026, 7, 2), 100, id="a-day"),
    ],
)
def test_an_annual_premium_is_pro_rata_by_days(end_date: date, fen: int) -> None:
    """365 yuan a year are a yuan a day; a year counts once, however long it is."""
    assert for_cover(36_500, replace(CHARGED, end_date=end_date)) == fen


def test_half_a_fen_goes_up() -> None:
    """365 fen for 73 days and a half would be 73.5; 5 fen for 73 days are 1 exactly."""
    assert for_cover(5, replace(CHARGED, end_date=date(2026, 9, 12))) == 1
    assert for_cover(None, CHARGED) is None


def test_an_insurer_is_whom_the_caller_acts_for() -> None:
    """Its authority, else itself."""
    assert insurer_of(authority="甲保险", identity="cli:x") == "甲保险"
    assert insurer_of(authority="", identity="cli:x") == "cli:x"
