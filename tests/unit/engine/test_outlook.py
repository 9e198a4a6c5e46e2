"""What would lift a grade is found by evaluating it."""

from datetime import date

import pytest

from services.engine.building import compile_policy
from services.engine.cases import Case, CaseRecord, case_population
from services.engine.days import add_months, day_date, day_number
from services.engine.language import Source
from services.engine.outlook import (
    Act,
    Lift,
    Prospects,
    Repair,
    find_lifts,
    gains_of,
    looking_by,
)
from services.engine.policy_file import read_policy
from tests.fakes.scoring_policies import GRADE
from tests.unit.engine.test_policies import POLICY_IDS, VOCABULARY, plan_on

LIAOCHENG = next(path for path, name in POLICY_IDS.items() if name == "cn.shandong.liaocheng.grade")
AS_OF = day_number(date(2025, 3, 10))
HORIZON = 5 * 366
LEVEL_ONE = CaseRecord(
    "honour",
    {
        "event_date": day_number(date(2024, 1, 1)),
        "end_date": day_number(date(2029, 1, 1)),
        "honour_kind": 1,
        "standardisation_level": 1,
    },
)
OVERDUE = CaseRecord(
    "hazard",
    {
        "event_date": day_number(date(2024, 11, 1)),
        "due_date": day_number(date(2025, 3, 1)),
        "level": 2,
        "supervision": 3,
    },
)
PENALTY = CaseRecord("penalty", {"event_date": day_number(date(2024, 6, 1))})


def lifts(*records: CaseRecord) -> list[tuple[Act, str, date, int]]:
    """Find the lifts of an enterprise of standardisation level 1."""
    plan = plan_on(LIAOCHENG, AS_OF)
    case = Case(
        name="lifted",
        as_of=AS_OF,
        subject={},
        inputs={},
        records=(LEVEL_ONE, *records),
        expect={},
    )
    found: tuple[Lift, ...] = find_lifts(
        looking_by(plan),
        case_population([case], plan, VOCABULARY),
        AS_OF,
        horizon_days=HORIZON,
    )
    epoch = date(1970, 1, 1).toordinal()
    return [
        (one.act, one.kind, date.fromordinal(one.day + epoch), one.standing.rank) for one in found
    ]


def test_rectifying_an_overdue_hazard_lifts_at_once() -> None:
    """An accepted rectification today leads from D back to A, the starting grade."""
    assert lifts(OVERDUE) == [
        (Act.RECTIFY, "hazard", date(2025, 3, 10), 2),
        (Act.REMOVE, "hazard", date(2025, 3, 10), 2),
    ]


def test_waiting_lifts_when_the_year_turns() -> None:
    """Two penalties of last year count until 31 December; either removed, one is too few."""
    assert lifts(PENALTY, PENALTY) == [
        (Act.REMOVE, "penalty", date(2025, 3, 10), 2),
        (Act.REMOVE, "penalty", date(2025, 3, 10), 2),
        (Act.WAIT, "", date(2026, 1, 1), 2),
    ]


def test_nothing_lifts_what_nothing_holds_down() -> None:
    """One penalty does no harm, so there is nothing to lift."""
    assert lifts(PENALTY) == []


# What must come together, and what must wait ---------------------------------------

GRADED = GRADE.replace(
    """        records: penalty
        window: {last: {months: 12}}""",
    """        records: penalty
        where: {any: [{repaired_date: {known: false}}, {repaired_date: {after: as_of}}]}
        window: {last: {months: 12}}""",
)
OPEN = {"severity": 3}
SERIOUS = CaseRecord("violation", {"event_date": day_number(date(2025, 1, 1)), **OPEN})
CLAUSE = Source("修复办法", "", "第九条", None, None, None, "assumed")


def found(
    *records: CaseRecord, text: str = GRADE, prospects: Prospects | None = None
) -> list[tuple[list[Act], date, int, bool]]:
    """Find the lifts of an enterprise by the small policy of the tests."""
    policy = read_policy(text.lstrip().encode(), "grade.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    case = Case(
        name="lifted",
        as_of=AS_OF,
        subject={"kind": 1, "headcount": 10},
        inputs={},
        records=records,
        expect={},
    )
    lifted = find_lifts(
        looking_by(plan),
        case_population([case], plan, VOCABULARY),
        AS_OF,
        horizon_days=HORIZON,
        prospects=prospects,
    )
    return [
        (
            [item.act for item in one.items],
            day_date(one.day),
            one.standing.rank,
            one.grade_better,
        )
        for one in lifted
    ]


