"""Working days (工作日) of the Chinese calendar, and how far that calendar is announced.

Only here is the library known that lists the days. It knows the years that the State Council had
announced when it was released; ``policies/calendar.yaml`` adds a year that is announced but not yet
in the library. What lies beyond both is counted by weekends alone and marked as provisional, never
silently: it is settled by counting again once the calendar is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from chinese_calendar import constants
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.common.errors import Category, SafetyCreditError

CALENDAR_FILE: Final = "calendar.yaml"
"""Years that are announced but not yet in the library, at the top of the policies' folder."""

_DAY: Final = timedelta(days=1)
_WEEKEND: Final = (5, 6)


class CalendarInvalidError(SafetyCreditError):
    """The calendar file is malformed, or leaves a year out."""

    reason = "CALENDAR_INVALID"
    category = Category.PRECONDITION


class CalendarContradictionError(SafetyCreditError):
    """The calendar file and the library say different things about one day."""

    reason = "CALENDAR_CONTRADICTION"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period.

    Attributes:
        date: Civil day, Asia/Shanghai.
        provisional: Whether a day on the way to it is not announced yet, so that it may move.
    """

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """Which days are worked, as far as that has been announced.

    Attributes:
        exceptions: Whether a day is worked, for days that differ from their day of the week.
        announced_from: First day of the first announced year.
        announced_until: Last day of the last announced year.
        settled_until: Last day that no later notice can change: the notice of a year moves days at
            the end of the year before.
    """

    exceptions: Mapping[date, bool]
    announced_from: date
    announced_until: date
    settled_until: date

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked; by the day of the week alone where nothing is announced."""
        return self.exceptions.get(day, day.weekday() not in _WEEKEND)

    def after(self, day: date, count: int) -> Deadline:
        """Give the last day of a period of working days.

        Args:
            day: Day from which the period runs; it is not counted itself.
            count: Working days of the period, at least 1.

        Returns:
            The ``count``-th working day after ``day``; provisional if a day that was counted or
            passed over is not settled.

        Source:
            行政处罚法 (2021) art. 85: periods in working days leave legal holidays out; the day on
            which a period begins is not counted (民法典 art. 201).
        """
        assert count >= 1, "a period has at least one working day"
        last = day
        left = count
        while left:
            last += _DAY
            left -= self.is_working(last)
        unsettled = day + _DAY < self.announced_from or last > self.settled_until
        return Deadline(last, provisional=unsettled)


def load_working_days(policies_dir: Path) -> WorkingDays:
    """Put the library and the calendar file together.

    Args:
        policies_dir: Folder of the policies.

    Raises:
        CalendarInvalidError: The file is missing or malformed, or leaves a year out.
        CalendarContradictionError: It contradicts the library; names the first such day.
    """
    document = _read(policies_dir / CALENDAR_FILE)
    library = dict.fromkeys(constants.holidays, False) | dict.fromkeys(constants.workdays, True)
    last_year = max(library).year
    exceptions = dict(library)
    for notice in document.years:
        if notice.year > last_year + 1:
            raise CalendarInvalidError(
                f"{CALENDAR_FILE} has {notice.year} but not {last_year + 1}; add the year between",
                year=last_year + 1,
            )
        if notice.year <= max(library).year:
            _require_agreement(notice, library)
        exceptions |= notice.days
        last_year = max(last_year, notice.year)
    open_month, open_day = map(int, document.year_end.open_from.split("-"))
    return WorkingDays(
        exceptions=exceptions,
        announced_from=date(min(library).year, 1, 1),
        announced_until=date(last_year, 12, 31),
        settled_until=date(last_year, open_month, open_day) - _DAY,
    )


# Private functions and classes ------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Notice(_Part):
    instrument: Annotated[str, Field(min_length=1)]
    document_number: Annotated[str, Field(min_length=1)]
    publish_date: date
    checked_date: date
    confidence: Literal["text-seen", "secondary"]


class _Holiday(_Part):
    """One holiday: the days off, first and last included, and the days worked for them."""

    name: Annotated[str, Field(min_length=1)]
    first_date: date
    last_date: date
    worked: tuple[date, ...] = ()

    @property
    def off(self) -> Iterator[date]:
        for number in range((self.last_date - self.first_date).days + 1):
            yield self.first_date + number * _DAY

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.last_date < self.first_date:
            raise ValueError(f"{self.name} ends before it begins")
        weekdays = [day for day in self.worked if day.weekday() not in _WEEKEND]
        if weekdays:
            raise ValueError(f"{weekdays[0]} is no Saturday or Sunday, so it is worked anyway")
        return self


class _Year(_Part):
    year: int
    notice: _Notice
    holidays: Annotated[tuple[_Holiday, ...], Field(min_length=1)]

    @property
    def days(self) -> dict[date, bool]:
        off = {day: False for holiday in self.holidays for day in holiday.off}
        return off | {day: True for holiday in self.holidays for day in holiday.worked}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        eve = date(self.year - 1, 12, 1)
        seen: set[date] = set()
        for holiday in self.holidays:
            for day in (*holiday.off, *holiday.worked):
                if day in seen:
                    raise ValueError(f"{day} stands twice")
                if not (day.year == self.year or (eve <= day and day.year == self.year - 1)):
                    raise ValueError(f"{day} belongs to no notice of {self.year}")
                seen.add(day)
        return self


class _YearEnd(_Part):
    open_from: Annotated[str, Field(pattern=r"^12-(0[2-9]|[12]\d|3[01])$")]
    reason: Annotated[str, Field(min_length=1)]


class _Calendar(_Part):
    year_end: _YearEnd
    years: tuple[_Year, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        years = [one.year for one in self.years]
        if years != sorted(set(years)):
            raise ValueError("write every year once, in order")
        return self


def _read(path: Path) -> _Calendar:
    try:
        return _Calendar.model_validate(
            yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        )
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise CalendarInvalidError(f"mend {path.name}: {error}", file=path.name) from error


def _require_agreement(notice: _Year, library: Mapping[date, bool]) -> None:
    """Compare every day that either side speaks of: a day left out is a contradiction too."""
    said = notice.days
    days = {day for day in library if day.year == notice.year} | said.keys()
    for day in sorted(days):
        usual = day.weekday() not in _WEEKEND
        if library.get(day, usual) is not said.get(day, usual):
            worked = "worked" if said.get(day, usual) else "off"
            raise CalendarContradictionError(
                f"{CALENDAR_FILE} says that {day} is {worked}, the library says it is not;"
                " correct the file, or remove the year from it",
                day=day,
            )
