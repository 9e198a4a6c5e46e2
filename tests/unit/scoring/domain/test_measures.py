"""Measures: on which list, on whom and on which day they may be used."""

from datetime import date

import pytest

from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.measures import (
    Edition,
    MeasureCatalogue,
    MeasureNotAllowedError,
    MeasureUnknownError,
)
from tests.fakes.measures import SOURCE, measure

FIRST = Edition(
    edition="2021", start_date=date(2021, 12, 16), end_date=date(2024, 5, 20), source=SOURCE
)
SECOND = Edition(edition="2024", start_date=date(2024, 5, 20), end_date=None, source=SOURCE)
BLACK = ListKey(ListKind.BLACKLIST, 1)
RED = ListKey(ListKind.REDLIST, 1)


CATALOGUE = MeasureCatalogue(
    {
        one.code: one
        for one in (
            measure("always", "2021", "2024"),
            measure("dropped", "2021"),
            measure("added", "2024"),
            measure("memorandum"),
            measure("ending", "2021", "2024", end_date=date(2025, 1, 1)),
            measure("anybody", "2024", persons=True),
            measure("incentive", kind=ListKind.REDLIST),
        )
    },
    (FIRST, SECOND),
)


@pytest.mark.parametrize(
    ("code", "key", "day", "allowed"),
    [
        pytest.param("always", BLACK, date(2021, 12, 15), False, id="before-the-first-edition"),
        pytest.param("always", BLACK, date(2021, 12, 16), True, id="first-day-of-an-edition"),
        pytest.param("dropped", BLACK, date(2024, 5, 19), True, id="last-day-of-its-edition"),
        pytest.param("dropped", BLACK, date(2024, 5, 20), False, id="the-next-edition-lacks-it"),
        pytest.param("added", BLACK, date(2024, 5, 19), False, id="not-yet-in-an-edition"),
        pytest.param("added", BLACK, date(2024, 5, 20), True, id="the-next-edition-has-it"),
        pytest.param("memorandum", BLACK, date(2024, 6, 1), False, id="in-no-edition"),
        pytest.param("ending", BLACK, date(2024, 12, 31), True, id="last-day-of-its-basis"),
        pytest.param("ending", BLACK, date(2025, 1, 1), False, id="its-basis-ended"),
        pytest.param("always", ListKey(ListKind.BLACKLIST, 2), date(2022, 1, 1), True, id="field"),
        pytest.param(
            "always", ListKey(ListKind.BLACKLIST, 3), date(2022, 1, 1), False, id="other-field"
        ),
        pytest.param("always", RED, date(2022, 1, 1), False, id="punishment-on-a-redlist"),
        pytest.param("incentive", RED, date(2020, 1, 1), True, id="incentive-needs-no-edition"),
        pytest.param("incentive", RED, date(2019, 12, 31), False, id="incentive-without-basis"),
        pytest.param("incentive", BLACK, date(2022, 1, 1), False, id="incentive-on-a-blacklist"),
    ],
)
def test_a_measure_is_allowed_where_law_and_list_have_it(
    code: str, key: ListKey, day: date, *, allowed: bool
) -> None:
    """国办发〔2020〕49号: a measure only while the list in force has it (清单制管理)."""
    if allowed:
        CATALOGUE.require_allowed([code], key, day)
        return
    with pytest.raises(MeasureNotAllowedError) as error:
        CATALOGUE.require_allowed([code], key, day)

    assert error.value.facts["measure"] == code


@pytest.mark.parametrize(("code", "allowed"), [("anybody", True), ("always", False)])
def test_some_measures_are_for_enterprises_only(code: str, *, allowed: bool) -> None:
    """A ban from the industry cannot be put on a person."""
    if allowed:
        CATALOGUE.require_allowed([code], BLACK, date(2024, 6, 1), person=True)
        return
    with pytest.raises(MeasureNotAllowedError, match="not for persons"):
        CATALOGUE.require_allowed([code], BLACK, date(2024, 6, 1), person=True)


def test_the_first_measure_that_is_not_allowed_is_named() -> None:
    """One bad measure refuses the decision, and the edition in force is said."""
    with pytest.raises(MeasureNotAllowedError) as error:
        CATALOGUE.require_allowed(["always", "dropped"], BLACK, date(2024, 6, 1))

    assert error.value.facts["measure"] == "dropped"
    assert "edition 2024 is in force" in error.value.message


def test_a_measure_that_the_catalogue_lacks_is_unknown() -> None:
    """A code that nobody wrote down is no measure."""
    with pytest.raises(MeasureUnknownError):
        CATALOGUE.require_allowed(["invented"], BLACK, date(2024, 6, 1))


def test_no_measure_is_not_one_that_is_not_allowed() -> None:
    """Nothing that is given is judged where nothing is given."""
    CATALOGUE.require_allowed([], BLACK, date(2000, 1, 1))

    assert CATALOGUE.edition_on(date(2000, 1, 1)) is None
