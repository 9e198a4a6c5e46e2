"""MeasureService: the catalogue of measures, and what departments report of them."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import measure_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.clock import today
from services.common.write_calls import response_of, write_call
from services.scoring.commands.measures.get_measure_statistics import GetMeasureStatistics
from services.scoring.commands.measures.list_measure_reports import ListMeasureReports
from services.scoring.commands.measures.list_measures import ListMeasures
from services.scoring.commands.measures.report_measure import ReportMeasure
from services.scoring.handlers.measure_messages import (
    measure_messages,
    report_message,
    reported_message,
    totals_message,
)
from services.scoring.handlers.measure_requests import (
    ListMeasureReportsRules,
    ListMeasuresRules,
    MeasureStatisticsRules,
    ReportMeasureRules,
)
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.wire_values import write_day


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureHandlers:
    """Answers the calls of MeasureService.

    Attributes:
        catalogue: Lists the catalogue.
        report: Takes in reports.
        reports: Lists them.
        statistics: Counts them.
        limits: How many rows a page holds.
    """

    catalogue: ListMeasures
    report: ReportMeasure
    reports: ListMeasureReports
    statistics: GetMeasureStatistics
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "ListMeasures": self.list_measures,
            "ReportMeasure": self.report_measure,
            "ListMeasureReports": self.list_measure_reports,
            "GetMeasureStatistics": self.get_measure_statistics,
        }

    async def list_measures(
        self, request: pb.ListMeasuresRequest, context: CallContext
    ) -> Response:
        """Give the catalogue on a day."""
        rules = ListMeasuresRules.read(request)
        as_of = rules.as_of or today(context.clock)
        answer = self.catalogue(rules.kind, rules.field, allowed=rules.allowed, as_of=as_of)
        return pb.ListMeasuresResponse(
            measures=measure_messages(answer),
            edition=answer.edition,
            catalogue_digest=answer.catalogue.digest,
            as_of=write_day(as_of),
        )

    async def report_measure(
        self, request: pb.ReportMeasureRequest, context: CallContext
    ) -> Response:
        """Take in a report."""
        draft = ReportMeasureRules.read(request).draft(context.clock)
        call = write_call(request, context, reported_message)
        answer = await context.run_command(self.report, call, draft)
        return response_of(answer, pb.ReportMeasureResponse)

    async def list_measure_reports(
        self, request: pb.ListMeasureReportsRequest, context: CallContext
    ) -> Response:
        """Give a page of reports."""
        rules = ListMeasureReportsRules.read(request, self.limits)
        found = await context.run_command(
            self.reports,
            rules.wanted,
            rules.standpoint(context.clock),
            rules.page(request, method=context.method),
        )
        return pb.ListMeasureReportsResponse(
            reports=[report_message(one) for one in found.reports],
            next_page_token=found.next_token,
            as_of=write_day(found.at.as_of),
            point=point_message(found.point),
        )

    async def get_measure_statistics(
        self, request: pb.GetMeasureStatisticsRequest, context: CallContext
    ) -> Response:
        """Give the counts."""
        rules = MeasureStatisticsRules.read(request)
        standpoint = rules.standpoint(context.clock)
        counts = await context.run_command(self.statistics, rules.kind, rules.field, standpoint)
        return pb.GetMeasureStatisticsResponse(
            measures=[totals_message(one) for one in counts.totals],
            as_of=write_day(standpoint.as_of),
            point=point_message(counts.point),
        )
