"""The guard against publications that shrink a list too much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.common.database import Database
from services.scoring.domain.list_entry import ListKey, RemovalReason
from services.scoring.domain.list_feed_errors import (
    ListShrinksError,
    ShrinkApprovalUnfitError,
)
from services.scoring.domain.list_shrinking import BY_LAW, ShrinkApproval, ShrinkLimits
from services.scoring.store.list_heads import read_head
from services.scoring.store.list_shrinking import ShrinkGuard
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, REDLIST, entry, removal
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
    """Who removes early goes on once somebody approved, without being told."""
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


# What the law removes ------------------------------------------------------------

GUARDED = ShrinkLimits(share_percent=10, exempt_below=10)


def by_law(
    embedded: Database, *numbers: int, reason: RemovalReason = RemovalReason.EXPIRED
) -> dict[ListKey, int]:
    """Let the procedure of the lists remove some entries."""
    changes = [removal(number, reason=reason) for number in numbers]
    return publish(embedded, changes, limits=GUARDED, by_procedure=True)


def decided(embedded: Database, *numbers: int) -> dict[ListKey, int]:
    """Let the procedure remove some entries early, by decision."""
    changes = [removal(number, reason=RemovalReason.EARLY) for number in numbers]
    return publish(embedded, changes, limits=GUARDED, by_procedure=True)


def standing(database: Database) -> tuple[int, int, int]:
    """Give the last version, its entries, and the version that was last warned of."""
    with database.read() as reading:
        head = read_head(reading.connection, BLACKLIST)
    return head.version, head.entry_count, head.warned_version


@pytest.mark.parametrize("reason", sorted(BY_LAW))
def test_nothing_that_the_law_demands_is_held_back(
    database: Database, reason: RemovalReason
) -> None:
    """All of a list may expire, be corrected, or lose its conditions; it is told, not stopped."""
    listed(database, 20)

    assert by_law(database, *range(1, 21), reason=reason) == {BLACKLIST: 2}

    assert standing(database) == (2, 0, 2)


def test_what_people_decide_is_held_back_all_the_same(database: Database) -> None:
    """Of twenty, three may not be removed early; nor may three expire if outsiders say so."""
    listed(database, 20)

    with pytest.raises(ListShrinksError) as early:
        decided(database, 1, 2, 3)
    with pytest.raises(ListShrinksError):
        publish(database, [removal(number) for number in (1, 2, 3)], limits=GUARDED)

    facts = early.value.facts
    assert (facts["entries_decided"], facts["entries_after"]) == ("3", "17")
    assert standing(database) == (1, 20, 0)


@pytest.mark.parametrize(
    ("removed", "warned"),
    [
        pytest.param(2, 0, id="the-share-itself"),
        pytest.param(3, 2, id="one-more"),
    ],
)
def test_more_than_the_share_is_warned_of(embedded: Database, removed: int, warned: int) -> None:
    """Ten percent of twenty are two."""
    listed(embedded, 20)

    by_law(embedded, *range(1, removed + 1))

    assert standing(embedded)[2] == warned


def test_small_corrections_are_warned_of_together(embedded: Database, clock: FixedClock) -> None:
    """A worker that corrects one entry after another is noticed at the third of twenty."""
    listed(embedded, 20)
    by_law(embedded, 1, reason=RemovalReason.CORRECTED)
    by_law(embedded, 2, reason=RemovalReason.CORRECTED)
    assert standing(embedded)[2] == 0

    by_law(embedded, 3, reason=RemovalReason.CORRECTED)

    assert standing(embedded) == (4, 17, 4)
    clock.advance(timedelta(hours=25))
    by_law(embedded, 4)
    # A day later one of seventeen is below ten percent; the last warning stays.
    assert standing(embedded) == (5, 16, 4)


def test_what_the_law_removed_does_not_use_up_what_decisions_may(embedded: Database) -> None:
    """Of forty, twenty expire; of the twenty that are left two may go early, and not three."""
    listed(embedded, 40)
    by_law(embedded, *range(1, 21))

    with pytest.raises(ListShrinksError):
        decided(embedded, 21, 22, 23)
    decided(embedded, 21, 22)

    assert standing(embedded)[:2] == (3, 18)


def test_what_the_law_removed_does_not_hide_what_decisions_took(embedded: Database) -> None:
    """Two of twenty went early; when ten more have expired, not one more may go early."""
    listed(embedded, 20)
    decided(embedded, 1, 2)
    by_law(embedded, *range(3, 13))

    with pytest.raises(ListShrinksError):
        decided(embedded, 13)


def test_a_refused_publication_changes_nothing_for_later_ones(embedded: Database) -> None:
    """Three are held back; then one expires, and two may go early as if nobody had tried."""
    listed(embedded, 21)
    with pytest.raises(ListShrinksError):
        decided(embedded, 1, 2, 3)

    by_law(embedded, 1)
    decided(embedded, 2, 3)

    with pytest.raises(ListShrinksError):
        decided(embedded, 4)


def test_an_approval_counts_decisions_alone(embedded: Database) -> None:
    """Three early removals fit an approval of three, whatever expires in the same publication."""
    listed(embedded, 20)
    approve(embedded, 3)
    changes = [
        *(removal(number, reason=RemovalReason.EARLY) for number in (1, 2, 3)),
        *(removal(number) for number in (4, 5, 6)),
    ]

    versions = publish(embedded, changes, limits=GUARDED, by_procedure=True)

    assert versions == {BLACKLIST: 2}
    # The approval starts the count of decisions anew; what expired is warned of all the same.
    assert standing(embedded) == (2, 14, 2)
    decided(embedded, 7)


def test_a_list_that_was_short_stays_exempt_and_one_that_became_so_is_not(
    embedded: Database,
) -> None:
    """Nine entries are exempt at ten; eleven of which the law took six are not."""
    listed(embedded, 11)
    by_law(embedded, *range(1, 7))
    with pytest.raises(ListShrinksError):
        decided(embedded, 7)

    publish(embedded, [entry(number, list_key=REDLIST) for number in range(101, 110)])
    gone = [
        removal(number, list_key=REDLIST, reason=RemovalReason.EARLY) for number in range(101, 110)
    ]
    assert publish(embedded, gone, limits=GUARDED, by_procedure=True) == {REDLIST: 2}
