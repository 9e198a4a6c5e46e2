"""List cases with their ledgers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Protocol

from services.common.deadline import check_deadline
from services.common.tokens import StorePoint
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.lists.entry_duties import with_duties
from services.scoring.commands.lists.list_case_ports import CaseFilter, ListSnapshot
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, timed, view_cases
from services.scoring.commands.lists.list_standing import without_fallen
from services.scoring.commands.lists.own_view import part_of
from services.scoring.commands.standpoint import OpenPage, PageRequest, Standpoint, reading_page
from services.scoring.domain.subject import SubjectRef

CASES_READ_MAX: Final = 2_000
"""House limit: cases that are read for one page, so that every page takes about as long."""

_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases.

    Attributes:
        cases: Cases in order of their numbers.
        next_token: Token of the next page; empty on the last.
        point: Where they stand.
    """

    cases: tuple[CaseView, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListListCases:
    """Lists cases.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self,
        standpoint: Standpoint,
        *,
        wanted: CaseFilter,
        subject: SubjectRef | None,
        own: str,
        page: PageRequest,
    ) -> CasePage:
        """Read a page.

        Args:
            standpoint: Where to read.
            wanted: Which cases.
            subject: Party of the case; none for anybody.
            own: Party whose part alone is shown; empty for whole cases.
            page: Which page.

        Raises:
            SubjectUnknownError: The party was not known.
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.desk.store, standpoint, page) as opened:
            if subject is not None:
                found = find_subject(opened.reading.subjects, subject, opened.at)
                wanted = replace(wanted, subject_id=found.subject_id)
            cases: list[CaseView] = []
            last: int | None = None
            numbers = partial(opened.reading.cases.numbers, wanted, opened.at.revision)
            views = scan_cases(self.desk, opened, numbers, first=_BATCH)
            for count, view in enumerate(views, 1):
                part = part_of(view, own)
                if part is not None and _wanted(part, wanted):
                    times = timed(view, self.desk.calendar).times
                    cases.append(replace(part, times=times))
                if len(cases) == page.size or count == CASES_READ_MAX:
                    last = view.case.case_id
                    break
            token = "" if last is None else opened.next_token(last, "")
            return CasePage(tuple(cases), token, opened.point)


class Numbers(Protocol):
    """Gives numbers of cases after another, ascending."""

    def __call__(self, *, after: int, limit: int) -> Sequence[int]:
        """Give as many as there are, up to the limit."""
        ...


def scan_cases(
    desk: ListDesk, opened: OpenPage[ListSnapshot], numbers: Numbers, *, first: int
) -> Iterator[CaseView]:
    """Read case after case, for as long as somebody waits for them.

    Args:
        desk: Where cases are worked on.
        opened: The page.
        numbers: Gives the numbers of the cases.
        first: Cases to read at first; each further reading takes twice as many.

    Raises:
        DeadlinePassedError: Nobody waits any more.
    """
    reading = opened.reading
    after, batch = opened.after, min(first, _BATCH)
    while True:
        check_deadline()
        found = numbers(after=after, limit=batch)
        files = reading.cases.files(found, opened.at.revision)
        views = view_cases(
            reading,
            [files[number] for number in found],
            at=opened.at,
            point=opened.point,
            calendar=desk.calendar,
        )
        failures = reading.cases.failures(found, opened.at.revision)
        views = tuple(replace(one, failures=failures.get(one.case.case_id, ())) for one in views)
        views = without_fallen(desk, reading, views, revision=opened.at.revision)
        yield from with_duties(desk, reading, views, revision=opened.at.revision)
        if len(found) < batch:
            return
        after, batch = found[-1], min(2 * batch, _BATCH)


# Private functions -----------------------------------------------------------


def _wanted(view: CaseView, wanted: CaseFilter) -> bool:
    authorities = {view.case.authority, view.deciding_authority}
    return (wanted.state is None or view.state is wanted.state) and (
        not wanted.authority or wanted.authority in authorities
    )
