"""What a case rests on: circumstances found by rule, records, and the procedure of the policy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from services.common.identity import division_prefix
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain, records_behind
from services.engine.language import Clause as PolicyClause
from services.engine.language import Source
from services.engine.language import TermRow as PolicyTermRow
from services.engine.numbers import least
from services.engine.population import Population
from services.engine.scenarios import REPAIRED
from services.scoring.commands.evaluating import CANDIDATE, Outcome, evaluate
from services.scoring.commands.lists.get_list_status import LIST, standing_of
from services.scoring.commands.lists.list_case_ports import GroundRecord, ListReading
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.domain.fields import FIELD_LABELS
from services.scoring.domain.list_case import ListCase, Party, Reason
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_errors import (
    BasisOfOtherFieldError,
    FieldUnclearError,
    FinalPenaltyMissingError,
    InputUnknownError,
    PolicyOfOtherPlaceError,
    ProcedureMissingError,
)
from services.scoring.domain.list_procedure import Clause, ListProcedure, TermRow
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """What the rules of a list say of one subject.

    Attributes:
        standing: Where it stands.
        lines: Circumstances met, with the records behind them.
        missing: Inputs that are missing where the policy cannot tell.
        unmet: What keeps the subject from the list, by the names of the policy.
        behind: Records behind that, by event date, each with the kind of what is no fact.
        valid_until_date: First day on which this may change with nothing new; none when never.
    """

    standing: Standing
    lines: tuple[ExplainedLine, ...]
    missing: tuple[str, ...]
    unmet: tuple[str, ...] = ()
    behind: tuple[tuple[int, str], ...] = ()
    valid_until_date: date | None = None

    @property
    def rule_ids(self) -> frozenset[str]:
        """Give the circumstances met."""
        return frozenset(line.rule_id for line in self.lines)

    @property
    def record_ids(self) -> frozenset[int]:
        """Give the records behind them."""
        return frozenset(number for line in self.lines for number in line.record_ids)


def procedure_of(compiled: CompiledVersion) -> ListProcedure:
    """Give the procedure of a list policy's version.

    Raises:
        ProcedureMissingError: The version has none.
    """
    clauses = compiled.version.procedure
    if not clauses:
        policy_id = compiled.policy.policy_id
        raise ProcedureMissingError(
            f"{policy_id} finds candidates but has no procedure, so no case can be opened by it",
            policy_id=policy_id,
            version=compiled.version.version,
        )
    return ListProcedure(
        kind_of(compiled), {name: _clause(clause) for name, clause in clauses.items()}
    )


def kind_of(compiled: CompiledVersion) -> ListKind:
    """Give the kind of a list policy's list."""
    return ListKind.REDLIST if compiled.policy.favourable else ListKind.BLACKLIST


def field_of(compiled: CompiledVersion, wanted: int) -> int:
    """Give the field of a case by a policy.

    Raises:
        FieldUnclearError: The policy is for every field and none is named, or for another one.
    """
    if compiled.field == EVERY_FIELD:
        if wanted:
            return wanted
        raise FieldUnclearError(
            f"{compiled.policy.policy_id} is for every field: say of which the case is",
            policy_id=compiled.policy.policy_id,
        )
    if wanted not in {0, compiled.field}:
        raise FieldUnclearError(
            f"{compiled.policy.policy_id} is for another field",
            policy_id=compiled.policy.policy_id,
            field=compiled.field,
        )
    return compiled.field


def answered(pinned: PinnedVersion, given: Mapping[str, int | str]) -> dict[str, int]:
    """Give what a caller answered as the numbers that stand for it.

    Args:
        pinned: The version that asks.
        given: Whole numbers, and words of codes, by name of the input.

    Raises:
        InputUnknownError: A word, or a number for one, is none that the input asks for.
    """
    found: dict[str, int] = {}
    for name, value in given.items():
        words = pinned.plan.words.get(name, {})
        number = words.get(value) if isinstance(value, str) else value
        if number is None or (words and number not in words.values()):
            wanted = f"one of {', '.join(words)}" if words else "a whole number"
            raise InputUnknownError(
                f"{pinned.policy_id} knows no {value!r} of {name}; give {wanted}", inputs=name
            )
        found[name] = number
    return found


