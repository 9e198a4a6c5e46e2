"""Putting the service of risk models together."""

from safetycredit.scoring.v1 import (
    risk_service_pb2,
)
from services.common.calls import ServedService
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.risk.risk_asking import RiskAsking
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.risk_service import RiskHandlers
from services.scoring.risk.features import EnterpriseFeatures
from services.scoring.risk.reader import FileModelReader
from services.scoring.store.risk_store import SqlRiskStore
from services.scoring.store.sql_store import SqlStore


def risk_service(store: SqlStore, library: PolicyLibrary, limits: PageLimits) -> ServedService:
    """Serve the models of risk."""
    features = EnterpriseFeatures(store.columns.codes)
    asking = RiskAsking(
        store=SqlRiskStore(store.database, store.columns),
        reader=FileModelReader({features.name: features.features}),
        features=features,
        library=library,
    )
    return ServedService(
        risk_service_pb2.DESCRIPTOR.services_by_name["RiskService"],
        RiskHandlers(asking, limits).by_name(),
    )
