"""List remedies: at whom something is due or overdue."""

from dataclasses import dataclass, replace
from datetime import date

from services.common.tokens import StorePoint
from services.credit.commands.remedy_ports import RemedyFilter, RemedyReading, RemedyStore
from services.credit.commands.remedy_views import RemedyView, RemedyViews, behind
from services.credit.commands.standpoint import (
    OpenList,
    PageRequest,
    Standpoint,
    reading_list,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which remedies are listed.

    Attributes:
        filter: What the store selects by.
        open: Whether only those at which something is due.
        overdue: Whether only those at which something is overdue.
    """

    filter: RemedyFilter
    open: bool = False
    overdue: bool = False

    def holds(self, view: RemedyView) -> bool:
        """Say whether a remedy is one of them."""
        return (view.open or not self.open) and (view.overdue or not self.overdue)


@dataclass(frozen=True, slots=True)
class RemedyPage:
    """A page of remedies.

    Attributes:
        views: Remedies by ascending number.
        next_token: Token of the next page; empty on the last.
        as_of: Day that the page is for.
        point: Point of the store.
    """

    views: tuple[RemedyView, ...]
    next_token: str
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListRemedies:
    """Lists remedies as they stood on a day and were known at an instant.

    Attributes:
        store: Where remedies are stored.
        views: Shows them.
    """

    store: RemedyStore
    views: RemedyViews

    def __call__(
        self, wanted: Wanted, standpoint: Standpoint, *, as_of: date, page: PageRequest
    ) -> RemedyPage:
        """Read a page.

        Raises:
            SafetyCreditError: As `reading_list` says.
        """
        with reading_list(self.store, standpoint, page, as_of=as_of) as opened:
            found = self._found(opened, wanted)
        shown = tuple(found[: page.size])
        more = len(found) > page.size
        token = opened.next_token((shown[-1].remedy.remedy_id,)) if more else ""
        return RemedyPage(shown, token, opened.part.as_of, opened.point)

    def _found(self, opened: OpenList[RemedyReading], wanted: Wanted) -> list[RemedyView]:
        """Read on until a page and one more are found: what is due is no column of a table."""
        found: list[RemedyView] = []
        part = opened.part
        while len(found) < part.limit:
            remedies = opened.reading.remedies.page(wanted.filter, part)
            read = behind(opened.reading, remedies, revision=part.revision)
            for remedy in remedies:
                view = self.views.view(
                    remedy, read[remedy.remedy_id], as_of=part.as_of, point=opened.point
                )
                if wanted.holds(view):
                    found.append(view)
            if len(remedies) < part.limit:
                break
            part = replace(part, after=(remedies[-1].remedy_id,))
        return found[: opened.part.limit]
