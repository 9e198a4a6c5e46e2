"""Which entries in force on a redlist the conditions of a candidate would break.

A redlisting ends when a condition breaks. Its conditions are those of the policy of its case, with
the answers that the applicant gave; so both sides of a dry run are asked with these. Whoever is on
the list and would not be let onto it by the candidate is named, with what is unmet and its clause.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import CANDIDATE, NO_DATA
from services.engine.language import Source, Version
from services.engine.numbers import MISSING
from services.scoring.commands.ports import FactNeeds, Reading, Redlisting
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


class RedlistTally:
    """What a candidate has done so far to the entries on its redlist."""

    def __init__(self, pair: Pair, *, losses_max: int) -> None:
        """Begin with nothing.

        Args:
            pair: The redlist policy both ways.
            losses_max: Entries named at most; all are counted.
        """
        self._pair = pair
        self._losses_max = losses_max
        sides = (pair.candidate, *(() if pair.live is None else (pair.live,)))
        self._policies = frozenset(side.policy_id for side in sides)
        self._entries = self._lost = self._undecided = 0
        self._losses: list[RedlistLoss] = []

    def add(
        self, reading: Reading, listings: Sequence[Redlisting], *, needs: FactNeeds, at: Viewpoint
    ) -> None:
        """Add a stretch of entries.

        Args:
            reading: Where facts are read.
            listings: Entries in force on the day, of any policy.
            needs: Facts that both sides read.
            at: Where both sides look from.
        """
        own = [one for one in listings if one.held.entry.policy_id in self._policies]
        for each_once in _rounds(own):
            numbers = [one.subject_id for one in each_once]
            found = reading.subjects.by_number(numbers, at)
            known = [one for one in each_once if one.subject_id in found]
            subjects = [found[one.subject_id] for one in known]
            if not known:
                continue
            population = reading.facts.population(subjects, needs, at)
            answers = _answers(self._pair, known)
            comparison = Comparison(self._pair, population, at.as_of, answers=answers)
            self._count(comparison, known, subjects)

    def impact(self) -> RedlistImpact:
        """Give the result."""
        return RedlistImpact(
            entries=self._entries,
            lost=self._lost,
            undecided=self._undecided,
            losses=tuple(sorted(self._losses, key=lambda loss: loss.entry_id)),
        )

    # Private methods -------------------------------------------------------------

    def _count(
        self, comparison: Comparison, listings: Sequence[Redlisting], subjects: Sequence[Subject]
    ) -> None:
        # What is broken by the law that is in force ends without the candidate.
        standing = ~_broken(comparison.live)
        lost = standing & _broken(comparison.candidate)
        self._entries += len(listings)
        self._lost += int(np.count_nonzero(lost))
        self._undecided += int(np.count_nonzero(standing & _untold(comparison)))
        room = self._losses_max - len(self._losses)
        for position in np.flatnonzero(lost).tolist()[:room]:
            subject, entry = subjects[position], listings[position].held.entry
            self._losses.append(
                RedlistLoss(
                    subject_id=subject.identifier,
                    credit_code=subject.credit_code,
                    name=subject.name,
                    entry_id=entry.entry_id,
                    start_date=entry.start_date,
                    end_date=entry.end_date,
                    unmet=_unmet(comparison.candidate, position, self._pair),
                )
            )


# Private functions -----------------------------------------------------------


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
