"""What subscribers of the lists have to keep to: ``list-sync.yaml`` and the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.common.working_days import Deadline, WorkingDays, load_working_days
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError

LIST_SYNC_FILE: Final = "list-sync.yaml"
"""Stands at the top of the policies' folder."""


@dataclass(frozen=True, slots=True)
class FileListSyncPolicy:
    """The rules of the file; implements `ListSyncPolicy`."""

    document: "_Document"
    calendar: WorkingDays

    def working_days(self, day: date) -> int:
        """Give the working days that the rule in force on a day allows.

        Raises:
            ListSyncPolicyInvalidError: No rule was in force.
        """
        period = _in_force(self.document.removal_periods, day)
        if period is None:
            raise ListSyncPolicyInvalidError(f"{LIST_SYNC_FILE} has no period for {day}", day=day)
        return period.working_days

    def due(self, publish_date: date) -> Deadline:
        """Give the last day for a removal published on a day."""
        return self.calendar.after(publish_date, self.working_days(publish_date))

    def lag_limit(self, day: date) -> timedelta | None:
        """Give the lag beyond which a subscriber is told of; none where no rule was in force."""
        limit = _in_force(self.document.lag_limits, day)
        return None if limit is None else timedelta(hours=limit.hours)

    def retention(self, day: date) -> timedelta | None:
        """Give how long superseded changes can be had; none where no rule was in force."""
        retention = _in_force(self.document.retentions, day)
        return None if retention is None else timedelta(days=retention.days)


def load_list_sync_policy(policies_dir: Path) -> FileListSyncPolicy | None:
    """Read the rules; nothing if the folder does not have the file.

    Raises:
        ListSyncPolicyInvalidError: The file is malformed.
        SafetyCreditError: The calendar is missing or malformed.
    """
    path = policies_dir / LIST_SYNC_FILE
    if not path.is_file():
        return None
    try:
        document = _Document.model_validate(
            yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        )
    except (yaml.YAMLError, ValidationError) as error:
        raise ListSyncPolicyInvalidError(f"mend {path.name}: {error}", file=path.name) from error
    return FileListSyncPolicy(document, load_working_days(policies_dir))


# Private classes and functions ---------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Source(_Part):
    instrument: Annotated[str, Field(min_length=1)]
    document_number: Annotated[str, Field(min_length=1)]
    publish_date: date
    effective_date: date
    checked_date: date
    confidence: Literal["text-seen", "secondary", "assumed"]


class _Rule(_Part):
    start_date: date
    end_date: date | None
    source: _Source


class _Period(_Rule):
    working_days: Annotated[int, Field(ge=1, le=250)]


class _LagLimit(_Rule):
    hours: Annotated[int, Field(ge=1, le=24 * 366)]


class _Retention(_Rule):
    days: Annotated[int, Field(ge=1, le=36_600)]


_AnyRule = TypeVar("_AnyRule", bound=_Rule)


def _consecutive(rules: tuple[_AnyRule, ...]) -> tuple[_AnyRule, ...]:
    for one, following in pairwise(rules):
        if one.end_date != following.start_date:
            raise ValueError(f"the rule from {following.start_date} leaves a gap or overlaps")
    if rules and rules[-1].end_date is not None:
        raise ValueError("the last rule has no end_date yet; write null")
    return rules


class _Document(_Part):
    removal_periods: Annotated[
        tuple[_Period, ...], Field(min_length=1), AfterValidator(_consecutive)
    ]
    lag_limits: Annotated[tuple[_LagLimit, ...], AfterValidator(_consecutive)] = ()
    retentions: Annotated[tuple[_Retention, ...], AfterValidator(_consecutive)] = ()


def _in_force(rules: Sequence[_AnyRule], day: date) -> _AnyRule | None:
    return next(
        (
            rule
            for rule in rules
            if rule.start_date <= day and (rule.end_date is None or day < rule.end_date)
        ),
        None,
    )
