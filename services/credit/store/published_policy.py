"""A policy that the credit service applies: its file, joined by what was published of it.

What was published up to a revision of the store is law at that revision and at every later one, so
the versions of a revision never change, and an answer at a revision can always be given again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, bindparam, func, select, union_all

from models.policy_issuing import (
    PolicyParentRow,
    PolicyProposalFileRow,
    PolicyProposalRow,
    PolicyPublicationRow,
)
from models.store_state import StoreRow
from services.common.database import Database
from services.engine.building import compile_policy
from services.engine.extending import extend_policies
from services.engine.following import ended_early, followed
from services.engine.language import Policy, Version
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.vocabulary import Vocabulary

Law = TypeVar("Law")
"""What the versions of a policy say together."""


@dataclass(frozen=True, slots=True)
class LawVersion:
    """A version of a policy at some revision.

    Attributes:
        policy: Its policy, complete.
        version: The version, ended where the next begins.
        digest: Digest that answers name.
        plan: The version compiled.
    """

    policy: Policy
    version: Version
    digest: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Publication:
    """One file as published; names and digests of the versions that it added."""

    digests: Mapping[str, str]
    content: bytes
    parents: tuple[bytes, ...]
    revision: int


class PublishedPolicy(Generic[Law]):
    """What one policy says at each revision; shared by all threads."""

    def __init__(
        self,
        folder: Policy,
        vocabulary: Vocabulary,
        law_of: Callable[[Sequence[LawVersion]], Law],
        *,
        database: Database | None,
    ) -> None:
        """Know of no publication yet.

        Args:
            folder: The policy as its file says it.
            vocabulary: The words that its versions may use.
            law_of: Gives what versions by their start, without repeals, say together.
            database: Tells what was published, on connections of its own, for whoever asks may hold
                one of the others; none where nothing is ever published.

        Raises:
            PolicyRefusedError: The policy has problems.
        """
        self._folder = folder
        self._vocabulary = vocabulary
        self._law_of = law_of
        self._database = database
        self._lock = Lock()
        # Swapped as one: whoever reads it sees editions and laws that belong together.
        self._shelf: tuple[tuple[int, ...], tuple[Law, ...]] = (
            (0,),
            (self._law(self._of_folder()),),
        )
        self._known = 0

    def at(self, revision: int) -> Law:
        """Give what it says as published up to a revision.

        Args:
            revision: One that was committed, or a write's own, which publishes nothing.
        """
        if revision > self._known and self._database is not None:
            with self._lock:
                if revision > self._known:
                    self._learn(self._database)
        editions, laws = self._shelf
        return laws[bisect_right(editions, revision) - 1]

    # Private methods -------------------------------------------------------------

    def _learn(self, database: Database) -> None:
        """Look once, in one statement, whether anything was published; read it only then."""
        with database.read_once() as connection:
            known, edition = connection.execute(
                _EDITION, {"policy_id": self._folder.policy_id}
            ).one()
        if edition is not None and edition > self._shelf[0][-1]:
            with database.read() as transaction:
                found = list(_publications(transaction.connection, self._folder.policy_id))
                known = transaction.point.revision
            self._shelf = self._joined(found)
        self._known = known

    def _joined(self, published: Sequence[_Publication]) -> tuple[tuple[int, ...], tuple[Law, ...]]:
        """Put what was published, in its order, beside what the folder alone says."""
        names = {name for one in published for name in one.digests}
        law = self._of_folder(without=names)
        editions, found = [0], [self._law(law)]
        for one in published:
            policy = self._read(one, law)
            added = {
                version.version: (policy, version, one.digests[version.version])
                for version in policy.versions
                if version.version in one.digests
            }
            law = _followed({**{each[1].version: each for each in law}, **added}.values())
            editions.append(one.revision)
            found.append(self._law(law))
        return tuple(editions), tuple(found)

    def _of_folder(self, without: Iterable[str] = ()) -> list["_Version"]:
        """Give the folder's versions; what was published is no law before its publication."""
        policy = extend_policies([self._folder])[self._folder.policy_id]
        left = set(without)
        kept = [one for one in policy.versions if one.version not in left]
        return [(policy, one, policy.digest) for one in ended_early(kept)]

    def _read(self, published: _Publication, law: Sequence["_Version"]) -> Policy:
        """Read a published file, complete with what it extends."""
        files = {name: read_policy(content, name) for name, content in _named(published.parents)}

        def known(policy_id: str, name: str) -> tuple[Policy, Version] | None:
            for raw in files.values():
                if raw.policy_id == policy_id and any(one.version == name for one in raw.versions):
                    whole = extend_policies([raw], known)[policy_id]
                    return whole, next(one for one in whole.versions if one.version == name)
            same = (one for one in law if one[0].policy_id == policy_id and one[1].version == name)
            return next(((policy, version) for policy, version, _ in same), None)

        raw = read_policy(published.content, self._folder.file)
        return extend_policies([raw], known)[self._folder.policy_id]

    def _law(self, law: Sequence["_Version"]) -> Law:
        return self._law_of(
            [
                LawVersion(policy, one, digest, compile_policy(policy, one, self._vocabulary))
                for policy, one, digest in law
                if not one.repeal
            ]
        )


# Private functions, types and statements --------------------------------------

_Version = tuple[Policy, Version, str]

_EDITION: Final = select(
    select(StoreRow.revision).scalar_subquery(),
    select(func.max(PolicyPublicationRow.recorded_revision))
    .where(PolicyPublicationRow.policy_id == bindparam("policy_id"))
    .scalar_subquery(),
)


def _followed(law: Iterable[_Version]) -> list[_Version]:
    ordered = sorted(law, key=lambda one: one[1].start_date)
    versions = followed(version for _, version, _ in ordered)
    return [
        (policy, version, digest)
        for (policy, _, digest), version in zip(ordered, versions, strict=True)
    ]


def _named(contents: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for content in contents:
        yield sha256(content).hexdigest(), content


def _publications(connection: Connection, policy_id: str) -> Iterator[_Publication]:
    """Give what was published of a policy, in order."""
    files = union_all(
        *(
            select(row.proposal_id, row.content).where(row.policy_id == policy_id)
            for row in (PolicyProposalRow, PolicyProposalFileRow)
        )
    ).subquery()
    query = (
        select(
            PolicyPublicationRow.proposal_id,
            PolicyPublicationRow.version,
            PolicyPublicationRow.digest,
            PolicyPublicationRow.recorded_revision,
            files.c.content,
        )
        .join(files, files.c.proposal_id == PolicyPublicationRow.proposal_id)
        .where(PolicyPublicationRow.policy_id == policy_id)
        .order_by(PolicyPublicationRow.recorded_revision, PolicyPublicationRow.version)
    )
    together: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        together.setdefault(row.proposal_id, []).append(row)
    for proposal_id, rows in together.items():
        parents = (
            select(PolicyParentRow.content)
            .where(PolicyParentRow.proposal_id == proposal_id)
            .order_by(PolicyParentRow.digest)
        )
        yield _Publication(
            digests={row.version: row.digest for row in rows},
            content=bytes(rows[0].content),
            parents=tuple(bytes(one) for one in connection.execute(parents).scalars()),
            revision=rows[0].recorded_revision,
        )
