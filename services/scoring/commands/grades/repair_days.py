"""Between which days each penalty may be repaired, by the law that the credit service applies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.applied_law import REPAIR_POLICY
from services.engine.days import NEVER, add_months, day_number
from services.engine.evaluation import Evaluation
from services.engine.numbers import MISSING
from services.engine.outlook import Repair
from services.engine.population import Population, RecordColumns
from services.engine.sourcing import source_of_value
from services.engine.vocabulary import split_source
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Publicity

PENALTY: Final = "penalty"
"""Kind of the records that are repaired."""

_REPAIR: Final = "repair"
_PERSONS: Final = "persons"
_PERSON: Final = "person"
"""Input of a repair policy: whether the penalty is a natural person's."""

_SHORTEST: Final = "minimum_months"
"""Output of a repair policy: months from the decision before which nobody may ask."""

_LONGEST: Final = "maximum_months"
"""Output: months after which publication ends by itself, and nothing is left to repair."""

_RESTARTS: Final = "withdrawal_restarts_term"
"""Output: whether both run anew from the withdrawal of a repair that was obtained by deceit."""


def penalties_in(population: Population) -> list[int]:
    """Give the penalties of a population, of whomever."""
    return [
        record_id
        for source, records in population.records.items()
        if split_source(source)[0] == PENALTY
        for record_id in records.record_ids.tolist()
    ]


@dataclass(frozen=True, slots=True)
class RepairLaw:
    """The law by which the credit service grants repairs.

    Attributes:
        versions: That in force; none where none is.
        as_of: Day asked for.
    """

    versions: tuple[PinnedVersion, ...]
    as_of: date

    @classmethod
    def of(cls, library: PolicyLibrary, division: int | None, as_of: date) -> "RepairLaw":
        """Find the law of a day."""
        found = library.applying(_REPAIR, field=EVERY_FIELD, division=division, as_of=as_of)
        law = (one for one in found if one.policy_id == REPAIR_POLICY)
        return cls(tuple(one for one in law if _SHORTEST in one.plan.outputs), as_of)

    def days(self, population: Population, publicity: Mapping[int, Publicity]) -> dict[int, Repair]:
        """Give the days of each penalty, of whomever: as if there were no other.

        Args:
            population: One enterprise.
            publicity: What the publication of its penalties hangs on besides.
        """
        found: dict[int, Repair] = {}
        for source, records in population.records.items():
            kind, relation = split_source(source)
            if kind != PENALTY or not records.record_ids.size:
                continue
            each = _apart(population, records)
            for law in self.versions:
                asked = relation == _PERSONS and _PERSON in law.plan.version.inputs
                run = evaluate(law, each, self.as_of, {_PERSON: 1} if asked else {}).evaluation
                for record_id, repair in _days(law, run, publicity):
                    if record_id not in found or found[record_id].day < repair.day:
                        found[record_id] = repair
        return found


# Private functions -----------------------------------------------------------


def _apart(one: Population, penalties: RecordColumns) -> Population:
    """Give an enterprise once for every penalty, each with that penalty alone."""
    size = penalties.record_ids.size
    return Population(
        size,
        {name: np.repeat(column, size) for name, column in one.attributes.items()},
        {PENALTY: replace(penalties, subjects=np.arange(size, dtype=np.int64))},
    )


def _days(
    law: PinnedVersion, run: Evaluation, publicity: Mapping[int, Publicity]
) -> Iterator[tuple[int, Repair]]:
    """Give the days between which one law lets each penalty be repaired."""
    records = run.frame.population.records[PENALTY]
    version = law.compiled.version
    source, begun = source_of_value(version, _SHORTEST), day_number(version.start_date)
    for record_id, decided, shortest, longest, restarts in zip(
        records.record_ids.tolist(),
        records.columns["event_date"].tolist(),
        *(_output(run, name).tolist() for name in (_SHORTEST, _LONGEST, _RESTARTS)),
        strict=True,
    ):
        if shortest == MISSING:
            continue
        known = publicity.get(record_id, Publicity((), None))
        start = day_number(known.withdrawn[-1]) if known.withdrawn and restarts else decided
        # What was published before the version was not wrong to be.
        end = NEVER if longest == MISSING else max(add_months(start, longest), begun)
        if known.last_date is not None and start == decided:
            end = min(end, day_number(known.last_date) + 1)
        yield record_id, Repair(add_months(start, shortest), source, end)


def _output(run: Evaluation, name: str) -> NDArray[np.int64]:
    """Give an output, missing where the version does not have it."""
    if name in run.plan.outputs:
        return run.output(name)
    return np.full(run.size, MISSING, dtype=np.int64)
