"""What keeps a repair from being granted besides open duties: a relapse, or a ban that runs.

The policy of repairs says whether either does, and from which class of penalty on one relapsed.
Both are asked on the day of the grant and on that of its recording, from which on it holds.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.credit.commands.ports import RecordFilter, Slice, SortKey
from services.credit.commands.remedy_ports import RemedyWriting, RepairLaw
from services.credit.domain.codes import Field, RecordKind, Sanction
from services.credit.domain.identifiers import name_of
from services.credit.domain.publication import require_penalty
from services.credit.domain.record import Edition
from services.credit.domain.remedy import ENTRY, Remedy
from services.credit.domain.remedy_errors import BanRunsError, RelapsedError
from services.credit.domain.repair_law import ProcedureLaw, applied


def require_no_relapse(
    write: RemedyWriting, remedy: Remedy, law: ProcedureLaw, laws: RepairLaw, *, day: date
) -> None:
    """Refuse a repair of who relapsed in the field since the decision that is to be repaired.

    A relapse is another entry of a blacklist of the field, also one that is decided on and still to
    be published, or a final penalty of the class that the policy names, or a graver one, for what
    was done on the day of the decision or after it.

    Args:
        write: The transaction.
        remedy: The repair.
        law: The version that it keeps.
        laws: Gives the classes of penalties.
        day: Day to look from: that on which it is granted, or recorded.

    Raises:
        RelapsedError: Names the record, entry or case, and the clause.
    """
    if not law.relapse_class:
        return
    decided = remedy.decided
    clause = law.clauses["relapse_class"]
    revision = write.point.revision
    listings = {
        "entry_id": (ENTRY, write.remedies.listed_since(decided, revision=revision, day=day)),
        "case_id": (_CASE, write.remedies.decided_listing(decided, revision=revision, day=day)),
    }
    for fact, (letter, number) in listings.items():
        if number is None:
            continue
        name = name_of(letter, number)
        raise RelapsedError(
            f"the subject was listed again since {decided.decision_date}, see {name}; refuse the"
            f" repair ({clause})",
            **{fact: name},
            decision_date=decided.decision_date,
            clause=clause,
        )
    for one in _penalties(write, remedy, day, field=decided.field, since=decided.decision_date):
        if one.record_id == decided.target.record_id or not _done_since(write, one, remedy, day):
            continue
        if _grave(one, law, laws):
            raise RelapsedError(
                f"{one.name} punishes what was done since {decided.decision_date}; refuse the"
                f" repair ({clause})",
                record_id=one.name,
                decision_date=decided.decision_date,
                clause=clause,
            )


def require_no_ban(write: RemedyWriting, remedy: Remedy, law: ProcedureLaw, *, day: date) -> None:
    """Refuse a repair of whom a ban from the trade or profession still keeps out.

    A penalty that restricts activity or practice and names no last day of validity has no end.

    Args:
        write: The transaction.
        remedy: The repair.
        law: The version that it keeps.
        day: Day to look from: that on which it is granted, or recorded.

    Raises:
        BanRunsError: Names the penalty, its last day and the clause.
    """
    if not law.ban_excludes:
        return
    clause = law.clauses["ban_excludes"]
    for one in _penalties(write, remedy, day):
        body = require_penalty(one)
        last = body.valid_until_date
        if body.sanctions & _BANS and (last is None or last >= day):
            until = "has no end" if last is None else f"runs until {last}"
            raise BanRunsError(
                f"the ban from the trade or profession by {one.name} {until}; grant the repair"
                f" after it, or refuse it ({clause})",
                record_id=one.name,
                valid_until_date=last or "",
                clause=clause,
            )


# Private functions and values --------------------------------------------------

_PAGE: Final = 500
_CASE: Final = "c"
# 限制开展生产经营活动 keeps a unit from its trade, 限制从业 a person from its profession.
_BANS: Final = frozenset({Sanction.ACTIVITY_RESTRICTION, Sanction.PRACTICE_RESTRICTION})


def _penalties(
    write: RemedyWriting,
    remedy: Remedy,
    day: date,
    *,
    field: Field | None = None,
    since: date | None = None,
) -> Iterator[Edition]:
    """Give the penalties of who wants the repair, by a day."""
    wanted = RecordFilter(
        subject_id=remedy.decided.subject_id,
        kinds=frozenset({RecordKind.PENALTY}),
        field=field,
        event_start_date=since,
    )
    revision = write.point.revision
    after: SortKey = ()
    while True:
        part = Slice(revision=revision, as_of=day, after=after, limit=_PAGE)
        found = write.records.page(wanted, part)
        yield from found
        if len(found) < _PAGE:
            return
        after = (found[-1].header.event_date, found[-1].record_id)


def _done_since(write: RemedyWriting, edition: Edition, remedy: Remedy, day: date) -> bool:
    """Say whether a penalty is final, and for what was done since the decision to be repaired."""
    body, decided = require_penalty(edition), remedy.decided
    if body.final_date is None or body.final_date > day:
        return False
    punished = (body.violation_record_id, body.accident_record_id)
    return all(
        edition.header.event_date >= decided.decision_date
        for number in punished
        if number is not None
        for edition in write.records.editions(number, revision=write.point.revision)[-1:]
    )


def _grave(edition: Edition, law: ProcedureLaw, laws: RepairLaw) -> bool:
    """Say whether a penalty is of the class by which one relapses, by the version that is kept."""
    return any(
        applied(one).dishonesty >= law.relapse_class
        for one in laws.publications(edition, edition.header.event_date)
        if one.basis.version == law.basis.version
    )
