"""Words of a scheme's own: declared in the file, given, taken in, and checked from both sides."""

from datetime import date

import pytest

from services.engine.cases import try_case
from services.engine.checking import CheckContext, check_policy
from services.engine.differing import differences
from services.engine.errors import PolicyRefusedError
from services.engine.extending import extend_policies
from services.engine.language import Wording
from services.engine.policy_file import read_policy
from services.engine.scales import scales_of
from services.engine.together import check_together
from tests.unit.engine.holding import SOURCE, cases_of, compiled, hold, problems, written
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_schema import VALIDATOR, parsed

CODES = """\
    codes:
      colour:
        green: {zh: 绿色, en: green}
        yellow: {zh: 黄色, en: yellow}
        red: {zh: 红色, en: red}
"""
# Gives green and red, and for a request yellow as it is told.
GIVER = (
    written("""\
    inputs:
      told: {from: request, codes: colour, if_missing: green}
      marks: {from: request, unit: point, if_missing: 0}
    values:
      seen:
        is: {if: {told: yellow}, then: told, else: {if: {marks: {at_least: 12}}, then: red, else: green}}
        codes: colour
        SOURCE
    outputs:
      colour: {is: seen, codes: colour}
      marks: {is: marks, unit: point, better: less}
""")  # noqa: E501 -- a choice a line.
    .replace("    inputs:\n      told", CODES + "    inputs:\n      told")
    .replace("cn.example.construct", "cn.example.giver")
)
TAKER = written(
    CODES
    + """\
    inputs:
      colour:
        {from: policy, policy: cn.example.giver, output: colour, codes: colour, if_missing: unknown}
    tables:
      factors:
        keys: [colour]
        outputs: {factor: ratio}
        rows:
          - {colour: green, factor: 0.9}
          - {colour: yellow, factor: 1}
          - {colour: red, factor: 1.2}
        otherwise: no_data
        SOURCE
    rules:
      - id: T-RED
        when: {colour: red}
        set: {duty: retraining}
        wording: {zh: 红色, en: red}
        SOURCE
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {colour: green}}
        - {grade: B, when: {colour: yellow}}
        - {grade: C, when: {colour: red}}
        - {grade: C, when: {colour: {known: false}}}
      SOURCE
    outputs:
      factor: {is: {lookup: factors}, unit: ratio, places: 1}
"""
)


def together(*texts: str) -> list[str]:
    """Check policies side by side; give the problems as ``file:line:column code``."""
    policies = [read_policy(text.encode(), f"{n}.yaml") for n, text in enumerate(texts)]
    found = check_together(extend_policies(policies))
    return [f"{one.file}:{one.line}:{one.column} {one.code}" for one in found]


def checked(text: str) -> list[str]:
    """Check one policy alone; give the codes of its problems."""
    policy = read_policy(text.encode(), "policy.yaml")
    context = CheckContext(
        vocabulary=VOCABULARY,
        ladders=scales_of(policy.policy_id, policy.versions[0]),
        ended={},
        today=date(2026, 11, 22),
    )
    return [one.code for one in check_policy(policy, context)]


def test_word_is_given_and_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told yellow it is yellow, else 12 marks are red, 11 green; the taker reads the word."""
    giver = cases_of("""\
  - {name: nothing, as_of: 2024-06-01, expect: {colour: green}}
  - {name: eleven, as_of: 2024-06-01, inputs: {marks: 11}, expect: {colour: green}}
  - {name: twelve, as_of: 2024-06-01, inputs: {marks: 12}, expect: {colour: red}}
  - {name: told, as_of: 2024-06-01, inputs: {marks: 12, told: yellow}, expect: {colour: yellow}}
""")
    taker = cases_of("""\
  - {name: green, as_of: 2024-06-01, inputs: {colour: green}, expect: {grade: A, factor: 0.9, rules: []}}
  - {name: yellow, as_of: 2024-06-01, inputs: {colour: yellow}, expect: {grade: B, factor: 1}}
  - {name: red, as_of: 2024-06-01, inputs: {colour: red}, expect: {grade: C, factor: 1.2, rules: [T-RED]}}
  - {name: none, as_of: 2024-06-01, expect: {state: no_data}}
