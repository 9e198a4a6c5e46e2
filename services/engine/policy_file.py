"""Reading a policy file: bytes in, a `Policy` out, or every problem with its place."""

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Final

from services.engine.digesting import version_digest
from services.engine.document import Entries, read_document
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.following import ended_early
from services.engine.language import Policy, Version
from services.engine.own_words import worded
from services.engine.version_file import VersionReader

KINDS: Final = (
    "grade",
    "list",
    "rate",
    "obligation",
    "supervision",
    "risk",
    "repair",
    "prevention",
    "definition",
)
"""Kinds of policies, in the order of their numbers on the wire, from 1."""

_POLICY_ID: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")


def read_policy(content: bytes, file: str) -> Policy:
    """Read one policy file.

    Args:
        content: Bytes of the file, UTF-8 YAML.
        file: Name for problems.

    Raises:
        PolicyRefusedError: The file breaks the language; carries every problem found. What is
            understood, and should not be written so, is no reason: the policy carries it.
    """
    root = read_document(content, file)
    reader = _PolicyReader(file)
    found: list[Policy] = []
    with reader.part():
        found.append(reader.policy(root, content))
    if reader.problems:
        raise PolicyRefusedError(reader.found)
    return found[0]


def objections_to(policy: Policy, versions: Iterable[Version]) -> tuple[Problem, ...]:
    """Give what should not be written so in the head of a policy's file and in versions of it."""
    names = dict.fromkeys(("", *(one.version for one in versions)))
    return tuple(one for name in names for one in policy.objections.get(name, ()))


# Private functions -----------------------------------------------------------


class _PolicyReader(VersionReader):
    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._inside: dict[str, list[Problem]] = {}

    def policy(self, root: Entries, content: bytes) -> Policy:
        self.known_keys(
            root,
            "policy",
            "kind",
            "list",
            "insurance",
            "insurer",
            "role",
            "title",
            "documentation",
            "field",
            "division",
            "versions",
        )
        policy_id = self.text(root, "policy")
        if not _POLICY_ID.fullmatch(policy_id):
            self.report(root.places["policy"], "policy-id", "use dotted lower-case words")
        field = self.text(root, "field")
        return Policy(
            policy_id=policy_id,
            kind=self.word(root, "kind", KINDS),
            title=self.wording(root, "title"),
            documentation=self.text(root, "documentation"),
            field="" if field == "all" else field,
            division=self._division(root),
            favourable=self._favourable(root),
            other_cover=self._other_cover(root),
            versions=self._versions(root),
            file=self.file,
            content=content,
            file_digest=sha256(content).hexdigest(),
            insurer=self._insurer(root),
            bounding=self._bounding(root),
            objections=self._objections(),
        )

    def _division(self, root: Entries) -> str:
        division = self.text(root, "division")
        if not re.fullmatch(r"\d{6}", division):
            self.report(root.places["division"], "division", 'use six digits in quotes, "110105"')
        return division

    def _favourable(self, root: Entries) -> bool:
        if root.get("kind") != "list":
            return False
        return self.word(root, "list", ("blacklist", "redlist")) == "redlist"

    def _other_cover(self, root: Entries) -> bool:
        if root.get("kind") != "rate":
            return False
        return self.word(root, "insurance", ("work_safety_liability", "work_injury")) != (
            "work_safety_liability"
        )

    def _insurer(self, root: Entries) -> str:
        if "insurer" not in root:
            return ""
        if root.get("kind") != "rate" or root.get("role") == "bounds":
            self.report(
                root.places["insurer"], "insurer", "only a rate plan is filed by an insurer"
            )
        return self.text(root, "insurer")

    def _bounding(self, root: Entries) -> bool:
        if "role" not in root:
            return False
        if root.get("kind") != "rate":
            self.report(root.places["role"], "role", "only a rate policy has a role")
        return self.word(root, "role", ("plan", "bounds")) == "bounds"

    def _versions(self, root: Entries) -> tuple[Version, ...]:
        items = self.items(root, "versions")
        found: list[Version] = []
        for item in items:
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(items.place, "syntax", "a version is a mapping")
                before = len(self.objections)
                version = replace(worded(self.version(item)), digest=version_digest(root, item))
                found.append(version)
                self._inside.setdefault(version.version, []).extend(self.objections[before:])
        return ended_early(sorted(found, key=lambda version: version.start_date))

    def _objections(self) -> dict[str, tuple[Problem, ...]]:
        """Give what should not be written so, by version; in the head under an empty name."""
        inside = {problem for problems in self._inside.values() for problem in problems}
        head = [problem for problem in self.objections if problem not in inside]
        return {name: tuple(found) for name, found in {"": head, **self._inside}.items() if found}
