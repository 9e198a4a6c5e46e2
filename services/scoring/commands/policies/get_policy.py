"""Get one policy version."""

from dataclasses import dataclass
from datetime import date

from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary


@dataclass(frozen=True, slots=True)
class GetPolicy:
    """Gets one version of a policy, of whatever kind.

    Attributes:
        library: The policies.
    """

    library: PolicyLibrary

    def __call__(self, policy_id: str, *, version: str, as_of: date) -> CompiledVersion:
        """Find it.

        Args:
            policy_id: The policy.
            version: The version; empty for the one in force.
            as_of: Day asked for.

        Raises:
            PolicyUnknownError: There is no such policy, or no such version of it.
            PolicyNotInForceError: No version is in force on the day.
        """
        return self.library.named("", policy_id, version=version, as_of=as_of).compiled
