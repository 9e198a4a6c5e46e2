"""A policy file with a fault is refused, with the place of the fault."""

import pytest

from services.engine.building import compile_policy
from services.engine.errors import PolicyRefusedError
from services.engine.evaluation import NO_DATA, RESULT
from services.engine.policy_file import objections_to, read_policy
from services.engine.population import Population
from services.engine.vocabulary import parse_vocabulary
from tests.unit.engine.test_policies import ROOT

VOCABULARY = parse_vocabulary((ROOT / "vocabulary.yaml").read_bytes())

RIGHT = """\
policy: cn.example.points
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 示例办法, confidence: assumed}
    inputs:
      headcount: {from: subject, if_missing: 1}
    indicators:
      serious:
        records: violation
        where: {severity: serious}
        window: {last: {months: 12}}
        measure: count
        unit: violation
        source: {article: 第三条, confidence: assumed}
    tables:
      points:
        keys: [serious]
        outputs: {off: point}
        rows:
          - {serious: {below: 3}, off: 10}
          - {serious: {at_least: 3}, off: 30}
        otherwise: no_data
        source: {article: 第四条, confidence: assumed}
    values:
      off: {is: {lookup: points}, unit: point, source: {article: 第四条, confidence: assumed}}
    totals:
      score:
        unit: point
        places: 0
        start: 100
        combine: sum
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: EX-1
        when: {serious: {at_least: 1}}
        add: {to: score, amount: {subtract: [0, off]}}
        wording: {zh: 扣分, en: points off}
        source: {article: 第四条, confidence: assumed}
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: true}
      source: {article: 第五条, confidence: assumed}
    score: score
"""


def problems(content: str) -> list[str]:
    """Read and compile a policy; give its problems as ``line:code``."""
    try:
        policy = read_policy(content.encode(), "policy.yaml")
        found = objections_to(policy, policy.versions)
        for version in policy.versions if not found else ():
            compile_policy(policy, version, VOCABULARY)
    except PolicyRefusedError as error:
        found = error.problems
    return [f"{problem.line}:{problem.code}" for problem in found]


def line_of(content: str, text: str) -> int:
    """Find the line, from 1, on which a text stands."""
    return content[: content.index(text)].count("\n") + 1


