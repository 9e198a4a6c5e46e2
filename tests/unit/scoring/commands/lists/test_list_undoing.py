"""A redlisting is restored with the correction of what ended it, and overlaps nothing."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.list_case_ports import CaseFile
from services.scoring.commands.lists.list_undoing import undo_effects
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_entry import ListEntry, RemovalReason
from tests.fakes.list_course import Weekends, case
from tests.fakes.list_entries import BLACKLIST, REDLIST, entry

DAY = date(2029, 1, 10)


def held(number: int, key: Any, start_date: date, end_date: date, **of: Any) -> HeldEntry:  # noqa: ANN401 -- parts of an entry.
    """Make an entry of the subject in a case of the same number."""
    own: ListEntry = entry(
        number,
        list_key=key,
        subject_id=100,
        start_date=start_date,
        end_date=end_date,
        document_number=f"文{number}",
    )
    return HeldEntry(entry=own, case_id=number, publish_date=start_date, **of)


CORRECTED = held(1, BLACKLIST, date(2025, 7, 1), date(2026, 7, 1), state=EntryState.CORRECTED)
# Of a term of three years from 11 June 2025, ended by the first entry of the blacklist.
BROKEN = held(
    2,
    REDLIST,
    date(2025, 6, 11),
    date(2025, 7, 1),
    state=EntryState.REMOVED,
    removal_reason=RemovalReason.CONDITION_BROKEN,
    removal_document="文1",
    removal_date=date(2025, 7, 1),
)


@pytest.mark.parametrize(
    ("later", "state", "end_date"),
    [
        pytest.param(None, EntryState.IN_FORCE, date(2028, 6, 11), id="alone"),
        pytest.param(
            held(3, REDLIST, date(2028, 2, 1), date(2031, 2, 1)),
            EntryState.REMOVED,
            date(2028, 2, 1),
            id="up-to-a-later-redlisting",
        ),
        pytest.param(
            held(3, BLACKLIST, date(2028, 6, 10), date(2029, 6, 10)),
            EntryState.REMOVED,
            date(2028, 6, 10),
            id="up-to-a-blacklisting-on-its-last-day",
        ),
        pytest.param(
            held(3, BLACKLIST, date(2028, 6, 11), date(2029, 6, 11)),
            EntryState.IN_FORCE,
            date(2028, 6, 11),
            id="no-longer-than-its-term",
        ),
    ],
)
def test_a_restored_redlisting_overlaps_no_other_entry(
    later: HeldEntry | None, state: EntryState, end_date: date
) -> None:
    """It ends where the next entry of the blacklist or the redlist begins, or with its term."""
    kept: list[HeldEntry] = []
    everything = [CORRECTED, BROKEN, *([later] if later else [])]
    red = CaseFile(case=replace(case(redlist=True), case_id=2), steps=(), ended=True)
    write: Any = SimpleNamespace(
        point=SimpleNamespace(revision=5),
        entries=SimpleNamespace(
            of_subject=lambda *_: everything, of_cases=lambda *_: {2: tuple(kept)}
        ),
        cases=SimpleNamespace(files=lambda *_: {2: red, 3: red}),
        put_entry=kept.append,
        add_step=lambda *_: None,
        end_case=lambda *_, **_of: None,
    )

    undo_effects(write, CORRECTED, day=DAY, calendar=Weekends())

    (restored,) = kept
    assert (restored.state, restored.entry.end_date) == (state, end_date)
