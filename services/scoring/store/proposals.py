"""Proposals, their steps and publications on the tables: rows are added, none is ever changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Table, func, insert, or_, select

from models.policy_issuing import (
    PolicyParentRow,
    PolicyProposalFileRow,
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
    PolicyBytes,
    ProposalFilter,
    PublishedVersion,
)
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import CompiledVersion
from services.scoring.commands.policies.recorded_levels import RecordedAccident
from services.scoring.domain.proposal import Proposal, ProposedFile, Step, StepKind
from services.scoring.store.columns import table_of
from services.scoring.store.recorded_accidents import accidents_since

_PROPOSALS: Final = table_of(PolicyProposalRow)
_FILES: Final = table_of(PolicyProposalFileRow)
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

    def content(self, proposal_id: int) -> tuple[PolicyBytes, ...]:
        """Get the bytes of one, file by file; nothing if there is no such one."""
        rows = _contents(self._connection, proposal_id)
        return tuple(PolicyBytes(bytes(row.content), bytes(row.cases)) for row in rows)

    def listed(self, wanted: ProposalFilter, revision: int) -> Sequence[Proposal]:
        """List them, the latest first."""
        query = _proposals(revision).order_by(_PROPOSALS.c.proposal_id.desc())
        if wanted.policy_id:
            query = query.where(
                or_(
                    _PROPOSALS.c.policy_id == wanted.policy_id,
                    _PROPOSALS.c.proposal_id.in_(
                        select(_FILES.c.proposal_id).where(_FILES.c.policy_id == wanted.policy_id)
                    ),
                )
            )
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
            .order_by(_PUBLISHED.c.recorded_revision, _PUBLISHED.c.policy_id, _PUBLISHED.c.version)
        )
        return [PublishedVersion(**row) for row in rows.mappings()]

    # Private methods -------------------------------------------------------------

    def _read(self, query: Any, revision: int) -> list[Proposal]:  # noqa: ANN401 -- a select of many columns.
        rows = self._connection.execute(query).all()
        numbers = [row.proposal_id for row in rows]
        steps = self._steps(numbers, revision)
        further = self._further(numbers)
        return [
            Proposal(
                proposal_id=row.proposal_id,
                files=(_file(row), *further.get(row.proposal_id, ())),
                steps=steps.get(row.proposal_id, ()),
            )
            for row in rows
        ]

    def _further(self, numbers: Sequence[int]) -> Mapping[int, tuple[ProposedFile, ...]]:
        if not numbers:
            return {}
        rows = self._connection.execute(
            select(_FILES.c.proposal_id, *_described(_FILES))
            .where(_FILES.c.proposal_id.in_(numbers))
            .order_by(_FILES.c.position)
        )
        found: dict[int, tuple[ProposedFile, ...]] = {}
        for row in rows:
            found[row.proposal_id] = (*found.get(row.proposal_id, ()), _file(row))
        return found

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

    def accidents_since(self, day: date) -> Sequence[RecordedAccident]:
        """Read the accidents on record of a day and later ones."""
        return accidents_since(self._connection, day)

    def propose(self, proposal: Proposal, files: Sequence[PolicyBytes]) -> Proposal:
        """Add a proposal with its first step."""
        added = replace(proposal, proposal_id=self.new_id())
        rows = [
            {"proposal_id": added.proposal_id, **_file_row(file, bytes_)}
            for file, bytes_ in zip(added.files, files, strict=True)
        ]
        self._connection.execute(
            insert(_PROPOSALS).values(**rows[0], recorded_revision=self.point.revision)
        )
        for position, row in enumerate(rows[1:], start=2):
            self._connection.execute(insert(_FILES).values(**row, position=position))
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
                    digest=one.digest,
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
).order_by(
    _PUBLISHED.c.recorded_revision,
    _PUBLISHED.c.proposal_id,
    _PUBLISHED.c.policy_id,
    _PUBLISHED.c.version,
)

_DESCRIBED: Final = (
    "policy_id",
    "versions",
    "digest",
    "title_zh",
    "title_en",
    "division",
    "field",
    "start_date",
)


def _described(table: Table) -> list[Column[Any]]:
    """Give the columns that describe a file."""
    return [table.c[name] for name in _DESCRIBED]


def _proposals(revision: int) -> Any:  # noqa: ANN401 -- a select of many columns.
    return select(_PROPOSALS.c.proposal_id, *_described(_PROPOSALS)).where(
        _PROPOSALS.c.recorded_revision <= revision
    )


def _file(row: Row[Any]) -> ProposedFile:
    values = {name: getattr(row, name) for name in _DESCRIBED}
    return ProposedFile(**{**values, "versions": tuple(json.loads(row.versions))})


def _file_row(file: ProposedFile, bytes_: PolicyBytes) -> dict[str, Any]:
    values = {name: getattr(file, name) for name in _DESCRIBED}
    versions = json.dumps(file.versions, ensure_ascii=False)
    return {**values, "versions": versions, "content": bytes_.content, "cases": bytes_.cases}


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
    """Put the versions of one proposal together, with its bytes."""
    found: dict[int, Publication] = {}
    for row in rows:
        before = found.get(row.proposal_id)
        if before is None:
            before = Publication(
                proposal_id=row.proposal_id,
                versions=(),
                contents=tuple(
                    bytes(file.content) for file in _contents(connection, row.proposal_id)
                ),
                revision=row.recorded_revision,
                parents=_parents(connection, row.proposal_id),
                start_dates=_start_dates(connection, row.proposal_id),
            )
        versions = (*before.versions, (row.policy_id, row.version, row.digest))
        found[row.proposal_id] = replace(before, versions=versions)
    return list(found.values())


def _contents(connection: Connection, proposal_id: int) -> Sequence[Row[Any]]:
    """Read the bytes of a proposal's files, in order."""
    first = select(_PROPOSALS.c.content, _PROPOSALS.c.cases).where(
        _PROPOSALS.c.proposal_id == proposal_id
    )
    further = (
        select(_FILES.c.content, _FILES.c.cases)
        .where(_FILES.c.proposal_id == proposal_id)
        .order_by(_FILES.c.position)
    )
    return [*connection.execute(first), *connection.execute(further)]


def _start_dates(connection: Connection, proposal_id: int) -> dict[str, date]:
    """Read from which day on a proposal has law, policy by policy."""
    rows = (
        connection.execute(
            select(table.c.policy_id, table.c.start_date).where(table.c.proposal_id == proposal_id)
        )
        for table in (_PROPOSALS, _FILES)
    )
    return {row.policy_id: row.start_date for found in rows for row in found}


def _parents(connection: Connection, proposal_id: int) -> tuple[bytes, ...]:
    query = (
        select(_PARENTS.c.content)
        .where(_PARENTS.c.proposal_id == proposal_id)
        .order_by(_PARENTS.c.digest)
    )
    return tuple(bytes(content) for content in connection.execute(query).scalars())
