"""Subjects in their periods."""

from dataclasses import replace
from datetime import date

import pytest

from services.scoring.domain.subject import Period, Subject

SPRING, SUMMER, AUTUMN = date(2025, 3, 1), date(2025, 6, 1), date(2025, 9, 1)


def period(
    start_date: date, end_date: date | None, *, name: str = "甲", headcount: int = 5
) -> Period:
    """Make a period."""
    return Period(
        name=name,
        division=110105,
        industry="C26",
        fields=2,
        kind=1,
        state=1,
        headcount=headcount,
        founding_date=None,
        start_date=start_date,
        end_date=end_date,
    )


PERIODS = (
    period(SPRING, SUMMER),
    period(SUMMER, AUTUMN, name="乙"),
    period(AUTUMN, None, name="乙", headcount=9),
)


def subject(as_of: date) -> Subject:
    """See an enterprise from a day."""
    return Subject(subject_id=7, periods=PERIODS, as_of=as_of)


@pytest.mark.parametrize(
    ("as_of", "name"),
    [
        pytest.param(date(2025, 2, 28), "", id="before-the-first-day"),
        pytest.param(SPRING, "甲", id="first-day"),
        pytest.param(date(2025, 5, 31), "甲", id="last-day"),
        pytest.param(SUMMER, "乙", id="end-is-excluded"),
        pytest.param(date(2099, 1, 1), "乙", id="lasting"),
    ],
)
def test_the_name_is_that_of_the_day(as_of: date, name: str) -> None:
    """A period includes its first day and excludes its end."""
    assert subject(as_of).name == name


@pytest.mark.parametrize(
    ("as_of", "name"),
    [
        pytest.param(date(2025, 2, 28), "甲", id="before-the-first-day"),
        pytest.param(SPRING, "甲", id="first-day"),
        pytest.param(date(2025, 5, 31), "甲", id="last-day"),
        pytest.param(SUMMER, "甲", id="between-two-periods"),
        pytest.param(date(2025, 8, 31), "甲", id="the-day-before-the-next"),
        pytest.param(AUTUMN, "乙", id="the-next"),
    ],
)
def test_whoever_has_no_name_on_the_day_has_the_nearest(as_of: date, name: str) -> None:
    """The last one before, and only before the first period the first one after."""
    apart = replace(subject(as_of), periods=(PERIODS[0], PERIODS[2]))

    assert apart.known_name == name
    assert not replace(apart, periods=()).known_name


@pytest.mark.parametrize(
    ("as_of", "attributes", "day"),
    [
        pytest.param(SPRING, {"headcount"}, AUTUMN, id="a-new-name-is-no-new-headcount"),
        pytest.param(SPRING, {"name", "headcount"}, SUMMER, id="first-of-two"),
        pytest.param(date(2025, 2, 1), {"headcount"}, SPRING, id="beginning"),
        pytest.param(AUTUMN, {"headcount"}, None, id="the-last-period-lasts"),
        pytest.param(SPRING, set(), None, id="nothing-asked-for"),
        pytest.param(SPRING, {"division"}, None, id="never-another"),
    ],
)
def test_a_change_is_the_first_other_value(
    as_of: date, attributes: set[str], day: date | None
) -> None:
    """Only the attributes asked for count, and only days after the one seen from."""
    assert subject(as_of).changes_on(attributes) == day


def test_an_end_without_a_successor_is_a_change() -> None:
    """After the last period nothing is known, which differs from something."""
    ended = Subject(subject_id=7, periods=(period(SPRING, SUMMER),), as_of=SPRING)

    assert ended.changes_on({"headcount"}) == SUMMER


def test_a_person_shows_a_letter_and_a_masked_name() -> None:
    """A person has no periods."""
    person = Subject(subject_id=7, person=True, as_of=SPRING, person_name="李＊")

    assert (person.identifier, person.name, person.division) == ("p-7", "李＊", None)
