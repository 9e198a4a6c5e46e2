"""Putting the service of policies together, and what runs behind it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from safetycredit.scoring.v1 import (
    policy_service_pb2,
)
from services.common.calls import ServedService
from services.common.database import Database
from services.common.settings import Settings
from services.common.status import meant_error
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.background import BackgroundWork, Stopping
from services.scoring.commands.peers.keep_peer_tables import KeepPeerTables
from services.scoring.commands.peers.tabled_libraries import TabledLibraries
from services.scoring.commands.policies.approve_policy import ApprovePolicy
from services.scoring.commands.policies.check_policy import CheckPolicy
from services.scoring.commands.policies.diff_policy_versions import DiffPolicyVersions
from services.scoring.commands.policies.get_policy import GetPolicy
from services.scoring.commands.policies.get_proposal import GetProposal
from services.scoring.commands.policies.list_policies import ListPolicies
from services.scoring.commands.policies.list_policy_versions import ListPolicyVersions
from services.scoring.commands.policies.list_proposals import ListProposals
from services.scoring.commands.policies.list_reason_codes import ListReasonCodes
from services.scoring.commands.policies.live_library import LivePolicyLibrary
from services.scoring.commands.policies.propose_policy import ProposePolicy
from services.scoring.commands.policies.publish_policy import PublishPolicy
from services.scoring.commands.policies.withdraw_proposal import WithdrawProposal
from services.scoring.commands.trials.follow_simulations import (
    CancelSimulation,
    GetSimulation,
    ListSimulatedChanges,
    ListSimulations,
    RestartSimulation,
)
from services.scoring.commands.trials.get_shadow_report import GetShadowReport
from services.scoring.commands.trials.run_shadows import RunShadows, ShadowPairs
from services.scoring.commands.trials.run_simulations import RunSimulations
from services.scoring.commands.trials.start_simulation import Candidates, StartSimulation
from services.scoring.commands.trials.steer_shadow import StartShadow, StopShadow
from services.scoring.handlers.policy_issuing import IssuingHandlers
from services.scoring.handlers.policy_lookup import LookupHandlers
from services.scoring.handlers.policy_service import PolicyHandlers
from services.scoring.handlers.policy_trials import ShadowHandlers, SimulationHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.store.candidates import (
    CandidateReader,
    load_instruments,
)
from services.scoring.store.peer_tables import SqlPeerTableLog
from services.scoring.store.policies import load_policies
from services.scoring.store.proposals import SqlProposalStore, SqlPublications
from services.scoring.store.shadows import SqlShadows
from services.scoring.store.simulations import SqlSimulations
from services.scoring.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class PolicyIssuing:
    """What it takes to check, try, publish and follow policies.

    Attributes:
        library: The policies of the folder, joined by what is published.
        reading: Looks at candidates.
        publications: Connections for what was published.
        proposals: Where proposals are kept.
        simulations: Where simulations are kept.
        shadows: Where comparisons of shadow runs are kept.
    """

    library: LivePolicyLibrary
    reading: CandidateReader
    publications: Database
    proposals: SqlProposalStore
    simulations: SqlSimulations
    shadows: SqlShadows

    def close(self) -> None:
        """Close every connection."""
        self.simulations.close()
        self.shadows.close()
        self.publications.close()


def policy_issuing(settings: Settings, database: Database, vocabulary: Vocabulary) -> PolicyIssuing:
    """Find out what it takes to check, try and publish policies."""
    reading = CandidateReader(vocabulary, load_instruments(settings.policies_dir))
    # Connections of its own, for whoever asks what is published may hold one of the others.
    options = replace(settings.database_options, connections_max=1)
    publications = Database(settings.database_url, clock=database.clock, options=options)
    folder = load_policies(settings.policies_dir)
    tabled = TabledLibraries(SqlPeerTableLog(publications))
    return PolicyIssuing(
        library=LivePolicyLibrary(folder, SqlPublications(publications), reading, tabled),
        reading=reading,
        publications=publications,
        proposals=SqlProposalStore(database),
        simulations=SqlSimulations(database),
        shadows=SqlShadows(database),
    )


def policy_trials(
    store: SqlStore, issuing: PolicyIssuing, ready: Callable[[], None], peers: KeepPeerTables
) -> tuple[BackgroundWork, ...]:
    """Prepare what runs simulations and shadow runs in the background."""
    simulate = RunSimulations(
        store,
        issuing.library,
        issuing.reading,
        issuing.simulations,
        issuing.simulations,
        meant_error,
    )
    shadow = RunShadows(
        store,
        issuing.proposals,
        ShadowPairs(issuing.proposals, issuing.library, issuing.reading),
        issuing.shadows,
        store.database.clock,
        peers,
    )

    def simulate_next(stopping: Stopping) -> bool:
        return simulate(stopping.rest)

    def compare(stopping: Stopping) -> bool:
        shadow(stopping)
        return False

    return (
        BackgroundWork("simulations", simulate_next, ready, meant_error),
        BackgroundWork("shadows", compare, ready, meant_error),
    )


def policy_service(
    store: SqlStore,
    issuing: PolicyIssuing,
    trials: tuple[BackgroundWork, ...],
    limits: PageLimits,
) -> ServedService:
    """Serve the policies: looked at, checked, tried, published, compared."""
    library, reading, proposals = issuing.library, issuing.reading, issuing.proposals
    simulations, candidates = issuing.simulations, Candidates(proposals, reading)
    get = GetSimulation(simulations)
    handlers = (
        PolicyHandlers(ListPolicies(library), GetPolicy(library), limits),
        IssuingHandlers(
            check=CheckPolicy(library, reading),
            propose=ProposePolicy(proposals, library, reading),
            get=GetProposal(proposals),
            list_all=ListProposals(proposals),
            approve=ApprovePolicy(proposals),
            withdraw=WithdrawProposal(proposals),
            publish=PublishPolicy(proposals, library, reading),
            limits=limits,
        ),
        SimulationHandlers(
            start=StartSimulation(store, library, candidates, simulations, simulations),
            get=get,
            list_all=ListSimulations(simulations),
            changes=ListSimulatedChanges(get, simulations),
            cancel=CancelSimulation(get, simulations),
            restart=RestartSimulation(get, simulations),
            wake=trials[0].stopping.wake,
            limits=limits,
        ),
        ShadowHandlers(
            StartShadow(proposals, library, reading),
            StopShadow(proposals),
            GetShadowReport(
                store,
                proposals,
                ShadowPairs(proposals, library, reading),
                issuing.shadows,
                simulations,
            ),
        ),
        LookupHandlers(
            ListPolicyVersions(proposals, library),
            DiffPolicyVersions(library, candidates, reading.vocabulary),
            ListReasonCodes(library, reading.vocabulary),
            limits,
        ),
    )
    return ServedService(
        policy_service_pb2.DESCRIPTOR.services_by_name["PolicyService"],
        {name: handler for one in handlers for name, handler in one.by_name().items()},
    )
