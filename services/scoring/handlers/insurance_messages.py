"""Answers of InsuranceService as messages."""

from typing import cast

from safetycredit.scoring.v1 import insurance_service_pb2 as pb
from services.common.personal_text import without_numbers
from services.scoring.commands.insurance.cover_judging import CoverFinding
from services.scoring.commands.insurance.get_cover import Cover, CoverAnswer
from services.scoring.commands.insurance.get_insurance_obligation import ObligationAnswer
from services.scoring.commands.insurance.get_participation import Participation, ParticipationAnswer
from services.scoring.commands.insurance.list_cover_findings import FindingPage, FoundCover
from services.scoring.commands.insurance.list_obligations import ObligationPage, ObligationRow
from services.scoring.domain.amount import Amount
from services.scoring.domain.identifiers import RECORD, name_of
from services.scoring.domain.insurance import ObligationClass
from services.scoring.domain.subject import Subject
from services.scoring.handlers.messages import (
    basis_message,
    line_messages,
    point_message,
    source_message,
    wording_message,
)
from services.scoring.handlers.wire_values import write_amount, write_day, write_money

_FEN = "fen"
_YUAN = "CNY"
_FEN_PLACES = 2


def obligation_message(answer: ObligationAnswer) -> pb.GetInsuranceObligationResponse:
    """Write what an enterprise owes."""
    message = pb.GetInsuranceObligationResponse(
        enterprise_id=answer.subject.identifier,
        obligation_class=_class(answer.owed),
        lines=line_messages(answer.lines),
        basis=basis_message(answer.basis),
    )
    if answer.floor_fen is not None:
        message.limit_per_person_floor.CopyFrom(write_money(answer.floor_fen))
    if answer.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(answer.valid_until_date))
    return message


def obligations_message(page: ObligationPage) -> pb.ListObligationsResponse:
    """Write a page of obligations."""
    return pb.ListObligationsResponse(
        obligations=[
            _obligation(row, subject) for row, subject in zip(page.rows, page.subjects, strict=True)
        ],
        next_page_token=page.next_token,
        as_of=write_day(page.at.as_of),
        point=point_message(page.point),
    )


def cover_message(answer: CoverAnswer) -> pb.GetCoverResponse:
    """Write the covers of an enterprise."""
    return pb.GetCoverResponse(
        enterprise_id=answer.subject.identifier,
        obligation_class=_class(answer.owed),
        covers=[_cover(one) for one in answer.covers],
        insured_headcount=answer.insured_headcount or 0,
        findings=[_finding(one) for one in answer.findings],
        basis=basis_message(answer.basis),
    )


def findings_message(page: FindingPage) -> pb.ListCoverFindingsResponse:
    """Write a page of enterprises whose cover is wrong."""
    return pb.ListCoverFindingsResponse(
        enterprises=[
            _enterprise(row, subject) for row, subject in zip(page.rows, page.subjects, strict=True)
        ],
        next_page_token=page.next_token,
        basis=basis_message(page.basis),
    )


def participation_message(answer: ParticipationAnswer) -> pb.GetParticipationResponse:
    """Write participation over time."""
    return pb.GetParticipationResponse(
        participations=[_participation(one) for one in answer.cells],
        as_of=write_day(answer.as_of),
        point=point_message(answer.point),
    )


# Private functions -----------------------------------------------------------


def _class(owed: ObligationClass) -> pb.ObligationClass:
    return cast("pb.ObligationClass", int(owed))


def _obligation(row: ObligationRow, subject: Subject) -> pb.Obligation:
    message = pb.Obligation(
        enterprise_id=subject.identifier,
        credit_code=subject.credit_code,
        name=subject.name,
        obligation_class=_class(row.owed),
    )
    if row.floor_fen is not None:
        message.limit_per_person_floor.CopyFrom(write_money(row.floor_fen))
    return message


def _cover(cover: Cover) -> pb.Cover:
    message = pb.Cover(
        policy_record_id=name_of(RECORD, cover.record_id),
        insurer=cover.terms.insurer,
        insurer_code=cover.terms.insurer_code,
        policy_number=without_numbers(cover.terms.policy_number),
        plan_id=without_numbers(cover.terms.plan_id),
        quote_id=without_numbers(cover.terms.quote_id),
        start_date=write_day(cover.start_date),
        end_date=write_day(cover.end_date),
        insured_headcount=cover.insured_headcount,
        limit_per_person=write_money(cover.limit_per_person_fen),
        aggregate_limit=write_money(cover.aggregate_limit_fen),
        premium=write_money(cover.premium_fen),
        endorsement_count=cover.endorsement_count,
    )
    if cover.start_floor_fen is not None:
        message.start_floor.CopyFrom(write_money(cover.start_floor_fen))
    return message


def _finding(finding: CoverFinding) -> pb.CoverFinding:
    places = _FEN_PLACES if finding.unit == _FEN else 0
    message = pb.CoverFinding(
        kind=cast("pb.CoverFindingKind", int(finding.kind)),
        rule_id=finding.rule_id,
        wording=wording_message(finding.wording),
        source=source_message(finding.source),
        policy_record_ids=[name_of(RECORD, record_id) for record_id in finding.record_ids],
        unit=_YUAN if finding.unit == _FEN else finding.unit,
    )
    if finding.found is not None:
        message.found.CopyFrom(write_amount(Amount(finding.found, places)))
    if finding.asked is not None:
        message.asked.CopyFrom(write_amount(Amount(finding.asked, places)))
    return message


def _enterprise(row: FoundCover, subject: Subject) -> pb.EnterpriseFindings:
    period = subject.period
    return pb.EnterpriseFindings(
        enterprise_id=subject.identifier,
        credit_code=subject.credit_code,
        name=subject.name,
        division="" if subject.division is None else f"{subject.division:06d}",
        industry=(period.industry or "") if period else "",
        obligation_class=_class(row.owed),
        findings=[_finding(one) for one in row.findings],
    )


def _participation(cell: Participation) -> pb.Participation:
    return pb.Participation(
        month_start_date=write_day(cell.month_start_date),
        as_of=write_day(cell.as_of),
        division="" if cell.division is None else f"{cell.division:06d}",
        industry=cell.industry,
        obliged_count=cell.obliged,
        insured_count=cell.insured,
        undecided_count=cell.undecided,
        rate_bp=cell.rate_bp,
    )
