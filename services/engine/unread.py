"""A version whose file cannot be read any more: its days, as far as anybody can tell them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from services.engine.document import Entries, Items, read_document
from services.engine.errors import PolicyRefusedError
from services.engine.language import Ending, Every, Source, Version


def readable_roots(contents: Iterable[bytes]) -> Iterator[tuple[str, Entries]]:
    """Give the documents that are any, each by the policy that it names."""
    for content in contents:
        try:
            root = read_document(content, "")
        except PolicyRefusedError:
            continue
        yield str(root.get("policy")), root


def unread_version(
    name: str, root: Entries | None, *, start_date: date, existing: Collection[Version], digest: str
) -> Version:
    """Give the days of a version: those of its file, or from the first known of the policy on.

    Args:
        name: The version.
        root: Its document; none where it is no document.
        start_date: The first day known of what was published with it.
        existing: The versions of the policy before it; it ends the one that would be in force
            beside it, for it may have said so.
        digest: What answers name it by.
    """
    days = _days(name, root, start_date)
    return replace(days, ends=_ending(days, existing), digest=digest)


# Private functions -----------------------------------------------------------

_NO_SOURCE: Final = Source("", "", "", None, None, None, "assumed")
_TOP: Final = (1, 1)


def _days(name: str, root: Entries | None, start_date: date) -> Version:
    end_date: date | None = None
    versions = Items(_TOP) if root is None else root.get("versions")
    for item in versions if isinstance(versions, Items) else ():
        if isinstance(item, Entries) and item.get("version") == name:
            start, end = item.get("start_date"), item.get("end_date")
            start_date = start if isinstance(start, date) else start_date
            end_date = end if isinstance(end, date) else None
    return Version(
        version=name,
        start_date=start_date,
        end_date=end_date,
        source=_NO_SOURCE,
        applies=Every(()),
        written_end=end_date,
    )


def _ending(days: Version, existing: Collection[Version]) -> Ending | None:
    beside = (one for one in existing if _in_force(one, days.start_date))
    ended = next((one.version for one in beside if one.version != days.version), None)
    if ended is None:
        return None
    return Ending(version=ended, repeal=False, source=_NO_SOURCE, place=_TOP)


def _in_force(version: Version, day: date) -> bool:
    begun = not version.repeal and version.start_date <= day
    return begun and (version.end_date is None or day < version.end_date)
