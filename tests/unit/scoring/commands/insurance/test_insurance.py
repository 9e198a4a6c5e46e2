"""Obligation and cover, over a store in memory and the project's own policies."""

from datetime import date
from typing import Any

import pytest

from services.scoring.commands.insurance.list_obligations import ListObligations
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.errors import PolicyNotInForceError
from services.scoring.domain.insurance import (
    FindingKind,
    IndustryUnknownError,
    ObligationClass,
)
from services.scoring.domain.viewpoint import EnterpriseFilter
from tests.fakes.insurance_commands import BUILDER, DAY, Insurance, page
from tests.fakes.insurance_world import endorsed, insured

COMPULSORY, KEY, ENCOURAGED, NONE = (
    ObligationClass.COMPULSORY,
    ObligationClass.KEY,
    ObligationClass.ENCOURAGED,
    ObligationClass.NONE,
)
HOTEL = "H6110"
XICHENG, CHAOYANG, CHONGCHUAN, SHANGHAI = 110102, 110105, 320613, 310101


# Obligation ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("division", "industry", "owed", "policy_id"),
    [
        pytest.param(CHAOYANG, BUILDER, COMPULSORY, "cn.beijing.chaoyang", id="chaoyang-builds"),
        pytest.param(CHAOYANG, HOTEL, KEY, "cn.beijing.chaoyang", id="chaoyang-crowds"),
        pytest.param(CHAOYANG, "D4511", KEY, "cn.beijing.chaoyang", id="chaoyang-gas"),
        pytest.param(CHAOYANG, "I6510", ENCOURAGED, "cn.beijing.chaoyang", id="chaoyang-office"),
        pytest.param(XICHENG, HOTEL, ENCOURAGED, "cn.beijing", id="xicheng-as-beijing"),
        pytest.param(XICHENG, "B0610", COMPULSORY, "cn.beijing", id="xicheng-mine"),
        pytest.param(CHONGCHUAN, "A0412", COMPULSORY, "cn.jiangsu.nantong", id="chongchuan-fish"),
        pytest.param(SHANGHAI, "C2671", COMPULSORY, "cn.insurance", id="elsewhere-explosives"),
        pytest.param(None, "C3130", ENCOURAGED, "cn.insurance", id="nobody-knows-where"),
    ],
)
def test_the_place_and_the_industry_decide(
    world: Insurance,
    division: int | None,
    industry: str,
    owed: ObligationClass,
    policy_id: str,
) -> None:
    """The most local policy answers, with its source."""
    number = world.enterprise(industry, division=division)

    answer = world.obligation(number)

    assert answer.owed is owed
    assert answer.basis.policy.policy.policy_id.startswith(policy_id)
    assert answer.lines[-1].source.instrument


@pytest.mark.parametrize(
    ("declared", "said", "owed"),
    [
        pytest.param(0, {}, ENCOURAGED, id="nothing-declared"),
        pytest.param(1 << 2, {}, KEY, id="large-events-declared"),
        pytest.param(1 << 3, {}, KEY, id="crowds-declared"),
        pytest.param(1 << 1 | 1 << 2, {}, COMPULSORY, id="hazardous-chemicals-declared"),
        pytest.param(0, {"crowded_place": True}, KEY, id="said-by-the-question"),
        pytest.param(1 << 1, {"hazardous_chemicals": False}, ENCOURAGED, id="denied-by-it"),
    ],
)
def test_what_is_declared_counts_unless_the_question_says_otherwise(
    world: Insurance, declared: int, said: dict[str, bool], owed: ObligationClass
) -> None:
    """An office that handles hazardous chemicals must insure (朝政办发〔2019〕10号 item 21)."""
    number = world.enterprise("I6510", activities=declared)

    assert world.obligation(number, said=said).owed is owed


def test_the_floor_is_that_of_the_day(world: Insurance) -> None:
    """300,000 yuan until 2025-03-28, 400,000 from the next day (应急〔2025〕27号 art. 15)."""
    number = world.enterprise()

    before, after = (
        world.obligation(number, day) for day in (date(2025, 3, 28), date(2025, 3, 29))
    )

    assert (before.floor_fen, after.floor_fen) == (30_000_000, 40_000_000)
    assert before.valid_until_date == date(2025, 3, 29)
    assert after.valid_until_date is None


def test_a_change_of_activities_ends_the_answer(world: Insurance) -> None:
    """The answer says until when it holds with nothing new."""
    number = world.enterprise("I6510")
    world.store.change(number, date(2025, 9, 1), activities=1 << 2)

    assert world.obligation(number).valid_until_date == date(2025, 9, 1)
    assert world.obligation(number, date(2025, 9, 1)).owed is KEY


def test_an_unknown_industry_is_refused_by_name(world: Insurance) -> None:
    """Nobody is told that nothing is owed for want of data."""
    number = world.enterprise(None)

    with pytest.raises(IndustryUnknownError) as error:
        world.obligation(number)

    assert error.value.facts["missing"] == "industry"


def test_what_has_closed_owes_nothing(world: Insurance) -> None:
    """Cover may end with the enterprise."""
    number = world.enterprise(state=4)

    assert world.obligation(number).owed is NONE
    assert world.kinds(number) == []


def test_before_any_policy_nothing_answers(world: Insurance) -> None:
    """The measures of 2017 came into force on 2018-01-01."""
    number = world.enterprise(division=SHANGHAI)

    with pytest.raises(PolicyNotInForceError):
        world.obligation(number, date(2017, 12, 31))


