"""Say what differs between two versions of policies."""

from dataclasses import dataclass

from services.engine.differing import Difference, differences
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.trials.start_simulation import CandidateNamed, Candidates


@dataclass(frozen=True, slots=True)
class VersionsCompared:
    """Two versions and their differences.

    Attributes:
        earlier: The earlier version.
        later: The later one.
        differences: What differs, in the order of the parts of a policy.
    """

    earlier: CompiledVersion
    later: CompiledVersion
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class DiffPolicyVersions:
    """Compares two versions part by part.

    Attributes:
        library: The policies.
        candidates: Finds versions that are not in force.
        vocabulary: Titles of what they compare.
    """

    library: PolicyLibrary
    candidates: Candidates
    vocabulary: Vocabulary

    def __call__(self, earlier: tuple[str, str], later: CandidateNamed) -> VersionsCompared:
        """Compare them.

        Args:
            earlier: Policy and version of the earlier one.
            later: The later one.

        Raises:
            PolicyUnknownError: There is no such version.
            ProposalUnknownError: There is no such proposal.
            PolicyRejectedError: A candidate cannot be read.
        """
        library = self.library.now()
        (before,) = self.candidates.find(
            CandidateNamed(version=earlier), library, to_try=False
        ).compiled
        named = self.candidates.find(later, library, to_try=False).compiled
        # Of several files the one of the same policy; else the first, as of one file.
        same = [one for one in named if one.policy.policy_id == before.policy.policy_id]
        after = next(iter(same), named[0])
        return VersionsCompared(
            before, after, differences(before.version, after.version, self.vocabulary)
        )
