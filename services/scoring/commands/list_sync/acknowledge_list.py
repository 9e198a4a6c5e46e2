"""Acknowledge which version of a list a subscriber holds."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import DigestMismatchError


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of an acknowledgement.

    Attributes:
        head_version: Last version of the list.
        repeated: Whether the same had been acknowledged before.
        point: Point of the store that includes it.
    """

    head_version: int
    repeated: bool
    point: StorePoint


@dataclass(frozen=True, slots=True)
class AcknowledgeList:
    """Keeps what subscribers hold.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self, call: WriteCall[Acknowledged], view: ListView, *, version: int, digest: bytes
    ) -> Answer:
        """Keep what the caller holds.

        Args:
            call: Who holds it, and how the answer is encoded.
            view: The view of a list.
            version: Version held.
            digest: Digest of what is held.

        Raises:
            DigestMismatchError: It is not the digest of that version.
            ListVersionUnknownError: There is no such version, or its view cannot be read any more.
        """
        # The digest of a version never changes, so it is looked at before anything is locked.
        with self.store.read() as reading:
            state = reading.state(view, version)
        if state.digest != digest:
            raise DigestMismatchError(
                "what is held is not this version of the list; repair the copy, or load it again",
                version=version,
                digest=digest.hex(),
                expected_digest=state.digest.hex(),
            )

        def work(write: FeedWriting) -> Acknowledged:
            known = write.acknowledge(call.caller.identity, state)
            return Acknowledged(write.head_version(view.key), known, write.point)

        return write_once(self.store, call, work)
