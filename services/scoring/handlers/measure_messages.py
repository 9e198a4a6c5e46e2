"""Measures, their reports and their counts as messages."""

from dataclasses import replace

from safetycredit.scoring.v1 import measure_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind as WireListKind
from safetycredit.type.v1 import wording_pb2
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.scoring.commands.measures.list_measures import CatalogueAnswer
from services.scoring.commands.measures.report_measure import StoredReport
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.measure_reports import MeasureReport, MeasureTotals
from services.scoring.domain.measures import Allowance, Edition, LegalSource, StandingMeasure
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.wire_values import write_day

_CONFIDENCES = {
    "text-seen": wording_pb2.Source.CONFIDENCE_TEXT_SEEN,
    "secondary": wording_pb2.Source.CONFIDENCE_SECONDARY,
    "assumed": wording_pb2.Source.CONFIDENCE_ASSUMED,
}


def measure_messages(answer: CatalogueAnswer) -> list[pb.Measure]:
    """Write measures as they stand on a day."""
    editions = {one.edition: one for one in answer.catalogue.editions}
    return [_measure(one, editions) for one in answer.measures]


def reported_message(stored: StoredReport) -> pb.ReportMeasureResponse:
    """Write the answer to a report."""
    return pb.ReportMeasureResponse(
        report=report_message(stored.report),
        repeated=stored.repeated,
        point=point_message(stored.point),
    )


def report_message(report: MeasureReport) -> pb.MeasureReport:
    """Write a report."""
    return pb.MeasureReport(
        report_id=name_of("mr", report.report_id),
        entry_id=name_of("l", report.entry_id),
        measure=report.measure,
        department=report.department,
        outcome=pb.MeasureOutcome.Name(report.outcome),
        date=write_day(report.report_date),
        document_number=report.document_number,
        reason=report.reason,
    )


def totals_message(totals: MeasureTotals) -> pb.MeasureTotals:
    """Write the counts of a measure."""
    return pb.MeasureTotals(
        measure=totals.measure,
        carrying=totals.carrying,
        unreported=totals.unreported,
        departments=[
            pb.MeasureStatistics(
                measure=totals.measure,
                department=one.department,
                applied=one.applied,
                refused=one.refused,
                lifted=one.lifted,
                open_after_removal=one.open_after_removal,
            )
            for one in totals.departments
        ],
    )


# Private functions -----------------------------------------------------------


def _measure(standing: StandingMeasure, editions: dict[str, Edition]) -> pb.Measure:
    measure = standing.measure
    return pb.Measure(
        code=measure.code,
        wording=wording_pb2.Wording(zh=measure.zh, en=measure.en),
        kind=WireListKind.Name(measure.kind),
        fields=[WireField.Name(number) for number in sorted(measure.fields)],
        persons=measure.persons,
        basis=[_source(one) for one in measure.basis],
        start_date=write_day(measure.start_date),
        end_date=write_day(measure.end_date) if measure.end_date else None,
        editions=[_edition(one, editions[one.edition]) for one in measure.allowances],
        allowed=standing.allowed,
    )


def _edition(allowance: Allowance, edition: Edition) -> pb.MeasureEdition:
    return pb.MeasureEdition(
        edition=edition.edition,
        item=allowance.item,
        start_date=write_day(edition.start_date),
        end_date=write_day(edition.end_date) if edition.end_date else None,
        source=_source(replace(edition.source, confidence=allowance.confidence)),
    )


def _source(source: LegalSource) -> wording_pb2.Source:
    return wording_pb2.Source(
        instrument=source.instrument,
        document_number=source.document_number,
        article=source.article,
        publish_date=write_day(source.publish_date) if source.publish_date else None,
        effective_date=write_day(source.effective_date) if source.effective_date else None,
        checked_date=write_day(source.checked_date),
        confidence=_CONFIDENCES[source.confidence],
    )
