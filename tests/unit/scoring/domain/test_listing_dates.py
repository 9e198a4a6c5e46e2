"""From which day a decision may list, and from when it may be published."""

from datetime import date
from typing import Any

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import Opinion, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_errors import ListingDateError, StepTooEarlyError
from tests.fakes.list_course import BUREAU, FIRE, OPENED, Weekends, case, step

CALENDAR = Weekends()
# Five weekdays after Wednesday 4 June end on Wednesday 11 June.
DECIDED = date(2025, 6, 12)
# Twenty weekdays after Thursday 12 June.
LAST_TO_PUBLISH = date(2025, 7, 10)

APPROVED = [
    step(StepKind.COLLECT),
    step(StepKind.REPORT, date(2025, 6, 3)),
    step(StepKind.NOTIFY, date(2025, 6, 4)),
    step(StepKind.REVIEW, DECIDED, field=1),
    step(StepKind.REVIEW, DECIDED, field=2, authority=FIRE),
    step(StepKind.APPROVE, DECIDED),
]


def reason(ledger: list[Step], wanted: Step, **of: Any) -> str:  # noqa: ANN401 -- parts of a case.
    """Say why a step may not be taken; nothing if it may."""
    try:
        CaseCourse(case(**of), ledger, CALENDAR).require(wanted)
    except SafetyCreditError as error:
        return error.reason
    return ""


@pytest.mark.parametrize(
    ("listing_date", "refusal"),
    [
        pytest.param(None, "", id="none"),
        pytest.param(date(2021, 1, 1), "LISTING_DATE_UNLAWFUL", id="years-before"),
        pytest.param(date(2025, 6, 11), "LISTING_DATE_UNLAWFUL", id="the-day-before-the-decision"),
        pytest.param(DECIDED, "", id="the-day-of-the-decision"),
        pytest.param(LAST_TO_PUBLISH, "", id="the-last-day-to-publish"),
        pytest.param(date(2025, 7, 11), "LISTING_DATE_UNLAWFUL", id="the-day-after-it"),
        pytest.param(date(2030, 1, 1), "LISTING_DATE_UNLAWFUL", id="years-after"),
    ],
)
def test_a_listing_begins_between_its_decision_and_its_publication(
    listing_date: date | None, refusal: str
) -> None:
    """Not before the decision, and not after the last day on which that is published in time."""
    decide = step(StepKind.DECIDE, DECIDED, listing_date=listing_date)

    assert reason(APPROVED, decide) == refusal


def test_the_refusal_of_a_listing_date_says_which_would_do() -> None:
    """First and last day, and the clause, stand in the facts."""
    decide = step(StepKind.DECIDE, DECIDED, listing_date=date(2030, 1, 1))

    with pytest.raises(ListingDateError) as error:
        CaseCourse(case(), APPROVED, CALENDAR).require(decide)

    assert error.value.facts == {
        "listing_date": "2030-01-01",
        "earliest_date": "2025-06-12",
        "latest_date": "2025-07-10",
        "provisional": "false",
        "clause": "测试办法",
    }


def test_a_listing_date_after_unannounced_holidays_is_provisional() -> None:
    """The last day to publish may still move where nobody announced the year."""
    decide = step(StepKind.DECIDE, date(2029, 12, 20), listing_date=date(2030, 3, 1))

    with pytest.raises(ListingDateError) as error:
        CaseCourse(case(), APPROVED, CALENDAR).require(decide)

    assert error.value.facts["provisional"] == "true"


def test_nothing_is_published_before_its_listing_begins() -> None:
    """The day before it is too early; the day itself is not."""
    begins = date(2025, 6, 20)
    decided = [
        *APPROVED,
        step(StepKind.DECIDE, DECIDED, listing_date=begins),
        step(StepKind.SERVE, DECIDED),
    ]

    with pytest.raises(StepTooEarlyError) as error:
        CaseCourse(case(), decided, CALENDAR).require(step(StepKind.PUBLISH, date(2025, 6, 19)))

    assert error.value.facts["earliest_date"] == "2025-06-20"
    assert reason(decided, step(StepKind.PUBLISH, begins)) == ""
    publish = next(
        one
        for one in CaseCourse(case(), decided, CALENDAR).next_steps(DECIDED)
        if one.kind is StepKind.PUBLISH
    )
    assert (publish.earliest.date, publish.due and publish.due.date) == (begins, LAST_TO_PUBLISH)


def test_a_decision_with_an_unlawful_day_is_never_published() -> None:
    """A decision that came into the ledger before the day was looked at goes no further."""
    decided = [
        *APPROVED,
        step(StepKind.DECIDE, DECIDED, listing_date=date(2021, 1, 1)),
        step(StepKind.SERVE, DECIDED),
    ]

    assert reason(decided, step(StepKind.PUBLISH, DECIDED)) == "LISTING_DATE_UNLAWFUL"
    assert reason(decided, step(StepKind.CLOSE, DECIDED, document_number="终1号")) == ""


def test_a_redlisting_begins_no_earlier_than_its_decision() -> None:
    """Five weekdays of publicity from Thursday 5 June end on Thursday 12 June."""
    day = date(2025, 6, 5)
    announced = [
        step(StepKind.COLLECT, OPENED),
        step(StepKind.REPORT, date(2025, 6, 3), authority=BUREAU),
        step(StepKind.REVIEW, day, field=1, opinion=Opinion.AGREE),
        step(StepKind.APPROVE, day),
        step(StepKind.ANNOUNCE, day),
    ]
    of: dict[str, Any] = {"redlist": True, "fields": (1,)}
    decided = date(2025, 6, 13)

    def decide(listing_date: date) -> Step:
        return step(StepKind.DECIDE, decided, listing_date=listing_date)

    assert reason(announced, decide(date(2025, 6, 12)), **of) == "LISTING_DATE_UNLAWFUL"
    assert reason(announced, decide(decided), **of) == ""
