"""Checks of what a version calls things: its grades, parts and rules, and the codes it names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from services.engine.assembly import Ref
from services.engine.document import Entries, Items, read_document
from services.engine.errors import FilePlace, Problem, problem_at
from services.engine.language import (
    GradeScale,
    Indicator,
    Literal,
    Name,
    Place,
    Policy,
    Version,
)
from services.engine.usage import comparisons, read_names, used_names
from services.engine.vocabulary import AttributeType, Vocabulary

_SETS_GRADE: Final = frozenset({"grade", "exactly", "at_worst"})

_LIKE: Final = 0.6
"""How much alike two names are of which one may be a slip of the pen for the other."""


def check_names(
    policy: Policy, version: Version, *, read_below: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Check that every name of a version means one thing, and that something uses it.

    Args:
        policy: The policy.
        version: The version.
        read_below: Names that versions read that extend it.
    """
    file = policy.file
    ids = Counter(rule.id for rule in version.rules)
    for rule in version.rules:
        if ids[rule.id] > 1:
            message = f"two rules are called {rule.id!r}"
            yield problem_at(file, rule.place, "duplicate-rule", message)
    scales = (version.grade, *(group.grade for group in version.children.values()))
    for scale in scales:
        if scale is not None:
            yield from _ladder(file, scale)
    yield from _shared(policy, version)
    yield from _statuses_on_ladder(file, version)
    for one in version.inputs.values():
        if one.origin == "request" and not (one.unit or one.codes):
            message = f"say the unit of {one.name!r}, or the codes that it is one of"
            yield problem_at(file, one.place, "missing-unit", message)
    unused = (
        *_unused(version),
        *_idle_values(policy, version, read_below),
        *_never_given(version),
        *_overriding_nothing(policy, version),
    )
    for place, message in unused:
        yield replace(problem_at(file, place, "unused", message), warning=True)
    yield from _unread_totals(file, version, read_below)