def test_right_file_has_no_problem() -> None:
    """The example that the others change is right."""
    assert problems(RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "code"),
    [
        pytest.param("kind: grade", "kind: grades", "kind:", "unknown-word", id="kind"),
        pytest.param('"110105"', '"1101"', "division:", "division", id="division"),
        pytest.param("cn.example.points", "Points", "policy:", "policy-id", id="identifier"),
        pytest.param(
            "records: violation",
            "records: violations",
            "records:",
            "unknown-kind",
            id="record-kind",
        ),
        pytest.param("severity: serious", "severity: gravest", "where:", "unknown-code", id="code"),
        pytest.param(
            "{severity: serious}", "{colour: serious}", "where:", "unknown-name", id="attribute"
        ),
        pytest.param(
            "measure: count", "measure: tally", "measure:", "unknown-measure", id="measure"
        ),
        pytest.param(
            "{last: {months: 12}}", "{past: 12}", "window:", "unknown-window", id="window"
        ),
        pytest.param(
            "confidence: assumed}\n    inputs",
            "confidence: sure}\n    inputs",
            "source:",
            "unknown-word",
            id="confidence",
        ),
        pytest.param(
            "        source: {article: 第三条, confidence: assumed}\n",
            "",
            "records:",
            "missing-source",
            id="no-source",
        ),
        pytest.param("        unit: violation\n", "", "records:", "missing-unit", id="no-unit"),
        pytest.param(
            "        otherwise: no_data\n", "", "keys:", "missing-otherwise", id="no-otherwise"
        ),
        pytest.param(
            ", if_missing: 1", "", "headcount:", "missing-if-missing", id="no-data-behaviour"
        ),
        pytest.param(
            "        combine: sum\n",
            "",
            "unit: point\n        places",
            "missing-combine",
            id="no-combination",
        ),
        pytest.param(
            "{at_least: 90}", "{at_lest: 90}", "- {grade: A", "unknown-key", id="comparator"
        ),
        pytest.param("{grade: A,", "{grade: AA,", "- {grade: A", "unknown-grade", id="grade"),
        pytest.param("to: score", "to: points", "- id:", "unknown-name", id="total"),
        pytest.param("{lookup: points}", "{lookup: table}", "off: {is", "unknown-name", id="table"),
        pytest.param(
            "{lookup: points}",
            "{lookup: points, output: on}",
            "off: {is",
            "unknown-name",
            id="output",
        ),
        pytest.param("start: 100", "start: off", "off: {is", "", id="start-from-a-value"),
        pytest.param(
            "{subtract: [0, off]}",
            "{subtract: [0, 0.5]}",
            "- id:",
            "rounding",
            id="unrounded-amount",
        ),
        pytest.param("{subtract: [0, off]}", "{subtract: [0]}", "add:", "syntax", id="operands"),
        pytest.param(
            "{subtract: [0, off]}", "{raise: [0]}", "add:", "unknown-operation", id="operation"
        ),
        pytest.param("{at_least: 90}", "{at_least: 90%}", "- {grade: A", "syntax", id="percent"),
        pytest.param("{at_least: 90}", "{at_least: 9e1}", "- {grade: A", "syntax", id="exponent"),
        pytest.param("{at_least: 90}", "{at_least: .9}", "- {grade: A", "syntax", id="point-first"),
        pytest.param("{at_least: 90}", '{at_least: "9,0"}', "- {grade: A", "syntax", id="comma"),
        pytest.param(
            "[0, off]", "[0, 4611686018427387904]", "add:", "number-too-large", id="beyond-62-bits"
        ),
        pytest.param("[0, off]", "[0, 4611686018427387903]", "add:", "", id="largest-number"),
        pytest.param(
            "{at_least: 90}",
            "{at_least: 4.611686018427387904}",
            "- {grade: A",
            "number-too-large",
            id="beyond-62-bits-with-decimals",
        ),
        pytest.param(
            "{at_least: 90}", "{at_least: 0.0000001}", "- {grade: A", "", id="many-decimals"
        ),
        pytest.param("article: 第三条", "article: ' '", "source: {article", "syntax", id="blank"),
        pytest.param(
            "kind: grade\n",
            "kind: grade\nkind: list\n",
            "kind: list",
            "duplicate-key",
            id="key-twice",
        ),
        pytest.param(
            "start_date: 2024-01-01",
            "start_date: 2024-02-30",
            "start_date:",
            "syntax",
            id="no-such-day",
        ),
        pytest.param(
            "severity: serious", "severity: {at_least: serious}", "where:", "", id="ordered-code"
        ),
        pytest.param(
            "{severity: serious}",
            "{violation_code: {at_least: training}}",
            "where:",
            "not-ordered",
            id="no-order",
        ),
        pytest.param(
            "{severity: serious}",
            "{event_date: {at_least: 3}}",
            "where:",
            "type",
            id="day-with-number",
        ),
        pytest.param(
            "is: {lookup: points}", "is: {add: [off, 1]}", "off: {is", "cycle", id="circle"
        ),
    ],
)
def test_fault_is_named_with_its_line(old: str, new: str, at: str, code: str) -> None:
    """One changed word makes exactly the problem that it should, on its line, or none."""
    wrong = RIGHT.replace(old, new, 1)
    assert wrong != RIGHT, "the change must change something"

    found = problems(wrong)

    assert found[:1] == ([f"{line_of(wrong, at)}:{code}"] if code else [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            'division: "110105"',
            "division: 110105",
            """'division' must be a text; write it in quotes, "110105\"""",
            id="number-for-a-text",
        ),
        pytest.param(
            "title: {zh: 示例, en: example}",
            "title: {zh: 示例, en: true}",
            """'en' must be a text; write it in quotes, "true\"""",
            id="truth-for-a-text",
        ),
        pytest.param(
            "{at_least: 90}",
            "{at_least: 10%}",
            "'10%' is no number here; write digits, 0.1 for 10%, 20 for 2e1",
            id="percent",
        ),
        pytest.param(
            "{subtract: [0, off]}",
            "{sqrt: [off]}",
            "sqrt is no operation; there are add, multiply, min, max, subtract, divide, power,"
            " round, sum, lookup, if, period_start, day, elapsed",
            id="operation",
        ),
    ],
)
def test_message_says_what_to_write(old: str, new: str, message: str) -> None:
    """Who reads it need not look anything up."""
    assert old in RIGHT

    try:
        policy = read_policy(RIGHT.replace(old, new, 1).encode(), "policy.yaml")
        found = objections_to(policy, policy.versions)
    except PolicyRefusedError as error:
        found = error.problems

    assert message in [one.message for one in found]


