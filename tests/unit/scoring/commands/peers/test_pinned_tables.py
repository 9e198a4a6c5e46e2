"""Which table a question takes: of its rules, of its day or before, the one recorded last."""

from datetime import UTC, date, datetime

import pytest

from services.scoring.commands.peers.pinned_tables import PeerTables, PinnedTable
from services.scoring.domain.peer_table import TableStamp

NOON = datetime(2025, 6, 1, 4, tzinfo=UTC)


def recorded(number: int, day: date, *, rules: str = "rules") -> PinnedTable:
    """Give a table recorded at a revision of its number."""
    stamp = TableStamp(
        table_id=number,
        policy_id="cn.test",
        version="one",
        policy_digest="0" * 64,
        rules_digest=rules,
        as_of=day,
        revision=number - 1,
        known_at=NOON,
        recorded_revision=number,
        recorded_time=NOON,
        digest=f"{number:064x}",
    )
    return PinnedTable(stamp, dict)


TABLES = PeerTables(
    [
        recorded(11, date(2025, 6, 1)),
        recorded(12, date(2025, 6, 3)),
        recorded(13, date(2025, 6, 1)),
        recorded(14, date(2025, 6, 2), rules="others"),
    ]
)


@pytest.mark.parametrize(
    ("rules", "day", "number"),
    [
        pytest.param("rules", date(2025, 5, 31), None, id="none-yet"),
        pytest.param("rules", date(2025, 6, 1), 13, id="of-two-of-a-day-the-later"),
        pytest.param("rules", date(2025, 6, 2), 13, id="of-the-day-before"),
        pytest.param("rules", date(2025, 6, 3), 12, id="of-the-day"),
        pytest.param("rules", date(2030, 1, 1), 12, id="long-after"),
        pytest.param("others", date(2025, 6, 3), 14, id="of-other-rules"),
        pytest.param("unknown", date(2025, 6, 3), None, id="of-no-such-rules"),
    ],
)
def test_question_takes_its_table(rules: str, day: date, number: int | None) -> None:
    """A table of a later day, or of other rules, is never taken."""
    found = TABLES.newest(rules, day)

    assert (found.stamp.table_id if found else None) == number


def test_tables_say_when_they_changed_last() -> None:
    """The revision is that of the last recording."""
    assert TABLES.revision == 14
    assert PeerTables().revision == 0
