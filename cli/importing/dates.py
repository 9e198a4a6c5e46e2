"""Dates as files write them: patterns such as ``YYYYMMDD``, ROC years included."""

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from cli.importing.cells import CellError, narrow, shown
from services.common.clock import CIVIL_ZONE

ROC_EPOCH_YEAR: Final = 1911
"""Year 1 of the Republic (民國元年) is 1912."""

EXCEL: Final = "excel"
"""Pattern of the day numbers in which spreadsheets keep dates (1900 system)."""

ISO_PATTERNS: Final = ("YYYY-MM-DD", "YYYY-MM-DD hh:mm:ss")
"""Always understood after a mapping's own: they mean one thing only."""

Partial = Literal["first_day", "last_day"]
"""Which day a date means that names only a year, a quarter or a month."""

DateReader = Callable[[str], date]

_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS_MAX: Final = 2_958_465  # 9999-12-31, the last day that spreadsheets know.
_TOKEN: Final = re.compile(r"YYYY|RRR|MM|DD|M|D|Q|hh|mm|ss|\s+|.", re.DOTALL)
_GROUPS: Final = {
    "YYYY": r"(?P<year>\d{4})",
    "RRR": r"(?P<roc>\d{1,3})",
    "MM": r"(?P<month>\d{2})",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{2})",
    "D": r"(?P<day>\d{1,2})",
    "Q": r"(?P<quarter>[1-4])",
    "hh": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
}
_MONTHS_PER_QUARTER: Final = 3
_DECEMBER: Final = 12
_TIME_PARTS: Final = ("hour", "minute", "second")
_UNREADABLE: Final = "DATE_UNREADABLE"


class PatternError(ValueError):
    """A date pattern of a mapping is wrong."""


@dataclass(frozen=True, slots=True)
class DatePattern:
    """One way to write a date.

    Attributes:
        text: The pattern as the mapping writes it.
        expression: What a cell must match in full.
        whole: Whether it names the day.
    """

    text: str
    expression: re.Pattern[str]
    whole: bool

    def match(self, text: str, partial: Partial | None) -> date | None:
        """Read a date; none if the text has another shape or names no real day."""
        found = self.expression.fullmatch(text)
        if found is None:
            return None
        parts = found.groupdict()
        year = int(parts["year"]) if parts.get("year") else int(parts["roc"]) + ROC_EPOCH_YEAR
        first_month, last_month = _months(parts)
        month = first_month if partial == "first_day" else last_month
        try:
            if self.whole:
                return date(year, month, int(parts["day"]))
            day = 1 if partial == "first_day" else calendar.monthrange(year, month)[1]
            return date(year, month, day)
        except (ValueError, calendar.IllegalMonthError):
            return None


def compile_pattern(text: str) -> DatePattern:
    """Read a pattern.

    Tokens: ``YYYY`` year, ``RRR`` ROC year (1 to 3 digits), ``MM``/``M`` month,
    ``DD``/``D`` day (two digits, or one or two), ``Q`` quarter, ``hh``, ``mm``
    and ``ss`` time of day, which a date leaves aside. A space stands for any
    space or none. Everything else stands for itself.

    Raises:
        PatternError: A part is missing, given twice, or leaves a gap.
    """
    tokens: list[str] = _TOKEN.findall(narrow(text.strip()))
    seen = [token for token in tokens if token in _GROUPS]
    pattern = "".join(
        _GROUPS.get(token) or (r"\s*" if token.isspace() else re.escape(token)) for token in tokens
    )
    if len([token for token in seen if token in {"YYYY", "RRR"}]) != 1:
        raise PatternError(f"{text!r} needs exactly one year: YYYY, or RRR for a ROC year")
    month_named = not {"MM", "M", "Q"}.isdisjoint(seen)
    day_named = not {"DD", "D"}.isdisjoint(seen)
    if day_named and (not month_named or "Q" in seen):
        raise PatternError(f"{text!r} names a day without its month (MM or M)")
    try:
        return DatePattern(text, re.compile(pattern), day_named)
    except re.error as error:
        raise PatternError(f"{text!r} names a part of the date twice") from error


def compile_dates(patterns: Sequence[str], partial: Partial | None = None) -> DateReader:
    """Build a reader that tries patterns in order; the first real day wins.

    Args:
        patterns: As `compile_pattern` reads them, or ``excel``.
        partial: Which day a date without a day means; needed for such patterns.

    Raises:
        PatternError: A pattern is wrong, or needs ``partial``.
    """
    excel = EXCEL in patterns
    compiled = [compile_pattern(text) for text in (*patterns, *ISO_PATTERNS) if text != EXCEL]
    for pattern in compiled:
        if not pattern.whole and partial is None:
            raise PatternError(
                f"{pattern.text!r} names no day: say partial: first_day or partial: last_day"
            )
    known: dict[str, date] = {}
    wanted = ", ".join(patterns) or ISO_PATTERNS[0]

    def read(text: str) -> date:
        # Files repeat their days: most cells are answered from here.
        if (day := known.get(text)) is None:
            day = known[text] = _read(text)
        return day

    def _read(text: str) -> date:
        plain = narrow(text)
        for pattern in compiled:
            if (day := pattern.match(plain, partial)) is not None:
                return day
        if excel and (day := _excel_day(plain)) is not None:
            return day
        raise CellError(_UNREADABLE, f"{shown(text)} is no day written as {wanted}")

    return read


def compile_instants(patterns: Sequence[str]) -> Callable[[str], datetime]:
    """Build a reader of instants, which files write in the time of Asia/Shanghai.

    Raises:
        PatternError: A pattern is wrong or names no hour.
    """
    compiled = [compile_pattern(text) for text in (*patterns, ISO_PATTERNS[1])]
    for pattern in compiled:
        if not pattern.whole or "hour" not in pattern.expression.groupindex:
            raise PatternError(f"{pattern.text!r} must name a day and its hour (hh)")

    def read(text: str) -> datetime:
        plain = narrow(text)
        for pattern in compiled:
            day = pattern.match(plain, None)
            found = pattern.expression.fullmatch(plain)
            if day is None or found is None:
                continue
            parts = found.groupdict()
            hour, minute, second = (int(parts.get(part) or 0) for part in _TIME_PARTS)
            try:
                clock = time(hour, minute, second, tzinfo=CIVIL_ZONE)
            except ValueError:
                continue
            return datetime.combine(day, clock)
        raise CellError(_UNREADABLE, f"{shown(text)} is no time written as {', '.join(patterns)}")

    return read


# Private functions -----------------------------------------------------------


def _months(parts: dict[str, str | None]) -> tuple[int, int]:
    if month := parts.get("month"):
        return int(month), int(month)
    if quarter := parts.get("quarter"):
        last = int(quarter) * _MONTHS_PER_QUARTER
        return last - _MONTHS_PER_QUARTER + 1, last
    return 1, _DECEMBER


def _excel_day(text: str) -> date | None:
    whole = text.partition(".")[0]
    if not (whole.isascii() and whole.isdigit()):
        return None
    days = int(whole)
    if not 1 <= days <= _EXCEL_DAYS_MAX:
        return None
    return _EXCEL_EPOCH + timedelta(days=days)
