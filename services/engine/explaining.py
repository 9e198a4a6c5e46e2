"""Explaining a result line by line: the same run, with its lines read out."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final

import numpy as np

from services.engine.combining import MEAN
from services.engine.days import NEVER, UNKNOWN_DAY, day_number
from services.engine.evaluation import Evaluation
from services.engine.explained import Child, ExplainedLine
from services.engine.few import positions
from services.engine.language import Name, Source, Wording
from services.engine.numbers import MISSING
from services.engine.plan import Lacking, RulePlan, Selection, TotalPlan
from services.engine.population import RecordColumns, Sources, alone
from services.engine.stretches import Look, TooFarError, lasting, since, unchanged, until

START_WORDING: Final = Wording("起始值", "starting value")
BOUND_WORDING: Final = Wording("封顶或保底调整", "adjustment to the cap or floor")
GRADE_WORDING: Final = Wording("起始等级", "starting grade")
FORMULA_WORDING: Final = Wording("按公式计算", "worked out by formula")
ROUNDING_WORDING: Final = Wording("舍入调整", "adjustment of rounding")
_PLAIN_WORDING: Final = {
    "bound": BOUND_WORDING,
    "rounding": ROUNDING_WORDING,
}


def start_wording(total: TotalPlan) -> Wording:
    """Say what a total begins with: a value, or all that it is where no rule adds to it."""
    return START_WORDING if total.parts else FORMULA_WORDING


def explain(
    evaluation: Evaluation, position: int, *, dated: bool = True
) -> tuple[ExplainedLine, ...]:
    """Give the lines of one subject's result.

    The amounts of the lines of a total add up to it exactly; where the total is a product they
    multiply to it, each product rounded as the policy says.

    Args:
        evaluation: A run of a plan.
        position: Position of the subject in the population.
        dated: Whether the days of the lines are wanted, for some of which other days are evaluated.
    """
    return _Explainer(evaluation, position, dated=dated).lines()


def records_behind(
    evaluation: Evaluation, position: int, names: Iterable[str]
) -> tuple[tuple[int, str], ...]:
    """Give the records that indicators counted for one subject, by event date.

    Args:
        evaluation: A run of a plan.
        position: Position of the subject in the population.
        names: Names of the policy; of what is no indicator nothing is given.

    Returns:
        The identifiers, each with the kind of what is no fact; empty for a fact.
    """
    return _Explainer(evaluation, position).behind(names)


# Private functions -----------------------------------------------------------


_WHOLE: Final = Lacking()
"""Nothing is missing."""

_LOOKS_MOST: Final = 400
"""House limit: other days on which a rule is tried, for one line's days."""

_AHEAD_DAYS: Final = 20 * 366
"""House limit: what holds that long with nothing new is said to hold for ever."""

_CHOSEN: Final = frozenset({"max", "min", "first"})
"""Combinations of which one rule alone counts."""

_Days = tuple[int | None, int | None, bool]
"""Since when a line is as it is, until when, and whether that was left open."""

_UNDATED: Final[_Days] = (None, None, True)


