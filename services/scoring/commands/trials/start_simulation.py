"""Start a dry run of a policy over the stored population."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

from services.engine.language import Policy
from services.engine.vocabulary import division_range
from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    PolicyAddsNothingError,
    ProposalStore,
)
from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.policies.stepping import find_proposal
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.trials.pairing import Pair, pairs_of
from services.scoring.commands.trials.simulation_ports import (
    Counting,
    PolicyNotSimulatedError,
    SimulationRequest,
    Simulations,
    StartedBy,
    StartedOnce,
)
from services.scoring.domain.errors import PolicyUnknownError
from services.scoring.domain.proposal import digest_of_files
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint

OF_SINGLE_RECORDS: Final = frozenset({"definition", "repair"})
"""Kinds of the policies that are asked of single records and covers, and not of an enterprise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateNamed:
    """Which policy is tried; exactly one is given.

    Attributes:
        contents: Bytes of policy files that come into force together; the first gives its name.
        proposal_id: A proposal.
        version: Policy and version of one that exists.
    """

    contents: tuple[bytes, ...] = ()
    proposal_id: int | None = None
    version: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationWanted:
    """What is to be simulated.

    Attributes:
        candidate: The policy that is tried.
        live_policy_id: Policy to compare with; empty for its own.
        wanted: Filters; without a division the candidate's is taken.
        affected_max: Most affected subjects wanted for each policy.
    """

    candidate: CandidateNamed
    live_policy_id: str = ""
    wanted: EnterpriseFilter = field(default_factory=EnterpriseFilter)
    affected_max: int


