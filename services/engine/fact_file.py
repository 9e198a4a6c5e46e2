"""Reading what a policy is told and what it counts: inputs, indicators, measures, windows."""

from dataclasses import replace
from typing import Final

from services.engine.document import Entries, Items
from services.engine.language import (
    Condition,
    Expression,
    Indicator,
    Input,
    Literal,
    Name,
    Repeats,
    Source,
    Window,
)
from services.engine.part_file import PartReader
from services.engine.peers import MEASURES_AMONG, ROUNDED_FIGURES
from services.engine.reading import PERIODS, ROUNDINGS

BACK_MOST: Final = 12
"""Periods that a policy may look back at its own result; each costs one more evaluation."""

_ORIGINS: Final = ("subject", "request", "policy", "last_period", "peers")
_KEYS_OF_ORIGINS: Final = {
    "policy": ("policy",),
    "output": ("policy", "last_period"),
    "attribute": ("subject", "peers"),
    "period": ("last_period",),
    "back": ("last_period",),
    "of": ("peers",),
    "among": ("peers",),
}


class FactReader(PartReader):
    """Reads inputs and indicators of one file."""

    def input(self, name: str, entries: Entries, _source: Source) -> Input:
        """Read an input."""
        self.known_keys(
            entries,
            "from",
            "attribute",
            "policy",
            "output",
            "unit",
            "codes",
            "places",
            "if_missing",
            "allowed",
            "period",
            "back",
            "of",
            "among",
            "rounding",
        )
        origin = self.word(entries, "from", _ORIGINS)
        self._fitting(entries, origin)
        taken = {"policy": "output", "last_period": "output"}.get(origin, "attribute")
        attribute = self.text(entries, taken, "" if origin == "peers" else name)
        if origin == "peers":
            attribute = self.word(entries, "attribute", MEASURES_AMONG)
        rounded = origin == "peers" and attribute in ROUNDED_FIGURES
        if "rounding" in entries and not rounded:
            message = f"'rounding' belongs to the {' or '.join(ROUNDED_FIGURES)} of peers"
            self.report(entries.places["rounding"], "unknown-key", message)
        state = origin == "last_period"
        allowed = entries.get("allowed")
        return Input(
            name=name,
            origin=origin,
            attribute=attribute,
            policy_id=self.text(entries, "policy") if origin == "policy" else "",
            unit=self.text(entries, "unit", ""),
            codes=self.text(entries, "codes", ""),
            places=self.whole(entries, "places", None if rounded else 0),
            if_missing=self.absent(entries, "if_missing"),
            allowed=None
            if allowed is None
            else self.comparison(name, allowed, entries.places["allowed"]),
            place=entries.place,
            period=self.word(entries, "period", PERIODS) if state else "",
            back=self._back(entries) if state else 1,
            of=self.formula(entries, "of") if origin == "peers" else None,
            among=tuple(str(one) for one in self.items(entries, "among"))
            if origin == "peers"
            else (),
            rounding=self.word(entries, "rounding", ROUNDINGS) if rounded else "",
        )

    def _fitting(self, entries: Entries, origin: str) -> None:
        """Report keys that say nothing of an input of this origin."""
        for key, origins in _KEYS_OF_ORIGINS.items():
            if key in entries and origin not in origins:
                self.report(
                    entries.places[key],
                    "unknown-key",
                    f"{key!r} belongs to an input from {' or '.join(origins)}",
                )

    def _back(self, entries: Entries) -> int:
        back = self.whole(entries, "back")
        if not 1 <= back <= BACK_MOST:
            self.refuse(entries.places["back"], "back", f"go back 1 to {BACK_MOST} periods")
        return back

    def indicator(self, name: str, entries: Entries, source: Source) -> Indicator:
        """Read an indicator."""
        self.known_keys(
            entries,
            "records",
            "of",
            "each",
            "where",
            "repeats",
            "window",
            "measure",
            "if_none",
            "unit",
            "source",
        )
        run, measured = self._run(entries)
        window = self.window(entries)
        within, holding = self._within(measured, window.day)
        measure, of = ("count", None) if within else self._measure(measured)
        if run is not None and window.form != "calendar":
            self.refuse(
                entries.places["window"], "run-window", "a run of periods needs a calendar window"
            )
        counted = run is not None or measure in {"count", "sum", "distinct"}
        each = self.optional_entries(entries, "each")
        return Indicator(
            name=name,
            kinds=self.kinds(entries),
            relation=self.text(entries, "of", ""),
            each=self.each(each, lambda key: self.formula(each, key)),
            where=self.when(entries, "where"),
            window=window,
            measure=measure,
            of=of,
            run=run,
            within=within,
            holding=holding,
            repeats=self._repeats(entries, window.day) if "repeats" in entries else None,
            if_none=Literal(0, entries.place) if counted else self.absent(entries, "if_none"),
            unit=self.text(entries, "unit"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def kinds(self, entries: Entries) -> tuple[str, ...]:
        """Read the kinds of the records."""
        if not isinstance(entries.get("records"), Items):
            return (self.text(entries, "records"),)
        kinds = tuple(str(kind) for kind in self.items(entries, "records"))
        if not kinds or len(set(kinds)) < len(kinds):
            self.refuse(entries.places["records"], "record-kinds", "name each kind once")
        return kinds

    def _run(self, entries: Entries) -> tuple[Condition | None, Entries]:
        """Read the condition of a run of periods, and where its measure stands."""
        measure = self.required(entries, "measure")
        if not isinstance(measure, Entries) or "consecutive" not in measure:
            return None, entries
        self.known_keys(measure, "consecutive", "each_period")
        that = self.comparison(
            "it", self.required(measure, "each_period"), measure.places["each_period"]
        )
        inner = Entries(measure.place)
        inner["measure"] = measure["consecutive"]
        inner.places["measure"] = measure.places["consecutive"]
        return that, inner

    def _within(self, entries: Entries, day: str) -> tuple[Window | None, str]:
        """Read in what stretch of time records count together, and what it must hold."""
        measure = self.required(entries, "measure")
        if not isinstance(measure, Entries) or "most_within" not in measure:
            return None, ""
        self.known_keys(measure, "most_within", "holding")
        within = self._rolling(self.entries(measure, "most_within"), day)
        return within, self.text(measure, "holding", "")

    def _repeats(self, parent: Entries, day: str) -> Repeats:
        """Read which earlier records a record repeats."""
        entries = self.entries(parent, "repeats")
        self.known_keys(entries, "same", "window")
        window = self.window(entries)
        written = entries["window"]
        if not isinstance(written, Entries) or "day" not in written:
            # Without a day of their own, earlier ones count from the same day as the others.
            window = replace(window, day=day)
        return Repeats(
            same=tuple(str(name) for name in self.items(entries, "same")),
            window=window,
            place=entries.place,
        )

    def _measure(self, entries: Entries) -> tuple[str, Expression | None]:
        value = self.required(entries, "measure")
        if isinstance(value, str) and value in {"count", "first_day", "last_day"}:
            return value, None
        if isinstance(value, Entries) and len(value) == 1:
            (measure,) = value
            if measure in {"sum", "max", "min", "distinct"}:
                return measure, self.formula(value, measure)
        return self.refuse(
            entries.places["measure"],
            "unknown-measure",
            "use count, first_day, last_day, one of sum, max, min, distinct with what it is of, or"
            " most_within with a length of time",
        )

    def window(self, entries: Entries) -> Window:
        """Read which days count."""
        if self.required(entries, "window") == "ever":
            return Window(form="ever")
        window = self.entries(entries, "window")
        day = self.text(window, "day", "event_date")
        if "last" in window:
            self.known_keys(window, "last", "day")
            return self._rolling(self.entries(window, "last"), day)
        return self._period(window, day)

    def _period(self, window: Entries, day: str) -> Window:
        if "calendar" in window:
            self.known_keys(window, "calendar", "first", "last_period", "day")
            unit = self.word(window, "calendar", PERIODS)
            first = self.whole(window, "first", 0)
            last = self.whole(window, "last_period", first)
            return Window(form="calendar", unit=unit, first=first, last=last, day=day)
        if "valid_until" in window:
            self.known_keys(window, "valid_until", "day")
            return Window(form="valid", day=day, until=self.text(window, "valid_until"))
        if "by" in window:
            self.known_keys(window, "by", "months", "day")
            months = self.entries(window, "months")
            lengths = tuple((code, self._length(months, code)) for code in months)
            return Window(form="by_record", day=day, code=self.text(window, "by"), lengths=lengths)
        if "anniversary" in window:
            self.known_keys(window, "anniversary", "months", "first", "last_period", "day")
            first = self.whole(window, "first", 0)
            return Window(
                form="anniversary",
                start=self.text(window, "anniversary"),
                length=self._length(window, "months", 1) if "months" in window else 12,
                first=first,
                last=self.whole(window, "last_period", first),
                day=day,
            )
        if "ever" in window:
            self.known_keys(window, "ever", "day")
            return Window(form="ever", day=day)
        return self.refuse(window.place, "unknown-window", "this form of window is not known")

    def _rolling(self, last: Entries, day: str) -> Window:
        if len(last) != 1:
            self.refuse(last.place, "unknown-window", "give one of years, months or days")
        (unit,) = last
        if unit not in {"years", "months", "days"}:
            self.refuse(last.place, "unknown-window", "give one of years, months or days")
        return Window(form="last", unit=unit, length=self._length(last, unit, 1), day=day)

    def _length(self, parent: Entries, key: str, least: int = 0) -> int | Name:
        """Read a length: a whole number, or the name of a value."""
        value = self.required(parent, key)
        if isinstance(value, str) and value:
            return Name(value, parent.places[key])
        length = self.whole(parent, key)
        if length < least:
            message = f"{key!r} must be a whole number from {least}"
            self.refuse(parent.places[key], "syntax", message)
        return length
