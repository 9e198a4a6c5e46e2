"""A listing goes on until the major hazards that were open at its end are removed."""

from datetime import date

import pytest

from services.scoring.domain.hazard_extension import MajorHazard, extended_end

END = date(2026, 9, 11)


@pytest.mark.parametrize(
    ("found", "removed", "end"),
    [
        pytest.param((8, 1), (11, 1), (11, 1), id="open-at-the-end-and-removed-later"),
        pytest.param((9, 10), (9, 12), (9, 12), id="found-on-the-last-day"),
        pytest.param((9, 11), (9, 12), (9, 11), id="found-on-the-day-after"),
        pytest.param((8, 1), (9, 11), (9, 11), id="removed-on-the-day-after-the-last"),
        pytest.param((8, 1), (9, 1), (9, 11), id="removed-before-the-end"),
        pytest.param((8, 1), None, None, id="never-removed"),
        pytest.param((10, 5), None, (9, 11), id="found-later-and-never-removed"),
    ],
)
def test_a_hazard_counts_by_the_last_day_of_the_term(
    found: tuple[int, int], removed: tuple[int, int] | None, end: tuple[int, int] | None
) -> None:
    """What was found by then and not removed by the next day; whatever was known by then."""
    hazard = MajorHazard(date(2026, *found), None if removed is None else date(2026, *removed))

    assert extended_end(END, [hazard]) == (None if end is None else date(2026, *end))


def test_the_last_of_several_hazards_ends_it() -> None:
    """Two were open at the end; one of them still is, or both are removed."""
    first = MajorHazard(date(2026, 8, 1), date(2026, 10, 1))
    second = MajorHazard(date(2026, 8, 2), date(2026, 12, 1))

    assert extended_end(END, []) == END
    assert extended_end(END, [second, first]) == date(2026, 12, 1)
    assert extended_end(END, [first, MajorHazard(date(2026, 8, 3), None)]) is None
