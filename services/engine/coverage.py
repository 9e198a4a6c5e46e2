"""Which values a version covers: gaps, overlaps, and parts that can never count.

What can be decided is decided on samples that stand for all values, see `sampling`. What rests on
something that only a run knows, so that nobody can say whether it comes about, is a warning.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.engine.band_coverage import check_bands
from services.engine.child_groups import child_scales
from services.engine.errors import Problem, problem_at
from services.engine.extents import ChildExtents, Extents, PeriodExtents, RecordExtents, comparisons
from services.engine.favouring import check_favouring
from services.engine.idle import check_always, check_effects, check_starts
from services.engine.language import (
    ChildGroup,
    Condition,
    GradeScale,
    Indicator,
    Place,
    Policy,
    Table,
    compared,
)
from services.engine.plan import Plan
from services.engine.row_coverage import check_rows
from services.engine.rule_coverage import check_steps
from services.engine.sampling import Sampler, Samplers, TooManyError
from services.engine.scales import Scales, scales_of
from services.engine.status_coverage import check_statuses, drawn_meet
from services.engine.vocabulary import Vocabulary


def check_coverage(
    policy: Policy, plan: Plan, vocabulary: Vocabulary, scales: Scales
) -> tuple[Problem, ...]:
    """Look for gaps, overlaps, and rows, bands, filters and rules that can never count.

    Args:
        policy: The policy.
        plan: One of its versions, compiled.
        vocabulary: The words that it uses.
        scales: Ladders and statuses of the policies that it takes in.

    Returns:
        Mistakes; warnings where only a run knows, or where there is too much to try.
    """
    checker = _Checker(policy, plan, vocabulary, scales)
    return tuple(dict.fromkeys(checker.problems()))


# Private functions -----------------------------------------------------------


class _Checker:
    def __init__(self, policy: Policy, plan: Plan, vocabulary: Vocabulary, scales: Scales) -> None:
        self._version = version = plan.version
        self._meet = drawn_meet(plan, vocabulary)
        self._file = policy.file
        self._field = policy.field
        self._vocabulary = vocabulary
        own = scales_of(policy.policy_id, version) | child_scales(policy.policy_id, version)
        self._scales = {**scales, **own}
        self._extents = Extents(version, plan.types, vocabulary)
        # That the rules of today do not bring a total to the last band, is no mistake.
        self._wide = Extents(version, plan.types, vocabulary, added_up=False)

    def problems(self) -> Iterator[Problem]:
        version = self._version
        for table in version.tables.values():
            samplers = self._samplers(self._looked_up(table, of) for of in self._both())
            yield from check_rows(table, samplers, self._file)
        if version.grade is not None:
            yield from check_bands(version.grade, self._samplers(self._both()), self._file)
            yield from self._parts(version.grade, self._wide)
        for group in version.children.values():
            yield from self._group(group)
        yield from check_steps(self._extents, self._sampler(self._extents), self._file)
        yield from check_favouring(
            version,
            self._sampler(self._wide),
            self._vocabulary,
            self._file,
        )
        yield from check_effects(version, self._file)
        yield from check_starts(self._extents, self._file)
        yield from self._asked(self._wide, version.applies, version.place, "the policy")
        for rule in version.rules:
            yield from self._asked(self._wide, rule.when, rule.place, rule.id)
        yield from check_statuses(version, self._sampler(self._wide), self._file, meet=self._meet)
        for given in version.inputs.values():
            if given.allowed is not None:
                what = f"what is allowed of {given.name!r}"
                yield from self._never(self._wide, given.allowed, given.place, what)
        for indicator in version.indicators.values():
            yield from self._filter(indicator)

    def _sampler(self, extents: Extents) -> Sampler:
        return Sampler(extents, self._scales, self._field)

    def _both(self) -> tuple[Extents, Extents]:
        return self._extents, self._wide

    def _samplers(self, extents: Iterable[Extents]) -> Samplers:
        return Samplers(*(self._sampler(one) for one in extents))

    def _looked_up(self, table: Table, extents: Extents) -> Extents:
        """Give what the keys of a table are: names of subjects, of children or of records."""
        version = self._version
        found: list[Extents] = [extents]
        for group in version.children.values():
            found.append(ChildExtents(extents, group))
            found += [RecordExtents(extents, one) for one in group.measures.values()]
        found += [
            RecordExtents(extents, one) for one in version.indicators.values() if not one.over
        ]
        return next((one for one in found if all(map(one.knows, table.keys))), extents)

    def _group(self, group: ChildGroup) -> Iterator[Problem]:
        if group.grade is not None:
            inside = (ChildExtents(of, group) for of in self._both())
            yield from check_bands(group.grade, self._samplers(inside), self._file)
            yield from self._parts(group.grade, ChildExtents(self._wide, group))
        for measured in (group.roster, *group.measures.values()):
            yield from self._filter(measured, of=group)

    def _filter(self, indicator: Indicator, *, of: ChildGroup | None = None) -> Iterator[Problem]:
        """Look whether anything can pass the filter of an indicator."""
        what = repr(indicator.name if of is None else f"{of.name}.{indicator.name}")
        extents, over = self._wide, self._version.children.get(indicator.over)
        within: Extents = RecordExtents(extents, indicator)
        if over is not None:
            within = ChildExtents(extents, over)
        yield from self._asked(within, indicator.where, indicator.place, f"the filter of {what}")
        if indicator.run is not None:
            period = PeriodExtents(extents, indicator)
            name = f"each_period of {what}"
            yield from self._asked(period, indicator.run, indicator.place, name)

    def _parts(self, grade: GradeScale, extents: Extents) -> Iterator[Problem]:
        """Look whether all that bands ask besides can fail; one that asks one thing may be open."""
        for band in grade.start:
            if len(compared(band.when)) > 1:
                yield from check_always(
                    band.when,
                    f"the band of {band.grade!r}",
                    sampler=self._sampler(extents),
                    extents=extents,
                    file=self._file,
                )

    def _asked(
        self, extents: Extents, condition: Condition, place: Place, what: str
    ) -> Iterator[Problem]:
        """Look whether a condition can hold, and whether all that it asks can fail."""
        yield from self._never(extents, condition, place, what)
        sampler = self._sampler(extents)
        yield from check_always(condition, what, sampler=sampler, extents=extents, file=self._file)

    def _never(
        self, extents: Extents, condition: Condition, place: Place, what: str
    ) -> Iterator[Problem]:
        compared = comparisons(condition)
        at = compared[0].place if compared else place
        try:
            sampled = self._sampler(extents).sample([condition])
            every = range(len(sampled.variables))
            ends = sampled.spread((sampled.allowed, *sampled.formulas), every)
        except TooManyError:
            message = f"{what} has too many combinations to look whether it can hold; part it"
            yield replace(problem_at(self._file, at, "not-checked", message), warning=True)
            return
        if (True, True) not in ends:
            yield problem_at(self._file, at, "never-holds", f"{what} can never hold")
