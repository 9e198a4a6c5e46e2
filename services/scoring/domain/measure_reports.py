"""What departments report of the measures of entries, and what that adds up to."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from services.common.errors import Category, SafetyCreditError


class ReportOutcome(IntEnum):
    """What a department did; the numbers are those of the wire and of the table."""

    APPLIED = 1
    """执行: the measure is in effect."""

    REFUSED = 2
    """不执行: with a reason."""

    LIFTED = 3
    """解除: the measure is in effect no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReport:
    """What a department did with a measure of an entry.

    Attributes:
        report_id: Number.
        entry_id: The entry.
        measure: Code of the measure.
        department: Who did it.
        outcome: What was done.
        report_date: Day of it.
        document_number: Its document; empty for none.
        reason: Why it was refused; empty for none.
        recorded_revision: Revision that recorded it.
    """

    report_id: int
    entry_id: int
    measure: str
    department: str
    outcome: ReportOutcome
    report_date: date
    document_number: str
    reason: str
    recorded_revision: int


class MeasureNotCarriedError(SafetyCreditError):
    """The entry does not carry the measure."""

    reason = "MEASURE_NOT_CARRIED"
    category = Category.PRECONDITION


class MeasureNotAppliedError(SafetyCreditError):
    """Nobody reported that the measure was applied, so it cannot be lifted."""

    reason = "MEASURE_NOT_APPLIED"
    category = Category.PRECONDITION


class MeasureStillAppliedError(SafetyCreditError):
    """The department applies the measure already."""

    reason = "MEASURE_ALREADY_APPLIED"
    category = Category.PRECONDITION


class EntryOffListError(SafetyCreditError):
    """The entry is not on its list on the day, so its measures may not be applied."""

    reason = "ENTRY_OFF_LIST"
    category = Category.PRECONDITION


class ReportBeforePreviousError(SafetyCreditError):
    """A report is dated before what the department reported last."""

    reason = "REPORT_BEFORE_PREVIOUS"
    category = Category.PRECONDITION


class ReportDiffersError(SafetyCreditError):
    """The same outcome of the same day was reported with another document or reason."""

    reason = "REPORT_DIFFERS"
    category = Category.CONFLICT


class ReportOvertakenError(SafetyCreditError):
    """The same outcome of the same day was reported, and another outcome of that day after it."""

    reason = "REPORT_OVERTAKEN"
    category = Category.CONFLICT


