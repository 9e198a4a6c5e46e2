"""What the commands about insurance need of the world besides the columns of facts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTerms:
    """What an insurance policy says in words.

    Attributes:
        insurer: Name of the insurer.
        insurer_code: Its credit code.
        policy_number: Number of the policy as printed.
        plan_id: Rate plan; empty when not given.
        quote_id: Quote that it was bound from; empty when none.
    """

    insurer: str
    insurer_code: str
    policy_number: str
    plan_id: str
    quote_id: str


class PolicyTermReads(Protocol):
    """Reads the words of insurance policies."""

    def terms(self, record_ids: Collection[int], revision: int) -> Mapping[int, PolicyTerms]:
        """Give the terms of policies as known at a revision, by record."""
        ...
