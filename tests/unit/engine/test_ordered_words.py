"""Words of a scheme's own in an order: compared, the worse of two taken, searched for slips."""

from typing import Final

import pytest

from services.engine.differing import differences
from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from tests.unit.engine.holding import cases_of, compiled, hold, problems, written
from tests.unit.engine.test_monotone import codes, placed, policy_of
from tests.unit.engine.test_own_words import CODES, GIVER, TAKER, together
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_schema import VALIDATOR, parsed

ORDERED: Final = CODES + "    ordered: {colour: best_first}\n"
# The worse of two colours, and by it what each comparator holds for.
COMPARED: Final = written(
    ORDERED
    + """\
    inputs:
      one: {from: request, codes: colour, if_missing: unknown}
      two: {from: request, codes: colour, if_missing: green}
    values:
      worse: {is: {max: [one, two]}, codes: colour, SOURCE}
      better: {is: {min: [one, two, yellow]}, codes: colour, SOURCE}
    outputs:
      worse: {is: worse, codes: colour}
      better: {is: better, codes: colour}
      from_yellow: {is: {if: {worse: {at_least: yellow}}, then: 1, else: 0}, unit: condition}
      beyond_yellow: {is: {if: {worse: {above: yellow}}, then: 1, else: 0}, unit: condition}
      to_yellow: {is: {if: {worse: {at_most: yellow}}, then: 1, else: 0}, unit: condition}
      before_yellow: {is: {if: {worse: {below: yellow}}, then: 1, else: 0}, unit: condition}
"""
)


def test_words_compare_in_the_order_in_which_they_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Green is before yellow, red beyond; of two the later counts, and of what is unknown none."""
    cases = cases_of("""\
  - name: green
    as_of: 2024-06-01
    inputs: {one: green}
    expect: {worse: green, better: green, from_yellow: 0, beyond_yellow: 0, to_yellow: 1, before_yellow: 1}
  - name: yellow
    as_of: 2024-06-01
    inputs: {one: yellow}
    expect: {worse: yellow, better: green, from_yellow: 1, beyond_yellow: 0, to_yellow: 1, before_yellow: 0}
  - name: red beside yellow
    as_of: 2024-06-01
    inputs: {one: yellow, two: red}
    expect: {worse: red, better: yellow, from_yellow: 1, beyond_yellow: 1, to_yellow: 0, before_yellow: 0}
  - name: both red
    as_of: 2024-06-01
    inputs: {one: red, two: red}
    expect: {worse: red, better: yellow, from_yellow: 1, beyond_yellow: 1, to_yellow: 0, before_yellow: 0}
  - name: one unknown
    as_of: 2024-06-01
    inputs: {two: red}
    expect: {worse: null, better: null, from_yellow: 0, beyond_yellow: 0, to_yellow: 0, before_yellow: 0}
""")  # noqa: E501 -- an expectation a line.

    hold(compiled(COMPARED), cases, monkeypatch)
    assert [one.message for one in VALIDATOR.iter_errors(parsed(COMPARED))] == []


def ordered(text: str, order: str = "best_first") -> str:
    """Let the colours of a policy stand in an order."""
    return text.replace(CODES, f"{CODES}    ordered: {{colour: {order}}}\n")


BANDS: Final = """\
        - {grade: A, when: {colour: green}}
        - {grade: B, when: {colour: yellow}}
        - {grade: C, when: {colour: red}}
        - {grade: C, when: {colour: {known: false}}}
"""
STEPS: Final = """\
        - {grade: A, when: {colour: {below: yellow}}}
        - {grade: B, when: {colour: {at_most: yellow}}}
        - {grade: C, when: {colour: {above: yellow}}}
        - {grade: C, when: {colour: {known: false}}}
"""


def test_word_of_another_policy_compares_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bands by steps give what those by words give, and both sides say one order."""
    taker = ordered(TAKER).replace(BANDS, STEPS)
    cases = cases_of("""\
  - {name: green, as_of: 2024-06-01, inputs: {colour: green}, expect: {grade: A, factor: 0.9}}
  - {name: yellow, as_of: 2024-06-01, inputs: {colour: yellow}, expect: {grade: B, factor: 1}}
  - {name: red, as_of: 2024-06-01, inputs: {colour: red}, expect: {grade: C, factor: 1.2}}
""")

    hold(compiled(ordered(GIVER), taker), cases, monkeypatch)
    assert together(ordered(GIVER), taker) == []
    assert {one.rsplit(":", 1)[1] for one in problems(GIVER, TAKER.replace(BANDS, STEPS))} == {
        "not-ordered"
    }