def find_by_rule(  # noqa: PLR0913 -- who, when, by what and without what are asked together.
    reading: ListReading,
    pinned: PinnedVersion,
    subject: Subject,
    *,
    at: Viewpoint,
    inputs: Mapping[str, int],
    as_unrepaired: Collection[int] = (),
) -> Finding:
    """Evaluate a list policy for one subject.

    Args:
        reading: Where facts are read.
        pinned: The version.
        subject: The subject.
        at: Where to look from.
        inputs: What the caller answered.
        as_unrepaired: Records of which no repair counts.

    Raises:
        InputUnknownError: The policy asks for no such input, or does not allow the value.
    """
    known = pinned.plan.needs.requests
    unknown = sorted(set(inputs) - known)
    if unknown:
        raise InputUnknownError(
            f"{pinned.policy_id} asks for no {', '.join(unknown)}; it asks for"
            f" {', '.join(sorted(known)) or 'nothing'}",
            inputs=",".join(unknown),
        )
    population = reading.facts.population([subject], pinned.needs, at)
    if as_unrepaired:
        population = _without_repairs(population, as_unrepaired)
    outcome = evaluate(pinned, population, at.as_of, inputs)
    refused = outcome.evaluation.refused(0)
    if refused:
        raise InputUnknownError(
            f"{pinned.policy_id} does not allow the value of {', '.join(refused)}",
            inputs=",".join(refused),
        )
    return _finding(outcome, subject)


def reasons_of(finding: Finding, records: Collection[int]) -> tuple[Reason, ...]:
    """Give the circumstances of a finding as the reasons of a case.

    Args:
        finding: What the rules say.
        records: Records that exist; entries that rules read stand behind no case.
    """
    return tuple(
        Reason(
            rule_id=line.rule_id,
            zh=line.wording.zh,
            en=line.wording.en,
            citation=citation(line.source),
            record_ids=tuple(number for number in line.record_ids if number in records),
        )
        for line in finding.lines
    )


def parties_of(
    reading: ListReading,
    pinned: PinnedVersion,
    subject: Subject,
    *,
    reasons: Sequence[Reason],
    records: Mapping[int, GroundRecord],
) -> tuple[Party, ...]:
    """Give the subject and the persons whom its circumstances reach.

    Nobody is listed with a unit for a circumstance without a final penalty, or finding, of its own.
    """
    rule_ids = tuple(reason.rule_id for reason in reasons)
    unit = Party(subject_id=subject.subject_id, person=subject.person, rule_ids=rule_ids)
    if subject.person:
        return (unit,)
    procedure = procedure_of(pinned.compiled)
    grounded = [
        reason
        for reason in reasons
        if has_basis(procedure, (records[number] for number in reason.record_ids))
    ]
    number = subject.subject_id
    return (unit, *persons_reached(reading, pinned, number, reasons=grounded, records=records))


def persons_reached(
    reading: ListReading,
    pinned: PinnedVersion,
    enterprise_id: int,
    *,
    reasons: Iterable[Reason],
    records: Mapping[int, GroundRecord],
) -> tuple[Party, ...]:
    """Give the persons whom circumstances of an enterprise reach.

    A person is reached who had one of the roles that a rule names on the day of a fact behind it.
    """
    roles = {rule.id: rule.persons for rule in pinned.compiled.version.rules}
    held = reading.grounds.roles(enterprise_id, reading.point.revision)
    found: dict[int, tuple[str, list[str]]] = {}
    for reason in reasons:
        behind = [records[number] for number in reason.record_ids]
        for one in held:
            days = [record.event_date for record in behind if record.concerns(one.person_id)]
            if one.role in roles.get(reason.rule_id, ()) and any(map(one.held_on, days)):
                reached = found.setdefault(one.person_id, (one.role, []))[1]
                if reason.rule_id not in reached:
                    reached.append(reason.rule_id)
    return tuple(
        Party(subject_id=number, person=True, role=role, rule_ids=tuple(reached))
        for number, (role, reached) in sorted(found.items())
    )


def require_basis(
    procedure: ListProcedure, records: Iterable[GroundRecord], *, field: int = EVERY_FIELD
) -> None:
    """Refuse a case without a final penalty, or finding, of its field among its records.

    Args:
        procedure: The procedure.
        records: The records.
        field: Number of the field of which one must be; `EVERY_FIELD` where the policy's own rules
            found them.

    Raises:
        FinalPenaltyMissingError: Names the clause.
        BasisOfOtherFieldError: There is one, but of other fields.
    """
    bases = [one for one in records if is_basis(procedure, one)]
    if bases and field not in {EVERY_FIELD, *(one.field for one in bases)}:
        clause = procedure.required("basis").citation
        raise BasisOfOtherFieldError(
            f"the case is of {FIELD_LABELS[field]}, and none of the facts behind it is ({clause})",
            field=FIELD_LABELS[field],
            clause=clause,
        )
    if not bases:
        clause = procedure.required("basis").citation
        wanted = " or ".join(procedure.words("basis")).replace("_", " ")
        raise FinalPenaltyMissingError(
            f"behind a listing there must be a {wanted}; none of the records about the"
            f" subject itself is one ({clause})",
            wanted=",".join(procedure.words("basis")),
            clause=clause,
        )


