"""Words of a scheme's own: sets of codes that a version declares, and what gives them.

An insurer's class or a province's colour is a word that no record has, so the vocabulary has no
number for it. A version names such words under ``codes``; an input, a value, an output or a column
of a table says of which set it is.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import (
    Choice,
    CodeSet,
    Expression,
    Input,
    Literal,
    Lookup,
    Name,
    Operation,
    Policy,
    Table,
    Version,
)
from services.engine.scales import NO_STATUS, output_scale, statuses_of
from services.engine.vocabulary import Vocabulary

_Found = Iterator[tuple[str, str]]


def own_vocabulary(vocabulary: Vocabulary, version: Version) -> Vocabulary:
    """Give the words that a version may use: those of all policies, and its own."""
    if not version.codes:
        return vocabulary
    numbers = {
        name: {word: number for number, word in enumerate(one.words, start=1)}
        for name, one in version.codes.items()
    }
    titles = {
        name: {word: (title.zh, title.en) for word, title in one.words.items()}
        for name, one in version.codes.items()
    }
    return replace(
        vocabulary,
        code_numbers={**vocabulary.code_numbers, **numbers},
        code_titles={**vocabulary.code_titles, **titles},
        ordered=vocabulary.ordered.union(_ordered(version)),
    )


def worded(version: Version) -> Version:
    """Tell words from names where a word of a version's own is what is given."""
    if not version.codes:
        return version
    sets = {name: frozenset(one.words) for name, one in version.codes.items()}
    return replace(
        version,
        inputs={
            name: replace(one, if_missing=_worded(one.if_missing, sets[one.codes]))
            if one.codes in sets
            else one
            for name, one in version.inputs.items()
        },
        tables={name: _worded_table(one, sets) for name, one in version.tables.items()},
        values={
            name: replace(
                one,
                expression=_worded(one.expression, sets[one.codes]),
                if_none=None if one.if_none is None else _worded(one.if_none, sets[one.codes]),
            )
            if one.codes in sets
            else one
            for name, one in version.values.items()
        },
        outputs={
            name: replace(one, expression=_worded(one.expression, sets[one.codes]))
            if one.codes in sets
            else one
            for name, one in version.outputs.items()
        },
    )


def given_words(version: Version, output: str) -> tuple[str, ...] | None:
    """Name the words that a result of a version can be; nothing where it is none of its own.

    Args:
        version: The version, complete.
        output: ``grade``, ``status_word`` or an output by name.
    """
    if output == "grade":
        return None if version.grade is None else version.grade.ladder
    if output == "status_word":
        return statuses_of(version)
    one = version.outputs.get(output)
    if one is None or one.codes not in version.codes:
        return None
    found = _words_of(version, one.expression, frozenset())
    return tuple(word for word in version.codes[one.codes].words if word in found)


