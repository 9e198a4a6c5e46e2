"""Tables of peers: the values of a whole population, as of a day and as known at a revision.

A table is written down as runs, a value and how many peers have it, in ascending order, so equal
tables have equal bytes whatever made them. Nobody's identity is in it.
"""

import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from services.common.errors import Category, SafetyCreditError

GroupKey = tuple[int, ...]
"""What the peers of a group have in common, as numbers."""


class PeerTableMissingError(SafetyCreditError):
    """There is no table of peers yet."""

    reason = "PEER_TABLE_MISSING"
    category = Category.NOT_FOUND


class PolicyWithoutPeersError(SafetyCreditError):
    """A policy asks for no place among peers."""

    reason = "POLICY_WITHOUT_PEERS"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """The values of one group of peers.

    Attributes:
        values: Values that occur, ascending.
        counts: How many peers have each.
    """

    values: "array[int]"
    counts: "array[int]"

    @property
    def size(self) -> int:
        """Say how many peers there are."""
        return sum(self.counts)


Groups = Mapping[str, Mapping[GroupKey, PeerGroup]]
"""Groups of peers by name of the input and by what they have in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStamp:
    """What tells one table from every other.

    Attributes:
        table_id: Its number; 0 for one that is not kept.
        policy_id: Policy whose values it holds.
        version: Version of the policy.
        policy_digest: Digest of that version, as answers name it.
        rules_digest: Digest of all rules behind the values.
        as_of: Day that the values are for.
        revision: What this write, and every one before it, had recorded is in the values.
        known_at: Instant of that write, UTC.
        recorded_revision: Revision that recorded the table; it is used from then on.
        recorded_time: Instant of that, UTC.
        digest: SHA-256 of the table's bytes.
    """

    table_id: int
    policy_id: str
    version: str
    policy_digest: str
    rules_digest: str
    as_of: date
    revision: int
    known_at: datetime
    recorded_revision: int
    recorded_time: datetime
    digest: str


def table_bytes(groups: Groups) -> bytes:
    """Write a table down; equal tables give equal bytes."""
    numbers = array(_WIDE)
    names: list[bytes] = []
    for name, by_key in sorted(groups.items()):
        names.append(name.encode())
        numbers.extend((len(names[-1]), len(by_key)))
        for key, group in sorted(by_key.items()):
            numbers.extend((len(key), *key, len(group.values)))
            numbers.extend(group.values)
            numbers.extend(group.counts)
    return b"".join((_MARK, *_framed(b"".join(names)), _little(numbers).tobytes()))


def read_table(content: bytes) -> dict[str, dict[GroupKey, PeerGroup]]:
    """Read what `table_bytes` wrote."""
    size = int.from_bytes(content[len(_MARK) : len(_MARK) + _LENGTH], "little")
    start = len(_MARK) + _LENGTH
    names = content[start : start + size]
    numbers = array(_WIDE)
    numbers.frombytes(content[start + size :])
    return dict(_inputs(names, _little(numbers)))


def table_digest(content: bytes) -> str:
    """Give the digest of a table's bytes."""
    return sha256(content).hexdigest()


def packed(content: bytes) -> bytes:
    """Make a table's bytes small; the digest is that of the bytes as they were."""
    return zlib.compress(content)


def unpacked(small: bytes) -> bytes:
    """Give the bytes back that `packed` was given."""
    return zlib.decompress(small)


# Private values and functions ---------------------------------------------------

_MARK: Final = b"SCPT1"
_LENGTH: Final = 8
_WIDE: Final = "q"


def _framed(names: bytes) -> tuple[bytes, bytes]:
    return len(names).to_bytes(_LENGTH, "little"), names


def _little(numbers: "array[int]") -> "array[int]":
    """Turn numbers between this machine's order of bytes and the little-endian one."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _inputs(names: bytes, numbers: "array[int]") -> Iterator[tuple[str, dict[GroupKey, PeerGroup]]]:
    place = name_start = 0
    while place < len(numbers):
        length, count = numbers[place : place + 2]
        name = names[name_start : name_start + length].decode()
        name_start += length
        place += 2
        groups: dict[GroupKey, PeerGroup] = {}
        for _ in range(count):
            width = numbers[place]
            key = tuple(numbers[place + 1 : place + 1 + width])
            size = numbers[place + 1 + width]
            first = place + 2 + width
            middle, place = first + size, first + 2 * size
            groups[key] = PeerGroup(numbers[first:middle], numbers[middle:place])
        yield name, groups
