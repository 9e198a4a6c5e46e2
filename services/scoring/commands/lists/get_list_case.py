"""Get a case with its ledger and what may be done next."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from services.common.identity import Caller, Role
from services.scoring.commands.lists.entry_duties import with_duties
from services.scoring.commands.lists.list_case_ports import CaseFile, ListReading
from services.scoring.commands.lists.list_desk import (
    CASE,
    CaseView,
    ListDesk,
    find_case,
    timed,
    view_cases,
)
from services.scoring.commands.lists.list_standing import without_fallen
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.fields import FIELD_LABELS
from services.scoring.domain.identifiers import PERSON, name_of
from services.scoring.domain.list_errors import NamesNotEntitledError
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class GetListCase:
    """Gets one case.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, case_id: int, standpoint: Standpoint, *, caller: Caller, full_names: bool
    ) -> CaseView:
        """Read the case.

        Args:
            case_id: The case.
            standpoint: Where to read; the day decides what is overdue.
            caller: Who asks.
            full_names: Whether persons' names are wanted in full.

        Raises:
            CaseUnknownError: There was no such case.
            NamesNotEntitledError: The caller may not see names, or not those of this case.
            SafetyCreditError: As `reading_at` says.
        """
        if full_names:
            require_entitled(caller)
        with reading_at(self.desk.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, standpoint.as_of)
            file = find_case(reading, case_id, revision=at.revision)
            if full_names:
                require_concerned(reading, caller, file)
            views = view_cases(reading, [file], at=at, point=point, calendar=self.desk.calendar)
            views = without_fallen(self.desk, reading, views, revision=at.revision)
            (view,) = with_duties(self.desk, reading, views, revision=at.revision)
        if full_names:
            note_names(caller, view.persons, within=name_of(CASE, case_id))
        return timed(view, self.desk.calendar)


def require_entitled(caller: Caller) -> None:
    """Refuse names in full to whoever is no regulator, before anything is read.

    Raises:
        NamesNotEntitledError: The caller is none.
    """
    if not caller.has_role(Role.REGULATOR):
        raise NamesNotEntitledError("persons' names in full are for regulators", role="regulator")


def require_concerned(reading: ListReading, caller: Caller, file: CaseFile) -> None:
    """Refuse names in full to a regulator that has nothing to do with a case.

    It has where its authority collected, decides or took a step of the case, and where its
    divisions reach the subject and its fields that of the list or of a department that reviews.

    Raises:
        NamesNotEntitledError: It has not.
    """
    case = file.case
    authorities = {case.authority, *case.penalising_authorities}
    authorities.update(name for step in file.steps for name in (step.authority, step.addressee))
    if caller.authority and caller.authority in authorities:
        return
    revision = reading.point.revision
    divisions = reading.grounds.divisions(case.subject_id, revision, person=case.person)
    fields = {FIELD_LABELS[field] for field in (case.list_key.field, *case.review_fields)}
    within = any(caller.covers_division(code) for code in divisions)
    if not (within and any(caller.covers_field(field) for field in fields)):
        name = name_of(CASE, case.case_id)
        raise NamesNotEntitledError(
            f"persons' names in full of {name} are for the authorities that handle it, and for"
            " regulators of its division and field",
            role="regulator",
            case_id=name,
        )


def note_names(caller: Caller, persons: Iterable[int], *, within: str) -> None:
    """Leave a line for every person whose name is read in full: who read whose, and where.

    Args:
        caller: Who reads.
        persons: Their numbers.
        within: Case, or entry, in which they stand.
    """
    for number in sorted(persons):
        _log.info(
            "person_name_read",
            caller=caller.identity,
            authority=caller.authority,
            person_id=name_of(PERSON, number),
            within=within,
        )


# Private values --------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
