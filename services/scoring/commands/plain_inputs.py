"""What a question without particulars gives a policy that asks for some."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.population import Population
from services.scoring.commands.policies.policy_library import PinnedVersion

_TRANSACTION_KIND: Final = "transaction_kind"
_NEW_BUSINESS: Final = 1
_INSURED_HEADCOUNT: Final = "insured_headcount"


def plain_inputs(
    pinned: PinnedVersion, population: Population
) -> dict[str, int | NDArray[np.int64]]:
    """Give the inputs by which a whole population is evaluated: new business, all employees.

    Args:
        pinned: The version.
        population: Columns that have what it needs.
    """
    requests = pinned.plan.needs.requests
    given: dict[str, int | NDArray[np.int64]] = {}
    if _TRANSACTION_KIND in requests:
        given[_TRANSACTION_KIND] = _NEW_BUSINESS
    headcounts = population.attributes.get("headcount")
    if _INSURED_HEADCOUNT in requests and headcounts is not None:
        given[_INSURED_HEADCOUNT] = headcounts.astype(np.int64)
    return given
