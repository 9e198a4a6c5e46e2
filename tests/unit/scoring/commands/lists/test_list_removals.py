"""Where a redlisting ends because of a blacklisting."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.list_removals import break_redlist
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.list_entry import EntryRemoval
from tests.fakes.list_entries import REDLIST, entry

PUBLISHED = date(2025, 8, 21)
BLACK = HeldEntry(
    entry=replace(
        entry(1), subject_id=100, start_date=date(2025, 9, 25), end_date=date(2026, 9, 25)
    ),
    case_id=1,
    publish_date=PUBLISHED,
)


def red(start_date: date, end_date: date) -> HeldEntry:
    """Make an entry of the redlist."""
    own = entry(2, list_key=REDLIST, subject_id=100, start_date=start_date, end_date=end_date)
    return HeldEntry(entry=own, case_id=2, publish_date=PUBLISHED)


def store(*held: HeldEntry) -> Any:  # noqa: ANN401 -- a transaction.
    """Give a transaction over some entries of one subject."""
    kept: list[HeldEntry] = []
    return SimpleNamespace(
        point=SimpleNamespace(revision=5),
        entries=SimpleNamespace(
            of_subject=lambda number, _revision: list(held) if number == 100 else [],
            of_cases=lambda *_: {2: tuple(kept)},
        ),
        kept=kept,
        put_entry=kept.append,
        add_step=lambda *_: None,
        end_case=lambda *_, **_of: None,
    )


@pytest.mark.parametrize(
    ("start_date", "end_date", "ended"),
    [
        pytest.param(date(2025, 8, 21), date(2028, 8, 21), date(2025, 9, 25), id="before-it"),
        pytest.param(date(2025, 10, 1), date(2028, 10, 1), date(2025, 10, 1), id="within-it"),
        pytest.param(date(2026, 9, 24), date(2029, 9, 24), date(2026, 9, 24), id="its-last-day"),
        pytest.param(date(2026, 9, 25), date(2029, 9, 25), None, id="after-it"),
        pytest.param(date(2022, 9, 25), date(2025, 9, 25), None, id="over-where-it-begins"),
        pytest.param(date(2022, 9, 26), date(2025, 9, 26), date(2025, 9, 25), id="a-day-more"),
    ],
)
def test_a_redlisting_keeps_the_days_before_the_blacklisting(
    start_date: date, end_date: date, ended: date | None
) -> None:
    """One that no day shares with it is left alone."""
    write = store(red(start_date, end_date))

    changes = break_redlist(write, BLACK, day=date(2025, 10, 2), document_number="列1")

    assert [one.entry.end_date for one in write.kept] == ([ended] if ended else [])
    assert [isinstance(one, EntryRemoval) for one in changes] == ([True] if ended else [])