def has_basis(procedure: ListProcedure, records: Iterable[GroundRecord]) -> bool:
    """Say whether some record is what the procedure wants behind a listing."""
    return any(is_basis(procedure, one) for one in records)


def is_basis(procedure: ListProcedure, record: GroundRecord) -> bool:
    """Say whether a record is what the procedure wants behind a listing."""
    wanted = procedure.words("basis")
    return ("final_penalty" in wanted and record.final_penalty) or (
        "finding" in wanted and record.finding
    )


def penalising(records: Iterable[GroundRecord], field: int) -> frozenset[str]:
    """Give the authorities of the final penalties among records: of a field, or else of any."""
    final = [one for one in records if one.final_penalty]
    of_field = [one for one in final if one.field == field]
    return frozenset(one.authority for one in of_field or final)


def require_place(reading: ListReading, compiled: CompiledVersion, subject: Subject) -> None:
    """Refuse a subject that is in no division of a policy.

    Raises:
        PolicyOfOtherPlaceError: Every division of the subject is elsewhere, or none is known.
    """
    if not compiled.division:
        return
    revision, number = reading.point.revision, subject.subject_id
    divisions = reading.grounds.divisions(number, revision, person=subject.person)
    place = f"{compiled.division:06d}"
    if not any(code.startswith(division_prefix(place)) for code in divisions):
        raise PolicyOfOtherPlaceError(
            f"{compiled.policy.policy_id} is for division {place}, and the subject is in"
            f" {', '.join(sorted(divisions - {''})) or 'no known one'}",
            policy_id=compiled.policy.policy_id,
            division=place,
            divisions=",".join(sorted(divisions)),
        )


def pinned_of(library: PolicyLibrary, case: ListCase, day: date) -> PinnedVersion | None:
    """Give the version that a case follows, with its inputs of a day; none if it is gone."""
    found = library.find(case.policy_id, case.policy_version)
    if found is None or not found.is_meant_by(case.policy_digest):
        return None
    return library.named(LIST, case.policy_id, version=case.policy_version, as_of=day)


def conditions_hold(
    reading: ListReading, library: PolicyLibrary, case: ListCase, *, at: Viewpoint
) -> Finding | None:
    """Evaluate the conditions of a redlist case on a day; nothing if its policy is gone."""
    pinned = pinned_of(library, case, at.as_of)
    if pinned is None:
        return None
    subject = reading.subjects.by_number([case.subject_id], at).get(case.subject_id)
    if subject is None:
        return None
    return find_by_rule(reading, pinned, subject, at=at, inputs=case.inputs)


def citation(source: Source) -> str:
    """Write where something comes from, in one line."""
    parts = (source.instrument, source.document_number, source.article)
    return " ".join(part for part in parts if part)


# Private functions -----------------------------------------------------------


def _without_repairs(population: Population, record_ids: Collection[int]) -> Population:
    """Give facts as if no repair of some records had been granted."""
    records = dict(population.records)
    for source, of_source in population.records.items():
        if REPAIRED in of_source.columns:
            days = of_source.columns[REPAIRED].copy()
            days[np.isin(of_source.record_ids, list(record_ids))] = least(days)
            records[source] = replace(of_source, columns={**of_source.columns, REPAIRED: days})
    return Population(population.size, population.attributes, records)


def _clause(clause: PolicyClause) -> Clause:
    return Clause(
        value=clause.value,
        unit=clause.unit,
        citation=citation(clause.source),
        confidence=clause.source.confidence,
        by=tuple(map(_term_row, clause.by)),
        combine=clause.combine,
        to=clause.to,
        at_least=clause.at_least,
        at_most=clause.at_most,
    )


def _term_row(row: PolicyTermRow) -> TermRow:
    return TermRow(
        rules=row.rules,
        first=row.first,
        last=row.last,
        value=row.value,
        unit=row.unit,
        citation=citation(row.source),
        confidence=row.source.confidence,
        to=row.to,
    )


def _finding(outcome: Outcome, subject: Subject) -> Finding:
    standing = standing_of(outcome, 0)
    lines: tuple[ExplainedLine, ...] = ()
    if standing is Standing.CANDIDATE:
        explained = explain(outcome.evaluation, 0)
        lines = tuple(line for line in explained if line.effect == CANDIDATE)
    missing = outcome.evaluation.missing(0) if standing is Standing.NO_DATA else ()
    unmet = () if lines or missing else outcome.evaluation.unmet(0, CANDIDATE)
    behind = records_behind(outcome.evaluation, 0, unmet)
    until = outcome.valid_until_date(0, subject.changes_on(outcome.pinned.deciding))
    return Finding(standing, lines, missing, unmet, behind, until)
