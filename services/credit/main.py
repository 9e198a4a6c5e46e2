"""The credit server, put together from its settings."""

from dataclasses import dataclass, replace

from safetycredit.credit.v1 import credit_service_pb2, remedy_service_pb2
from services.common.calls import ServedService
from services.common.clock import Clock
from services.common.database import Database
from services.common.identity_key import load_identity_key
from services.common.logs import configure_logging
from services.common.schema import require_schema_head
from services.common.server import ServerPlan, serve
from services.common.settings import Settings, load_settings
from services.common.working_days import load_working_days
from services.credit.commands.find_parties import FindParties
from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.remedies import RemedyPorts, remedy_handlers
from services.credit.handlers.request_subjects import RequestSubjects
from services.credit.handlers.requests import PageLimits
from services.credit.store.policy_data import (
    VocabularyCodes,
    accident_levels,
    read_vocabulary,
)
from services.credit.store.remedy_store import SqlRemedyStore
from services.credit.store.repair_law import repair_laws
from services.credit.store.sql_store import SqlStore
from services.credit.store.vault import AesVault


@dataclass(frozen=True, slots=True)
class CreditServer:
    """What it takes to run the credit server.

    Attributes:
        settings: Settings in force.
        plan: What is served; for `services.common.server.serve` or ``running``.
        database: The store.
        publications: The same store, for what is published.
    """

    settings: Settings
    plan: ServerPlan
    database: Database
    publications: Database

    def close(self) -> None:
        """Close the store, at the end."""
        self.database.close()
        self.publications.close()


def build_credit_server(settings: Settings, *, clock: Clock | None = None) -> CreditServer:
    """Put the credit server together; nothing listens yet.

    Args:
        settings: Settings in force.
        clock: The machine's by default.

    Raises:
        CalendarContradictionError: The calendar file and the library of holidays disagree.
        CalendarInvalidError: The calendar file is malformed.
        IdentityKeyError: There is no usable key for identity numbers.
        PolicyRefusedError: A policy file has problems.
        SettingError: A setting has a value that cannot be used.
    """
    database = Database(settings.database_url, clock=clock, options=settings.database_options)
    # Connections of its own, for whoever asks what is published may hold one of the others.
    options = replace(settings.database_options, connections_max=1)
    publications = Database(settings.database_url, clock=clock, options=options)
    ports = CreditPorts(
        store=SqlStore(database),
        levels=accident_levels(settings.policies_dir, publications),
        codes=VocabularyCodes(read_vocabulary(settings.policies_dir)),
        vault=AesVault(load_identity_key(settings)),
    )
    remedies = RemedyPorts(
        store=SqlRemedyStore(database),
        law=repair_laws(settings.policies_dir, publications),
        calendar=load_working_days(settings.policies_dir),
    )
    limits = PageLimits(
        default=settings.page_size_default,
        max=settings.page_size_max,
        # The rest of a message is small beside its records.
        bytes_max=settings.message_bytes_max // 2,
    )
    plan = ServerPlan(
        listen=settings.credit_listen,
        services=(
            ServedService(
                credit_service_pb2.DESCRIPTOR.services_by_name["CreditService"],
                credit_handlers(ports, limits),
            ),
            ServedService(
                remedy_service_pb2.DESCRIPTOR.services_by_name["RemedyService"],
                remedy_handlers(remedies, limits),
            ),
        ),
        readiness=lambda: require_schema_head(database),
        clock=database.clock,
        find_subjects=RequestSubjects(FindParties(remedies.store)),
    )
    return CreditServer(settings, plan, database, publications)


def main() -> None:
    """Run the credit server until the process is told to end."""
    settings = load_settings()
    configure_logging(settings)
    server = build_credit_server(settings)
    try:
        serve(settings, server.plan)
    finally:
        server.close()


if __name__ == "__main__":
    main()
