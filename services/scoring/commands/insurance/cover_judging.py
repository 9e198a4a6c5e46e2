"""What is wrong with covers: the rules of one policy, over a population or one enterprise."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_number
from services.engine.language import Source, Wording
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.insurance.covers import (
    COVER_NEEDS,
    CoverCounts,
    Covers,
    count_covers,
    covers_of,
    joined_needs,
)
from services.scoring.commands.insurance.insurance_ports import PolicyTermReads
from services.scoring.commands.insurance.obligations import ObligationColumns, Obligations
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.insurance import FindingKind, ObligationClass
from services.scoring.domain.viewpoint import Viewpoint

COVER_POLICY: Final = "cn.insurance-cover"
"""Policy whose rules are the findings."""

DEFINITION: Final = "definition"
_DUTY: Final = "duty"
_LAPSE_DAYS: Final = "lapse_days"
_AGGREGATE_ASKED: Final = "aggregate_asked_fen"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFinding:
    """One thing that is wrong with the cover of one enterprise.

    Attributes:
        kind: What it is.
        rule_id: Rule that found it.
        wording: What the rule says.
        source: Where it comes from.
        record_ids: Insurance policies that it is about.
        found: What there is, in ``unit``; none where nothing is compared.
        asked: What there should be.
        unit: ``person``, ``fen``, ``day`` or ``plan``; empty where nothing is compared.
    """

    kind: FindingKind
    rule_id: str
    wording: Wording
    source: Source
    record_ids: tuple[int, ...]
    found: int | None = None
    asked: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A population's obligations and covers on a day, and what is wrong with them.

    Attributes:
        population: The population.
        day: The day, days since 1970-01-01.
        obligations: What it owes.
        covers: Its covers issued by then.
        counts: What they come to.
        plans: int64[n], rate plans of the covers in force.
        outcome: What the rules say.
        start_floors_fen: int64[m], least limit per person that the law asked on the first day of
            each cover in force; `MISSING` where it asked none.
    """

    population: Population
    day: int
    obligations: ObligationColumns
    covers: Covers
    counts: CoverCounts
    plans: NDArray[np.int64]
    outcome: Outcome
    start_floors_fen: NDArray[np.int64]

    @property
    def below(self) -> NDArray[np.bool_]:
        """Say bool[m], which covers in force are under the floor of their first day."""
        return below_floor(self.covers, self.start_floors_fen, self.day)

    def hits(self, kind: FindingKind) -> NDArray[np.bool_]:
        """Say bool[n], which subjects a kind was found of."""
        run = self.outcome.evaluation
        found = np.zeros(self.population.size, dtype=np.bool_)
        for one in run.plan.rules:
            if one.rule.effect == _DUTY and one.rule.target == kind.name.lower():
                found |= run.column(one.hit).astype(np.bool_)
        return found

    def findings(self, position: int) -> tuple[CoverFinding, ...]:
        """Give what is wrong with the cover of one subject, in the order of the rules."""
        run = self.outcome.evaluation
        return tuple(
            self._finding(position, FindingKind[one.rule.target.upper()], one.rule.id)
            for one in run.plan.rules
            if one.rule.effect == _DUTY and run.column(one.hit)[position]
        )

    # Private methods -------------------------------------------------------------

    def _finding(self, position: int, kind: FindingKind, rule_id: str) -> CoverFinding:
        rule = next(
            one.rule for one in self.outcome.evaluation.plan.rules if one.rule.id == rule_id
        )
        found, asked, unit = self._compared(position, kind)
        return CoverFinding(
            kind=kind,
            rule_id=rule_id,
            wording=rule.wording,
            source=rule.source,
            record_ids=self._record_ids(position, kind),
            found=found,
            asked=asked,
            unit=unit,
        )

    def _compared(self, position: int, kind: FindingKind) -> tuple[int | None, int | None, str]:
        counts = self.counts
        match kind:
            case FindingKind.NOT_ALL_EMPLOYEES:
                asked = int(self.population.attributes["headcount"][position])
                return int(counts.insured_headcounts[position]), asked, "person"
            case FindingKind.UNDERINSURED:
                return self._short(position)
            case FindingKind.LIMIT_BELOW_FLOOR:
                mine = self.below & (self.covers.subjects == position)
                limits = self.covers.limits_fen[mine]
                floors = self.start_floors_fen[mine]
                worst = int(np.argmin(limits - floors))
                return int(limits[worst]), int(floors[worst]), "fen"
            case FindingKind.LAPSED:
                asked = int(self.outcome.evaluation.output(_LAPSE_DAYS)[position])
                return int(counts.days_without[position]), asked, "day"
            case FindingKind.TWO_PLANS:
                return int(self.plans[position]), 1, "plan"
            case _:
                return None, None, ""

    def _short(self, position: int) -> tuple[int, int, str]:
        """Compare the limit that is short, first that per person."""
        limit = int(self.counts.limits_fen[position])
        floor = int(self.obligations.floors_fen[position])
        if limit < floor:
            return limit, floor, "fen"
        asked = int(self.outcome.evaluation.output(_AGGREGATE_ASKED)[position])
        return int(self.counts.aggregates_fen[position]), asked, "fen"

    def _record_ids(self, position: int, kind: FindingKind) -> tuple[int, ...]:
        mine = self.covers.subjects == position
        if kind is FindingKind.UNINSURED:
            return ()
        if kind is FindingKind.LIMIT_BELOW_FLOOR:
            return tuple(self.covers.record_ids[mine & self.below].tolist())
        if kind is FindingKind.LAPSED:
            ended = np.flatnonzero(mine & (self.covers.ends <= self.day))
            last = ended[np.argmax(self.covers.ends[ended])]
            return (int(self.covers.record_ids[last]),)
        return tuple(self.covers.record_ids[mine & self.covers.in_force(self.day)].tolist())


