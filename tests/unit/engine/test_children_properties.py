"""Indicators over child subjects on drawn facts: one and many, any order, every day."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, CaseRecord, case_population, case_results
from services.engine.days import add_months, day_number
from services.engine.explaining import explain
from services.engine.plan import Plan
from tests.unit.engine.holding import compiled
from tests.unit.engine.test_children import DRIVERS, SITES
from tests.unit.engine.test_policies import VOCABULARY

FIRST_DAY, LAST_DAY = day_number(date(2024, 1, 1)), day_number(date(2026, 6, 1))

_KINDS = {
    "driver-shares": (
        ("role", {"role": [1, 8]}),
        ("violation@persons", {"severity": [1, 2, 3], "field": [4, 1]}),
        ("accident@persons", {"liability": [0, 1], "deaths": [0, 1], "field": [4]}),
    ),
    "site-scores": (
        ("inspection", {"field": [1, 2]}),
        ("violation", {"severity": [1, 3], "field": [1]}),
        ("hazard", {"level": [1, 2]}),
    ),
}
_PLANS = {"driver-shares": compiled(DRIVERS), "site-scores": compiled(SITES)}
_DAYS = st.integers(FIRST_DAY - 1200, LAST_DAY)


def _record(kind: str, numbers: dict[str, list[int]], key: str) -> st.SearchStrategy[CaseRecord]:
    words = VOCABULARY.record_attributes(kind)
    later = {name: _DAYS for name in ("end_date", "closed_date") if name in words}
    required = {name: st.sampled_from(found) for name, found in numbers.items()}
    named = {key: st.integers(1, 3)}
    drawn = st.fixed_dictionaries({**required, "event_date": _DAYS}, optional={**later, **named})
    return drawn.map(lambda values: CaseRecord(kind, _whole(kind, values)))


def _whole(kind: str, values: dict[str, int]) -> dict[str, int]:
    person = (
        {"person": values.get("person", 3)}
        if "person" in VOCABULARY.record_attributes(kind)
        else {}
    )
    return {**values, **person}


def drawn_cases(name: str) -> st.SearchStrategy[Case]:
    """Draw an enterprise with few children and many records of them."""
    key = "person" if name == "driver-shares" else "site_number"
    records = st.one_of([_record(kind, numbers, key) for kind, numbers in _KINDS[name]])
    return st.builds(
        lambda as_of, found: Case(
            name="drawn", as_of=as_of, subject={}, inputs={}, records=tuple(found), expect={}
        ),
        _DAYS,
        st.lists(records, max_size=14),
    )


def _said(plan: Plan, case: Case, day: int) -> tuple[object, ...]:
    run = plan.run(case_population([case], plan, VOCABULARY), day)
    return case_results(run, 0), [(*line[:6], line.children) for line in explain(run, 0)]


@pytest.mark.parametrize("name", _PLANS)
@given(data=st.data())
@settings(max_examples=12)
def test_population_gives_each_what_it_gets_alone(name: str, data: st.DataObject) -> None:
    """Everybody's children in columns, records in any order: the same results, lines and days."""
    plan = _PLANS[name]
    cases = data.draw(st.lists(drawn_cases(name), min_size=2, max_size=4))
    day = cases[0].as_of
    shuffled = [
        replace(one, records=tuple(data.draw(st.permutations(one.records)))) for one in cases
    ]

    together = plan.run(case_population(cases, plan, VOCABULARY), day)

    for position, case in enumerate(cases):
        alone = plan.run(case_population([case], plan, VOCABULARY), day)
        assert case_results(together, position) == case_results(alone, 0)
        assert explain(together, position) == explain(alone, 0)
        assert together.valid_until()[position] == alone.valid_until()[0]
        assert _said(plan, shuffled[position], day) == _said(plan, case, day)


@pytest.mark.parametrize("name", _PLANS)
@given(data=st.data())
@settings(max_examples=5)
def test_stepping_by_the_day_it_says_misses_nothing(name: str, data: st.DataObject) -> None:
    """Evaluating on each day gives what stepping from one day of change to the next gives."""
    plan, case = _PLANS[name], data.draw(drawn_cases(name))
    population = case_population([case], plan, VOCABULARY)
    until, before = 0, None
    for day in range(FIRST_DAY, LAST_DAY, 5):
        run = plan.run(population, day)
        now = case_results(run, 0)
        if day >= until:
            until, before = int(run.valid_until()[0]), now
        assert until > day
        assert now == before


@pytest.mark.parametrize("name", _PLANS)
@given(data=st.data())
@settings(max_examples=12)
def test_counts_and_shares_are_those_of_a_naive_count(name: str, data: st.DataObject) -> None:
    """The number of children is that of the different keys of the roster's records in force."""
    plan, case = _PLANS[name], data.draw(drawn_cases(name))
    day = case.as_of
    if name == "driver-shares":
        keys = {
            one.values["person"]
            for one in case.records
            if one.kind == "role"
            and one.values["role"] == 8
            and one.values["event_date"] <= day < one.values.get("end_date", day + 1)
        }
        output = "drivers"
    else:
        keys = {
            one.values["site_number"]
            for one in case.records
            if one.kind == "inspection"
            and one.values["field"] == 1
            and "site_number" in one.values
            and one.values["event_date"] <= day < add_months(one.values["event_date"], 12)
        }
        output = "sites"

    run = plan.run(case_population([case], plan, VOCABULARY), day)

    assert int(run.output(output)[0]) == len(keys)
