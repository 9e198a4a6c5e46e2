"""Putting the services of grades and supervision together."""

from safetycredit.scoring.v1 import (
    grade_service_pb2,
    supervision_service_pb2,
)
from services.common.calls import ServedService
from services.engine.outlook import gains_of
from services.scoring.commands.grades.batch_get_credit_grades import BatchGetCreditGrades
from services.scoring.commands.grades.get_credit_grade import GetCreditGrade
from services.scoring.commands.grades.get_grade_outlook import GetGradeOutlook
from services.scoring.commands.grades.list_credit_grades import ListCreditGrades
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.supervision.apply_policy import RISK, SUPERVISION, ApplyPolicy
from services.scoring.commands.supervision.draw_inspections import DrawInspections
from services.scoring.commands.supervision.get_risk_distribution import GetRiskDistribution
from services.scoring.handlers.grade_outlook import OutlookHandlers
from services.scoring.handlers.grade_service import GradeHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.supervision_service import SupervisionHandlers
from services.scoring.handlers.warm_answers import WarmAnswers
from services.scoring.serving.policies import PolicyIssuing
from services.scoring.store.sql_store import SqlStore


def grade_service(
    store: SqlStore,
    issuing: PolicyIssuing,
    refresh: RefreshGrades,
    *,
    warm: WarmAnswers,
    limits: PageLimits,
) -> ServedService:
    """Serve grades, and what would lift them."""
    library, gains = issuing.library, gains_of(issuing.reading.vocabulary)
    grades = GradeHandlers(
        get_grade=GetCreditGrade(store, library),
        batch_get_grades=BatchGetCreditGrades(store, library),
        list_grades=ListCreditGrades(store, library, refresh),
        warm=warm,
        limits=limits,
    )
    outlook = OutlookHandlers(GetGradeOutlook(store, library, gains))
    return ServedService(
        grade_service_pb2.DESCRIPTOR.services_by_name["GradeService"],
        {**grades.by_name(), **outlook.by_name()},
    )


def supervision_service(store: SqlStore, library: PolicyLibrary) -> ServedService:
    """Serve how often to inspect, draws and risk colours."""
    handlers = SupervisionHandlers(
        supervision=ApplyPolicy(store, library, SUPERVISION),
        risk=ApplyPolicy(store, library, RISK),
        distribution=GetRiskDistribution(store, library),
        draw=DrawInspections(store, library),
    )
    return ServedService(
        supervision_service_pb2.DESCRIPTOR.services_by_name["SupervisionService"],
        handlers.by_name(),
    )
