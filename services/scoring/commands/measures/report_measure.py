"""Report what a department did with a measure of an entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.common.personal_text import PersonsInText
from services.common.tokens import StorePoint
from services.scoring.commands.lists.published_text import names_of
from services.scoring.commands.measures.measure_ports import (
    MeasureStore,
    MeasureWriting,
    ReportFilter,
    ReportSlice,
)
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_gaps import was_off
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.list_case import Party
from services.scoring.domain.list_entry import ListEntry
from services.scoring.domain.list_errors import EntryUnknownError
from services.scoring.domain.measure_reports import (
    DepartmentMissingError,
    MeasureReport,
    ReportDiffersError,
    ReportOutcome,
    ReportOvertakenError,
    require_reportable,
)
from services.scoring.domain.measures import MeasureCatalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """A report as a department wants it recorded.

    Attributes:
        entry_id: The entry.
        measure: Code of the measure.
        outcome: What was done.
        report_date: Day of it.
        document_number: Its document; empty for none.
        reason: Why it was refused; empty for none.
    """

    entry_id: int
    measure: str
    outcome: ReportOutcome
    report_date: date
    document_number: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report, and where the store stands.

    Attributes:
        report: The report as stored.
        repeated: Whether it had been made before.
        point: Point of the store.
    """

    report: MeasureReport
    repeated: bool
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ReportMeasure:
    """Takes in reports of departments.

    Attributes:
        store: Where they are stored.
        catalogue: Measures that there are.
    """

    store: MeasureStore
    catalogue: MeasureCatalogue

    def __call__(self, call: WriteCall[StoredReport], draft: ReportDraft) -> Answer:
        """Store a report.

        Raises:
            DepartmentMissingError: The caller acts for nobody.
            MeasureUnknownError: The catalogue has no such measure.
            EntryUnknownError: There is no such entry.
            ReportDiffersError: The outcome of the day was reported with another content.
            ReportOvertakenError: The outcome of the day was reported, and another one after it.
            PersonInTextError: A text names the listed person, or holds an identity number.
            SafetyCreditError: As `require_reportable` says.
        """
        department = call.caller.authority
        if not department:
            raise DepartmentMissingError(
                "a report is a department's own: say for which authority you call"
            )
        self.catalogue.measure(draft.measure)

        def work(write: MeasureWriting) -> StoredReport:
            held = write.entries.entries([draft.entry_id], write.point.revision)
            if draft.entry_id not in held:
                name = name_of("l", draft.entry_id)
                raise EntryUnknownError(f"{name} is no entry of a list", entry_id=name)
            report = _report(write, draft, department)
            before = write.reports.page(
                ReportFilter(entry_id=draft.entry_id, measure=draft.measure, department=department),
                ReportSlice(revision=write.point.revision, as_of=date.max),
            )
            same = _same(before, report)
            if same is not None:
                return StoredReport(same, repeated=True, point=write.point)
            entry = held[draft.entry_id]
            _require_impersonal(write, entry.entry, report)
            require_reportable(
                report,
                carried=draft.measure in entry.entry.measures,
                publish_date=entry.publish_date,
                on_list=_on_list(write, entry, draft.report_date),
                before=before,
            )
            stored = replace(report, report_id=write.new_id())
            write.reports.add(stored)
            return StoredReport(stored, repeated=False, point=write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _on_list(write: MeasureWriting, held: HeldEntry, day: date) -> bool:
    """Say whether an entry counts on a day, and was published then, by what is known now."""
    files = write.cases.files([held.case_id], write.point.revision).values()
    off = any(was_off(file.steps, held.entry.entry_id, day) for file in files)
    return held.counts_on(day) and not off


def _require_impersonal(write: MeasureWriting, entry: ListEntry, report: MeasureReport) -> None:
    """Refuse texts that tell other departments who a listed person is."""
    party = Party(subject_id=entry.subject_id, person=entry.person)
    names = names_of(write.persons, [party], revision=write.point.revision)
    phrases = {entry.authority, report.department, *([] if entry.person else [entry.name])}
    texts = {"document_number": report.document_number, "reason": report.reason}
    PersonsInText(names, phrases).require_none(texts)


def _report(write: MeasureWriting, draft: ReportDraft, department: str) -> MeasureReport:
    return MeasureReport(
        report_id=0,
        entry_id=draft.entry_id,
        measure=draft.measure,
        department=department,
        outcome=draft.outcome,
        report_date=draft.report_date,
        document_number=draft.document_number,
        reason=draft.reason,
        recorded_revision=write.point.revision,
    )


def _same(before: Sequence[MeasureReport], report: MeasureReport) -> MeasureReport | None:
    """Find the report that this one repeats: of its outcome, and the last of its day.

    A day keeps one report of each outcome. Who lifts a measure and applies it again on one day is
    told so: the first report says nothing of what came after it.
    """
    of_day = [one for one in before if one.report_date == report.report_date]
    same = next((one for one in of_day if one.outcome is report.outcome), None)
    if same is None:
        return None
    name, last = name_of("mr", same.report_id), of_day[-1]
    if last is not same:
        raise ReportOvertakenError(
            f"{name} reports it already, and {name_of('mr', last.report_id)} of the same day came"
            " after it; what is done again is reported of a later day",
            report_id=name,
            later_report_id=name_of("mr", last.report_id),
        )
    differing = [
        name
        for name in ("document_number", "reason")
        if getattr(same, name) != getattr(report, name)
    ]
    if differing:
        raise ReportDiffersError(
            f"{name} reports the same outcome of the same day with another"
            f" {' and '.join(differing)}",
            report_id=name,
            fields=",".join(differing),
        )
    return same
