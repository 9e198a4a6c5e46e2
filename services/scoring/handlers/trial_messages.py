"""Simulations and shadow runs as messages."""

from collections.abc import Mapping
from typing import cast

from google.type.money_pb2 import Money

from safetycredit.scoring.v1 import policy_simulation_pb2 as pb
from safetycredit.scoring.v1.basis_pb2 import PolicyRef, ResultStatus
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.scoring.commands.policies.stepping import PROPOSAL
from services.scoring.commands.trials.comparing import MovedLine, Movement, ShortResult
from services.scoring.commands.trials.get_shadow_report import ShadowReport
from services.scoring.commands.trials.simulation_ports import (
    SIMULATION,
    AffectedSubject,
    PolicyImpact,
    PremiumBand,
    RedlistImpact,
    RedlistLoss,
    Simulation,
    SubjectChange,
)
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_encoding import entry_name
from services.scoring.handlers.messages import (
    policy_ref_message,
    source_message,
    wording_message,
)
from services.scoring.handlers.wire_values import (
    write_amount,
    write_day,
    write_instant,
    write_money,
)


def simulation_message(simulation: Simulation) -> pb.Simulation:
    """Write a simulation, with its result if it is done."""
    request = simulation.request
    message = pb.Simulation(
        simulation_id=name_of(SIMULATION, simulation.simulation_id),
        policy_id=request.policy_id,
        version=request.version,
        digest=request.digest,
        state=cast("pb.SimulationState", int(simulation.state)),
        live_policy_id=request.live_policy_id,
        subjects_done=simulation.subjects_done,
        subjects_total=request.subjects_total,
        as_of=write_day(request.at.as_of),
        revision=request.at.revision,
        known_at=write_instant(request.known_at),
        division=request.wanted.division,
        industry=request.wanted.industry,
        field=cast("WireField", request.wanted.field),
        caller=simulation.caller,
        request_time=write_instant(simulation.request_time),
        failure_reason=simulation.failure_reason,
        failure_message=simulation.failure_message,
        impacts=[_impact(one) for one in simulation.impacts],
        changes_kept=simulation.changes_kept,
        changes_truncated=simulation.changes_truncated,
        further_policy_ids=request.further_policy_ids,
    )
    if simulation.end_time is not None:
        message.end_time.CopyFrom(write_instant(simulation.end_time))
    return message


def change_message(change: SubjectChange) -> pb.SimulatedChange:
    """Write a subject whose result changed."""
    return pb.SimulatedChange(
        subject_id=name_of(PERSON if change.person else ENTERPRISE, change.subject_id),
        movement=cast("pb.Movement", int(change.movement)),
        live=_short(change.live),
        candidate=_short(change.candidate),
    )


def shadow_message(report: ShadowReport) -> pb.ShadowReport:
    """Write what a shadow run showed."""
    message = pb.ShadowReport(
        proposal_id=name_of(PROPOSAL, report.proposal.proposal_id),
        running=report.stop_time is None,
        start_time=write_instant(report.start_time),
        subjects=report.subjects,
        agreeing=report.subjects - report.differing,
        differing=report.differing,
        matrix=_matrix(report.matrix),
        examples=[_affected(one) for one in report.examples],
        further=[shadow_message(one) for one in report.further],
        answered_elsewhere=[
            pb.AnsweredElsewhere(policy_id=policy_id, version=version, subjects=count)
            for policy_id, version, count in report.elsewhere
        ],
    )
    if report.stop_time is not None:
        message.stop_time.CopyFrom(write_instant(report.stop_time))
    if report.standing is not None:
        message.revision = report.standing.revision
        message.comparisons = report.standing.comparisons
        if report.standing.as_of is not None:
            message.as_of.CopyFrom(write_day(report.standing.as_of))
    if report.pair is not None:
        message.candidate.CopyFrom(policy_ref_message(report.pair.candidate.compiled))
        if report.pair.live is not None:
            message.live.CopyFrom(policy_ref_message(report.pair.live.compiled))
    return message


# Private functions -----------------------------------------------------------


