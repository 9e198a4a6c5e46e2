"""SupervisionService: how often to inspect, whom to draw, and how risk colours spread."""

from dataclasses import dataclass
from typing import Any, cast

from google.protobuf.message import Message

from safetycredit.scoring.v1 import basis_pb2
from safetycredit.scoring.v1 import supervision_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.scoring.commands.supervision.apply_policy import ApplyPolicy, PolicyAnswer
from services.scoring.commands.supervision.draw_inspections import Draw, DrawInspections
from services.scoring.commands.supervision.get_risk_distribution import (
    DivisionColours,
    GetRiskDistribution,
)
from services.scoring.handlers.messages import basis_message, line_messages
from services.scoring.handlers.supervision_requests import (
    ApplyPolicyRules,
    DrawInspectionsRules,
    GetRiskDistributionRules,
)
from services.scoring.handlers.wire_values import write_amount, write_day, write_shown


@dataclass(frozen=True, slots=True)
class SupervisionHandlers:
    """Answers the calls of SupervisionService.

    Attributes:
        supervision: Says how often to inspect one enterprise.
        risk: Gives the colour of one enterprise.
        distribution: Counts colours.
        draw: Draws enterprises.
    """

    supervision: ApplyPolicy
    risk: ApplyPolicy
    distribution: GetRiskDistribution
    draw: DrawInspections

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetSupervision": self.get_supervision,
            "GetRiskColour": self.get_risk_colour,
            "GetRiskDistribution": self.get_risk_distribution,
            "DrawInspections": self.draw_inspections,
        }

    async def get_supervision(
        self, request: pb.GetSupervisionRequest, context: CallContext
    ) -> pb.GetSupervisionResponse:
        """Say how often one enterprise should be inspected."""
        answer = await _applied(self.supervision, request, context)
        return pb.GetSupervisionResponse(**_parts(answer))

    async def get_risk_colour(
        self, request: pb.GetRiskColourRequest, context: CallContext
    ) -> pb.GetRiskColourResponse:
        """Give the colour of one enterprise."""
        answer = await _applied(self.risk, request, context)
        return pb.GetRiskColourResponse(**_parts(answer))

    async def get_risk_distribution(
        self, request: pb.GetRiskDistributionRequest, context: CallContext
    ) -> pb.GetRiskDistributionResponse:
        """Count enterprises by division and colour."""
        rules = GetRiskDistributionRules.read(request)
        found = await context.run_command(
            self.distribution,
            rules.standpoint(context.clock),
            wanted=rules.filter(),
            choice=rules.choice(),
        )
        return pb.GetRiskDistributionResponse(
            divisions=[_division_message(one) for one in found.divisions],
            basis=basis_message(found.basis),
        )

    async def draw_inspections(
        self, request: pb.DrawInspectionsRequest, context: CallContext
    ) -> pb.DrawInspectionsResponse:
        """Draw the enterprises to inspect."""
        rules = DrawInspectionsRules.read(request)
        draw = await context.run_command(
            self.draw,
            rules.seed,
            rules.standpoint(context.clock),
            wanted=rules.filter(),
            choice=rules.choice(),
        )
        return _draw_message(draw, rules.seed)


# Private functions -----------------------------------------------------------


async def _applied(command: ApplyPolicy, request: Message, context: CallContext) -> PolicyAnswer:
    rules = ApplyPolicyRules.read(request)
    return await context.run_command(
        command, rules.subject, rules.standpoint(context.clock), choice=rules.choice()
    )


def _parts(answer: PolicyAnswer) -> dict[str, Any]:
    return {
        "result": _result_message(answer),
        "lines": line_messages(answer.lines),
        "basis": basis_message(answer.basis),
    }


def _result_message(answer: PolicyAnswer) -> pb.PolicyResult:
    grade = answer.grade
    message = pb.PolicyResult(
        enterprise_id=grade.subject.identifier,
        credit_code=grade.subject.credit_code,
        name=grade.subject.name,
        status=cast("basis_pb2.ResultStatus", grade.status),
        grade=grade.grade,
        grade_rank=grade.rank,
        outputs=[
            pb.NamedAmount(name=one.name, unit=one.unit, **write_shown(one.value))
            for one in answer.outputs
        ],
        missing_inputs=grade.missing,
    )
    if grade.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(grade.valid_until_date))
    return message


def _division_message(one: DivisionColours) -> pb.DivisionColours:
    return pb.DivisionColours(
        division=f"{one.division:06d}",
        colours=[pb.ColourCount(colour=colour, count=count) for colour, count in one.colours],
        no_data_count=one.no_data,
        not_applicable_count=one.not_applicable,
    )


def _draw_message(draw: Draw, seed: str) -> pb.DrawInspectionsResponse:
    drawn = sorted(
        ((subject, one.share) for one in draw.classes for subject in one.drawn),
        key=lambda pair: pair[0].subject_id,
    )
    return pb.DrawInspectionsResponse(
        classes=[
            pb.DrawClass(
                share_percent=write_amount(one.share),
                enterprise_count=one.size,
                drawn_count=len(one.drawn),
            )
            for one in draw.classes
        ],
        drawn=[
            pb.DrawnEnterprise(
                enterprise_id=subject.identifier,
                credit_code=subject.credit_code,
                name=subject.name,
                share_percent=write_amount(share),
            )
            for subject, share in drawn
        ],
        undecided_count=draw.undecided,
        seed=seed,
        basis=basis_message(draw.basis),
    )
