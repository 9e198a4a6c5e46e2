"""The commands about insurance over a store in memory, and short ways to ask them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.scoring.commands.insurance.cover_judging import CoverJudge
from services.scoring.commands.insurance.get_cover import CoverAnswer, GetCover
from services.scoring.commands.insurance.get_insurance_obligation import (
    GetInsuranceObligation,
    ObligationAnswer,
    ObligationQuestion,
)
from services.scoring.commands.insurance.get_participation import (
    GetParticipation,
    ParticipationQuestion,
)
from services.scoring.commands.insurance.list_cover_findings import FindingPage, ListCoverFindings
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.standpoint import PageRequest, Standpoint
from services.scoring.domain.insurance import FindingKind, ObligationClass
from services.scoring.domain.subject import EnterpriseId
from services.scoring.domain.viewpoint import EnterpriseFilter
from tests.fakes.insurance_world import FakeTerms
from tests.fakes.scoring_store import FakeStore

DAY: Final = date(2025, 6, 1)
"""The clock's own day."""

BUILDER: Final = "E4710"


@dataclass
class Insurance:
    """The commands over one store.

    Attributes:
        store: Where facts are.
        library: The policies.
        terms: The words of insurance policies.
    """

    store: FakeStore
    library: PolicyLibrary
    terms: FakeTerms

    def enterprise(self, industry: str | None = BUILDER, **profile: Any) -> int:  # noqa: ANN401 -- columns of the table.
        """Register an enterprise of 50 in Chaoyang."""
        return self.store.enterprise(industry=industry, headcount=50, **profile)

    def obligation(
        self, number: int, as_of: date = DAY, said: Mapping[str, bool] | None = None
    ) -> ObligationAnswer:
        """Say what an enterprise owes."""
        command = GetInsuranceObligation(self.store, self.library)
        question = ObligationQuestion(said=said or {})
        return command(EnterpriseId(number), Standpoint(as_of=as_of), question=question)

    def cover(
        self, number: int, as_of: date = DAY, known_at: datetime | None = None
    ) -> CoverAnswer:
        """Show the covers of an enterprise."""
        judge = CoverJudge(self.library, self.terms)
        standpoint = Standpoint(as_of=as_of, known_at=known_at)
        return GetCover(self.store, judge, self.terms)(EnterpriseId(number), standpoint)

    def kinds(self, number: int, as_of: date = DAY) -> list[FindingKind]:
        """Say what is wrong with the cover of an enterprise."""
        return [one.kind for one in self.cover(number, as_of).findings]

    def findings(
        self,
        *kinds: FindingKind,
        size: int = 100,
        token: str = "",
        wanted: EnterpriseFilter | None = None,
    ) -> FindingPage:
        """List the enterprises whose cover is wrong."""
        command = ListCoverFindings(self.store, CoverJudge(self.library, self.terms))
        return command(
            frozenset(kinds),
            Standpoint(as_of=DAY),
            wanted=wanted or EnterpriseFilter(),
            page=page(size, token),
        )

    def participation(self, **changes: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 -- parts of a question.
        """Count: month, division, industry, obliged, insured, undecided, basis points."""
        asked: Mapping[str, Any] = {
            "first_month": DAY,
            "last_month": DAY,
            "classes": frozenset({ObligationClass.COMPULSORY}),
            "wanted": EnterpriseFilter(),
            "by_division": False,
            "by_industry": False,
        }
        question = ParticipationQuestion(**{**asked, **changes})
        answer = GetParticipation(self.store, self.library)(question, Standpoint(as_of=DAY))
        return [
            (
                one.month_start_date.month,
                one.division,
                one.industry,
                one.obliged,
                one.insured,
                one.undecided,
                one.rate_bp,
            )
            for one in answer.cells
        ]


def page(size: int = 100, token: str = "") -> PageRequest:
    """Want a page."""
    return PageRequest(method="test", filter_bytes=b"", size=size, token=token)
