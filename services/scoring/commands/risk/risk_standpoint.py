"""Where predictions stand: a day, and what was known by its end, never later."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from services.common.clock import CIVIL_ZONE
from services.common.errors import FieldViolation, InvalidInputError, SafetyCreditError
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.risk.risk_ports import RiskReading, RiskStore
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.errors import KnownAtBeforeTokenError
from services.scoring.domain.risk_errors import KnownAfterDayError
from services.scoring.domain.viewpoint import Viewpoint

_MICROSECOND: Final = timedelta(microseconds=1)
_NOTHING_YET: Final = "KNOWN_AT_BEFORE_FIRST_REVISION"


@dataclass(frozen=True, slots=True)
class RiskStandpoint:
    """An open snapshot, and where features are read in it.

    Attributes:
        reading: The snapshot.
        point: What was known by the end of the day.
        at: The same as a viewpoint.
        registry_revision: Revision at which models are looked for: that of the point if the caller
            named an instant, else the snapshot's.
    """

    reading: RiskReading
    point: StorePoint
    at: Viewpoint
    registry_revision: int


def day_end(day: date) -> datetime:
    """Give the last microsecond of a civil day, Asia/Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), CIVIL_ZONE) - _MICROSECOND


@contextmanager
def reading_risk(
    store: RiskStore, standpoint: Standpoint, *, today: date
) -> Iterator[RiskStandpoint]:
    """Open a snapshot and find what was known by the end of the day asked for.

    Args:
        store: The store.
        standpoint: The place on both axes of time that the caller wants.
        today: Civil day of the call.

    Raises:
        InvalidInputError: The day has not come yet.
        KnownAfterDayError: The instant asked for lies after the end of the day.
        KnownAtBeforeTokenError: What was known by then lies before the token's write.
        SafetyCreditError: As `RiskStore.read` and `RiskReading.point_at` say.
    """
    require_not_future("as_of", standpoint.as_of, today)
    end = day_end(standpoint.as_of)
    if standpoint.known_at is not None and standpoint.known_at > end:
        raise KnownAfterDayError(
            f"a prediction for {standpoint.as_of} rests on what was known by the end of that day;"
            " ask for an earlier known-at, or for a later day",
            as_of=standpoint.as_of,
            known_at=standpoint.known_at.isoformat(),
        )
    token = _store_token(store, standpoint.token)
    with store.read(at_least=token) as reading:
        point = reading.point
        if standpoint.known_at is not None:
            point = reading.point_at(standpoint.known_at)
        elif end < point.recorded_time:
            # Nothing recorded by then is an error here, and not an empty answer.
            point = reading.point_at(end)
        if token is not None and point.revision < token.revision:
            raise KnownAtBeforeTokenError(
                "what was known by then does not include the token's write; send no token",
                as_of=standpoint.as_of,
                token_revision=token.revision,
            )
        at = Viewpoint(point.revision, standpoint.as_of)
        explicit = standpoint.known_at is not None
        registry = point.revision if explicit else reading.point.revision
        yield RiskStandpoint(reading, point, at, registry)


def point_then(reading: RiskReading, day: date) -> StorePoint | None:
    """Give what was known by the end of a day; nothing if nothing had been recorded by then."""
    end = day_end(day)
    if end >= reading.point.recorded_time:
        return reading.point
    try:
        return reading.point_at(end)
    except SafetyCreditError as error:
        if error.reason != _NOTHING_YET:
            raise
        return None


def require_not_future(field: str, day: date, today: date) -> None:
    """Refuse a day that has not come yet.

    Raises:
        InvalidInputError: Names the field.
    """
    if day > today:
        raise InvalidInputError(
            [FieldViolation(field, "DATE_IN_FUTURE", "give a day that is not in the future")]
        )


# Private functions -----------------------------------------------------------


def _store_token(store: RiskStore, text: str) -> StoreToken | None:
    return StoreToken.decode(text, store_id=store.point().store_id) if text else None
