"""Proposals, their steps and publications on the tables: rows are added, none is ever changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from models.policy_issuing import (
    PolicyParentRow,
    PolicyProposalRow,
    PolicyProposalStepRow,
    PolicyPublicationRow,
)
from models.store_state import RevisionRow
from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.policies.issuing_ports import (
    ProposalContent,
    ProposalFilter,
    PublishedVersion,
)
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.domain.proposal import Proposal, Step, StepKind
from services.scoring.store.columns import table_of

_PROPOSALS: Final = table_of(PolicyProposalRow)
_STEPS: Final = table_of(PolicyProposalStepRow)
_PUBLISHED: Final = table_of(PolicyPublicationRow)
_PARENTS: Final = table_of(PolicyParentRow)
_REVISIONS: Final = table_of(RevisionRow)


class SqlProposals:
    """Reads proposals; implements `ProposalReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def get(self, proposal_id: int, revision: int) -> Proposal | None:
        """Get one; none if it was not known."""
        query = _proposals(revision).where(_PROPOSALS.c.proposal_id == proposal_id)
        return next(iter(self._read(query, revision)), None)

    def content(self, proposal_id: int) -> ProposalContent | None:
        """Get the bytes of one."""
        row = self._connection.execute(
            select(_PROPOSALS.c.content, _PROPOSALS.c.cases).where(
                _PROPOSALS.c.proposal_id == proposal_id
            )
        ).one_or_none()
        return None if row is None else ProposalContent(bytes(row.content), bytes(row.cases))

    def listed(self, wanted: ProposalFilter, revision: int) -> Sequence[Proposal]:
        """List them, the latest first."""
        query = _proposals(revision).order_by(_PROPOSALS.c.proposal_id.desc())
        if wanted.policy_id:
            query = query.where(_PROPOSALS.c.policy_id == wanted.policy_id)
        if wanted.before is not None:
            query = query.where(_PROPOSALS.c.proposal_id < wanted.before)
        if wanted.limit is not None:
            query = query.limit(wanted.limit)
        return self._read(query, revision)

    def published(self, revision: int) -> Sequence[PublishedVersion]:
        """List every version published, in the order of publication."""
        rows = self._connection.execute(
            select(
                _PUBLISHED.c.policy_id,
                _PUBLISHED.c.version,
                _PUBLISHED.c.digest,
                _PUBLISHED.c.proposal_id,
                _PUBLISHED.c.recorded_revision.label("revision"),
                _REVISIONS.c.recorded_time,
            )
            .join(_REVISIONS, _REVISIONS.c.revision == _PUBLISHED.c.recorded_revision)
            .where(_PUBLISHED.c.recorded_revision <= revision)
            .order_by(_PUBLISHED.c.recorded_revision, _PUBLISHED.c.version)
        )
        return [PublishedVersion(**row) for row in rows.mappings()]

    # Private methods -------------------------------------------------------------

    def _read(self, query: Any, revision: int) -> list[Proposal]:  # noqa: ANN401 -- a select of many columns.
        rows = self._connection.execute(query).all()
        steps = self._steps([row.proposal_id for row in rows], revision)
        return [_proposal(row, steps.get(row.proposal_id, ())) for row in rows]

    def _steps(self, numbers: Sequence[int], revision: int) -> Mapping[int, tuple[Step, ...]]:
        if not numbers:
            return {}
        rows = self._connection.execute(
            select(
                _STEPS.c.proposal_id,
                _STEPS.c.kind,
                _STEPS.c.caller,
                _STEPS.c.authority,
                _STEPS.c.document_number,
                _STEPS.c.note,
                _STEPS.c.recorded_revision,
                _REVISIONS.c.recorded_time,
            )
            .join(_REVISIONS, _REVISIONS.c.revision == _STEPS.c.recorded_revision)
            .where(_STEPS.c.proposal_id.in_(numbers), _STEPS.c.recorded_revision <= revision)
            .order_by(_STEPS.c.step_id)
        )
        found: dict[int, tuple[Step, ...]] = {}
        for row in rows:
            found[row.proposal_id] = (*found.get(row.proposal_id, ()), _step(row))
        return found


class SqlProposalReading:
    """A consistent snapshot; implements `ProposalReading`."""

    def __init__(self, transaction: ReadTransaction) -> None:
        """Read in a transaction."""
        self._transaction = transaction
        self.proposals = SqlProposals(transaction.connection)

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        return self._transaction.point

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        return self._transaction.revision_at(known_at)


class SqlProposalWriting(OnceTransaction):
    """A write transaction; implements `ProposalWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self._connection = transaction.connection
        self.proposals = SqlProposals(transaction.connection)

    def edition(self) -> int:
        """Give the revision of the last publication; 0 if there was none."""
        return self._connection.execute(_LAST_EDITION).scalar() or 0

    def propose(self, proposal: Proposal, bytes_: ProposalContent) -> Proposal:
        """Add a proposal with its first step."""
        added = replace(proposal, proposal_id=self.new_id())
        self._connection.execute(
            insert(_PROPOSALS).values(
                proposal_id=added.proposal_id,
                policy_id=added.policy_id,
                versions=json.dumps(added.versions, ensure_ascii=False),
                digest=added.digest,
                content=bytes_.content,
                cases=bytes_.cases,
                title_zh=added.title_zh,
                title_en=added.title_en,
                division=added.division,
                field=added.field,
                start_date=added.start_date,
                recorded_revision=self.point.revision,
            )
        )
        for step in added.steps:
            self.add_step(added.proposal_id, step)
        return added

    def add_step(self, proposal_id: int, step: Step) -> None:
        """Add a step."""
        self._connection.execute(
            insert(_STEPS).values(
                step_id=self.new_id(),
                proposal_id=proposal_id,
                kind=int(step.kind),
                caller=step.caller,
                authority=step.authority,
                document_number=step.document_number,
                note=step.note,
                recorded_revision=self.point.revision,
            )
        )

    def publish(
        self, proposal_id: int, versions: Sequence[CompiledVersion], *, parents: Sequence[bytes]
    ) -> None:
        """Add published versions, with the files that they extend."""
        for one in versions:
            self._connection.execute(
                insert(_PUBLISHED).values(
                    policy_id=one.policy.policy_id,
                    version=one.version.version,
                    proposal_id=proposal_id,
                    digest=one.policy.digest,
                    recorded_revision=self.point.revision,
                )
            )
        for content in parents:
            self._connection.execute(
                insert(_PARENTS).values(
                    proposal_id=proposal_id, digest=sha256(content).hexdigest(), content=content
                )
            )


