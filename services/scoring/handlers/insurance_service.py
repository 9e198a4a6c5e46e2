"""InsuranceService: who must insure, who has, and what is wrong with the cover."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import insurance_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.scoring.commands.insurance.get_cover import GetCover
from services.scoring.commands.insurance.get_insurance_obligation import GetInsuranceObligation
from services.scoring.commands.insurance.get_participation import GetParticipation
from services.scoring.commands.insurance.list_cover_findings import ListCoverFindings
from services.scoring.commands.insurance.list_obligations import ListObligations
from services.scoring.handlers.insurance_messages import (
    cover_message,
    findings_message,
    obligation_message,
    obligations_message,
    participation_message,
)
from services.scoring.handlers.insurance_requests import (
    GetCoverRules,
    GetInsuranceObligationRules,
    GetParticipationRules,
    ListCoverFindingsRules,
    ListObligationsRules,
)
from services.scoring.handlers.messages import serialised
from services.scoring.handlers.requests import PageLimits, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceHandlers:
    """Answers the calls of InsuranceService.

    Attributes:
        obligation: Says what one enterprise owes.
        obligations: Lists what enterprises owe.
        cover: Shows the covers of one enterprise.
        findings: Lists enterprises whose cover is wrong.
        participation: Counts who insures.
        limits: How many rows a page holds.
    """

    obligation: GetInsuranceObligation
    obligations: ListObligations
    cover: GetCover
    findings: ListCoverFindings
    participation: GetParticipation
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetInsuranceObligation": self.get_insurance_obligation,
            "ListObligations": self.list_obligations,
            "GetCover": self.get_cover,
            "ListCoverFindings": self.list_cover_findings,
            "GetParticipation": self.get_participation,
        }

    async def get_insurance_obligation(
        self, request: pb.GetInsuranceObligationRequest, context: CallContext
    ) -> bytes:
        """Say what one enterprise owes."""
        rules = GetInsuranceObligationRules.read(request)
        answer = await context.run_command(
            self.obligation,
            rules.subject,
            rules.standpoint(context.clock),
            question=rules.question(),
        )
        return serialised(obligation_message(answer))

    async def list_obligations(
        self, request: pb.ListObligationsRequest, context: CallContext
    ) -> bytes:
        """List what enterprises owe."""
        rules = ListObligationsRules.read(request, self.limits)
        found = await context.run_command(
            self.obligations,
            frozenset(rules.classes),
            rules.standpoint(context.clock),
            wanted=rules.filter(),
            page=page_of(request, rules, method=context.method),
        )
        return serialised(obligations_message(found))

    async def get_cover(self, request: pb.GetCoverRequest, context: CallContext) -> bytes:
        """Show the covers of one enterprise."""
        rules = GetCoverRules.read(request)
        answer = await context.run_command(
            self.cover, rules.subject, rules.standpoint(context.clock)
        )
        return serialised(cover_message(answer))

    async def list_cover_findings(
        self, request: pb.ListCoverFindingsRequest, context: CallContext
    ) -> bytes:
        """List enterprises whose cover is wrong."""
        rules = ListCoverFindingsRules.read(request, self.limits)
        found = await context.run_command(
            self.findings,
            frozenset(rules.kinds),
            rules.standpoint(context.clock),
            wanted=rules.filter(),
            page=page_of(request, rules, method=context.method),
        )
        return serialised(findings_message(found))

    async def get_participation(
        self, request: pb.GetParticipationRequest, context: CallContext
    ) -> bytes:
        """Count who must insure and who does."""
        rules = GetParticipationRules.read(request)
        answer = await context.run_command(
            self.participation,
            rules.question(context.clock),
            rules.standpoint(context.clock),
        )
        return serialised(participation_message(answer))
