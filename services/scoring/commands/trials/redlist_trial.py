"""Which entries in force on a redlist the conditions of a candidate would break.

A redlisting ends on the first day on which a condition breaks, even if it holds again later. Its
conditions are those of the policy of its case, with the answers that the applicant gave; so both
sides of a dry run are asked with these, on each day up to the one asked for on which time may
break one, since the entry was published and the candidate would have been law. Whoever would still
be on the list by the live law, and not by the candidate, is named, with what broke and its clause.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER, day_date
from services.engine.evaluation import CANDIDATE, NO_DATA
from services.engine.language import Source, Version
from services.engine.numbers import MISSING
from services.scoring.commands.ports import Reading, Redlisting
from services.scoring.commands.trials.comparing import NO_POLICY, Comparison, Side
from services.scoring.commands.trials.pairing import Pair
from services.scoring.commands.trials.simulation_ports import (
    RedlistImpact,
    RedlistLoss,
    UnmetCondition,
)
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint

APPLIES: Final = "applies"
"""What is unmet where a policy does not apply at all: its own word for whom it applies to."""


PairOn = Callable[[date], Pair]
"""Gives a pair with what its versions take in on a day."""


class RedlistTally:
    """What a candidate has done so far to the entries on its redlist."""

    def __init__(self, pair: Pair, pair_on: PairOn, *, losses_max: int) -> None:
        """Begin with nothing.

        Args:
            pair: The redlist policy both ways.
            pair_on: Gives it for other days.
            losses_max: Entries named at most; all are counted.
        """
        self._pair = pair
        self._pair_on = pair_on
        self._since = _law_since(pair)
        self._losses_max = losses_max
        sides = (pair.candidate, *(() if pair.live is None else (pair.live,)))
        self._policies = frozenset(side.policy_id for side in sides)
        self._entries = self._lost = self._undecided = 0
        self._losses: list[RedlistLoss] = []

    def add(self, reading: Reading, listings: Sequence[Redlisting], *, at: Viewpoint) -> None:
        """Add a stretch of entries.

        Args:
            reading: Where facts are read.
            listings: Entries in force on the day, of any policy.
            at: Where both sides look from.
        """
        own = [one for one in listings if one.held.entry.policy_id in self._policies]
        for each_once in _rounds(own):
            known = reading.subjects.by_number([one.subject_id for one in each_once], at)
            courses = [
                _Course(one, known[one.subject_id]) for one in each_once if one.subject_id in known
            ]
            self._walk(reading, courses, at)
            self._count(courses)

    def impact(self) -> RedlistImpact:
        """Give the result."""
        return RedlistImpact(
            entries=self._entries,
            lost=self._lost,
            undecided=self._undecided,
            losses=tuple(sorted(self._losses, key=lambda loss: loss.entry_id)),
        )

    # Private methods -------------------------------------------------------------

    def _walk(self, reading: Reading, courses: Sequence["_Course"], at: Viewpoint) -> None:
        """Look at entries on every day on which time may break a condition."""
        ahead: defaultdict[date, list[_Course]] = defaultdict(list)
        for one in courses:
            first = max(one.listing.held.publish_date, self._since)
            ahead[min(first, at.as_of)].append(one)
        while ahead:
            day = min(ahead)
            for one, after in self._look(reading, ahead.pop(day), Viewpoint(at.revision, day)):
                # What is broken by the law that is in force ends without the candidate.
                if not one.broken and after is not None and after <= at.as_of:
                    ahead[max(after, day + _ONE_DAY)].append(one)

    def _look(
        self, reading: Reading, courses: Sequence["_Course"], at: Viewpoint
    ) -> Iterator[tuple["_Course", date | None]]:
        """Judge entries on a day; give the first day on which time alone may change that."""
        pair = self._pair_on(at.as_of)
        found = reading.subjects.by_number([one.listing.subject_id for one in courses], at)
        known = [one for one in courses if one.listing.subject_id in found]
        if not known:
            return
        subjects = [found[one.listing.subject_id] for one in known]
        population = reading.facts.population(subjects, pair.needs, at)
        answers = _answers(pair, [one.listing for one in known])
        comparison = Comparison(pair, population, at.as_of, answers=answers)
        live, candidate = comparison.live, comparison.candidate
        broken, lost, untold = _broken(live), _broken(candidate), _untold(comparison)
        edges = [one.until for one in pair.versions]
        for position, one in enumerate(known):
            one.broken = bool(broken[position])
            if lost[position] and not one.unmet:
                one.unmet = _unmet(candidate, position, pair)
            one.untold = bool(untold[position])
            numbers = (int(side.valid_until[position]) for side in (live, candidate))
            days = [day_date(number) for number in numbers if number != NEVER]
            days += [day for day in (*edges, subjects[position].changes_on(pair.deciding)) if day]
            yield one, min(days, default=None)

    def _count(self, courses: Sequence["_Course"]) -> None:
        self._entries += len(courses)
        standing = [one for one in courses if not one.broken]
        lost = [one for one in standing if one.unmet]
        self._lost += len(lost)
        self._undecided += sum(one.untold for one in standing if not one.unmet)
        room = self._losses_max - len(self._losses)
        for one in lost[:room]:
            entry = one.listing.held.entry
            self._losses.append(
                RedlistLoss(
                    subject_id=one.subject.identifier,
                    credit_code=one.subject.credit_code,
                    name=one.subject.name,
                    entry_id=entry.entry_id,
                    start_date=entry.start_date,
                    end_date=entry.end_date,
                    unmet=one.unmet,
                )
            )


# Private functions and classes ------------------------------------------------

_ONE_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class _Course:
    """What becomes of an entry, day by day.

    Attributes:
        listing: The entry.
        subject: Whose it is, on the day asked for.
        broken: Whether the live law ends it.
        unmet: What broke first by the candidate; nothing as long as all holds.
        untold: Whether the live side could tell on the last day looked at, and the candidate not.
    """

    listing: Redlisting
    subject: Subject
    broken: bool = False
    unmet: tuple[UnmetCondition, ...] = ()
    untold: bool = False


def _law_since(pair: Pair) -> date:
    """Give the first day on which what is tried would be law; its own is kept by its plan."""
    compiled = (pair.candidate.compiled, *(one.compiled for one in pair.candidate.sources))
    tried = [one.plan.version.start_date for one in compiled if one.version.start_date == date.min]
    return min(tried, default=date.min)


def _rounds(listings: Sequence[Redlisting]) -> Iterator[list[Redlisting]]:
    """Part entries so that no subject stands twice: one may be on the lists of several fields."""
    ahead = list(listings)
    while ahead:
        first: dict[int, Redlisting] = {}
        for one in ahead:
            first.setdefault(one.subject_id, one)
        yield list(first.values())
        ahead = [one for one in ahead if first[one.subject_id] is not one]


def _answers(pair: Pair, listings: Sequence[Redlisting]) -> dict[str, NDArray[np.int64]]:
    """Give what the applicants answered, by name of the input; missing where nobody asked."""
    sides = (pair.candidate, *(() if pair.live is None else (pair.live,)))
    names = sorted({name for side in sides for name in side.plan.needs.requests})
    return {
        name: np.array([one.answers.get(name, MISSING) for one in listings], dtype=np.int64)
        for name in names
    }


def _statuses(side: Side) -> NDArray[np.int64]:
    return np.array([one.status for one in side.results], dtype=np.int64)[side.codes]


def _broken(side: Side) -> NDArray[np.bool_]:
    """Say where a side has a result and the subject is no candidate: no policy breaks nothing."""
    statuses = _statuses(side)
    broken: NDArray[np.bool_] = (statuses != NO_DATA) & (statuses != NO_POLICY) & ~side.candidates
    return broken


def _untold(comparison: Comparison) -> NDArray[np.bool_]:
    """Say where the live side can tell, and the candidate cannot."""
    live, candidate = _statuses(comparison.live), _statuses(comparison.candidate)
    untold: NDArray[np.bool_] = (candidate == NO_DATA) & (live != NO_DATA)
    return untold


def _unmet(side: Side, position: int, pair: Pair) -> tuple[UnmetCondition, ...]:
    version = pair.candidate.compiled.version
    assert side.run is not None, "the candidate is in force in a dry run of it"
    names = side.run.unmet(position, CANDIDATE) or (APPLIES,)
    return tuple(UnmetCondition(name, _clause(version, name)) for name in names)


def _clause(version: Version, name: str) -> Source:
    """Give where a condition comes from: its own clause, or that of the rule that asks for it."""
    for parts in (version.indicators, version.values, version.totals):
        if name in parts:
            return parts[name].source
    rules = (rule.source for rule in version.rules if rule.target == CANDIDATE)
    return version.source if name == APPLIES else next(rules, version.source)
