"""The policy language: what a policy file says, as values.

Six ideas combine freely: indicator, table, value, rule, combination (here `Total`), and ladder
(here `GradeScale`). ``policies/README.md`` teaches the written form.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.engine.errors import Problem
from services.engine.statements import (
    Clause,
    CodeSet,
    Ending,
    Exemption,
    Source,
    TermRow,
    Wording,
)
from services.engine.terms import (
    Choice,
    Comparison,
    Condition,
    Either,
    Elapsed,
    Every,
    Expression,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Negation,
    Operation,
    PeriodStart,
    Place,
    Reached,
    Repeats,
    Window,
    compared,
)

__all__ = [
    "Choice",
    "Clause",
    "CodeSet",
    "Comparison",
    "Condition",
    "Either",
    "Elapsed",
    "Ending",
    "Every",
    "Exemption",
    "Expression",
    "Literal",
    "Lookup",
    "MovedDay",
    "Name",
    "Negation",
    "Operation",
    "PeriodStart",
    "Place",
    "Reached",
    "Repeats",
    "Source",
    "TermRow",
    "Window",
    "Wording",
    "compared",
]

PolicyPin = tuple[str, str, str]
"""Policy, version and digest of the bytes of its file."""


# Parts of a version -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that a policy is told.

    Attributes:
        origin: ``subject`` (an attribute), ``request`` (asked of the caller), ``policy`` (another
            policy's result), ``last_period`` (this policy's own result at the end of the calendar
            period before) or ``peers`` (place among the subjects of the population, or a figure
            of theirs).
        attribute: Attribute of the subject, output of the policy, or what is asked of the peers,
            see `peers`.
        policy_id: The other policy; empty for the other origins.
        unit: Unit; for a request's number also its name on the wire.
        codes: Code set of a word, of the vocabulary or the version's own; empty for a number.
        places: Decimal places of a request's number, or of a mean or median of peers.
        rounding: Rounding mode of a mean or median of peers; empty for everything else.
        if_missing: ``no_data`` (no result), ``unknown`` (comparisons are false), or what stands
            in.
        allowed: Condition that a value must meet: a given one is refused otherwise, one that
            stands in is no value.
        period: Calendar period of ``last_period``.
        back: How many periods ``last_period`` goes back at most; before that it is missing.
        of: What is compared among the peers.
        among: Names that are equal for all peers; none for the whole population.
        each: Set of words for each of which a request gives a number; empty for one number.
    """

    name: str
    origin: str
    attribute: str
    policy_id: str
    unit: str
    codes: str
    places: int
    if_missing: str | Expression
    allowed: Condition | None
    place: Place
    period: str = ""
    back: int = 1
    of: Expression | None = None
    among: tuple[str, ...] = ()
    each: str = ""
    rounding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """Records of a kind, filtered, in a window, measured.

    Attributes:
        kinds: Kinds of the records; several share the attributes that all of them have.
        where: Filter over attributes of the record.
        window: Which days count.
        measure: ``count``, ``sum``, ``max``, ``min``, ``distinct``, ``first_day`` or
            ``last_day``.
        of: What is summed or compared, over attributes of the record; none for a count. What adds
            up to a number that is `reached`, whose day is measured.
        if_none: What ``max``, ``min`` and days give without a record: ``no_data``,
            ``unknown``, or what stands in.
        relation: Whose records: empty for the subject's own, else a relation of the vocabulary.
        run: Condition on ``it``, the measure of one period; then the indicator is the number of
            periods for which it holds, counted back from the window's last without a break.
        since: Day of the subject; a period of a run that began before it is none. Empty for any.
        within: A rolling window in which records count together, wherever it lies: only those of
            the stretch with the most, or with the greatest sum, are measured; none for all that
            are in the window.
        holding: Indicator of records; the stretch must hold the day of one. Empty where any counts.
        reached: A number that the records of a window come to, seen from each day so far: only
            those by which they last came to it are measured; none for all that are in the window.
        repeats: Which earlier records are of the same kind as a record, so that the filter, the
            measure and the keys of tables may ask how many there were; none where nobody asks.
        each: Expressions that are worked out for each record, by the name they have in the filter,
            the measure and the keys of tables.
        over: Group of child subjects that is measured instead of records; empty for records. The
            measure is ``count``, ``share``, ``sum``, ``mean``, ``min``, ``max`` or ``worst`` then.
        places: Decimal places of a ``share`` or ``mean``; none of the others.
        rounding: Rounding mode of a ``share`` or ``mean``.
    """

    name: str
    kinds: tuple[str, ...]
    where: Condition
    window: Window
    measure: str
    of: Expression | None
    if_none: str | Expression
    unit: str
    source: Source
    place: Place
    relation: str = ""
    run: Condition | None = None
    since: str = ""
    within: Window | None = None
    holding: str = ""
    reached: Reached | None = None
    repeats: Repeats | None = None
    each: Mapping[str, Expression] = dataclasses.field(default_factory=dict)
    over: str = ""
    places: int | None = None
    rounding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One row: a condition for each key and one expression for each output.

    Attributes:
        source: Where the row comes from; none where the table's source says it.
    """

    cells: tuple[Condition, ...]
    outputs: tuple[Expression, ...]
    place: Place
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One to four keys with explicit edges, one or more outputs; the first row that fits.

    Attributes:
        keys: Names of what is looked up, in the order of the cells.
        outputs: Name and unit of each output.
        otherwise: ``no_data`` or ``unknown`` when no row fits, or outputs that stand in.
        overlap: ``first`` where several rows may fit and the first counts; empty where none may.
    """

    name: str
    keys: tuple[str, ...]
    outputs: tuple[tuple[str, str], ...]
    rows: tuple[TableRow, ...]
    otherwise: str | tuple[Expression, ...]
    overlap: str
    source: Source
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A named expression with its unit or codes, and what holds where it has no value, if said."""

    name: str
    expression: Expression
    unit: str
    source: Source
    place: Place
    if_none: str | Expression | None = None
    codes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Amounts of rules put together.

    Attributes:
        unit: Unit of the amounts.
        places: Decimal places that are kept.
        start: What is there before any rule.
        combine: ``sum``, ``max``, ``min``, ``product``, ``first`` or ``weighted_mean``.
        rounding: Rounding mode of each product, or of the mean; empty for the others.
        at_least: Floor; none when there is none.
        at_most: Cap; none when there is none.
        if_none: What a weighted mean gives when nothing applies, as for an indicator.
    """

    name: str
    unit: str
    places: int
    start: Expression
    combine: str
    rounding: str
    at_least: Expression | None
    at_most: Expression | None
    source: Source
    place: Place
    if_none: str | Expression = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A condition and what follows.

    Attributes:
        id: Stable identifier; also the reason code.
        when: The condition.
        total: Total that the amount goes to; empty for none.
        amount: What it contributes.
        weight: Weight of the amount in a weighted mean; none for the others.
        effect: ``grade`` (at best this grade), ``exactly`` (this grade whatever else holds),
            ``at_worst``, ``status``, ``duty`` or empty.
        target: Grade, status or duty of the effect.
        persons: Roles of persons that share the effect (lists).
    """

    id: str
    when: Condition
    total: str
    amount: Expression | None
    effect: str
    target: str
    persons: tuple[str, ...]
    wording: Wording
    source: Source
    place: Place
    weight: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBand:
    """A grade and when it is the starting grade.

    Attributes:
        source: Where the band comes from; none where the ladder's source says it.
    """

    grade: str
    when: Condition
    place: Place
    source: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeScale:
    """Ordered grades, how the first is found and what moves it.

    Attributes:
        ladder: Grades from best to worst.
        start: The first band that holds gives the starting grade.
        start_rank: Place of the starting grade on the ladder, when it is a number instead.
        steps_down: Total of steps that the grade goes down (negative: up); empty for none.
        beyond: ``clamp``, or the status taken by a grade that falls off the ladder.
    """

    ladder: tuple[str, ...]
    start: tuple[GradeBand, ...]
    start_rank: Expression | None
    steps_down: str
    beyond: str
    source: Source
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildGroup:
    """Child subjects of a kind: the persons, projects or sub-units that records belong to.

    Attributes:
        each: Attribute of the records that says to whom they belong.
        roster: Records that say who is one, also without any other record; what they measure is
            not asked for.
        unnamed: What happens with a record that belongs to nobody: ``left_out``, ``together`` (all
            of a subject's are one more child) or ``no_data``; empty where every record says it.
        measures: Indicators over the records of one child.
        values: Named expressions over what is measured of one child.
        grade: Ladder of the children; none where they have no grades.
    """

    name: str
    each: str
    roster: Indicator
    unnamed: str
    measures: Mapping[str, Indicator]
    values: Mapping[str, Value]
    grade: GradeScale | None
    source: Source
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A named result besides the grade.

    Attributes:
        better: What is better for whom it concerns: ``less``, ``more``, ``neutral``; empty where
            its unit says it.
        codes: Set of codes that it gives a word of; empty for a number or a day.
    """

    name: str
    expression: Expression
    unit: str
    places: int
    place: Place
    better: str = ""
    codes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a policy, in force on ``[start_date, end_date)``.

    Attributes:
        applies: Subjects that it applies to.
        score: Total or value that is shown as the score; empty for none.
        exemption: What a worse record may improve, by which clause; none, as a rule.
        extends: Policies and versions that it takes everything from but what it says itself.
        without: Rules of that version that it leaves out.
        replaced: Names of parts and rules that it has instead of that version's, in order.
        procedure: Requirements of a list's procedure by name; none where no text gives one.
        children: Groups of child subjects by name.
        statuses: Statuses in the order in which they go over each other; empty where no two can
            hold together.
        ends: Version that it ends before that one's own end; none for a plain successor.
        written_end: End that its own file says, whatever ends it earlier.
        codes: Sets of words of the scheme's own by name, see `own_words`.
        digest: What answers name it by, with all that it extends, see `digesting`.
    """

    version: str
    start_date: date
    end_date: date | None
    source: Source
    applies: Condition
    inputs: Mapping[str, Input] = dataclasses.field(default_factory=dict)
    indicators: Mapping[str, Indicator] = dataclasses.field(default_factory=dict)
    tables: Mapping[str, Table] = dataclasses.field(default_factory=dict)
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    totals: Mapping[str, Total] = dataclasses.field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    grade: GradeScale | None = None
    score: str = ""
    outputs: Mapping[str, Output] = dataclasses.field(default_factory=dict)
    exemption: Exemption | None = None
    extends: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    procedure: Mapping[str, Clause] = dataclasses.field(default_factory=dict)
    place: Place = (1, 1)
    children: Mapping[str, ChildGroup] = dataclasses.field(default_factory=dict)
    statuses: tuple[str, ...] = ()
    ends: Ending | None = None
    written_end: date | None = None
    digest: str = ""
    codes: Mapping[str, CodeSet] = dataclasses.field(default_factory=dict)

    @property
    def repeal(self) -> bool:
        """Say whether it only ends another version, and is no law itself."""
        return self.ends is not None and self.ends.repeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy with all its versions.

    Attributes:
        policy_id: Identifier, dotted lower-case words.
        kind: grade, list, rate, obligation, supervision, risk, repair, prevention or definition.
        field: Code of the field; empty for a policy of every field.
        division: Six digits; ``000000`` for the whole country.
        other_cover: Whether a rate is that of another insurance than work-safety liability.
        favourable: Whether a list is a redlist, so that being a candidate is a good thing.
        insurer: Insurer that filed a rate plan; empty for the plan of a place.
        bounding: Whether a rate policy bounds what plans give, and is no plan itself.
        file_digest: SHA-256 of the file's bytes, and of the digests of all files that it extends;
            hexadecimal. What answers named before versions had digests of their own.
        parents: Policies whose versions it extends, by version.
        objections: What should not be written so in each version, by its name; of the head of the
            file under an empty name.
    """

    policy_id: str
    kind: str
    title: Wording
    documentation: str
    field: str
    division: str
    favourable: bool
    other_cover: bool
    versions: tuple[Version, ...]
    file: str
    content: bytes
    file_digest: str
    parents: Mapping[str, tuple[PolicyPin, ...]] = dataclasses.field(default_factory=dict)
    insurer: str = ""
    bounding: bool = False
    objections: Mapping[str, tuple[Problem, ...]] = dataclasses.field(default_factory=dict)
