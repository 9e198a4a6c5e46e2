"""What a version took in of other policies for one subject, and which lines rest on it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from services.engine.days import NEVER, day_number
from services.engine.evaluation import Evaluation
from services.engine.explained import ExplainedLine, TakenResult
from services.engine.language import Input, Wording
from services.engine.numbers import MISSING
from services.engine.taking import inputs_behind
from services.engine.vocabulary import AttributeType
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.policies.policy_library import CompiledVersion, PinnedInput
from services.scoring.commands.results_since import result_since
from services.scoring.commands.showing import shown_value, titles_in
from services.scoring.domain.subject import Subject

_VERSIONS_MAX: Final = 1024
_TRUTHS: Final = {"0": Wording("否", "no"), "1": Wording("是", "yes")}


def taken_results(
    outcome: Outcome, position: int, subject: Subject, *, dated: bool = False
) -> tuple[TakenResult, ...]:
    """Give the results of other policies that a version took in for one subject.

    Args:
        outcome: What the version gave.
        position: Position of the subject in the population.
        subject: The subject, for the day on which its own attributes change.
        dated: Whether to find since when each has been so; of a subject evaluated alone.
    """
    found = tuple(_taken(outcome, position, subject, one) for one in outcome.pinned.inputs)
    if not dated:
        return found
    return tuple(
        result._replace(start_day=result_since(outcome, subject, one))
        for result, one in zip(found, outcome.pinned.inputs, strict=True)
    )


def with_results(
    lines: Sequence[ExplainedLine], outcome: Outcome, results: Iterable[TakenResult]
) -> tuple[ExplainedLine, ...]:
    """Give lines with the results of other policies that they rest on.

    Each ends where one of these does, and begins where the last of them began.

    Args:
        lines: Lines of one subject.
        outcome: What the version gave.
        results: As `taken_results` gives them.
    """
    known = {one.name: one for one in results}
    if not known:
        return tuple(lines)
    behind = _behind(outcome.pinned.compiled)
    return tuple(
        _resting(line, [known[name] for name in behind[line.rule_id]])
        if line.rule_id in behind
        else line
        for line in lines
    )


def input_text(run: Evaluation, given: Input, number: int, places: int) -> str:
    """Write the value of an input; empty where it is missing.

    Args:
        run: Run that took the value.
        given: The input.
        number: Whole number of ``10**-places``, or what a code stands for.
        places: Decimals.
    """
    words = {one: word for word, one in run.plan.words.get(given.name, {}).items()}
    type_ = run.plan.types[given.name].type.type
    return shown_value(number, type_, places=places, words=words)


def is_number(run: Evaluation, given: Input) -> bool:
    """Say whether an input is an amount of a unit, not a day, a word or a place."""
    type_: AttributeType = run.plan.types[given.name].type.type
    return type_ in {AttributeType.NUMBER, AttributeType.DIVISION}


# Private functions -----------------------------------------------------------


@lru_cache(maxsize=_VERSIONS_MAX)
def _behind(compiled: CompiledVersion) -> Mapping[str, tuple[str, ...]]:
    return inputs_behind(compiled.plan)


def _taken(outcome: Outcome, position: int, subject: Subject, one: PinnedInput) -> TakenResult:
    run = outcome.evaluation
    given = run.plan.version.inputs[one.name]
    if one.source is None:
        end = None if one.until is None else day_number(one.until)
        return TakenResult(given.name, given.policy_id, "", "", given.attribute, "", "", None, end)
    compiled = one.source.compiled
    value = _value(run, given, position, compiled)
    return TakenResult(
        given.name,
        given.policy_id,
        compiled.version.version,
        compiled.digest,
        given.attribute,
        value,
        _unit(compiled, given) if value and is_number(run, given) else "",
        _wording(run, given, value),
        _end_day(outcome, position, subject, one),
    )


def _value(run: Evaluation, given: Input, position: int, source: CompiledVersion) -> str:
    column = run.frame.inputs.get(given.name)
    if column is None:
        return ""
    number = int(np.asarray(column).reshape(-1)[position])
    if number == MISSING:
        return ""
    if given.attribute == "grade":
        return source.plan.ladder[number - 1]
    return input_text(run, given, number, given.places)


def _unit(source: CompiledVersion, given: Input) -> str:
    """Give the unit of a result: that of the other policy, which knows it best."""
    plan = source.plan
    output = plan.score if given.attribute == "score" else plan.outputs.get(given.attribute)
    return given.unit if output is None else output.unit


def _wording(run: Evaluation, given: Input, value: str) -> Wording | None:
    if given.attribute == "status":
        return _TRUTHS.get(value)
    return titles_in(value, run.plan.titles.get(given.name, {}))


def _end_day(outcome: Outcome, position: int, subject: Subject, one: PinnedInput) -> int | None:
    """Give the first day on which another policy's result may be another; none when never."""
    source = one.source
    assert source is not None, "a result comes from a version"
    days = [int(outcome.untils[source.compiled][position])]
    edges = (source.until, subject.changes_on(source.deciding))
    days += [day_number(edge) for edge in edges if edge is not None]
    earliest = min(days)
    return None if earliest == NEVER else earliest


def _resting(line: ExplainedLine, results: Sequence[TakenResult]) -> ExplainedLine:
    ends = [line.end_day, *(one.end_day for one in results)]
    starts = [one.start_day for one in results]
    known = [day for day in (line.start_day, *starts) if day is not None]
    undated = line.undated or None in starts
    return line._replace(
        start_day=None if undated else max(known),
        end_day=min((day for day in ends if day is not None), default=None),
        results=tuple(results),
        undated=undated,
    )
