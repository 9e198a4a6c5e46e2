"""Lists on which nobody stands."""

from collections.abc import Collection, Mapping, Sequence

from services.scoring.commands.ports import Redlisting
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.viewpoint import Viewpoint


class NobodyListed:
    """Knows of no entry; implements `ListedReads`."""

    def in_force(
        self,
        subject_ids: Collection[int],  # noqa: ARG002 -- the port's signature.
        at: Viewpoint,  # noqa: ARG002 -- the port's signature.
    ) -> Mapping[int, tuple[HeldEntry, ...]]:
        """Give nothing."""
        return {}

    def redlistings(
        self,
        subject_ids: Collection[int],  # noqa: ARG002 -- the port's signature.
        at: Viewpoint,  # noqa: ARG002 -- the port's signature.
    ) -> Sequence[Redlisting]:
        """Give nothing."""
        return ()
