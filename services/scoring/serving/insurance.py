"""Putting the services of insurance together: rates, cover, prevention, statements."""

from uuid import uuid4

from safetycredit.scoring.v1 import (
    credit_statement_service_pb2,
    insurance_service_pb2,
    prevention_service_pb2,
    rate_service_pb2,
)
from services.common.calls import ServedService
from services.common.settings import Settings
from services.common.statement_keys import StatementKeys
from services.common.working_days import load_working_days
from services.scoring.commands.grades.get_credit_grade import GetCreditGrade
from services.scoring.commands.insurance.cover_judging import CoverJudge
from services.scoring.commands.insurance.get_cover import GetCover
from services.scoring.commands.insurance.get_insurance_obligation import GetInsuranceObligation
from services.scoring.commands.insurance.get_participation import GetParticipation
from services.scoring.commands.insurance.list_cover_findings import ListCoverFindings
from services.scoring.commands.insurance.list_obligations import ListObligations
from services.scoring.commands.lists.get_list_status import GetListStatus
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.decide_evaluation_dispute import DecideEvaluationDispute
from services.scoring.commands.prevention.dispute_evaluation import FileEvaluationDispute
from services.scoring.commands.prevention.evaluate_insurers import EvaluateInsurers
from services.scoring.commands.prevention.get_insurer_evaluation import GetInsurerEvaluation
from services.scoring.commands.prevention.get_prevention_progress import GetPreventionProgress
from services.scoring.commands.prevention.list_insurer_evaluations import ListInsurerEvaluations
from services.scoring.commands.prevention.publish_insurer_evaluation import PublishInsurerEvaluation
from services.scoring.commands.rates.batch_recommend_rates import BatchRecommendRates
from services.scoring.commands.rates.compare_rates import CompareRates
from services.scoring.commands.rates.keep_quotes import ConfirmQuote, GetQuote, QuoteRate
from services.scoring.commands.rates.list_rate_deviations import ListRateDeviations
from services.scoring.commands.rates.recommend_rate import RecommendRate
from services.scoring.commands.statements.credit_statements import (
    GetCreditStatementStatus,
    ListStatementKeys,
    WithdrawCreditStatement,
)
from services.scoring.commands.statements.issue_credit_statement import IssueCreditStatement
from services.scoring.handlers.credit_statement_service import CreditStatementHandlers
from services.scoring.handlers.insurance_service import InsuranceHandlers
from services.scoring.handlers.prevention_service import PreventionHandlers
from services.scoring.handlers.quotes import QuoteHandlers, quote_bytes
from services.scoring.handlers.rate_service import RateHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.warm_answers import WarmAnswers
from services.scoring.store.evaluations_store import SqlEvaluationStore
from services.scoring.store.insurance_policies import SqlPolicyTerms
from services.scoring.store.policies import load_vocabulary
from services.scoring.store.quotes_store import SqlQuoteStore
from services.scoring.store.sql_store import SqlStore
from services.scoring.store.statements_store import SqlStatementStore


def rate_service(
    store: SqlStore, library: PolicyLibrary, *, warm: WarmAnswers, limits: PageLimits
) -> ServedService:
    """Serve rates, quotes and their deviations."""
    codes = store.columns.codes
    recommend = RecommendRate(store, library, codes)
    kept, written = SqlQuoteStore(store.database, store.columns), quote_bytes()
    handlers = RateHandlers(
        recommend=recommend,
        batch=BatchRecommendRates(store, library, codes),
        compare=CompareRates(store, library, codes),
        quotes=QuoteHandlers(
            quote=QuoteRate(kept, recommend, written),
            get=GetQuote(kept),
            confirm=ConfirmQuote(kept),
            deviations=ListRateDeviations(kept, recommend, written),
            limits=limits,
        ),
        warm=warm,
    )
    return ServedService(
        rate_service_pb2.DESCRIPTOR.services_by_name["RateService"], handlers.by_name()
    )


def insurance_service(store: SqlStore, library: PolicyLibrary, limits: PageLimits) -> ServedService:
    """Serve obligations, covers, findings and participation."""
    terms = SqlPolicyTerms(store.database)
    judge = CoverJudge(library, terms)
    handlers = InsuranceHandlers(
        obligation=GetInsuranceObligation(store, library),
        obligations=ListObligations(store, library),
        cover=GetCover(store, judge, terms),
        findings=ListCoverFindings(store, judge),
        participation=GetParticipation(store, library),
        limits=limits,
    )
    return ServedService(
        insurance_service_pb2.DESCRIPTOR.services_by_name["InsuranceService"], handlers.by_name()
    )


def prevention_service(
    settings: Settings, store: SqlStore, library: PolicyLibrary, *, limits: PageLimits
) -> ServedService:
    """Serve prevention services and the evaluation of insurers."""
    kept = SqlEvaluationStore(store.database, store.columns, load_vocabulary(settings.policies_dir))
    appraiser = Appraiser(library, load_working_days(settings.policies_dir))
    handlers = PreventionHandlers(
        progress=GetPreventionProgress(kept, appraiser),
        evaluate=EvaluateInsurers(kept, appraiser),
        dispute=FileEvaluationDispute(kept, appraiser),
        decide=DecideEvaluationDispute(kept, appraiser),
        publish=PublishInsurerEvaluation(kept, appraiser),
        get=GetInsurerEvaluation(kept, appraiser),
        page=ListInsurerEvaluations(kept),
        limits=limits,
    )
    return ServedService(
        prevention_service_pb2.DESCRIPTOR.services_by_name["PreventionService"],
        handlers.by_name(),
    )


def statement_service(store: SqlStore, library: PolicyLibrary, settings: Settings) -> ServedService:
    """Serve signed credit statements."""
    kept, signer = SqlStatementStore(store.database, store.columns), StatementKeys.of(settings)
    handlers = CreditStatementHandlers(
        issue=IssueCreditStatement(
            store=kept,
            grades=GetCreditGrade(store, library),
            lists=GetListStatus(store, library),
            signer=signer,
            validity_days=settings.statement_validity_days,
            new_id=uuid4,
        ),
        status=GetCreditStatementStatus(kept),
        withdraw=WithdrawCreditStatement(kept),
        keys=ListStatementKeys(kept, signer),
    )
    descriptor = credit_statement_service_pb2.DESCRIPTOR.services_by_name["CreditStatementService"]
    return ServedService(descriptor, handlers.by_name())
