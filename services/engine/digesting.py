"""What names a version: a digest of what it says, whatever else stands in its file.

A file changes without the law changing: a later version is added, a comment is put right, entries
are moved about. None of that may change the bytes of an answer that was given before, so answers
name versions by their own content. It is taken from the document, not from what this program makes
of it, so that a later program gives the same digest to the same law.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from services.engine.document import Entries, Items, Scalar

_HEAD: Final = ("policy", "kind", "list", "insurance", "insurer", "role", "field", "division")
"""What the head of a file decides: what the policy is, for whom and where. No title does."""

_NOT_OF_THE_VERSION: Final = ("end_date",)


def version_digest(head: Entries, version: Entries) -> str:
    """Digest what one version of a file says; hexadecimal.

    Its last day is left out. A version that has none gets one when its successor is written below
    it, and says the same as before on every day on which it was in force; so does one whose term
    is prolonged or cut short. Up to when an answer holds is said by the answer itself.

    Args:
        head: The file's root.
        version: The version, as it stands in the file.
    """
    said = [[key, _plain(head[key])] for key in _HEAD if key in head]
    own = [[key, _plain(version[key])] for key in sorted(version) if key not in _NOT_OF_THE_VERSION]
    return _digest([said, own])


def extending_digest(own: str, above: Sequence[str]) -> str:
    """Digest a version together with those that it extends.

    Args:
        own: Digest of what it says itself.
        above: Digests of what it extends, each with what that extends, in the order of the file.
    """
    return _digest([own, *above])


# Private functions -----------------------------------------------------------


def _plain(part: Scalar | Items | Entries) -> list[object]:
    """Write a part so that only equal ones are written alike; the order of keys says nothing."""
    if isinstance(part, Entries):
        return ["entries", *([key, _plain(part[key])] for key in sorted(part))]
    if isinstance(part, Items):
        return ["items", *map(_plain, part)]
    return [type(part).__name__, str(part)]


def _digest(content: list[object]) -> str:
    return sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
