"""Reading child subjects: who they are, what is measured of each, and indicators over them."""

from typing import Final

from services.engine.document import Entries, Items
from services.engine.fact_file import FactReader
from services.engine.language import (
    ChildGroup,
    Expression,
    GradeBand,
    GradeScale,
    Indicator,
    Literal,
    Source,
    Value,
    Window,
)
from services.engine.reading import ROUNDINGS

CHILD_GRADE: Final = "grade"
"""Name of a child's place on the ladder of its group."""

SHARE: Final = "share"
"""Measure of how many of the children are such, as a part of all."""

WORST: Final = "worst"
"""Measure of the worst grade that some child has."""

_UNNAMED: Final = ("left_out", "together", "no_data")
_PLAIN: Final = ("count", SHARE, WORST)
_OF_SOMETHING: Final = ("sum", "mean", "min", "max")
_ROUNDED: Final = (SHARE, "mean")
_ALWAYS_THERE: Final = ("count", "sum")


class ChildReader(FactReader):
    """Reads groups of child subjects, and indicators over them, of one file."""

    def children(self, name: str, entries: Entries, source: Source) -> ChildGroup:
        """Read a group of child subjects."""
        self.known_keys(
            entries, "each", "roster", "unnamed", "measures", "values", CHILD_GRADE, "source"
        )
        own_source = self.source(entries, source)
        measures = self.named(entries, "measures", self._measure_of_child, source)
        values = self.named(entries, "values", self.value, source)
        for own_name, value in values.items():
            if value.if_none is not None:
                message = "a value of a child has no 'if_none'; choose with 'if' what holds then"
                self.refuse(value.place, "unknown-key", message)
            if value.codes:
                self.refuse(value.place, "unknown-key", "a value of a child is a number, no word")
            if own_name in measures:
                self.refuse(value.place, "duplicate-name", f"{own_name!r} is measured already")
        for part in (measures.get(CHILD_GRADE), values.get(CHILD_GRADE)):
            if part is not None:
                self.refuse(part.place, "duplicate-name", "'grade' is that of the ladder")
        return ChildGroup(
            name=name,
            each=self.text(entries, "each"),
            roster=self._roster(self.entries(entries, "roster"), own_source),
            unnamed=self.word(entries, "unnamed", _UNNAMED) if "unnamed" in entries else "",
            measures=measures,
            values=values,
            grade=self._ladder(self.entries(entries, CHILD_GRADE), source)
            if CHILD_GRADE in entries
            else None,
            source=own_source,
            place=entries.place,
        )

    def indicator(self, name: str, entries: Entries, source: Source) -> Indicator:
        """Read an indicator, over records or over child subjects."""
        if "over" in entries:
            return self._over_children(name, entries, source)
        return super().indicator(name, entries, source)

    def value(self, name: str, entries: Entries, source: Source) -> Value:
        """Read a named expression."""
        self.known_keys(entries, "is", "if_none", *self.measured_in(entries), "source")
        return Value(
            name=name,
            expression=self.formula(entries, "is"),
            unit=self.text(entries, "unit", "" if "codes" in entries else None),
            source=self.source(entries, source),
            place=entries.place,
            if_none=self.absent(entries, "if_none") if "if_none" in entries else None,
            codes=self.text(entries, "codes", ""),
        )

    def bands(self, items: Items, source: Source) -> tuple[GradeBand, ...]:
        """Read the bands of a ladder."""
        bands: list[GradeBand] = []
        for item, place in zip(items, items.places, strict=True):
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(place, "syntax", "a band is a mapping")
                self.known_keys(item, "grade", "when", "source")
                bands.append(
                    GradeBand(
                        grade=self.text(item, "grade"),
                        when=self.when(item, "when"),
                        place=item.place,
                        source=self.source(item, source) if "source" in item else None,
                    )
                )
        return tuple(bands)

    # Private methods -------------------------------------------------------------

    def _measure_of_child(self, name: str, entries: Entries, source: Source) -> Indicator:
        indicator = super().indicator(name, entries, source)
        if indicator.run is not None:
            self.refuse(
                entries.places["measure"], "unknown-measure", "a child has no periods in a row"
            )
        if indicator.within is not None:
            self.refuse(
                entries.places["measure"], "unknown-measure", "a child has no 'most_within'"
            )
        if indicator.reached is not None:
            self.refuse(entries.places["measure"], "unknown-measure", "a child has no 'reached'")
        return indicator

    def _roster(self, entries: Entries, source: Source) -> Indicator:
        self.known_keys(entries, "records", "of", "each", "where", "window")
        each = self.optional_entries(entries, "each")
        return Indicator(
            name="roster",
            kinds=self.kinds(entries),
            relation=self.text(entries, "of", ""),
            each=self.each(each, lambda key: self.formula(each, key)),
            where=self.when(entries, "where"),
            window=self.window(entries),
            measure="count",
            of=None,
            if_none=Literal(0, entries.place),
            unit="",
            source=source,
            place=entries.place,
        )

    def _ladder(self, entries: Entries, source: Source) -> GradeScale:
        self.known_keys(entries, "ladder", "start", "source")
        return GradeScale(
            ladder=tuple(str(grade) for grade in self.items(entries, "ladder")),
            start=self.bands(self.items(entries, "start"), source),
            start_rank=None,
            steps_down="",
            beyond="clamp",
            source=self.source(entries, source),
            place=entries.place,
        )

    def _over_children(self, name: str, entries: Entries, source: Source) -> Indicator:
        measure, of = self._measure_over(entries)
        rounded, always = measure in _ROUNDED, measure in _ALWAYS_THERE
        self.known_keys(
            entries,
            "over",
            "where",
            "measure",
            *(("places", "rounding") if rounded else ()),
            *(() if always else ("if_none",)),
            "unit",
            "source",
        )
        return Indicator(
            name=name,
            kinds=(),
            where=self.when(entries, "where"),
            window=Window(form="ever"),
            measure=measure,
            of=of,
            if_none=Literal(0, entries.place) if always else self.absent(entries, "if_none"),
            unit=self.text(entries, "unit"),
            source=self.source(entries, source),
            place=entries.place,
            over=self.text(entries, "over"),
            places=self.whole(entries, "places") if rounded else None,
            rounding=self.word(entries, "rounding", ROUNDINGS) if rounded else "",
        )

    def _measure_over(self, entries: Entries) -> tuple[str, Expression | None]:
        value = self.required(entries, "measure")
        if isinstance(value, str) and value in _PLAIN:
            return value, None
        if isinstance(value, Entries) and len(value) == 1:
            (measure,) = value
            if measure in _OF_SOMETHING:
                return measure, self.formula(value, measure)
        return self.refuse(
            entries.places["measure"],
            "unknown-measure",
            f"over children use {', '.join(_PLAIN)}, or one of {', '.join(_OF_SOMETHING)} with"
            " what it is of",
        )
