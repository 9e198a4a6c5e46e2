"""Get a remedy with what is due."""

from dataclasses import dataclass
from datetime import date

from services.credit.commands.remedy_ports import RemedyReading, RemedyStore
from services.credit.commands.remedy_targets import unknown_remedy
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.domain.record import Edition
from services.credit.domain.remedy import DueAction, Remedy


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
            editions = editions_behind(reading, remedy, revision=point.revision)
        return self.views.view(remedy, editions, as_of=as_of, point=point)


def editions_behind(
    reading: RemedyReading, remedy: Remedy, *, revision: int
) -> tuple[Edition, ...]:
    """Give the editions of a remedy's record, where what is due depends on them."""
    record_id = remedy.decided.target.record_id
    if record_id is None or remedy.last.follow_up is not DueAction.REVISE_RECORD:
        return ()
    return tuple(reading.records.editions(record_id, revision=revision))