class _Explainer:
    def __init__(self, evaluation: Evaluation, position: int, *, dated: bool = False) -> None:
        self._evaluation = evaluation
        self._dated = dated
        self._plan = evaluation.plan
        self._slots = evaluation.frame.slots
        self._position = position
        self._ranges: dict[Sources, tuple[int, int]] = {}

    def lines(self) -> tuple[ExplainedLine, ...]:
        slots, lacking = self._slots, self._lacking()
        lines = self._without_start() if self._lacks(lacking.start) else self._grade_start()
        for total in self._plan.totals.values():
            if not self._lacks(lacking.totals.get(total.name, ())):
                lines += self._total(total)
        lines += [
            self._rule_line(rule, None)
            for rule in self._plan.apart
            if slots[rule.hit] is not False and self._holds(rule.hit)
            if not self._lacks(lacking.rules.get(rule.rule.id, ()))
        ]
        return tuple(lines)

    def behind(self, names: Iterable[str]) -> tuple[tuple[int, str], ...]:
        types = self._plan.types
        positions_of = {one for name in names if name in types for one in types[name].selections}
        days: dict[int, int] = {}
        kinds: dict[int, str] = {}
        for number in sorted(positions_of):
            selection = self._plan.selections[number]
            # Child subjects are named themselves, instead of what makes them children.
            if not selection.children:
                days |= self._named(selection, self._rows(selection, self._slots[selection.mask]))
                kinds |= self._kept(selection)
        ordered = sorted(days, key=lambda record_id: (days[record_id], record_id))
        return tuple((one, kinds.get(one, "")) for one in ordered)

    def came_to(self, rule: RulePlan, chosen: int | None = None) -> tuple[object, ...]:
        """Give whether a rule holds, what it adds, and from which records that is worked out."""
        slot = rule.amount if chosen is None else chosen
        if not self._holds(rule.hit) or (chosen is not None and not self._value(slot)):
            return (False,)
        amount = self._value(slot) if slot >= 0 else None
        counted = [self._plan.selections[number] for number in rule.selections if rule.whole]
        return True, amount, *(self._rows(one, self._slots[one.mask]) for one in counted)

    def _value(self, slot: int) -> int:
        value = self._slots[slot]
        if type(value) is int:
            return value
        if isinstance(value, np.ndarray) and value.ndim:
            return int(value[self._position])
        return int(value)

    def _holds(self, slot: int) -> bool:
        value = self._slots[slot]
        return value if type(value) is bool else bool(self._value(slot))

    def _lacking(self) -> Lacking:
        """Give what has no value where something is missing; nothing where nothing is."""
        plan = self._plan
        needed = (slot for _, slot in plan.required)
        if plan.lacking.vetoes and self._evaluation.lacks(needed, self._position):
            return plan.lacking
        return _WHOLE

    def _lacks(self, lacking: tuple[int, ...]) -> bool:
        return bool(lacking) and self._evaluation.lacks(lacking, self._position)

    def _without_start(self) -> list[ExplainedLine]:
        """Say that a veto gives the grade, and what the starting grade would need."""
        scale = self._plan.version.grade
        assert scale is not None, "only grades have vetoes"
        plan, position = self._plan, self._position
        lacked = [
            name
            for name, slot in plan.required
            if slot in plan.lacking.start and self._evaluation.lacks((slot,), position)
        ]
        # What a total needs is named already.
        names = dict.fromkeys([name for name in lacked if name not in plan.totals] or lacked)
        wording = Wording(
            f"缺少{'、'.join(names)}，没有起始等级", f"no starting grade without {', '.join(names)}"
        )
        return [ExplainedLine("grade.start", "", None, 0, "", "", wording, scale.source)]

    def _grade_start(self) -> list[ExplainedLine]:
        grade, scale = self._plan.grade, self._plan.version.grade
        if grade is None or scale is None:
            return []
        rank = self._value(grade.start)
        if not 1 <= rank <= len(scale.ladder):
            return []
        source = scale.source
        for band, slot in zip(scale.start, grade.bands, strict=True):
            if self._holds(slot):
                source = band.source or source
                break
        effect = scale.ladder[rank - 1]
        return [ExplainedLine("grade.start", "", None, 0, "", effect, GRADE_WORDING, source)]

    def _total(self, total: TotalPlan) -> list[ExplainedLine]:
        start, result = self._value(total.start), self._value(total.result)
        product, mean = total.combine == "product", total.combine == MEAN
        lines: list[ExplainedLine] = []
        slots = self._slots
        if start or product:
            lines.append(self._plain(total, "start", start))
        reached = start
        for hit, counted, rule in total.parts:
            if slots[hit] is False or not self._holds(hit):
                continue
            amount = self._value(counted)
            reached += amount
            if amount or rule.rule.effect:
                chosen = counted if total.combine in _CHOSEN else None
                lines.append(self._rule_line(rule, (total, amount), chosen=chosen))
        if mean and result != MISSING and (rest := self._value(total.raw) - reached):
            # The parts are rounded for themselves, the mean once.
            lines.append(self._plain(total, "rounding", rest))
            reached += rest
        if not product and result not in {reached, MISSING}:
            lines.append(self._plain(total, "bound", result - reached))
        return lines

    def _plain(self, total: TotalPlan, what: str, amount: int) -> ExplainedLine:
        return ExplainedLine(
            f"{total.name}.{what}",
            total.name,
            amount,
            total.places,
            total.unit,
            "",
            start_wording(total) if what == "start" else _PLAIN_WORDING[what],
            self._bound_source(total, raised=amount > 0) if what == "bound" else total.source,
        )

    def _bound_source(self, total: TotalPlan, *, raised: bool) -> Source:
        """Give the clause of the floor or the cap at which a total stands."""
        version = self._plan.version
        own = version.totals[total.name]
        end = own.at_least if raised else own.at_most
        if isinstance(end, Name) and end.name in version.values:
            return version.values[end.name].source
        return total.source

    def _rule_line(
        self,
        plan: RulePlan,
        contribution: tuple[TotalPlan, int] | None,
        *,
        chosen: int | None = None,
    ) -> ExplainedLine:
        rule = plan.rule
        record_ids, (start_day, end_day, undated) = self._evidence(plan, chosen)
        total, amount = contribution or (None, None)
        return ExplainedLine(
            rule.id,
            total.name if total else "",
            amount,
            total.places if total else 0,
            total.unit if total else "",
            rule.target,
            rule.wording,
            rule.source,
            record_ids,
            start_day,
            end_day,
            self._children(plan) if self._plan.version.children else (),
            self._kinds(plan) if record_ids else (),
            (),
            undated,
        )

    def _kinds(self, plan: RulePlan) -> tuple[tuple[int, str], ...]:
        """Give the kinds of the records behind a rule that are no facts."""
        found: dict[int, str] = {}
        for number in plan.selections:
            selection = self._plan.selections[number]
            # Child subjects are named themselves, instead of what makes them children.
            if selection.kept and not selection.children:
                found |= self._kept(selection)
        return tuple(found.items())

    def _kept(self, selection: Selection) -> dict[int, str]:
        """Give the kinds of those records that an indicator counted and that are no facts."""
        if not selection.kept:
            return {}
        behind = self._named(selection, self._rows(selection, self._slots[selection.mask]))
        found: dict[int, str] = {}
        for source, kind in selection.kept:
            own = set(self._evaluation.frame.population.of((source,)).record_ids.tolist())
            found |= {one: kind for one in behind if one in own}
        return found

    def _children(self, plan: RulePlan) -> tuple[Child, ...]:
        """Give the child subjects that a rule's indicators counted."""
        found: dict[Child, None] = {}
        for number in plan.selections:
            listed = self._plan.selections[number].children
            if listed is None:
                continue
            roster = self._slots[listed.roster]
            held = np.broadcast_to(self._slots[listed.chosen], (roster.size,))
            own = roster.keys[held & (roster.subjects == self._position)]
            for key in own.tolist():
                known = None if key == MISSING else key
                word = "" if known is None else listed.words.get(known, str(known))
                found[Child(listed.attribute, known, word)] = None
        return tuple(found)

    def _evidence(self, plan: RulePlan, chosen: int | None) -> tuple[tuple[int, ...], _Days]:
        """Give the records behind a line, and its days.

        Args:
            plan: The rule.
            chosen: Slot of what it contributes where others may take its place; none elsewhere.
        """
        found: dict[int, int] = {}
        start, end = UNKNOWN_DAY, NEVER
        slots = self._slots
        # What children come to, or others leave to a rule, the days of its records do not tell.
        told = self._dated and not plan.timed and chosen is None and not self._over_children(plan)
        for number in plan.selections:
            selection = self._plan.selections[number]
            held = self._rows(selection, slots[selection.held])
            if not held:
                continue
            if told:
                days = self._days(plan, number, selection, held)
                if days is None:
                    told = False
                else:
                    start, end = max(start, days[0]), min(end, days[1])
            # Child subjects are named themselves, instead of what makes them children.
            if not selection.children and (rows := self._rows(selection, slots[selection.mask])):
                found |= self._named(selection, rows)
        # In the order of the records already, if they are of one indicator.
        ordered = list(found)
        if len(plan.selections) > 1:
            ordered.sort(key=lambda record_id: (found[record_id], record_id))
        if not self._dated:
            return tuple(ordered), _UNDATED
        if not told:
            return tuple(ordered), self._history.of(plan, chosen)
        first, last = None if start == UNKNOWN_DAY else start, None if end == NEVER else end
        return tuple(ordered), (first, last, False)

    def _over_children(self, plan: RulePlan) -> bool:
        return bool(self._plan.version.children) and any(
            self._plan.selections[number].children for number in plan.selections
        )

    def _days(
        self, plan: RulePlan, number: int, selection: Selection, held: list[int]
    ) -> tuple[int, int] | None:
        """Give since when records have let a rule hold as it does, and until when they will.

        Nothing where the days of the records do not say it.
        """
        frame = self._evaluation.frame
        day = frame.as_of
        spans = [selection.span(frame, row) for row in held]
        if plan.whole:
            return unchanged(spans, day)
        least, most = plan.enough.get(number), plan.most.get(number)
        if least is not None or most is not None:
            return lasting(spans, day, least=least or 0, most=most)
        first, after = spans[0]
        return spans[0] if len(spans) == 1 and first <= day < after else None

    @cached_property
    def _history(self) -> "_History":
        return _History(self._evaluation, self._position)

    def _rows(self, selection: Selection, held: Any) -> list[int]:  # noqa: ANN401 -- of records.
        """Give the places of some of an indicator's records among those of its sources."""
        if type(held) is int:
            # All but some records are a negative number.
            return positions(held if held >= 0 else held & self._every(selection.sources))
        if held is None or held is False:
            return []
        first, after = self._range(
            selection.sources, self._evaluation.frame.population.of(selection.sources)
        )
        if held is True:
            return list(range(first, after))
        found: list[int] = (np.flatnonzero(held[first:after]) + first).tolist()
        return found

    def _every(self, sources: Sources) -> int:
        return (1 << self._evaluation.frame.population.of(sources).record_ids.size) - 1

    def _named(self, selection: Selection, rows: list[int]) -> dict[int, int]:
        """Give the event day of records, and of those that they repeat, by their identifiers."""
        if selection.before is not None:
            again = selection.before(self._evaluation.frame, rows) if rows else []
            rows = sorted({*rows, *again})
        population = self._evaluation.frame.population
        if population.size == 1:
            record_ids, days = population.listed(selection.sources)
            return {record_ids[row]: days[row] for row in rows}
        records = population.of(selection.sources)
        days = records.columns["event_date"][rows].tolist()
        return dict(zip(records.record_ids[rows].tolist(), days, strict=True))

    def _range(self, sources: Sources, records: RecordColumns) -> tuple[int, int]:
        if sources not in self._ranges:
            first, after = np.searchsorted(records.subjects, [self._position, self._position + 1])
            self._ranges[sources] = (int(first), int(after))
        return self._ranges[sources]