def test_obligations_are_listed_by_class_page_by_page(world: Insurance) -> None:
    """A list of two classes leaves the others out, and pages meet."""
    builder, hotel, _, unknown = (world.enterprise(one) for one in (BUILDER, HOTEL, "I6510", None))
    command = ListObligations(world.store, world.library)

    def listed(size: int, token: str = "", *classes: ObligationClass) -> Any:  # noqa: ANN401 -- a page.
        return command(
            frozenset(classes),
            Standpoint(as_of=DAY),
            wanted=EnterpriseFilter(division="110105"),
            page=page(size, token),
        )

    both = listed(100, "", COMPULSORY, KEY)
    first = listed(2)
    rest = listed(2, first.next_token)

    assert [(row.subject_id, row.owed) for row in both.rows] == [
        (builder, COMPULSORY),
        (hotel, KEY),
    ]
    assert both.rows[0].floor_fen == 40_000_000
    owed = [row.owed for row in (*first.rows, *rest.rows)]
    assert owed == [COMPULSORY, KEY, ENCOURAGED, ObligationClass.UNDECIDED]
    assert (rest.rows[-1].subject_id, rest.next_token) == (unknown, "")


# Cover -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "in_force"),
    [
        pytest.param(date(2025, 3, 31), 0, id="the-day-before"),
        pytest.param(date(2025, 4, 1), 1, id="the-first-day"),
        pytest.param(date(2026, 3, 31), 1, id="the-last-day"),
        pytest.param(date(2026, 4, 1), 0, id="the-day-after"),
    ],
)
def test_cover_is_in_force_from_its_first_to_its_last_day(
    world: Insurance, as_of: date, in_force: int
) -> None:
    """Periods are half-open."""
    number = world.enterprise()
    insured(world.store, number, start=date(2025, 4, 1), end=date(2026, 4, 1))

    assert len(world.cover(number, as_of).covers) == in_force


def test_a_cover_issued_later_was_not_there_yet(world: Insurance) -> None:
    """A policy dated back counts from the day on which it was issued."""
    number = world.enterprise()
    insured(world.store, number, issued=date(2025, 5, 2), start=date(2025, 1, 1))

    assert world.kinds(number, date(2025, 5, 1)) == [FindingKind.UNINSURED]
    assert world.kinds(number, date(2025, 5, 2)) == []


def test_another_insurance_is_no_cover(world: Insurance) -> None:
    """Employers' liability does not stand in for it."""
    number = world.enterprise()
    insured(world.store, number, insurance_kind=2)

    assert world.kinds(number) == [FindingKind.UNINSURED]


@pytest.mark.parametrize(
    ("as_of", "headcount", "premium_fen"),
    [
        pytest.param(date(2025, 2, 28), 40, 1_200_000, id="before-anything"),
        pytest.param(date(2025, 3, 1), 40, 1_250_000, id="issued-and-not-effective"),
        pytest.param(date(2025, 3, 10), 45, 1_250_000, id="effective"),
        pytest.param(date(2025, 5, 1), 48, 1_240_000, id="the-later-one"),
    ],
)
def test_endorsements_count_from_their_days(
    world: Insurance, as_of: date, headcount: int, premium_fen: int
) -> None:
    """Persons from the effective day, money from the day of issue."""
    number = world.enterprise()
    policy = insured(world.store, number, insured_headcount=40)
    # Recorded in the order in which they do not hold.
    endorsed(
        world.store,
        number,
        policy,
        effective=date(2025, 5, 1),
        insured_headcount=48,
        premium_change_fen=-10_000,
    )
    endorsed(
        world.store,
        number,
        policy,
        issued=date(2025, 3, 1),
        effective=date(2025, 3, 10),
        insured_headcount=45,
        premium_change_fen=50_000,
    )

    (cover,) = world.cover(number, as_of).covers

    assert (cover.insured_headcount, cover.premium_fen) == (headcount, premium_fen)
    assert cover.limit_per_person_fen == 40_000_000


def test_an_endorsement_that_never_was_changes_nothing(world: Insurance) -> None:
    """Revoked, it counts no more; asked for what was known before, it does."""
    number = world.enterprise()
    policy = insured(world.store, number, insured_headcount=50)
    endorsement = endorsed(
        world.store, number, policy, effective=date(2025, 5, 1), insured_headcount=10
    )
    known_at = world.store.point().recorded_time
    world.store.revoke(endorsement)

    assert world.kinds(number) == []
    assert world.cover(number, known_at=known_at).insured_headcount == 10


def test_cancelled_cover_ends_with_the_effective_day(world: Insurance) -> None:
    """退保: the day before is covered, the day itself is not, whatever was extended."""
    number = world.enterprise()
    policy = insured(world.store, number)
    endorsed(world.store, number, policy, effective=date(2025, 5, 20), cancelled=True)
    endorsed(world.store, number, policy, effective=date(2025, 5, 21), end_date=date(2026, 6, 1))

    assert len(world.cover(number, date(2025, 5, 19)).covers) == 1
    # Known since the day of issue; 12 days without cover are no lapse yet.
    assert world.kinds(number) == [FindingKind.UNINSURED]


def test_extended_cover_goes_on(world: Insurance) -> None:
    """A builder's cover may run on with the works."""
    number = world.enterprise()
    policy = insured(world.store, number, end=date(2025, 5, 1))
    endorsed(
        world.store,
        number,
        policy,
        issued=date(2025, 4, 20),
        effective=date(2025, 5, 1),
        end_date=date(2025, 6, 2),
    )

    assert world.kinds(number) == []
    assert world.kinds(number, date(2025, 6, 2)) == [FindingKind.UNINSURED]
