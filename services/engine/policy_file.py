"""Reading a policy file: bytes in, a `Policy` out, or every problem with its place."""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final, TypeVar

from services.engine.document import Entries, Items, read_document
from services.engine.errors import PolicyRefusedError
from services.engine.language import (
    Condition,
    Every,
    Expression,
    GradeBand,
    GradeScale,
    Indicator,
    Input,
    Literal,
    Output,
    Policy,
    Rule,
    Source,
    Table,
    TableRow,
    Total,
    Value,
    Version,
    Window,
    Wording,
)
from services.engine.reading import PERIODS, ROUNDINGS, Reader

_T = TypeVar("_T")

KINDS: Final = (
    "grade",
    "list",
    "rate",
    "obligation",
    "supervision",
    "risk",
    "repair",
    "prevention",
    "definition",
)
"""Kinds of policies, in the order of their numbers on the wire, from 1."""

_CONFIDENCES: Final = ("text-seen", "secondary", "assumed")
_POLICY_ID: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+")
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
_CONTENT_KEYS: Final = (
    "applies",
    "inputs",
    "indicators",
    "tables",
    "values",
    "totals",
    "rules",
    "grade",
    "score",
    "outputs",
)


def read_policy(content: bytes, file: str) -> Policy:
    """Read one policy file.

    Args:
        content: Bytes of the file, UTF-8 YAML.
        file: Name for problems.

    Raises:
        PolicyRefusedError: The file breaks the language; carries every problem found.
    """
    root = read_document(content, file)
    reader = _PolicyReader(file)
    found: list[Policy] = []
    with reader.part():
        found.append(reader.policy(root, content))
    if reader.problems:
        raise PolicyRefusedError(tuple(reader.problems))
    return found[0]


# Private functions -----------------------------------------------------------


