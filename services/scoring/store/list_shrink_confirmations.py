"""Who looked at what the law took off a list; append-only."""

from sqlalchemy import Connection, insert, select

from models.list_feed import ListShrinkConfirmationRow
from models.lists import ListEntryRow
from models.persons import PersonRow
from services.common.database import WriteTransaction
from services.common.personal_text import PersonsInText
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ShrinkConfirmation


def read_confirmations(
    connection: Connection, key: ListKey, version: int
) -> tuple[ShrinkConfirmation, ...]:
    """Read who looked at the warning of a version, first come first.

    Persons who were listed, and known, after a finding was written are masked in it.
    """
    found = connection.execute(
        select(
            ListShrinkConfirmationRow.confirmer,
            ListShrinkConfirmationRow.authority,
            ListShrinkConfirmationRow.finding,
            ListShrinkConfirmationRow.recorded_time,
        )
        .where(
            ListShrinkConfirmationRow.kind == key.kind,
            ListShrinkConfirmationRow.field == key.field,
            ListShrinkConfirmationRow.version == version,
        )
        .order_by(ListShrinkConfirmationRow.confirmation_id)
    )
    rows = found.all()
    hidden = PersonsInText(read_listed_names(connection, key) if rows else ()).hidden
    return tuple(
        ShrinkConfirmation(
            confirmer=confirmer,
            authority=authority,
            finding=hidden(finding),
            confirm_time=recorded_time,
        )
        for confirmer, authority, finding, recorded_time in rows
    )


def read_listed_names(connection: Connection, key: ListKey) -> tuple[str, ...]:
    """Read the names of the persons who are or were on a list."""
    listed = select(ListEntryRow.subject_id).where(
        ListEntryRow.list_kind == key.kind,
        ListEntryRow.field == key.field,
        ListEntryRow.person.is_(True),
    )
    found = connection.execute(select(PersonRow.name).where(PersonRow.person_id.in_(listed)))
    return tuple(found.scalars())


def add_confirmation(
    transaction: WriteTransaction, key: ListKey, version: int, finding: str
) -> ShrinkConfirmation:
    """Keep that the caller looked at the warning of a version; give what is kept."""
    caller = transaction.caller
    transaction.connection.execute(
        insert(ListShrinkConfirmationRow).values(
            confirmation_id=transaction.new_id(),
            kind=key.kind,
            field=key.field,
            version=version,
            finding=finding,
            confirmer=caller.identity,
            authority=caller.authority,
            recorded_revision=transaction.revision,
            recorded_time=transaction.recorded_time,
        )
    )
    return ShrinkConfirmation(
        confirmer=caller.identity,
        authority=caller.authority,
        finding=finding,
        confirm_time=transaction.recorded_time,
    )
