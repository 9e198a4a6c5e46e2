"""Reading one version of a policy: its parts, each with its source and its place."""

from dataclasses import replace
from typing import Final

from services.engine.children_file import ChildReader
from services.engine.document import Entries, Items
from services.engine.language import (
    Clause,
    CodeSet,
    Condition,
    Ending,
    Every,
    Exemption,
    Expression,
    GradeScale,
    Literal,
    Output,
    Rule,
    Source,
    Table,
    TableRow,
    Total,
    Version,
)
from services.engine.procedure_file import read_clause
from services.engine.reading import ROUNDINGS

_COMBINATIONS: Final = ("sum", "max", "min", "product", "first", "weighted_mean")
_ROUNDED: Final = ("product", "weighted_mean")

_ABSENT: Final = ("no_data", "unknown")
_BETTER: Final = ("less", "more", "neutral")
_ORDERS: Final = ("best_first", "worst_first")
_BESIDES: Final = ("extends", "without", "monotone_exemption", "procedure")
_CONTENT_KEYS: Final = (
    "applies",
    "codes",
    "ordered",
    "inputs",
    "children",
    "indicators",
    "tables",
    "values",
    "totals",
    "rules",
    "grade",
    "statuses",
    "score",
    "outputs",
)


class VersionReader(ChildReader):
    """Reads the versions of one file."""

    def version(self, entries: Entries) -> Version:
        """Read one version, its parts with problems left out."""
        self.known_keys(
            entries,
            "version",
            "start_date",
            "end_date",
            "source",
            "replaces",
            "repeals",
            *_BESIDES,
            *_CONTENT_KEYS,
        )
        source = self.full_source(entries)
        start_date = self.day(entries, "start_date")
        if start_date is None:
            self.refuse(entries.place, "missing-start-date", "'start_date' is missing")
        end_date = self.day(entries, "end_date")
        grade = self._grade(entries, source) if "grade" in entries else None
        return Version(
            version=self.text(entries, "version"),
            start_date=start_date,
            end_date=end_date,
            source=source,
            applies=self.when(entries, "applies"),
            inputs=self.named(entries, "inputs", self.input, source),
            indicators=self.named(entries, "indicators", self.indicator, source),
            tables=self.named(entries, "tables", self._table, source),
            values=self.named(entries, "values", self.value, source),
            totals=self.named(entries, "totals", self._total, source),
            rules=self._rules(entries, source),
            grade=grade,
            score=self.text(entries, "score", ""),
            outputs=self.named(entries, "outputs", self._output, source),
            exemption=self._exemption(entries, source),
            extends=self._extends(entries),
            without=tuple(str(rule) for rule in self.items(entries, "without"))
            if "without" in entries
            else (),
            procedure=self.named(entries, "procedure", self._clause, source),
            place=entries.place,
            children=self.named(entries, "children", self.children, source),
            statuses=tuple(str(status) for status in self.items(entries, "statuses"))
            if "statuses" in entries
            else (),
            ends=self._ends(entries, source),
            codes=self._code_sets(entries, source),
            written_end=end_date,
        )

    def _ends(self, entries: Entries, source: Source) -> Ending | None:
        """Read which version this one ends before that one's own end."""
        if "repeals" in entries:
            said = [key for key in (*_BESIDES, *_CONTENT_KEYS, "replaces") if key in entries]
            for key in said:
                self.report(
                    entries.places[key],
                    "repeal",
                    f"a version that repeals says nothing else; leave {key!r} out, or say"
                    " 'replaces' instead of 'repeals'",
                )
        for key in ("replaces", "repeals"):
            if key in entries:
                ending = self.entries(entries, key)
                self.known_keys(ending, "version", "source")
                return Ending(
                    version=self.text(ending, "version"),
                    repeal=key == "repeals",
                    source=self.source(ending, source),
                    place=ending.place,
                )
        return None

    def _extends(self, entries: Entries) -> tuple[tuple[str, str], ...]:
        if "extends" not in entries:
            return ()
        if not isinstance(entries["extends"], Items):
            return (self._parent(self.entries(entries, "extends")),)
        items = self.items(entries, "extends")
        found: list[tuple[str, str]] = []
        for item, place in zip(items, items.places, strict=True):
            if not isinstance(item, Entries):
                self.refuse(place, "syntax", "name a policy and its version")
            found.append(self._parent(item))
        return tuple(found)

    def _parent(self, entries: Entries) -> tuple[str, str]:
        self.known_keys(entries, "policy", "version")
        return self.text(entries, "policy"), self.text(entries, "version")

    def _exemption(self, entries: Entries, source: Source) -> Exemption | None:
        if "monotone_exemption" not in entries:
            return None
        exemption = self.entries(entries, "monotone_exemption")
        self.known_keys(exemption, "reason", "rules", "source")
        self.text(exemption, "reason")
        rules = tuple(map(str, self.items(exemption, "rules"))) if "rules" in exemption else ()
        if not rules:
            self.object(
                exemption.place,
                "exemption-of-all",
                "name under 'rules' what a worse record may improve: rules, outputs, or 'grade'",
            )
        return Exemption(rules=rules, source=self.source(exemption, source), place=exemption.place)

    def _clause(self, name: str, entries: Entries, source: Source) -> Clause:
        return read_clause(self, name, entries, source)

    def _code_sets(self, entries: Entries, source: Source) -> dict[str, CodeSet]:
        """Read the words of the version's own, and which of them stand in an order."""
        sets = self.named(entries, "codes", self._codes, source)
        ordered = self.optional_entries(entries, "ordered")
        for name, order in self.each(ordered, lambda key: self.word(ordered, key, _ORDERS)).items():
            if name in sets:
                sets[name] = replace(sets[name], order=order)
            else:
                message = f"the version names no set {name!r} under 'codes'; give it with its words"
                self.report(ordered.places[name], "unknown-code", message)
        return sets

    def _codes(self, name: str, entries: Entries, _source: Source) -> CodeSet:
        if not entries:
            self.refuse(entries.place, "missing-words", f"{name!r} has no words")
        words = self.each(entries, lambda word: self.wording(entries, word))
        return CodeSet(name=name, words=words, place=entries.place)

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
            rows=self._rows(entries, keys, tuple(outputs), source),
            otherwise=self._otherwise(entries, tuple(outputs)),
            overlap=self.word(entries, "overlap", ("first",)) if "overlap" in entries else "",
            source=self.source(entries, source),
            place=entries.place,
        )

    def _rows(
        self, table: Entries, keys: tuple[str, ...], outputs: tuple[str, ...], source: Source
    ) -> tuple[TableRow, ...]:
        items = self.items(table, "rows")
        rows: list[TableRow] = []
        for item, place in zip(items, items.places, strict=True):
            with self.part():
                if not isinstance(item, Entries):
                    self.refuse(place, "syntax", "a row is a mapping of keys and outputs")
                self.known_keys(item, *keys, *outputs, "source")
                cells = tuple(
                    Every(()) if item.get(key) == "any" else self._cell(item, key) for key in keys
                )
                rows.append(
                    TableRow(
                        cells=cells,
                        outputs=tuple(self.formula(item, output) for output in outputs),
                        place=item.place,
                        source=self.source(item, source) if "source" in item else None,
                    )
                )
        return tuple(rows)

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
        return tuple(self.formula(given, output) for output in outputs)

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
            "if_none",
            "source",
        )
        combine = self.word(entries, "combine", _COMBINATIONS)
        mean = combine == "weighted_mean"
        for key, fits in (("start", not mean), ("if_none", mean)):
            if key in entries and not fits:
                self.report(entries.places[key], "unknown-key", f"{combine!r} has no {key!r}")
        return Total(
            name=name,
            unit=self.text(entries, "unit"),
            places=self.whole(entries, "places", 0),
            start=Literal(0, entries.place) if mean else self.formula(entries, "start"),
            combine=combine,
            rounding=self.word(entries, "rounding", ROUNDINGS) if combine in _ROUNDED else "",
            at_least=self.optional_formula(entries, "at_least"),
            at_most=self.optional_formula(entries, "at_most"),
            if_none=self.absent(entries, "if_none") if mean else "no_data",
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
        self.known_keys(add, "to", "amount", "weight")
        effect, target = self._effect(entries)
        if not add and not effect:
            self.refuse(entries.place, "rule-without-effect", "a rule adds or sets something")
        persons = self.items(entries, "persons") if "persons" in entries else ()
        return Rule(
            id=self.text(entries, "id"),
            when=self.when(entries, "when"),
            total=self.text(add, "to") if add else "",
            amount=self.formula(add, "amount") if add else None,
            effect=effect,
            target=target,
            weight=self.optional_formula(add, "weight"),
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
            start=self.bands(self.items(entries, "start"), source) if bands else (),
            start_rank=None if bands else self.formula(entries, "start"),
            steps_down=self.text(entries, "steps_down", ""),
            beyond=self.text(entries, "beyond", "clamp"),
            source=self.source(entries, source),
            place=entries.place,
        )

    def _output(self, name: str, entries: Entries, _source: Source) -> Output:
        self.known_keys(entries, "is", *self.measured_in(entries), "places", "better")
        return Output(
            name=name,
            expression=self.formula(entries, "is"),
            unit=self.text(entries, "unit", "" if "codes" in entries else None),
            places=self.whole(entries, "places", 0),
            place=entries.place,
            codes=self.text(entries, "codes", ""),
            better=self.word(entries, "better", _BETTER) if "better" in entries else "",
        )
