"""The policies of a running program: those of its folder, joined by what is published.

What was published up to a revision of the store is law at that revision and at every later one, so
the library of a revision never changes, and an answer at a revision can always be given again.
Whoever answers takes the library of the revision that it reads at, once.
"""

from bisect import bisect_right
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Protocol

from services.common.tokens import StorePoint
from services.scoring.commands.peers.pinned_tables import PeerTables
from services.scoring.commands.peers.tabled_libraries import TabledLibraries
from services.scoring.commands.policies.policy_library import (
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Changes, FreshPoints


@dataclass(frozen=True, slots=True)
class Publication:
    """Policy files as published together.

    Attributes:
        proposal_id: The proposal that brought them.
        versions: Versions that they added: policy, name, and the digest that answers name.
        contents: Exact bytes of the files.
        revision: Revision that published them.
        parents: Exact bytes of the other files that they extend, as they were then.
        start_dates: Of each policy the first day of the earliest version that was added.
    """

    proposal_id: int
    versions: tuple[tuple[str, str, str], ...]
    contents: tuple[bytes, ...]
    revision: int
    parents: tuple[bytes, ...] = ()
    start_dates: Mapping[str, date] = field(default_factory=dict)


class Publications(Protocol):
    """Tells what was published."""

    def revision(self) -> int:
        """Give the revision of the store's last write, cheaply, from any thread."""
        ...

    def since(self, edition: int, *, at_least: int) -> tuple[Sequence[Publication], int]:
        """Give what was published after a revision, in order, and up to where that is all.

        Args:
            edition: Revision of the last publication known.
            at_least: Revision that the answer must have reached.
        """
        ...


class PublicationJoining(Protocol):
    """Puts published files into a library."""

    def without(self, library: PolicyLibrary, published: Sequence[Publication]) -> PolicyLibrary:
        """Give the library without the versions that were published.

        Raises:
            PolicyFolderDiffersError: The folder says something else under a published name.
        """
        ...

    def with_publication(self, library: PolicyLibrary, published: Publication) -> PolicyLibrary:
        """Give the library that a publication made of another."""
        ...


class LivePolicyLibrary(PolicyLibrary):
    """The policies as they are now; whoever asks several questions asks `now` or `at` first."""

    def __init__(
        self,
        folder: PolicyLibrary,
        publications: Publications,
        joining: PublicationJoining,
        tabled: TabledLibraries | None = None,
    ) -> None:
        """Know of no publication yet.

        Args:
            folder: The policies of the program's folder.
            publications: Tells what was published.
            joining: Puts it together.
            tabled: Gives libraries their tables of peers; none for no such tables.
        """
        super().__init__(folder.versions, digest=folder.words_digest)
        self._folder = folder
        self._publications = publications
        self._joining = joining
        self._tabled = tabled
        self._lock = Lock()
        self._published: list[Publication] = []
        # Swapped as one: whoever reads it sees editions and libraries that belong together.
        self._shelf: tuple[tuple[int, ...], tuple[PolicyLibrary, ...]] = ((0,), (folder,))
        self._known = -1

    def now(self) -> PolicyLibrary:
        """Give the policies as published up to the store's last write."""
        return self.at(self._publications.revision())

    def at(self, revision: int) -> PolicyLibrary:
        """Give the policies as published up to a revision of the store."""
        if revision > self._known:
            with self._lock:
                if revision > self._known:
                    self._learn(revision)
        editions, libraries = self._shelf
        library = libraries[bisect_right(editions, revision) - 1]
        return library if self._tabled is None else self._tabled.of(library, revision)

    @property
    def tables(self) -> PeerTables:
        """Give the tables of peers that places are read off."""
        return self.now().tables

    @property
    def ask_for_peers(self) -> bool:
        """Say whether any of them asks for a place among peers."""
        return self.now().ask_for_peers

    @property
    def edition(self) -> int:
        """Give the revision of the last publication."""
        return self.now().edition

    @property
    def digest(self) -> str:
        """Give the digest of all of them."""
        return self.now().digest

    @property
    def versions(self) -> tuple[CompiledVersion, ...]:
        """Give every version, by identifier of the policy and start."""
        return self.now().versions

    def of_policy(self, policy_id: str) -> tuple[CompiledVersion, ...]:
        """Give every version of a policy by its start."""
        return self.now().of_policy(policy_id)

    def find(self, policy_id: str, version: str) -> CompiledVersion | None:
        """Find one version by its name."""
        return self.now().find(policy_id, version)

    def named(self, kind: str, policy_id: str, *, version: str, as_of: date) -> PinnedVersion:
        """Find a version by name."""
        return self.now().named(kind, policy_id, version=version, as_of=as_of)

    def most_local(
        self, kind: str, *, field: int, division: int | None, as_of: date
    ) -> PinnedVersion:
        """Find the version that applies by itself in a place."""
        return self.now().most_local(kind, field=field, division=division, as_of=as_of)

    def applying(
        self, kind: str, *, field: int, division: int | None, as_of: date
    ) -> tuple[PinnedVersion, ...]:
        """Find every version that applies in a place."""
        return self.now().applying(kind, field=field, division=division, as_of=as_of)

    def listed(
        self, kind: str, *, field: int, division: int | None, as_of: date | None
    ) -> tuple[CompiledVersion, ...]:
        """List versions by identifier and start."""
        return self.now().listed(kind, field=field, division=division, as_of=as_of)

    def in_force_of_kind(self, kind: str, as_of: date) -> tuple[PinnedVersion, ...]:
        """Give every version of a kind that is in force on a day."""
        return self.now().in_force_of_kind(kind, as_of)

    def sound(self, one: CompiledVersion, as_of: date, until: date | None) -> PinnedVersion | None:
        """Give a version pinned on a day; nothing where this program cannot evaluate it."""
        return self.now().sound(one, as_of, until)

    def fixed(self, pinned: PinnedVersion, as_of: date) -> PinnedVersion:
        """Give the same version, whatever comes into force later, with its inputs of a day."""
        return self.now().fixed(pinned, as_of)

    # Private methods -------------------------------------------------------------

    def _learn(self, revision: int) -> None:
        found, known = self._publications.since(self._shelf[0][-1], at_least=revision)
        if found:
            self._join(found)
        self._known = known

    def _join(self, found: Sequence[Publication]) -> None:
        published = [*self._published, *found]
        base = self._joining.without(self._folder, published)
        editions, libraries = self._shelf
        if base is not libraries[0]:
            # The folder has a published version too, which was no law before its publication.
            editions, libraries, found = (0,), (base,), published
        for publication in found:
            library = self._joining.with_publication(libraries[-1], publication)
            editions, libraries = (*editions, publication.revision), (*libraries, library)
        self._published, self._shelf = published, (editions, libraries)


@dataclass(frozen=True, slots=True)
class PolicyPoints:
    """Tells where the store stands; what changes every answer is told apart.

    A publication does, and a table of peers; implements `FreshPoints`.

    Attributes:
        points: The store.
        library: The policies.
    """

    points: FreshPoints
    library: PolicyLibrary

    def fresh_point(self) -> Awaitable[StorePoint]:
        """Give a point that was read after the call began."""
        return self.points.fresh_point()

    def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Changes:
        """Give the subjects written about since a point; not one by one if policies changed."""
        changes = self.points.changes(since, at_least, limit=limit)
        if self.library.at(changes.point.revision).last_change > since.revision:
            return Changes(None, changes.point)
        return changes
