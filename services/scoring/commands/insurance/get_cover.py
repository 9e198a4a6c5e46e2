"""Show the covers of one enterprise on a day, with endorsements applied."""

from dataclasses import dataclass
from datetime import date

from services.engine.days import NEVER, day_date
from services.engine.numbers import MISSING
from services.scoring.commands.answers import Basis
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.insurance.cover_judging import CoverFinding, CoverJudge, Judged
from services.scoring.commands.insurance.insurance_ports import PolicyTermReads, PolicyTerms
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.insurance import ObligationClass
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One cover in force.

    Attributes:
        record_id: The insurance policy.
        terms: What it says in words.
        start_date: First day of cover.
        end_date: Day after the last day.
        insured_headcount: Persons insured.
        limit_per_person_fen: Limit per person.
        aggregate_limit_fen: Limit of all claims.
        premium_fen: Premium with every change issued so far.
        endorsement_count: How many changed it.
        start_floor_fen: Floor of its first day; none where there was none.
    """

    record_id: int
    terms: PolicyTerms
    start_date: date
    end_date: date
    insured_headcount: int
    limit_per_person_fen: int
    aggregate_limit_fen: int
    premium_fen: int
    endorsement_count: int
    start_floor_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverAnswer:
    """The covers of one enterprise.

    Attributes:
        subject: The enterprise.
        owed: What it owes.
        covers: Covers in force on the day.
        insured_headcount: Persons insured by all of them; none without a cover.
        findings: What is wrong with them.
        basis: What it stands on.
    """

    subject: Subject
    owed: ObligationClass
    covers: tuple[Cover, ...]
    insured_headcount: int | None
    findings: tuple[CoverFinding, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class GetCover:
    """Shows the covers of one enterprise.

    Attributes:
        store: Where facts are stored.
        judge: Judges covers.
        terms: Reads the words of insurance policies.
    """

    store: Store
    judge: CoverJudge
    terms: PolicyTermReads

    def __call__(self, ref: SubjectRef, standpoint: Standpoint) -> CoverAnswer:
        """Find them.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyNotInForceError: No rules about covers were in force on the day.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, standpoint.as_of)
            subject = find_subject(reading.subjects, ref, at)
            rules = self.judge.at(at.revision)
            population = reading.facts.population([subject], rules.needs, at)
        judged = rules.judge(population, at)
        insured = int(judged.counts.insured_headcounts[0])
        return CoverAnswer(
            subject=subject,
            owed=ObligationClass(int(judged.obligations.classes[0])),
            covers=self._covers(judged, at),
            insured_headcount=None if insured == MISSING else insured,
            findings=judged.findings(0),
            basis=Basis.of(rules.pinned(at.as_of), at.as_of, point),
        )

    def _covers(self, judged: Judged, at: Viewpoint) -> tuple[Cover, ...]:
        chosen = judged.covers.in_force(judged.day)
        there, floors = judged.covers.only(chosen), judged.start_floors_fen[chosen].tolist()
        record_ids: list[int] = there.record_ids.tolist()
        terms = self.terms.terms(record_ids, at.revision)
        return tuple(
            Cover(
                record_id=record_id,
                terms=terms[record_id],
                start_date=day_date(int(there.starts[place])),
                end_date=_last(int(there.ends[place])),
                insured_headcount=int(there.insured_headcounts[place]),
                limit_per_person_fen=int(there.limits_fen[place]),
                aggregate_limit_fen=int(there.aggregates_fen[place]),
                premium_fen=int(there.premiums_fen[place]),
                endorsement_count=int(there.endorsements[place]),
                start_floor_fen=None if floors[place] == MISSING else floors[place],
            )
            for place, record_id in enumerate(record_ids)
        )


# Private functions -----------------------------------------------------------


def _last(number: int) -> date:
    return date.max if number == NEVER else day_date(number)