""")  # noqa: E501 -- a case a line.

    hold(compiled(GIVER), giver, monkeypatch)
    hold(compiled(GIVER, TAKER), taker, monkeypatch)


def test_number_of_a_word_is_the_one_of_the_giver() -> None:
    """Who names the words in another order means the same words all the same."""
    turned = TAKER.replace(
        "        green: {zh: 绿色, en: green}\n        yellow: {zh: 黄色, en: yellow}\n",
        "        yellow: {zh: 黄色, en: yellow}\n        green: {zh: 绿色, en: green}\n",
    )
    assert turned != TAKER

    plan = compiled(GIVER, turned)

    assert plan.words["colour"] == {"green": 1, "yellow": 2, "red": 3}
    assert plan.titles["colour"]["red"] == Wording("红色", "red")
    assert compiled(GIVER).outputs["colour"].titles["red"] == Wording("红色", "red")


def test_right_words_pass_every_check() -> None:
    """Nothing is wrong with what the others change, and an editor takes it as right."""
    assert together(GIVER, TAKER) == []
    assert [code for code in checked(GIVER) if code != "not-searched"] == []
    for text in (GIVER, TAKER):
        assert [one.message for one in VALIDATOR.iter_errors(parsed(text))] == []


@pytest.mark.parametrize(
    ("giver", "taker", "code"),
    [
        pytest.param(
            GIVER,
            TAKER.replace("        yellow: {zh: 黄色, en: yellow}\n", ""),
            "1.yaml:18:9 words-not-named",
            id="given-and-not-named",
        ),
        pytest.param(
            GIVER.replace("then: red, else: green", "then: yellow, else: green").replace(
                "{if: {told: yellow}, then: told, else: ",
                "{if: {told: yellow}, then: green, else: ",
            ),
            TAKER,
            "1.yaml:19:9 words-never-given",
            id="named-and-never-given",
        ),
        pytest.param(
            GIVER,
            TAKER.replace(" codes: colour,", ""),
            "1.yaml:19:9 words",
            id="not-said-of-which-codes",
        ),
        pytest.param(
            GIVER,
            TAKER.replace("output: colour,", "output: marks,"),
            "1.yaml:19:9 words",
            id="no-words",
        ),
    ],
)
def test_words_are_checked_from_both_sides(giver: str, taker: str, code: str) -> None:
    """A word that is given and not named is found, and one that is named and never given."""
    assert together(giver, taker) == [code]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        pytest.param(["A", "B", "C"], [], id="all-of-them"),
        pytest.param(["A", "B"], ["1.yaml:18:9 words-not-named"], id="one-too-few"),
        pytest.param(["A", "B", "C", "D"], ["1.yaml:20:9 words-never-given"], id="one-too-many"),
    ],
)
def test_grades_are_checked_where_they_are_named(grades: list[str], expected: list[str]) -> None:
    """An input of a grade may name its words, and has to name all of them then."""
    titles = "".join(f"        {grade}: {{zh: {grade}级, en: grade {grade}}}\n" for grade in grades)
    other = TAKER.replace("cn.example.construct", "cn.example.graded")
    mine = written(f"""\
    codes:
      theirs:
{titles}    inputs:
      graded:
        {{from: policy, policy: cn.example.graded, output: grade, codes: theirs, if_missing: unknown}}
    rules:
      - id: G-1
        when: {{graded: {{at_least: B}}}}
        set: {{duty: retraining}}
        wording: {{zh: 一, en: one}}
        SOURCE
""")  # noqa: E501 -- an input a line.

    assert together(other, mine, GIVER) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("then: red", "then: rot", "0.yaml:22:unknown-name", id="no-such-word"),
        pytest.param("{told: yellow}", "{told: amber}", "0.yaml:22:unknown-code", id="compared"),
        pytest.param(
            "{told: yellow}", "{told: {at_least: yellow}}", "0.yaml:22:not-ordered", id="order"
        ),
        pytest.param("is: seen, codes", "is: marks, codes", "0.yaml:26:unknown-code", id="number"),
        pytest.param(
            "told: {from: request, codes: colour",
            "told: {from: request, codes: color",
            "0.yaml:18:unknown-code",
            id="no-such-set",
        ),
    ],
)
def test_wrong_word_is_refused_where_it_stands(old: str, new: str, expected: str) -> None:
    """A word that the set does not have has no meaning."""
    wrong = GIVER.replace(old, new, 1)
    assert wrong != GIVER

    assert expected in problems(wrong)


def test_set_that_the_vocabulary_has_is_refused() -> None:
    """A word would have two meanings."""
    assert "duplicate-name" in checked(GIVER.replace("colour", "severity"))


def test_word_that_nothing_gives_is_warned_of() -> None:
    """A colour of the set that the output can never have is most likely a slip."""
    assert "unused" in checked(
        GIVER.replace("then: told", "then: yellow").replace("then: red", "then: green")
    )


def test_set_without_words_is_refused() -> None:
    """There is nothing to choose from, and both reader and editor say so."""
    wrong = (
        GIVER[: GIVER.index("        green")] + "        {}\n" + GIVER[GIVER.index("    inputs") :]
    )

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(wrong.encode(), "policy.yaml")

    assert [one.code for one in refused.value.problems] == ["missing-words"]
    assert not VALIDATOR.is_valid(parsed(wrong))


def test_number_and_word_at_once_are_refused() -> None:
    """What is a word has no unit."""
    wrong = GIVER.replace("{is: seen, codes: colour}", "{is: seen, codes: colour, unit: point}")

    with pytest.raises(PolicyRefusedError):
        read_policy(wrong.encode(), "policy.yaml")
    assert not VALIDATOR.is_valid(parsed(wrong))


def test_case_with_a_wrong_word_is_found() -> None:
    """A case that tells a word which the input does not know is a mistake of the case."""
    plan = compiled(GIVER)
    (case,) = cases_of("""\
  - {name: amber, as_of: 2024-06-01, inputs: {told: amber}, expect: {colour: green}}
