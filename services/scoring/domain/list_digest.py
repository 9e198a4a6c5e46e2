"""Digests of a list: of an entry, of a bucket of entries, of the whole list.

An entry lies in the bucket that the first 12 bits of SHA-256 of its identifier name. The digest of
a bucket is SHA-256 over the digests of its entries in ascending order; that of a list, SHA-256 over
the digests of all its buckets in order. So publishing a change costs one bucket, and a damaged copy
is repaired by the buckets that differ. A view of a list is digested as a list of its own.
list_sync_service.proto states the rule for foreign programs.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

BUCKETS: Final = 4096
"""Buckets of every list; two hundred and some entries each in a list of a million."""

DIGEST_BYTES: Final = 32

EMPTY_BUCKET: Final = sha256(b"").digest()
"""Digest of a bucket without entries."""

EMPTY_BUCKETS: Final = EMPTY_BUCKET * BUCKETS
"""Digests of the buckets of an empty list, one after the other."""

EMPTY_LIST: Final = sha256(EMPTY_BUCKETS).digest()
"""Digest of an empty list."""

_BITS_DROPPED: Final = 4


def bucket_of(entry_name: str) -> int:
    """Find the bucket of an entry by its identifier, from 0 to 4095."""
    head = sha256(entry_name.encode()).digest()[:2]
    return int.from_bytes(head, "big") >> _BITS_DROPPED


def entry_digest(encoded: bytes) -> bytes:
    """Digest an entry in its canonical encoding."""
    return sha256(encoded).digest()


def bucket_digest(entry_digests: Iterable[bytes]) -> bytes:
    """Digest a bucket of entries, in whatever order they are given."""
    return sha256(b"".join(sorted(entry_digests))).digest()


def list_digest(bucket_digests: bytes | bytearray) -> bytes:
    """Digest a list by the digests of its buckets, one after the other."""
    assert len(bucket_digests) == BUCKETS * DIGEST_BYTES, "every bucket has a digest"
    return sha256(bucket_digests).digest()


def bucket_slice(bucket: int) -> slice:
    """Say where the digest of a bucket lies among those of all buckets."""
    return slice(bucket * DIGEST_BYTES, (bucket + 1) * DIGEST_BYTES)
