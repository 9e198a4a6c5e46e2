"""A policy that the credit service applies: its file, joined by what was published of it.

What was published up to a revision of the store is law at that revision and at every later one, so
the versions of a revision never change, and an answer at a revision can always be given again. A
version that this program cannot read or compile has its days, and is refused alone, when asked.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from threading import Lock
from typing import Any, Final, Generic, TypeVar

import structlog
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
from services.engine.days import day_number
from services.engine.errors import NumberTooLargeError, PolicyRefusedError, PolicyUnusableError
from services.engine.evaluation import Evaluation
from services.engine.extending import extend_policies
from services.engine.following import ended_early, followed
from services.engine.language import Policy, Version
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import Population
from services.engine.unread import readable_roots, unread_version
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
        found: The version compiled, or why it cannot be read or compiled.
    """

    policy: Policy
    version: Version
    digest: str
    found: Plan | PolicyRefusedError

    @property
    def plan(self) -> Plan:
        """Give the version compiled.

        Raises:
            PolicyUnusableError: This program cannot read or compile it.
        """
        if isinstance(self.found, PolicyRefusedError):
            fault = "; ".join(str(one) for one in self.found.problems[:3])
            raise self.unusable(fault) from self.found
        return self.found

    def run(self, population: Population, day: date, inputs: Mapping[str, int]) -> Evaluation:
        """Evaluate it as of a day, with those of the inputs that it takes.

        Raises:
            PolicyUnusableError: It cannot be read, compiled or worked out.
        """
        plan = self.plan
        taken = {name: one for name, one in inputs.items() if name in plan.version.inputs}
        try:
            return plan.run(population, day_number(day), taken)
        except NumberTooLargeError as error:
            raise self.unusable(error.message) from error

    def unusable(self, fault: str) -> PolicyUnusableError:
        """Give the refusal of a version that cannot be applied, with what is the matter."""
        return PolicyUnusableError.of(self.policy.policy_id, self.version.version, fault)


@dataclass(frozen=True, slots=True)
class _Publication:
    """One file as published; names and digests of the versions that it added."""

    digests: Mapping[str, str]
    content: bytes
    parents: tuple[bytes, ...]
    revision: int
    start_date: date


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
        versions = self._compiled(self._of_folder())
        for one in versions:
            if isinstance(one.found, PolicyRefusedError):
                raise one.found
        # Swapped as one: whoever reads it sees editions and laws that belong together.
        self._shelf: tuple[tuple[int, ...], tuple[Law, ...]] = ((0,), (law_of(versions),))
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
        compiled = self._compiled(law)
        editions, found = [0], [self._law_of(compiled)]
        for one in published:
            added = {each[1].version: each for each in self._added(one, law)}
            law = _followed({**{each[1].version: each for each in law}, **added}.values())
            compiled = self._compiled(law)
            editions.append(one.revision)
            found.append(self._law_of(compiled))
        _tell(compiled)
        return tuple(editions), tuple(found)

    def _of_folder(self, without: Iterable[str] = ()) -> list["_Version"]:
        """Give the folder's versions; what was published is no law before its publication."""
        policy = extend_policies([self._folder])[self._folder.policy_id]
        left = set(without)
        kept = [one for one in policy.versions if one.version not in left]
        return [(policy, one, one.digest, None) for one in ended_early(kept)]

    def _added(self, published: _Publication, law: Sequence["_Version"]) -> list["_Version"]:
        """Give the versions of a publication; of a file that cannot be read, their days."""
        digests = published.digests
        try:
            policy = self._read(published, law)
        except PolicyRefusedError as refused:
            root = dict(readable_roots([published.content])).get(self._folder.policy_id)
            existing = [version for _, version, _, _ in law]
            return [
                (
                    self._folder,
                    unread_version(
                        name,
                        root,
                        start_date=published.start_date,
                        existing=existing,
                        digest=digest,
                    ),
                    digest,
                    refused,
                )
                for name, digest in digests.items()
            ]
        return [
            (policy, one, digests[one.version], None)
            for one in policy.versions
            if one.version in digests
        ]

    def _read(self, published: _Publication, law: Sequence["_Version"]) -> Policy:
        """Read a published file, complete with what it extends."""
        files = {name: read_policy(content, name) for name, content in _named(published.parents)}

        def known(policy_id: str, name: str) -> tuple[Policy, Version] | None:
            for raw in files.values():
                if raw.policy_id == policy_id and any(one.version == name for one in raw.versions):
                    whole = extend_policies([raw], known)[policy_id]
                    return whole, next(one for one in whole.versions if one.version == name)
            same = (one for one in law if one[0].policy_id == policy_id and one[1].version == name)
            return next(
                ((policy, version) for policy, version, _, refused in same if refused is None), None
            )

        raw = read_policy(published.content, self._folder.file)
        return extend_policies([raw], known)[self._folder.policy_id]

    def _compiled(self, law: Iterable["_Version"]) -> list[LawVersion]:
        return [
            LawVersion(policy, one, digest, refused or self._plan(policy, one))
            for policy, one, digest, refused in law
            if not one.repeal
        ]

    def _plan(self, policy: Policy, version: Version) -> Plan | PolicyRefusedError:
        try:
            return compile_policy(policy, version, self._vocabulary)
        except PolicyRefusedError as refused:
            return refused


# Private functions, types and statements --------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_Version = tuple[Policy, Version, str, PolicyRefusedError | None]

_EDITION: Final = select(
    select(StoreRow.revision).scalar_subquery(),
    select(func.max(PolicyPublicationRow.recorded_revision))
    .where(PolicyPublicationRow.policy_id == bindparam("policy_id"))
    .scalar_subquery(),
)


def _followed(law: Iterable[_Version]) -> list[_Version]:
    ordered = sorted(law, key=lambda one: one[1].start_date)
    versions = followed(version for _, version, _, _ in ordered)
    return [
        (policy, version, digest, refused)
        for (policy, _, digest, refused), version in zip(ordered, versions, strict=True)
    ]


def _tell(versions: Iterable[LawVersion]) -> None:
    """Tell the log of versions that cannot be applied, whatever else can."""
    for one in versions:
        if isinstance(one.found, PolicyRefusedError):
            for problem in one.found.problems:
                _log.warning(
                    "published_law_unusable",
                    policy_id=one.policy.policy_id,
                    version=one.version.version,
                    line=problem.line,
                    column=problem.column,
                    code=problem.code,
                )


def _named(contents: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for content in contents:
        yield sha256(content).hexdigest(), content


def _publications(connection: Connection, policy_id: str) -> Iterator[_Publication]:
    """Give what was published of a policy, in order."""
    files = union_all(
        *(
            select(row.proposal_id, row.content, row.start_date).where(row.policy_id == policy_id)
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
            files.c.start_date,
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
            start_date=rows[0].start_date,
        )
