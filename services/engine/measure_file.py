"""Reading ``measures.yaml``: the catalogue of measures, or every problem with its place."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from services.engine.document import Entries, Items, read_document
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.instruments import CONFIRMED, EndedInstrument, ended_behind, latest_after
from services.engine.language import Place, Source, Wording
from services.engine.reading import Reader

MEASURES_FILE: Final = "measures.yaml"
"""The catalogue, at the top of the policies' folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionEntry:
    """One edition of the national list of measures, in force on ``[start_date, end_date)``."""

    edition: str
    start_date: date
    end_date: date | None
    source: Source
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedEntry:
    """That an edition has a measure, as which item, and how well that is sourced."""

    edition: str
    item: str
    confidence: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEntry:
    """One measure of the catalogue.

    Attributes:
        code: Stable code.
        favourable: Whether it is an incentive of the redlists.
        fields: Names of the fields whose lists may carry it.
        persons: Whether it can be used on persons.
        wording: Chinese and English wording.
        start_date: First day on which its basis allows it.
        end_date: Day after the last; none while it has no end.
        basis: Its legal basis.
        allowed: Editions that have it.
        place: Line and column.
    """

    code: str
    favourable: bool
    fields: tuple[str, ...]
    persons: bool
    wording: Wording
    start_date: date
    end_date: date | None
    basis: tuple[Source, ...]
    allowed: tuple[AllowedEntry, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFile:
    """The catalogue as written.

    Attributes:
        measures: Measures in the order of the file.
        editions: Editions, oldest first.
    """

    measures: tuple[MeasureEntry, ...]
    editions: tuple[EditionEntry, ...]


def read_measures(
    content: bytes, file: str, *, fields: Mapping[str, int], ended: Mapping[str, EndedInstrument]
) -> MeasureFile:
    """Read the catalogue and check it.

    Args:
        content: Bytes of the file, UTF-8 YAML.
        file: Name for problems.
        fields: Names of the fields.
        ended: Instruments that ended, by document number.

    Raises:
        PolicyRefusedError: The file breaks its form, names an unknown instrument or edition, or
            rests on an instrument that ended; carries every problem found.
    """
    reader = _MeasureReader(file, fields)
    found: list[MeasureFile] = []
    root = read_document(content, file)
    with reader.part():
        found.append(reader.catalogue(root))
    problems = list(reader.found)
    if not problems:
        problems = _checked(found[0], file, ended)
    if problems:
        raise PolicyRefusedError(tuple(problems))
    return found[0]


# Private functions and classes ------------------------------------------------

_CODE: Final = re.compile("[a-z][a-z0-9_]{0,63}")
_CONFIDENCES: Final = ("text-seen", "secondary", "assumed")
_MEASURE_KEYS: Final = (
    "code",
    "list",
    "fields",
    "persons",
    "zh",
    "en",
    "start_date",
    "end_date",
    "basis",
    "allowed",
)


class _MeasureReader(Reader):
    def __init__(self, file: str, fields: Mapping[str, int]) -> None:
        super().__init__(file)
        self._fields = fields
        self._instruments: dict[str, Source] = {}

    def catalogue(self, root: Entries) -> MeasureFile:
        self.known_keys(root, "documentation", "instruments", "editions", "measures")
        self.text(root, "documentation")
        instruments = self.entries(root, "instruments")
        self._instruments = self.each(instruments, lambda key: self._instrument(instruments, key))
        return MeasureFile(
            editions=tuple(self._edition(one) for one in self._mappings(root, "editions")),
            measures=tuple(self._measure(one) for one in self._mappings(root, "measures")),
        )

    def _mappings(self, parent: Entries, key: str) -> list[Entries]:
        items: Items = self.items(parent, key)
        found: list[Entries] = []
        for item, place in zip(items, items.places, strict=True):
            if not isinstance(item, Entries):
                self.refuse(place, "syntax", f"each of {key!r} is a mapping")
            found.append(item)
        return found

    def _instrument(self, parent: Entries, key: str) -> Source:
        entries = self.entries(parent, key)
        self.known_keys(
            entries, "title", "document_number", "publish_date", "effective_date", "checked_date"
        )
        return Source(
            instrument=self.text(entries, "title"),
            document_number=self.text(entries, "document_number", ""),
            article="",
            publish_date=self.day(entries, "publish_date"),
            effective_date=self.day(entries, "effective_date"),
            checked_date=self._required_day(entries, "checked_date"),
            confidence="",
        )

    def _source(self, entries: Entries) -> Source:
        self.known_keys(entries, "instrument", "article", "confidence")
        key = self.text(entries, "instrument")
        if key not in self._instruments:
            known = ", ".join(self._instruments)
            self.refuse(
                entries.places["instrument"],
                "unknown-instrument",
                f"there is no instrument {key!r}; known are {known}",
            )
        base = self._instruments[key]
        return Source(
            instrument=base.instrument,
            document_number=base.document_number,
            article=self.text(entries, "article"),
            publish_date=base.publish_date,
            effective_date=base.effective_date,
            checked_date=base.checked_date,
            confidence=self.word(entries, "confidence", _CONFIDENCES),
        )

    def _edition(self, entries: Entries) -> EditionEntry:
        self.known_keys(entries, "edition", "start_date", "end_date", "source")
        return EditionEntry(
            edition=self.text(entries, "edition"),
            start_date=self._required_day(entries, "start_date"),
            end_date=self.day(entries, "end_date"),
            source=self._source(self.entries(entries, "source")),
            place=entries.place,
        )

    def _measure(self, entries: Entries) -> MeasureEntry:
        self.known_keys(entries, *_MEASURE_KEYS)
        code = self.text(entries, "code")
        if not _CODE.fullmatch(code):
            self.report(entries.places["code"], "measure-code", "use lower-case words joined by _")
        persons = self.required(entries, "persons")
        if not isinstance(persons, bool):
            self.refuse(entries.places["persons"], "syntax", "'persons' is true or false")
        return MeasureEntry(
            code=code,
            favourable=self.word(entries, "list", ("blacklist", "redlist")) == "redlist",
            fields=self._field_names(entries),
            persons=persons,
            wording=Wording(self.text(entries, "zh"), self.text(entries, "en")),
            start_date=self._required_day(entries, "start_date"),
            end_date=self.day(entries, "end_date"),
            basis=tuple(self._source(one) for one in self._mappings(entries, "basis")),
            allowed=tuple(self._allowed(one) for one in self._mappings(entries, "allowed")),
            place=entries.place,
        )

    def _allowed(self, entries: Entries) -> AllowedEntry:
        self.known_keys(entries, "edition", "item", "confidence")
        return AllowedEntry(
            edition=self.text(entries, "edition"),
            item=self.text(entries, "item"),
            confidence=self.word(entries, "confidence", _CONFIDENCES),
            place=entries.place,
        )

    def _field_names(self, entries: Entries) -> tuple[str, ...]:
        if entries.get("fields") == "all":
            return tuple(self._fields)
        items = self.items(entries, "fields")
        for item, place in zip(items, items.places, strict=True):
            if item not in self._fields:
                known = ", ".join(self._fields)
                self.report(place, "unknown-word", f"{item!r} is no field; known are {known}")
        return tuple(str(item) for item in items)

    def _required_day(self, entries: Entries, key: str) -> date:
        day = self.day(entries, key)
        if day is None:
            self.refuse(entries.place, f"missing-{key.replace('_', '-')}", f"{key!r} is missing")
        return day


def _checked(
    catalogue: MeasureFile, file: str, ended: Mapping[str, EndedInstrument]
) -> list[Problem]:
    """Check what the parts of the catalogue say of each other."""
    codes = Counter(one.code for one in catalogue.measures)
    found = list(_edition_problems(catalogue))
    for measure in catalogue.measures:
        if codes[measure.code] > 1:
            message = f"two measures are called {measure.code!r}"
            found.append((measure.place, "duplicate-measure", message))
        found.extend(_basis_problems(measure, ended))
        found.extend(_allowed_problems(measure, catalogue))
    return [Problem(file, *place, code, message) for place, code, message in found]


_Found = tuple[Place, str, str]


def _edition_problems(catalogue: MeasureFile) -> Iterator[_Found]:
    for earlier, later in pairwise(catalogue.editions):
        if earlier.end_date != later.start_date:
            message = f"edition {earlier.edition} must end on {later.start_date}, no other day"
            yield later.place, "time-gap", message


def _basis_problems(
    measure: MeasureEntry, ended: Mapping[str, EndedInstrument]
) -> Iterator[_Found]:
    if not measure.basis:
        yield measure.place, "missing-basis", "a measure needs a legal basis"
    for source in measure.basis:
        end = ended_behind(source, ended)
        if end is None or end.confidence != CONFIRMED:
            continue
        if measure.end_date is None or measure.end_date > end.end_date:
            latest = latest_after(end, ended)
            instead = f"see {latest}, or end" if latest else "nothing took its place; end"
            message = f"{end.document_number} ended on {end.end_date}; {instead} the measure"
            yield measure.place, "superseded", message


def _allowed_problems(measure: MeasureEntry, catalogue: MeasureFile) -> Iterator[_Found]:
    editions = {one.edition: one for one in catalogue.editions}
    for allowed in measure.allowed:
        edition = editions.get(allowed.edition)
        if edition is None:
            yield allowed.place, "unknown-edition", f"there is no edition {allowed.edition!r}"
        elif edition.end_date is not None and edition.end_date <= measure.start_date:
            yield allowed.place, "never-allowed", "the edition ended before the measure began"
    if measure.favourable and measure.allowed:
        yield measure.place, "incentive-allowed", "the national list is of punishments only"
