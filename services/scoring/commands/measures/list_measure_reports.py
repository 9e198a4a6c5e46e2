"""List what departments reported of measures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.common.tokens import StorePoint
from services.scoring.commands.measures.measure_ports import (
    MeasureReading,
    MeasureStore,
    ReportFilter,
    ReportSlice,
)
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
            shown = _as_shown(opened.reading, found[: page.size], opened.reading.point.revision)
        more = len(found) > page.size
        token = opened.next_token(shown[-1].report_id, "") if more else ""
        return ReportPage(shown, token, opened.at, opened.point)


# Private functions -----------------------------------------------------------


def _as_shown(
    reading: MeasureReading, reports: Sequence[MeasureReport], revision: int
) -> tuple[MeasureReport, ...]:
    """Mask whoever became known since a report was made, whenever it is read as of."""
    entries = reading.entries.entries({one.entry_id for one in reports}, revision)
    hiding = reading.entries.hiding(entries.values())
    return tuple(
        replace(one, document_number=hidden(one.document_number), reason=hidden(one.reason))
        for one in reports
        for hidden in (hiding[one.entry_id],)
    )