@dataclass(frozen=True, slots=True)
class SqlProposalStore:
    """The store of proposals; implements `ProposalStore`.

    Attributes:
        database: The database.
    """

    database: Database

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlProposalReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlProposalReading(transaction)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlProposalWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlProposalWriting(transaction)


@dataclass(frozen=True, slots=True)
class SqlPublications:
    """Tells what was published; implements `Publications`.

    Attributes:
        database: Connections of its own: whoever asks may hold one of the others.
    """

    database: Database

    def revision(self) -> int:
        """Give the revision of the store's last write."""
        return self.database.point().revision

    def since(self, edition: int, *, at_least: int) -> tuple[Sequence[Publication], int]:
        """Give what was published after a revision, in order, and up to where that is all."""
        token = StoreToken(self.database.point().store_id, at_least)
        with self.database.read(at_least=token) as transaction:
            connection = transaction.connection
            rows = connection.execute(_SINCE.where(_PUBLISHED.c.recorded_revision > edition)).all()
            return _publications(connection, rows), transaction.point.revision


# Private functions and statements ---------------------------------------------

_LAST_EDITION: Final = select(func.max(_PUBLISHED.c.recorded_revision))
_SINCE: Final = select(
    _PUBLISHED.c.proposal_id,
    _PUBLISHED.c.policy_id,
    _PUBLISHED.c.version,
    _PUBLISHED.c.digest,
    _PUBLISHED.c.recorded_revision,
).order_by(_PUBLISHED.c.recorded_revision, _PUBLISHED.c.proposal_id, _PUBLISHED.c.version)


def _proposals(revision: int) -> Any:  # noqa: ANN401 -- a select of many columns.
    return select(
        _PROPOSALS.c.proposal_id,
        _PROPOSALS.c.policy_id,
        _PROPOSALS.c.versions,
        _PROPOSALS.c.digest,
        _PROPOSALS.c.title_zh,
        _PROPOSALS.c.title_en,
        _PROPOSALS.c.division,
        _PROPOSALS.c.field,
        _PROPOSALS.c.start_date,
    ).where(_PROPOSALS.c.recorded_revision <= revision)


def _proposal(row: Row[Any], steps: tuple[Step, ...]) -> Proposal:
    return Proposal(
        proposal_id=row.proposal_id,
        policy_id=row.policy_id,
        versions=tuple(json.loads(row.versions)),
        digest=row.digest,
        title_zh=row.title_zh,
        title_en=row.title_en,
        division=row.division,
        field=row.field,
        start_date=row.start_date,
        steps=steps,
    )


def _step(row: Any) -> Step:  # noqa: ANN401 -- a row of many columns.
    return Step(
        kind=StepKind(row.kind),
        caller=row.caller,
        authority=row.authority,
        document_number=row.document_number,
        note=row.note,
        revision=row.recorded_revision,
        recorded_time=row.recorded_time,
    )


def _publications(connection: Connection, rows: Sequence[Any]) -> list[Publication]:
    """Put versions of one proposal together, with its bytes."""
    found: dict[int, Publication] = {}
    for row in rows:
        before = found.get(row.proposal_id)
        if before is None:
            before = Publication(
                proposal_id=row.proposal_id,
                policy_id=row.policy_id,
                versions=(),
                content=_content(connection, row.proposal_id),
                revision=row.recorded_revision,
                parents=_parents(connection, row.proposal_id),
            )
        versions = (*before.versions, (row.version, row.digest))
        found[row.proposal_id] = replace(before, versions=versions)
    return list(found.values())


def _content(connection: Connection, proposal_id: int) -> bytes:
    query = select(_PROPOSALS.c.content).where(_PROPOSALS.c.proposal_id == proposal_id)
    return bytes(connection.execute(query).scalar_one())


def _parents(connection: Connection, proposal_id: int) -> tuple[bytes, ...]:
    query = (
        select(_PARENTS.c.content)
        .where(_PARENTS.c.proposal_id == proposal_id)
        .order_by(_PARENTS.c.digest)
    )
    return tuple(bytes(content) for content in connection.execute(query).scalars())
