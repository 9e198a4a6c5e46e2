"""The guard against publications that shrink a list too much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.database import Database
from services.scoring.domain.list_feed_errors import (
    ListShrinksError,
    ShrinkApprovalUnfitError,
)
from services.scoring.domain.list_shrinking import ShrinkApproval, ShrinkLimits
from services.scoring.store.list_shrinking import ShrinkGuard
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import caller, publish

TEN_PERCENT = ShrinkLimits(share_percent=10, exempt_below=20)
APPROVER = caller("approver")


def approve(embedded: Database, removals_max: int, *, by: str = "approver") -> str:
    """Approve a shrinking; give the approval's identifier."""
    with embedded.write(caller=replace(APPROVER, identity=by), method="test") as write:
        approval = ShrinkApproval(removals_max=removals_max, document_number="批〔2025〕1号")
        number = ShrinkGuard(write, TEN_PERCENT).approve(BLACKLIST, approval)
        write.commit()
    return f"a-{number}"


def listed(embedded: Database, number_max: int) -> None:
    """List entries 1 up to a number."""
    publish(embedded, [entry(number) for number in range(1, number_max + 1)])


@pytest.mark.parametrize(
    ("before", "removed", "allowed"),
    [
        pytest.param(20, 2, True, id="ten-percent-is-allowed"),
        pytest.param(20, 3, False, id="more-than-ten-percent-is-not"),
        pytest.param(19, 19, True, id="a-short-list-is-exempt"),
    ],
)
def test_a_list_shrinks_by_a_share_without_approval(
    embedded: Database, before: int, removed: int, *, allowed: bool
) -> None:
    """A list of 20 may lose 2 of its entries at ten percent; below 20 it is exempt."""
    listed(embedded, before)
    changes = [removal(number) for number in range(1, removed + 1)]

    if allowed:
        assert publish(embedded, changes, limits=TEN_PERCENT) == {BLACKLIST: 2}
    else:
        with pytest.raises(ListShrinksError):
            publish(embedded, changes, limits=TEN_PERCENT)


def test_small_publications_do_not_together_do_what_one_may_not(
    embedded: Database, clock: FixedClock
) -> None:
    """The share is taken of the longest within a day; the day after, it counts anew."""
    listed(embedded, 20)
    publish(embedded, [removal(1), removal(2)], limits=TEN_PERCENT)
    with pytest.raises(ListShrinksError):
        publish(embedded, [removal(3)], limits=TEN_PERCENT)

    clock.advance(timedelta(hours=25))

    # 18 entries; one of them is less than ten percent.
    assert publish(
        embedded,
        [removal(3)],
        limits=ShrinkLimits(share_percent=10, exempt_below=18),
    ) == {BLACKLIST: 3}


def test_an_approval_is_good_for_one_publication_and_counts_anew_after_it(
    embedded: Database,
) -> None:
    """Twenty entries may become fifteen with an approval, and not ten with the same."""
    limits = ShrinkLimits(share_percent=10, exempt_below=10)
    listed(embedded, 20)
    approval = approve(embedded, 5)

    publish(embedded, [removal(number) for number in range(1, 6)], limits=limits, approval=approval)

    # One of fifteen is below ten percent of what was approved; five more are not.
    publish(embedded, [removal(6)], limits=limits)
    with pytest.raises(ShrinkApprovalUnfitError):
        publish(
            embedded,
            [removal(number) for number in range(7, 12)],
            limits=limits,
            approval=approval,
        )


def test_an_approval_is_found_without_being_named(embedded: Database) -> None:
    """A job that removes what has expired goes on once somebody approved, without being told."""
    listed(embedded, 20)
    approve(embedded, 3)

    versions = publish(embedded, [removal(1), removal(2), removal(3)], limits=TEN_PERCENT)

    assert versions == {BLACKLIST: 2}


@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
@pytest.mark.parametrize(
    ("by", "removals_max", "days"),
    [
        pytest.param("publisher", 3, 0, id="the-publishers-own"),
        pytest.param("approver", 2, 0, id="for-fewer-removals"),
        pytest.param("approver", 3, 8, id="older-than-a-week"),
    ],
)
def test_an_approval_that_does_not_fit_does_not_help(
    embedded: Database,
    clock: FixedClock,
    by: str,
    removals_max: int,
    days: int,
    *,
    named: bool,
) -> None:
    """It takes another person, for so many removals, within a week."""
    listed(embedded, 20)
    approval = approve(embedded, removals_max, by=by)
    clock.advance(timedelta(days=days))
    changes = [removal(1), removal(2), removal(3)]

    with pytest.raises(ShrinkApprovalUnfitError if named else ListShrinksError):
        publish(embedded, changes, limits=TEN_PERCENT, approval=approval if named else "")
