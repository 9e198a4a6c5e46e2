"""Histories of enterprises: how a change rewrites them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.codes import EnterpriseState, Field
from services.credit.domain.enterprise import (
    Change,
    Period,
    Profile,
    Version,
    merged_by,
    rewrite,
    successor_violations,
    version_on,
)
from services.credit.domain.errors import BeforeFirstPeriodError, EnterpriseEndedError

ACTIVE = EnterpriseState.ACTIVE
FOUNDED = date(2020, 1, 1)
RENAMED = date(2022, 1, 1)
SEEN = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)


def profile(name: str) -> Profile:
    """Describe an enterprise."""
    return Profile(name=name, fields=frozenset({Field.WORK_SAFETY}), division=110105)


def versions(*periods: Period) -> tuple[Version, ...]:
    """Record periods."""
    return tuple(
        Version(row_id=place, period=period, recorded_revision=1, recorded_time=SEEN)
        for place, period in enumerate(periods, start=1)
    )


OLD = Period(profile=profile("旧名"), state=ACTIVE, start_date=FOUNDED, end_date=RENAMED)
NEW = Period(profile=profile("新名"), state=ACTIVE, start_date=RENAMED, document_number="更名1号")
HISTORY = versions(OLD, NEW)


def test_a_later_change_divides_the_last_period() -> None:
    """What was true before the change stays true, and keeps its document."""
    moved = profile("再更名")
    change = Change(effective_date=date(2024, 1, 1), document_number="变2号", profile=moved)

    rewriting = rewrite(HISTORY, change)

    assert rewriting.superseded_row_ids == (2,)
    assert rewriting.periods == (
        replace(NEW, end_date=date(2024, 1, 1)),
        Period(
            profile=moved,
            state=ACTIVE,
            start_date=date(2024, 1, 1),
            document_number="变2号",
        ),
    )


def test_a_change_on_the_first_day_of_a_period_replaces_it() -> None:
    """Nothing is left of a period that the change covers."""
    corrected = profile("正名")
    change = Change(effective_date=RENAMED, document_number="更正1号", profile=corrected)

    rewriting = rewrite(HISTORY, change)

    assert rewriting.superseded_row_ids == (2,)
    assert rewriting.periods == (
        Period(profile=corrected, state=ACTIVE, start_date=RENAMED, document_number="更正1号"),
    )


def test_a_change_of_state_keeps_later_names() -> None:
    """A closure that is recorded late does not undo a rename."""
    change = Change(
        effective_date=date(2021, 7, 1), document_number="注1号", state=EnterpriseState.CLOSED
    )

    rewriting = rewrite(HISTORY, change)

    names = [(one.profile.name, one.state.name, one.start_date) for one in rewriting.periods]
    assert names == [
        ("旧名", "ACTIVE", FOUNDED),
        ("旧名", "CLOSED", date(2021, 7, 1)),
        ("新名", "CLOSED", RENAMED),
    ]


def test_a_change_of_profile_joins_what_it_makes_equal() -> None:
    """From the change on there is one profile, so there is one period."""
    change = Change(effective_date=FOUNDED, document_number="更正2号", profile=profile("一贯名"))

    rewriting = rewrite(HISTORY, change)

    assert rewriting.superseded_row_ids == (1, 2)
    assert [(one.start_date, one.end_date) for one in rewriting.periods] == [(FOUNDED, None)]


def test_a_change_before_the_first_day_is_refused() -> None:
    """The day before the first period belongs to no history; the first day does."""
    change = Change(
        effective_date=FOUNDED - timedelta(days=1), document_number="1号", profile=profile("名")
    )

    with pytest.raises(BeforeFirstPeriodError) as error:
        rewrite(HISTORY, change)

    assert error.value.facts["first_date"] == "2020-01-01"


@pytest.mark.parametrize("state", [EnterpriseState.MERGED, EnterpriseState.CLOSED])
def test_an_enterprise_that_ended_does_not_change(state: EnterpriseState) -> None:
    """Merger and closure end the legal person."""
    ended = versions(OLD, replace(NEW, state=state))
    change = Change(effective_date=date(2024, 1, 1), document_number="1号", profile=NEW.profile)

    with pytest.raises(EnterpriseEndedError) as error:
        rewrite(ended, change)

    assert error.value.facts["end_date"] == "2022-01-01"


def test_an_enterprise_that_was_split_may_change() -> None:
    """A split may leave the enterprise in being."""
    split = versions(OLD, replace(NEW, state=EnterpriseState.SPLIT))
    change = Change(effective_date=date(2024, 1, 1), document_number="1号", state=ACTIVE)

    assert rewrite(split, change).periods[-1].state is ACTIVE


def test_an_enterprise_is_merged_from_the_day_on() -> None:
    """The day before, it still takes records."""
    merged = versions(OLD, replace(NEW, state=EnterpriseState.MERGED))

    assert not merged_by(merged, RENAMED - timedelta(days=1))
    assert merged_by(merged, RENAMED)


@pytest.mark.parametrize(
    ("state", "count", "right"),
    [
        pytest.param(EnterpriseState.MERGED, 0, False, id="merger-without-successor"),
        pytest.param(EnterpriseState.MERGED, 1, True, id="merger-into-one"),
        pytest.param(EnterpriseState.MERGED, 2, False, id="merger-into-two"),
        pytest.param(EnterpriseState.SPLIT, 0, False, id="split-without-successor"),
        pytest.param(EnterpriseState.SPLIT, 1, True, id="split-off-one"),
        pytest.param(EnterpriseState.SPLIT, 3, True, id="split-into-three"),
        pytest.param(EnterpriseState.CLOSED, 0, True, id="closure"),
        pytest.param(EnterpriseState.CLOSED, 1, False, id="closure-with-successor"),
        pytest.param(None, 0, True, id="rename"),
        pytest.param(None, 1, False, id="rename-with-successor"),
    ],
)
def test_successors_fit_the_state(
    state: EnterpriseState | None, count: int, *, right: bool
) -> None:
    """A merger has one successor, a split at least one, nothing else has any."""
    assert (successor_violations(state, count) == ()) is right


DAYS = st.dates(min_value=FOUNDED, max_value=date(2025, 6, 1))
CHANGES = st.builds(
    Change,
    effective_date=DAYS,
    document_number=st.sampled_from(["甲", "乙"]),
    profile=st.none() | st.sampled_from(["甲", "乙", "丙"]).map(profile),
    state=st.sampled_from([None, ACTIVE, EnterpriseState.SPLIT]),
)


def applied(history: Sequence[Version], change: Change, revision: int) -> tuple[Version, ...]:
    """Give the current versions after a change."""
    rewriting = rewrite(history, change)
    kept = [one for one in history if one.row_id not in rewriting.superseded_row_ids]
    added = [
        Version(
            row_id=revision * 100 + place,
            period=period,
            recorded_revision=revision,
            recorded_time=SEEN,
        )
        for place, period in enumerate(rewriting.periods)
    ]
    return tuple(sorted([*kept, *added], key=lambda one: one.period.start_date))


@given(changes=st.lists(CHANGES, max_size=12))
def test_current_periods_never_overlap_and_leave_no_gap(changes: list[Change]) -> None:
    """At any one instant of knowledge every day from the first on has exactly one period."""
    history = versions(Period(profile=profile("始"), state=ACTIVE, start_date=FOUNDED))

    for revision, change in enumerate(changes, start=2):
        history = applied(history, change, revision)

    assert history[0].period.start_date == FOUNDED
    assert history[-1].period.end_date is None
    assert all(one.period.end_date == after.period.start_date for one, after in pairwise(history))


@given(changes=st.lists(CHANGES, min_size=1, max_size=6), day=DAYS)
def test_a_change_decides_every_day_from_its_own_on(changes: list[Change], day: date) -> None:
    """The last change holds from its day on, and what came before it is untouched."""
    history = versions(Period(profile=profile("始"), state=ACTIVE, start_date=FOUNDED))
    for revision, change in enumerate(changes[:-1], start=2):
        history = applied(history, change, revision)
    last = changes[-1]

    after = applied(history, last, len(changes) + 1)

    before_it, since_it = version_on(history, day), version_on(after, day)
    assert before_it is not None
    assert since_it is not None
    if day < last.effective_date:
        assert since_it.profile == before_it.profile
        assert since_it.period.document_number == before_it.period.document_number
    else:
        assert since_it.profile == (last.profile or before_it.profile)
        assert since_it.period.state == (last.state or before_it.period.state)
