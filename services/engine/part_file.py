"""Reading what every part of a version has: names, wording, sources, conditions, expressions."""

from collections.abc import Callable
from typing import Final, TypeVar

from services.engine.document import Entries
from services.engine.language import Condition, Every, Expression, Source, Wording
from services.engine.reading import Reader

_T = TypeVar("_T")

_CONFIDENCES: Final = ("text-seen", "secondary", "assumed")
_ABSENT: Final = ("no_data", "unknown")
_SOURCE_KEYS: Final = (
    "instrument",
    "document_number",
    "article",
    "publish_date",
    "effective_date",
    "checked_date",
    "confidence",
)


class PartReader(Reader):
    """Reads parts of one file with their sources."""

    def named(
        self,
        entries: Entries,
        key: str,
        read: Callable[[str, Entries, Source], _T],
        source: Source,
    ) -> dict[str, _T]:
        """Read named parts, each with its source."""
        parts = self.optional_entries(entries, key)
        return self.each(parts, lambda name: read(name, self.entries(parts, name), source))

    def wording(self, parent: Entries, key: str) -> Wording:
        """Read a text in Chinese and English."""
        entries = self.entries(parent, key)
        self.known_keys(entries, "zh", "en")
        return Wording(self.text(entries, "zh"), self.text(entries, "en"))

    def full_source(self, parent: Entries) -> Source:
        """Read the source of a version: the instrument that it puts into data."""
        entries = self.entries(parent, "source")
        self.known_keys(entries, *_SOURCE_KEYS)
        return Source(
            instrument=self.text(entries, "instrument"),
            document_number=self.text(entries, "document_number", ""),
            article=self.text(entries, "article", ""),
            publish_date=self.day(entries, "publish_date"),
            effective_date=self.day(entries, "effective_date"),
            checked_date=self.day(entries, "checked_date"),
            confidence=self.word(entries, "confidence", _CONFIDENCES),
        )

    def source(self, parent: Entries, base: Source) -> Source:
        """Read a part's source: article and confidence, over the version's instrument."""
        entries = self.entries(parent, "source")
        self.known_keys(entries, *_SOURCE_KEYS)
        instrument = self.text(entries, "instrument", base.instrument)
        own = instrument == base.instrument
        return Source(
            instrument=instrument,
            document_number=self.text(
                entries, "document_number", base.document_number if own else ""
            ),
            article=self.text(entries, "article"),
            publish_date=self.day(entries, "publish_date") or (base.publish_date if own else None),
            effective_date=self.day(entries, "effective_date")
            or (base.effective_date if own else None),
            checked_date=self.day(entries, "checked_date") or base.checked_date,
            confidence=self.word(entries, "confidence", _CONFIDENCES),
        )

    def when(self, entries: Entries, key: str) -> Condition:
        """Read a condition that may be left out: then it always holds."""
        if key not in entries:
            return Every(())
        return self.condition(entries[key], entries.places[key])

    def formula(self, entries: Entries, key: str) -> Expression:
        """Read an expression that must be there."""
        return self.expression(self.required(entries, key), entries.places.get(key, entries.place))

    def optional_formula(self, entries: Entries, key: str) -> Expression | None:
        """Read an expression that may be left out."""
        return self.formula(entries, key) if key in entries else None

    def measured_in(self, entries: Entries) -> tuple[str, ...]:
        """Name the key that says what a number is counted in, or of which codes a word is."""
        return ("codes",) if "codes" in entries else ("unit",)

    def absent(self, entries: Entries, key: str) -> str | Expression:
        """Read what happens without data; nothing is silently the best."""
        value = self.required(entries, key)
        if isinstance(value, str) and value in _ABSENT:
            return value
        return self.formula(entries, key)