class DepartmentMissingError(SafetyCreditError):
    """The caller does not act for a department."""

    reason = "DEPARTMENT_MISSING"
    category = Category.DENIED


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCounts:
    """What one department did with one measure.

    Attributes:
        department: The department.
        applied: Entries for which it applies it.
        refused: Entries for which it refused it last.
        lifted: Entries for which it lifted it last.
        open_after_removal: Entries that are off their list while it still applies it.
    """

    department: str
    applied: int
    refused: int
    lifted: int
    open_after_removal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTotals:
    """What became of one measure.

    Attributes:
        measure: Code of the measure.
        carrying: Entries on their list that carry it.
        unreported: Of those, entries about which no department has reported.
        departments: Counts of the departments that reported, by their names.
    """

    measure: str
    carrying: int
    unreported: int
    departments: tuple[DepartmentCounts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingEntry:
    """An entry with its measures, as it stands on a day.

    Attributes:
        entry_id: The entry.
        measures: Codes of its measures.
        on_list: Whether its measures may be applied on the day: it counts, and it was published
            and on its list then.
    """

    entry_id: int
    measures: tuple[str, ...]
    on_list: bool


def require_reportable(
    report: MeasureReport,
    *,
    carried: bool,
    publish_date: date,
    on_list: bool,
    before: Sequence[MeasureReport],
) -> None:
    """Refuse a report that does not follow from what was reported before.

    Args:
        report: The report.
        carried: Whether the entry carries the measure.
        publish_date: Day on which the entry was published; nobody was told of it before.
        on_list: Whether the entry counts on the day of the report.
        before: What the department reported of the measure and the entry, oldest first.

    Raises:
        MeasureNotCarriedError: The entry does not carry the measure.
        EntryOffListError: The entry is not published yet, or it is off its list and the measure is
            not lifted.
        ReportBeforePreviousError: It is dated before the department's last report.
        MeasureStillAppliedError: The department applies the measure already.
        MeasureNotAppliedError: There is nothing to lift.

    Source:
        国办发〔2020〕49号: measures follow the entry, and end with it.
    """
    facts = {
        "measure": report.measure,
        "department": report.department,
        "date": report.report_date,
    }
    if not carried:
        raise MeasureNotCarriedError(
            f"the entry does not carry {report.measure}; see its measures", **facts
        )
    last = before[-1] if before else None
    if last is not None and report.report_date < last.report_date:
        raise ReportBeforePreviousError(
            f"{report.department} reported of {last.report_date} already; give that day or a later"
            " one",
            previous_date=last.report_date,
            **facts,
        )
    applied = last is not None and last.outcome is ReportOutcome.APPLIED
    if report.outcome is ReportOutcome.LIFTED:
        if not applied:
            raise MeasureNotAppliedError(
                f"{report.department} does not apply {report.measure}: there is nothing to lift",
                **facts,
            )
        return
    if report.report_date < publish_date:
        raise EntryOffListError(
            f"the entry was published on {publish_date}: no measure was applied or refused for it"
            f" on {report.report_date}",
            publish_date=publish_date,
            **facts,
        )
    if not on_list:
        raise EntryOffListError(
            f"the entry is not on its list on {report.report_date}: its measures may only be"
            " lifted",
            **facts,
        )
    if applied:
        raise MeasureStillAppliedError(
            f"{report.department} applies {report.measure} already; lift it first", **facts
        )


def count_reports(
    entries: Iterable[CarryingEntry], reports: Iterable[MeasureReport]
) -> tuple[MeasureTotals, ...]:
    """Count what became of the measures of entries.

    Args:
        entries: Every entry, on its list or off it.
        reports: Reports about them, in the order in which they were made.
    """
    on_list: set[int] = set()
    known: set[int] = set()
    carrying: defaultdict[str, set[int]] = defaultdict(set)
    for entry in entries:
        known.add(entry.entry_id)
        if entry.on_list:
            on_list.add(entry.entry_id)
            for code in entry.measures:
                carrying[code].add(entry.entry_id)
    # The last report of a department counts; reports of one department are in order of days.
    last: dict[tuple[str, str, int], ReportOutcome] = {
        (one.measure, one.department, one.entry_id): one.outcome
        for one in reports
        if one.entry_id in known
    }
    departments: defaultdict[str, defaultdict[str, list[tuple[int, ReportOutcome]]]]
    departments = defaultdict(lambda: defaultdict(list))
    for (measure, department, entry_id), outcome in last.items():
        departments[measure][department].append((entry_id, outcome))
    return tuple(
        MeasureTotals(
            measure=measure,
            carrying=len(carrying[measure]),
            unreported=len(
                carrying[measure] - {one for said in by_name.values() for one, _ in said}
            ),
            departments=tuple(
                _counts(name, said, on_list) for name, said in sorted(by_name.items())
            ),
        )
        for measure, by_name in sorted(
            (code, departments[code]) for code in {*carrying, *departments}
        )
    )


# Private functions -----------------------------------------------------------


def _counts(
    department: str, said: Sequence[tuple[int, ReportOutcome]], on_list: Collection[int]
) -> DepartmentCounts:
    outcomes = Counter(outcome for _, outcome in said)
    return DepartmentCounts(
        department=department,
        applied=outcomes[ReportOutcome.APPLIED],
        refused=outcomes[ReportOutcome.REFUSED],
        lifted=outcomes[ReportOutcome.LIFTED],
        open_after_removal=sum(
            outcome is ReportOutcome.APPLIED and entry_id not in on_list
            for entry_id, outcome in said
        ),
    )
