"""What is wrong with covers, and who insures, by the project's own policies."""

from datetime import date

import pytest

from services.scoring.commands.insurance.cover_judging import COVER_POLICY
from services.scoring.commands.insurance.obligations import FLOOR, OBLIGATION
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.insurance import (
    Activity,
    FindingKind,
    ObligationClass,
    months_between,
)
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.store.policies import load_vocabulary
from tests.fakes.insurance_commands import BUILDER, DAY, Insurance
from tests.fakes.insurance_world import endorsed, insured
from tests.fakes.scoring_policies import POLICIES

COMPULSORY, KEY = ObligationClass.COMPULSORY, ObligationClass.KEY
HOTEL = "H6110"
XICHENG, CHAOYANG = 110102, 110105


def test_persons_of_several_covers_add_up(world: Insurance) -> None:
    """Each licence may have a policy of its own; one person short is found."""
    number = world.enterprise()
    insured(world.store, number, insured_headcount=20)
    second = insured(world.store, number, insured_headcount=29)

    (finding,) = world.cover(number).findings
    endorsed(world.store, number, second, effective=DAY, insured_headcount=30)

    assert finding.kind is FindingKind.NOT_ALL_EMPLOYEES
    assert (finding.found, finding.asked, finding.unit) == (49, 50, "person")
    assert len(finding.record_ids) == 2
    assert world.kinds(number) == []


@pytest.mark.parametrize(
    ("start", "limit_fen", "kinds"),
    [
        pytest.param(date(2025, 3, 28), 30_000_000, [FindingKind.UNDERINSURED], id="older-floor"),
        pytest.param(
            date(2025, 3, 28),
            29_999_999,
            [FindingKind.UNDERINSURED, FindingKind.LIMIT_BELOW_FLOOR],
            id="under-the-older-floor",
        ),
        pytest.param(
            date(2025, 3, 29),
            39_999_999,
            [FindingKind.UNDERINSURED, FindingKind.LIMIT_BELOW_FLOOR],
            id="under-the-newer-floor",
        ),
        pytest.param(date(2025, 3, 29), 40_000_000, [], id="at-the-newer-floor"),
    ],
)
def test_a_limit_is_held_against_the_floor_of_the_first_day(
    world: Insurance, start: date, limit_fen: int, kinds: list[FindingKind]
) -> None:
    """A cover that was right when it began is not under its floor, but short of today's."""
    number = world.enterprise()
    insured(world.store, number, start=start, limit_per_person_fen=limit_fen)

    assert world.kinds(number) == kinds


def test_a_limit_under_the_floor_says_by_how_much(world: Insurance) -> None:
    """Found and asked, with the policy that is meant."""
    number = world.enterprise()
    policy = insured(world.store, number, start=date(2025, 4, 1), limit_per_person_fen=39_999_999)

    finding = next(
        one for one in world.cover(number).findings if one.kind is FindingKind.LIMIT_BELOW_FLOOR
    )

    assert (finding.found, finding.asked, finding.unit) == (39_999_999, 40_000_000, "fen")
    assert finding.record_ids == (policy,)


def test_an_aggregate_limit_must_pay_for_one_person(world: Insurance) -> None:
    """An aggregate limit below the limit per person is short."""
    number = world.enterprise()
    insured(world.store, number, aggregate_limit_fen=39_999_999)

    (finding,) = world.cover(number).findings

    assert finding.kind is FindingKind.UNDERINSURED
    assert (finding.found, finding.asked) == (39_999_999, 40_000_000)


@pytest.mark.parametrize(
    ("end", "kinds"),
    [
        pytest.param(date(2025, 5, 3), [], id="29-days"),
        pytest.param(date(2025, 5, 2), [FindingKind.LAPSED], id="30-days"),
    ],
)
def test_cover_lapses_when_none_follows_in_time(
    world: Insurance, end: date, kinds: list[FindingKind]
) -> None:
    """Of a hotel in Chaoyang, which is to insure before others."""
    number = world.enterprise(HOTEL)
    policy = insured(world.store, number, end=end)

    findings = world.cover(number).findings

    assert [one.kind for one in findings] == kinds
    assert all(one.record_ids == (policy,) and one.found == 30 for one in findings)


def test_a_successor_ends_the_lapse(world: Insurance) -> None:
    """However late it came."""
    number = world.enterprise(HOTEL)
    insured(world.store, number, end=date(2025, 2, 1))
    insured(world.store, number, start=date(2025, 5, 30), end=date(2026, 5, 30))

    assert world.kinds(number) == []


@pytest.mark.parametrize(
    ("plans", "kinds"),
    [
        pytest.param(("a", "b"), [FindingKind.TWO_PLANS], id="two"),
        pytest.param(("a", "a"), [], id="one"),
        pytest.param(("a", ""), [], id="one-and-none-named"),
    ],
)
def test_two_rate_plans_at_once_are_found(
    world: Insurance, plans: tuple[str, str], kinds: list[FindingKind]
) -> None:
    """An enterprise is insured under one plan."""
    number = world.enterprise()
    policies = [insured(world.store, number, insured_headcount=25) for _ in plans]
    world.terms.plans.update(zip(policies, plans, strict=True))

    assert world.kinds(number) == kinds