@pytest.mark.parametrize(
    ("old", "new", "version"),
    [
        pytest.param("documentation: An example.", "documentation: ' '", "", id="in-the-head"),
        pytest.param("article: 第三条", "article: ' '", "1", id="in-a-version"),
    ],
)
def test_what_is_understood_is_objected_to_where_it_stands(
    old: str, new: str, version: str
) -> None:
    """A blank text keeps nothing from being read; an empty one is none."""
    policy = read_policy(RIGHT.replace(old, new, 1).encode(), "policy.yaml")

    assert {name: len(found) for name, found in policy.objections.items()} == {version: 1}
    assert len(objections_to(policy, ())) == (version == "")
    with pytest.raises(PolicyRefusedError):
        read_policy(RIGHT.replace(old, new.replace(" '", "'"), 1).encode(), "policy.yaml")


def test_word_of_digits_is_a_word() -> None:
    """Grades may be called 1 and 2.5, in quotes, as divisions are."""
    named = RIGHT.replace("ladder: [A, B]", 'ladder: ["1", "2.5"]')
    named = named.replace("{grade: A,", '{grade: "1",').replace("{grade: B,", '{grade: "2.5",')

    assert problems(named) == []


def test_every_fault_is_named_at_once() -> None:
    """A file with three faults is refused with three problems."""
    wrong = (
        RIGHT.replace("measure: count", "measure: tally")
        .replace("combine: sum", "combine: mix")
        .replace("kind: grade", "kind: grades")
    )

    assert [problem.split(":")[1] for problem in problems(wrong)] == ["unknown-word"]
    right_kind = wrong.replace("kind: grades", "kind: grade")
    assert [problem.split(":")[1] for problem in problems(right_kind)] == [
        "unknown-measure",
        "unknown-word",
    ]


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "a: [", "\x00", "a: &x 1\nb: {<<: *x}"])
def test_rubbish_is_refused_by_place(content: str) -> None:
    """What is no mapping of YAML is refused with a place, never with a traceback."""
    with pytest.raises(PolicyRefusedError) as error:
        read_policy(content.encode(), "policy.yaml")

    assert error.value.problems[0].line >= 1


def test_numbers_with_a_point_stay_exact() -> None:
    """0.1 is a tenth, not the nearest binary fraction."""
    policy = read_policy(RIGHT.replace("start: 100", "start: 0.1").encode(), "policy.yaml")

    start = policy.versions[0].totals["score"].start

    assert str(getattr(start, "value", None)) == "0.1"


@pytest.mark.parametrize("inputs", [{}, {"place": 2}], ids=["missing", "given"])
def test_start_without_a_place_is_no_data(inputs: dict[str, int]) -> None:
    """A starting place that nobody knows gives no grade, in a population too."""
    content = RIGHT.replace(
        "      headcount: {from: subject, if_missing: 1}\n",
        "      place: {from: request, unit: place, if_missing: no_data}\n",
    )
    start = content.index("      start:\n")
    content = (
        content[:start]
        + "      start: place\n"
        + content[content.index("      source: {article: 第五条") :]
    )
    policy = read_policy(content.encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)

    for size in (1, 3):
        evaluation = plan.run(Population(size, {}), 20_000, inputs)
        assert evaluation.states().tolist() == [RESULT if inputs else NO_DATA] * size
        assert evaluation.ranks().tolist() == [inputs.get("place", 0)] * size


def test_score_may_be_any_name() -> None:
    """An indicator can be the score; a name that does not exist is a problem with a place."""
    policy = read_policy(
        RIGHT.replace("score: score\n", "score: serious\n").encode(), "policy.yaml"
    )

    plan = compile_policy(policy, policy.versions[0], VOCABULARY)

    assert plan.score is not None
    assert plan.score.unit == "violation"
    assert problems(RIGHT.replace("score: score\n", "score: nothing\n")) == ["8:unknown-name"]
