"""Export whole lists, each at one version, whatever is published meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_cursor import cursor_after
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace, FeedStore
from services.scoring.commands.list_sync.list_feed_reading import reading_feed
from services.scoring.domain.list_feed import ListState, Wanted


@dataclass(frozen=True, slots=True)
class OpenedExport:
    """An export that has been begun.

    Attributes:
        states: What will be exported, list by list.
        cursor: Where the changes after it go on.
        point: Point of the store that is exported.
        division_known: Whether an enterprise or an entry ever was in the division asked for.
    """

    states: Sequence[ListState]
    cursor: str
    point: StorePoint
    division_known: bool


@dataclass(frozen=True, slots=True)
class ExportList:
    """Exports lists, a stretch at a time.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def open(self, wanted: Wanted, token: str) -> OpenedExport:
        """Fix the versions that are exported.

        Raises:
            SafetyCreditError: The token cannot be read at.
        """
        with reading_feed(self.store, token) as reading:
            states = [reading.state(view) for view in wanted.views]
            return OpenedExport(
                states,
                cursor_after(reading, wanted, states),
                reading.point,
                reading.division_known(wanted.division),
            )

    def page(self, state: ListState, after: ExportPlace | None) -> ExportPage:
        """Read the next stretch of one list.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        return self.store.export_page(state, after)