def _unless_too_far(
    search: Callable[..., int | None], look: Look, day: int, end: int
) -> tuple[int | None, bool]:
    """Give the day that a search finds, and whether it was given up."""
    try:
        return search(look, day, end, most=_LOOKS_MOST), False
    except TooFarError:
        return None, True


class _History:
    """What a rule comes to for one subject on other days, with what was taken in on this one."""

    def __init__(self, evaluation: Evaluation, position: int) -> None:
        frame = evaluation.frame
        self._evaluation = evaluation
        self._population = alone(frame.population, position)
        self._inputs = {
            name: given if isinstance(given, int) else given[position : position + 1]
            for name, given in frame.inputs.items()
        }
        self._runs: dict[int, Evaluation] = {}

    def of(self, rule: RulePlan, chosen: int | None) -> _Days:
        """Give since when a rule has held as it does, and until when; open where that is far.

        Args:
            rule: The rule.
            chosen: As for the days of a line: then every other rule may end it.
        """
        plan = self._evaluation.plan
        day = self._evaluation.frame.as_of
        first = min(day, day_number(plan.version.start_date))

        def look(one: int) -> tuple[object, int]:
            run = self._run(one)
            after = run.rule_until(rule) if chosen is None else int(run.valid_until()[0])
            return _Explainer(run, 0).came_to(rule, chosen), after

        start = _unless_too_far(since, look, day, first)
        end = _unless_too_far(until, look, day, day + _AHEAD_DAYS)
        return start[0], end[0], start[1] or end[1]

    def _run(self, day: int) -> Evaluation:
        if day not in self._runs:
            setting = self._evaluation.frame.setting
            plan = self._evaluation.plan
            self._runs[day] = plan.run(self._population, day, self._inputs, setting=setting)
        return self._runs[day]