class _PolicyReader(Reader):
    def policy(self, root: Entries, content: bytes) -> Policy:
        self.known_keys(
            root,
            "policy",
            "kind",
            "list",
            "insurance",
            "title",
            "documentation",
            "field",
            "division",
            "versions",
        )
        policy_id = self.text(root, "policy")
        if not _POLICY_ID.fullmatch(policy_id):
            self.report(root.places["policy"], "policy-id", "use dotted lower-case words")
        field = self.text(root, "field")
        return Policy(
            policy_id=policy_id,
            kind=self.word(root, "kind", KINDS),
            title=self.wording(root, "title"),
            documentation=self.text(root, "documentation"),
            field="" if field == "all" else field,
            division=self._division(root),
            favourable=self._favourable(root),
            other_cover=self._other_cover(root),
            versions=self._versions(root),
            file=self.file,
            content=content,
            digest=sha256(content).hexdigest(),
        )

    def _division(self, root: Entries) -> str:
        division = self.text(root, "division")
        if not re.fullmatch(r"\d{6}", division):
            self.report(root.places["division"], "division", 'use six digits in quotes, "110105"')
        return division

    def _favourable(self, root: Entries) -> bool:
        if root.get("kind") != "list":
            return False
        return self.word(root, "list", ("blacklist", "redlist")) == "redlist"

    def _other_cover(self, root: Entries) -> bool:
        if root.get("kind") != "rate":
            return False
        return self.word(root, "insurance", ("work_safety_liability", "work_injury")) != (
            "work_safety_liability"
        )

    def _versions(self, root: Entries) -> tuple[Version, ...]:
        items = self.items(root, "versions")
        found: list[Version] = []
        for item in items:
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(items.place, "syntax", "a version is a mapping")
                found.append(self._version(item))
        return tuple(sorted(found, key=lambda version: version.start_date))

    def _version(self, entries: Entries) -> Version:
        self.known_keys(
            entries,
            "version",
            "start_date",
            "end_date",
            "source",
            "extends",
            "without",
            "monotone_exemption",
            *_CONTENT_KEYS,
        )
        source = self.full_source(entries)
        start_date = self.day(entries, "start_date")
        if start_date is None:
            self.refuse(entries.place, "missing-start-date", "'start_date' is missing")
        grade = self._grade(entries, source) if "grade" in entries else None
        return Version(
            version=self.text(entries, "version"),
            start_date=start_date,
            end_date=self.day(entries, "end_date"),
            source=source,
            applies=self._condition(entries, "applies"),
            inputs=self._named(entries, "inputs", self._input, source),
            indicators=self._named(entries, "indicators", self._indicator, source),
            tables=self._named(entries, "tables", self._table, source),
            values=self._named(entries, "values", self._value, source),
            totals=self._named(entries, "totals", self._total, source),
            rules=self._rules(entries, source),
            grade=grade,
            score=self.text(entries, "score", ""),
            outputs=self._named(entries, "outputs", self._output, source),
            exemption=self._exemption(entries, source),
            extends=self._extends(entries),
            without=tuple(str(rule) for rule in self.items(entries, "without"))
            if "without" in entries
            else (),
            place=entries.place,
        )

    def _extends(self, entries: Entries) -> tuple[str, str] | None:
        if "extends" not in entries:
            return None
        extends = self.entries(entries, "extends")
        self.known_keys(extends, "policy", "version")
        return self.text(extends, "policy"), self.text(extends, "version")

    def _exemption(self, entries: Entries, source: Source) -> Source | None:
        if "monotone_exemption" not in entries:
            return None
        exemption = self.entries(entries, "monotone_exemption")
        self.known_keys(exemption, "reason", "source")
        self.text(exemption, "reason")
        return self.source(exemption, source)

    # Shared parts -----------------------------------------------------------------

    def _named(
        self,
        entries: Entries,
        key: str,
        read: Callable[[str, Entries, Source], _T],
        source: Source,
    ) -> dict[str, _T]:
        parts = self.optional_entries(entries, key)
        return self.each(parts, lambda name: read(name, self.entries(parts, name), source))

    def wording(self, parent: Entries, key: str) -> Wording:
        entries = self.entries(parent, key)
        self.known_keys(entries, "zh", "en")
        return Wording(self.text(entries, "zh"), self.text(entries, "en"))

    def full_source(self, parent: Entries) -> Source:
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

    def _condition(self, entries: Entries, key: str) -> Condition:
        if key not in entries:
            return Every(())
        return self.condition(entries[key], entries.places[key])

    def _expression(self, entries: Entries, key: str) -> Expression:
        return self.expression(self.required(entries, key), entries.places.get(key, entries.place))

    def _optional(self, entries: Entries, key: str) -> Expression | None:
        return self._expression(entries, key) if key in entries else None

    def _absent(self, entries: Entries, key: str) -> str | Expression:
        """Read what happens without data; nothing is silently the best."""
        value = self.required(entries, key)
        if isinstance(value, str) and value in _ABSENT:
            return value
        return self._expression(entries, key)

    # Parts of a version -------------------------------------------------------------

    def _input(self, name: str, entries: Entries, _source: Source) -> Input:
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
        )
        origin = self.word(entries, "from", ("subject", "request", "policy"))
        attribute = self.text(entries, "output" if origin == "policy" else "attribute", name)
        allowed = entries.get("allowed")
        return Input(
            name=name,
            origin=origin,
            attribute=attribute,
            policy_id=self.text(entries, "policy") if origin == "policy" else "",
            unit=self.text(entries, "unit", ""),
            codes=self.text(entries, "codes", ""),
            places=self.whole(entries, "places", 0),
            if_missing=self._absent(entries, "if_missing"),
            allowed=None
            if allowed is None
            else self.comparison(name, allowed, entries.places["allowed"]),
            place=entries.place,
        )

    def _indicator(self, name: str, entries: Entries, source: Source) -> Indicator:
        self.known_keys(
            entries, "records", "where", "window", "measure", "if_none", "unit", "source"
        )
        measure, of = self._measure(entries)
        counted = measure in {"count", "sum", "distinct"}
        return Indicator(
            name=name,
            kind=self.text(entries, "records"),
            where=self._condition(entries, "where"),
            window=self._window(entries),
            measure=measure,
            of=of,
            if_none=Literal(0, entries.place) if counted else self._absent(entries, "if_none"),
            unit=self.text(entries, "unit"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _measure(self, entries: Entries) -> tuple[str, Expression | None]:
        value = self.required(entries, "measure")
        if isinstance(value, str) and value in {"count", "first_day", "last_day"}:
            return value, None
        if isinstance(value, Entries) and len(value) == 1:
            (measure,) = value
            if measure in {"sum", "max", "min", "distinct"}:
                return measure, self._expression(value, measure)
        return self.refuse(
            entries.places["measure"],
            "unknown-measure",
            "use count, first_day, last_day, or one of sum, max, min, distinct with what it is of",
        )

    def _window(self, entries: Entries) -> Window:
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
            lengths = tuple((code, self.whole(months, code)) for code in months)
            return Window(form="by_record", day=day, code=self.text(window, "by"), lengths=lengths)
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
        return Window(form="last", unit=unit, length=self.whole(last, unit), day=day)

    def _table(self, name: str, entries: Entries, source: Source) -> Table:
        self.known_keys(entries, "keys", "outputs", "rows", "otherwise", "overlap", "source")
        keys = tuple(str(key) for key in self.items(entries, "keys"))
        if not 1 <= len(keys) <= 4:  # noqa: PLR2004 -- the language's limit, schemes.md X1.16
            self.refuse(entries.place, "table-keys", "a table has one to four keys")
        outputs = self.entries(entries, "outputs")
        named = tuple((key, self.text(outputs, key)) for key in outputs)
        return Table(
            name=name,
            keys=keys,
            outputs=named,
            rows=self._rows(self.items(entries, "rows"), keys, tuple(outputs)),
            otherwise=self._otherwise(entries, tuple(outputs)),
            overlap=self.word(entries, "overlap", ("first",)) if "overlap" in entries else "",
            source=self.source(entries, source),
            place=entries.place,
        )

    def _rows(
        self, items: Items, keys: tuple[str, ...], outputs: tuple[str, ...]
    ) -> tuple[TableRow, ...]:
        rows: list[TableRow] = []
        for item, place in zip(items, items.places, strict=True):
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(place, "syntax", "a row is a mapping of keys and outputs")
                self.known_keys(item, *keys, *outputs)
                rows.append(self._row(item, keys, outputs))
        return tuple(rows)

    def _row(self, item: Entries, keys: tuple[str, ...], outputs: tuple[str, ...]) -> TableRow:
        cells = tuple(
            Every(()) if item.get(key) == "any" else self._cell(item, key) for key in keys
        )
        return TableRow(
            cells=cells,
            outputs=tuple(self._expression(item, output) for output in outputs),
            place=item.place,
        )

    def _cell(self, item: Entries, key: str) -> Condition:
        value = self.required(item, key)
        return self.comparison(key, value, item.places[key])

    def _otherwise(
        self, entries: Entries, outputs: tuple[str, ...]
    ) -> str | tuple[Expression, ...]:
        value = self.required(entries, "otherwise")
        if isinstance(value, str) and value in _ABSENT:
            return value
        given = self.entries(entries, "otherwise")
        self.known_keys(given, *outputs)
        return tuple(self._expression(given, output) for output in outputs)

    def _value(self, name: str, entries: Entries, source: Source) -> Value:
        self.known_keys(entries, "is", "unit", "source")
        return Value(
            name=name,
            expression=self._expression(entries, "is"),
            unit=self.text(entries, "unit"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _total(self, name: str, entries: Entries, source: Source) -> Total:
        self.known_keys(
            entries,
            "unit",
            "places",
            "start",
            "combine",
            "rounding",
            "at_least",
            "at_most",
            "source",
        )
        combine = self.word(entries, "combine", ("sum", "max", "min", "product", "first"))
        product = combine == "product"
        return Total(
            name=name,
            unit=self.text(entries, "unit"),
            places=self.whole(entries, "places", 0),
            start=self._expression(entries, "start"),
            combine=combine,
            rounding=self.word(entries, "rounding", ROUNDINGS) if product else "",
            at_least=self._optional(entries, "at_least"),
            at_most=self._optional(entries, "at_most"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _rules(self, entries: Entries, source: Source) -> tuple[Rule, ...]:
        if "rules" not in entries:
            return ()
        items = self.items(entries, "rules")
        rules: list[Rule] = []
        for item, place in zip(items, items.places, strict=True):
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(place, "syntax", "a rule is a mapping")
                rules.append(self._rule(item, source))
        return tuple(rules)

    def _rule(self, entries: Entries, source: Source) -> Rule:
        self.known_keys(entries, "id", "when", "add", "set", "persons", "wording", "source")
        add = self.optional_entries(entries, "add")
        self.known_keys(add, "to", "amount")
        effect, target = self._effect(entries)
        if not add and not effect:
            self.refuse(entries.place, "rule-without-effect", "a rule adds or sets something")
        persons = self.items(entries, "persons") if "persons" in entries else ()
        return Rule(
            id=self.text(entries, "id"),
            when=self._condition(entries, "when"),
            total=self.text(add, "to") if add else "",
            amount=self._expression(add, "amount") if add else None,
            effect=effect,
            target=target,
            persons=tuple(str(role) for role in persons),
            wording=self.wording(entries, "wording"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _effect(self, entries: Entries) -> tuple[str, str]:
        if "set" not in entries:
            return "", ""
        given = self.entries(entries, "set")
        effects = ("grade", "exactly", "at_worst", "status", "duty")
        self.known_keys(given, *effects)
        if len(given) != 1:
            self.refuse(given.place, "rule-effect", f"set one of {', '.join(effects)}")
        (effect,) = given
        return effect, self.text(given, effect)

    def _grade(self, parent: Entries, source: Source) -> GradeScale:
        entries = self.entries(parent, "grade")
        self.known_keys(entries, "ladder", "start", "steps_down", "beyond", "source")
        start = self.required(entries, "start")
        bands = isinstance(start, Items)
        return GradeScale(
            ladder=tuple(str(grade) for grade in self.items(entries, "ladder")),
            start=self._bands(self.items(entries, "start")) if bands else (),
            start_rank=None if bands else self._expression(entries, "start"),
            steps_down=self.text(entries, "steps_down", ""),
            beyond=self.text(entries, "beyond", "clamp"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _bands(self, items: Items) -> tuple[GradeBand, ...]:
        bands: list[GradeBand] = []
        for item, place in zip(items, items.places, strict=True):
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(place, "syntax", "a band is a mapping")
                self.known_keys(item, "grade", "when")
                grade = self.text(item, "grade")
                bands.append(
                    GradeBand(grade=grade, when=self._condition(item, "when"), place=item.place)
                )
        return tuple(bands)

    def _output(self, name: str, entries: Entries, _source: Source) -> Output:
        self.known_keys(entries, "is", "unit", "places")
        return Output(
            name=name,
            expression=self._expression(entries, "is"),
            unit=self.text(entries, "unit"),
            places=self.whole(entries, "places", 0),
            place=entries.place,
        )
