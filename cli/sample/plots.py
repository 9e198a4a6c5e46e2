"""What happens in each story; days are counted from the end of the sample."""

from datetime import timedelta
from typing import Final

from google.type.decimal_pb2 import Decimal

from cli.sample.ledger import proto_date, yuan
from cli.sample.pen import Pen
from cli.sample.places import WORK_SAFETY
from safetycredit.credit.v1.record_pb2 import (
    Accident,
    Hazard,
    Penalty,
    RecordBody,
    Rectification,
    Violation,
)

_FINE: Final = Penalty.SANCTION_FINE
_STOP: Final = Penalty.SANCTION_STOP_PRODUCTION


def clean(pen: Pen) -> None:
    """Let nothing bad happen, and praise it."""
    pen.standardised(1)
    pen.committed()
    pen.awarded()
    for days in (1500, 1100, 700, 300):
        pen.inspected(pen.ago(days))


def two_penalties(pen: Pen) -> None:
    """Penalise it twice last year."""
    pen.standardised(2)
    for month, code, fine in ((3, "training", 20_000), (9, "equipment", 30_000)):
        found = pen.last_year(month, 10)
        visit = pen.inspected(found, problems=True)
        violation = Violation(violation_code=code, severity=Violation.SEVERITY_GENERAL)
        key = pen.ledger.add(
            RecordBody(violation=violation),
            found,
            of=WORK_SAFETY,
            refers={"inspection_record_id": visit},
        )
        penalty = Penalty(sanctions=[_FINE], fine=yuan(fine), violation_code=code)
        pen.penalised(found + timedelta(days=25), penalty, violation_record_id=key)


def one_accident(pen: Pen) -> None:
    """Let one general accident happen last year."""
    pen.standardised(1)
    day = pen.last_year(5, 17)
    key = pen.accident(day, Accident(deaths=1, direct_loss=yuan(1_800_000), description="高处坠落"))
    pen.penalised_for_accident(day + timedelta(days=130), key, 450_000)


def larger_accident(pen: Pen) -> None:
    """Let one larger accident happen last year."""
    pen.standardised(2)
    day = pen.last_year(4, 8)
    key = pen.accident(
        day,
        Accident(deaths=4, serious_injuries=2, direct_loss=yuan(9_600_000), description="坍塌"),
    )
    pen.penalised_for_accident(day + timedelta(days=130), key, 1_600_000)


def two_larger(pen: Pen) -> None:
    """Let two larger accidents happen within twelve months."""
    pen.standardised(2)
    for days, deaths, decided in ((340, 3, True), (150, 5, False)):
        key = pen.accident(
            pen.ago(days), Accident(deaths=deaths, direct_loss=yuan(8_000_000), description="爆炸")
        )
        # The penalty for the second is not decided yet.
        if decided:
            pen.penalised_for_accident(pen.ago(days - 130), key, 1_500_000)


def concealed(pen: Pen) -> None:
    """Let it conceal an accident."""
    pen.standardised(2)
    day = pen.last_year(2, 26)
    key = pen.accident(
        day,
        Accident(
            deaths=2,
            direct_loss=yuan(3_000_000),
            reporting=Accident.REPORTING_CONCEALED,
            description="中毒和窒息",
        ),
    )
    penalty = Penalty(
        sanctions=[_FINE],
        fine=yuan(2_000_000),
        violation_code="accident_reporting",
        violation_text="瞒报生产安全事故",
        basis="《安全生产法》第一百一十条",
        major=True,
    )
    pen.penalised(day + timedelta(days=120), penalty, accident_record_id=key)


def reported_late(pen: Pen) -> None:
    """Let it report an accident late, which is not concealing it."""
    pen.standardised(3)
    day = pen.last_year(6, 3)
    key = pen.accident(
        day,
        Accident(
            serious_injuries=1,
            direct_loss=yuan(260_000),
            reporting=Accident.REPORTING_LATE,
            description="机械伤害",
        ),
    )
    penalty = Penalty(
        sanctions=[_FINE],
        fine=yuan(200_000),
        violation_code="accident_reporting",
        violation_text="迟报生产安全事故",
        basis="《生产安全事故报告和调查处理条例》第三十五条",
    )
    pen.penalised(day + timedelta(days=90), penalty, accident_record_id=key)


