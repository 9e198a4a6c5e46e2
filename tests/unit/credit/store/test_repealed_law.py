"""Law that a file repeals: as it was before the day, and none from then on."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from services.credit.domain.codes import AccidentLevel
from services.credit.domain.errors import AccidentLevelUndefinedError
from services.credit.domain.repair_law import applied
from services.credit.store.policy_data import accident_levels
from services.credit.store.repair_law import repair_laws

POLICIES = Path(__file__).parents[4] / "policies"
BEFORE, AFTER = date(2027, 6, 30), date(2027, 7, 1)
REPEAL = """
  - version: "repealed"
    start_date: 2027-07-01
    end_date: null
    source: {instrument: 关于废止的决定, checked_date: 2026-11-22, confidence: text-seen}
    repeals: {version: "VERSION", source: {article: 第一条, confidence: text-seen}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy the law that the credit service reads, repealed from 1 July 2027."""
    copied = tmp_path / "policies"
    shutil.copytree(POLICIES, copied)
    for name, version in (("credit-repair", "2026-04-01"), ("accident-level", "2007-06-01")):
        file = copied / "cn" / f"{name}.yaml"
        file.write_text(
            file.read_text(encoding="utf-8") + REPEAL.replace("VERSION", version), encoding="utf-8"
        )
    return copied


def test_levels_of_accidents_end_with_their_law(folder: Path) -> None:
    """Three deaths were a larger accident until the day before."""
    levels = accident_levels(folder).at(1)

    assert levels.level(3, 0, direct_loss_fen=0, event_date=BEFORE) is AccidentLevel.LARGER
    with pytest.raises(AccidentLevelUndefinedError):
        levels.level(3, 0, direct_loss_fen=0, event_date=AFTER)


def test_periods_of_publication_are_those_of_before(folder: Path) -> None:
    """A repeal has no periods of its own, and takes those of before away from nobody."""
    repealed, law = repair_laws(folder).at(1), repair_laws(POLICIES).at(1)
    day = date(2026, 6, 1)

    before, found = (
        [(one.earliest_date, one.end_date) for one in map(applied, each.entry_publications(day))]
        for each in (law, repealed)
    )
    assert found == before
    assert before
