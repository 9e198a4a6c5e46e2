"""Tables of peers for a dry run: made anew for both sides, and kept by nobody.

A candidate's values have never been put into a table, and a live table may be from an earlier day
or earlier facts. With both made at the revision of the dry run, what differs comes from the rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from services.common.tokens import StorePoint
from services.scoring.commands.peers.making import MakePeerTables
from services.scoring.commands.peers.pinned_tables import PeerTables
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.trials.pairing import Pair

Libraries = tuple[PolicyLibrary, PolicyLibrary]
"""The policies as they are, and with the candidates in the places of their own."""


def ask_for_peers(pairs: Sequence[Pair]) -> bool:
    """Say whether either side of any pair rests on a place among peers."""
    return any(side.places for side in (*_live(pairs), *_candidates(pairs)))


@dataclass(frozen=True, slots=True)
class TrialTables:
    """Gives both sides tables of the whole population of each policy.

    Attributes:
        make: Makes tables.
        point: Point of the store at which facts are read.
        as_of: Day asked for.
    """

    make: MakePeerTables
    point: StorePoint
    as_of: date

    def __call__(
        self, libraries: Libraries, pairs: Sequence[Pair], *, going: Callable[[], bool]
    ) -> Libraries | None:
        """Make them.

        Args:
            libraries: The policies of both sides.
            pairs: What is to be compared.
            going: Says whether to go on.

        Returns:
            The libraries with tables; nothing if this was told to stop.
        """
        live, candidate = libraries
        of_live = self.make(live, _live(pairs), self.point, as_of=self.as_of, going=going)
        if of_live is None:
            return None
        own = _candidates(pairs)
        of_candidate = self.make(candidate, own, self.point, as_of=self.as_of, going=going)
        if of_candidate is None:
            return None
        return (
            live.with_tables(PeerTables(one.pinned() for one in of_live)),
            candidate.with_tables(PeerTables(one.pinned() for one in of_candidate)),
        )


# Private functions -----------------------------------------------------------


def _live(pairs: Sequence[Pair]) -> list[PinnedVersion]:
    return [one for pair in pairs for one in pair.live_side]


def _candidates(pairs: Sequence[Pair]) -> list[PinnedVersion]:
    return [one for pair in pairs for one in pair.candidate_side]