def multiplied_fine(pen: Pen) -> None:
    """Let a major accident happen, and multiply the fine."""
    pen.standardised(2)
    day = pen.ago(600)
    key = pen.accident(
        day,
        Accident(
            deaths=12,
            serious_injuries=7,
            direct_loss=yuan(61_000_000),
            misconduct=[Accident.MISCONDUCT_NO_RESCUE],
            description="爆炸",
        ),
    )
    penalty = Penalty(
        sanctions=[_FINE, Penalty.SANCTION_PERMIT_REVOCATION],
        fine=yuan(15_000_000),
        fine_multiple=Decimal(value="3"),
        violation_code="accident_liability",
        violation_text="对重大生产安全事故负有责任,情节特别严重",
        basis="《安全生产法》第一百一十四条",
        major=True,
    )
    pen.penalised(day + timedelta(days=200), penalty, accident_record_id=key)


def unlicensed(pen: Pen) -> None:
    """Let it operate without a permit."""
    penalty = Penalty(
        sanctions=[Penalty.SANCTION_CONFISCATION, _FINE, _STOP],
        fine=yuan(180_000),
        confiscated=yuan(62_000),
        violation_code="unlicensed_operation",
        violation_text="未取得危险化学品经营许可证从事经营",
        basis="《危险化学品安全管理条例》第七十七条",
        major=True,
    )
    pen.penalised(pen.ago(260), penalty)


def forged_report(pen: Pen) -> None:
    """Let a service body forge a report."""
    penalty = Penalty(
        sanctions=[Penalty.SANCTION_CONFISCATION, _FINE, Penalty.SANCTION_PERMIT_REVOCATION],
        fine=yuan(200_000),
        confiscated=yuan(80_000),
        violation_code="forged_report",
        violation_text="出具虚假安全评价报告",
        basis="《安全生产法》第九十二条",
        major=True,
    )
    pen.penalised(pen.ago(420), penalty)


def evaded(pen: Pen) -> None:
    """Let it evade a penalty."""
    pen.standardised(3)
    first = Penalty(sanctions=[_FINE], fine=yuan(50_000), violation_code="hazard_not_removed")
    pen.penalised(pen.ago(560), first, performed=False)
    second = Penalty(
        sanctions=[_FINE],
        fine=yuan(100_000),
        violation_code="evading_enforcement",
        violation_text="有执行能力拒不执行行政处罚决定",
        major=True,
    )
    pen.penalised(pen.ago(250), second, performed=False)


def overdue_hazard(pen: Pen) -> None:
    """Let a major hazard outlive its deadline."""
    pen.standardised(1)
    day = pen.ago(300)
    hazard = Hazard(
        level=Hazard.LEVEL_MAJOR,
        supervision=Hazard.SUPERVISION_PROVINCE,
        description="危险化学品储罐区安全距离不足",
        due_date=proto_date(day + timedelta(days=120)),
    )
    key = pen.ledger.add(RecordBody(hazard=hazard), day, of=WORK_SAFETY)
    rejected = Rectification(outcome=Rectification.OUTCOME_REJECTED, recheck_level=2)
    pen.ledger.add(
        RecordBody(rectification=rejected),
        day + timedelta(days=140),
        of=WORK_SAFETY,
        refers={"target_record_id": key},
    )


def pending(pen: Pen) -> None:
    """Penalise it gravely, and leave the penalty open to a suit."""
    pen.standardised(2)
    penalty = Penalty(
        sanctions=[_FINE, _STOP],
        fine=yuan(90_000),
        violation_code="operation_while_suspended",
        violation_text="许可证暂扣期间仍从事生产经营",
        major=True,
    )
    pen.penalised(pen.ago(40), penalty, final=False, performed=False)


def newcomer(pen: Pen) -> None:
    """Let it be too young for anything."""
    pen.inspected(pen.ago(60))


def revoked(pen: Pen) -> None:
    """Penalise it gravely; the loader revokes the penalty."""
    pen.standardised(2)
    penalty = Penalty(
        sanctions=[_FINE, _STOP],
        fine=yuan(80_000),
        violation_code="unlicensed_operation",
        violation_text="未取得安全生产许可擅自生产",
        major=True,
    )
    pen.penalised(pen.ago(330), penalty)


def ordinary(pen: Pen) -> None:
    """Let it be like many."""
    pen.standardised(3)
    pen.committed()
    pen.inspected(pen.ago(1000))
