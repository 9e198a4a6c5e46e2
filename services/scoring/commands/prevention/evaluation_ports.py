"""What the commands about prevention services need of the world."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.common.working_days import Deadline
from services.engine.population import Population
from services.scoring.commands.ports import Reading
from services.scoring.domain.insurer_evaluation import Evaluation, EvaluationKey, EvaluationStep


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report (举报) about an insurer.

    Attributes:
        received_date: Day of receipt.
        handled_date: Day on which it was dealt with; none while it is not.
    """

    received_date: date
    handled_date: date | None


@dataclass(frozen=True, slots=True)
class InsurerFacts:
    """Everything recorded of an insurer in a place.

    Attributes:
        insured: The enterprises that its records are about, with those records only, by kind.
        complaints: Complaints about it; none where it is no registered enterprise.
    """

    insured: Population
    complaints: tuple[Complaint, ...] | None


class InsurerFactReads(Protocol):
    """Reads the records of insurers."""

    def insurers(self, division: str, by: date, revision: int) -> Mapping[str, str]:
        """Give the insurers with policies in a place by a day: name by credit code."""
        ...

    def facts(self, insurer_code: str, division: str, revision: int) -> InsurerFacts:
        """Give everything recorded of an insurer in a place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationFilter:
    """Which evaluations are wanted.

    Attributes:
        division: Place with all below it, six digits; empty for any.
        insurer_code: Credit code; empty for any.
        insurer: Name of the insurer, whose unpublished ones are wanted too; empty for none.
        published: Whether only published ones, and those of ``insurer``, are wanted.
        period_start_date: First day of the period; none for any.
        period_end_date: Day after the last day of the period; none for any.
    """

    division: str = ""
    insurer_code: str = ""
    insurer: str = ""
    published: bool = True
    period_start_date: date | None = None
    period_end_date: date | None = None


class EvaluationReads(Protocol):
    """Reads evaluations as known at a revision."""

    def find(self, evaluation_id: int, revision: int) -> Evaluation | None:
        """Give the latest edition of an evaluation; none if there was none."""
        ...

    def of(self, key: EvaluationKey, revision: int) -> Evaluation | None:
        """Give the evaluation of an insurer, place and period; none if there was none."""
        ...

    def page(
        self, wanted: EvaluationFilter, *, after: int, limit: int, revision: int
    ) -> Sequence[Evaluation]:
        """Give evaluations in order of their numbers, latest editions."""
        ...


class EvaluationWrites(EvaluationReads, Protocol):
    """Writes evaluations."""

    def add(self, evaluation: Evaluation, row_id: int) -> None:
        """Keep an edition."""
        ...

    def add_step(self, evaluation: Evaluation, step: EvaluationStep, row_id: int) -> None:
        """Keep a step."""
        ...


class EvaluationReading(Reading, Protocol):
    """A consistent snapshot that has insurers' records and evaluations too."""

    @property
    def insurers(self) -> InsurerFactReads:
        """Read the records of insurers."""
        ...

    @property
    def evaluations(self) -> EvaluationReads:
        """Read evaluations."""
        ...


class EvaluationWriting(OnceWriting, Protocol):
    """A write transaction."""

    point: StorePoint

    def new_id(self) -> int:
        """Take an identifier."""
        ...

    @property
    def insurers(self) -> InsurerFactReads:
        """Read the records of insurers."""
        ...

    @property
    def evaluations(self) -> EvaluationWrites:
        """Read and write evaluations."""
        ...


class EvaluationStore(Protocol):
    """The store, as the commands about prevention services need it."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(
        self, *, at_least: StoreToken | None = None
    ) -> AbstractContextManager[EvaluationReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[EvaluationWriting]:
        """Begin a write."""
        ...


class Calendar(Protocol):
    """Counts working days."""

    def after(self, day: date, count: int) -> Deadline:
        """Give the last day of a period of working days that begins after a day."""
        ...
