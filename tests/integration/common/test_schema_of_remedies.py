"""The way back from revision 0011: what the release before would misread is gone."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import insert, select, text

from models.remedies import RemedyRow, RemedyStepRow
from services.common.database import Database
from services.common.identity import Caller
from services.common.schema import downgrade, migrate
from tests.fakes.clock import FixedClock

WRITER = Caller(identity="test", roles=frozenset({"regulator"}))
EXTENDED, SHARED = 1, 2


@pytest.fixture
def empty(empty_database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a database without a schema."""
    database = Database(empty_database_url, clock=clock)
    yield database
    database.close()


def remedy(database: Database, *acts: int) -> int:
    """Store a remedy of some steps, each with what it did that left the state as it was."""
    with database.write(caller=WRITER, method="test") as write:
        remedy_id = write.new_id()
        write.connection.execute(
            insert(RemedyRow).values(
                remedy_id=remedy_id,
                kind=2,
                record_id=5,
                subject_id=7,
                person=False,
                field=1,
                authority="某局",
                document_number="罚1号",
                decision_date=date(2026, 3, 1),
                policy_id="test",
                policy_version="1",
                policy_digest="0" * 64,
                recorded_revision=write.revision,
            )
        )
        for number, act in enumerate(acts, start=1):
            write.connection.execute(
                insert(RemedyStepRow).values(
                    remedy_id=remedy_id,
                    number=number,
                    state=number,
                    act=act,
                    step_date=date(2026, 9, number),
                    authority="某局",
                    document_number="",
                    text="",
                    follow_up=0,
                    recorded_revision=write.revision,
                )
            )
        write.commit()
    return remedy_id


@pytest.mark.migrations
def test_steps_that_led_to_no_state_are_forgotten_and_the_others_are_numbered_through(
    empty: Database,
) -> None:
    """The release before numbers its next step by how many there are."""
    migrate(empty)
    widened = remedy(empty, 0, 0, EXTENDED, 0, SHARED, 0)
    plain = remedy(empty, 0, 0)

    downgrade(empty, "0010")

    with empty.inspect() as connection:
        steps = connection.execute(
            text("SELECT remedy_id, number, state FROM remedy_steps ORDER BY remedy_id, number")
        ).all()
    assert [tuple(one) for one in steps] == [
        *((widened, number, state) for number, state in enumerate((1, 2, 4, 6), start=1)),
        (plain, 1, 1),
        (plain, 2, 2),
    ]
    migrate(empty)
    with empty.inspect() as connection:
        assert set(connection.execute(select(RemedyStepRow.act)).scalars()) == {0}
