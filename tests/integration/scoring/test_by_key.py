"""Reading what is named one by one: the index is followed, and only while it is asked for."""

from sqlalchemy import text

from services.common.database import Database
from services.scoring.store.by_key import by_key

PLANNED = "EXPLAIN SELECT * FROM records JOIN penalties USING (row_id) WHERE subject_id = ANY(:few)"


def test_whole_tables_are_not_gone_through(database: Database) -> None:
    """PostgreSQL joins by index inside, and as it likes before and after; SQLite always does."""
    with database.read() as transaction:
        connection = transaction.connection
        if database.dialect != "postgresql":
            with by_key(connection):
                assert connection.execute(text("SELECT count(*) FROM records")).scalar() == 0
            return

        def settings() -> list[str]:
            names = ("enable_hashjoin", "enable_mergejoin")
            return [str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in names]

        def plan() -> str:
            rows = connection.execute(text(PLANNED), {"few": list(range(1000))}).scalars()
            return "\n".join(rows)

        before = settings()
        with by_key(connection):
            within = settings()
            planned = plan()
        after = settings()

    assert (before, within, after) == (["on", "on"], ["off", "off"], ["on", "on"])
    assert "Nested Loop" in planned
    assert "Hash Join" not in planned
