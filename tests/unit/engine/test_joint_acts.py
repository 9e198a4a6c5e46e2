"""Acts that only together lift a grade: which are needed, and on which day, worked out by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.building import compile_policy
from services.engine.cases import Case, CaseRecord, case_inputs, case_population
from services.engine.days import add_months, day_date, day_number
from services.engine.joint_acts import POOL_MAX, ROUNDS_MAX, STEPS_MAX
from services.engine.language import Source
from services.engine.looking import Look, Looking, looking_by
from services.engine.outlook import (
    FOLLOWED_MAX,
    Act,
    Lift,
    Prospects,
    Repair,
    find_lifts,
    gains_of,
)
from services.engine.plan import Plan
from services.engine.population import Population
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import LADDERS, POLICIES, VOCABULARY

TEXT = """\
    indicators:
      unrepaired:
        records: penalty
        where: {not: {repaired_date: {on_or_before: as_of}}}
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        SOURCE
      open_hazards:
        records: hazard
        where:
          level: major
          any: [{closed_date: {known: false}}, {closed_date: {after: as_of}}]
        window: ever
        measure: count
        unit: hazard
        SOURCE
      certified:
        records: honour
        where: {honour_kind: standardisation, standardisation_level: {at_most: 2}}
        window: {valid_until: end_date}
        measure: count
        unit: honour
        SOURCE
    rules:
      - id: J-A
        when: {certified: 0}
        set: {grade: A}
        wording: {zh: 未达二级, en: no level two}
        SOURCE
      - id: J-B
        when: {unrepaired: {at_least: 1}}
        set: {grade: B}
        wording: {zh: 处罚, en: penalised}
        SOURCE
      - id: J-C
        when: {unrepaired: {at_least: 3}}
        set: {grade: C}
        wording: {zh: 三次处罚, en: penalised three times}
        SOURCE
      - id: J-HAZARD
        when: {open_hazards: {at_least: 1}}
        set: {grade: C}
        wording: {zh: 重大隐患, en: a major hazard}
        SOURCE
    grade:
      ladder: [AA, A, B, C]
      start: [{grade: AA, when: true}]
      beyond: clamp
      SOURCE
