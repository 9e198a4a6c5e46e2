"""The words that policies may use: kinds of records, attributes and codes, read from data."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from services.engine.document import Entries, read_document
from services.engine.vocabulary_file import check_vocabulary


class AttributeType(Enum):
    """What an attribute's whole numbers mean."""

    NUMBER = "number"
    """A whole number of its unit."""

    CODE = "code"
    """The number of one code of a set."""

    CODES = "codes"
    """A set of codes: bit n for the code of number n."""

    DAY = "day"
    """Days since 1970-01-01."""

    FLAG = "flag"
    """1 for true, 0 for false."""

    INDUSTRY = "industry"
    """An industry of GB/T 4754 as a number, see `industry_range`."""

    DIVISION = "division"
    """A division of GB/T 2260 as a number, see `division_range`."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a subject or of a kind of record.

    Attributes:
        type: What its numbers mean.
        codes: Name of its code set; empty for the other types.
        unit: Unit of a number; empty for the other types.
        optional: Whether a record may lack it, where records of its type always have one.
        title: Its name in Chinese; two attributes are equal without.
        signed: Whether a number may be below zero; all others count something.
    """

    type: AttributeType
    codes: str = ""
    unit: str = ""
    optional: bool = False
    title: str = dataclasses.field(default="", compare=False)
    signed: bool = False


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of record.

    Attributes:
        number: Number in the store and on the wire.
        attributes: Attributes by name, those of every record included.
        title: Its name in Chinese.
    """

    number: int
    attributes: Mapping[str, Attribute]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words.

    Attributes:
        code_numbers: Number of each code, by set and code.
        code_titles: Chinese and English title of each code, by set and code.
        ordered: Code sets whose numbers rise with gravity or rank.
        subject: Attributes of a subject by name.
        kinds: Kinds of records by name.
        relations: Whose records besides the subject's own a policy may count, by name: what such
            a record says of the relation besides its own attributes.
        industries: First and last division of each section of GB/T 4754, by its letter.
        provinces: Greatest two digits of a city in each province of GB/T 2260, by its two digits.
        units: Chinese of each unit.
        unit_names: Unit by what else it is called, a title that it shares with no other.
        adverse: Kinds whose records speak against a subject, and which codes they have then.
    """

    code_numbers: Mapping[str, Mapping[str, int]]
    code_titles: Mapping[str, Mapping[str, tuple[str, str]]]
    ordered: frozenset[str]
    subject: Mapping[str, Attribute]
    kinds: Mapping[str, RecordKind]
    relations: Mapping[str, Mapping[str, Attribute]] = dataclasses.field(default_factory=dict)
    industries: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)
    provinces: Mapping[str, int] = dataclasses.field(default_factory=dict)
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unit_names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    adverse: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    def known_sources(self, kinds: Iterable[str], relation: str = "") -> tuple[str, ...]:
        """Give the sources of some kinds, those left out that there are not."""
        if relation and relation not in self.relations:
            return ()
        return tuple(record_source(kind, relation) for kind in kinds if kind in self.kinds)

    def record_attributes(self, source: str) -> Mapping[str, Attribute]:
        """Give the attributes of the records of a source, see `record_source`."""
        kind, relation = split_source(source)
        attributes = self.kinds[kind].attributes
        return {**attributes, **self.relations[relation]} if relation else attributes


KEPT_BY_SCORING: Final = frozenset({"listing", "risk_prediction", "role", "membership"})
"""Kinds whose records are no facts of the credit service; their identifiers are not of those."""


def record_source(kind: str, relation: str = "") -> str:
    """Name the records of a kind, the subject's own or those of a relation of it."""
    return f"{kind}@{relation}" if relation else kind


def split_source(source: str) -> tuple[str, str]:
    """Give the kind of a source's records and the relation; an empty one for the subject's own."""
    kind, _, relation = source.partition("@")
    return kind, relation


