"""What credit takes from the policies: levels of accidents, and the open sets of codes."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from services.credit.domain.codes import AccidentLevel
from services.credit.domain.errors import AccidentLevelUndefinedError
from services.engine.building import compile_policy
from services.engine.days import day_number
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import Population
from services.engine.vocabulary import Vocabulary, parse_vocabulary

_LEVEL_FILE: Final = Path("cn") / "accident-level.yaml"
_NOBODY: Final = Population(1, {})
# Imports ask for the same few combinations again and again.
_LEVELS_KEPT: Final = 4096


class PolicyAccidentLevels:
    """Levels of accidents by the definition in force on their day."""

    def __init__(self, policies_dir: Path) -> None:
        """Read and compile the definition.

        Raises:
            PolicyRefusedError: The file has problems.
        """
        path = policies_dir / _LEVEL_FILE
        policy = read_policy(path.read_bytes(), str(_LEVEL_FILE))
        vocabulary = read_vocabulary(policies_dir)
        self._plans: list[Plan] = [
            compile_policy(policy, version, vocabulary)
            for version in policy.versions
            if not version.repeal
        ]
        self._level = lru_cache(maxsize=_LEVELS_KEPT)(self._evaluate)

    def level(
        self, deaths: int, serious_injuries: int, *, direct_loss_fen: int, event_date: date
    ) -> AccidentLevel:
        """Derive the level of an accident.

        Raises:
            AccidentLevelUndefinedError: No version of the definition was in force on the day.

        Source:
            国务院令第493号 art. 3, as data in policies/cn/accident-level.yaml.
        """
        for number, plan in enumerate(self._plans):
            version = plan.version
            if version.start_date <= event_date < (version.end_date or date.max):
                return self._level(number, (deaths, serious_injuries, direct_loss_fen))
        raise AccidentLevelUndefinedError(
            f"no definition of accident levels was in force on {event_date}", event_date=event_date
        )

    def _evaluate(self, number: int, facts: tuple[int, int, int]) -> AccidentLevel:
        plan = self._plans[number]
        names = ("deaths", "serious_injuries", "direct_loss_fen")
        # The definition looks at no windows, so any day of its version gives the same level.
        as_of = day_number(plan.version.start_date)
        evaluation = plan.run(_NOBODY, as_of, dict(zip(names, facts, strict=True)))
        return AccidentLevel(int(evaluation.output("level")[0]))


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