TURNED: Final = """\
        red: {zh: 红色, en: red}
        yellow: {zh: 黄色, en: yellow}
        green: {zh: 绿色, en: green}
"""


@pytest.mark.parametrize(
    ("giver", "taker", "found"),
    [
        pytest.param(ordered(GIVER), TAKER, [], id="taker-needs-none"),
        pytest.param(GIVER, ordered(TAKER), ["words-order"], id="giver-has-none"),
        pytest.param(
            ordered(GIVER, "worst_first"), ordered(TAKER), ["words-order"], id="other-end"
        ),
        pytest.param(
            ordered(GIVER).replace(CODES.split("colour:\n")[1], TURNED),
            ordered(TAKER),
            ["words-order"],
            id="other-order",
        ),
    ],
)
def test_order_is_said_alike_on_both_sides(giver: str, taker: str, found: list[str]) -> None:
    """What is beyond yellow here must be beyond it there."""
    assert [one.rsplit(" ", 1)[1] for one in together(giver, taker)] == found


def test_grades_keep_the_order_of_their_ladder() -> None:
    """Who names the grades of another policy gives them no order besides."""
    other = TAKER.replace("cn.example.construct", "cn.example.graded")
    mine = written("""\
    codes: {theirs: {A: {zh: A, en: A}, B: {zh: B, en: B}, C: {zh: C, en: C}}}
    ordered: {theirs: best_first}
    inputs:
      graded:
        {from: policy, policy: cn.example.graded, output: grade, codes: theirs, if_missing: unknown}
    outputs: {low: {is: {if: {graded: {below: B}}, then: 1, else: 0}, unit: condition}}
""")
    found = together(other, mine, GIVER)

    assert [one.rsplit(" ", 1)[1] for one in found] == ["words-order"]
    assert together(other, mine.replace("    ordered: {theirs: best_first}\n", ""), GIVER) == []


COLOURED: Final = (
    ORDERED
    + """\
    indicators:
      n: {records: violation, window: {last: {months: 12}}, measure: count, unit: violation, SOURCE}
    values:
      colour:
        is: {if: {n: {at_least: 3}}, then: THREE, else: {if: {n: 0}, then: NONE, else: yellow}}
        codes: colour
        SOURCE
    outputs:
      colour: {is: colour, codes: colour}
"""
)
EXEMPTION: Final = """    monotone_exemption:
      reason: Whoever reports himself is let off.
      rules: [colour]
      SOURCE
"""


@pytest.mark.parametrize(
    ("none", "three", "order", "found"),
    [
        pytest.param("green", "red", "best_first", [], id="right"),
        pytest.param("green", "yellow", "best_first", [], id="stays"),
        pytest.param("green", "green", "best_first", ["not-monotone"], id="third-is-green-again"),
        pytest.param("red", "red", "best_first", ["not-monotone"], id="first-lifts"),
        pytest.param("green", "red", "worst_first", ["not-monotone"], id="red-is-the-best"),
        pytest.param("red", "green", "worst_first", [], id="green-is-the-worst"),
    ],
)
def test_slip_in_an_ordered_word_is_found(
    none: str, three: str, order: str, found: list[str]
) -> None:
    """One and two violations are yellow; a third must not be better than they are."""
    body = COLOURED.replace("NONE", none).replace("THREE", three).replace("best_first", order)
    exempt = policy_of(EXEMPTION + body, "risk")

    assert codes(policy_of(body, "risk")) == found
    assert codes(exempt) == ([] if found else ["needless-exemption"])
    assert codes(policy_of(body.replace(f"    ordered: {{colour: {order}}}\n", ""), "risk")) == []


def test_slip_is_told_by_the_words() -> None:
    """A clerk reads the colour, and not its number."""
    body = COLOURED.replace("NONE", "green").replace("THREE", "green")
    ((_, _, message),) = placed(policy_of(body, "risk"))

    assert ": colour yellow → green; before, there was" in message