@dataclass(frozen=True, slots=True)
class CoverJudge:
    """Judges covers by the policies of a program.

    Attributes:
        library: The policies.
        terms: Reads the rate plans of insurance policies.
    """

    library: PolicyLibrary
    terms: PolicyTermReads

    def at(self, revision: int) -> "CoverRules":
        """Give the rules as published up to a revision of the store."""
        return CoverRules(self.library.at(revision), self.terms)


class CoverRules:
    """The rules about covers of one library."""

    def __init__(self, library: PolicyLibrary, terms: PolicyTermReads) -> None:
        """Work with the policies of one revision.

        Args:
            library: The policies.
            terms: Reads the rate plans of insurance policies.
        """
        self._library = library
        self._terms = terms
        self._obligations = Obligations(library)
        self.needs: FactNeeds = joined_needs(self._obligations.needs, COVER_NEEDS)
        """Facts that judging reads."""

    def pinned(self, as_of: date) -> PinnedVersion:
        """Find the version of the rules that is in force on a day.

        Raises:
            PolicyUnknownError: There is no such policy.
            PolicyNotInForceError: None was in force.
        """
        return self._library.named(DEFINITION, COVER_POLICY, version="", as_of=as_of)

    def judge(self, population: Population, at: Viewpoint) -> Judged:
        """Judge a population on a day.

        Args:
            population: Columns that have `needs`.
            at: Where it was read.

        Raises:
            SafetyCreditError: As `pinned` says.
        """
        day = day_number(at.as_of)
        obligations = self._obligations.of(population, at.as_of)
        covers = covers_of(population, day)
        counts = count_covers(covers, day, size=population.size)
        there = covers.in_force(day)
        floors = np.full(there.size, MISSING, dtype=np.int64)
        floors[there] = self._obligations.floors_on(
            population, covers.subjects[there], covers.starts[there]
        )
        below = below_floor(covers, floors, day)
        plans = self._plans(covers.only(there), counts.covers, at)
        outcome = evaluate(
            self.pinned(at.as_of),
            population,
            at.as_of,
            {
                "obligation": _known_classes(obligations),
                "covers": counts.covers,
                "plans": plans,
                "insured_headcount": counts.insured_headcounts,
                "limit_per_person_fen": counts.limits_fen,
                "aggregate_limit_fen": counts.aggregates_fen,
                "floor_fen": obligations.floors_fen,
                "covers_below_floor": np.bincount(
                    covers.subjects[below], minlength=population.size
                ).astype(np.int64),
                "days_without_cover": counts.days_without,
            },
        )
        return Judged(population, day, obligations, covers, counts, plans, outcome, floors)

    # Private methods -------------------------------------------------------------

    def _plans(self, there: Covers, counts: NDArray[np.int64], at: Viewpoint) -> NDArray[np.int64]:
        """Count the rate plans of each subject's covers in force; few have more covers than one."""
        plans = np.minimum(counts, 1)
        several = there.only(counts[there.subjects] > 1)
        if several.record_ids.size:
            terms = self._terms.terms(several.record_ids.tolist(), at.revision)
            named: dict[int, set[str]] = {}
            for subject, record_id in zip(
                several.subjects.tolist(), several.record_ids.tolist(), strict=True
            ):
                # A cover that names no plan is under any.
                if plan_id := terms[record_id].plan_id:
                    named.setdefault(subject, set()).add(plan_id)
            for subject, ids in named.items():
                plans[subject] = len(ids)
        return plans


def below_floor(covers: Covers, start_floors_fen: NDArray[np.int64], day: int) -> NDArray[np.bool_]:
    """Say bool[m], which covers in force are under the floor of their first day."""
    named = start_floors_fen != MISSING
    below: NDArray[np.bool_] = covers.in_force(day) & named
    return below & (covers.limits_fen < start_floors_fen)


# Private functions -----------------------------------------------------------


def _known_classes(obligations: ObligationColumns) -> NDArray[np.int64]:
    classes = obligations.classes.astype(np.int64)
    return np.where(classes == ObligationClass.UNDECIDED, MISSING, classes)
