"""Running a policy over everybody whom a filter leaves, in one snapshot, a stretch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.common.deadline import check_deadline
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.commands.ports import FactNeeds, Reading, Scan
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

STRETCH: Final = 20_000
"""House decision: enterprises evaluated at once; memory does not grow with the population."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the population, evaluated.

    Attributes:
        subject_ids: int64[n], numbers of the enterprises, ascending.
        outcome: What the policy gave for them.
        attributes: Columns of the attributes asked for, by name.
    """

    subject_ids: NDArray[np.int64]
    outcome: Outcome
    attributes: dict[str, NDArray[np.int64]]


def evaluated_parts(
    reading: Reading,
    pinned: PinnedVersion,
    *,
    wanted: EnterpriseFilter,
    at: Viewpoint,
    attributes: frozenset[str] = frozenset(),
) -> Iterator[Part]:
    """Evaluate stretch after stretch.

    Args:
        reading: The snapshot.
        pinned: The policy.
        wanted: Filters on enterprises.
        at: Where facts are looked at from.
        attributes: Attributes of the enterprises to give too.

    Raises:
        SafetyCreditError: The caller's deadline has passed.
    """
    needs = FactNeeds(attributes=pinned.needs.attributes | attributes, records=pinned.needs.records)
    after = 0
    while True:
        check_deadline()
        chunk = reading.facts.chunk(Scan(wanted=wanted, after=after, limit=STRETCH), needs, at)
        size = chunk.subject_ids.size
        if size:
            outcome = evaluate(pinned, chunk.population, at.as_of)
            columns = {
                name: np.asarray(chunk.population.attributes[name], dtype=np.int64)
                for name in attributes
            }
            yield Part(chunk.subject_ids, outcome, columns)
        if size < STRETCH:
            return
        after = int(chunk.subject_ids[-1])