"""
"""AA with a standardisation level of 2 or 1; B from one penalty not repaired, C from three, or
while a major hazard is open."""

PLAN = compiled(written(TEXT))
AA, A, B, C = range(1, 5)
AS_OF = day_number(date(2025, 1, 15))
TODAY = day_date(AS_OF)
HORIZON = 3 * 366
CLAUSE = Source("修复办法", "", "第九条", None, None, None, "assumed")


def penalty(day: date) -> CaseRecord:
    """Give a penalty of a day."""
    return CaseRecord("penalty", {"event_date": day_number(day)})


def hazard(level: int = 2) -> CaseRecord:
    """Give an open hazard: a major one, or a lesser one."""
    found, due = date(2024, 5, 1), date(2025, 6, 1)
    return CaseRecord(
        "hazard", {"event_date": day_number(found), "due_date": day_number(due), "level": level}
    )


def repairs(*days: date) -> Mapping[int, Repair]:
    """Let the first records be repaired from some days on."""
    return {number: Repair(day_number(day), CLAUSE) for number, day in enumerate(days)}


def lifts(
    *records: CaseRecord,
    prospects: Prospects | None = None,
    horizon_days: int = HORIZON,
    look: Looking | None = None,
) -> tuple[Lift, ...]:
    """Find what would lift the grade of an enterprise by the policy of these tests."""
    case = Case(
        name="lifted", as_of=AS_OF, subject={}, inputs={}, records=tuple(records), expect={}
    )
    population = case_population([case], PLAN, VOCABULARY)
    return find_lifts(
        look or looking_by(PLAN), population, AS_OF, horizon_days=horizon_days, prospects=prospects
    )


Short = tuple[list[tuple[Act, int | None, date]], date, int]


def short(found: Sequence[Lift]) -> list[Short]:
    """Give lifts in short, without those by a record that is struck."""
    return [
        (
            [(item.act, item.record_id, day_date(item.day)) for item in lift.items],
            day_date(lift.day),
            lift.standing.rank,
        )
        for lift in found
        if all(item.act is not Act.REMOVE for item in lift.items)
    ]


# Acts on days that lie ahead ---------------------------------------------------------

MARCH, MAY = date(2025, 3, 1), date(2025, 5, 1)
TWO = (penalty(date(2024, 3, 1)), penalty(date(2024, 5, 1)))


def test_repairs_on_two_days_ahead_lead_on_together() -> None:
    """Either left is a B; both repaired, from the day of the second on, are an A."""
    found = short(lifts(*TWO, prospects=Prospects(repairs=repairs(MARCH, MAY))))

    assert found == [
        ([(Act.REPAIR, 0, MARCH), (Act.REPAIR, 1, MAY)], MAY, A),
        # Alone the second is worth something when the first left its window of three years.
        ([(Act.REPAIR, 1, MAY)], date(2027, 3, 1), A),
        ([(Act.WAIT, None, date(2027, 5, 1))], date(2027, 5, 1), A),
    ]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param(MAY, [MAY], id="the-day-itself"),
        pytest.param(MAY - timedelta(days=1), [], id="the-day-before"),
    ],
)
def test_acts_together_end_with_the_horizon(last: date, expected: list[date]) -> None:
    """What is possible on the last day that is looked at is found, what comes after is not."""
    found = lifts(
        *TWO,
        prospects=Prospects(repairs=repairs(MARCH, MAY)),
        horizon_days=day_number(last) - AS_OF,
    )

    assert [day for _, day, _ in short(found)] == expected


def test_what_is_possible_today_waits_for_what_is_possible_later() -> None:
    """A hazard rectified today leaves a penalty, a B; once that is repaired too, an A."""
    found = short(
        lifts(penalty(date(2024, 3, 1)), hazard(), prospects=Prospects(repairs=repairs(MARCH)))
    )

    assert found == [
        ([(Act.RECTIFY, 1, TODAY), (Act.REPAIR, 0, MARCH)], MARCH, A),
        ([(Act.RECTIFY, 1, TODAY)], TODAY, B),
    ]


def test_an_act_today_is_followed_to_the_grade_that_time_adds() -> None:
    """Nothing can be repaired within the horizon: rectified today, it is an A on 1 March 2027."""
    never = repairs(date(2035, 1, 1))

    found = short(lifts(penalty(date(2024, 3, 1)), hazard(), prospects=Prospects(repairs=never)))

    assert found == [
        ([(Act.RECTIFY, 1, TODAY)], date(2027, 3, 1), A),
        ([(Act.RECTIFY, 1, TODAY)], TODAY, B),
    ]


def test_an_act_is_not_forgotten_where_time_helps_a_little_first() -> None:
    """Two of three penalties leave in February 2025, a B; the third is repaired in March, an A."""
    records = (
        penalty(date(2022, 2, 1)),
        penalty(date(2022, 2, 1)),
        penalty(date(2024, 6, 1)),
    )
    days = repairs(date(2035, 1, 1), date(2035, 1, 1), MARCH)

    found = short(lifts(*records, prospects=Prospects(repairs=days)))

    assert found == [
        ([(Act.REPAIR, 2, MARCH)], MARCH, A),
        ([(Act.WAIT, None, date(2027, 6, 1))], date(2027, 6, 1), A),
        ([(Act.WAIT, None, date(2025, 2, 1))], date(2025, 2, 1), B),
    ]


def test_an_act_that_time_makes_spare_is_not_named() -> None:
    """Both penalties leave on 1 February, when one could be repaired: the hazard alone is left."""
    records = (penalty(date(2022, 2, 1)), penalty(date(2022, 2, 1)), hazard())
    days = repairs(TODAY, date(2025, 2, 1))

    found = short(lifts(*records, prospects=Prospects(repairs=days)))

    assert found == [
        ([(Act.RECTIFY, 2, TODAY)], date(2025, 2, 1), A),
        ([(Act.RECTIFY, 2, TODAY)], TODAY, B),
    ]


# How many acts, and which ---------------------------------------------------------------


@pytest.mark.parametrize("number", [4, POOL_MAX, POOL_MAX + 1, 30])
def test_any_number_of_acts_is_found_together(number: int) -> None:
    """Of so many penalties all must go for an A, all but two for a B: three are a C."""
    found = short(lifts(*[penalty(date(2024, 3, 1))] * number))

    everything = [(Act.REPAIR, place, TODAY) for place in range(number)]
    assert (everything, TODAY, A) in found


def test_only_what_is_needed_is_named() -> None:
    """Two of five penalties cannot be repaired before they leave: three repairs make a B, no less.

    The lesser hazard is open too, and no rule looks at it.
    """
    never = date(2035, 1, 1)
    records = [penalty(date(2024, 3, 1))] * 5

    found = lifts(
        *records,
        hazard(level=1),
        prospects=Prospects(repairs=repairs(never, TODAY, TODAY, TODAY, never)),
    )

    assert short(found)[-1] == ([(Act.REPAIR, place, TODAY) for place in (1, 2, 3)], TODAY, B)


@pytest.mark.parametrize("number", [6, 25])
def test_of_acts_that_stand_for_one_another_no_more_are_named_than_needed(number: int) -> None:
    """One penalty cannot be repaired: of the others one may stay for a B, whichever it is."""
    days = repairs(date(2035, 1, 1))

    found = lifts(*[penalty(date(2024, 3, 1))] * number, prospects=Prospects(repairs=days))

    (acts,) = [acts for acts, day, rank in short(found) if (day, rank) == (TODAY, B)]
    assert len(acts) == number - 2
    assert {act for act, *_ in acts} == {Act.REPAIR}


def test_a_gain_comes_after_what_is_repaired_and_is_the_easiest_that_does() -> None:
    """From 1 May on both are repaired, an A; with level 2 besides, and not level 1, an AA."""
    found = lifts(*TWO, prospects=Prospects(gains_of(VOCABULARY), repairs(MARCH, MAY)))

    best = found[0]
    assert [(item.act, day_date(item.day)) for item in best.items] == [
        (Act.GAIN, TODAY),
        (Act.REPAIR, MARCH),
        (Act.REPAIR, MAY),
    ]
    assert (day_date(best.day), best.standing.rank) == (MAY, AA)
    assert best.items[0].gain is not None
    assert (best.items[0].gain.name, best.items[0].gain.level) == ("standardisation", 2)
    assert ([(Act.REPAIR, 0, MARCH), (Act.REPAIR, 1, MAY)], MAY, A) in short(found)


def test_the_easiest_gain_stands_among_more_acts_than_are_tried_in_every_combination() -> None:
    """Seventeen penalties, all repaired today, and level 2: an AA."""
    found = lifts(*[penalty(date(2024, 3, 1))] * 17, prospects=Prospects(gains_of(VOCABULARY)))

    best = found[0]
    gains = [item.gain for item in best.items if item.gain is not None]
    assert (len(best.items), best.standing.rank, day_date(best.day)) == (18, AA, TODAY)
    assert [(gain.name, gain.level) for gain in gains] == [("standardisation", 2)]


# By a shipped policy -----------------------------------------------------------------------


def test_beijing_is_lifted_when_both_penalties_for_unlicensed_operation_are_repaired() -> None:
    """Either of them is a D for 36 months: both repaired, on 10 March 2027, give back the B."""
    policy = POLICIES["cn.beijing.grade.work-safety"]
    plan = compile_policy(policy, policy.versions[-1], VOCABULARY, LADDERS)
    (case,) = cases_of("""\
  - name: two penalties for unlicensed operation
    as_of: 2026-11-22
    records:
      - {kind: inspection, event_date: 2026-10-01, field: work_safety}
      - {kind: penalty, event_date: 2026-01-10, field: work_safety, procedure: ordinary,
         violation_code: unlicensed_operation, fine_fen: 100000}
      - {kind: penalty, event_date: 2026-03-10, field: work_safety, procedure: ordinary,
         violation_code: unlicensed_operation, fine_fen: 100000}
    expect: {}