def check_head(policy: Policy, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check the field and the division that a policy is of."""
    head = read_document(policy.content, policy.file)
    fields = vocabulary.code_numbers["field"]
    if policy.field and policy.field not in fields:
        message = f"no field {policy.field!r}; write all, or one of {', '.join(fields)}"
        yield problem_at(policy.file, head.places["field"], "unknown-code", message)
    if message := unknown_division(policy.division, vocabulary):
        yield problem_at(policy.file, head.places["division"], "unknown-code", message)


def check_codes(policy: Policy, version: Version, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Check that a version names roles that there are, and sums no codes."""
    roles = vocabulary.code_numbers["role_kind"]
    for rule in version.rules:
        for role in rule.persons:
            if role not in roles:
                message = f"{role!r} is no role of a person; known are {', '.join(roles)}"
                yield problem_at(policy.file, rule.place, "unknown-code", message)
    groups = version.children.values()
    measures = [one for group in groups for one in group.measures.values()]
    for indicator in (*version.indicators.values(), *measures):
        if message := _summed_code(indicator, vocabulary):
            yield problem_at(policy.file, indicator.place, "not-a-number", message)


def check_places(
    policy: Policy, version: Version, types: Mapping[str, Ref], vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Check that the industries and divisions that a version names can be.

    Args:
        policy: The policy.
        version: The version.
        types: What its names mean, as compiled.
        vocabulary: The words that it may use.
    """
    for comparison in comparisons(version):
        found = _types_of(comparison.name, types, vocabulary)
        if AttributeType.INDUSTRY in found:
            look = unknown_industry
        elif AttributeType.DIVISION in found:
            look = unknown_division
        else:
            continue
        for operand in comparison.operands:
            if isinstance(operand, Name) and (message := look(operand.name, vocabulary)):
                yield problem_at(policy.file, operand.place, "unknown-code", message)


def unknown_industry(code: str, vocabulary: Vocabulary) -> str:
    """Say why GB/T 4754 cannot have an industry; nothing if it can, or nobody knows."""
    letter, digits = code[:1], code[1:]
    if letter not in vocabulary.industries:
        return ""
    first, last = vocabulary.industries[letter]
    divisions = f"section {letter} has divisions {letter}{first:02} to {letter}{last:02}"
    if len(digits) == 1:
        return f"{code!r} is no code of GB/T 4754: a division has two digits, and {divisions}"
    if digits and not first <= int(digits[:2]) <= last:
        return f"GB/T 4754 has no {letter}{digits[:2]}: {divisions}"
    return ""


def unknown_division(code: str, vocabulary: Vocabulary) -> str:
    """Say why GB/T 2260 cannot have a division; nothing if it can, or nobody knows."""
    province, city, county = code[:2], int(code[2:4]), int(code[4:])
    if not vocabulary.provinces or not int(code):
        return ""
    if province not in vocabulary.provinces:
        return f"GB/T 2260 has no division {code}: no province begins with {province}"
    if (city != _DIRECT and not city <= vocabulary.provinces[province]) or (county and not city):
        return f"GB/T 2260 has no division {code}: {province} has no city {code[2:4]}"
    return ""


# Private functions -----------------------------------------------------------

_PARTS: Final = {
    "inputs": "an input",
    "indicators": "an indicator",
    "values": "a value",
    "totals": "a total",
    "tables": "a table",
}


def _ladder(file: str, scale: GradeScale) -> Iterator[Problem]:
    for grade, times in Counter(scale.ladder).items():
        if times > 1:
            message = f"the ladder names {grade!r} {times} times; every grade stands on it once"
            yield problem_at(file, scale.place, "duplicate-grade", message)


def _statuses_on_ladder(file: str, version: Version) -> Iterator[Problem]:
    """Find statuses outside the ladder that are called as a grade on it."""
    grade = version.grade
    if grade is None:
        return
    named = [(rule.target, rule.place) for rule in version.rules if rule.effect == "status"]
    if grade.beyond != "clamp":
        named.append((grade.beyond, grade.place))
    for status, place in named:
        if status in grade.ladder:
            message = (
                f"{status!r} is a grade of the ladder, and no status outside of it; set the grade,"
                " or call the status otherwise"
            )
            yield problem_at(file, place, "status-is-grade", message)


def _shared(policy: Policy, version: Version) -> Iterator[Problem]:
    """Find names that two parts have: only one of them would ever count."""
    places: dict[str, list[tuple[Place, str]]] = {}
    for part, noun in _PARTS.items():
        for name, one in getattr(version, part).items():
            places.setdefault(name, []).append((one.place, noun))
    for name, found in places.items():
        yield from _twice(policy, name, found)
    # What is measured of a child has a name among its own alone, which the policy may use again.
    for group in version.children.values():
        for name in set(group.measures) & set(group.values):
            measure, value = group.measures[name].place, group.values[name].place
            yield from _twice(policy, name, [(measure, "a measure"), (value, "a value")])


def _twice(policy: Policy, name: str, found: list[tuple[Place, str]]) -> Iterator[Problem]:
    if len(found) < 2:  # noqa: PLR2004 -- one name of one part.
        return
    nouns = " and ".join(noun for _, noun in found)
    # In a pack it is the pack's own part that can be called otherwise.
    own = [place for place, _ in found if _file_of(place, policy.file) == policy.file]
    message = f"{name!r} is {nouns}; call one of them otherwise"
    yield problem_at(policy.file, max(own, default=found[-1][0]), "duplicate-name", message)


def _file_of(place: Place, file: str) -> str:
    return place.file if isinstance(place, FilePlace) else file


def _unused(version: Version) -> Iterator[tuple[Place, str]]:
    used = used_names(version)
    named = (version.inputs, version.indicators, version.tables, version.totals)
    places = [(name, part.place) for parts in named for name, part in parts.items()]
    for group in version.children.values():
        places += [(group.name, group.place)]
        places += [(name, measure.place) for name, measure in group.measures.items()]
    for name, place in places:
        if name not in used:
            yield place, f"nothing uses {name!r}"


def _unread_totals(file: str, version: Version, read_below: frozenset[str]) -> Iterator[Problem]:
    """Find totals to which rules add for nothing: a grade, say, forgot that they are its steps.

    A version that gives nothing itself is there for those who extend it.
    """
    effects = any(rule.effect for rule in version.rules)
    if not (version.grade or version.score or version.outputs or effects):
        return
    adding = {rule.total: rule.id for rule in reversed(version.rules) if rule.total}
    read = read_names(version) | read_below
    for name, total in version.totals.items():
        if name in adding and name not in read:
            message = (
                f"{adding[name]} adds to {name!r}, and nothing reads it: neither the score, the"
                " grade (steps_down, a band), an output nor a value, a rule or a table"
            )
            yield problem_at(file, total.place, "unread-total", message)


def _idle_values(
    policy: Policy, version: Version, read_below: frozenset[str]
) -> Iterator[tuple[Place, str]]:
    """Find values that are worked out for nothing; a number of the text may stand for itself."""
    used = used_names(version) | read_below
    for name, value in version.values.items():
        # What a pack has besides those above, is told of with what it may stand for.
        own = _file_of(value.place, policy.file) == policy.file
        own &= not version.extends or name in version.replaced
        if own and name not in used and not isinstance(value.expression, Literal):
            yield value.place, f"nothing uses {name!r}"


def _never_given(version: Version) -> Iterator[tuple[Place, str]]:
    """Find ends of ladders at which nothing starts, to which no steps lead, and which no rule sets.

    A grade between them may stand there for those who extend the version.
    """
    scales = [group.grade for group in version.children.values()]
    if version.grade is not None and not version.grade.steps_down:
        scales.append(version.grade)
    set_by_rules = {rule.target for rule in version.rules if rule.effect in _SETS_GRADE}
    for scale in scales:
        if scale is None or scale.start_rank is not None:
            continue
        given = {band.grade for band in scale.start}
        for grade in dict.fromkeys((*scale.ladder[:1], *scale.ladder[-1:])):
            if grade not in given and not (scale is version.grade and grade in set_by_rules):
                yield scale.place, f"nothing ever gives the grade {grade!r} of the ladder"


def _overriding_nothing(policy: Policy, version: Version) -> Iterator[tuple[Place, str]]:
    """Find values of a pack that are above under no such name, and that nothing here uses."""
    if not version.extends:
        return
    used = used_names(version)
    own = _own_values(policy, version) - set(version.replaced)
    for name in sorted(own - used):
        near = get_close_matches(name, set(version.values) - own, n=1, cutoff=_LIKE)
        mend = f"call it {near[0]!r} if that is meant" if near else "leave it out, or use it"
        message = f"nothing uses {name!r}, and no value above has this name; {mend}"
        yield version.values[name].place, message


def _own_values(policy: Policy, version: Version) -> set[str]:
    """Name the values that the file itself gives a version, and not what it extends."""
    versions = read_document(policy.content, policy.file).get("versions")
    for item in versions if isinstance(versions, Items) else ():
        if isinstance(item, Entries) and item.get("version") == version.version:
            values = item.get("values")
            return set(values) & set(version.values) if isinstance(values, Entries) else set()
    return set()


def _types_of(
    name: str, types: Mapping[str, Ref], vocabulary: Vocabulary
) -> frozenset[AttributeType]:
    """Give what a name may be: a name of the version, or an attribute of records."""
    found = {types[name].type.type} if name in types else set()
    of_records = (kind.attributes.get(name) for kind in vocabulary.kinds.values())
    return frozenset(found | {one.type for one in of_records if one is not None})


def _summed_code(indicator: Indicator, vocabulary: Vocabulary) -> str:
    if indicator.measure != "sum" or not isinstance(indicator.of, Name):
        return ""
    of = indicator.of.name
    for source in vocabulary.known_sources(indicator.kinds, indicator.relation):
        attribute = vocabulary.record_attributes(source).get(of)
        if attribute is not None and attribute.codes:
            return (
                f"{of!r} is a code, and codes have no sum; count the records, take their max, or"
                " sum what a table gives for each code: {sum: {lookup: table}}"
            )
    return ""


_DIRECT: Final = 90
"""Digits of a city for what a province administers itself."""
