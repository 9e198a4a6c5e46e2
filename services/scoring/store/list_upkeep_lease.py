"""The lease on keeping the lists right, with how far whoever held it came.

Neither takes a revision. Both are kept in one transaction: who lost the lease keeps nothing, so
that what another replica found since is never overwritten with what was found before.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from models.grades import LeaseRow
from models.list_upkeep import ListUpkeepDueRow, ListUpkeepMarkRow
from services.scoring.commands.lists.upkeep_ports import Backlog, Mark
from services.scoring.store.columns import table_of
from services.scoring.store.list_lease import LEASE_SECONDS, LISTS, SqlListLease

_LEASES: Final = table_of(LeaseRow)
_MARKS: Final = table_of(ListUpkeepMarkRow)
_DUES: Final = table_of(ListUpkeepDueRow)


class SqlUpkeepLease(SqlListLease):
    """Lets one replica at a time keep the lists right; implements `UpkeepLease`."""

    def keep(self, lease: str, dues: Mapping[int, date | None], mark: Mark | None) -> bool:
        """Hold the lease on, and keep what was found meanwhile."""
        kept: bool = self._run(lambda connection: self._kept(connection, lease, dues, mark))
        return kept

    # Private methods -------------------------------------------------------------

    def _kept(
        self,
        connection: Connection,
        lease: str,
        dues: Mapping[int, date | None],
        mark: Mark | None,
    ) -> bool:
        expiry = self._clock.now() + timedelta(seconds=LEASE_SECONDS)
        held = connection.execute(
            update(_LEASES)
            .where(_LEASES.c.name == self._name, _LEASES.c.holder == lease)
            .values(expiry_time=expiry)
        )
        if not held.rowcount:
            return False
        self._keep_dues(connection, dues)
        if mark is not None:
            self._keep_mark(connection, mark)
        return True

    def _keep_dues(self, connection: Connection, dues: Mapping[int, date | None]) -> None:
        later = [{"entry_id": one, "due_date": day} for one, day in dues.items() if day is not None]
        if later:
            insert = self._insert(_DUES)
            written = insert.on_conflict_do_update(
                index_elements=[_DUES.c.entry_id], set_={"due_date": insert.excluded.due_date}
            )
            connection.execute(written, later)
        never = [one for one, day in dues.items() if day is None]
        for first in range(0, len(never), _AT_ONCE):
            some = never[first : first + _AT_ONCE]
            connection.execute(delete(_DUES).where(_DUES.c.entry_id.in_(some)))

    def _keep_mark(self, connection: Connection, mark: Mark) -> None:
        values: dict[str, Any] = {
            "edition": mark.edition,
            "revision": mark.revision,
            "as_of": mark.day,
            "laws": json.dumps(dict(mark.laws), sort_keys=True),
            "backlog": json.dumps([_written(one) for one in mark.backlog]),
        }
        insert = self._insert(_MARKS).values(name=LISTS, **values)
        connection.execute(
            insert.on_conflict_do_update(index_elements=[_MARKS.c.name], set_=values)
        )


def read_mark(connection: Connection) -> Mark | None:
    """Read up to where everything has been looked at; nothing where nobody looked yet."""
    row = connection.execute(select(_MARKS).where(_MARKS.c.name == LISTS)).one_or_none()
    if row is None:
        return None
    backlog = tuple(
        Backlog(chore, None if policies is None else frozenset(policies), after)
        for chore, policies, after in json.loads(row.backlog)
    )
    return Mark(row.edition, row.revision, row.as_of, json.loads(row.laws), backlog)


# Private functions and values ------------------------------------------------

_AT_ONCE: Final = 1000
"""Rows that are deleted in one statement."""


def _written(one: Backlog) -> tuple[str, list[str] | None, int]:
    return one.chore, None if one.policies is None else sorted(one.policies), one.after
