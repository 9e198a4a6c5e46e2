"""List what is due in the cases, what is overdue, at whom, and what the upkeep cannot do.

Only cases in which something may be due are read: those that ended are not met at all, by what is
kept of the others whole authorities and stretches of days are passed over, and by their ledgers the
cases in which another step is next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from services.common.tokens import StorePoint
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.lists.list_case_ports import (
    CaseFilter,
    DueFilter,
    ListSnapshot,
    WorkFailure,
)
from services.scoring.commands.lists.list_desk import CaseView, ListDesk
from services.scoring.commands.lists.list_list_cases import Numbers, scan_cases
from services.scoring.commands.lists.own_view import part_of
from services.scoring.commands.standpoint import OpenPage, PageRequest, Standpoint, reading_page
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_due import deadlines
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFilter:
    """Which deadlines are wanted.

    Attributes:
        kind: Kind of the list; none for both.
        field: Number of the field; 0 for every one.
        authority: Authority at which something is due; empty for any.
        step: Step that is due; none for any.
        overdue: Whether only what is overdue is wanted.
        due_before: Day before which it is due; none for any.
        subject: Party of the cases; none for anybody.
    """

    kind: ListKind | None
    field: int
    authority: str
    step: StepKind | None
    overdue: bool
    due_before: date | None
    subject: SubjectRef | None = None


@dataclass(frozen=True, slots=True)
class DueStep:
    """Something that is due, or that the service should do by itself and cannot.

    Attributes:
        view: The case.
        step: What is due, at whom, by when; none for what the service cannot do.
        failure: What the service cannot do; none for a step.
    """

    view: CaseView
    step: NextStep | None
    failure: WorkFailure | None = None

    @property
    def authority(self) -> str:
        """Give the authority at which it is."""
        if self.step is not None:
            return self.step.authority
        return _authority_over(self.view, self.failure.entry_id if self.failure else None)


@dataclass(frozen=True, slots=True)
class DeadlinePage:
    """A page of deadlines.

    Attributes:
        deadlines: In order of the cases' numbers.
        next_token: Token of the next page; empty on the last.
        point: Where they stand.
    """

    deadlines: tuple[DueStep, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListDeadlines:
    """Lists deadlines.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, standpoint: Standpoint, *, wanted: DeadlineFilter, own: str, page: PageRequest
    ) -> DeadlinePage:
        """Read a page: full, unless it is the last.

        It holds whole cases, so it may be a few deadlines longer.

        Args:
            standpoint: Where to read; the day decides what is overdue.
            wanted: Which deadlines.
            own: Party whose own alone are shown; empty for all of a case.
            page: Which page.

        Raises:
            SubjectUnknownError: The party was not known.
            DeadlinePassedError: Nobody waits for the page any more.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.desk.store, standpoint, page) as opened:
            numbers = _numbers(opened, wanted)
            found: list[DueStep] = []
            token, last = "", 0
            # One more than a page shows whether another follows.
            for view in scan_cases(self.desk, opened, numbers, first=page.size + 1):
                due = list(_due(part_of(view, own), wanted))
                if due and len(found) >= page.size:
                    token = opened.next_token(last, "")
                    break
                found += due
                last = view.case.case_id
            return DeadlinePage(tuple(found), token, opened.point)


# Private functions -----------------------------------------------------------


def _numbers(opened: OpenPage[ListSnapshot], wanted: DeadlineFilter) -> Numbers:
    """Give what finds the cases that may have a deadline that is wanted; of a party all of its."""
    cases, at = opened.reading.cases, opened.at
    if wanted.subject is None:
        return partial(cases.due_numbers, _cases(wanted, at.as_of), at.revision)
    subject = find_subject(opened.reading.subjects, wanted.subject, at)
    of_party = CaseFilter(kind=wanted.kind, field=wanted.field, subject_id=subject.subject_id)
    return partial(cases.numbers, of_party, at.revision)


def _cases(wanted: DeadlineFilter, day: date) -> DueFilter:
    """Give which cases may have a deadline that is wanted."""
    ends = [wanted.due_before, day if wanted.overdue else None]
    return DueFilter(
        kind=wanted.kind,
        field=wanted.field,
        authority=wanted.authority,
        step=wanted.step,
        before=min((end for end in ends if end is not None), default=None),
    )


def _authority_over(view: CaseView, entry_id: int | None) -> str:
    """Give the authority that decides on an entry or case; before that is known, who collected."""
    held = (one.entry.authority for one in view.entries if one.entry.entry_id == entry_id)
    return next(held, "") or view.deciding_authority or view.case.authority


def _due(view: CaseView | None, wanted: DeadlineFilter) -> Iterator[DueStep]:
    if view is None:
        return
    for step in deadlines(view.next_steps):
        if _wanted(step, wanted, view.as_of):
            yield DueStep(view, step)
    # It has no last day, and is no step.
    if wanted.step is None and wanted.due_before is None:
        for failure in view.failures:
            failed = DueStep(view, None, failure)
            if wanted.authority in {"", failed.authority}:
                yield failed


def _wanted(step: NextStep, wanted: DeadlineFilter, day: date) -> bool:
    assert step.due is not None, "a deadline has a day"
    return (
        (not wanted.authority or step.authority == wanted.authority)
        and (wanted.step is None or step.kind is wanted.step)
        and (not wanted.overdue or step.overdue(day))
        and (wanted.due_before is None or step.due.date < wanted.due_before)
    )
