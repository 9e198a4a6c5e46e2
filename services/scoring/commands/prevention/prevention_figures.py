"""What an insurer's records of a period come to: the figures that policies ask for.

Records say what was planned, done, paid and complained about; what is made of the figures, the
policies say. A policy that asks for a figure which is not here has no data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_number
from services.engine.population import Population, RecordColumns
from services.scoring.commands.insurance.covers import ENDORSEMENT, POLICY, covers_of
from services.scoring.commands.prevention.evaluation_ports import Calendar, Complaint, InsurerFacts

PAYMENT: Final = "insurance_payment"
PLAN: Final = "prevention_plan"
SERVICE: Final = "prevention_service"
INSURER_KINDS: Final = (POLICY, ENDORSEMENT, PAYMENT, PLAN, SERVICE)
"""Kinds of records that figures are counted from."""

_PREMIUM, _PREMIUM_RETURN = 1, 3
_UNKNOWN: Final = int(np.iinfo(np.int32).min)


@dataclass(frozen=True, slots=True)
class Period:
    """A period, and the day from which it is looked at.

    Attributes:
        start: First day, days since 1970-01-01.
        end: Day after the last day.
        seen_from: Day by which services must be confirmed and complaints handled to count.
    """

    start: int
    end: int
    seen_from: int

    @classmethod
    def of(cls, start_date: date, end_date: date, seen_from: date) -> "Period":
        """Make one of civil days."""
        return cls(day_number(start_date), day_number(end_date), day_number(seen_from))


def figures_of(
    facts: InsurerFacts, period: Period, *, reply_days: int | None, calendar: Calendar
) -> dict[str, int | None]:
    """Count the figures of an insurer in a period.

    Args:
        facts: Everything recorded of it.
        period: The period.
        reply_days: Working days in which a complaint is to be answered; none where no law says.
        calendar: Counts working days.

    Returns:
        Whole numbers by name, amounts in fen; none where nobody knows.
    """
    insured = facts.insured
    planned, done = _planned_and_done(insured, period)
    covered = _covered(insured, period)
    served = _served(insured, period)
    received, handled = _complaints(facts.complaints, period, reply_days, calendar)
    services = _in_period(insured, SERVICE, period)
    return {
        "services_planned": planned,
        "services_done": done,
        "services_confirmed": int(np.count_nonzero(services & _confirmed(insured, period))),
        "enterprises_insured": int(np.count_nonzero(covered)),
        "enterprises_served": int(np.count_nonzero(covered & served)),
        "participants": _sum(insured, SERVICE, "participant_count", services),
        "hazards_found": _sum(insured, SERVICE, "hazard_count", services),
        "spending": _sum(insured, SERVICE, "cost_fen", services),
        "premium_received": _premium(insured, period),
        "complaints": received,
        "complaints_handled_in_time": handled,
    }


FEN_FIGURES: Final = frozenset({"spending", "premium_received"})
"""Figures that are amounts in fen; the others are counts."""

# Private functions -----------------------------------------------------------


def _records(insured: Population, kind: str) -> RecordColumns:
    return insured.records[kind]


def _in_period(insured: Population, kind: str, period: Period) -> NDArray[np.bool_]:
    days = _records(insured, kind).columns["event_date"]
    return (days >= period.start) & (days < period.end)


def _confirmed(insured: Population, period: Period) -> NDArray[np.bool_]:
    """Say which services both sides have confirmed by the day looked from."""
    columns = _records(insured, SERVICE).columns
    confirmed = np.ones(_records(insured, SERVICE).subjects.size, dtype=np.bool_)
    for name in ("insurer_confirmed_date", "insured_confirmed_date"):
        confirmed &= (columns[name] != _UNKNOWN) & (columns[name] <= period.seen_from)
    return confirmed


def _planned_and_done(insured: Population, period: Period) -> tuple[int, int]:
    """Count what plans due in the period ask for, and what of it was done in time.

    A plan is due in the period in which its last day lies. What is done beyond one plan does not
    stand in for another, and what nobody planned fulfils none.
    """
    plans, services = _records(insured, PLAN), _records(insured, SERVICE)
    due = plans.columns["due_date"].astype(np.int64)
    wanted = (due >= period.start) & (due < period.end)
    ids, counts, due = (
        plans.record_ids[wanted],
        plans.columns["service_count"][wanted].astype(np.int64),
        due[wanted],
    )
    if not ids.size:
        return 0, 0
    order = np.argsort(ids)
    named = services.columns["plan_record_id"].astype(np.int64)
    place = np.searchsorted(ids[order], named)
    place[place == ids.size] = 0
    plan = order[place]
    fits = (ids[plan] == named) & _confirmed(insured, period)
    fits &= services.columns["event_date"] <= due[plan]
    done = np.bincount(plan[fits], minlength=ids.size)
    return int(counts.sum()), int(np.minimum(done, counts).sum())


def _covered(insured: Population, period: Period) -> NDArray[np.bool_]:
    """Say which enterprises had cover on any day of the period."""
    covers = covers_of(insured, period.end - 1)
    there = (covers.starts < period.end) & (covers.ends > period.start)
    there &= covers.ends > covers.starts
    return np.bincount(covers.subjects[there], minlength=insured.size) > 0


def _served(insured: Population, period: Period) -> NDArray[np.bool_]:
    served = _in_period(insured, SERVICE, period) & _confirmed(insured, period)
    return np.bincount(_records(insured, SERVICE).subjects[served], minlength=insured.size) > 0


def _sum(insured: Population, kind: str, name: str, chosen: NDArray[np.bool_]) -> int:
    return int(_records(insured, kind).columns[name][chosen].astype(np.int64).sum())


def _premium(insured: Population, period: Period) -> int:
    """Add up what was received in the period, less what was given back."""
    kinds = _records(insured, PAYMENT).columns["payment_kind"]
    paid = _in_period(insured, PAYMENT, period)
    received = _sum(insured, PAYMENT, "amount_fen", paid & (kinds == _PREMIUM))
    return received - _sum(insured, PAYMENT, "amount_fen", paid & (kinds == _PREMIUM_RETURN))


def _complaints(
    complaints: tuple[Complaint, ...] | None,
    period: Period,
    reply_days: int | None,
    calendar: Calendar,
) -> tuple[int | None, int | None]:
    """Count complaints received in the period whose time is up or that are answered."""
    if complaints is None or reply_days is None:
        return None, None
    received = handled = 0
    for one in complaints:
        if not period.start <= day_number(one.received_date) < period.end:
            continue
        last = day_number(calendar.after(one.received_date, reply_days).date)
        answered = None if one.handled_date is None else day_number(one.handled_date)
        if answered is not None and answered > period.seen_from:
            answered = None
        if answered is None and period.seen_from <= last:
            # There is time left to answer it.
            continue
        received += 1
        handled += answered is not None and answered <= last
    return received, handled


Figures = Mapping[str, int | None]
"""Figures by name, as `figures_of` gives them."""
