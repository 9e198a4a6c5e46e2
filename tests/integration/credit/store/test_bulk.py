"""Inserting many rows: what goes wrong shows as it does with any other statement."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.common.database import Database
from services.credit.domain.record import Violation
from services.credit.store.sql_store import SqlStore
from tests.fakes.credit_facts import BARE_BODIES, LIU, edition, recorded

ON_POSTGRESQL = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

END_WRITERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'idle in transaction'
"""


def test_a_row_that_is_there_already_refuses_all(database: Database) -> None:
    """Nothing of the batch is stored, and the next write goes on."""
    store = SqlStore(database)
    (old,) = recorded(store, BARE_BODIES[2])

    def record_again() -> None:
        with store.write(caller=LIU, method="record") as write:
            new = edition(write, BARE_BODIES[2], replace(old.header, document_item="二"))
            write.records.add([new, old])
            write.commit()

    with pytest.raises(IntegrityError):
        record_again()

    assert store.point().revision == 1
    (next_one,) = recorded(store, BARE_BODIES[4])
    with store.write(caller=LIU, method="look") as write:
        summaries = write.records.summaries([old.record_id, next_one.record_id])
        found = write.records.editions(next_one.record_id, revision=2)
    assert (list(found), len(summaries)) == ([next_one], 2)


@ON_POSTGRESQL
def test_a_number_too_large_for_its_column_is_refused(database: Database) -> None:
    """It is not cut down to the sixteen bits that the column holds."""
    store = SqlStore(database)

    with pytest.raises(DBAPIError, match="out of range"):
        recorded(store, Violation(violation_code=2**16 + 1))

    assert store.point().revision == 0


@ON_POSTGRESQL
def test_a_connection_that_is_lost_is_replaced(database: Database) -> None:
    """Rows cannot be sent; the next write has a connection that works."""
    store = SqlStore(database)

    def record_while_the_connection_ends() -> None:
        with store.write(caller=LIU, method="record") as write:
            with database.inspect() as other:
                other.exec_driver_sql(END_WRITERS)
            write.records.add([edition(write, BARE_BODIES[2])])

    with pytest.raises(DBAPIError) as lost:
        record_while_the_connection_ends()

    assert lost.value.connection_invalidated
    assert len(recorded(store, BARE_BODIES[2])) == 1
