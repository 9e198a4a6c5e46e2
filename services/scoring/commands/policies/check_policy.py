"""Check a policy file before it is proposed."""

from dataclasses import dataclass
from datetime import date

from services.scoring.commands.policies.issuing_ports import CandidateReading, CandidateReview
from services.scoring.commands.policies.policy_library import PolicyLibrary


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """Checks a file among the policies that exist, and writes nothing.

    Attributes:
        library: The policies.
        reading: Looks at candidates.
    """

    library: PolicyLibrary
    reading: CandidateReading

    def __call__(self, content: bytes, cases: bytes, *, today: date) -> CandidateReview:
        """Check it.

        Args:
            content: Bytes of the policy file, whatever they are.
            cases: Bytes of its golden cases; empty for none.
            today: Civil day of the check.
        """
        return self.reading.review(content, cases, self.library.now(), today=today)
