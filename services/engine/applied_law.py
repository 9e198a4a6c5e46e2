"""What the credit service needs of the policies that it applies, whoever writes or issues them.

It asks them once about one accident or one penalty, as of its day or the version's first, and cites
the value behind each period. A version that lacks one of these, or that says something else of the
same case on a later day or beside other records, could be issued and not be applied; so it is
refused beforehand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import (
    Comparison,
    Elapsed,
    Indicator,
    Literal,
    Name,
    PeriodStart,
    Place,
    Policy,
    Version,
)
from services.engine.plan import Plan

REPAIR_POLICY: Final = "cn.credit-repair"
"""The law of credit repair: publications are granted by it alone, and so is it foreseen."""

LEVEL_POLICY: Final = "cn.accident-level"
"""The definition of accident levels: they are derived by it alone, when an accident is recorded."""

NOT_APPLICABLE: Final = "not-applicable"
"""Code of a problem: the credit service could not apply the version."""

SHOWN_OF_PENALTY: Final = frozenset(
    {
        *("event_date", "publish_date", "final_date", "performed_date"),
        *("field", "division", "site_number", "violation_code", "procedure", "sanctions", "major"),
        *("fine_fen", "confiscated_fen", "fine_multiple_hundredths"),
    }
)
"""What the credit service shows of a penalty: what stands in the record itself."""


def check_applied(policy: Policy, plan: Plan) -> Iterator[Problem]:
    """Find what keeps the credit service from applying a version of a policy that it applies.

    Args:
        policy: Any policy; of others there is nothing to say.
        plan: A version of it, compiled.
    """
    needed = _NEEDED.get(policy.policy_id)
    if policy.kind == "repair" and needed is None:
        message = f"nobody applies it; repairs are granted by {REPAIR_POLICY!r} alone"
        yield problem_at(policy.file, plan.version.place, NOT_APPLICABLE, message)
    if needed is None:
        return
    version, needs = plan.version, plan.needs
    for name in needed.outputs:
        cited = version.totals if name in needed.totals else version.values
        if name not in version.outputs or name not in cited:
            where = "totals" if name in needed.totals else "values"
            message = f"the credit service asks for {name!r}: give it in {where} and in outputs"
            yield problem_at(policy.file, version.place, NOT_APPLICABLE, message)
    strange = {
        *(f"attribute {name}" for name in needs.attributes),
        *(f"records of {kind}" for kind in needs.records if kind not in needed.records),
        *(
            f"input {name}"
            for name, one in version.inputs.items()
            if name not in needed.inputs
            and (one.origin != "request" or one.if_missing == "no_data")
        ),
    }
    for what in sorted(strange):
        message = f"the credit service does not show {what} to this policy; leave it out"
        yield problem_at(policy.file, version.place, NOT_APPLICABLE, message)
    for place, message in (*_by_day(version), *_beside(version), *_hidden(version, plan, needed)):
        yield problem_at(policy.file, place, NOT_APPLICABLE, message)


# Private functions -----------------------------------------------------------


def _by_day(version: Version) -> Iterator[tuple[Place, str]]:
    """Find what is otherwise on a later day, though the credit service asks once."""
    for one in version.indicators.values():
        if (one.window.form, one.window.day) != ("ever", "event_date"):
            yield (
                one.place,
                (
                    "the credit service asks once about a record, and not again when a window"
                    " closes; count it by 'window: ever' and its own day"
                ),
            )
    for part in _parts(version):
        place = _day_asked_for(part)
        if place is not None:
            yield (
                place,
                (
                    "the credit service asks once about a record, not day by day; compare the days"
                    " of the record with a day that is written down"
                ),
            )


def _day_asked_for(part: object) -> Place | None:
    match part:
        case Name(name="as_of", place=place) | PeriodStart(place=place):
            return place
        case Elapsed(end=None, place=place) | Comparison(name="as_of", place=place):
            return place
        case _:
            return None


def _beside(version: Version) -> Iterator[tuple[Place, str]]:
    """Find what rests on several records, though the credit service shows one."""
    alone = "the credit service shows this policy one record alone"
    for group in version.children.values():
        yield group.place, f"{alone}; leave the child subjects out"
    for one in version.indicators.values():
        if any((one.relation, one.run, one.within, one.reached, one.repeats, one.over)):
            yield one.place, f"{alone}; count that, not how several of them lie or whose they are"
    for part in _parts(version):
        if isinstance(part, Comparison) and _asks_for_two(part, version.indicators):
            yield part.place, f"{alone}, so {part.name!r} is never above 1"


def _asks_for_two(comparison: Comparison, indicators: Mapping[str, Indicator]) -> bool:
    one = indicators.get(comparison.name)
    if one is None or one.measure not in {"count", "distinct"}:
        return False
    numbers = [
        part.value
        for part in comparison.operands
        if isinstance(part, Literal) and not isinstance(part.value, str | date)
    ]
    most = {"above": 0, "at_least": 1, "is": 1, "in": 1}.get(comparison.comparator)
    return most is not None and any(number > most for number in numbers)


def _hidden(version: Version, plan: Plan, needed: "_Needed") -> Iterator[tuple[Place, str]]:
    """Find attributes of a record that it has in a policy's columns, and not when it is shown."""
    for kind, shown in needed.records.items():
        for name in sorted(plan.needs.records.get(kind, frozenset()) - shown):
            named = (
                part.place
                for part in _parts(version.indicators)
                if isinstance(part, Comparison | Name) and part.name == name
            )
            message = f"the credit service does not show {name!r} of a {kind} to this policy"
            yield next(named, version.place), f"{message}; leave it out"


def _parts(part: object) -> Iterator[object]:
    """Give a part of a version and whatever stands in it, however deep."""
    yield part
    inner: Iterator[object] = iter(())
    if isinstance(part, Mapping):
        inner = iter(part.values())
    elif isinstance(part, tuple):
        inner = iter(part)
    elif is_dataclass(part):
        inner = (getattr(part, each.name) for each in fields(part))
    for one in inner:
        yield from _parts(one)


# Private classes and values --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Needed:
    """What is asked of a policy, and what it is shown.

    Attributes:
        outputs: Outputs that are read; each is also a value, whose source is cited, or a total.
        totals: Those of them that are totals.
        records: Kinds of records that it is shown one of, with the attributes that it is shown.
        inputs: Inputs that it is given.
    """

    outputs: tuple[str, ...]
    inputs: frozenset[str]
    totals: frozenset[str] = frozenset()
    records: Mapping[str, frozenset[str]] = field(default_factory=dict)


_NEEDED: Final[Mapping[str, _Needed]] = {
    LEVEL_POLICY: _Needed(
        outputs=("level",),
        inputs=frozenset({"deaths", "serious_injuries", "direct_loss_fen"}),
    ),
    REPAIR_POLICY: _Needed(
        outputs=(
            "class",
            "minimum_months",
            "maximum_months",
            "acceptance_working_days",
            "decision_working_days",
            "decision_extension_working_days",
            "sharing_working_days",
            "objection_working_days",
            "correction_working_days",
            "performance_required",
            "commitment_required",
            "same_authority_required",
            "withdrawal_restarts_term",
        ),
        inputs=frozenset({"listed", "person"}),
        totals=frozenset({"class"}),
        records={
            "penalty": SHOWN_OF_PENALTY,
        },
    ),
}
