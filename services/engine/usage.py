"""Which names the parts of a version use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Elapsed,
    Every,
    Expression,
    Indicator,
    Lookup,
    MovedDay,
    Name,
    Negation,
    Operation,
    Policy,
    Version,
    Window,
)

OfWords = Callable[[str], bool]
"""Says whether a name is compared with words, which name nothing themselves."""


def _never(_name: str) -> bool:
    return False


def used_names(version: Version, of_words: OfWords = _never) -> frozenset[str]:
    """Give every name that some part of a version uses, its results included.

    Args:
        version: The version.
        of_words: Says which names are compared with words alone; without it what is compared may
            all be names.
    """
    names = {version.score}
    for expression in _expressions(version):
        if not isinstance(expression, str | None):
            names.update(_in_expression(expression, of_words))
    for condition in _conditions(version):
        names.update(_in_condition(condition, of_words))
    for table in version.tables.values():
        names.update(table.keys)
    names.update(rule.total for rule in version.rules)
    # An input with a condition is used by it, even where nothing else reads it.
    names.update(name for name, given in version.inputs.items() if given.allowed is not None)
    for indicator in _indicators(version):
        names.update(_of_window(indicator.window))
        if indicator.within is not None:
            names.update((indicator.holding, *_of_window(indicator.within)))
        names.add(indicator.since)
        if indicator.repeats is not None:
            names.update((*indicator.repeats.same, *_of_window(indicator.repeats.window)))
        names.add(indicator.over)
    for given in version.inputs.values():
        names.update(given.among)
    if version.grade is not None:
        names.add(version.grade.steps_down)
    return frozenset(names)


def read_names(version: Version) -> frozenset[str]:
    """Give every name that some part of a version reads; what rules add to a total reads nothing.

    Args:
        version: The version.
    """
    return used_names(
        replace(version, rules=tuple(replace(rule, total="") for rule in version.rules))
    )


def read_below(policies: Mapping[str, Policy]) -> dict[tuple[str, str], frozenset[str]]:
    """Give the names that versions read that extend others, by policy and version of the others.

    Args:
        policies: All policies by identifier, complete, so that none extends itself.
    """
    versions = {
        (policy_id, version.version): version
        for policy_id, policy in policies.items()
        for version in policy.versions
    }
    found: dict[tuple[str, str], frozenset[str]] = {}
    for version in versions.values():
        above = list(version.extends)
        read = read_names(version) if above else frozenset()
        while above:
            key = above.pop()
            found[key] = found.get(key, frozenset()) | read
            above += versions[key].extends if key in versions else ()
    return found


def comparisons(version: Version) -> Iterator[Comparison]:
    """Give every comparison that some part of a version makes."""
    for condition in _conditions(version):
        yield from _compared_in(condition)
    for expression in _expressions(version):
        if not isinstance(expression, str | None):
            yield from _chosen_by(expression)


# Private functions -----------------------------------------------------------


def _compared_in(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _compared_in(part)
        case Negation(part):
            yield from _compared_in(part)
        case Comparison():
            yield condition


def _chosen_by(expression: Expression) -> Iterator[Comparison]:
    """Give the comparisons of the choices in an expression."""
    match expression:
        case Operation(_, operands):
            for operand in operands:
                yield from _chosen_by(operand)
        case Choice(when, then, otherwise):
            yield from _compared_in(when)
            yield from _chosen_by(then)
            yield from _chosen_by(otherwise)
        case _:
            return


def _indicators(version: Version) -> Iterator[Indicator]:
    """Give all indicators, those over the records of child subjects among them."""
    yield from version.indicators.values()
    for group in version.children.values():
        yield group.roster
        yield from group.measures.values()


def _of_window(window: Window) -> Iterator[str]:
    # A day or code of the record may be worked out of the subject's names as well.
    yield from (window.day, window.until, window.code, window.start)
    lengths = (window.length, *(length for _, length in window.lengths))
    yield from (length.name for length in lengths if isinstance(length, Name))


def _expressions(version: Version) -> Iterator[Expression | str | None]:
    for given in version.inputs.values():
        yield given.if_missing
        yield given.of
    for indicator in _indicators(version):
        yield indicator.of
        yield indicator.if_none
        yield from indicator.each.values()
        yield None if indicator.reached is None else indicator.reached.number
    for table in version.tables.values():
        for row in table.rows:
            yield from row.outputs
        if not isinstance(table.otherwise, str):
            yield from table.otherwise
    for total in version.totals.values():
        yield from (total.start, total.at_least, total.at_most, total.if_none)
    for value in version.values.values():
        yield from (value.expression, value.if_none)
    for group in version.children.values():
        yield from (value.expression for value in group.values.values())
    yield from (output.expression for output in version.outputs.values())
    yield from (rule.amount for rule in version.rules)
    yield from (rule.weight for rule in version.rules)
    if version.grade is not None:
        yield version.grade.start_rank


def _conditions(version: Version) -> Iterator[Condition]:
    yield version.applies
    yield from (given.allowed for given in version.inputs.values() if given.allowed is not None)
    yield from (indicator.where for indicator in _indicators(version))
    yield from (one.run for one in version.indicators.values() if one.run is not None)
    for group in version.children.values():
        yield from (band.when for band in group.grade.start) if group.grade else ()
    for table in version.tables.values():
        yield from (cell for row in table.rows for cell in row.cells)
    yield from (rule.when for rule in version.rules)
    if version.grade is not None:
        yield from (band.when for band in version.grade.start)


def _in_expression(expression: Expression, of_words: OfWords) -> Iterator[str]:
    match expression:
        case Name(name):
            yield name
        case Lookup(table):
            yield table
        case Operation(_, operands):
            for operand in operands:
                yield from _in_expression(operand, of_words)
        case Choice(when, then, otherwise):
            yield from _in_condition(when, of_words)
            yield from _in_expression(then, of_words)
            yield from _in_expression(otherwise, of_words)
        case MovedDay(day):
            yield from _in_expression(day, of_words)
        case Elapsed(_, start, end):
            yield from _in_expression(start, of_words)
            yield from () if end is None else _in_expression(end, of_words)
        case _:
            return


def _in_condition(condition: Condition, of_words: OfWords) -> Iterator[str]:
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _in_condition(part, of_words)
        case Negation(part):
            yield from _in_condition(part, of_words)
        case Comparison(name, _, operands):
            yield name
            for operand in () if of_words(name) else operands:
                yield from _in_expression(operand, of_words)