@dataclass(frozen=True, slots=True)
class FoundCandidate:
    """A candidate, compiled.

    Attributes:
        compiled: Its version; of several files the latest that each adds.
        contents: Its bytes, file by file; none for a version that exists.
    """

    compiled: tuple[CompiledVersion, ...]
    contents: tuple[bytes, ...] = ()

    @property
    def digest(self) -> str:
        """Give the digest of its bytes."""
        contents = self.contents or (self.compiled[0].policy.content,)
        return digest_of_files([sha256(content).hexdigest() for content in contents])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Finds the version that a caller wants tried.

    Attributes:
        proposals: Where proposals are kept.
        reading: Looks at candidates.
    """

    proposals: ProposalStore
    reading: CandidateReading

    def find(
        self, named: CandidateNamed, library: PolicyLibrary, *, to_try: bool = True
    ) -> FoundCandidate:
        """Find it among policies.

        Args:
            named: Which.
            library: The policies.
            to_try: Whether it is to give results, which what only repeals does not.

        Raises:
            PolicyUnknownError: There is no such version.
            ProposalUnknownError: There is no such proposal.
            PolicyRejectedError: It has mistakes.
            PolicyAddsNothingError: It says nothing that is not law already.
        """
        if named.version is not None:
            compiled = library.find(*named.version)
            if compiled is None:
                policy_id, version = named.version
                raise PolicyUnknownError(
                    f"{policy_id} has no version {version}", policy_id=policy_id, version=version
                )
            policy_id = compiled.policy.policy_id
            return FoundCandidate((_lawful(compiled, policy_id, to_try=to_try),))
        contents = named.contents
        if named.proposal_id is not None:
            with self.proposals.read() as reading:
                find_proposal(reading.proposals, named.proposal_id, reading.point.revision)
                files = reading.proposals.content(named.proposal_id)
            contents = tuple(file.content for file in files)
        assert contents, "exactly one way to name a candidate is given"
        files_found = self.reading.compile(contents, library).require_readable()
        latest = [
            _lawful(file.latest or file.added[-1], file.policy.policy_id, to_try=to_try)
            for file in files_found
        ]
        return FoundCandidate(tuple(latest), contents)


@dataclass(frozen=True, slots=True)
class StartSimulation:
    """Queues a dry run; a server does it in the background.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        candidates: Finds the version that is tried.
        simulations: Where simulations are kept.
        counting: Counts the subjects.
    """

    store: Store
    library: PolicyLibrary
    candidates: Candidates
    simulations: Simulations
    counting: Counting

    def __call__(
        self, by: StartedBy, wanted: SimulationWanted, standpoint: Standpoint
    ) -> StartedOnce:
        """Queue it.

        Raises:
            SimulationActiveError: The policy has one that waits or runs.
            PolicyUnknownError: There is no such version, or no such live policy.
            ProposalUnknownError: There is no such proposal.
            PolicyRejectedError: The candidate has mistakes.
            PolicyNotSimulatedError: It is asked of single records, and not of an enterprise.
            RequestIdReusedError: The identifier stands for another request.
            SafetyCreditError: As `reading_at` says.
        """
        first = self.simulations.recall(by)
        if first is not None:
            return StartedOnce(first, repeated=True)
        with reading_at(self.store, standpoint) as (_, point):
            pass
        library = self.library.at(point.revision)
        found = self.candidates.find(wanted.candidate, library)
        policy = found.compiled[0].policy
        at = Viewpoint(point.revision, standpoint.as_of)
        policies = [one.policy for one in found.compiled]
        require_results(policies)
        divisions = [one.division for one in policies]
        narrowed = _narrowed(wanted.wanted, common_division(divisions))
        live_policy_id = wanted.live_policy_id or policy.policy_id
        _require_policy(library, live_policy_id, own=policy.policy_id, as_of=standpoint.as_of)
        pairs = pairs_of(
            library,
            standing_in(library, found.compiled),
            names=[(one.policy_id, one.policy_id) for one in policies],
            as_of=standpoint.as_of,
        )
        return self.simulations.start(
            by,
            SimulationRequest(
                policy_id=policy.policy_id,
                version=found.compiled[0].version.version,
                digest=found.digest,
                contents=found.contents,
                further_policy_ids=tuple(one.policy_id for one in policies[1:]),
                live_policy_id=live_policy_id,
                at=at,
                known_at=point.recorded_time,
                wanted=narrowed,
                affected_max=wanted.affected_max,
                subjects_total=self.counting.subjects(
                    narrowed, at, persons=looks_at_persons(pairs, narrowed, divisions)
                ),
            ),
        )


def common_division(divisions: Sequence[str]) -> str:
    """Give the smallest division that others lie in; that of the country where there is none."""
    for digits in _LEVELS:
        start = divisions[0][:digits]
        if all(one.startswith(start) for one in divisions):
            return start.ljust(_DIGITS, "0")
    return "0" * _DIGITS


def looks_at_persons(
    pairs: Sequence[Pair], wanted: EnterpriseFilter, divisions: Sequence[str]
) -> bool:
    """Say whether a dry run is of persons too: they have no place, no industry and no field.

    Args:
        pairs: What is compared; lists are about persons too.
        wanted: Which enterprises. A place that holds that of the candidates leaves nobody out.
        divisions: Divisions of the candidates.
    """
    first, after = division_range(wanted.division or "000000")
    anywhere = first <= int(common_division(divisions)) < after
    narrowed = bool(wanted.industry or wanted.field or not anywhere)
    return not narrowed and any(pair.for_persons for pair in pairs)


def require_results(policies: Iterable[Policy]) -> None:
    """Refuse what gives no enterprise a result: a trial of it would say that nothing changes.

    Raises:
        PolicyNotSimulatedError: One of them is that.
    """
    for one in policies:
        if one.kind in OF_SINGLE_RECORDS:
            raise PolicyNotSimulatedError(
                f"{one.policy_id} is asked of single records or covers, where they are recorded"
                " and repaired in the credit service or judged; it gives an enterprise no result,"
                " so its effect is not simulated; look at what DiffPolicyVersions says",
                policy_id=one.policy_id,
                kind=one.kind,
            )


# Private functions -----------------------------------------------------------

_DIGITS: Final = 6
_LEVELS: Final = (6, 4, 2)
"""Digits that name a district, a city and a province."""


def _lawful(compiled: CompiledVersion, policy_id: str, *, to_try: bool) -> CompiledVersion:
    """Refuse what only repeals where it is to be tried: it gives no results.

    Raises:
        PolicyAddsNothingError: It is that.
    """
    if to_try and compiled.version.repeal:
        raise PolicyAddsNothingError(
            f"{policy_id} is only repealed; there is nothing to try, for nothing takes its place",
            policy_id=policy_id,
        )
    return compiled


def _narrowed(wanted: EnterpriseFilter, division: str) -> EnterpriseFilter:
    """Look where the policy applies, unless a place is named."""
    if wanted.division or not int(division):
        return wanted
    return EnterpriseFilter(division=division, industry=wanted.industry, field=wanted.field)


def _require_policy(library: PolicyLibrary, policy_id: str, *, own: str, as_of: date) -> None:
    """Refuse a live policy that does not exist; a candidate may be the first of its own."""
    if policy_id != own and not library.of_policy(policy_id):
        raise PolicyUnknownError(
            f"no policy is called {policy_id}", policy_id=policy_id, as_of=as_of
        )