def _impact(impact: PolicyImpact) -> pb.PolicyImpact:
    message = pb.PolicyImpact(
        policy_id=impact.policy_id,
        candidate=_ref(impact.policy_id, impact.candidate),
        subjects=impact.subjects,
        changed=impact.changed,
        entered=impact.movements.get(Movement.ENTERED, 0),
        left=impact.movements.get(Movement.LEFT, 0),
        matrix=_matrix(impact.matrix),
        most_affected=[_affected(one) for one in impact.affected],
        undecided=impact.undecided,
        lacking=[
            pb.LackingInput(name=one.name, subjects=one.subjects, asked=one.asked)
            for one in impact.lacking
        ],
        answered_elsewhere=[
            pb.AnsweredElsewhere(
                policy_id=one.policy_id,
                version=one.version,
                subjects=one.subjects,
                changed=one.changed,
            )
            for one in impact.elsewhere
        ],
        persons_left_out=impact.persons_left_out,
    )
    if impact.live is not None:
        message.live.CopyFrom(_ref(impact.policy_id, impact.live))
    if impact.redlist is not None:
        message.redlist.CopyFrom(_redlist(impact.redlist))
    if impact.premiums is not None:
        message.premium.CopyFrom(
            pb.PremiumChange(
                enterprises=sum(one.enterprises for one in impact.premiums),
                live=write_money(sum(one.live_fen for one in impact.premiums)),
                candidate=write_money(sum(one.candidate_fen for one in impact.premiums)),
                bands=[_band(one) for one in impact.premiums],
            )
        )
    return message


def _redlist(redlist: RedlistImpact) -> pb.RedlistImpact:
    return pb.RedlistImpact(
        entries=redlist.entries,
        lost=redlist.lost,
        undecided=redlist.undecided,
        losses=map(_loss, redlist.losses),
    )


def _loss(loss: RedlistLoss) -> pb.RedlistLoss:
    return pb.RedlistLoss(
        subject_id=loss.subject_id,
        credit_code=loss.credit_code,
        name=loss.name,
        entry_id=entry_name(loss.entry_id),
        start_date=write_day(loss.start_date),
        end_date=None if loss.end_date is None else write_day(loss.end_date),
        unmet=[
            pb.UnmetCondition(name=one.name, source=source_message(one.source))
            for one in loss.unmet
        ],
    )


def _ref(policy_id: str, named: tuple[str, str]) -> PolicyRef:
    return PolicyRef(policy_id=policy_id, version=named[0], digest=named[1])


def _short(result: ShortResult) -> pb.ShortResult:
    return pb.ShortResult(status=cast("ResultStatus", result.status), label=result.label)


def _matrix(cells: Mapping[tuple[ShortResult, ShortResult], int]) -> list[pb.MigrationCell]:
    return [
        pb.MigrationCell(live=_short(live), candidate=_short(candidate), subjects=count)
        for (live, candidate), count in sorted(cells.items())
    ]


def _band(band: PremiumBand) -> pb.PremiumBand:
    message = pb.PremiumBand(
        enterprises=band.enterprises,
        live=write_money(band.live_fen),
        candidate=write_money(band.candidate_fen),
    )
    if band.change_min_bp is not None:
        message.change_min_bp.value = str(band.change_min_bp)
    if band.change_max_bp is not None:
        message.change_max_bp.value = str(band.change_max_bp)
    return message


def _affected(affected: AffectedSubject) -> pb.AffectedSubject:
    message = pb.AffectedSubject(
        subject_id=affected.subject_id,
        credit_code=affected.credit_code,
        name=affected.name,
        movement=cast("pb.Movement", int(affected.movement)),
        live=_short(affected.live),
        candidate=_short(affected.candidate),
        lines=[_line(line) for line in affected.lines],
    )
    live_score, candidate_score = affected.scores
    if live_score is not None:
        message.live_score.CopyFrom(write_amount(live_score))
    if candidate_score is not None:
        message.candidate_score.CopyFrom(write_amount(candidate_score))
    live_fen, candidate_fen = affected.premiums_fen
    _put_money(message.live_premium, live_fen)
    _put_money(message.candidate_premium, candidate_fen)
    return message


def _put_money(field: Money, fen: int | None) -> None:
    if fen is not None:
        field.CopyFrom(write_money(fen))


def _line(line: MovedLine) -> pb.MovedLine:
    message = pb.MovedLine(
        rule_id=line.rule_id,
        total=line.total,
        unit=line.unit,
        live_effect=line.live_effect,
        candidate_effect=line.candidate_effect,
        wording=wording_message(line.wording),
        source=source_message(line.source),
        in_live=line.in_live,
        in_candidate=line.in_candidate,
    )
    if line.live is not None:
        message.live_amount.CopyFrom(write_amount(line.live))
    if line.candidate is not None:
        message.candidate_amount.CopyFrom(write_amount(line.candidate))
    return message