def test_word_that_is_lost_is_a_relief_unless_it_was_the_best() -> None:
    """With a third violation there is no colour: yellow is taken off; from green nothing is."""
    lost = COLOURED.replace("then: THREE", "then: {lookup: none}").replace("NONE", "green")
    lost = lost.replace(
        "    values:\n",
        """\
    tables:
      none: {keys: [n], outputs: {c: colour}, rows: [{n: 0, c: green}], otherwise: unknown, SOURCE}
    values:
""",
    )

    assert codes(policy_of(lost, "risk")) == ["not-monotone"]
    assert codes(policy_of(lost.replace("else: yellow", "else: green"), "risk")) == []


TAKEN: Final = (
    ORDERED
    + """\
    inputs:
      colour:
        {from: policy, policy: cn.example.giver, output: colour, codes: colour, if_missing: unknown}
    rules:
      - id: W-1
        when: {colour: WORSE}
        set: {status: watched}
        WORDING
        SOURCE
"""
)


@pytest.mark.parametrize(
    ("worse", "order", "found"),
    [
        pytest.param("{at_least: yellow}", "best_first", [], id="from-yellow-on"),
        pytest.param("yellow", "best_first", ["not-monotone"], id="yellow-alone"),
        pytest.param("{at_most: yellow}", "best_first", ["not-monotone"], id="turned-round"),
        pytest.param("{at_most: yellow}", "worst_first", [], id="to-yellow"),
        pytest.param("{at_least: yellow}", "worst_first", ["not-monotone"], id="turned-again"),
    ],
)
def test_worse_word_that_is_taken_in_improves_nothing(
    worse: str, order: str, found: list[str]
) -> None:
    """Whoever is watched when yellow is so when red."""
    body = TAKEN.replace("WORSE", worse).replace("best_first", order)

    assert codes(policy_of(body, "supervision")) == found


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param("{colours: best_first}", "unknown-code", id="no-such-set"),
        pytest.param("{colour: rising}", "unknown-word", id="no-such-order"),
        pytest.param("[colour]", "syntax", id="no-end-is-said"),
    ],
)
def test_wrong_order_is_refused(said: str, code: str) -> None:
    """An order is one of a set of the version, and says at which end the best stands."""
    wrong = ORDERED.replace("{colour: best_first}", said)

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(written(wrong).encode(), "policy.yaml")

    assert [one.code for one in refused.value.problems] == [code]
    assert VALIDATOR.is_valid(parsed(written(wrong))) is (code == "unknown-code")


def test_order_goes_with_the_set_to_a_district() -> None:
    """Who extends has the order too; who names the words anew says it anew."""
    city = written(COMPARED.split("confidence: assumed}\n", 1)[1]).replace("construct", "city", 1)
    rule = """\
    outputs: {mine: {is: {if: {two: {above: green}}, then: 1, else: 0}, unit: condition}}
"""
    head = '    extends: {policy: cn.example.city, version: "1"}\n'

    assert problems(city, written(head + rule)) == []
    assert {one.rsplit(":", 1)[1] for one in problems(city, written(head + CODES + rule))} >= {
        "not-ordered"
    }


def test_other_order_is_a_difference() -> None:
    """Who compares two versions is told that the other end is the best now."""
    one, two = (
        read_policy(text.encode(), "policy.yaml").versions[0]
        for text in (COMPARED, COMPARED.replace("best_first", "worst_first"))
    )
    (found,) = differences(one, two, VOCABULARY)

    assert found.path == "codes.colour.order"
    assert "由优到劣" in found.sentence.zh


@pytest.mark.parametrize(
    ("word", "told"),
    [pytest.param("red", "hardly anybody", id="worst"), pytest.param("yellow", "all ", id="other")],
)
def test_worst_word_shows_no_slip(word: str, told: str) -> None:
    """Where everybody has the worst grade and is red besides, nothing could get better."""
    body = COLOURED.replace("NONE", word).replace("THREE", word).replace("yellow}", f"{word}}}")
    body += "    grade: {ladder: [A, B], start: [{grade: B, when: true}], beyond: clamp, SOURCE}\n"
    ((code, _, message),) = placed(policy_of(body, "risk"))

    assert (code, message.startswith(told)) == ("not-searched", True)
