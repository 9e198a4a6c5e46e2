"""What everybody is looked at for, little by little, while what changed is looked at beside it."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.scoring.commands.lists.upkeep_ports import BASIS, REDLISTING, Backlog

EVERYTHING: Final[tuple[Backlog, ...]] = (Backlog(BASIS, None), Backlog(REDLISTING, None))
"""For whoever knows nothing of what was looked at: any listing may be wrong."""


def with_other_laws(
    left: Sequence[Backlog], before: Mapping[str, str], now: Mapping[str, str]
) -> tuple[Backlog, ...]:
    """Give what is left to look at, with the cases and redlistings by law that is another now.

    Args:
        left: What is left of before.
        before: What each list policy said then.
        now: What each says now.
    """
    changed = frozenset(
        policy_id
        for policy_id in before.keys() | now.keys()
        if before.get(policy_id) != now.get(policy_id)
    )
    if not changed:
        return tuple(left)
    fresh = (Backlog(BASIS, changed), Backlog(REDLISTING, changed))
    begun = {(one.chore, one.policies) for one in fresh}
    return (*(one for one in left if (one.chore, one.policies) not in begun), *fresh)
