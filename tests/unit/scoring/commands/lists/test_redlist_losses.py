"""Which entry ends a redlisting because nobody is on two lists of a field at once."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.redlist_losses import what_takes_its_place
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_entry import ListKey, RemovalReason
from tests.fakes.list_entries import BLACKLIST, REDLIST, entry

END = date(2028, 6, 11)


def held(number: int, key: ListKey, start_date: date, end_date: date, **of: Any) -> HeldEntry:  # noqa: ANN401 -- parts of an entry.
    """Make an entry of the subject."""
    own = entry(number, list_key=key, subject_id=100, start_date=start_date, end_date=end_date)
    return HeldEntry(entry=own, case_id=number, publish_date=start_date, **of)


# Of a term of three years from 11 June 2025; it was lost on 1 July.
RED = held(
    2,
    REDLIST,
    date(2025, 6, 11),
    date(2025, 7, 1),
    state=EntryState.REMOVED,
    removal_reason=RemovalReason.CONDITION_BROKEN,
    removal_date=date(2025, 7, 1),
)
BLACK = held(3, BLACKLIST, date(2026, 7, 1), date(2027, 7, 1))


def found(*others: HeldEntry) -> int | None:
    """Give the number of the entry that ends the redlisting."""
    reading: Any = SimpleNamespace(
        point=SimpleNamespace(revision=5),
        entries=SimpleNamespace(of_subject=lambda *_: [RED, *others]),
    )
    other = what_takes_its_place(reading, RED, END)
    return other.entry_id if other else None


@pytest.mark.parametrize(
    ("other", "ends"),
    [
        pytest.param(held(3, REDLIST, date(2028, 2, 1), date(2031, 2, 1)), True, id="redlisting"),
        pytest.param(
            held(3, BLACKLIST, date(2028, 6, 10), date(2029, 6, 10)), True, id="on-its-last-day"
        ),
        pytest.param(
            held(3, BLACKLIST, date(2028, 6, 11), date(2029, 6, 11)), False, id="after-its-term"
        ),
        pytest.param(
            held(3, BLACKLIST, date(2024, 6, 12), date(2025, 6, 12)), True, id="until-its-first-day"
        ),
        pytest.param(
            held(3, BLACKLIST, date(2024, 6, 11), date(2025, 6, 11)), False, id="over-before-it"
        ),
        pytest.param(
            held(3, REDLIST, date(2022, 6, 11), date(2025, 6, 12)), False, id="earlier-redlisting"
        ),
        pytest.param(replace(BLACK, state=EntryState.CORRECTED), False, id="never-counted"),
        pytest.param(
            held(3, replace(BLACKLIST, field=2), date(2026, 7, 1), date(2027, 7, 1)),
            False,
            id="of-another-field",
        ),
    ],
)
def test_an_entry_of_the_field_ends_it_within_its_term(other: HeldEntry, *, ends: bool) -> None:
    """One of the blacklist, or a later one of the redlist, that shares a day with the term."""
    assert found(other) == (3 if ends else None)


def test_the_first_of_several_ends_it() -> None:
    """By their first days, in whatever order they were recorded."""
    later = held(4, BLACKLIST, date(2026, 7, 2), date(2027, 7, 2))

    assert found() is None
    assert found(later, BLACK) == 3
