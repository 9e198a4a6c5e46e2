"""The period for taking removed entries off copies: read from its file, with the calendar."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError
from services.scoring.store.list_sync_policy import FileListSyncPolicy, load_list_sync_policy
from tests.fakes.scoring_policies import POLICIES

SOURCE = """{instrument: 测试办法, document_number: 测1号, publish_date: 2020-01-01,
      effective_date: 2020-01-01, checked_date: 2025-01-01, confidence: assumed}"""
PERIOD = "  - {{start_date: {}, end_date: {}, working_days: {}, source: " + SOURCE + "}}\n"


def read(folder: Path, *periods: tuple[str, str, int]) -> FileListSyncPolicy:
    """Write periods into a folder of policies, and read them."""
    written = "removal_periods:\n"
    for start, end, days in periods:
        written += PERIOD.replace(SOURCE, "@").format(start, end, days).replace("@", SOURCE)
    (folder / "list-sync.yaml").write_text(written, encoding="utf-8")
    shutil.copyfile(POLICIES / "calendar.yaml", folder / "calendar.yaml")
    found = load_list_sync_policy(folder)
    assert found is not None
    return found


def test_the_projects_period_is_assumed_to_be_three_working_days() -> None:
    """Published on Friday 2025-06-06, a removal is due on Wednesday the 11th."""
    periods = load_list_sync_policy(POLICIES)

    assert periods is not None
    due = periods.due(date(2025, 6, 6))
    assert (due.date, due.provisional) == (date(2025, 6, 11), False)


def test_the_period_is_that_of_the_day_of_publication(tmp_path: Path) -> None:
    """A new rule counts from its first day on; Tuesday and Wednesday are working days."""
    periods = read(tmp_path, ("2024-01-01", "2025-06-11", 1), ("2025-06-11", "null", 2))

    assert periods.due(date(2025, 6, 10)).date == date(2025, 6, 11)
    assert periods.due(date(2025, 6, 11)).date == date(2025, 6, 13)


def test_a_deadline_in_a_year_that_nobody_announced_is_provisional(tmp_path: Path) -> None:
    """It is counted by weekends alone, and marked."""
    periods = read(tmp_path, ("2024-01-01", "null", 3))

    assert periods.due(date(2090, 1, 2)).provisional


def test_a_day_before_every_period_has_none(tmp_path: Path) -> None:
    """No period is stretched to days for which none was stated."""
    periods = read(tmp_path, ("2024-01-01", "null", 3))

    with pytest.raises(ListSyncPolicyInvalidError):
        periods.working_days(date(2023, 12, 31))


def test_a_folder_without_the_file_has_no_periods(tmp_path: Path) -> None:
    """The server starts; the one RPC that needs the file says what is missing."""
    assert load_list_sync_policy(tmp_path) is None


@pytest.mark.parametrize(
    "periods",
    [
        pytest.param([("2024-01-01", "null", 0)], id="no-working-day"),
        pytest.param([("2024-01-01", "2025-01-01", 3)], id="no-period-today"),
        pytest.param([("2024-01-01", "2025-01-01", 3), ("2025-01-02", "null", 3)], id="a-gap"),
        pytest.param([("2024-01-01", "null", 3), ("2025-01-01", "null", 3)], id="an-overlap"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, periods: list[tuple[str, str, int]]) -> None:
    """Gaps, overlaps and periods of nothing never reach an answer."""
    with pytest.raises(ListSyncPolicyInvalidError):
        read(tmp_path, *periods)