def check_own_words(policy: Policy, version: Version, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check the words that a version declares.

    Args:
        policy: The policy.
        version: The version, complete.
        vocabulary: The words of all policies.
    """
    used = {name for one in version.inputs.values() for name in (one.codes, one.each)}
    used |= {one.codes for one in version.values.values()}
    used |= {one.codes for one in version.outputs.values()}
    used |= {unit for table in version.tables.values() for _, unit in table.outputs}
    for name, one in version.codes.items():
        if name in vocabulary.code_numbers:
            message = f"the vocabulary has codes {name!r} already; call these otherwise"
            yield problem_at(policy.file, one.place, "duplicate-name", message)
        if name not in used:
            problem = problem_at(policy.file, one.place, "unused", f"nothing uses {name!r}")
            yield replace(problem, warning=True)
    for output in version.outputs.values():
        given = given_words(version, output.name) if output.codes in version.codes else None
        never = [] if given is None else set(version.codes[output.codes].words).difference(given)
        for word in sorted(never):
            message = f"{output.name!r} never gives {word!r}"
            yield replace(problem_at(policy.file, output.place, "unused", message), warning=True)


def taken_words(one: Input, version: Version, sources: Mapping[str, Version]) -> _Found:
    """Hold the words that an input names against those that another policy really gives.

    Args:
        one: The input.
        version: Its version.
        sources: The versions of the other policy in force together with it, by name.

    Returns:
        Code and message of each misfit, in both directions.
    """
    output, codes, policy_id = one.attribute, one.codes, one.policy_id
    named = version.codes[codes].words if codes in version.codes else None
    ever: set[str] = set()
    silent = False
    for name, source in sources.items():
        where = f"{policy_id!r}, version {name!r},"
        given = given_words(source, output)
        if given is None:
            silent = True
            if named is not None:
                yield "words", f"{where} gives no words as {output!r}; leave 'codes' out"
            continue
        ever.update(given)
        if named is None:
            # Grades and statuses explain themselves; their words are compared as they stand.
            if output in source.outputs:
                message = f"{where} gives words of its own as {output!r}: {', '.join(given)}"
                yield "words", f"{message}; name them under 'codes', and here of which they are"
            continue
        yield from _otherwise_ordered(output, version.codes[codes], source, where)
        for word in given:
            if word not in named:
                yield "words-not-named", f"{where} gives {word!r}, which {codes!r} does not name"
    for word in () if named is None or silent or not sources else named:
        if word not in ever and not (output == "status_word" and word == NO_STATUS):
            yield "words-never-given", f"{policy_id!r} never gives {word!r} of {codes!r}"
    yield from _unlike(output, policy_id, sources)


def other_words(one: Input, version: Version) -> str:
    """Say why an input from a version's own last period names other words; nothing if it does."""
    output = version.outputs.get(one.attribute)
    codes = "" if output is None else output.codes
    if one.codes == codes or one.attribute in {"grade", "status_word"}:
        return ""
    return f"{one.attribute!r} is of the codes {codes or 'of nothing'!r}; say so here as well"


# Private functions -----------------------------------------------------------

_NONE: Final[frozenset[str]] = frozenset()
_EXTREMES: Final = frozenset({"max", "min"})


def _ordered(version: Version) -> Iterator[str]:
    """Name the sets of a version that have an order, and what it takes in of other policies' words.

    The numbers of these are the giver's; `taken_words` checks that both say the same order.
    """
    found = [name for name, one in version.codes.items() if one.order]
    yield from found
    for given in version.inputs.values():
        if given.origin == "policy" and given.codes in found:
            yield output_scale(given.policy_id, given.attribute)


def _unlike(output: str, policy_id: str, sources: Mapping[str, Version]) -> _Found:
    """Find versions that have other words for one output: it would mean two things on two days."""
    sets = {
        tuple(one.codes[one.outputs[output].codes].words)
        for one in sources.values()
        if output in one.outputs and one.outputs[output].codes in one.codes
    }
    if len(sets) > 1:
        yield (
            "several-ladders",
            (f"the words of {policy_id!r} change while this version is in force; end it"),
        )


def _otherwise_ordered(output: str, named: CodeSet, source: Version, where: str) -> _Found:
    """Find an order that the giver of words does not say, or says otherwise."""
    if not named.order:
        return
    if output not in source.outputs:
        message = f"{where} gives a {output!r}, which compares as it stands"
        yield "words-order", f"{message}; leave {named.name!r} out of 'ordered'"
        return
    theirs = source.codes[source.outputs[output].codes]
    shared = [word for word in theirs.words if word in named.words]
    if theirs.order != named.order or shared != [one for one in named.words if one in theirs.words]:
        order = f"{theirs.order}: {', '.join(theirs.words)}" if theirs.order else "in no order"
        yield "words-order", f"{where} gives the words of {output!r} {order}; say here the same"


def _worded(expression: Expression | str, words: AbstractSet[str]) -> Expression:
    match expression:
        case Name(name, place) if name in words:
            return Literal(name, place)
        case Choice(_, then, otherwise):
            return replace(
                expression, then=_worded(then, words), otherwise=_worded(otherwise, words)
            )
        case Operation(operator, operands) if operator in _EXTREMES:
            return replace(expression, operands=tuple(_worded(one, words) for one in operands))
        case _:
            return expression  # type: ignore[return-value]  # A word for what is missing stays one.


def _worded_table(table: Table, sets: Mapping[str, AbstractSet[str]]) -> Table:
    words = [sets.get(unit, _NONE) for _, unit in table.outputs]
    if not any(words):
        return table

    def given(outputs: tuple[Expression, ...]) -> tuple[Expression, ...]:
        return tuple(_worded(one, of) for one, of in zip(outputs, words, strict=True))

    otherwise = table.otherwise
    return replace(
        table,
        rows=tuple(replace(row, outputs=given(row.outputs)) for row in table.rows),
        otherwise=otherwise if isinstance(otherwise, str) else given(otherwise),
    )


def _words_of(version: Version, expression: Expression, seen: AbstractSet[str]) -> frozenset[str]:
    """Name the words that an expression can be."""
    match expression:
        case Literal(str(word)):
            return frozenset({word})
        case Choice(_, then, otherwise):
            return _words_of(version, then, seen) | _words_of(version, otherwise, seen)
        case Operation(operator, operands) if operator in _EXTREMES:
            return _NONE.union(*(_words_of(version, one, seen) for one in operands))
        case Lookup(table):
            return _NONE if table in seen else _of_table(version, expression, seen | {table})
        case Name(name) if name in version.values and name not in seen:
            value = version.values[name]
            absent = _NONE
            if value.if_none is not None and not isinstance(value.if_none, str):
                absent = _words_of(version, value.if_none, seen | {name})
            return _words_of(version, value.expression, seen | {name}) | absent
        case Name(name) if name in version.inputs:
            codes = version.inputs[name].codes
            return frozenset(version.codes[codes].words) if codes in version.codes else _NONE
        case _:
            return _NONE


def _of_table(version: Version, lookup: Lookup, seen: AbstractSet[str]) -> frozenset[str]:
    table = version.tables.get(lookup.table)
    if table is None:
        return _NONE
    names = [name for name, _ in table.outputs]
    column = names.index(lookup.output) if lookup.output in names else 0
    given = [row.outputs[column] for row in table.rows]
    if not isinstance(table.otherwise, str):
        given.append(table.otherwise[column])
    return _NONE.union(*(_words_of(version, one, seen) for one in given))
