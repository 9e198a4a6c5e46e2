"""Figures of insurers, both sides of every boundary, worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from services.common.working_days import Deadline
from services.engine.days import day_number
from services.engine.population import Population, RecordColumns
from services.scoring.commands.insurance.covers import ENDORSEMENT, POLICY
from services.scoring.commands.prevention.evaluation_ports import Complaint, InsurerFacts
from services.scoring.commands.prevention.prevention_figures import (
    INSURER_KINDS,
    PAYMENT,
    PLAN,
    SERVICE,
    Period,
    figures_of,
)

START, END = date(2025, 1, 1), date(2026, 1, 1)
LAST = date(2025, 12, 31)
SEEN = date(2026, 1, 20)
UNKNOWN = int(np.iinfo(np.int32).min)
MISSING = int(np.iinfo(np.int64).min)
COLUMNS: Mapping[str, Mapping[str, Any]] = {
    POLICY: {
        "insurance_kind": 1,
        "start_date": date(2025, 1, 1),
        "end_date": date(2026, 1, 1),
        "insured_headcount": 10,
        "limit_per_person_fen": 1,
        "aggregate_limit_fen": 1,
        "premium_fen": 1,
    },
    ENDORSEMENT: {
        "policy_record_id": 1,
        "effective_date": date(2025, 1, 1),
        "insured_headcount": MISSING,
        "limit_per_person_fen": MISSING,
        "aggregate_limit_fen": MISSING,
        "premium_change_fen": 0,
        "end_date": UNKNOWN,
        "cancelled": 0,
    },
    PAYMENT: {"policy_record_id": 1, "payment_kind": 1, "amount_fen": 0},
    PLAN: {"policy_record_id": 1, "item": 1, "service_count": 1, "due_date": LAST, "budget_fen": 0},
    SERVICE: {
        "policy_record_id": 1,
        "plan_record_id": MISSING,
        "item": 1,
        "staff_count": 0,
        "participant_count": 0,
        "hazard_count": 0,
        "cost_fen": 0,
        "insurer_confirmed_date": SEEN,
        "insured_confirmed_date": SEEN,
    },
}
Row = tuple[str, int, int, date, dict[str, Any]]
"""Kind, record, insured enterprise, day, and what differs from the usual."""


class Weekdays:
    """A calendar in which every day is worked."""

    def after(self, day: date, count: int) -> Deadline:
        """Count days."""
        return Deadline(day + timedelta(days=count), provisional=False)


def number(value: Any) -> int:  # noqa: ANN401 -- a day or a number.
    """Give a value as the columns have it."""
    return day_number(value) if isinstance(value, date) else int(value)


def population(rows: Sequence[Row]) -> Population:
    """Put records of up to three enterprises into columns."""
    records = {}
    for kind in INSURER_KINDS:
        mine = sorted((one for one in rows if one[0] == kind), key=lambda one: (one[2], one[3]))
        columns = {
            name: np.array([number(one[4].get(name, usual)) for one in mine], dtype=np.int64)
            for name, usual in COLUMNS[kind].items()
        }
        columns["event_date"] = np.array([number(one[3]) for one in mine], dtype=np.int64)
        records[kind] = RecordColumns(
            np.array([one[1] for one in mine], dtype=np.int64),
            np.array([one[2] for one in mine], dtype=np.int64),
            columns,
        )
    return Population(3, {}, records)


def figures(*rows: Row, complaints: tuple[Complaint, ...] | None = ()) -> dict[str, int | None]:
    """Count the figures of 2025, seen from 2026-01-20, with ten days to answer."""
    facts = InsurerFacts(population(rows), complaints)
    period = Period.of(START, END, SEEN)
    return figures_of(facts, period, reply_days=10, calendar=Weekdays())


def policy(subject: int, record_id: int = 1, **changes: Any) -> Row:  # noqa: ANN401 -- days and numbers.
    """Insure an enterprise."""
    return POLICY, record_id, subject, date(2024, 12, 1), changes


def plan(record_id: int = 50, **changes: Any) -> Row:  # noqa: ANN401 -- as above.
    """Plan services."""
    return PLAN, record_id, 0, date(2025, 1, 10), changes


def service(record_id: int, day: date, **changes: Any) -> Row:  # noqa: ANN401 -- as above.
    """Serve the first enterprise."""
    return SERVICE, record_id, 0, day, changes


@pytest.mark.parametrize(
    ("due", "planned"),
    [
        pytest.param(date(2024, 12, 31), 0, id="due-before"),
        pytest.param(START, 3, id="due-on-the-first-day"),
        pytest.param(LAST, 3, id="due-on-the-last-day"),
        pytest.param(END, 0, id="due-after"),
    ],
)
def test_a_plan_counts_in_the_period_in_which_it_is_due(due: date, planned: int) -> None:
    """Not in the one in which it was made."""
    found = figures(plan(service_count=3, due_date=due))

    assert found["services_planned"] == planned


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        pytest.param({}, 1, id="in-time-and-confirmed"),
        pytest.param({"plan_record_id": MISSING}, 0, id="nobody-planned-it"),
        pytest.param({"plan_record_id": 51}, 0, id="of-another-plan"),
        pytest.param({"insurer_confirmed_date": UNKNOWN}, 0, id="not-by-the-insurer"),
        pytest.param({"insured_confirmed_date": UNKNOWN}, 0, id="not-by-the-insured"),
        pytest.param(
            {"insured_confirmed_date": SEEN + timedelta(days=1)}, 0, id="confirmed-too-late"
        ),
    ],
)
def test_what_is_done_fulfils_its_plan_once_both_have_confirmed(
    changes: dict[str, Any], done: int
) -> None:
    """Up to the day looked from."""
    said = {"plan_record_id": 50} | changes

    assert figures(plan(), service(60, LAST, **said))["services_done"] == done


def test_what_is_done_after_its_plan_is_due_fulfils_it_no_more() -> None:
    """It still counts as a service of its period."""
    found = figures(
        plan(due_date=date(2025, 6, 30)),
        service(60, date(2025, 7, 1), plan_record_id=50),
    )

    assert (found["services_done"], found["services_confirmed"]) == (0, 1)


def test_more_than_one_plan_asks_for_stands_in_for_no_other() -> None:
    """Three of two for one plan and none for the other is two of four."""
    rows = [service(60 + place, LAST, plan_record_id=50) for place in range(3)]

    found = figures(plan(50, service_count=2), plan(51, service_count=2), *rows)

    assert (found["services_planned"], found["services_done"]) == (4, 2)


@pytest.mark.parametrize(
    ("changes", "insured"),
    [
        pytest.param({}, 1, id="the-whole-period"),
        pytest.param({"end_date": START}, 0, id="ended-before"),
        pytest.param({"end_date": date(2025, 1, 2)}, 1, id="one-day"),
        pytest.param({"start_date": LAST, "end_date": date(2026, 12, 31)}, 1, id="the-last-day"),
        pytest.param({"start_date": END, "end_date": date(2026, 12, 31)}, 0, id="begins-after"),
        pytest.param({"insurance_kind": 2}, 0, id="another-insurance"),
    ],
)
def test_who_had_cover_on_any_day_is_insured(changes: dict[str, Any], insured: int) -> None:
    """Once, however many policies it had."""
    found = figures(policy(0, **changes), policy(0, 2, **changes))

    assert found["enterprises_insured"] == insured


def test_only_the_insured_are_served() -> None:
    """A service for somebody without cover serves no insured enterprise."""
    other: Row = (SERVICE, 61, 1, LAST, {})

    found = figures(policy(0), service(60, LAST), other)

    assert (found["enterprises_served"], found["services_confirmed"]) == (1, 2)


def test_money_counts_in_the_period_in_which_it_moved() -> None:
    """Premiums less what was given back; compensation is no premium."""

    def payment(record_id: int, day: date, kind: int, fen: int) -> Row:
        return PAYMENT, record_id, 0, day, {"payment_kind": kind, "amount_fen": fen}

    found = figures(
        payment(1, START, 1, 1_000),
        payment(2, LAST, 1, 200),
        payment(3, END, 1, 50_000),
        payment(4, LAST, 2, 70_000),
        payment(5, LAST, 3, 30),
        service(60, LAST, cost_fen=7, insured_confirmed_date=UNKNOWN),
        service(61, END, cost_fen=9),
    )

    assert (found["premium_received"], found["spending"]) == (1_170, 7)


@pytest.mark.parametrize(
    ("received", "handled", "counted"),
    [
        pytest.param(date(2024, 12, 31), None, (0, 0), id="received-before"),
        pytest.param(START, date(2025, 1, 11), (1, 1), id="on-the-last-day"),
        pytest.param(START, date(2025, 1, 12), (1, 0), id="a-day-late"),
        pytest.param(START, None, (1, 0), id="never"),
        pytest.param(LAST, SEEN, (1, 0), id="late-and-after-the-period"),
        pytest.param(LAST, date(2026, 1, 10), (1, 1), id="in-time-after-the-period"),
        pytest.param(LAST, SEEN + timedelta(days=1), (1, 0), id="nobody-knows-yet"),
    ],
)
def test_complaints_are_answered_in_time_or_not(
    received: date, handled: date | None, counted: tuple[int, int]
) -> None:
    """Ten days from the day after the receipt."""
    found = figures(complaints=(Complaint(received, handled),))

    assert (found["complaints"], found["complaints_handled_in_time"]) == counted


@pytest.mark.parametrize(
    ("seen_from", "counted"),
    [
        pytest.param(date(2025, 5, 11), 0, id="time-is-left"),
        pytest.param(date(2025, 5, 12), 1, id="time-is-up"),
    ],
)
def test_a_complaint_that_can_still_be_answered_is_not_counted(
    seen_from: date, counted: int
) -> None:
    """Nobody is late before the last day is over."""
    facts = InsurerFacts(population([]), (Complaint(date(2025, 5, 1), None),))
    period = Period.of(START, END, seen_from)

    found = figures_of(facts, period, reply_days=10, calendar=Weekdays())

    assert found["complaints"] == counted


def test_unknown_complaints_are_not_none() -> None:
    """Neither of an unregistered insurer nor where no law sets a time."""
    facts = InsurerFacts(population([]), ())
    lawless = figures_of(facts, Period.of(START, END, SEEN), reply_days=None, calendar=Weekdays())

    assert figures(complaints=None)["complaints"] is None
    assert lawless["complaints_handled_in_time"] is None
