"""What credit takes from the policies: levels of accidents, and the open sets of codes."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from services.common.database import Database
from services.credit.domain.codes import AccidentLevel
from services.credit.domain.errors import AccidentLevelUndefinedError
from services.credit.store.published_policy import LawVersion, PublishedPolicy
from services.engine.numbers import MISSING
from services.engine.policy_file import read_policy
from services.engine.population import Population
from services.engine.vocabulary import Vocabulary, parse_vocabulary

_LEVEL_FILE: Final = Path("cn") / "accident-level.yaml"
_NOBODY: Final = Population(1, {})
# Imports ask for the same few combinations again and again.
_LEVELS_KEPT: Final = 4096


def accident_levels(
    policies_dir: Path, database: Database | None = None
) -> PublishedPolicy["VersionedLevels"]:
    """Read the definition of accident levels, and give it with what is published.

    Args:
        policies_dir: Folder of the policies.
        database: Tells what was published, as `PublishedPolicy` has it.

    Raises:
        PolicyRefusedError: The file has problems.
    """
    policy = read_policy((policies_dir / _LEVEL_FILE).read_bytes(), str(_LEVEL_FILE))
    vocabulary = read_vocabulary(policies_dir)
    return PublishedPolicy(policy, vocabulary, VersionedLevels, database=database)


class VersionedLevels:
    """Levels of accidents by the definition in force on their day; implements `AccidentLevels`."""

    def __init__(self, versions: Sequence[LawVersion]) -> None:
        """Take the versions of the definition."""
        self._versions = versions
        self._level = lru_cache(maxsize=_LEVELS_KEPT)(self._evaluate)

    def level(
        self, deaths: int, serious_injuries: int, *, direct_loss_fen: int, event_date: date
    ) -> AccidentLevel:
        """Derive the level of an accident.

        Raises:
            AccidentLevelUndefinedError: No version of the definition was in force on the day.
            PolicyUnusableError: The version that was cannot be applied.

        Source:
            国务院令第493号 art. 3, as data in policies/cn/accident-level.yaml.
        """
        for number, one in enumerate(self._versions):
            version = one.version
            if version.start_date <= event_date < (version.end_date or date.max):
                return self._level(number, event_date, (deaths, serious_injuries, direct_loss_fen))
        raise AccidentLevelUndefinedError(
            f"no definition of accident levels was in force on {event_date}", event_date=event_date
        )

    def _evaluate(self, number: int, day: date, facts: tuple[int, int, int]) -> AccidentLevel:
        version = self._versions[number]
        given = dict(zip(("deaths", "serious_injuries", "direct_loss_fen"), facts, strict=True))
        level = int(version.run(_NOBODY, day, given).output("level")[0])
        try:
            return AccidentLevel(level)
        except ValueError as error:
            said = "no level" if level == MISSING else f"level {level}"
            raise version.unusable(f"it gives an accident {said}") from error


class VocabularyCodes:
    """The violation codes of policies/vocabulary.yaml."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the codes from the vocabulary."""
        self._numbers = vocabulary.code_numbers["violation_code"]
        self._codes = {number: code for code, number in self._numbers.items()}

    def violation_number(self, code: str) -> int | None:
        """Give the number of a violation code; nothing if there is none."""
        return self._numbers.get(code)

    def violation_code(self, number: int) -> str:
        """Give the violation code of a number that was stored."""
        return self._codes[number]


def read_vocabulary(policies_dir: Path) -> Vocabulary:
    """Read the vocabulary beside the policies."""
    return parse_vocabulary((policies_dir / "vocabulary.yaml").read_bytes())