""")
    first, second = date(2027, 1, 10), date(2027, 3, 10)
    days = {1: Repair(day_number(first), CLAUSE), 2: Repair(day_number(second), CLAUSE)}

    found = find_lifts(
        looking_by(plan, case_inputs(plan, case)),
        case_population([case], plan, VOCABULARY),
        case.as_of,
        horizon_days=6 * 366,
        prospects=Prospects(repairs=days),
    )

    # B is the second place on the ladder; the earliest that one act alone gives is 2029-01-10.
    assert short(found) == [
        ([(Act.REPAIR, 1, first), (Act.REPAIR, 2, second)], second, 2),
        ([(Act.REPAIR, 2, second)], date(2029, 1, 10), 2),
        ([(Act.WAIT, None, date(2029, 3, 10))], date(2029, 3, 10), 2),
    ]
    assert found[0].items[0].source == CLAUSE


# Whatever the records ------------------------------------------------------------------------

Drawn = tuple[date, date]
DRAWN = st.tuples(
    st.dates(date(2022, 2, 1), date(2025, 1, 15)), st.dates(date(2025, 1, 1), date(2027, 12, 1))
)


def rank_on(day: int, drawn: Sequence[Drawn], done: set[int], *, hazards: int) -> int:
    """Work out the place without a level: penalties that are left count three years."""
    left = sum(
        day < add_months(day_number(event), 36)
        and not (number in done and max(day_number(first), AS_OF) <= day)
        for number, (event, first) in enumerate(drawn)
    )
    if hazards or left >= 3:
        return C
    return B if left else A


@settings(max_examples=40, deadline=None)
@given(drawn=st.lists(DRAWN, min_size=1, max_size=6), hazards=st.integers(0, 2))
def test_the_first_day_of_every_grade_is_found(drawn: list[Drawn], hazards: int) -> None:
    """A grade can be had from the first day on which all that is possible by then gives it."""
    found = lifts(
        *[penalty(event) for event, _ in drawn],
        *[hazard()] * hazards,
        prospects=Prospects(repairs=repairs(*(first for _, first in drawn))),
    )

    everything = set(range(len(drawn)))
    present = rank_on(AS_OF, drawn, set(), hazards=hazards)
    for rank in range(A, present):
        first = min(
            day
            for day in range(AS_OF, AS_OF + HORIZON + 1)
            if rank_on(day, drawn, everything, hazards=0) <= rank
        )
        by_rank = [day_number(day) for _, day, reached in short(found) if reached <= rank]
        assert min(by_rank) == first


@settings(max_examples=40, deadline=None)
@given(drawn=st.lists(DRAWN, min_size=1, max_size=6), hazards=st.integers(0, 2))
def test_every_act_that_is_named_is_needed(drawn: list[Drawn], hazards: int) -> None:
    """Acts give their grade on their day by the rule, and without any one of them do not."""
    found = lifts(
        *[penalty(event) for event, _ in drawn],
        *[hazard()] * hazards,
        prospects=Prospects(repairs=repairs(*(first for _, first in drawn))),
    )

    for acts, day, rank in short(found):
        repaired = {number for act, number, _ in acts if act is Act.REPAIR and number is not None}
        left = hazards - sum(act is Act.RECTIFY for act, *_ in acts)
        on = day_number(day)
        assert rank_on(on, drawn, repaired, hazards=left) == rank
        assert all(rank_on(on, drawn, repaired - {one}, hazards=left) > rank for one in repaired)
        assert left == hazards or rank_on(on, drawn, repaired, hazards=left + 1) > rank


# What it costs ---------------------------------------------------------------------------------


class _Counting:
    """Looks by a plan and counts evaluations of one enterprise."""

    def __init__(self, plan: Plan) -> None:
        self._look = looking_by(plan)
        self.looks = 0
        self.evaluations = 0

    def __call__(self, population: Population, day: int) -> Look:
        self.looks += 1
        self.evaluations += population.size
        return self._look(population, day)


@pytest.mark.parametrize(("number", "looks"), [(3, 60), (60, 600)])
def test_evaluations_stay_within_what_is_documented(number: int, looks: int) -> None:
    """A penalty every ten days, each repaired a year after; the runs are few, each of many."""
    events = [date(2024, 12, 31) - timedelta(days=10 * place) for place in range(number)]
    counting = _Counting(PLAN)
    days = repairs(*(event + timedelta(days=365) for event in events))

    found = lifts(*map(penalty, events), prospects=Prospects(repairs=days), look=counting)

    acts, better_days = 2 * number, 4
    waited, joint = STEPS_MAX, STEPS_MAX + better_days * (696 + ROUNDS_MAX * 2 * acts)
    assert found
    assert counting.evaluations <= 1 + waited + FOLLOWED_MAX + acts + joint
    assert counting.looks <= looks
