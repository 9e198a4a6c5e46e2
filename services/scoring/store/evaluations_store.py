"""Evaluations of insurers on the tables, and a store that reads and writes them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select

from models.insurer_evaluations import InsurerEvaluationRow, InsurerEvaluationStepRow
from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.engine.vocabulary import Vocabulary, division_range
from services.scoring.commands.prevention.evaluation_ports import EvaluationFilter
from services.scoring.domain.insurer_evaluation import (
    Appraisal,
    Evaluation,
    EvaluationKey,
    EvaluationStep,
    Figure,
    StepKind,
)
from services.scoring.store.columns import table_of
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.insurer_facts import SqlInsurerFacts
from services.scoring.store.sql_store import SqlReading

_EVALUATIONS: Final = table_of(InsurerEvaluationRow)
_STEPS: Final = table_of(InsurerEvaluationStepRow)
_EDITIONS: Final = _EVALUATIONS.alias("editions")
_PUBLISHED: Final = _STEPS.alias("published")


class SqlEvaluations:
    """Evaluations as known at a revision; implements `EvaluationWrites`."""

    def __init__(self, connection: Connection, write: WriteTransaction | None = None) -> None:
        """Read, and write in a transaction if one is given."""
        self._connection = connection
        self._write = write

    def find(self, evaluation_id: int, revision: int) -> Evaluation | None:
        """Give the latest edition of an evaluation; none if there was none."""
        return self._one(
            _latest(revision).where(_EVALUATIONS.c.evaluation_id == evaluation_id), revision
        )

    def of(self, key: EvaluationKey, revision: int) -> Evaluation | None:
        """Give the evaluation of an insurer, place and period; none if there was none."""
        return self._one(
            _latest(revision).where(
                _EVALUATIONS.c.insurer_code == key.insurer_code,
                _EVALUATIONS.c.division == key.division,
                _EVALUATIONS.c.start_date == key.start_date,
                _EVALUATIONS.c.end_date == key.end_date,
            ),
            revision,
        )

    def page(
        self, wanted: EvaluationFilter, *, after: int, limit: int, revision: int
    ) -> Sequence[Evaluation]:
        """Give evaluations in order of their numbers, latest editions."""
        statement = _filtered(_latest(revision), wanted, revision).where(
            _EVALUATIONS.c.evaluation_id > after
        )
        rows = self._connection.execute(
            statement.order_by(_EVALUATIONS.c.evaluation_id).limit(limit)
        ).all()
        steps = self._steps([row.evaluation_id for row in rows], revision)
        return [_evaluation(row, steps.get(row.evaluation_id, ())) for row in rows]

    def add(self, evaluation: Evaluation, row_id: int) -> None:
        """Keep an edition."""
        key, said = evaluation.key, evaluation.appraisal
        self._connection.execute(
            insert(_EVALUATIONS).values(
                row_id=row_id,
                evaluation_id=evaluation.evaluation_id,
                edition=evaluation.edition,
                insurer=evaluation.insurer,
                insurer_code=key.insurer_code,
                division=key.division,
                start_date=key.start_date,
                end_date=key.end_date,
                evaluation_date=evaluation.evaluation_date,
                policy_id=said.policy_id,
                policy_version=said.policy_version,
                policy_digest=said.policy_digest,
                figures=_written(said),
                status=said.status,
                grade=said.grade,
                score=said.score,
                score_places=said.score_places,
                missing=",".join(said.missing),
                dispute_end_date=evaluation.dispute_end_date,
                dispute_end_provisional=evaluation.dispute_end_provisional,
                recorded_revision=self._writing.revision,
            )
        )

    def add_step(self, evaluation: Evaluation, step: EvaluationStep, row_id: int) -> None:
        """Keep a step."""
        self._connection.execute(
            insert(_STEPS).values(
                row_id=row_id,
                evaluation_id=evaluation.evaluation_id,
                edition=step.edition,
                step=int(step.kind),
                step_date=step.step_date,
                authority=step.authority,
                document_number=step.document_number,
                reason=step.reason,
                recorded_revision=self._writing.revision,
            )
        )

    # Private methods -------------------------------------------------------------

    @property
    def _writing(self) -> WriteTransaction:
        assert self._write is not None, "only a write transaction writes"
        return self._write

    def _one(self, statement: Select[Any], revision: int) -> Evaluation | None:
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return None
        steps = self._steps([row.evaluation_id], revision)
        return _evaluation(row, steps.get(row.evaluation_id, ()))

    def _steps(
        self, evaluation_ids: Sequence[int], revision: int
    ) -> dict[int, tuple[EvaluationStep, ...]]:
        rows = self._connection.execute(
            select(_STEPS)
            .where(
                _STEPS.c.evaluation_id.in_(evaluation_ids),
                _STEPS.c.recorded_revision <= revision,
            )
            .order_by(_STEPS.c.row_id)
        )
        found: dict[int, tuple[EvaluationStep, ...]] = {}
        for row in rows:
            step = EvaluationStep(
                kind=StepKind(row.step),
                edition=row.edition,
                step_date=row.step_date,
                authority=row.authority,
                document_number=row.document_number,
                reason=row.reason,
            )
            found[row.evaluation_id] = (*found.get(row.evaluation_id, ()), step)
        return found


class SqlEvaluationReading(SqlReading):
    """A consistent snapshot; implements `EvaluationReading`."""

    def __init__(
        self, transaction: ReadTransaction, columns: FactColumns, vocabulary: Vocabulary
    ) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.insurers = SqlInsurerFacts(transaction.connection, vocabulary)
        self.evaluations = SqlEvaluations(transaction.connection)


class SqlEvaluationWriting(OnceTransaction):
    """A write transaction; implements `EvaluationWriting`."""

    def __init__(self, transaction: WriteTransaction, vocabulary: Vocabulary) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.insurers = SqlInsurerFacts(transaction.connection, vocabulary)
        self.evaluations = SqlEvaluations(transaction.connection, transaction)


@dataclass(frozen=True, slots=True)
class SqlEvaluationStore:
    """The store; implements `EvaluationStore`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
        vocabulary: Words of the policies.
    """

    database: Database
    columns: FactColumns
    vocabulary: Vocabulary

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlEvaluationReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlEvaluationReading(transaction, self.columns, self.vocabulary)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlEvaluationWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlEvaluationWriting(transaction, self.vocabulary)


# Private functions -----------------------------------------------------------


def _latest(revision: int) -> Select[Any]:
    """Select the latest edition of every evaluation."""
    last = (
        select(func.max(_EDITIONS.c.edition))
        .where(
            _EDITIONS.c.evaluation_id == _EVALUATIONS.c.evaluation_id,
            _EDITIONS.c.recorded_revision <= revision,
        )
        .scalar_subquery()
    )
    return select(_EVALUATIONS).where(
        _EVALUATIONS.c.recorded_revision <= revision, _EVALUATIONS.c.edition == last
    )


def _filtered(statement: Select[Any], wanted: EvaluationFilter, revision: int) -> Select[Any]:
    columns = _EVALUATIONS.c
    if wanted.division:
        first, after = division_range(wanted.division)
        statement = statement.where(columns.division >= first, columns.division < after)
    if wanted.insurer_code:
        statement = statement.where(columns.insurer_code == wanted.insurer_code)
    if wanted.period_start_date is not None:
        statement = statement.where(columns.start_date >= wanted.period_start_date)
    if wanted.period_end_date is not None:
        statement = statement.where(columns.end_date <= wanted.period_end_date)
    if wanted.published:
        published = (
            select(_PUBLISHED.c.row_id)
            .where(
                and_(
                    _PUBLISHED.c.evaluation_id == columns.evaluation_id,
                    _PUBLISHED.c.step == int(StepKind.PUBLISHED),
                    _PUBLISHED.c.recorded_revision <= revision,
                )
            )
            .exists()
        )
        own = columns.insurer == wanted.insurer
        statement = statement.where(or_(published, own) if wanted.insurer else published)
    return statement


def _written(said: Appraisal) -> str:
    figures = {
        name: [figure.number, figure.places, figure.unit]
        for name, figure in sorted(said.figures.items())
    }
    return json.dumps(figures, ensure_ascii=False, separators=(",", ":"))


def _evaluation(row: Row[Any], steps: tuple[EvaluationStep, ...]) -> Evaluation:
    return Evaluation(
        evaluation_id=row.evaluation_id,
        edition=row.edition,
        key=EvaluationKey(
            insurer_code=row.insurer_code,
            division=row.division,
            start_date=row.start_date,
            end_date=row.end_date,
        ),
        insurer=row.insurer,
        evaluation_date=row.evaluation_date,
        appraisal=Appraisal(
            policy_id=row.policy_id,
            policy_version=row.policy_version,
            policy_digest=row.policy_digest,
            figures={name: Figure(*parts) for name, parts in json.loads(row.figures).items()},
            status=row.status,
            grade=row.grade,
            score=row.score,
            score_places=row.score_places,
            missing=tuple(filter(None, row.missing.split(","))),
            dispute_days=0,
        ),
        dispute_end_date=row.dispute_end_date,
        dispute_end_provisional=row.dispute_end_provisional,
        revision=row.recorded_revision,
        steps=steps,
    )
