"""What is due of a remedy: at whom, by when, and whether that day may still move."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest

from services.common.tokens import StorePoint
from services.common.working_days import Deadline, WorkingDays
from services.credit.commands.remedy_views import Behind, RemedyView, RemedyViews
from services.credit.domain.record import Edition
from services.credit.domain.remedied_entry import EntryStanding, RemediedEntry, RemovalReason
from services.credit.domain.remedy import DueAction, Remedy, RemedyState
from services.credit.domain.repair_law import ProcedureLaw, PublicationLaw
from tests.fakes.credit_remedies import procedure, remedy, step

S = RemedyState
POINT = StorePoint("0" * 32, 1, datetime(2026, 12, 1, tzinfo=UTC))


@dataclass
class FewLaws:
    """The periods of the tests, at every revision the same; `RepairLaws`."""

    law: ProcedureLaw = field(default_factory=procedure)

    def at(self, revision: int) -> "FewLaws":
        """Give the periods."""
        assert revision > 0
        return self

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


def view(
    one: Remedy,
    as_of: date,
    settled_until: date = date(2026, 12, 31),
    *,
    entry: RemediedEntry | None = None,
) -> RemedyView:
    """Show a remedy on a day."""
    views = RemedyViews(FewLaws(), calendar(settled_until))
    return views.view(one, Behind(entry=entry), as_of=as_of, point=POINT)


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
    assert [one.action for one in found.due] == [DueAction.SHARE_RESULT]


def test_an_extension_moves_the_day_and_brings_its_clause() -> None:
    """Ten working days after the 16th, which was the last: Wednesday the 30th."""
    accepted = remedy(S.APPLIED, S.ACCEPTED)
    told = replace(step(S.ACCEPTED, date(2026, 9, 16)), told_date=date(2026, 9, 16))
    longer = accepted.extended(told, procedure(), date(2026, 9, 16))

    on_the_day, day_after = (
        view(longer, day).due[0] for day in (date(2026, 9, 30), date(2026, 10, 1))
    )
    granted = longer.advanced(step(S.GRANTED, date(2026, 9, 30)), procedure())

    assert on_the_day.deadline == Deadline(date(2026, 9, 30), provisional=False)
    assert (on_the_day.overdue, day_after.overdue) == (False, True)
    assert on_the_day.clause.article == "延长条款"
    assert [one and one.date for one in view(granted, date(2026, 9, 30)).step_deadlines] == [
        None,
        date(2026, 9, 7),
        date(2026, 9, 16),
        date(2026, 9, 30),
    ]


@pytest.mark.parametrize(
    ("as_of", "overdue"),
    [
        pytest.param(date(2026, 9, 7), False, id="last-day"),
        pytest.param(date(2026, 9, 8), True, id="day-after"),
    ],
)
def test_a_result_is_due_until_it_was_shared(as_of: date, *, overdue: bool) -> None:
    """Three working days after 1 September end on the 7th; after that it is overdue."""
    granted = remedy(S.APPLIED, S.ACCEPTED, S.GRANTED)
    shared = granted.shared(step(S.GRANTED, date(2026, 9, 8)), procedure())

    found = view(granted, as_of)

    assert [(one.action, one.overdue) for one in found.due] == [(DueAction.SHARE_RESULT, overdue)]
    assert (found.open, found.overdue) == (True, overdue)
    done = view(shared, as_of)
    assert (done.due, done.open) == ((), False)
    assert done.step_deadlines[-1] == Deadline(date(2026, 9, 7), provisional=False)


ASKED = {
    S.GRANTED: DueAction.REMOVE_ENTRY,
    S.WITHDRAWN: DueAction.RESTORE_ENTRY,
    S.UPHELD: DueAction.CORRECT_ENTRY,
}
WAYS = {
    S.GRANTED: (S.APPLIED, S.ACCEPTED, S.GRANTED),
    S.WITHDRAWN: (S.APPLIED, S.ACCEPTED, S.GRANTED, S.WITHDRAWN),
    S.UPHELD: (S.FILED, S.UPHELD),
}
ON = RemediedEntry(standing=EntryStanding.PUBLISHED)
TAKEN_OFF = date(2026, 9, 4)


def off(reason: RemovalReason) -> RemediedEntry:
    """Give an entry that was taken off its list on 4 September."""
    corrected = reason is RemovalReason.CORRECTED
    return RemediedEntry(
        standing=EntryStanding.CORRECTED if corrected else EntryStanding.REMOVED,
        removal_date=TAKEN_OFF,
        reason=reason,
        document_number="移1号",
        list_version=2,
    )


@pytest.mark.parametrize(
    ("state", "entry", "waits"),
    [
        pytest.param(S.GRANTED, ON, True, id="granted-still-published"),
        pytest.param(S.GRANTED, off(RemovalReason.EARLY), False, id="granted-removed"),
        pytest.param(S.GRANTED, off(RemovalReason.EXPIRED), False, id="granted-expired"),
        pytest.param(S.GRANTED, off(RemovalReason.CORRECTED), False, id="granted-corrected"),
        pytest.param(S.UPHELD, ON, True, id="upheld-still-published"),
        pytest.param(S.UPHELD, off(RemovalReason.EXPIRED), True, id="upheld-only-expired"),
        pytest.param(S.UPHELD, off(RemovalReason.CORRECTED), False, id="upheld-corrected"),
        pytest.param(
            S.WITHDRAWN,
            replace(off(RemovalReason.EARLY), removal_date=date(2026, 9, 1)),
            True,
            id="withdrawn-still-removed",
        ),
        pytest.param(
            S.WITHDRAWN, off(RemovalReason.EARLY), False, id="withdrawn-then-repaired-anew"
        ),
        pytest.param(S.WITHDRAWN, ON, False, id="withdrawn-restored"),
        pytest.param(S.WITHDRAWN, off(RemovalReason.EXPIRED), False, id="withdrawn-then-expired"),
    ],
)
def test_what_the_lists_are_to_do_is_due_until_they_did_it(
    state: RemedyState, entry: RemediedEntry, *, waits: bool
) -> None:
    """Overdue from the fourth working day on; what is done is not due at all."""
    one = remedy(*WAYS[state])
    follow = replace(one.last, follow_up=ASKED[state])
    one = replace(one, steps=(*one.steps[:-1], follow))

    found = view(one, date(2026, 9, 8), entry=entry)

    asked = [(due.action, due.overdue) for due in found.due]
    assert asked == [*([(ASKED[state], True)] if waits else []), (DueAction.SHARE_RESULT, True)]


def test_an_entry_was_published_until_the_day_of_its_removal() -> None:
    """The day before it is still on its list; from the day itself it is off."""
    granted = remedy(S.APPLIED, S.ACCEPTED, S.GRANTED)
    removed = off(RemovalReason.EARLY)

    before, then = (
        view(granted, day, entry=removed).entry for day in (date(2026, 9, 3), TAKEN_OFF)
    )

    assert (before, then) == (ON, removed)