def test_findings_are_listed_by_kind_place_and_page(world: Insurance) -> None:
    """Only whom a kind was found of, with everything that is wrong there."""
    bare = world.enterprise()
    short = world.enterprise()
    insured(world.store, short, insured_headcount=49, limit_per_person_fen=1)
    right = world.enterprise()
    insured(world.store, right)
    elsewhere = world.enterprise(division=XICHENG)

    everything = world.findings()
    uninsured = world.findings(FindingKind.UNINSURED)
    chaoyang = world.findings(
        FindingKind.UNINSURED, wanted=EnterpriseFilter(division="110105", industry="E")
    )
    first = world.findings(size=1)
    second = world.findings(size=1, token=first.next_token)

    assert [row.subject_id for row in everything.rows] == [bare, short, elsewhere]
    assert [one.kind for one in everything.rows[1].findings] == [
        FindingKind.NOT_ALL_EMPLOYEES,
        FindingKind.UNDERINSURED,
        FindingKind.LIMIT_BELOW_FLOOR,
    ]
    assert [row.subject_id for row in uninsured.rows] == [bare, elsewhere]
    assert [row.subject_id for row in chaoyang.rows] == [bare]
    assert [row.subject_id for row in (*first.rows, *second.rows)] == [bare, short]
    assert second.next_token


def test_lists_and_single_answers_agree(world: Insurance) -> None:
    """One enterprise is a population of one."""
    numbers = [world.enterprise(one) for one in (BUILDER, HOTEL, BUILDER, BUILDER)]
    insured(world.store, numbers[1], end=date(2025, 4, 1))
    insured(world.store, numbers[2], insured_headcount=1)
    policy = insured(world.store, numbers[3])
    endorsed(world.store, numbers[3], policy, effective=DAY, cancelled=True)

    listed = {row.subject_id: row.findings for row in world.findings().rows}

    assert {number: world.cover(number).findings for number in numbers} == listed


def test_participation_is_counted_by_month(world: Insurance) -> None:
    """At the last day of each month; the month asked from ends with the day asked for."""
    first, second, third = (world.enterprise() for _ in range(3))
    world.enterprise("I6510")
    insured(world.store, first, issued=date(2025, 4, 10), start=date(2025, 4, 30))
    insured(
        world.store, second, issued=date(2025, 4, 10), start=date(2025, 5, 1), end=date(2025, 6, 1)
    )
    world.store.change(third, date(2025, 5, 31), state=4)

    assert world.participation(first_month=date(2025, 3, 15)) == [
        (3, None, "", 3, 0, 0, 0),
        (4, None, "", 3, 1, 0, 3333),
        (5, None, "", 2, 2, 0, 10000),
        (6, None, "", 2, 1, 0, 5000),
    ]


def test_participation_is_told_apart_by_place_and_industry(world: Insurance) -> None:
    """Who is obliged is for the asker to say; whom nobody can judge is counted apart."""
    insured(world.store, world.enterprise(division=XICHENG))
    world.enterprise(division=CHAOYANG)
    insured(world.store, world.enterprise(HOTEL, division=CHAOYANG))
    world.enterprise(None, division=CHAOYANG)
    classes = frozenset({COMPULSORY, KEY})

    assert world.participation(by_division=True, by_industry=True, classes=classes) == [
        (6, XICHENG, "E", 1, 1, 0, 10000),
        (6, CHAOYANG, "", 0, 0, 1, None),
        (6, CHAOYANG, "E", 1, 0, 0, 0),
        (6, CHAOYANG, "H", 1, 1, 0, 10000),
    ]
    assert world.participation(by_division=True, wanted=EnterpriseFilter(division="110102")) == [
        (6, XICHENG, "", 1, 1, 0, 10000)
    ]


def test_months_run_over_the_end_of_a_year() -> None:
    """Both ends are in."""
    months = months_between(date(2024, 11, 30), date(2025, 1, 1))

    assert months == [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)]


def test_what_was_known_then_is_counted_then(world: Insurance) -> None:
    """A policy recorded late does not change what was known before."""
    number = world.enterprise()
    known_at = world.store.point().recorded_time
    insured(world.store, number)

    before = world.cover(number, known_at=known_at)

    assert [one.kind for one in before.findings] == [FindingKind.UNINSURED]
    assert world.kinds(number) == []


def test_every_obligation_policy_can_be_answered(insurance_library: PolicyLibrary) -> None:
    """Grades are classes, and what is asked of the caller is an activity that can be declared."""
    shipped = {
        path.relative_to(POLICIES).parts[0]
        for path in POLICIES.glob("*/*.yaml")
        if "\nkind: obligation\n" in path.read_text(encoding="utf-8")
    }
    found = insurance_library.listed(OBLIGATION, field=0, division=None, as_of=None)
    activities = {one.name.lower() for one in Activity}

    assert {one.policy.file.split("/")[0] for one in found} == shipped
    for one in found:
        assert {grade.upper() for grade in one.plan.ladder} <= set(ObligationClass.__members__)
        assert one.plan.needs.requests <= activities
        assert FLOOR in one.plan.outputs


def test_every_finding_has_its_rule(insurance_library: PolicyLibrary) -> None:
    """The duties of the rules are the kinds of findings, in both versions."""
    versions = [
        one
        for one in insurance_library.listed("definition", field=0, division=None, as_of=None)
        if one.policy.policy_id == COVER_POLICY
    ]

    assert len(versions) == 2
    for one in versions:
        duties = [rule.target for rule in one.version.rules if rule.effect == "duty"]
        assert sorted(duties) == sorted(kind.name.lower() for kind in FindingKind)


def test_activities_have_the_numbers_of_the_vocabulary() -> None:
    """What is declared is stored by number."""
    codes = load_vocabulary(POLICIES).code_numbers["activity"]

    assert codes == {one.name.lower(): one.value for one in Activity}
