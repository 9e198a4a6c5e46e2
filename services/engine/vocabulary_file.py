"""What the file of the vocabulary must say, so that no word is silently another or counts nothing.

A code is stored by its number: two codes with one number are one, and a policy that asks for the
new one counts the old. A kind of record that nobody has speaks against nobody.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from services.engine.document import Entries, Items
from services.engine.errors import PolicyRefusedError, Problem, problem_at
from services.engine.language import Place
from services.engine.stored_words import check_stored

TYPES: Final = ("number", "code", "codes", "day", "flag", "industry", "division")
"""Types of attributes, as `vocabulary.AttributeType` has them."""


def check_vocabulary(root: Entries, file: str) -> None:
    """Check the whole file.

    Args:
        root: The file, read.
        file: Name for problems.

    Raises:
        PolicyRefusedError: Something is missing, is not known, or stands twice; carries all of it.
    """
    checker = _Checker(file)
    checker.whole_file(root)
    # What has not its form cannot be compared with what is stored.
    problems = checker.problems or list(check_stored(root, file))
    if problems:
        raise PolicyRefusedError(tuple(sorted(set(problems))))


# Private functions -----------------------------------------------------------

_NEEDED: Final = ("codes", "ordered", "subject", "record", "kinds")
_OPTIONAL: Final = ("industries", "provinces", "units", "adverse", "relations")
_TITLES: Final = ("zh", "en")
_ENDS: Final = ("first", "last")
_ATTRIBUTE: Final = ("type", "codes", "unit", "optional", "signed", *_TITLES)
_OF_CODES: Final = ("code", "codes")
_NUMBER_MOST: Final = {"code": 32_767, "codes": 30}
"""Greatest number of a code: what a column of codes holds, and the bits of a set of them."""


class _Checker:
    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def whole_file(self, root: Entries) -> None:
        self._keys(root, (*_NEEDED, *_OPTIONAL), needed=_NEEDED)
        sets = self._part(root, "codes", self._codes)
        kinds = self._part(root, "kinds", lambda kind: self._kind(kind, sets))
        self._numbers(kinds)
        for part in ("subject", "record"):
            self._part(root, part, lambda one: self._attribute(one, sets))
        self._part(root, "relations", lambda one: self._relation(one, sets))
        self._part(root, "units", lambda unit: self._keys(unit, _TITLES, needed=_TITLES))
        self._sections(self._part(root, "industries", lambda one: self._counted(one, *_ENDS)))
        self._part(root, "provinces", lambda one: self._counted(one, "city_last"))
        ordered = root.get("ordered", Items(root.place))
        if isinstance(ordered, Items):
            for name, place in zip(ordered, ordered.places, strict=True):
                self._known(name, sets, place, "set of codes")
        else:
            self._report(root.places["ordered"], "syntax", "'ordered' must be a list")
        record = root.get("record")
        common = record if isinstance(record, Entries) else Entries(root.place)
        for kind, said, place in self._entries(root, "adverse"):
            if self._known(kind, kinds, place, "kind of record"):
                self._adverse(said, {**common, **_attributes(kinds[kind])}, sets)

    # Parts -------------------------------------------------------------------------

    def _codes(self, codes: Entries) -> None:
        found = {}
        for code, place in codes.places.items():
            one = codes[code]
            if isinstance(one, Entries):
                self._keys(one, ("number", *_TITLES), needed=("number", *_TITLES))
                found[code] = one
            else:
                self._report(place, "syntax", f"{code!r} must be a mapping")
        self._numbers(found)

    def _kind(self, kind: Entries, sets: Mapping[str, Entries]) -> None:
        self._keys(kind, ("number", *_TITLES, "attributes"), needed=("number", "attributes", "zh"))
        self._part(kind, "attributes", lambda one: self._attribute(one, sets))

    def _relation(self, relation: Entries, sets: Mapping[str, Entries]) -> None:
        self._keys(relation, (*_TITLES, "attributes"), needed=(*_TITLES, "attributes"))
        self._part(relation, "attributes", lambda one: self._attribute(one, sets))

    def _attribute(self, one: Entries, sets: Mapping[str, Entries]) -> None:
        self._keys(one, _ATTRIBUTE, needed=("type", "zh"))
        type_ = str(one.get("type", ""))
        if "type" in one and type_ not in TYPES:
            self._report(one.places["type"], "unknown-word", f"'type' is one of {', '.join(TYPES)}")
        elif type_ in _OF_CODES:
            self._keys(one, _ATTRIBUTE, needed=("codes",))
            name = one.get("codes")
            if name is not None and self._known(name, sets, one.places["codes"], "set of codes"):
                self._within(sets[str(name)], _NUMBER_MOST[type_])

    def _within(self, codes: Entries, most: int) -> None:
        for code in codes.values():
            number = code.get("number") if isinstance(code, Entries) else None
            if isinstance(code, Entries) and isinstance(number, int) and not 0 <= number <= most:
                message = f"{number} cannot be stored here; take a free number from 0 to {most}"
                self._report(code.places["number"], "number", message)

    def _adverse(
        self, said: Entries, attributes: Mapping[str, object], sets: Mapping[str, Entries]
    ) -> None:
        for name, word in said.items():
            place = said.places[name]
            if self._known(name, attributes, place, "attribute of it"):
                attribute = attributes[name]
                codes = str(attribute.get("codes")) if isinstance(attribute, Entries) else ""
                self._known(word, sets.get(codes, {}), place, "code of it")

    # Leaves ------------------------------------------------------------------------

    def _part(
        self, parent: Entries, key: str, check: Callable[[Entries], None]
    ) -> dict[str, Entries]:
        """Check every entry of a part; give those that are mappings."""
        found: dict[str, Entries] = {}
        for name, one, _ in self._entries(parent, key):
            check(one)
            found[name] = one
        return found

    def _entries(self, parent: Entries, key: str) -> list[tuple[str, Entries, Place]]:
        part = parent.get(key, Entries(parent.place))
        if not isinstance(part, Entries):
            self._report(parent.places[key], "syntax", f"{key!r} must be a mapping")
            return []
        found: list[tuple[str, Entries, Place]] = []
        for name, one in part.items():
            if isinstance(one, Entries):
                found.append((name, one, part.places[name]))
            else:
                self._report(part.places[name], "syntax", f"{name!r} must be a mapping")
        return found

    def _keys(self, part: Entries, known: Iterable[str], *, needed: Iterable[str]) -> None:
        for key in needed:
            if key not in part:
                self._report(part.place, f"missing-{key}", f"{key!r} is missing")
        for key in part:
            if key not in (several := tuple(known)):
                message = f"{key!r} is not known here; known are {', '.join(several)}"
                self._report(part.places[key], "unknown-key", message)
            elif key in _TITLES and not (isinstance(part[key], str) and str(part[key]).strip()):
                self._report(part.places[key], "syntax", f"{key!r} must be a text, and not empty")

    def _counted(self, part: Entries, *keys: str) -> None:
        self._keys(part, (*keys, *_TITLES), needed=keys)
        for key in keys:
            if key in part and not _is_whole(part[key]):
                self._report(part.places[key], "syntax", f"{key!r} must be a whole number")

    def _sections(self, sections: Mapping[str, Entries]) -> None:
        """Check that sections of industries follow each other, so that no division is of two."""
        before = 0
        for one in sections.values():
            first, last = (one.get(key) for key in _ENDS)
            if isinstance(first, int) and isinstance(last, int):
                if first <= before:
                    message = f"'first' must come after {before}, where the section before ends"
                    self._report(one.places["first"], "number", message)
                if last < first:
                    self._report(one.places["last"], "number", "'last' must not be before 'first'")
                before = last

    def _numbers(self, words: Mapping[str, Entries]) -> None:
        """Check that every word has a number of its own."""
        taken: dict[object, str] = {}
        numbers = [one.get("number") for one in words.values()]
        for word, one in words.items():
            if "number" not in one:
                continue
            number, place = one["number"], one.places["number"]
            if not _is_whole(number):
                self._report(place, "syntax", "'number' must be a whole number")
            elif number in taken:
                free = max(each for each in numbers if isinstance(each, int)) + 1
                message = (
                    f"{word!r} has the number {number}, which {taken[number]!r} has; what asks for"
                    f" one would count the other. Take a number that none ever had, from {free} on"
                )
                self._report(place, "duplicate-number", message)
            else:
                taken[number] = word

    def _known(self, name: object, known: Iterable[str], place: Place, what: str) -> bool:
        several = tuple(known)
        if name in several:
            return True
        self._report(
            place, "unknown-word", f"{name!r} is no {what}; known are {', '.join(several)}"
        )
        return False

    def _report(self, place: Place, code: str, message: str) -> None:
        self.problems.append(problem_at(self._file, place, code, message))


def _attributes(kind: Entries) -> Mapping[str, object]:
    found = kind.get("attributes")
    return found if isinstance(found, Entries) else {}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
