"""What is due of a remedy: at whom, by when, and whether that day may still move."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest

from services.common.tokens import StorePoint
from services.common.working_days import Deadline, WorkingDays
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.domain.record import Edition
from services.credit.domain.remedy import DueAction, Remedy, RemedyState
from services.credit.domain.repair_law import ProcedureLaw, PublicationLaw
from tests.fakes.credit_remedies import procedure, remedy

S = RemedyState
POINT = StorePoint("0" * 32, 1, datetime(2026, 12, 1, tzinfo=UTC))


@dataclass
class FewLaws:
    """The periods of the tests; a `RepairLaw`."""

    law: ProcedureLaw = field(default_factory=procedure)

    def publications(self, edition: Edition, start_date: date) -> Sequence[PublicationLaw]:
        """Give no class."""
        raise AssertionError((edition, start_date))

    def entry_publications(self, start_date: date) -> Sequence[PublicationLaw]:
        """Give no class."""
        raise AssertionError(start_date)

    def procedure(self, day: date, *, listed: bool) -> ProcedureLaw:
        """Give the periods, whatever the day."""
        del day, listed
        return self.law

    def kept_procedure(self, version: str, *, listed: bool) -> ProcedureLaw:
        """Give the periods of the only version."""
        assert version == "1"
        del listed
        return self.law


def calendar(settled_until: date) -> WorkingDays:
    """Give a calendar without holidays that is announced up to a day."""
    return WorkingDays(
        exceptions={date(2026, 9, 3): False},
        announced_from=date(2026, 1, 1),
        announced_until=settled_until,
        settled_until=settled_until,
    )


def view(one: Remedy, as_of: date, settled_until: date = date(2026, 12, 31)) -> RemedyView:
    """Show a remedy on a day."""
    views = RemedyViews(FewLaws(), calendar(settled_until))
    return views.view(one, (), as_of=as_of, point=POINT)


@pytest.mark.parametrize(
    ("states", "action", "last"),
    [
        # From Tuesday 1 September, with Thursday the 3rd off: 2, 4, 7.
        pytest.param((S.APPLIED,), DueAction.ACCEPT_REPAIR, date(2026, 9, 7), id="acceptance"),
        pytest.param((S.FILED,), DueAction.DECIDE_OBJECTION, date(2026, 9, 11), id="objection"),
        pytest.param(
            (S.APPLIED, S.ACCEPTED), DueAction.DECIDE_REPAIR, date(2026, 9, 16), id="decision"
        ),
    ],
)
def test_an_open_remedy_is_due_on_its_last_working_day(
    states: tuple[RemedyState, ...], action: DueAction, last: date
) -> None:
    """Three, seven and ten working days; overdue from the day after."""
    on_the_day, day_after = (
        view(remedy(*states), day).due[0] for day in (last, date(last.year, 9, last.day + 1))
    )

    assert (on_the_day.action, on_the_day.deadline) == (action, Deadline(last, provisional=False))
    assert (on_the_day.overdue, day_after.overdue) == (False, True)


def test_a_deadline_beyond_the_calendar_is_provisional_until_it_is_announced() -> None:
    """No deadline is stored, so it settles by itself; it is never silent."""
    one = remedy(S.APPLIED)

    provisional = view(one, date(2026, 9, 2), settled_until=date(2026, 9, 4)).due[0]
    settled = view(one, date(2026, 9, 2), settled_until=date(2026, 9, 7)).due[0]

    assert provisional.deadline == Deadline(date(2026, 9, 7), provisional=True)
    assert settled.deadline == Deadline(date(2026, 9, 7), provisional=False)


def test_steps_carry_the_deadline_that_the_step_before_set() -> None:
    """The first step of a party has none."""
    found = view(remedy(S.APPLIED, S.ACCEPTED, S.REFUSED), date(2026, 12, 1))

    assert [one and one.date for one in found.step_deadlines] == [
        None,
        date(2026, 9, 7),
        date(2026, 9, 16),
    ]
    assert (found.due, found.open) == ((), False)


@pytest.mark.parametrize(
    ("as_of", "actions"),
    [
        pytest.param(date(2026, 9, 7), [DueAction.SHARE_RESULT], id="last-day"),
        pytest.param(date(2026, 9, 8), [], id="day-after"),
    ],
)
def test_a_result_is_shared_within_its_days(as_of: date, actions: list[DueAction]) -> None:
    """Nobody reports that it was shared, so it is told while it is due and never overdue."""
    found = view(remedy(S.APPLIED, S.ACCEPTED, S.GRANTED), as_of)

    assert [one.action for one in found.due] == actions
    assert not found.overdue