""")

    assert [str(one) for one in try_case(plan, case, VOCABULARY, "cases")] != []


def test_district_takes_the_words_over() -> None:
    """What extends has the words of the one above, and may give another of them."""
    district = written("""\
    extends: {policy: cn.example.giver, version: "1"}
    values:
      seen: {is: {if: {marks: {at_least: 6}}, then: red, else: told}, codes: colour, SOURCE}
""")
    plan = compiled(GIVER, district)
    cases = cases_of("""\
  - {name: six, as_of: 2024-06-01, inputs: {marks: 6}, expect: {colour: red}}
  - {name: five, as_of: 2024-06-01, inputs: {marks: 5, told: yellow}, expect: {colour: yellow}}
""")

    assert [str(one) for case in cases for one in try_case(plan, case, VOCABULARY, "c")] == []


def test_word_of_the_year_before_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red in the year of an accident, yellow in the one after it, then green again."""
    text = written(
        CODES
        + """\
    inputs:
      last_colour:
        from: last_period
        period: year
        back: 1
        output: colour
        codes: colour
        if_missing: green
    indicators:
      accidents:
        {records: accident, window: {calendar: year}, measure: count, unit: accident, SOURCE}
    outputs:
      colour:
        is:
          if: {accidents: {at_least: 1}}
          then: red
          else: {if: {last_colour: red}, then: yellow, else: green}
        codes: colour
"""
    )
    cases = cases_of("""\
  - name: in the year of the accident
    as_of: 2023-12-31
    records: [{kind: accident, event_date: 2023-05-01}]
    expect: {colour: red}
  - name: a year later
    as_of: 2024-12-31
    records: [{kind: accident, event_date: 2023-05-01}]
    expect: {colour: yellow}
  - name: two years later
    as_of: 2025-01-01
    records: [{kind: accident, event_date: 2023-05-01}]
    expect: {colour: green}
""")

    hold(compiled(text), cases, monkeypatch)
    assert together(text) == []
    assert together(
        text.replace("        codes: colour\n        if_missing", "        if_missing")
    ) == ["0.yaml:19:9 words"]


def test_district_keeps_words_words() -> None:
    """A word of the city stays no number, and what its set loses is found where it is given."""
    head = written("""\
    extends: {policy: cn.example.giver, version: "1"}
""")
    number = head + "    values: {seen: {is: 1, unit: point, SOURCE}}\n".replace("SOURCE", SOURCE)
    poorer = (
        head + "    codes: {colour: {green: {zh: 绿, en: green}, yellow: {zh: 黄, en: yellow}}}\n"
    )

    assert problems(GIVER, number) == ["1.yaml:13:unit-changed"]
    assert [one.rsplit(":", 1)[1] for one in problems(GIVER, poorer)] == ["unknown-code"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param(["watched"], [], id="all-of-them"),
        pytest.param(["watched", "none"], [], id="none-as-well"),
        pytest.param(["none"], ["words-not-named"], id="one-too-few"),
        pytest.param(["watched", "barred"], ["words-never-given"], id="one-too-many"),
    ],
)
def test_statuses_are_checked_where_they_are_named(named: list[str], expected: list[str]) -> None:
    """What a policy sets as a status is all that it gives; without one the word is none."""
    other = TAKER.replace("{duty: retraining}", "{status: watched}")
    titles = ", ".join(f"{word}: {{zh: 状态, en: status}}" for word in named)
    mine = written(f"""\
    codes: {{theirs: {{{titles}}}}}
    inputs:
      standing:
        from: policy
        policy: cn.example.watching
        output: status_word
        codes: theirs
        if_missing: unknown
    outputs: {{watched: {{is: {{if: {{standing: watched}}, then: 1, else: 0}}, unit: condition}}}}
""")

    found = together(other.replace("cn.example.construct", "cn.example.watching"), mine, GIVER)

    assert [one.rsplit(" ", 1)[1] for one in found] == expected


def test_words_may_not_change_while_they_are_taken_in() -> None:
    """A second version of the giver has another colour; who takes it in has to end by then."""
    first, second = GIVER.replace("end_date: null", "end_date: 2020-01-01"), GIVER
    second = second[second.index('  - version: "1"') :].replace('version: "1"', 'version: "2"')
    second = second.replace("2015-01-01", "2020-01-01").replace("red", "black")

    found = together(first + second, TAKER)

    assert [one.rsplit(" ", 1)[1] for one in found] == ["words-not-named", "several-ladders"]


def test_new_title_is_a_difference() -> None:
    """Who compares two versions is told that a word is called otherwise."""
    one, two = (
        read_policy(text.encode(), "policy.yaml").versions[0]
        for text in (GIVER, GIVER.replace("zh: 红色", "zh: 赤色"))
    )

    found = differences(one, two, VOCABULARY)

    assert [("codes" in found[0].path, "赤色" in str(found[0]))] == [(True, True)]
