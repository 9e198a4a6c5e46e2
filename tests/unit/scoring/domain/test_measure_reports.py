"""Reports of measures: which may follow which, and what they add up to."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import SafetyCreditError
from services.scoring.domain.measure_reports import (
    CarryingEntry,
    DepartmentCounts,
    EntryOffListError,
    MeasureNotAppliedError,
    MeasureNotCarriedError,
    MeasureReport,
    MeasureStillAppliedError,
    MeasureTotals,
    ReportBeforePreviousError,
    ReportOutcome,
    count_reports,
    require_reportable,
)

DAY = date(2025, 6, 1)
PUBLISHED = date(2025, 5, 30)
Did = ReportOutcome


def report(outcome: ReportOutcome, day: date = DAY, **changes: Any) -> MeasureReport:  # noqa: ANN401 -- any attribute.
    """Make a report of one department about one entry."""
    values: dict[str, Any] = {
        "report_id": 1,
        "entry_id": 7,
        "measure": "more_inspections",
        "department": "税务局",
        "outcome": outcome,
        "report_date": day,
        "document_number": "",
        "reason": "",
        "recorded_revision": 1,
    }
    return MeasureReport(**values | changes)


@pytest.mark.parametrize(
    ("before", "outcome", "on_list", "refusal"),
    [
        pytest.param([], Did.APPLIED, True, None, id="applied"),
        pytest.param([], Did.REFUSED, True, None, id="refused"),
        pytest.param([Did.REFUSED], Did.APPLIED, True, None, id="applied-after-a-refusal"),
        pytest.param([Did.APPLIED], Did.LIFTED, True, None, id="lifted"),
        pytest.param([Did.APPLIED], Did.LIFTED, False, None, id="lifted-after-removal"),
        pytest.param([Did.APPLIED, Did.LIFTED], Did.APPLIED, True, None, id="applied-again"),
        pytest.param([], Did.LIFTED, True, MeasureNotAppliedError, id="lifted-never-applied"),
        pytest.param([Did.REFUSED], Did.LIFTED, True, MeasureNotAppliedError, id="lifted-refused"),
        pytest.param(
            [Did.APPLIED, Did.LIFTED], Did.LIFTED, False, MeasureNotAppliedError, id="lifted-twice"
        ),
        pytest.param(
            [Did.APPLIED], Did.APPLIED, True, MeasureStillAppliedError, id="applied-twice"
        ),
        pytest.param(
            [Did.APPLIED], Did.REFUSED, True, MeasureStillAppliedError, id="refused-applied"
        ),
        pytest.param([], Did.APPLIED, False, EntryOffListError, id="applied-off-the-list"),
        pytest.param([], Did.REFUSED, False, EntryOffListError, id="refused-off-the-list"),
    ],
)
def test_a_department_applies_refuses_and_lifts(
    before: list[ReportOutcome],
    outcome: ReportOutcome,
    refusal: type[SafetyCreditError] | None,
    *,
    on_list: bool,
) -> None:
    """A measure is applied only to an entry on its list, and lifted only where it is applied."""
    earlier = [report(one) for one in before]
    refused = None

    try:
        require_reportable(
            report(outcome), carried=True, publish_date=PUBLISHED, on_list=on_list, before=earlier
        )
    except SafetyCreditError as error:
        refused = type(error)

    assert refused is refusal


def test_a_measure_that_the_entry_does_not_carry_cannot_be_applied() -> None:
    """过惩相当: nobody adds measures to an entry."""
    with pytest.raises(MeasureNotCarriedError):
        require_reportable(
            report(Did.APPLIED), carried=False, publish_date=PUBLISHED, on_list=True, before=[]
        )


@pytest.mark.parametrize("outcome", [Did.APPLIED, Did.REFUSED])
def test_nothing_is_done_for_an_entry_before_its_publication(outcome: ReportOutcome) -> None:
    """On the day of the publication it is, the day before nobody had been told of the entry."""
    known: dict[str, Any] = {"carried": True, "publish_date": PUBLISHED, "on_list": True}

    require_reportable(report(outcome, PUBLISHED), before=[], **known)
    with pytest.raises(EntryOffListError) as error:
        require_reportable(report(outcome, date(2025, 5, 29)), before=[], **known)

    assert error.value.facts["publish_date"] == "2025-05-30"


def test_reports_of_a_department_are_in_order_of_days() -> None:
    """The same day may follow, the day before may not."""
    before = [report(Did.APPLIED)]

    require_reportable(
        report(Did.LIFTED, DAY), carried=True, publish_date=PUBLISHED, on_list=True, before=before
    )
    with pytest.raises(ReportBeforePreviousError):
        require_reportable(
            report(Did.LIFTED, date(2025, 5, 31)),
            carried=True,
            publish_date=PUBLISHED,
            on_list=True,
            before=before,
        )


def entry(number: int, *measures: str, on_list: bool = True) -> CarryingEntry:
    """Make an entry with measures."""
    return CarryingEntry(entry_id=number, measures=measures, on_list=on_list)


def test_the_last_report_of_a_department_counts() -> None:
    """Five entries, two departments, every outcome; worked out by hand."""
    entries = [
        entry(1, "a", "b"),
        entry(2, "a"),
        entry(3, "a"),
        entry(4, "a", on_list=False),
        entry(5, "a"),
    ]
    reports = [
        report(Did.APPLIED, entry_id=1, measure="a"),
        report(Did.REFUSED, entry_id=2, measure="a"),
        report(Did.APPLIED, entry_id=3, measure="a"),
        report(Did.LIFTED, entry_id=3, measure="a"),
        report(Did.APPLIED, entry_id=4, measure="a"),
        report(Did.APPLIED, entry_id=1, measure="a", department="住建局"),
        # An entry of another list is not counted.
        report(Did.APPLIED, entry_id=9, measure="a"),
    ]

    assert count_reports(entries, reports) == (
        MeasureTotals(
            measure="a",
            carrying=4,
            unreported=1,
            departments=(
                DepartmentCounts(
                    department="住建局", applied=1, refused=0, lifted=0, open_after_removal=0
                ),
                DepartmentCounts(
                    department="税务局", applied=2, refused=1, lifted=1, open_after_removal=1
                ),
            ),
        ),
        MeasureTotals(measure="b", carrying=1, unreported=1, departments=()),
    )


@settings(max_examples=50)
@given(
    tried=st.lists(
        st.tuples(st.sampled_from(list(Did)), st.integers(1, 3), st.booleans()), max_size=20
    )
)
def test_counts_follow_from_whatever_was_accepted(
    tried: list[tuple[ReportOutcome, int, bool]],
) -> None:
    """Each entry counts once for a department, under its last outcome."""
    taken: list[MeasureReport] = []
    for outcome, entry_id, on_list in tried:
        one = report(outcome, entry_id=entry_id, measure="a")
        before = [other for other in taken if other.entry_id == entry_id]
        try:
            require_reportable(
                one, carried=True, publish_date=PUBLISHED, on_list=on_list, before=before
            )
        except SafetyCreditError:
            continue
        taken.append(one)

    totals = count_reports([entry(number, "a") for number in (1, 2, 3)], taken)[0]

    reported = {one.entry_id for one in taken}
    assert totals.carrying == 3
    assert totals.unreported == 3 - len(reported)
    said = totals.departments[0] if totals.departments else None
    assert (said.applied + said.refused + said.lifted if said else 0) == len(reported)
