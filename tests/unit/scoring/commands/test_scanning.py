"""Scanning: pages that are bounded in work, whoever matches."""

from datetime import date
from pathlib import Path

import pytest

from services.scoring.commands import scanning
from services.scoring.commands.grades.list_credit_grades import (
    GradePage,
    GradesWanted,
    ListCreditGrades,
)
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.standpoint import PageRequest, Standpoint
from services.scoring.domain.errors import PageOfAnotherPolicyError
from services.scoring.store.policies import load_policies
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_kept_grades import FakeKeptGrades
from tests.fakes.scoring_policies import ALL, write_policies
from tests.fakes.scoring_store import FakeStore

POLICY = "cn.test.grade"
TODAY = date(2025, 6, 1)


def listing(store: FakeStore, library: PolicyLibrary, clock: FixedClock) -> ListCreditGrades:
    """List grades from a store in memory that keeps none."""
    refresh = RefreshGrades(store, FakeKeptGrades(store), library, clock)
    return ListCreditGrades(store, library, refresh)


def page(
    command: ListCreditGrades, *, size: int, token: str = "", grades: tuple[str, ...] = ()
) -> GradePage:
    """Read a page."""
    wanted = GradesWanted(policy_id=POLICY, grades=grades)
    request = PageRequest(method="test", filter_bytes=b"", size=size, token=token)
    return command(wanted, Standpoint(as_of=TODAY), request)


def test_a_page_without_a_match_still_has_a_next_page(
    store: FakeStore, library: PolicyLibrary, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page evaluates so many at most; an empty one goes on where it stopped."""
    monkeypatch.setattr(scanning, "SCANNED_MAX", 4)
    numbers = [store.enterprise() for _ in range(9)]
    store.record("penalty", numbers[8], date(2025, 1, 1))
    command = listing(store, library, clock)
    found: list[int] = []
    sizes: list[int] = []
    token = ""

    for _ in range(3):
        answer = page(command, size=2, token=token, grades=("B",))
        sizes.append(len(answer.grades))
        found.extend(grade.subject.subject_id for grade in answer.grades)
        token = answer.next_token

    assert sizes == [0, 0, 1]
    assert found == [numbers[8]]
    assert token == ""


@pytest.mark.parametrize(("count", "more"), [(2, False), (3, True)])
def test_a_full_page_has_a_next_one_only_if_somebody_follows(
    store: FakeStore, library: PolicyLibrary, clock: FixedClock, *, count: int, more: bool
) -> None:
    """Two on a page of two end the list, a third begins another page."""
    for _ in range(count):
        store.enterprise()

    answer = page(listing(store, library, clock), size=2)

    assert len(answer.grades) == 2
    assert bool(answer.next_token) == more


def test_a_policy_replaced_between_pages_ends_the_list(
    store: FakeStore, library: PolicyLibrary, clock: FixedClock, tmp_path: Path
) -> None:
    """A page of other rules would not continue the page before."""
    for _ in range(3):
        store.enterprise()
    first = page(listing(store, library, clock), size=2)
    texts = {**ALL, "cn/grade.yaml": ALL["cn/grade.yaml"].replace("-10.5", "-11.5")}
    replaced = load_policies(write_policies(tmp_path, texts))

    with pytest.raises(PageOfAnotherPolicyError):
        page(listing(store, replaced, clock), size=2, token=first.next_token)
