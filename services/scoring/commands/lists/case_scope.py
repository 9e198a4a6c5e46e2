"""Who reaches a case and its entries: the authority whose they are, wherever the subject has gone.

A caller's divisions say where it may write. What an authority recorded, opened or decided lies
where it lay then, and stays its own (谁处罚、谁决定、谁负责): an enterprise that moves to another
district takes neither its case nor its entry out of the hands of whoever answers for them.
Everybody else reaches a subject where it is.
"""

from collections.abc import Collection

from services.common.identity import Caller
from services.scoring.commands.lists.list_case_ports import CaseFile, ListReading
from services.scoring.commands.lists.list_desk import acts_for_party, require_scope
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_entry import ListEntry
from services.scoring.domain.list_ledger import Ledger


def require_case_scope(reading: ListReading, caller: Caller, file: CaseFile, step: Step) -> None:
    """Refuse a caller whose divisions and fields do not reach a case for its next step.

    Raises:
        OutOfScopeError: They do not.

    Source:
        应急管理部令第11号 art. 4: who penalised decides. A joint review is of the departments of
        the place of the case.
    """
    case, review = file.case, step.kind is StepKind.REVIEW
    whose = {case.authority, Ledger(case, file.steps).deciding_authority}
    require_scope(
        reading,
        caller,
        subject_id=case.subject_id,
        person=case.person,
        # A department reviews in its own field; every other step is of the list's.
        field=step.field if review else case.list_key.field,
        decided_in=_places(reading, caller, case) if review or _own(caller, whose) else (),
    )


def require_entry_scope(
    reading: ListReading, caller: Caller, case: ListCase, entry: ListEntry
) -> None:
    """Refuse a caller whose divisions and fields do not reach an entry.

    Raises:
        OutOfScopeError: They do not.
    """
    require_scope(
        reading,
        caller,
        subject_id=entry.subject_id,
        person=entry.person,
        field=entry.list_key.field,
        decided_in=_places(reading, caller, case) if _own(caller, {entry.authority}) else (),
    )


# Private functions -----------------------------------------------------------


def _own(caller: Caller, whose: Collection[str]) -> bool:
    """Say whether it is the caller's to act: of the authority, or of the party by its portal."""
    return acts_for_party(caller) or (bool(caller.authority) and caller.authority in whose)


def _places(reading: ListReading, caller: Caller, case: ListCase) -> frozenset[str]:
    """Give where a case lay when it was opened, and the caller's own records behind it."""
    opened = set() if case.division is None else {f"{case.division:06d}"}
    return reading.grounds.recorded_divisions(
        case.record_ids, reading.point.revision, authority=caller.authority
    ).union(opened)