def kept_by_scoring(sources: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give those of some sources whose records are no facts, each with its kind."""
    kinds = ((source, split_source(source)[0]) for source in sources)
    return tuple((source, kind) for source, kind in kinds if kind in KEPT_BY_SCORING)


# Several parts of a server ask for the words of one folder, each on its own.
@lru_cache(maxsize=4)
def parse_vocabulary(content: bytes, file: str = "vocabulary.yaml") -> Vocabulary:
    """Read the vocabulary from the bytes of its file; equal bytes are read once.

    Raises:
        PolicyRefusedError: The file does not say what it must, see `vocabulary_file`.
    """
    root = read_document(content, file)
    check_vocabulary(root, file)
    sets = _entries(root, "codes")
    record = _attributes(_entries(root, "record"))
    numbers = {
        name: {code: _number(_entries(_entries(sets, name), code)) for code in codes}
        for name, codes in ((name, _entries(sets, name)) for name in sets)
    }
    kinds = {
        name: RecordKind(
            _number(one),
            record | _attributes(_entries(one, "attributes")),
            str(one.get("zh", "")),
        )
        for name, one in _listed(root, "kinds")
    }
    return Vocabulary(
        code_numbers=numbers,
        code_titles={
            name: {code: _title(_entries(_entries(sets, name), code)) for code in codes}
            for name, codes in ((name, _entries(sets, name)) for name in sets)
        },
        ordered=frozenset(str(name) for name in _items(root, "ordered")),
        subject=_attributes(_entries(root, "subject")),
        kinds=kinds,
        relations={
            name: _attributes(_entries(_entries(_entries(root, "relations"), name), "attributes"))
            for name in (_entries(root, "relations") if "relations" in root else ())
        },
        industries={
            letter: (_whole(section, "first"), _whole(section, "last"))
            for letter, section in _listed(root, "industries")
        },
        provinces={
            digits: _whole(province, "city_last") for digits, province in _listed(root, "provinces")
        },
        units={name: str(unit["zh"]) for name, unit in _listed(root, "units")},
        unit_names=_unit_names(root),
        adverse={
            kind: {
                name: numbers[kinds[kind].attributes[name].codes][str(word)]
                for name, word in said.items()
            }
            for kind, said in _listed(root, "adverse")
        },
    )


# A letter and four digits: "C26" is 3_2600, and what lies below it 3_2600 to 3_2699.
_LETTER_STEP: Final = 10_000
_DIGITS: Final = 4


def industry_range(code: str) -> tuple[int, int]:
    """Give the first number of an industry and the number after its last.

    Args:
        code: A letter A–T and none to four digits (GB/T 4754-2017).

    Returns:
        A half-open range; the number of the industry itself is its first.
    """
    digits = code[1:]
    width: int = 10 ** (_DIGITS - len(digits))
    first = (ord(code[0]) - ord("A") + 1) * _LETTER_STEP + int(digits or "0") * width
    return first, first + width


def division_range(code: str) -> tuple[int, int]:
    """Give the first number of a division and the number after its last.

    Args:
        code: Six digits (GB/T 2260); ``000000`` is the whole country, ``110000`` a province,
            ``320600`` a city, ``110105`` a district.
    """
    number = int(code)
    if number == 0:
        return 0, 1_000_000
    width = 10_000 if code.endswith("0000") else 100 if code.endswith("00") else 1
    return number, number + width


# Private functions -----------------------------------------------------------


def _entries(parent: Entries, key: str) -> Entries:
    value = parent[key]
    assert isinstance(value, Entries), f"vocabulary: {key} is a mapping"
    return value


def _items(parent: Entries, key: str) -> list[object]:
    value = parent[key]
    assert isinstance(value, list), f"vocabulary: {key} is a list"
    return list(value)


def _listed(root: Entries, key: str) -> list[tuple[str, Entries]]:
    """Give the entries of a part that a vocabulary may lack."""
    if key not in root:
        return []
    part = _entries(root, key)
    return [(name, _entries(part, name)) for name in part]


def _unit_names(root: Entries) -> dict[str, str]:
    """Give each unit by its titles, but for those that are a unit themselves or of several."""
    units = _listed(root, "units")
    names = {name for name, _ in units}
    found: dict[str, set[str]] = {}
    for name, unit in units:
        for title in {str(unit["zh"]), str(unit["en"])} - names:
            found.setdefault(title, set()).add(name)
    return {title: one for title, (one, *more) in found.items() if not more}


def _number(entries: Entries) -> int:
    return _whole(entries, "number")


def _whole(entries: Entries, key: str) -> int:
    value = entries[key]
    assert isinstance(value, int), f"vocabulary: {key} is a whole number"
    return value


def _title(entries: Entries) -> tuple[str, str]:
    return str(entries["zh"]), str(entries["en"])


def _attributes(entries: Entries) -> dict[str, Attribute]:
    found: dict[str, Attribute] = {}
    for name in entries:
        one = _entries(entries, name)
        found[name] = Attribute(
            AttributeType(str(one["type"])),
            str(one.get("codes", "")),
            str(one.get("unit", "")),
            optional=one.get("optional") is True,
            title=str(one.get("zh", "")),
            signed=one.get("signed") is True,
        )
    return found
