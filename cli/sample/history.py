"""The ordinary history of an enterprise: what its latent risk makes of five years."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from cli.sample.ledger import Ledger, proto_date, yuan
from cli.sample.offences import OFFENCES, Offence
from cli.sample.places import WORK_SAFETY
from safetycredit.credit.v1.record_pb2 import (
    Accident,
    Hazard,
    Honour,
    Inspection,
    Penalty,
    RecordBody,
    Rectification,
    Report,
    Violation,
)
from safetycredit.type.v1.field_pb2 import Field

_YEAR_DAYS: Final = 365.25
_STANDARDISATION_YEARS: Final = 3
_LARGE_HEADCOUNT: Final = 100
_CARE_FOR_LEVEL: Final = ((0.97, 1), (0.68, 2), (0.3, 3))
_CARE_FOR_AWARDS: Final = 0.8
_LARGER_DEATHS: Final = 3
_RECHECKS_MAX: Final = 3
_PENALISED: Final[dict[int, float]] = {
    Violation.SEVERITY_MINOR: 0.08,
    Violation.SEVERITY_GENERAL: 0.45,
    Violation.SEVERITY_SERIOUS: 0.9,
}
"""How many violations of each severity are penalised."""


@dataclass(frozen=True, slots=True)
class Character:
    """What kind of enterprise it is, which nobody sees.

    Attributes:
        risk: Latent danger, 1 for the middle; all bad things grow with it.
        care: 0 for none to 1 for the best; what it does by itself.
    """

    risk: float
    care: float


def draw_character(dice: Random, *, industry_risk: float, headcount: int) -> Character:
    """Draw the character of an enterprise."""
    latent = dice.lognormvariate(0.0, 0.8)
    size = (max(headcount, 1) / 50) ** 0.25
    return Character(
        risk=min(latent * industry_risk * size, 6.0),
        care=dice.random() / (1.0 + 0.35 * latent)
        + (0.25 if headcount > _LARGE_HEADCOUNT else 0.0),
    )


def write_history(dice: Random, ledger: Ledger, character: Character, start: date) -> None:
    """Write down what happened to an enterprise from a day on."""
    _Chronicle(dice, ledger, character, start).write()


@dataclass(frozen=True, slots=True)
class _Chronicle:
    dice: Random
    ledger: Ledger
    character: Character
    start: date

    def write(self) -> None:
        """Write the whole history, theme by theme."""
        self._honours()
        years = (self.ledger.until - self.start).days / _YEAR_DAYS
        risk = self.character.risk
        for day in self._days(years * 0.04 * risk):
            self._report(day)
        for day in self._days(years * (0.45 + 0.16 * risk)):
            self._inspection(day)
        for day in self._days(years * 0.05 * risk):
            self._hazard(day)
        for day in self._days(years * 0.0022 * risk**1.3):
            self._accident(day)

    def _honours(self) -> None:
        dice, care = self.dice, self.character.care
        signed = self._soon(self.start, 10, 300)
        while signed <= self.ledger.until:
            self._commitment(signed)
            signed += timedelta(days=dice.randint(560, 900))
        level = next((level for least, level in _CARE_FOR_LEVEL if care > least), None)
        if level is not None:
            graded = self._soon(self.start, 30, 700)
            while graded <= self.ledger.until:
                self._standardisation(graded, level)
                # Renewed in time by most.
                graded = _years_after(graded, _STANDARDISATION_YEARS)
                graded += timedelta(days=dice.choice((-20, 0, 0, 45, 200)))
        if care > _CARE_FOR_AWARDS:
            for day in self._days(0.7):
                rank = dice.choices(
                    (
                        Honour.AWARD_RANK_COUNTY,
                        Honour.AWARD_RANK_MUNICIPAL,
                        Honour.AWARD_RANK_PROVINCIAL,
                    ),
                    (60, 35, 5),
                )[0]
                award = Honour(kind=Honour.KIND_AWARD, award_rank=rank, title="安全生产先进单位")
                self.ledger.add(RecordBody(honour=award), day, of=WORK_SAFETY, published=day)

    def _commitment(self, day: date) -> None:
        broken = self._chance(min(0.03 * self.character.risk, 0.4))
        old = (self.ledger.until - day).days > _YEAR_DAYS
        state = Honour.COMMITMENT_MADE
        if old:
            state = Honour.COMMITMENT_BROKEN if broken else Honour.COMMITMENT_KEPT
        honour = Honour(kind=Honour.KIND_COMMITMENT, commitment=state, title="安全生产承诺书")
        self.ledger.add(RecordBody(honour=honour), day, of=WORK_SAFETY, published=day)

    def _standardisation(self, day: date, level: int) -> None:
        honour = Honour(
            kind=Honour.KIND_STANDARDISATION,
            standardisation_level=level,
            end_date=proto_date(_years_after(day, _STANDARDISATION_YEARS)),
            title="安全生产标准化证书",
        )
        self.ledger.add(RecordBody(honour=honour), day, of=WORK_SAFETY, published=day)

    def _report(self, day: date) -> None:
        dice = self.dice
        handled = self._soon(day, 5, 45)
        finding = dice.choice((Report.FINDING_CONFIRMED, Report.FINDING_UNCONFIRMED))
        if handled > self.ledger.until:
            finding = Report.FINDING_UNSPECIFIED
        report = Report(
            description=dice.choice(
                ("反映车间存在安全隐患", "反映通道堆放杂物", "反映作业人员无证上岗")
            ),
            finding=finding,
            handled_date=self.ledger.past(handled),
        )
        key = self.ledger.add(RecordBody(report=report), day, of=WORK_SAFETY)
        self._inspection(self._soon(day, 1, 5), report_key=key)

    def _inspection(self, day: date, *, report_key: str = "") -> None:
        dice = self.dice
        fields = self.ledger.enterprise.industry.fields
        of = WORK_SAFETY if report_key or self._chance(0.6) else dice.choice(fields)
        found = self._chance(min(0.2 + 0.1 * self.character.risk, 0.8))
        occasion = dice.choice(
            (Inspection.OCCASION_PLANNED, Inspection.OCCASION_RANDOM, Inspection.OCCASION_CAMPAIGN)
        )
        inspection = Inspection(
            occasion=Inspection.OCCASION_REPORT if report_key else occasion, problems_found=found
        )
        refers = {"report_record_id": report_key} if report_key else {}
        key = self.ledger.add(RecordBody(inspection=inspection), day, of=of, refers=refers)
        if found and key:
            for _ in range(1 + min(self._count(0.15 * self.character.risk), 3)):
                self._violation(day, of, key)

    def _violation(self, day: date, of: Field, inspection_key: str) -> None:
        dice = self.dice
        offences = OFFENCES[of]
        offence = dice.choices(offences, [one.weight for one in offences])[0]
        severity = dice.choices(
            (Violation.SEVERITY_MINOR, Violation.SEVERITY_GENERAL, Violation.SEVERITY_SERIOUS),
            (45, 45, 10),
        )[0]
        violation = Violation(
            violation_code=offence.code,
            severity=severity,
            article=offence.article,
            description=offence.finding,
        )
        refers = {"inspection_record_id": inspection_key}
        key = self.ledger.add(RecordBody(violation=violation), day, of=of, refers=refers)
        self._rectification(day, of, key)
        if self._chance(_PENALISED[severity]):
            self._penalty(day, of, offence, key)

    def _rectification(self, day: date, of: Field, target_key: str) -> None:
        due = day + timedelta(days=self.dice.choice((7, 15, 15, 30)))
        refers = {"target_record_id": target_key}
        # Minor ones are put right without a written order.
        if self._chance(0.5):
            ordered = Rectification(outcome=Rectification.OUTCOME_ORDERED, due_date=proto_date(due))
            self.ledger.add(RecordBody(rectification=ordered), day, of=of, refers=refers)
        checked = due + timedelta(days=self.dice.randint(1, 10))
        level = 1
        while self._chance(min(0.03 * self.character.risk, 0.4)) and level < _RECHECKS_MAX:
            self._recheck(checked, of, refers, (Rectification.OUTCOME_REJECTED, level))
            checked += timedelta(days=self.dice.randint(10, 30))
            level += 1
        self._recheck(checked, of, refers, (Rectification.OUTCOME_ACCEPTED, level))

    def _recheck(
        self,
        day: date,
        of: Field,
        refers: dict[str, str],
        result: tuple[Rectification.Outcome, int],
    ) -> None:
        step = Rectification(outcome=result[0], recheck_level=result[1])
        self.ledger.add(RecordBody(rectification=step), day, of=of, refers=refers)

    def _penalty(self, found: date, of: Field, offence: Offence, violation_key: str) -> None:
        dice = self.dice
        decided = self._soon(found, 12, 75)
        lowest, highest = offence.fine_yuan
        fine = round(dice.uniform(lowest, highest), -3)
        warned_only = self._chance(0.12)
        sanctions = [Penalty.SANCTION_WARNING] if warned_only else [Penalty.SANCTION_FINE]
        if self._chance(0.04):
            sanctions.append(Penalty.SANCTION_STOP_PRODUCTION)
        paid = self._soon(decided, 5, 40)
        penalty = Penalty(
            sanctions=sanctions,
            fine=None if warned_only else yuan(int(fine)),
            procedure=Penalty.PROCEDURE_SIMPLE if warned_only else Penalty.PROCEDURE_ORDINARY,
            violation_code=offence.code,
            violation_text=offence.finding,
            basis=offence.article,
            final_date=self.ledger.past(decided + timedelta(days=61)),
            performed_date=self.ledger.past(paid) if self._chance(0.95) else None,
        )
        self.ledger.add(
            RecordBody(penalty=penalty),
            decided,
            of=of,
            published=self._soon(decided, 1, 9),
            refers={"violation_record_id": violation_key},
        )

    def _hazard(self, day: date) -> None:
        dice = self.dice
        major = self._chance(0.06)
        due = day + timedelta(days=dice.choice((30, 60, 90)))
        hazard = Hazard(
            level=Hazard.LEVEL_MAJOR if major else Hazard.LEVEL_GENERAL,
            supervision=Hazard.SUPERVISION_COUNTY if major else Hazard.SUPERVISION_UNSPECIFIED,
            description=dice.choice(
                ("配电线路老化", "防护栏杆缺失", "可燃气体报警装置失效", "货架超载")
            ),
            due_date=proto_date(due),
        )
        key = self.ledger.add(RecordBody(hazard=hazard), day, of=WORK_SAFETY)
        removed = self._soon(day, 10, (due - day).days + (20 if self._chance(0.1) else 0))
        self._recheck(
            removed, WORK_SAFETY, {"target_record_id": key}, (Rectification.OUTCOME_ACCEPTED, 1)
        )

    def _accident(self, day: date) -> None:
        dice = self.dice
        deaths = dice.choices((0, 1, 2, 3), (40, 50, 8, 2))[0]
        injuries = dice.choices((0, 1, 2, 4), (40, 35, 15, 10))[0] if deaths else dice.randint(1, 3)
        liable = self._chance(0.85)
        approved = self._soon(day, 70, 150)
        accident = Accident(
            deaths=deaths,
            serious_injuries=injuries,
            direct_loss=yuan(int(round(dice.lognormvariate(13.2, 0.7) * (1 + deaths), -3))),
            liability=Accident.LIABILITY_LIABLE if liable else Accident.LIABILITY_NOT_LIABLE,
            reporting=Accident.REPORTING_LATE if self._chance(0.06) else Accident.REPORTING_ON_TIME,
            investigation_approval_date=self.ledger.past(approved),
            description=dice.choice(("高处坠落", "机械伤害", "物体打击", "触电", "车辆伤害")),
        )
        key = self.ledger.add(RecordBody(accident=accident), day, of=WORK_SAFETY, published=None)
        if not (liable and key):
            return
        decided = self._soon(approved, 20, 60)
        penalty = Penalty(
            sanctions=[Penalty.SANCTION_FINE],
            fine=yuan(
                (30 if deaths < _LARGER_DEATHS else 100) * 10_000 + dice.randint(0, 60) * 10_000
            ),
            procedure=Penalty.PROCEDURE_ORDINARY,
            violation_code="accident_liability",
            violation_text="对生产安全事故发生负有责任",
            basis="《安全生产法》第一百一十四条",
            final_date=self.ledger.past(decided + timedelta(days=61)),
            performed_date=self.ledger.past(decided + timedelta(days=30)),
            major=True,
        )
        self.ledger.add(
            RecordBody(penalty=penalty),
            decided,
            of=WORK_SAFETY,
            published=self._soon(decided, 1, 9),
            refers={"accident_record_id": key},
        )

    # --- dice ---

    def _chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    def _soon(self, day: date, days_min: int, days_max: int) -> date:
        return day + timedelta(days=self.dice.randint(days_min, max(days_min, days_max)))

    def _days(self, mean: float) -> list[date]:
        """Draw days of the period, as many as come on average."""
        span = (self.ledger.until - self.start).days
        count = self._count(mean)
        return sorted(self.start + timedelta(days=self.dice.randint(0, span)) for _ in range(count))

    def _count(self, mean: float) -> int:
        """Draw from the Poisson distribution."""
        limit, product, count = math.exp(-min(mean, 50.0)), self.dice.random(), 0
        while product > limit:
            product *= self.dice.random()
            count += 1
        return count


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        # The 29th of February has no namesake in most years.
        return day.replace(year=day.year + years, day=28)
