"""A redlisting whose conditions count what is on record of the enterprises before it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models.remedies import RepairRow
from services.scoring.main import ScoringServer
from services.scoring.store.columns import table_of
from tests.fakes.list_policies import REDLIST, write_list_policies
from tests.fakes.list_world import CHIEF, CODE, ON_SQLITE, ListWorld, redlisted
from tests.fakes.scoring_facts import WRITER
from tests.integration.scoring.test_changed_subjects import written
from tests.integration.scoring.test_related_facts import merge

IN_FORCE, REMOVED = 1, 2
REPAIRS = table_of(RepairRow)
OF_PREDECESSORS = """
      old_penalties:
        records: penalty
        of: predecessors
        where: {not: {repaired_date: {on_or_before: as_of}}}
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        source: {article: 第二条, confidence: assumed}
    rules:
"""


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a redlist by which no penalty of a predecessor may stand unrepaired."""
    folder = write_list_policies(tmp_path_factory.mktemp("successors"))
    text = REDLIST.replace("\n    rules:\n", OF_PREDECESSORS)
    text = text.replace("{penalties: 0,", "{penalties: 0, old_penalties: 0,")
    (folder / "cn/redlist.yaml").write_text(text, "utf-8")
    return folder


@ON_SQLITE
async def test_a_repair_of_a_predecessor_keeps_a_redlisting_until_it_is_withdrawn(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The penalty of March 2024 counts for who went on from July; repaired, it does not."""
    number = world.facts.enterprise(credit_code=CODE)
    old = world.facts.enterprise()
    merge(world.facts, old, number)
    penalty = world.facts.record("penalty", old, date(2024, 3, 1))
    with world.facts.database.write(caller=WRITER, method="test") as write:
        repaired: dict[str, Any] = {"record_id": penalty, "repaired_date": date(2025, 1, 1)}
        written(write, REPAIRS, subject_id=old, **repaired)
        write.commit()
    world.stand_at(date(2025, 6, 3))
    case_id = (await redlisted(world)).case_id
    case_server.lists.once()
    assert await state(world, case_id) == IN_FORCE

    with world.facts.database.write(caller=WRITER, method="test") as write:
        withdrawn = update(REPAIRS).where(REPAIRS.c.record_id == penalty)
        write.connection.execute(withdrawn.values(superseded_revision=write.revision))
        write.commit()
    case_server.lists.once()

    assert await state(world, case_id) == REMOVED


async def state(world: ListWorld, case_id: str) -> int:
    """Give the state of the only entry of a case."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    (held,) = case.entries
    found: int = held.state
    return found
