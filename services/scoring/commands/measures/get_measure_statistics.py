"""Count what became of measures, by measure and department."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.measures.measure_ports import MeasureStore, ReportFilter, ReportSlice
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measure_reports import MeasureTotals, count_reports


@dataclass(frozen=True, slots=True)
class MeasureCounts:
    """Counts, and where they stand.

    Attributes:
        totals: Counts by measure.
        point: Point of the store.
    """

    totals: tuple[MeasureTotals, ...]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetMeasureStatistics:
    """Counts measures on a day, as known at an instant.

    Attributes:
        store: Where reports and entries are stored.
    """

    store: MeasureStore

    def __call__(self, kind: ListKind | None, field: int, standpoint: Standpoint) -> MeasureCounts:
        """Count.

        Args:
            kind: Kind of the lists; none for both.
            field: Number of their field; 0 for all.
            standpoint: Where to read.

        Raises:
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            reports = reading.reports.page(
                ReportFilter(), ReportSlice(revision=point.revision, as_of=as_of)
            )
            entries = reading.reports.carrying(kind, field, revision=point.revision, as_of=as_of)
            return MeasureCounts(count_reports(entries, reports), point)
