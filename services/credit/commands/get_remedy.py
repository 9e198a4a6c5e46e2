"""Get a remedy with what is due."""

from dataclasses import dataclass
from datetime import date

from services.credit.commands.remedy_ports import RemedyStore
from services.credit.commands.remedy_targets import unknown_remedy
from services.credit.commands.remedy_views import RemedyView, RemedyViews, behind
from services.credit.commands.standpoint import Standpoint, reading_at


@dataclass(frozen=True, slots=True)
class GetRemedy:
    """Gets one remedy as it stood on a day and was known at an instant.

    Attributes:
        store: Where remedies are stored.
        views: Shows it.
    """

    store: RemedyStore
    views: RemedyViews

    def __call__(self, remedy_id: int, standpoint: Standpoint, *, as_of: date) -> RemedyView:
        """Read it.

        Raises:
            RemedyUnknownError: There was no such remedy.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            remedy = reading.remedies.remedy(remedy_id, revision=point.revision, as_of=as_of)
            if remedy is None:
                raise unknown_remedy(remedy_id)
            read = behind(reading, [remedy], revision=point.revision)[remedy_id]
        return self.views.view(remedy, read, as_of=as_of, point=point)
