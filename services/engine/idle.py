"""What is written and changes nothing: parts that always hold, rules without effect, idle starts.

Each is a slip of the pen that no case shows: what was to bar somebody bars nobody. So a condition
is looked at name by name; what is open on purpose says so with ``true``.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.extents import Extents
from services.engine.language import (
    Comparison,
    Condition,
    Either,
    Every,
    Literal,
    Name,
    Negation,
    Total,
    Version,
)
from services.engine.sampling import Sampler, TooManyError
from services.engine.vocabulary import AttributeType


def check_always(
    condition: Condition, what: str, *, sampler: Sampler, extents: Extents, file: str
) -> Iterator[Problem]:
    """Look for what a condition asks of a name, and that everybody meets.

    All that it asks of one name is looked at together: ``{at_least: 0, below: 3}`` asks something.
    A number that a pack may change, and what may be missing, are never sure to hold.

    Args:
        condition: The condition.
        what: Whose it is, for problems.
        sampler: Gives samples of what it compares.
        extents: What the names can be, the same as the sampler's.
        file: Name for problems.
    """
    for group in _by_name(condition):
        if not all(_written_down(one, extents) for one in group):
            continue
        try:
            sampled = sampler.sample([Every(group)])
            every = range(len(sampled.variables))
            ends = sampled.spread((sampled.allowed, *sampled.formulas), every)
        except TooManyError:
            continue
        if (True, True) in ends and (True, False) not in ends:
            words = " and ".join(_shown(one) for one in group)
            message = f"{what} asks {words}, which always holds; {_ADVICE}"
            yield replace(problem_at(file, group[0].place, "always-holds", message), warning=True)


def check_effects(version: Version, file: str) -> Iterator[Problem]:
    """Look for rules that set what every grade is anyway.

    Args:
        version: The version.
        file: Name for problems.
    """
    ladder = () if version.grade is None else version.grade.ladder
    if len(ladder) < 2:  # noqa: PLR2004 -- there is nothing to set on a ladder of one.
        return
    idle = {
        ("grade", ladder[0]): (
            f"no grade is better than {ladder[0]!r} anyway; name the grade above which nobody may"
            " be, or write 'at_worst' or 'exactly' if that is meant"
        ),
        ("at_worst", ladder[-1]): (
            f"no grade is worse than {ladder[-1]!r} anyway; name the grade below which nobody"
            f" falls, or write 'grade: {ladder[-1]}' if the rule lets no better one through"
        ),
    }
    for rule in version.rules:
        if why := idle.get((rule.effect, rule.target)):
            problem = problem_at(file, rule.place, "without-effect", f"{rule.id}: {why}")
            yield replace(problem, warning=True)


def check_starts(extents: Extents, file: str) -> Iterator[Problem]:
    """Look for totals that begin beyond their own floor or cap.

    Of the greatest or the least of some amounts the floor may be what holds where no rule does.

    Args:
        extents: What the names of the version can be.
        file: Name for problems.
    """
    for total in extents.version.totals.values():
        if total.combine in _ADDED and (side := _beyond(total, extents)):
            message = (
                f"{total.name!r} starts {side}, so it is held there before any rule counts;"
                " mend the start or the bound"
            )
            at = total.start.place if isinstance(total.start, Literal) else total.place
            yield problem_at(file, at, "start-outside", message)


# Private functions and values ---------------------------------------------------

_ADVICE: Final = "leave it out, or write the edge that is meant ('true' is open on purpose)"
_ADDED: Final = frozenset({"sum", "product"})
_WORDS: Final = {
    "at_least": "at least",
    "above": "above",
    "at_most": "at most",
    "below": "below",
    "before": "before",
    "on_or_before": "on or before",
    "after": "after",
    "on_or_after": "on or after",
}
"""Comparators of order; what asks for one of several words, names them on purpose."""


def _by_name(condition: Condition) -> Iterator[tuple[Comparison, ...]]:
    """Give all that a condition asks of a name at once, for each name and each alternative."""
    match condition:
        case Either(parts):
            for part in parts:
                yield from _by_name(part)
        case Negation(part):
            yield from _by_name(part)
        case Every() | Comparison():
            found: dict[str, tuple[Comparison, ...]] = {}
            for part in _flat(condition):
                if isinstance(part, Comparison):
                    found[part.name] = (*found.get(part.name, ()), part)
                else:
                    yield from _by_name(part)
            yield from found.values()


def _flat(condition: Condition) -> Iterator[Condition]:
    """Give what must hold together, parts within parts too."""
    if isinstance(condition, Every):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _written_down(comparison: Comparison, extents: Extents) -> bool:
    """Say whether a comparison is one of order with what stands there, and not under a name."""
    of = extents.type_of(comparison.name)
    words = of is not None and of[0].type is AttributeType.CODE
    return comparison.comparator in _WORDS and all(
        isinstance(operand, Literal) or (words and isinstance(operand, Name))
        for operand in comparison.operands
    )


def _shown(comparison: Comparison) -> str:
    operands = [
        str(one.value) if isinstance(one, Literal) else one.name
        for one in comparison.operands
        if isinstance(one, Literal | Name)
    ]
    return f"{comparison.name} {_WORDS[comparison.comparator]} {' or '.join(operands)}"


def _beyond(total: Total, extents: Extents) -> str:
    """Say on which side of its bounds a total begins for sure; nothing where it need not."""
    start = extents.expression(total.start)
    floor = None if total.at_least is None else extents.expression(total.at_least).low
    cap = None if total.at_most is None else extents.expression(total.at_most).high
    if start.high is not None and floor is not None and start.high < floor:
        return "below its 'at_least'"
    if start.low is not None and cap is not None and start.low > cap:
        return "above its 'at_most'"
    return ""
