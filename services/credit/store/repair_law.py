"""The law of credit repair, read from its policy and evaluated with the engine."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.common.database import Database
from services.credit.domain.publication import require_penalty
from services.credit.domain.record import Edition
from services.credit.domain.remedy_errors import PeriodsUndefinedError
from services.credit.domain.repair_law import (
    Basis,
    CaseLaw,
    Clause,
    DishonestyClass,
    ProcedureLaw,
    PublicationLaw,
    UnusableLaw,
)
from services.credit.store.columns import bits_of
from services.credit.store.policy_data import read_vocabulary
from services.credit.store.published_policy import LawVersion, PublishedPolicy
from services.engine.days import UNKNOWN_DAY, add_months, day_date, day_number
from services.engine.errors import NumberTooLargeError, PolicyUnusableError
from services.engine.evaluation import Evaluation
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.language import Source
from services.engine.numbers import MISSING, least
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.sourcing import source_of_value
from services.engine.vocabulary import Attribute, AttributeType

_FILE: Final = Path("cn") / "credit-repair.yaml"
_KIND: Final = "penalty"
_NOBODY: Final = Population(1, {})
_PROCEDURE: Final = {
    "acceptance_days": "acceptance_working_days",
    "decision_days": "decision_working_days",
    "extension_days": "decision_extension_working_days",
    "sharing_days": "sharing_working_days",
    "objection_days": "objection_working_days",
    "correction_days": "correction_working_days",
    "performance_required": "performance_required",
    "commitment_required": "commitment_required",
    "same_authority_required": "same_authority_required",
    "withdrawal_restarts_term": "withdrawal_restarts_term",
}
_EXCLUSIONS: Final = {"relapse_class": "relapse_class", "ban_excludes": "ban_excludes"}
"""What versions that were published before it was asked do not say."""

_CONDITIONS: Final = (
    "performance_required",
    "commitment_required",
    "same_authority_required",
    "ban_excludes",
)
_CLASSES: Final = frozenset(DishonestyClass)
_KEPT: Final = 64


def repair_laws(
    policies_dir: Path, database: Database | None = None
) -> PublishedPolicy["PolicyRepairLaw"]:
    """Read the policy of repairs, and give it with what is published.

    Args:
        policies_dir: Folder of the policies.
        database: Tells what was published, as `PublishedPolicy` has it.

    Raises:
        PolicyRefusedError: The file has problems.
    """
    policy = read_policy((policies_dir / _FILE).read_bytes(), str(_FILE))
    vocabulary = read_vocabulary(policies_dir)
    law_of = partial(PolicyRepairLaw, attributes=vocabulary.kinds[_KIND].attributes)
    return PublishedPolicy(policy, vocabulary, law_of, database=database)


class PolicyRepairLaw:
    """The policy of repairs as published up to a revision; implements `RepairLaw`."""

    def __init__(
        self, versions: Sequence[LawVersion], *, attributes: Mapping[str, Attribute]
    ) -> None:
        """Take the versions.

        Args:
            versions: By their start.
            attributes: Attributes of penalties by name.
        """
        self._attributes = attributes
        self._versions = [
            _Version(
                one,
                Basis(
                    policy_id=one.policy.policy_id,
                    version=one.version.version,
                    digest=one.digest,
                    start_date=one.version.start_date,
                    end_date=one.version.end_date,
                ),
            )
            for one in versions
        ]

    def publications(self, edition: Edition, start_date: date) -> Sequence[CaseLaw]:
        """Give class and periods of a penalty by every version, oldest first."""
        shown, inputs = partial(self._population, edition), {"person": int(edition.person)}
        return [one.publication(shown, start_date, inputs) for one in self._versions]

    def entry_publications(self, start_date: date) -> Sequence[CaseLaw]:
        """Give class and periods of a blacklist entry by every version, oldest first."""
        inputs = {"listed": 1}
        return [one.publication(lambda _: _NOBODY, start_date, inputs) for one in self._versions]

    def procedure(self, day: date, *, listed: bool) -> ProcedureLaw:
        """Give the procedure in force on a day."""
        for one in self._versions:
            if one.basis.in_force(day):
                return one.procedure(listed)
        raise PeriodsUndefinedError(
            f"no policy on credit repair was in force on {day}; give a later day", day=day
        )

    def kept_procedure(self, version: str, *, listed: bool) -> ProcedureLaw:
        """Give the procedure of a version that a remedy keeps."""
        for one in self._versions:
            if one.basis.version == version:
                return one.procedure(listed)
        raise PeriodsUndefinedError(
            f"version {version} of {_FILE} is gone; put it back, a published version stays",
            version=version,
        )

    def _population(self, edition: Edition, plan: Plan) -> Population:
        """Show one penalty, and nothing else, to the engine."""
        names = plan.needs.records.get(_KIND, frozenset()) | {"event_date"}
        columns = {name: _column(edition, name, self._attributes[name]) for name in names}
        record = RecordColumns(
            record_ids=np.array([edition.record_id], dtype=np.int64),
            subjects=np.zeros(1, dtype=np.int64),
            columns=columns,
        )
        return Population(1, {}, {_KIND: record})


# Private functions and classes ------------------------------------------------


class _Version:
    def __init__(self, law: LawVersion, basis: Basis) -> None:
        self._law = law
        self.basis = basis
        self.procedure: Callable[[bool], ProcedureLaw] = lru_cache(maxsize=_KEPT)(self._procedure)

    def publication(
        self, shown: Callable[[Plan], Population], start_date: date, inputs: Mapping[str, int]
    ) -> CaseLaw:
        try:
            return self._publication(shown(self._law.plan), start_date, inputs)
        except PolicyUnusableError as refusal:
            return UnusableLaw(basis=self.basis, refusal=refusal)

    def _publication(
        self, population: Population, start_date: date, inputs: Mapping[str, int]
    ) -> PublicationLaw:
        # What a version says of a case it says on its own first day of it; what would say
        # something else on a later day is no law of repair, see `check_applied`.
        day = max(start_date, self.basis.start_date)
        evaluation, version = self._law.run(population, day, inputs), self._law.plan.version
        line = _deciding(evaluation)
        grade = self._output(evaluation, "class")
        if grade not in _CLASSES:
            raise self._law.unusable(f"it gives class {grade}, and there are 1 to 3")
        months = [self._output(evaluation, f"{name}_months") for name in ("minimum", "maximum")]
        earliest, end = (self._moved(start_date, count) for count in months)
        restarts = self._output(evaluation, "withdrawal_restarts_term")
        return PublicationLaw(
            basis=self.basis,
            dishonesty=DishonestyClass(grade),
            class_wording=line.wording.zh if line else "",
            earliest_date=earliest,
            end_date=end,
            withdrawal_restarts_term=bool(restarts),
            class_clause=_clause(line.source if line else version.totals["class"].source),
            period_clause=_clause(source_of_value(version, "minimum_months")),
        )

    def _procedure(self, listed: bool) -> ProcedureLaw:  # noqa: FBT001 -- a cache's key.
        evaluation = self._law.run(_NOBODY, self.basis.start_date, {"listed": int(listed)})
        values, outputs = self._law.plan.version.values, self._law.plan.version.outputs
        asked = _PROCEDURE | {
            name: output for name, output in _EXCLUSIONS.items() if output in outputs
        }
        said: dict[str, Any] = {
            name: self._output(evaluation, output)
            for name, output in asked.items()
            if name != "withdrawal_restarts_term"
        }
        for name in said.keys() & _CONDITIONS:
            said[name] = bool(said[name])
        clauses = {name: _clause(values[output].source) for name, output in asked.items()}
        return ProcedureLaw(basis=self.basis, clauses=clauses, **said)

    def _output(self, evaluation: Evaluation, name: str) -> int:
        number = int(evaluation.output(name)[0])
        if number == MISSING:
            raise self._law.unusable(f"it gives no {name!r}")
        return number

    def _moved(self, day: date, months: int) -> date:
        try:
            return day_date(add_months(day_number(day), months))
        except NumberTooLargeError as error:
            raise self._law.unusable(error.message) from error


def _deciding(evaluation: Evaluation) -> ExplainedLine | None:
    """Give the rule that made the class what it is; nothing where none did."""
    rules = (
        line
        for line in explain(evaluation, 0, dated=False)
        if "." not in line.rule_id and line.amount
    )
    return next(rules, None)


def _clause(source: Source) -> Clause:
    return Clause(
        instrument=source.instrument,
        document_number=source.document_number,
        article=source.article,
        publish_date=source.publish_date,
        effective_date=source.effective_date,
        checked_date=source.checked_date,
        confidence=source.confidence,
    )


def _column(edition: Edition, name: str, attribute: Attribute) -> IntColumn:
    """Give one attribute of a penalty as the engine counts it."""
    header, body = edition.header, require_penalty(edition)
    value: Any = getattr(body if hasattr(body, name) else header, name, None)
    if attribute.type is AttributeType.DAY:
        number = UNKNOWN_DAY if value is None else day_number(value)
        return np.array([number], dtype=np.int32)
    if attribute.type is AttributeType.CODES:
        value = bits_of(value)
    blank = np.zeros(1, dtype=np.int64)
    return blank + (least(blank) if value is None else int(value))
