"""What was repaired carries no new listing: its publication, sharing and use have ended.

Source:
    信用修复管理办法 (国家发展改革委令第36号) art. 3; the procedure's ``basis_excluded_by`` says for
    which lists. A listing that was decided before has an early removal of its own.
"""

from collections.abc import Iterable
from datetime import date
from typing import NoReturn

from services.scoring.commands.lists.list_case_ports import GroundRecord
from services.scoring.commands.lists.list_grounds import has_basis, is_basis
from services.scoring.domain.list_errors import BasisRepairedError
from services.scoring.domain.list_procedure import ListProcedure


def unrepaired(
    procedure: ListProcedure, records: Iterable[GroundRecord], *, day: date
) -> tuple[GroundRecord, ...]:
    """Leave out what was repaired by a day, where the procedure wants that."""
    excluded = "repair" in procedure.words("basis_excluded_by")
    return tuple(one for one in records if not (excluded and one.repaired_on(day)))


def require_unrepaired(
    procedure: ListProcedure, records: Iterable[GroundRecord], *, day: date
) -> None:
    """Refuse a case every basis of which was repaired by a day.

    Raises:
        BasisRepairedError: Names the documents that granted the repairs.
    """
    bases = tuple(one for one in records if is_basis(procedure, one))
    if bases and not has_basis(procedure, unrepaired(procedure, bases, day=day)):
        refuse_repaired(procedure, bases, day=day)


def refuse_repaired(
    procedure: ListProcedure,
    records: Iterable[GroundRecord],
    *,
    day: date,
    parties: Iterable[str] = (),
) -> NoReturn:
    """Refuse what rests on nothing but repaired records.

    Args:
        procedure: The procedure.
        records: The records, repaired ones among them.
        day: Day by which a repair counts.
        parties: Names of the parties that nothing else carries; none for the case as a whole.

    Raises:
        BasisRepairedError: Always.
    """
    clause = procedure.required("basis_excluded_by").citation
    repaired = sorted({one.repair_document for one in records if one.repaired_on(day)} - {""})
    documents, names = "、".join(repaired), ", ".join(parties)
    way = "list the others alone, or close the case" if names else "nobody is listed for it"
    raise BasisRepairedError(
        f"every penalty and finding behind {names or 'the case'} was repaired by {day}"
        f" ({documents}), and what was repaired carries no new listing"
        f" ({clause}); {way}",
        repair_documents=documents,
        party_subject_ids=names.replace(", ", ","),
        clause=clause,
    )
