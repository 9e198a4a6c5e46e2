"""So many records close together, one of whose days another record must have: ``holding``."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.days import add_months, day_date, day_number
from services.engine.evaluation import Evaluation
from services.engine.plan import Plan
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

FIRST, AS_OF = date(2022, 8, 1), date(2025, 7, 15)

POLICY = written("""\
    indicators:
      punished:
        records: penalty
        where: {final_date: {on_or_before: as_of}, accident_level: larger}
        window: {last: {years: 3}, day: accident_event_date}
        measure: count
        unit: penalty
        SOURCE
      most:
        records: accident
        where: {level: larger}
        window: {last: {years: 3}}
        measure: {most_within: {months: 12}, holding: punished}
        unit: accident
        SOURCE
    rules:
      - id: T-TWO
        when: {most: {at_least: 2}, punished: {at_least: 1}}
        set: {grade: B}
        wording: {zh: 任意12个月内累计两起以上并受到处罚, en: two or more and a penalty for one}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      beyond: clamp
      SOURCE
    outputs:
      most: {is: most, unit: accident}
""")

ACCIDENT = "{{kind: accident, level: larger, event_date: {}}}"
PENALTY = (
    "{{kind: penalty, event_date: 2025-01-01, final_date: {final}, accident_level: larger,"
    " accident_event_date: {day}}}"
)


def case(name: str, accidents: list[str], punished: list[str], most: int) -> str:
    """Write a case of accidents on some days, those on others punished."""
    records = [ACCIDENT.format(day) for day in accidents]
    records += [PENALTY.format(day=day, final="2025-03-01") for day in punished]
    grade = "B" if most > 1 else "A"
    return (
        f"  - name: {name}\n    as_of: {AS_OF}\n    records: [{', '.join(records)}]\n"
        f"    expect: {{grade: {grade}, most: {most}}}\n"
    )


PAIR = ["2024-06-02", "2025-06-01"]

CASES = [
    case("none is punished", PAIR, [], 0),
    case("the first is punished", PAIR, PAIR[:1], 2),
    case("the second is punished", PAIR, PAIR[1:], 2),
    case("an older one alone is punished", ["2022-10-01", *PAIR], ["2022-10-01"], 1),
    case("one a year before, to the day", ["2023-06-02", *PAIR], ["2023-06-02"], 1),
    case("one a day less before", ["2023-06-03", *PAIR], ["2023-06-03"], 2),
    case("one that has left the window", ["2022-07-15", *PAIR], ["2022-07-15"], 0),
    case(
        "three of which none is punished, before two of which one is",
        ["2023-01-01", "2023-01-02", "2023-01-03", *PAIR],
        PAIR[:1],
        2,
    ),
    case("many", ["2024-06-02"] * 40 + ["2025-06-01"] * 40, ["2024-06-02"] * 70, 80),
    case("many accidents, one penalty", ["2024-06-02"] * 80, ["2024-06-02"], 80),
    case("many penalties, one accident", ["2024-06-02"], ["2024-06-02"] * 80, 1),
]


def test_a_stretch_counts_where_it_holds_the_day_of_the_other_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two accidents within twelve months count when a penalty is for one of them."""
    hold(compiled(POLICY), cases_of("".join(CASES)), monkeypatch)


def test_a_penalty_counts_from_the_day_on_which_it_is_final() -> None:
    """It is final on 1 March 2025: the line begins then, and names the stretch and the penalty."""
    text = case("one", ["2022-10-01", "2024-06-02", "2024-08-01"], ["2024-08-01"], 2)
    (one,) = cases_of(text)

    (line,) = [one for one in lines_of(compiled(POLICY), one) if one.rule_id == "T-TWO"]

    assert line.record_ids == (1, 2, 3)
    assert line.start_day == day_number(date(2025, 3, 1))
    assert line.end_day == day_number(date(2027, 6, 2))


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 1_300).map(lambda late: FIRST + timedelta(late)), st.booleans()
            ),
            max_size=8,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_one_and_many_count_what_trying_every_stretch_gives(
    histories: list[list[tuple[date, bool]]],
) -> None:
    """Alone and together each has the greatest number within a year that holds a punished one."""
    plan = compiled(POLICY)
    cases = [_history(history) for history in histories]

    together = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))

    for position, (one, history) in enumerate(zip(cases, histories, strict=True)):
        assert case_results(together, position)["most"] == _most(history)
        assert case_results(_alone(plan, one), 0)["most"] == _most(history)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("deaths", ["0.yaml:21:type"], id="an-attribute"),
        pytest.param("nothing", ["0.yaml:21:unknown-name"], id="nothing"),
        pytest.param("most", ["0.yaml:21:cycle"], id="itself"),
    ],
)
def test_what_a_stretch_holds_is_another_indicator(name: str, found: list[str]) -> None:
    """Only records that an indicator counts have days that a stretch could hold."""
    assert problems(POLICY.replace("holding: punished", f"holding: {name}")) == found


# Private functions -----------------------------------------------------------


def _alone(plan: Plan, one: Case) -> Evaluation:
    return plan.run(case_population([one], plan, VOCABULARY), one.as_of)


def _history(history: list[tuple[date, bool]]) -> Case:
    days = [str(day) for day, _ in history]
    (one,) = cases_of(case("one", days, [str(day) for day, punished in history if punished], 0))
    return one


def _most(history: list[tuple[date, bool]]) -> int:
    """Try every stretch; accidents of 16 July 2022 are the first that are in the window."""
    inside = [(day, punished) for day, punished in history if date(2022, 7, 15) < day <= AS_OF]
    found = 0
    for first, _ in inside:
        after = day_date(add_months(day_number(first), 12))
        stretch = [(day, punished) for day, punished in inside if first <= day < after]
        if any(punished for _, punished in stretch):
            found = max(found, len(stretch))
    return found
