"""The canonical encoding of entries and removals: what is kept, sent, and digested.

It is what Protocol Buffers write for ``safetycredit.scoring.v1.ListEntry`` and ``EntryRemoval``
when they write deterministically; list_entry.proto states it for whoever has no such library. It
is written out here because the store keeps it, and a store knows no generated code. A test holds
both ways of writing it together.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of, number_of
from services.scoring.domain.list_entry import EntryRemoval, ListEntry, ListKey, RemovalReason

LIST_ENTRY: Final = "l"
"""Letter of the identifiers of entries, as in ``l-100001``."""

LEFT_VIEW: Final = 5
"""Number on the wire of the reason that no decision gives: an entry left only a view."""


def entry_name(entry_id: int) -> str:
    """Write the identifier of an entry, for example ``l-100001``."""
    return name_of(LIST_ENTRY, entry_id)


def encode_entry(entry: ListEntry) -> bytes:
    """Write an entry.

    Source:
        list_entry.proto, message ListEntry.
    """
    return b"".join(_entry_parts(entry))


def encode_removal(removal: EntryRemoval) -> bytes:
    """Write a tombstone.

    Source:
        list_entry.proto, message EntryRemoval.
    """
    return b"".join(
        (
            _head(removal.entry_id, removal.list_key),
            _number(4, removal.reason),
            _text(_REMOVAL_DOCUMENT, removal.document_number),
            _day(6, removal.removal_date),
        )
    )


def encode_departure(entry_id: int, key: ListKey) -> bytes:
    """Write the tombstone of an entry that is still listed, but left a view of its list."""
    return _head(entry_id, key) + _number(4, LEFT_VIEW)


class Place(NamedTuple):
    """Where a change belongs, by its body.

    Attributes:
        entry_id: The entry.
        reason: Number of the reason of a removal; none for an entry.
        division: Division of an entry; none if unknown, or gone.
    """

    entry_id: int
    reason: int | None
    division: int | None


def place_of(body: bytes) -> Place | None:
    """Read where an encoded entry or removal belongs; nothing where that cannot be read."""
    try:
        values = _values(body, _DIVISION)
        entry_id = number_of(LIST_ENTRY, _decoded(values.get(1)))
        division = _decoded(values.get(_DIVISION))
        reason = values.get(_SUBJECT_OR_REASON)
        if entry_id is None:
            return None
        if isinstance(reason, int):
            return Place(entry_id, reason, None)
        return Place(entry_id, None, int(division) if division else None)
    except (IndexError, ValueError):
        return None


def texts_of(body: bytes) -> tuple[str, ...]:
    """Read what an encoded entry or removal says in words; nothing where that cannot be read."""
    try:
        values = _values(body, _BASIS)
        removed = isinstance(values.get(_SUBJECT_OR_REASON), int)
        numbers = (_REMOVAL_DOCUMENT,) if removed else (_DOCUMENT, _CAUSE, _BASIS)
        return tuple(_decoded(values.get(number)) for number in numbers)
    except (IndexError, ValueError):
        return ()


def is_removal(body: bytes) -> bool:
    """Say whether what is encoded is a removal, and no entry."""
    place = place_of(body)
    return place is not None and place.reason is not None


def is_of(body: bytes, entry_id: int) -> bool:
    """Say whether an encoded entry or removal, or the first bytes of one, is of an entry."""
    return body.startswith(_text(1, entry_name(entry_id)))


def is_in(entry: bytes, division: int | None) -> bool:
    """Say whether an encoded entry is in a division, or in none that is known."""
    # No text has such a byte as begins a division's, so nothing need be read to find it.
    if division is not None and _text(_DIVISION, f"{division:06}") in entry:
        return True
    place = place_of(entry)
    return place is not None and place.division == division


NAME_BYTES: Final = 24
"""So many first bytes of a body name its entry, whatever its number."""


def framed(entry: bytes) -> bytes:
    """Frame an encoded entry as an element of ``repeated ListEntry entries = 2``.

    Messages with many entries are made by joining such frames.
    """
    return _bytes(ENTRIES_FIELD, entry)


class FramesDamagedError(ValueError):
    """Bytes are no frames of entries, one after the other."""


def unframed(frames: bytes) -> Iterator[bytes]:
    """Give the entries of joined frames.

    Raises:
        FramesDamagedError: They are none from some place on.
    """
    place = 0
    while place < len(frames):
        if frames[place] != _BYTES_TAGS[ENTRIES_FIELD][0]:
            raise FramesDamagedError("a frame has another tag")
        size, place = _read_number(frames, place + 1)
        entry = frames[place : place + size]
        if len(entry) != size:
            raise FramesDamagedError("a frame ends too early")
        yield entry
        place += size


def removal_reason(number: int) -> RemovalReason | None:
    """Give the reason with a number; nothing for one that left only a view."""
    return None if number == LEFT_VIEW else RemovalReason(number)


ENTRIES_FIELD: Final = 2
"""Number of the field ``entries`` in every message of list_sync_service.proto that has one."""


# Private functions -----------------------------------------------------------

_NUMBER: Final = 0
_BYTES: Final = 2
_CONTINUED: Final = 0x80
_LOW_BITS: Final = 0x7F
_FIELDS: Final = 19
"""One more than the highest number of a field."""

_TAG_BITS: Final = 3
_TAG_KIND: Final = 7

_SUBJECT_OR_REASON: Final = 4
"""Number of a field that is a text in entries, and a number in removals."""

_REMOVAL_DOCUMENT: Final = 5
_DIVISION: Final = 8
_DOCUMENT: Final = 10
_CAUSE: Final = 15
_BASIS: Final = 16

_DAYS_KEPT: Final = 4096
"""Entries of one publication share most of their days."""


def _entry_parts(entry: ListEntry) -> Iterator[bytes]:
    yield _text(1, entry_name(entry.entry_id))
    yield _number(2, entry.list_key.kind)
    yield _number(3, entry.list_key.field)
    yield _text(4, name_of(PERSON if entry.person else ENTERPRISE, entry.subject_id))
    yield _text(5, entry.credit_code)
    yield _text(6, entry.name)
    yield _text(7, entry.identity_mask)
    yield _text(_DIVISION, "" if entry.division is None else f"{entry.division:06}")
    yield _text(9, entry.authority)
    yield _text(_DOCUMENT, entry.document_number)
    yield _day(11, entry.decision_date)
    yield _day(12, entry.start_date)
    if entry.end_date is not None:
        yield _day(13, entry.end_date)
    for rule_id in entry.rule_ids:
        yield _bytes(14, rule_id.encode())
    yield _text(_CAUSE, entry.cause)
    yield _text(_BASIS, entry.basis)
    for measure in entry.measures:
        yield _bytes(17, measure.encode())
    policy = (
        _text(1, entry.policy_id),
        _text(2, entry.policy_version),
        _text(3, entry.policy_digest),
    )
    yield _bytes(18, b"".join(policy))


def _head(entry_id: int, key: ListKey) -> bytes:
    return _text(1, entry_name(entry_id)) + _number(2, key.kind) + _number(3, key.field)


def _written(number: int) -> bytes:
    """Write a whole number, seven bits a byte, the lowest first."""
    written = bytearray()
    while number > _LOW_BITS:
        written.append(number & _LOW_BITS | _CONTINUED)
        number >>= 7
    written.append(number)
    return bytes(written)


def _read_number(written: bytes, place: int) -> tuple[int, int]:
    """Read a whole number; give it, and the place after it."""
    number = shift = 0
    while place < len(written):
        part = written[place]
        number |= (part & _LOW_BITS) << shift
        place, shift = place + 1, shift + 7
        if part <= _LOW_BITS:
            return number, place
    raise FramesDamagedError("a number ends too early")


def _values(body: bytes, last: int) -> dict[int, int | bytes]:
    """Read the first fields of a message, up to a number."""
    values: dict[int, int | bytes] = {}
    place = 0
    while place < len(body):
        tag, place = _read_number(body, place)
        field, kind = tag >> _TAG_BITS, tag & _TAG_KIND
        if field > last:
            break
        value, place = _read_number(body, place)
        if kind == _NUMBER:
            values[field] = value
        elif kind == _BYTES:
            values[field] = body[place : place + value]
            place += value
        else:
            raise FramesDamagedError("a field is of a kind that none is of")
    return values


def _decoded(value: int | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else ""


# Written once: an entry takes sixty such numbers, nearly all of them small.
_WRITTEN: Final = tuple(map(_written, range(2**11)))
_NUMBER_TAGS: Final = tuple(_written(field << 3 | _NUMBER) for field in range(_FIELDS))
_BYTES_TAGS: Final = tuple(_written(field << 3 | _BYTES) for field in range(_FIELDS))


def _varint(number: int) -> bytes:
    return _WRITTEN[number] if number < len(_WRITTEN) else _written(number)


def _number(field: int, number: int) -> bytes:
    return _NUMBER_TAGS[field] + _varint(number) if number else b""


def _bytes(field: int, value: bytes) -> bytes:
    return _BYTES_TAGS[field] + _varint(len(value)) + value


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode()) if text else b""


@lru_cache(_DAYS_KEPT)
def _day(field: int, day: date) -> bytes:
    return _bytes(field, _number(1, day.year) + _number(2, day.month) + _number(3, day.day))
