"""What a policy is told: what it allows, what it refuses, and what stands in."""

import numpy as np
import pytest

from services.engine.errors import InputMissingError
from services.engine.evaluation import NO_DATA, RESULT, Evaluation
from services.engine.numbers import MISSING
from services.engine.population import Population
from tests.unit.engine.holding import compiled, written
from tests.unit.engine.test_policies import VOCABULARY

AS_OF = 19_900
ALLOWED = written("""\
    inputs:
      headcount: {from: subject, if_missing: 5}
      insured:
        from: request
        unit: person
        if_missing: headcount
        allowed: {at_least: 1, at_most: 1000}
    outputs:
      insured: {is: insured, unit: person}
      squared: {is: {multiply: [insured, insured, insured]}, unit: person}
""")


def run(headcount: int | None, insured: int | None, size: int = 1) -> Evaluation:
    """Run for subjects that are all alike."""
    plan = compiled(ALLOWED)
    column = np.full(size, MISSING if headcount is None else headcount, dtype=np.int64)
    given = {} if insured is None else {"insured": insured}
    return plan.run(Population(size, {"headcount": column}), AS_OF, given)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("insured", "refused"),
    [
        pytest.param(1, (), id="least-that-is-allowed"),
        pytest.param(1000, (), id="most-that-is-allowed"),
        pytest.param(0, ("insured",), id="too-few"),
        pytest.param(1001, ("insured",), id="too-many"),
        pytest.param(2**62, ("insured",), id="beyond-what-can-be-calculated"),
    ],
)
def test_value_that_is_not_allowed_is_refused_and_not_calculated_with(
    insured: int, refused: tuple[str, ...], size: int
) -> None:
    """A refused number is named; nothing is worked out from it, so that nothing overflows."""
    evaluation = run(7, insured, size)

    assert evaluation.refused(0) == refused
    assert int(evaluation.output("insured")[0]) == (7 if refused else insured)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("headcount", "state", "missing"),
    [
        pytest.param(1, RESULT, (), id="stands-in"),
        pytest.param(0, NO_DATA, ("insured",), id="too-few-to-stand-in"),
        pytest.param(1001, NO_DATA, ("insured",), id="too-many-to-stand-in"),
        pytest.param(None, RESULT, (), id="what-stands-in-for-what-stands-in"),
    ],
)
def test_what_stands_in_has_to_be_allowed_too(
    headcount: int | None, state: int, missing: tuple[str, ...], size: int
) -> None:
    """Nobody gave it, so it is not refused: there is no result without it."""
    evaluation = run(headcount, None, size)

    assert evaluation.states().tolist() == [state] * size
    assert evaluation.missing(0) == missing
    assert evaluation.refused(0) == ()


def test_unknown_input_is_an_error() -> None:
    """An input that the policy does not know is a slip of the caller's."""
    plan = compiled(ALLOWED)

    with pytest.raises(InputMissingError):
        plan.run(Population(1, {"headcount": np.array([1])}), AS_OF, {"insurd": 3})


GREATEST = written("""\
    inputs:
      one: {from: request, unit: point, if_missing: 0}
      two: {from: request, unit: point, if_missing: 0}
    totals:
      worst: {unit: point, start: 5, combine: COMBINE, source: {article: 一, confidence: assumed}}
    rules:
      - id: G-1
        when: {one: {above: 0}}
        add: {to: worst, amount: one}
        wording: {zh: 一, en: one}
        SOURCE
      - id: G-2
        when: {two: {above: 0}}
        add: {to: worst, amount: two}
        wording: {zh: 二, en: two}
        SOURCE
    outputs: {worst: {is: worst, unit: point}}
""")


@pytest.mark.parametrize(
    ("combine", "given", "expected"),
    [
        pytest.param("max", {"one": 3, "two": 7}, 12, id="greatest-on-top-of-the-start"),
        pytest.param("min", {"one": 3, "two": 7}, 8, id="smallest-on-top-of-the-start"),
        pytest.param("max", {"two": 7}, 12, id="only-one-holds"),
        pytest.param("max", {}, 5, id="none-holds"),
        pytest.param("first", {"one": 3, "two": 7}, 8, id="first-on-top-of-the-start"),
        pytest.param("sum", {"one": 3, "two": 7}, 15, id="all-on-top-of-the-start"),
    ],
)
def test_start_is_what_the_amounts_come_on_top_of(
    combine: str, given: dict[str, int], expected: int
) -> None:
    """Of a maximum and a minimum too: the start is no candidate, it is where one begins."""
    plan = compiled(GREATEST.replace("COMBINE", combine))

    for size in (1, 2):
        evaluation = plan.run(Population(size, {}), AS_OF, given)
        assert evaluation.output("worst").tolist() == [expected] * size


SETS = written("""\
    inputs:
      fields: {from: subject, if_missing: unknown}
    outputs:
      any: {is: {if: {fields: {includes_any: [fire, transport]}}, then: 1, else: 0}, unit: truth}
      all: {is: {if: {fields: {includes_all: [fire, transport]}}, then: 1, else: 0}, unit: truth}
      none: {is: {if: {fields: {includes_none: [fire, transport]}}, then: 1, else: 0}, unit: truth}
""")


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(("fire", "transport", "work_safety"), (1, 1, 0), id="both-and-more"),
        pytest.param(("transport",), (1, 0, 0), id="one"),
        pytest.param(("work_safety",), (0, 0, 1), id="another"),
        pytest.param((), (0, 0, 1), id="none-at-all"),
        pytest.param(None, (0, 0, 0), id="nobody-knows"),
    ],
)
def test_set_of_codes_that_nobody_knows_includes_neither_any_nor_none(
    fields: tuple[str, ...] | None, expected: tuple[int, int, int], size: int
) -> None:
    """What a set includes is said of sets that are known only."""
    numbers = VOCABULARY.code_numbers["field"]
    bits = MISSING if fields is None else sum(1 << numbers[one] for one in fields)
    column = np.full(size, bits, dtype=np.int64)

    evaluation = compiled(SETS).run(Population(size, {"fields": column}), AS_OF)

    found = tuple(int(evaluation.output(name)[0]) for name in ("any", "all", "none"))
    assert found == expected


LISTED = written("""\
    applies: {sites: {below: 2}}
    inputs:
      sites: {from: request, unit: site, if_missing: unknown}
      deaths: {from: request, unit: person, if_missing: no_data}
    rules:
      - id: L-1
        when: {deaths: {at_least: 1}}
        set: {status: candidate}
        wording: {zh: 列入, en: listed}
        SOURCE
    outputs: {deaths: {is: deaths, unit: person}}
""")


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("status", [1, 0, None, 0], id="candidate-of-a-list"),
        pytest.param("status_word", [1, 0, None, None], id="word"),
        pytest.param("deaths", [10, 0, None, None], id="output"),
    ],
)
def test_list_that_does_not_apply_holds_nobody(
    output: str, expected: list[int | None], size: int
) -> None:
    """A candidate, none, one of whom nobody knows, and one to whom the list does not apply."""
    plan, population = compiled(LISTED), Population(size, {})

    found = [
        np.broadcast_to(
            plan.run(population, AS_OF, {"sites": sites, "deaths": deaths}).taken(output, 1), size
        )
        for sites, deaths in ((1, 1), (1, 0), (1, MISSING), (2, 1))
    ]

    assert [None if one[0] == MISSING else one[0] for one in found] == expected
