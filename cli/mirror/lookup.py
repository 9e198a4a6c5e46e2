"""Answers from a copy without a network: who is on the lists, and how old the copy is.

A copy answers about somebody only after every entry of it was held against its digests: of one who
is on a list, a damaged one might say that he is not. That takes some seconds a million.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError

from cli.errors import CliError
from cli.mirror.copy_file import (
    CopyOfSomethingElseError,
    CopyUnreadableError,
    is_copy,
    opened_to_read,
    readable,
)
from cli.mirror.feed import Mirrored
from cli.mirror.reading import (
    Held,
    agrees,
    read_confirm_time,
    read_contents,
    read_lists,
    read_notes,
    require_intact,
)
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from services.scoring.domain.identifiers import PERSON

_PERSON: Final = f"{PERSON}-"
_BODIES: Final = "SELECT body FROM entries"


class CopyMissingError(CliError):
    """There is no copy yet."""

    reason = "COPY_MISSING"


@dataclass(frozen=True, slots=True)
class Found:
    """What a copy says.

    Attributes:
        entries: Entries found of each subject, by credit code or identifier as it was asked for.
        related: Those of persons who are listed in the case of an enterprise, by its credit code,
            or its identifier where it is listed itself; they say nothing of the enterprise.
        lists: Where each list of the copy stands, by field.
        mirrored: Which lists those are.
        confirm_time: When the service last said that the copy is right.
    """

    entries: Mapping[str, Sequence[ListEntry]]
    related: Mapping[str, Sequence[ListEntry]]
    lists: Mapping[int, Held]
    mirrored: Mirrored
    confirm_time: datetime


def look_up(path: Path, *codes: str) -> Found:
    """Look subjects up, by credit code or identifier; none gives only where the copy stands.

    The entries are digested once, however many are asked for.

    Raises:
        CopyMissingError: There is no file.
        CopyOfSomethingElseError: The file is no copy.
        CopyUnreadableError: It is a damaged one.
        CopyUnwritableError: It cannot be opened.
        CopyInUseError: A mirror began to write just now.
    """
    with _snapshot(path) as connection:
        mirrored, held = read_lists(connection)
        confirm_time = read_confirm_time(read_notes(connection))
        bodies = _sound_bodies(connection, held, _naming(codes)) if codes else []
        entries = _entries(connection, codes, bodies)
    found: dict[str, list[ListEntry]] = {code: [] for code in codes}
    related: dict[str, list[ListEntry]] = {code: [] for code in codes}
    units = _units(codes, entries)
    for entry in entries:
        if entry.subject_id in found:
            found[entry.subject_id].append(entry)
        # A person's code is that of the enterprise in whose case he is listed.
        if _of_person(entry):
            for code in units.get(entry.credit_code, ()):
                related[code].append(entry)
        elif entry.credit_code in found:
            found[entry.credit_code].append(entry)
    return Found(found, related, held, mirrored, confirm_time)


def verify(path: Path) -> None:
    """Hold every entry of a copy, and the file itself, against what they should be.

    Raises:
        CopyUnreadableError: Something is not what it should be.
        CliError: The copy cannot be looked up, as with `look_up`.
    """
    with _snapshot(path) as connection:
        require_intact(connection)
        _, held = read_lists(connection)
        _sound_bodies(connection, held, None)


# Private functions -----------------------------------------------------------


def _entries(
    connection: sqlite3.Connection, codes: Collection[str], bodies: Sequence[bytes]
) -> Sequence[ListEntry]:
    """Read the entries that answer, in order, and those of persons in the cases of enterprises.

    Args:
        connection: The copy, whose entries were held against its digests.
        codes: What was asked for.
        bodies: What names it.
    """
    found = list(map(ListEntry.FromString, bodies))
    # A person's entry has the code of the enterprise, and not its identifier.
    others = _units(codes, found).keys() - set(codes)
    if others:
        wanted = _naming(others)
        more = {body for (body,) in connection.execute(_BODIES) if wanted(body)}
        found += map(ListEntry.FromString, more.difference(bodies))
    return sorted(found, key=lambda entry: entry.entry_id)


def _units(codes: Collection[str], entries: Iterable[ListEntry]) -> dict[str, set[str]]:
    """Say, by credit code, how each enterprise was asked for that may have persons listed."""
    units = {code: {code} for code in codes}
    for entry in entries:
        if entry.subject_id in codes and entry.credit_code and not _of_person(entry):
            units.setdefault(entry.credit_code, set()).add(entry.subject_id)
    return units


def _of_person(entry: ListEntry) -> bool:
    return entry.subject_id.startswith(_PERSON)


@contextmanager
def _snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy as it stands at one moment, also while a mirror applies changes."""
    try:
        with readable(path):
            if not path.exists():
                raise CopyMissingError(
                    f"there is no copy at {path}",
                    advice=f"Make one with: safetycredit mirror run --to {path} --once",
                )
            if not is_copy(path):
                raise CopyOfSomethingElseError(
                    f"{path} is no copy of the lists",
                    advice="Name the file that `safetycredit mirror run` keeps.",
                    path=path,
                )
            with opened_to_read(path) as connection:
                connection.execute("BEGIN")
                yield connection
    except CopyUnreadableError as error:
        raise CopyUnreadableError(
            error.message,
            advice="Start `safetycredit mirror run`, anew if it is running: it repairs the copy.",
            path=path,
        ) from error


def _naming(codes: Collection[str]) -> Callable[[bytes], bool]:
    """Say which bodies may be about some subjects: what names one, or is about one."""
    wanted = set(codes)
    if len(wanted) == 1:
        # To look for one name is quicker than to read a body; to look for two is not.
        name = wanted.pop().encode()
        return lambda body: name in body

    def about(body: bytes) -> bool:
        try:
            entry = ListEntry.FromString(body)
        except DecodeError:
            # That it is damaged the digests tell.
            return False
        return entry.credit_code in wanted or entry.subject_id in wanted

    return about


def _sound_bodies(
    connection: sqlite3.Connection,
    held: Mapping[int, Held],
    wanted: Callable[[bytes], bool] | None,
) -> Sequence[bytes]:
    """Give the entries that are wanted, if every entry is what was published."""
    contents = read_contents(connection, held, wanted=wanted)
    trees = {field: DigestTree.of(leaves) for field, leaves in contents.leaves.items()}
    if not agrees(held, trees):
        raise CopyUnreadableError("it does not hold what was published")
    return contents.bodies
