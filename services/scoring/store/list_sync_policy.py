"""The period for taking removed entries off copies: ``list-sync.yaml`` and the calendar."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.common.working_days import Deadline, WorkingDays, load_working_days
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError

LIST_SYNC_FILE: Final = "list-sync.yaml"
"""Stands at the top of the policies' folder."""


@dataclass(frozen=True, slots=True)
class FileRemovalPeriods:
    """The periods of the file; implements `RemovalPeriods`."""

    periods: tuple["_Period", ...]
    calendar: WorkingDays

    def working_days(self, day: date) -> int:
        """Give the working days that the rule in force on a day allows.

        Raises:
            ListSyncPolicyInvalidError: No rule was in force.
        """
        for period in self.periods:
            if period.start_date <= day and (period.end_date is None or day < period.end_date):
                return period.working_days
        raise ListSyncPolicyInvalidError(f"{LIST_SYNC_FILE} has no period for {day}", day=day)

    def due(self, publish_date: date) -> Deadline:
        """Give the last day for a removal published on a day."""
        return self.calendar.after(publish_date, self.working_days(publish_date))


def load_removal_periods(policies_dir: Path) -> FileRemovalPeriods | None:
    """Read the periods; nothing if the folder does not have the file.

    Raises:
        ListSyncPolicyInvalidError: The file is malformed.
        SafetyCreditError: The calendar is missing or malformed.
    """
    path = policies_dir / LIST_SYNC_FILE
    if not path.is_file():
        return None
    try:
        document = _Document.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ListSyncPolicyInvalidError(f"mend {path.name}: {error}", file=path.name) from error
    return FileRemovalPeriods(document.removal_periods, load_working_days(policies_dir))


# Private classes ---------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Source(_Part):
    instrument: Annotated[str, Field(min_length=1)]
    document_number: Annotated[str, Field(min_length=1)]
    publish_date: date
    effective_date: date
    checked_date: date
    confidence: Literal["text-seen", "secondary", "assumed"]


class _Period(_Part):
    start_date: date
    end_date: date | None
    working_days: Annotated[int, Field(ge=1, le=250)]
    source: _Source


class _Document(_Part):
    removal_periods: Annotated[tuple[_Period, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consecutive(self) -> Self:
        periods = self.removal_periods
        for one, following in pairwise(periods):
            if one.end_date != following.start_date:
                raise ValueError(f"the period from {following.start_date} leaves a gap or overlaps")
        if periods[-1].end_date is not None:
            raise ValueError("the last period has no end_date yet; write null")
        return self
