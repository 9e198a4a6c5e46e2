"""Check a policy file before it is proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.scoring.commands.policies.issuing_ports import (
    CandidateReading,
    CandidateReview,
    PolicyBytes,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """Checks files among the policies that exist, and writes nothing.

    Attributes:
        library: The policies.
        reading: Looks at candidates.
    """

    library: PolicyLibrary
    reading: CandidateReading

    def __call__(self, files: Sequence[PolicyBytes], *, today: date) -> CandidateReview:
        """Check it.

        Args:
            files: The file, or several that come into force together; cases may be empty.
            today: Civil day of the check.
        """
        return self.reading.review(files, self.library.now(), today=today)
