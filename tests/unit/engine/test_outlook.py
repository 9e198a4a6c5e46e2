"""What would lift a grade is found by evaluating it."""

from datetime import date

from services.engine.cases import Case, CaseRecord, case_population
from services.engine.days import day_number
from services.engine.outlook import Act, Lift, find_lifts
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
        plan, case_population([case], plan, VOCABULARY), AS_OF, horizon_days=HORIZON
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
