"""Reading what a policy is told and what it counts: inputs, indicators, measures, windows."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from services.engine.document import Entries, Items
from services.engine.language import (
    Condition,
    Expression,
    Indicator,
    Input,
    Literal,
    Name,
    Reached,
    Repeats,
    Source,
    Window,
)
from services.engine.part_file import PartReader
from services.engine.peers import MEASURES_AMONG, ROUNDED_FIGURES
from services.engine.reading import PERIODS, ROUNDINGS

BACK_MOST: Final = 12
"""Periods that a policy may look back at its own result; each costs one more evaluation."""

_PERIODIC: Final = frozenset({"calendar", "anniversary", "back"})
_AGAIN: Final = ("from_below", "from_zero", "with_each_record")
_ORIGINS: Final = ("subject", "request", "policy", "last_period", "peers")
_KEYS_OF_ORIGINS: Final = {
    "policy": ("policy",),
    "output": ("policy", "last_period"),
    "attribute": ("subject", "peers"),
    "period": ("last_period",),
    "back": ("last_period",),
    "of": ("peers",),
    "among": ("peers",),
    "each": ("request",),
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
            "each",
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
            each=self.text(entries, "each", ""),
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
        run, since, measured = self._run(entries)
        window = self.window(entries)
        within, holding = self._within(measured, window.day)
        reached = self._reached(measured)
        if reached is not None and (window.last or window.form == "back"):
            message = "what is reached so far is counted in the present period: leave the last out"
            self.refuse(entries.places["window"], "unknown-window", message)
        measure, of = self._measure(measured)
        if run is not None and window.form not in _PERIODIC:
            message = "a run of periods needs a window of periods: calendar, anniversary, back_from"
            self.refuse(entries.places["window"], "run-window", message)
        if run is not None and reached is not None:
            message = "a period has no day on which a number is reached; count or add up in it"
            self.refuse(entries.places["measure"], "unknown-measure", message)
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
            since=since,
            within=within,
            holding=holding,
            reached=reached,
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

    def _run(self, entries: Entries) -> tuple[Condition | None, str, Entries]:
        """Read the condition of a run of periods, since when there are some, and its measure."""
        measure = self.required(entries, "measure")
        if not isinstance(measure, Entries) or "consecutive" not in measure:
            return None, "", entries
        self.known_keys(measure, "consecutive", "each_period", "since")
        that = self.comparison(
            "it", self.required(measure, "each_period"), measure.places["each_period"]
        )
        inner = Entries(measure.place)
        inner["measure"] = measure["consecutive"]
        inner.places["measure"] = measure.places["consecutive"]
        return that, self.text(measure, "since", ""), inner

    def _within(self, entries: Entries, day: str) -> tuple[Window | None, str]:
        """Read in what stretch of time records count together, and what it must hold."""
        measure = self.required(entries, "measure")
        if not isinstance(measure, Entries) or "most_within" not in measure:
            return None, ""
        self.known_keys(measure, "most_within", "sum", "holding")
        within = self._rolling(self.entries(measure, "most_within"), day)
        return within, self.text(measure, "holding", "")

    def _reached(self, entries: Entries) -> Reached | None:
        """Read what number records come to within the window, seen from each day so far."""
        measure = self.required(entries, "measure")
        if not isinstance(measure, Entries) or "reached" not in measure:
            return None
        self.known_keys(measure, "reached", "sum", "again")
        if "again" not in measure:
            message = f"say with 'again' when it is reached once more: {', '.join(_AGAIN)}"
            self.refuse(measure.place, "missing-again", message)
        number = self.formula(measure, "reached")
        written = number.value if isinstance(number, Literal) else 1
        if isinstance(written, bool) or not isinstance(written, int | Decimal) or written <= 0:
            self.refuse(measure.places["reached"], "syntax", "'reached' is a number above 0")
        return Reached(
            number=number, again=self.word(measure, "again", _AGAIN), place=measure.place
        )

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
        if isinstance(value, Entries) and ("reached" in value or "most_within" in value):
            of = self.formula(value, "sum") if "sum" in value else None
            if "reached" in value:
                return "last_day", of
            return "count" if of is None else "sum", of
        if isinstance(value, Entries) and len(value) == 1:
            (measure,) = value
            if measure in {"sum", "max", "min", "distinct"}:
                return measure, self.formula(value, measure)
        return self.refuse(
            entries.places["measure"],
            "unknown-measure",
            "use count, first_day, last_day, one of sum, max, min, distinct with what it is of,"
            " most_within with a length of time, or reached with a number",
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
        if "back_from" in window:
            return self._back_from(window, day)
        if "ever" in window:
            self.known_keys(window, "ever", "day")
            return Window(form="ever", day=day)
        return self.refuse(window.place, "unknown-window", "this form of window is not known")

    def _back_from(self, window: Entries, day: str) -> Window:
        self.known_keys(window, "back_from", "months", "first", "last_period", "day")
        first = self.whole(window, "first", -1)
        last = self.whole(window, "last_period", first)
        if last > -1:
            key = "last_period" if "last_period" in window else "first"
            message = "periods are counted back: -1 is the one that ends with the day"
            self.refuse(window.places[key], "unknown-window", message)
        return Window(
            form="back",
            start=self.text(window, "back_from"),
            length=self._length(window, "months", 1) if "months" in window else 12,
            first=first,
            last=last,
            day=day,
        )

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
