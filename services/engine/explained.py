"""What an explanation says: lines, the child subjects that they counted, results taken in."""

from typing import NamedTuple

from services.engine.language import Source, Wording


class Child(NamedTuple):
    """A child subject that a line counted.

    Attributes:
        attribute: Attribute of the records that names it: ``person``, ``site_number``,
            ``inspection``.
        key: What names it, as a number; none for the one that unnamed records make together.
        word: The same as a code or number in words; empty for that one.
    """

    attribute: str
    key: int | None
    word: str


class TakenResult(NamedTuple):
    """A result of another policy that was taken in.

    Attributes:
        name: Name of the input that took it.
        policy_id: The other policy.
        version: Its version; empty where none is in force.
        digest: Digest of that version.
        output: Which result: ``grade``, ``score``, ``status`` or a named output.
        value: The result in words or digits; empty where there is none.
        unit: Unit of an amount; empty otherwise.
        wording: What a word says; none for another value.
        end_day: First day on which the result may be another with nothing new; none when never.
        start_day: First day since which that version has given it; none where that is not known.
    """

    name: str
    policy_id: str
    version: str
    digest: str
    output: str
    value: str
    unit: str
    wording: Wording | None
    end_day: int | None
    start_day: int | None = None


class ExplainedLine(NamedTuple):
    """One line of an explanation.

    A tuple, and made by position, since making one is much of what an explanation costs.

    Attributes:
        rule_id: The rule; ``<total>.start`` and ``<total>.bound`` for what a total began with and
            what its floor or cap took away, ``<total>.rounding`` for what rounding the parts of a
            mean left over, ``grade.start`` for the starting grade.
        total: Total that the amount goes to; empty for none.
        amount: Whole number of ``10**-places`` of the unit; none for a line that only sets.
        effect: Grade, status or duty that the line sets; empty for none.
        record_ids: Records behind the line, by event date.
        start_day: First day since which the rule has held as it does and added what it adds, by
            all that is known now; with results of other policies, since which they are so too.
            Where the amount is worked out from records, also since when it rests on these. None
            where no record and no day ever made it otherwise, and where it was left open.
        end_day: First day on which it will not, by time alone, or one of the results is another;
            none when never, and where it was left open.
        children: Child subjects that the line counted.
        kinds: Kind of each of the records that is no fact, such as an entry of a list.
        results: Results of other policies that it rests on, which whoever ran those policies says.
        undated: Whether one of its days was left open, for it lies further away than is looked.
    """

    rule_id: str
    total: str
    amount: int | None
    places: int
    unit: str
    effect: str
    wording: Wording
    source: Source
    record_ids: tuple[int, ...] = ()
    start_day: int | None = None
    end_day: int | None = None
    children: tuple[Child, ...] = ()
    kinds: tuple[tuple[int, str], ...] = ()
    results: tuple[TakenResult, ...] = ()
    undated: bool = False
