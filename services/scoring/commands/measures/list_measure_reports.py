"""List what departments reported of measures."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.measures.measure_ports import MeasureStore, ReportFilter, ReportSlice
from services.scoring.commands.standpoint import PageRequest, Standpoint, reading_page
from services.scoring.domain.measure_reports import MeasureReport
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of reports.

    Attributes:
        reports: Reports by ascending number.
        next_token: Token of the next page; empty on the last.
        at: Where the page is read from.
        point: Point of the store.
    """

    reports: tuple[MeasureReport, ...]
    next_token: str
    at: Viewpoint
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListMeasureReports:
    """Lists reports of days up to a day, as known at an instant.

    Attributes:
        store: Where they are stored.
    """

    store: MeasureStore

    def __call__(
        self, wanted: ReportFilter, standpoint: Standpoint, page: PageRequest
    ) -> ReportPage:
        """Read a page.

        Raises:
            SafetyCreditError: As `reading_page` says.
        """
        with reading_page(self.store, standpoint, page) as opened:
            part = ReportSlice(
                revision=opened.at.revision,
                as_of=opened.at.as_of,
                after=opened.after,
                limit=page.size + 1,
            )
            found = opened.reading.reports.page(wanted, part)
        shown = tuple(found[: page.size])
        more = len(found) > page.size
        token = opened.next_token(shown[-1].report_id, "") if more else ""
        return ReportPage(shown, token, opened.at, opened.point)
