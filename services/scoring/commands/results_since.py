"""Since when a result of another policy has been what it is, found by evaluating earlier days."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from services.engine.days import day_date, day_number
from services.engine.stretches import TooFarError, since
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policies.policy_library import PinnedInput, PinnedVersion
from services.scoring.domain.subject import Subject

LOOKS_MAX: Final = 64
"""House limit: days evaluated for one result; where they do not suffice nothing is said."""


def result_since(outcome: Outcome, subject: Subject, one: PinnedInput) -> int | None:
    """Give the first day since which a version has given one subject the result taken of it.

    All records that are known say what a result was on earlier days. What is registered of the
    subject, what the version takes in itself, and tables of peers are those of today; on days on
    which they may have been others nothing is asked.

    Args:
        outcome: What the version that took the result gave, for the subject alone.
        subject: The subject.
        one: The input that took it.

    Returns:
        The day, also of a result that is missing; the version's own first day at the earliest.
        None where no version gives one, or where it may have begun on a day that is not asked for.
    """
    source, population = one.source, outcome.evaluation.frame.population
    if source is None or source.places or population.size != 1:
        return None
    if any(each.source is None for version in (source, *source.sources) for each in version.inputs):
        # Another version of what is not in force now may have been before.
        return None
    first = day_number(source.compiled.version.start_date)
    bound = max([first, *_other_edges(source, subject)])

    def look(day: int) -> tuple[object, int]:
        earlier = evaluate(source, population, day_date(day))
        taken = earlier.evaluation.taken(one.output, one.places)
        return int(np.asarray(taken).reshape(-1)[0]), int(earlier.valid_until[0])

    try:
        begun = since(look, outcome.evaluation.frame.as_of, bound, most=LOOKS_MAX)
    except TooFarError:
        return None
    return None if begun == bound > first else begun


# Private functions -----------------------------------------------------------


def _other_edges(source: PinnedVersion, subject: Subject) -> Iterator[int]:
    """Give days before which the evaluation would have been another."""
    for each in source.sources:
        yield day_number(each.compiled.version.start_date)
    if source.deciding and subject.period is not None:
        yield day_number(subject.period.start_date)