def test_acts_that_help_only_together_are_found_together() -> None:
    """Two open violations cost 30 points once: rectifying both, and nothing less, gives them back.

    A third makes it three, the most that are tried in every combination; all of more are tried.
    """
    today = date(2025, 3, 10)

    assert found(SERIOUS, SERIOUS) == [([Act.RECTIFY] * 2, today, 1, True)]
    assert found(*[SERIOUS] * 3) == [([Act.RECTIFY] * 3, today, 1, True)]
    assert found(*[SERIOUS] * 5) == [([Act.RECTIFY] * 5, today, 1, True)]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        # 2024-06-01 and twelve months is the day on which the penalty stops counting anyway.
        pytest.param(9, date(2025, 3, 10), id="could-be-repaired-before-the-day-asked-for"),
        pytest.param(10, date(2025, 4, 1), id="can-be-repaired-soon"),
        pytest.param(12, None, id="by-then-the-window-has-closed"),
    ],
)
def test_a_repair_takes_effect_on_the_first_day_that_the_law_allows(
    months: int, expected: date | None
) -> None:
    """Repair helps from its earliest day on, unless waiting helps as early."""
    law = Repair(add_months(day_number(date(2024, 6, 1)), months), CLAUSE)

    lifted = found(PENALTY, text=GRADED, prospects=Prospects(repairs={0: law}))

    days = [day for acts, day, _, _ in lifted if acts == [Act.REPAIR]]
    assert days == ([] if expected is None else [expected])
    assert ([Act.WAIT], date(2025, 6, 1), 1, True) in lifted


def test_a_policy_that_does_not_look_at_repair_is_not_lifted_by_it() -> None:
    """What the text does not say is not promised: only revocation and time help."""
    assert [acts for acts, *_ in found(PENALTY)] == [[Act.REMOVE], [Act.WAIT]]


def test_the_easiest_gain_of_those_that_do_as_well_is_named() -> None:
    """From level 2 only level 1 leads to A; an award or level 3 leads nowhere."""
    level_two = CaseRecord("honour", {**LEVEL_ONE.values, "standardisation_level": 2})
    plan = plan_on(LIAOCHENG, AS_OF)
    case = Case(name="two", as_of=AS_OF, subject={}, inputs={}, records=(level_two,), expect={})

    lifted = find_lifts(
        looking_by(plan),
        case_population([case], plan, VOCABULARY),
        AS_OF,
        horizon_days=HORIZON,
        prospects=Prospects(gains_of(VOCABULARY)),
    )

    gains = [one.items[0].gain for one in lifted]
    assert [(gain.name, gain.level) for gain in gains if gain] == [("standardisation", 1)]
    # A stands second on the ladder, below AA.
    assert lifted[0].standing.rank == 2


def test_the_lines_that_an_act_moves_stand_beside_it() -> None:
    """The rule that a rectified violation held up is named with its clause."""
    policy = read_policy(GRADE.lstrip().encode(), "grade.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    case = Case(
        name="lines",
        as_of=AS_OF,
        subject={"kind": 1, "headcount": 10},
        inputs={},
        records=(SERIOUS,),
        expect={},
    )

    first = find_lifts(
        looking_by(plan), case_population([case], plan, VOCABULARY), AS_OF, horizon_days=HORIZON
    )[0]

    assert [line.rule_id for line in first.lines[0]] == ["T-OPEN"]
    assert first.lines[0][0].source.article == "第六条"


def test_out_of_a_status_is_better_whatever_the_grade() -> None:
    """Three deaths suspend the grade for three years; struck, or once they are over, it is an A."""
    deadly = CaseRecord("accident", {"event_date": day_number(date(2024, 1, 1)), "deaths": 3})

    assert found(deadly) == [
        ([Act.REMOVE], date(2025, 3, 10), 1, True),
        ([Act.WAIT], date(2027, 1, 1), 1, True),
    ]
    # The open violation leaves a B then; an A is had where that is rectified or struck too.
    assert found(deadly, SERIOUS) == [
        ([Act.RECTIFY], date(2027, 1, 1), 1, True),
        ([Act.REMOVE], date(2027, 1, 1), 1, True),
        ([Act.REMOVE], date(2025, 3, 10), 2, True),
        ([Act.WAIT], date(2027, 1, 1), 2, True),
    ]
