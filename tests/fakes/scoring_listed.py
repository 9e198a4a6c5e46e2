"""Lists on which nobody stands."""

from collections.abc import Collection, Mapping

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
