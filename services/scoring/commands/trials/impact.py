"""Adding up, stretch by stretch, what a candidate does to the results of one policy."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import NO_DATA
from services.engine.numbers import MISSING
from services.scoring.commands.policies.policy_library import CompiledVersion, PinnedVersion
from services.scoring.commands.rates.worksheet import PREMIUM
from services.scoring.commands.trials.comparing import Comparison, Movement, ShortResult
from services.scoring.commands.trials.pairing import Pair
from services.scoring.commands.trials.simulation_ports import (
    AffectedSubject,
    AnsweredElsewhere,
    LackingInput,
    PolicyImpact,
    PremiumBand,
    SubjectChange,
)
from services.scoring.domain.subject import Subject

BAND_EDGES_BP: Final = (-5000, -3000, -2000, -1000, -500, 0, 1, 501, 1001, 2001, 3001, 5001)
"""House decision: bands of the change of a premium; one of them holds those that do not change."""

LINES_MAX: Final = 20
"""House limit: lines shown of one subject."""

_WHOLE_BP: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Seen:
    """A subject that moved far, until its name is looked up."""

    subject_id: int
    affected: AffectedSubject


class ImpactTally:
    """What a candidate has done so far to the results of one policy."""

    def __init__(self, pair: Pair, *, affected_max: int) -> None:
        """Begin with nothing.

        Args:
            pair: The policy both ways.
            affected_max: Most affected subjects wanted.
        """
        self.pair = pair
        self._affected_max = affected_max
        self._subjects = self._undecided = 0
        self._elsewhere = {_name_of(one): [0, 0] for one in pair.more_local}
        self._lacking: Counter[str] = Counter()
        self._movements: Counter[Movement] = Counter()
        self._matrix: Counter[tuple[ShortResult, ShortResult]] = Counter()
        self._bands: NDArray[np.int64] = np.zeros((len(BAND_EDGES_BP) + 1, 3), dtype=np.int64)
        # The least of the most affected stands first; equal ones in order of their numbers.
        self._heap: list[tuple[int, int, _Seen]] = []

    def add(self, comparison: Comparison, subject_ids: Sequence[int]) -> list[SubjectChange]:
        """Add a stretch of subjects.

        Args:
            comparison: Both sides over the stretch.
            subject_ids: Numbers of its subjects.

        Returns:
            The subjects whose result changed.
        """
        self._subjects += comparison.size
        self._matrix.update(comparison.cells())
        numbers, counts = np.unique(comparison.movements, return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            if number:
                self._movements[Movement(number)] += count
        self._add_elsewhere(comparison)
        self._add_undecided(comparison)
        self._add_premiums(comparison)
        self._add_affected(comparison, subject_ids)
        return [
            SubjectChange(
                policy_id=self.pair.policy_id,
                subject_id=subject_ids[position],
                person=bool(comparison.asked.persons[position]),
                movement=Movement(int(comparison.movements[position])),
                live=comparison.live.result(position),
                candidate=comparison.candidate.result(position),
            )
            for position in np.flatnonzero(comparison.changed).tolist()
        ]

    def affected_ids(self) -> list[int]:
        """Give the numbers of the subjects that move most so far."""
        return [seen.subject_id for _, _, seen in self._heap]

    def impact(self, subjects: Mapping[int, Subject]) -> PolicyImpact:
        """Give the result.

        Args:
            subjects: The subjects that move most, for their names.
        """
        ranked = sorted(self._heap, key=lambda one: (-one[0], -one[1]))
        return PolicyImpact(
            policy_id=self.pair.policy_id,
            live=None if self.pair.live is None else _named(self.pair.live),
            candidate=_named(self.pair.candidate),
            subjects=self._subjects,
            changed=sum(self._movements.values()),
            movements=dict(self._movements),
            matrix=dict(sorted(self._matrix.items())),
            premiums=self._premiums(),
            affected=tuple(
                with_name(seen.affected, subjects.get(seen.subject_id)) for _, _, seen in ranked
            ),
            elsewhere=tuple(
                AnsweredElsewhere(policy_id, version, subjects=subjects, changed=changed)
                for (policy_id, version), (subjects, changed) in self._elsewhere.items()
                if subjects
            ),
            undecided=self._undecided,
            lacking=tuple(
                LackingInput(
                    name=name,
                    subjects=count,
                    asked=name in self.pair.candidate.plan.needs.requests,
                )
                for name, count in self._lacking.most_common()
            ),
        )

    # Private methods -------------------------------------------------------------

    def _add_undecided(self, comparison: Comparison) -> None:
        """Count who has no result for lack of data, and what each of them lacks."""
        undecided = comparison.within & (comparison.candidate.states == NO_DATA)
        self._undecided += int(np.count_nonzero(undecided))
        for name, lacking in comparison.candidate.lacking():
            if count := int(np.count_nonzero(undecided & lacking)):
                self._lacking[name] += count

    def _add_elsewhere(self, comparison: Comparison) -> None:
        """Count apart those for whom a more local policy answers."""
        for one, there in comparison.asked.elsewhere:
            counts = self._elsewhere[_name_of(one)]
            counts[0] += int(np.count_nonzero(there))
            counts[1] += int(np.count_nonzero(there & (comparison.moves > 0)))

    def _add_premiums(self, comparison: Comparison) -> None:
        live, candidate = comparison.live.premiums, comparison.candidate.premiums
        both = comparison.within & (live != MISSING) & (candidate != MISSING)
        if not both.any():
            return
        before, after = live[both], candidate[both]
        base = np.maximum(before, 1)
        # Rounded away from no change, so that the smallest change is none of none.
        change = (after - before) * _WHOLE_BP
        points = np.where(change >= 0, -(-change // base), change // base)
        bands = np.searchsorted(np.array(BAND_EDGES_BP), points, side="right")
        np.add.at(self._bands[:, 0], bands, 1)
        np.add.at(self._bands[:, 1], bands, before)
        np.add.at(self._bands[:, 2], bands, after)

    def _premiums(self) -> tuple[PremiumBand, ...] | None:
        if PREMIUM not in self.pair.candidate.plan.outputs:
            return None
        lowest = (None, *BAND_EDGES_BP)
        highest = (*BAND_EDGES_BP, None)
        rows = zip(lowest, highest, self._bands.tolist(), strict=True)
        return tuple(
            PremiumBand(
                change_min_bp=least,
                change_max_bp=greatest,
                enterprises=enterprises,
                live_fen=live_fen,
                candidate_fen=candidate_fen,
            )
            for least, greatest, (enterprises, live_fen, candidate_fen) in rows
        )

    def _add_affected(self, comparison: Comparison, subject_ids: Sequence[int]) -> None:
        weights = comparison.weights()
        moved = np.flatnonzero(weights)
        if moved.size > self._affected_max:
            # Only so many of a stretch can be among the most affected of all.
            heaviest = np.argsort(-weights[moved], kind="stable")[: self._affected_max]
            moved = moved[heaviest]
        for position in moved.tolist():
            weight, number = int(weights[position]), subject_ids[position]
            full = len(self._heap) >= self._affected_max
            if full and (weight, -number) <= self._heap[0][:2]:
                continue
            seen = _Seen(number, affected_subject(comparison, position))
            entry = (weight, -number, seen)
            if full:
                heappushpop(self._heap, entry)
            else:
                heappush(self._heap, entry)


def affected_subject(comparison: Comparison, position: int) -> AffectedSubject:
    """Describe a subject that moves, but for its name."""
    live, candidate = comparison.live, comparison.candidate
    return AffectedSubject(
        subject_id="",
        credit_code="",
        name="",
        movement=Movement(int(comparison.movements[position])),
        live=live.result(position),
        candidate=candidate.result(position),
        scores=(live.score(position), candidate.score(position)),
        premiums_fen=(live.premium_fen(position), candidate.premium_fen(position)),
        lines=comparison.moved_lines(position)[:LINES_MAX],
    )


def with_name(affected: AffectedSubject, subject: Subject | None) -> AffectedSubject:
    """Put in who a subject is."""
    if subject is None:
        return affected
    return replace(
        affected,
        subject_id=subject.identifier,
        credit_code=subject.credit_code,
        name=subject.name,
    )


# Private functions -----------------------------------------------------------


def _name_of(one: CompiledVersion) -> tuple[str, str]:
    return one.policy.policy_id, one.version.version


def _named(pinned: PinnedVersion) -> tuple[str, str]:
    return pinned.compiled.version.version, pinned.compiled.digest
