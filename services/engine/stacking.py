"""Piles of records that fit one indicator, as high as the numbers that it is compared with.

Which records fit is read off a run: those that pass the indicator's own filter and window. Each
enterprise of a pile has copies of one such record, the last of which is what is added to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import add_months
from services.engine.drawing import SOURCE_STEP, Drawer, Drawn
from services.engine.edges import reached_of
from services.engine.evaluation import RESULT, Evaluation
from services.engine.language import Indicator, Name
from services.engine.plan import Plan
from services.engine.population import IntColumn, Population, RecordColumns
from services.engine.records import EARLIER
from services.engine.vocabulary import AttributeType, Vocabulary, split_source

_HIGH: Final = 12
"""Every pile up to so many records is tried, whatever the policy compares."""

_ALONE: Final = 1 / 3
"""Share of the piles beside which nothing else is piled up."""

_DAY_BITS: Final = 32
_HIGHER: Final = (15, 20, 30, 50)
_HIGHEST: Final = 400
_RUN_MONTHS: Final = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
_Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pile:
    """Enterprises with piles of records, without and with the last record of each.

    Attributes:
        before: The enterprises without it.
        after: The same with it.
        extra: int64[n], identifier of the record that makes the difference.
        positions: int64[n], place in `Plan.selections` of the indicator that is piled up.
        patterns: int64[n], identifier of the drawn record that is copied.
    """

    before: Drawn
    after: Drawn
    extra: _Rows
    positions: _Rows
    patterns: _Rows


@dataclass(frozen=True, slots=True)
class _Layer:
    """Copies of records, in order of their source: whose, which, and the how-manieth."""

    subjects: _Rows
    patterns: _Rows
    copies: _Rows
    last: NDArray[np.bool_]
    changed: Mapping[str, _Rows]


class Piler:
    """Piles up what one run counted."""

    def __init__(self, plan: Plan, vocabulary: Vocabulary, drawer: Drawer) -> None:
        """Look at the indicators of a plan.

        Args:
            plan: The policy.
            vocabulary: The words that it uses.
            drawer: Draws what is left open.
        """
        self._plan = plan
        self._vocabulary = vocabulary
        self._drawer = drawer
        self._random = drawer.random
        self._edges = drawer.edges
        self._sources = sorted(plan.needs.records)
        # Kinds that always speak against a subject; of others some records do.
        adverse = {
            source
            for source in self._sources
            if vocabulary.adverse.get(split_source(source)[0]) == {}
        }
        self._adverse = np.array([source in adverse for source in self._sources])
        self._against = [not adverse.isdisjoint(one.sources) for one in plan.selections]
        self._named = {
            position: indicator
            for name, indicator in plan.version.indicators.items()
            if name in plan.types
            for position in plan.types[name].selections
        }
        self._heights = [self._heights_of(position) for position in range(len(plan.selections))]
        self._partners = self._partners_of()

    def piled(
        self,
        drawn: Drawn,
        run: Evaluation,
        *,
        size: int,
        patterns: Mapping[int, _Rows] | None = None,
    ) -> Pile | None:
        """Pile up records of drawn enterprises.

        Args:
            drawn: Enterprises with single records.
            run: What the plan gave them.
            size: About how many piles are made.
            patterns: Records to be copied by indicator, upon any enterprise; none for all records
                that fit, each upon its own.

        Returns:
            Nothing where no adverse record counts for anything.
        """
        fitting = [self._fitting(run, position) for position in range(len(self._plan.selections))]
        chosen = patterns or {
            position: rows[against]
            for position, rows in enumerate(fitting)
            if (against := self._speaking(drawn, rows)).any()
        }
        if not chosen:
            return None
        each = -(-size // len(chosen))
        layers: list[_Layer] = []
        copied: list[_Rows] = []
        for place, position in enumerate(chosen):
            copied.append(self._random.choice(chosen[position], each))
            subjects = np.arange(each) + place * each
            alone = self._random.random(each) < _ALONE
            layers.append(self._layer(position, copied[-1], subjects, as_of=run.frame.as_of))
            for partner, share in self._others(position, fitting):
                beside = subjects[~alone & (self._random.random(each) < share)]
                rows = self._random.choice(fitting[partner], beside.size)
                layer = self._layer(partner, rows, beside, as_of=run.frame.as_of)
                layers.append(replace(layer, last=np.zeros_like(layer.last)))
        every = np.concatenate(copied)
        owners = self._owners(drawn, every)
        if patterns is not None:
            owners = self._random.integers(0, drawn.population.size, every.size)
        before, after, extra = self._put_together(drawn, owners, layers)
        positions = np.repeat(np.array(list(chosen), dtype=np.int64), each)
        return Pile(before, after, extra, positions, every)

    # What fits -------------------------------------------------------------------

    def _fitting(self, run: Evaluation, position: int) -> _Rows:
        """Give the identifiers of the records that an indicator looks at, of results above all."""
        selection, slots = self._plan.selections[position], run.frame.slots
        records = run.frame.population.of(selection.sources)
        fits = np.logical_and(slots[selection.window], slots[selection.held])
        rows = np.flatnonzero(np.broadcast_to(fits, records.record_ids.shape))
        settled = rows[run.states()[records.subjects[rows]] == RESULT]
        return records.record_ids[settled if settled.size else rows]

    def _speaking(self, drawn: Drawn, rows: _Rows) -> NDArray[np.bool_]:
        """Say which drawn records, by their identifiers, speak against their subjects."""
        found = np.zeros(rows.size, dtype=np.bool_)
        for number, source in enumerate(self._sources):
            own = np.flatnonzero(rows // SOURCE_STEP == number)
            speaking = self._drawer.speaking(source, drawn.population.records[source])
            found[own] = speaking[rows[own] % SOURCE_STEP]
        return found

    def _heights_of(self, position: int) -> list[int]:
        """Give how high the piles of an indicator should be, the important ones more often."""
        wanted: list[int] = []
        for name, ref in self._plan.types.items():
            if position in ref.selections:
                edges = {int(one) for one in self._edges.numbers_of(name)}
                wanted += [one + step for one in edges for step in (0, 1) if 0 < one <= _HIGHEST]
        indicator = self._named.get(position)
        counted = ("it", indicator is not None and indicator.run is not None)
        repeated = (EARLIER, indicator is not None and indicator.repeats is not None)
        for name, asked in (counted, repeated):
            edges = {int(one) for one in self._edges.numbers_of(name)} if asked else set()
            wanted += [one + step for one in edges for step in (0, 1) if 0 < one <= _HIGHEST]
        if indicator is not None:
            edges = {int(one) for one in reached_of(self._plan, indicator)}
            wanted += [one + step for one in edges for step in (0, 1) if 0 < one <= _HIGHEST]
        usual = [*range(1, _HIGH + 1), *_HIGHER]
        wanted = sorted(set(wanted))
        return wanted * max(1, -(-len(usual) // max(1, len(wanted)))) + usual

    def _partners_of(self) -> list[list[int]]:
        """Give for each indicator those that a rule compares beside it."""
        partners: list[set[int]] = [set() for _ in self._plan.selections]
        for rule in self._plan.rules:
            for one in rule.selections:
                partners[one].update(rule.selections)
        return [sorted(found - {place}) for place, found in enumerate(partners)]

    def _others(self, position: int, fitting: list[_Rows]) -> list[tuple[int, float]]:
        """Choose what else is piled up, and with which share of the piles.

        Up to two of what rules compare beside, else of merits; and whatever else makes a result
        bad enough to be lifted.
        """
        there = [n for n, rows in enumerate(fitting) if rows.size and n != position]
        beside = [n for n in there if n in self._partners[position]]
        beside = beside or [n for n in there if not self._against[n]]
        others = [n for n in there if n not in beside]
        chosen = [(n, 1 / 2) for n in self._some(beside)]
        return chosen + [(n, 1 / 4) for n in self._some(others)]

    def _some(self, numbers: list[int]) -> list[int]:
        """Choose two of some numbers, or all where there are fewer."""
        order = self._random.permutation(len(numbers))[:2]
        return [numbers[place] for place in sorted(order.tolist())]

    # Piles -----------------------------------------------------------------------

    def _layer(self, position: int, patterns: _Rows, subjects: _Rows, *, as_of: int) -> _Layer:
        heights = self._random.choice(self._heights[position], subjects.size)
        indicator = self._named.get(position)
        periods = np.ones(subjects.size, dtype=np.int64)
        running = indicator is not None and indicator.run is not None
        if running:
            window = indicator.window  # type: ignore[union-attr]
            periods = self._random.integers(1, window.last - window.first + 2, subjects.size)
            heights = np.minimum(heights, 50) * periods
        ends = np.cumsum(heights)
        copies = np.arange(int(ends[-1]) if ends.size else 0) - np.repeat(ends - heights, heights)
        last = np.zeros(copies.size, dtype=np.bool_)
        last[ends - 1] = True
        changed: dict[str, _Rows] = {}
        if running:
            assert indicator is not None
            changed |= self._over_periods(indicator, copies % np.repeat(periods, heights), as_of)
        elif indicator is not None and (indicator.repeats or indicator.reached) is not None:
            changed |= self._over_days(indicator, copies, heights, as_of=as_of)
        apart = np.repeat(self._random.random(subjects.size) < 1 / 2, heights)
        for name in self._apart(position):
            values = self._counted(name, position)
            changed[name] = np.where(apart, values[copies % values.size], -1)
        return _Layer(
            np.repeat(subjects, heights), np.repeat(patterns, heights), copies, last, changed
        )

    def _over_periods(self, indicator: Indicator, back: _Rows, as_of: int) -> dict[str, _Rows]:
        """Lay copies into the periods of a run, counted back from the last."""
        window = indicator.window
        months = _RUN_MONTHS.get(window.unit, 0)
        if not months:
            length = window.length
            months = length if isinstance(length, int) else 12
        count = window.last - window.first + 1
        days = np.array([add_months(as_of, (window.last - n) * months) for n in range(count)])
        return {window.day: days[np.minimum(back, count - 1)]}

    def _over_days(
        self, indicator: Indicator, copies: _Rows, heights: _Rows, *, as_of: int
    ) -> dict[str, _Rows]:
        """Lay copies on days of their own, or some before all others, for whom the order matters.

        A pile stays on the day of its pattern, has its last copy latest, earliest, or alone on the
        day before the others, or the half that the last belongs to.
        """
        ends = np.repeat(heights - 1, heights)
        back = (ends - copies, copies, copies == ends, 2 * copies >= ends)
        way = np.repeat(self._random.integers(0, len(back) + 1, heights.size), heights)
        days = np.full(copies.size, -1)
        last = np.repeat(self._last_days(indicator, heights.size, as_of), heights)
        for number, offset in enumerate(back):
            days = np.where(way == number, last - offset.astype(np.int64), days)
        repeats = indicator.repeats
        names = {indicator.window.day} | (set() if repeats is None else {repeats.window.day})
        return dict.fromkeys(sorted(names), days)

    def _last_days(self, indicator: Indicator, size: int, as_of: int) -> _Rows:
        """Give the day of the latest copy of each pile: an edge, where something lasts from it."""
        edges = [day for day in self._edges.days if day <= as_of]
        if indicator.reached is None or not edges:
            return np.full(size, as_of)
        at_edge = self._random.random(size) < 1 / 2
        return np.where(at_edge, self._random.choice(edges, size), as_of)

    def _apart(self, position: int) -> list[str]:
        """Name the attributes in which copies should differ: of children, and counted apart."""
        selection = self._plan.selections[position]
        names = {group.each for group in self._plan.version.children.values()}
        if selection.children is not None:
            names.add(selection.children.attribute)
        indicator = self._named.get(position)
        if (
            indicator is not None
            and indicator.measure == "distinct"
            and isinstance(indicator.of, Name)
        ):
            names.add(indicator.of.name)
        needed = [self._plan.needs.records[source] for source in selection.sources]
        return sorted(name for name in names if all(name in one for one in needed))

    def _counted(self, name: str, position: int) -> _Rows:
        source = self._plan.selections[position].sources[0]
        attribute = self._vocabulary.record_attributes(source)[name]
        codes = self._vocabulary.code_numbers.get(attribute.codes, {})
        if attribute.type is AttributeType.CODE:
            return np.array(sorted(codes.values()), dtype=np.int64)
        if attribute.type is AttributeType.NUMBER:
            return np.arange(1, _HIGHEST + 2)
        return np.array([-1])

    # Populations -------------------------------------------------------------------

    def _owners(self, drawn: Drawn, patterns: _Rows) -> _Rows:
        """Give the drawn enterprises whose records some are."""
        found = np.zeros(patterns.size, dtype=np.int64)
        for number, source in enumerate(self._sources):
            rows = np.flatnonzero(patterns // SOURCE_STEP == number)
            records = drawn.population.records[source]
            found[rows] = records.subjects[patterns[rows] % SOURCE_STEP]
        return found

    def _put_together(
        self, drawn: Drawn, owners: _Rows, layers: list[_Layer]
    ) -> tuple[Drawn, Drawn, _Rows]:
        """Give each pile the attributes and inputs of an owner, and some of its records."""
        attributes = {name: one[owners] for name, one in drawn.population.attributes.items()}
        inputs = {name: column[owners] for name, column in drawn.inputs.items()}
        # Of each owner all records, those that speak against nobody, or none.
        share = self._random.random(owners.size)
        before: dict[str, RecordColumns] = {}
        after: dict[str, RecordColumns] = {}
        extra = np.zeros(owners.size, dtype=np.int64)
        for number, source in enumerate(self._sources):
            given = drawn.population.records[source]
            kept = share < (1 / 3 if self._adverse[number] else 2 / 3)
            parts = [_of_owners(given, owners, kept)]
            parts += [_of_layer(given, layer, number) for layer in layers]
            whole, last = _merged(parts, number)
            after[source] = whole
            before[source] = _cut(whole, ~last)
            extra[whole.subjects[last]] = whole.record_ids[last]
        size = owners.size
        return (
            Drawn(Population(size, attributes, before), inputs),
            Drawn(Population(size, attributes, after), inputs),
            extra,
        )


_Part = tuple[_Rows, dict[str, IntColumn], NDArray[np.bool_]]


def records_of(given: RecordColumns, owners: _Rows, number: int) -> RecordColumns:
    """Copy the records of drawn enterprises.

    Args:
        given: Records of one source.
        owners: int64[n], whose records each subject gets.
        number: Place of the source, for the identifiers.
    """
    every = np.ones(owners.size, dtype=np.bool_)
    return _merged([_of_owners(given, owners, every)], number)[0]


# Private functions -----------------------------------------------------------


def _of_owners(given: RecordColumns, owners: _Rows, kept: NDArray[np.bool_]) -> _Part:
    """Copy the records of drawn enterprises to the piles that they own."""
    starts = np.searchsorted(given.subjects, owners)
    counts = np.where(kept, np.searchsorted(given.subjects, owners, side="right") - starts, 0)
    ends = np.cumsum(counts)
    rows = np.arange(int(ends[-1])) + np.repeat(starts - (ends - counts), counts)
    columns = {name: column[rows] for name, column in given.columns.items()}
    subjects = np.repeat(np.arange(owners.size), counts)
    return subjects, columns, np.zeros(rows.size, dtype=np.bool_)


def _of_layer(given: RecordColumns, layer: _Layer, number: int) -> _Part:
    """Copy the patterns of one source as often as a layer says."""
    chosen = layer.patterns // SOURCE_STEP == number
    rows = layer.patterns[chosen] % SOURCE_STEP
    columns: dict[str, IntColumn] = {name: one[rows] for name, one in given.columns.items()}
    for name, values in layer.changed.items():
        if name in columns:
            own = values[chosen]
            columns[name] = np.where(own < 0, columns[name], own).astype(columns[name].dtype)
    return layer.subjects[chosen], columns, layer.last[chosen]


def _merged(parts: list[_Part], number: int) -> tuple[RecordColumns, NDArray[np.bool_]]:
    subjects = np.concatenate([part[0] for part in parts])
    days = np.concatenate([part[1]["event_date"] for part in parts])
    # One key of subject and day is sorted in half the time of two (measured).
    order = np.argsort((subjects << _DAY_BITS) + days, kind="stable")
    columns: dict[str, Any] = {
        name: np.concatenate([part[1][name] for part in parts])[order] for name in parts[0][1]
    }
    ids = np.arange(order.size) + number * SOURCE_STEP
    last = np.concatenate([part[2] for part in parts])[order]
    return RecordColumns(ids, subjects[order], columns), last


def _cut(records: RecordColumns, kept: NDArray[np.bool_]) -> RecordColumns:
    return RecordColumns(
        records.record_ids[kept],
        records.subjects[kept],
        {name: column[kept] for name, column in records.columns.items()},
    )
