"""The registry of risk models on the tables."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select

from models.risk_models import RiskModelRow, RiskModelStepRow
from services.common.database import WriteTransaction
from services.scoring.commands.risk.risk_ports import ModelFiles, ModelSummary, RegisteredModel
from services.scoring.domain.risk_model import Action, ModelState, ModelStep, state_of
from services.scoring.store.columns import table_of

_MODELS: Final = table_of(RiskModelRow)
_STEPS: Final = table_of(RiskModelStepRow)


class SqlRiskModels:
    """Reads the registry; implements `RiskModelReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def find(self, model_id: int, *, revision: int) -> RegisteredModel | None:
        """Find a model; nothing if none of that number was known at a revision."""
        return self._first(_MODELS.c.model_id == model_id, revision)

    def with_digest(self, digest: str, *, revision: int) -> RegisteredModel | None:
        """Find a model by the digest of its manifest."""
        return self._first(_MODELS.c.digest == digest, revision)

    def in_force(self, name: str, *, revision: int) -> RegisteredModel | None:
        """Give the model of a name that was in force at a revision; nothing if none was."""
        # A name has few models, and few of its revisions are asked for.
        for model in self._select(_known(revision).where(_MODELS.c.name == name), revision):
            if state_of(model.steps) is ModelState.IN_FORCE:
                return model
        return None

    def page(
        self, *, name: str, after: int, limit: int, revision: int
    ) -> Sequence[RegisteredModel]:
        """Give models in order of their numbers."""
        query = _known(revision).where(_MODELS.c.model_id > after)
        if name:
            query = query.where(_MODELS.c.name == name)
        return self._select(query.limit(limit), revision)

    def files(self, model_id: int) -> ModelFiles:
        """Give the files of a model that is registered."""
        row = self._connection.execute(
            select(_MODELS.c.manifest, _MODELS.c.trees, _MODELS.c.linear).where(
                _MODELS.c.model_id == model_id
            )
        ).one()
        return ModelFiles(
            manifest=bytes(row.manifest), trees=bytes(row.trees), linear=bytes(row.linear)
        )

    # Private methods -------------------------------------------------------------

    def _first(self, condition: ColumnElement[bool], revision: int) -> RegisteredModel | None:
        return next(iter(self._select(_known(revision).where(condition), revision)), None)

    def _select(self, query: Select[Any], revision: int) -> list[RegisteredModel]:
        rows = self._connection.execute(query).all()
        steps = self._steps([row.model_id for row in rows], revision)
        return [
            RegisteredModel(
                model_id=row.model_id,
                name=row.name,
                digest=row.digest,
                feature_set=row.feature_set,
                steps=tuple(steps[row.model_id]),
            )
            for row in rows
        ]

    def _steps(self, model_ids: Collection[int], revision: int) -> dict[int, list[ModelStep]]:
        found: dict[int, list[ModelStep]] = {model_id: [] for model_id in model_ids}
        if not found:
            return found
        rows = self._connection.execute(
            select(_STEPS)
            .where(_STEPS.c.model_id.in_(found), _STEPS.c.recorded_revision <= revision)
            .order_by(_STEPS.c.row_id)
        )
        for row in rows:
            found[row.model_id].append(_step(row))
        return found


class SqlRiskModelWrites(SqlRiskModels):
    """Writes the registry; implements `RiskModelWrites`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction.connection)
        self._write = transaction

    def add(self, model_id: int, summary: ModelSummary, files: ModelFiles) -> None:
        """Keep a model with its files."""
        self._write.connection.execute(
            insert(_MODELS).values(
                model_id=model_id,
                name=summary.name,
                digest=summary.digest,
                feature_set=summary.feature_set,
                manifest=files.manifest,
                trees=files.trees,
                linear=files.linear,
                recorded_revision=self._write.revision,
            )
        )

    def add_step(self, model_id: int, step: ModelStep) -> None:
        """Append a step."""
        self._write.connection.execute(
            insert(_STEPS).values(
                row_id=self._write.new_id(),
                model_id=model_id,
                action=int(step.action),
                state=int(step.state),
                actor=step.actor,
                authority=step.authority,
                document_number=step.document_number,
                note=step.note,
                recorded_time=step.recorded_time,
                recorded_revision=self._write.revision,
            )
        )


# Private functions -----------------------------------------------------------


def _known(revision: int) -> Select[Any]:
    """Select the models that were known, without their files."""
    return (
        select(_MODELS.c.model_id, _MODELS.c.name, _MODELS.c.digest, _MODELS.c.feature_set)
        .where(_MODELS.c.recorded_revision <= revision)
        .order_by(_MODELS.c.model_id)
    )


def _step(row: Row[Any]) -> ModelStep:
    return ModelStep(
        action=Action(row.action),
        state=ModelState(row.state),
        actor=row.actor,
        authority=row.authority,
        document_number=row.document_number,
        note=row.note,
        recorded_time=row.recorded_time,
    )
