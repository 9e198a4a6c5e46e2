"""The enterprises that a case is about: of a unit itself, of a person those of the facts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from services.scoring.commands.lists.list_case_ports import GroundRecord, ListReading
from services.scoring.domain.fields import FIELD_LABELS, fields_in
from services.scoring.domain.list_case import ListCase
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint


def division_of(
    reading: ListReading, subject: Subject, records: Iterable[GroundRecord], *, day: date
) -> int | None:
    """Give the division of a case on its day: of a person's, that of the unit that it is about.

    Args:
        reading: Where roles and enterprises are read.
        subject: Whom the case is about.
        records: What it rests on.
        day: Day of the case.
    """
    return _division(_units(reading, subject, records, day=day, as_of=day))


def division_now(reading: ListReading, case: ListCase, *, day: date) -> int | None:
    """Give the division in which the enterprise of a case is on a later day; none if unknown.

    Of a person's case that is the unit that it was about from the beginning, wherever the person
    has gone since.

    Args:
        reading: Where records, roles and enterprises are read.
        case: The case.
        day: The day.
    """
    revision = reading.point.revision
    at = Viewpoint(revision, day)
    subject = reading.subjects.by_number([case.subject_id], at).get(case.subject_id)
    if subject is None:
        return None
    records: Iterable[GroundRecord] = ()
    if subject.person:
        found = reading.grounds.records(case.record_ids, revision, day=case.evaluation_date)
        records = found.values()
    return _division(_units(reading, subject, records, day=case.evaluation_date, as_of=day))


def review_fields_of(  # noqa: PLR0913 -- who reviews follows from all of these.
    reading: ListReading,
    procedure: ListProcedure,
    subject: Subject,
    records: Iterable[GroundRecord],
    *,
    field: int,
    day: date,
) -> tuple[int, ...]:
    """Give the fields whose departments review jointly: of a person's case those of its unit.

    Args:
        reading: Where roles and enterprises are read.
        procedure: The procedure of the list.
        subject: Whom the case is about.
        records: What it rests on.
        field: Number of the field of the list.
        day: Day of the case.

    Source:
        The procedure's ``joint_review``; 朝政办发〔2019〕10号 item 22 for the fields concerned.
    """
    scope = procedure.word("joint_review")
    if scope == "all_fields":
        return tuple(FIELD_LABELS)
    if scope != "subject_fields":
        return (field,)
    units = next(filter(None, _units(reading, subject, records, day=day, as_of=day)), ())
    concerned = (fields_in(unit.period.fields) for unit in units if unit.period is not None)
    return tuple(sorted({field}.union(*concerned)))


# Private functions -----------------------------------------------------------


def _division(found: Iterable[Sequence[Subject]]) -> int | None:
    """Give the division of the first enterprises of which any is known; the lowest of several."""
    for units in found:
        known = [unit.division for unit in units if unit.division is not None]
        if known:
            return min(known)
    return None


def _units(
    reading: ListReading,
    subject: Subject,
    records: Iterable[GroundRecord],
    *,
    day: date,
    as_of: date,
) -> Iterator[Sequence[Subject]]:
    """Give the enterprises of a case, those of the last fact first, as they are on some day.

    Of a person they are those where it had a role on the day of the fact, and after all facts those
    where it has one on the day of the case. Roles that had ended and enterprises of other times say
    nothing of the case.

    Args:
        reading: Where roles and enterprises are read.
        subject: Whom the case is about.
        records: What it rests on.
        day: Day of the case.
        as_of: Day on which the enterprises are shown.
    """
    if not subject.person:
        yield (subject,)
        return
    revision, person_id = reading.point.revision, subject.subject_id
    held = {
        number: [
            role for role in reading.grounds.roles(number, revision) if role.person_id == person_id
        ]
        for number in reading.grounds.employers(person_id, revision)
    }
    facts = sorted({record.event_date for record in records}, reverse=True)
    for held_on in (*facts, day):
        units = [n for n, roles in held.items() if any(one.held_on(held_on) for one in roles)]
        found = reading.subjects.by_number(units, Viewpoint(revision, as_of))
        yield list(found.values())
