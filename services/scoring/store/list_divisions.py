"""Divisions of which the store knows anything."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from models.enterprises import EnterpriseVersionRow
from models.list_feed import ListChangeRow
from services.scoring.domain.list_entry import ListKey


def division_known(
    connection: Connection, bounds: tuple[int, int], keys: Iterable[ListKey]
) -> bool:
    """Say whether an enterprise or an entry ever was in a division.

    Args:
        connection: Reads.
        bounds: First and last division, as numbers.
        keys: The lists that were ever published.
    """
    of_enterprise = select(EnterpriseVersionRow.division).where(
        EnterpriseVersionRow.division.between(*bounds)
    )
    if connection.execute(of_enterprise.limit(1)).first() is not None:
        return True
    # List by list, as the index has it.
    return any(
        connection.execute(
            select(ListChangeRow.division)
            .where(
                ListChangeRow.kind == key.kind,
                ListChangeRow.field == key.field,
                ListChangeRow.division.between(*bounds),
            )
            .limit(1)
        ).first()
        is not None
        for key in keys
    )
