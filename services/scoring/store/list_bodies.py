"""Bodies of entries, held against their digests before anybody gets or seals them.

The changes keep each body beside its digest, and the buckets keep the bodies of the current entries
once more. A body that was damaged among the changes is had from its bucket where that has it still.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, select

from models.list_feed import ListBucketRow
from services.scoring.domain.list_digest import entry_digest
from services.scoring.domain.list_encoding import FramesDamagedError, unframed
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed_errors import ListChangesDamagedError, ListCompactedError
from services.scoring.store.packed_bodies import BodyDamagedError, unpacked_unsealed


def kept_body() -> ColumnElement[bytes]:
    """Select a body as bytes, also where SQLite, through damage, takes it for text."""
    return cast(ListBucketRow.body, LargeBinary)


WITHDRAWN: Final = b""
"""Body of a superseded change that named somebody who is known by now; no entry is so short."""


@dataclass(frozen=True, slots=True)
class SoundBodies:
    """Gives bodies of one list as they were published, or none.

    Attributes:
        connection: Reads.
        key: The list.
    """

    connection: Connection
    key: ListKey
    _spare: dict[int, Mapping[bytes, bytes]] = field(default_factory=dict)

    def sound(self, bucket: int, digest: bytes | None, body: bytes) -> bytes:
        """Give a body that has its digest.

        Args:
            bucket: Bucket of the entry.
            digest: Digest that was kept with the body.
            body: The body as it was kept.

        Raises:
            ListCompactedError: It is told no more.
            ListChangesDamagedError: Neither the changes nor the bucket have it.
        """
        if body == WITHDRAWN:
            raise ListCompactedError(
                "what this version said of an entry is told no more; read the last version",
                bucket=bucket,
            )
        if entry_digest(body) == digest:
            return body
        found = self.recovered(bucket, digest, body)
        if found is None:
            raise damaged(self.key, bucket)
        return found

    def recovered(self, bucket: int, digest: bytes | None, body: bytes) -> bytes | None:
        """Give a body that was damaged, or whose digest was, from its bucket, where that has it."""
        spare = self.spare(bucket)
        tell_damage(self.key, bucket)
        return spare.get(digest or b"") or spare.get(entry_digest(body))

    def spare(self, bucket: int) -> Mapping[bytes, bytes]:
        """Give the entries that the row of a bucket has, by digest; whatever that is worth."""
        if bucket not in self._spare:
            row = self.connection.execute(
                select(kept_body()).where(
                    ListBucketRow.kind == self.key.kind,
                    ListBucketRow.field == self.key.field,
                    ListBucketRow.bucket == bucket,
                )
            ).scalar()
            self._spare[bucket] = {entry_digest(one): one for one in _unpacked(row or b"")}
        return self._spare[bucket]


def damaged(key: ListKey, bucket: int) -> ListChangesDamagedError:
    """Refuse what nobody may get: it is not what was published."""
    return ListChangesDamagedError(
        "what the store keeps of this list is damaged, and is not sent; tell the operator",
        kind=key.kind.name,
        field=key.field,
        bucket=bucket,
    )


def tell_damage(key: ListKey, bucket: int) -> None:
    """Tell the operator that changes of a bucket are damaged."""
    _log.error("list_changes_damaged", kind=key.kind.name, field=key.field, bucket=bucket)


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _unpacked(kept: bytes) -> Iterator[bytes]:
    try:
        yield from unframed(unpacked_unsealed(kept))
    except (BodyDamagedError, FramesDamagedError):
        return
