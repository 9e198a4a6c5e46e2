"""The pen that stories are written with: the few kinds of records of which they are made."""

from dataclasses import dataclass
from datetime import date, timedelta

from cli.sample.ledger import Ledger, proto_date, yuan
from cli.sample.places import WORK_SAFETY
from safetycredit.credit.v1.record_pb2 import (
    Accident,
    Honour,
    Inspection,
    Penalty,
    RecordBody,
)


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes the few kinds of records of which stories are made."""

    ledger: Ledger

    @property
    def until(self) -> date:
        """Give the last day of the sample."""
        return self.ledger.until

    def last_year(self, month: int, day: int) -> date:
        """Give a day of the calendar year before."""
        return date(self.until.year - 1, month, day)

    def ago(self, days: int) -> date:
        """Give the day so many days before the end."""
        return self.until - timedelta(days=days)

    def standardised(self, level: int) -> None:
        """Give it a standardisation level that is still valid."""
        day = self.ago(500)
        honour = Honour(
            kind=Honour.KIND_STANDARDISATION,
            standardisation_level=level,
            end_date=proto_date(day + timedelta(days=3 * 365)),
            title="安全生产标准化证书",
        )
        self.ledger.add(RecordBody(honour=honour), day, of=WORK_SAFETY, published=day)

    def committed(self) -> None:
        """Let it make and keep its commitment."""
        honour = Honour(
            kind=Honour.KIND_COMMITMENT, commitment=Honour.COMMITMENT_KEPT, title="安全生产承诺书"
        )
        day = self.ago(900)
        self.ledger.add(RecordBody(honour=honour), day, of=WORK_SAFETY, published=day)

    def awarded(self) -> None:
        """Let the province praise it, last year."""
        honour = Honour(
            kind=Honour.KIND_AWARD,
            award_rank=Honour.AWARD_RANK_PROVINCIAL,
            title="安全生产先进单位",
        )
        day = self.last_year(12, 20)
        self.ledger.add(RecordBody(honour=honour), day, of=WORK_SAFETY, published=day)

    def inspected(self, day: date, *, problems: bool = False) -> str:
        """Let inspectors visit it."""
        inspection = Inspection(occasion=Inspection.OCCASION_RANDOM, problems_found=problems)
        return self.ledger.add(RecordBody(inspection=inspection), day, of=WORK_SAFETY)

    def accident(self, day: date, accident: Accident) -> str:
        """Let an accident happen for which it is liable."""
        accident.liability = Accident.LIABILITY_LIABLE
        if not accident.reporting:
            accident.reporting = Accident.REPORTING_ON_TIME
        accident.investigation_approval_date.CopyFrom(proto_date(day + timedelta(days=90)))
        return self.ledger.add(RecordBody(accident=accident), day, of=WORK_SAFETY)

    def penalised(
        self,
        day: date,
        penalty: Penalty,
        *,
        final: bool = True,
        performed: bool = True,
        **refers: str,
    ) -> str:
        """Let it be penalised; final and performed unless said otherwise."""
        penalty.procedure = Penalty.PROCEDURE_ORDINARY
        if final and (final_day := self.ledger.past(day + timedelta(days=61))):
            penalty.final_date.CopyFrom(final_day)
        if performed and (performed_day := self.ledger.past(day + timedelta(days=20))):
            penalty.performed_date.CopyFrom(performed_day)
        return self.ledger.add(
            RecordBody(penalty=penalty),
            day,
            of=WORK_SAFETY,
            published=day + timedelta(days=5),
            refers=refers,
        )

    def penalised_for_accident(self, day: date, key: str, fine_yuan: int) -> None:
        """Let it be fined under 安全生产法 art. 114."""
        penalty = Penalty(
            sanctions=[Penalty.SANCTION_FINE],
            fine=yuan(fine_yuan),
            violation_code="accident_liability",
            violation_text="对生产安全事故发生负有责任",
            basis="《安全生产法》第一百一十四条",
            major=True,
        )
        self.penalised(day, penalty, accident_record_id=key)
