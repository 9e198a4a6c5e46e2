"""What holds for every policy and any facts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.building import compile_policy
from services.engine.cases import Case, CaseRecord, case_population, case_results
from services.engine.days import NEVER, day_number
from services.engine.evaluation import RESULT, Evaluation
from services.engine.explaining import explain
from services.engine.few import positions
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.vocabulary import Attribute, AttributeType, industry_range
from tests.unit.engine.test_policies import LADDERS, POLICIES, VOCABULARY

FIRST_DAY, LAST_DAY = day_number(date(2018, 1, 1)), day_number(date(2027, 12, 31))


PLANS = {
    policy_id: compile_policy(policy, policy.versions[-1], VOCABULARY, LADDERS)
    for policy_id, policy in POLICIES.items()
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)


def values(attribute: Attribute) -> st.SearchStrategy[int]:
    """Draw the number of an attribute."""
    numbers = list(VOCABULARY.code_numbers.get(attribute.codes, {}).values())
    match attribute.type:
        case AttributeType.CODE:
            return st.sampled_from(numbers)
        case AttributeType.CODES:
            return st.sets(st.sampled_from(numbers)).map(lambda ns: sum(1 << n for n in ns))
        case AttributeType.DAY:
            return st.integers(FIRST_DAY, LAST_DAY)
        case AttributeType.FLAG:
            return st.integers(0, 1)
        case AttributeType.INDUSTRY:
            return st.sampled_from(["B06", "C26", "C2614", "E47", "F52"]).map(
                lambda code: industry_range(code)[0]
            )
        case AttributeType.DIVISION:
            return st.sampled_from([110105, 320613])
        case AttributeType.NUMBER:
            return st.integers(1, 3) | st.integers(0, 1000)


def facts(
    words: Mapping[str, Attribute], required: frozenset[str]
) -> st.SearchStrategy[dict[str, int]]:
    """Draw attributes, those required always."""
    return st.fixed_dictionaries(
        {name: values(word) for name, word in words.items() if name in required},
        optional={name: values(word) for name, word in words.items() if name not in required},
    )


def records(plan: Plan) -> st.SearchStrategy[list[CaseRecord]]:
    """Draw records of every source that a plan reads, the subject's own and its relations'."""
    blank = {AttributeType.CODE, AttributeType.NUMBER, AttributeType.FLAG, AttributeType.CODES}
    sources = []
    for source, names in plan.needs.records.items():
        words = VOCABULARY.record_attributes(source)
        read = {name: words[name] for name in sorted(names | {"event_date"})}
        required = frozenset(n for n, w in read.items() if w.type in blank) | {"event_date"}
        sources.append(
            facts(read, required).map(lambda values, source=source: CaseRecord(source, values))  # type: ignore[misc]
        )
    return st.lists(st.one_of(sources), max_size=12) if sources else st.just([])


def cases(plan: Plan) -> st.SearchStrategy[Case]:
    """Draw a case without expectations; of facts that a plan does not read, it is given none."""
    return _cases(plan.policy_id)


@cache
def _cases(policy_id: str) -> st.SearchStrategy[Case]:
    plan = PLANS[policy_id]
    return st.builds(
        lambda as_of, subject, drawn: Case(
            name="drawn",
            as_of=as_of,
            subject=subject,
            inputs={},
            records=tuple(drawn),
            expect={},
        ),
        st.integers(FIRST_DAY, LAST_DAY),
        facts(
            {name: VOCABULARY.subject[name] for name in sorted(plan.needs.attributes)}, frozenset()
        ),
        records(plan),
    )


def run(plan: Plan, case: Case, as_of: int | None = None) -> Evaluation:
    """Run one case alone."""
    day = case.as_of if as_of is None else as_of
    return plan.run(case_population([case], plan, VOCABULARY), day)


def given_by(plan: Plan) -> list[tuple[str, int]]:
    """Name all that another policy may take in of a plan, with a decimal more than it has."""
    found = [(name, one.places + 1) for name, one in plan.outputs.items()]
    if plan.score is not None:
        found.append(("score", plan.score.places + 1))
    words = ["status", "status_word"] if plan.grade is None else ["grade", "place", "status_word"]
    return [*found, *((word, 0) for word in words)]


@every_plan
@given(data=st.data())
@settings(max_examples=6)
def test_population_equals_each_alone(plan: Plan, data: st.DataObject) -> None:
    """A population gives each enterprise, to the last digit and line, what it gets alone."""
    drawn = data.draw(st.lists(cases(plan), min_size=2, max_size=6))
    as_of = drawn[0].as_of
    population = case_population(drawn, plan, VOCABULARY)

    together = plan.run(population, as_of)

    for position, case in enumerate(drawn):
        alone = run(plan, case, as_of)
        assert case_results(together, position) == case_results(alone, 0)
        assert [(line.rule_id, line.amount) for line in explain(together, position)] == [
            (line.rule_id, line.amount) for line in explain(alone, 0)
        ]
        assert together.valid_until()[position] == alone.valid_until()[0]
        for output, places in given_by(plan):
            taken = np.broadcast_to(together.taken(output, places), (len(drawn),))
            assert alone.taken(output, places) == taken[position]


@every_plan
@given(data=st.data())
@settings(max_examples=8)
def test_lines_add_up(plan: Plan, data: st.DataObject) -> None:
    """The lines of every total that sums add up to it exactly; one without a value has none."""
    evaluation = run(plan, data.draw(cases(plan)))

    lines = explain(evaluation, 0)

    for total in plan.totals.values():
        if total.combine == "product" or evaluation.states()[0] != RESULT:
            continue
        amounts = [line.amount or 0 for line in lines if line.total == total.name]
        result = int(evaluation.column(total.result)[0])
        if result == MISSING:
            # A veto settled the grade; there is nothing that lines could add up to.
            assert not amounts
        else:
            assert sum(amounts) == result


@every_plan
@given(data=st.data())
@settings(max_examples=6)
def test_order_of_records_does_not_matter(plan: Plan, data: st.DataObject) -> None:
    """Facts recorded in another order give the same result."""
    case = data.draw(cases(plan))
    shuffled = data.draw(st.permutations(case.records))
    other = replace(case, records=tuple(shuffled))

    assert case_results(run(plan, case), 0) == case_results(run(plan, other), 0)


@every_plan
@given(data=st.data())
@settings(max_examples=2)
def test_result_holds_until_the_day_it_says(plan: Plan, data: st.DataObject) -> None:
    """On each day of ten years the result is the one found by stepping along `valid_until`."""
    case = data.draw(cases(plan).filter(lambda one: bool(one.records) or not plan.needs.records))
    population = case_population([case], plan, VOCABULARY)
    until, before = FIRST_DAY, None

    for day in range(FIRST_DAY, LAST_DAY + 1):
        evaluation = plan.run(population, day)
        if day >= until:
            until, before = int(evaluation.valid_until()[0]), case_results(evaluation, 0)
        assert until > day
        assert case_results(evaluation, 0) == before


@every_plan
def test_empty_population_gives_empty_columns(plan: Plan) -> None:
    """Nobody is no error."""
    evaluation = plan.run(case_population([], plan, VOCABULARY), FIRST_DAY)

    assert evaluation.states().shape == (0,)
    assert evaluation.ranks().shape == (0,)
    assert evaluation.valid_until().dtype == np.int32


@every_plan
@given(data=st.data())
@settings(max_examples=6)
def test_record_counts_from_its_first_day_until_its_last(plan: Plan, data: st.DataObject) -> None:
    """Every record behind a line counts on the days of its window, and not around them.

    Filters that compare a day with the day asked for are held by the days of the lines.
    """
    case = data.draw(cases(plan))
    evaluation = run(plan, case)

    for number, selection in enumerate(plan.selections):
        for row in rows_of(evaluation, number):
            if selection.watched:
                continue
            since, until = selection.span(evaluation.frame, row)
            assert since <= case.as_of < until
            assert row in rows_of(run(plan, case, since), number)
            assert row not in rows_of(run(plan, case, since - 1), number)
            if until != NEVER:
                assert row in rows_of(run(plan, case, until - 1), number)
                assert row not in rows_of(run(plan, case, until), number)


def rows_of(evaluation: Evaluation, number: int) -> list[int]:
    """Give the places of the records that an indicator counts."""
    return positions(evaluation.frame.slots[evaluation.plan.selections[number].mask] or 0)
