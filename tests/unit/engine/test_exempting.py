"""What a clause lets a worse record improve, by name, and what is compared all the same."""

import re
from typing import Final

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.extending import extend_policies
from services.engine.language import Policy
from services.engine.policy_file import objections_to, read_policy
from tests.unit.engine.test_monotone import HEAD, SERIOUS, SOURCE, WORDING, codes, placed, policy_of

FOUND: Final = ["not-monotone"]
EXEMPTION: Final = """    monotone_exemption:
      reason: Whoever reports himself is let off.
NAMED      SOURCE
"""

TWO: Final = (
    SERIOUS
    + """      hazards: {records: hazard, window: ever, measure: count, unit: hazard, SOURCE}
    totals:
      score: {unit: point, start: 50, combine: sum, at_least: 0, at_most: 100, SOURCE}
    rules:
      - id: X-LET-OFF
        when: {n: {at_least: 1}}
        add: {to: score, amount: 20}
        WORDING
        SOURCE
      - id: X-HAZARDS
        when: {hazards: {at_least: 1}}
        add: {to: score, amount: LIFT}
        WORDING
        SOURCE
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: {score: {at_least: 60}}}
        - {grade: C, when: true}
      beyond: clamp
      SOURCE
    score: score
"""
)


def exempting(*names: str, off: int = -5) -> Policy:
    """Make a policy whose violations lift a score by 20, with an exemption of some names."""
    named = f"      rules: [{', '.join(names)}]\n" if names else ""
    return policy_of(EXEMPTION.replace("NAMED", named) + TWO.replace("LIFT", str(off)))


def test_the_search_goes_on_beside_what_is_exempt() -> None:
    """Violations may lift by their rule; hazards that lift by another are found all the same."""
    assert codes(exempting("X-LET-OFF")) == []
    assert codes(exempting("X-LET-OFF", off=20)) == ["not-monotone"]
    assert placed(exempting("X-LET-OFF", off=20))[0][2].startswith("X-HAZARDS: ")


def test_an_exemption_names_what_there_is_and_what_needs_it() -> None:
    """A name that nothing has is a mistake; a rule that takes points off needs no exemption."""
    ((code, line, message),) = placed(exempting("X-LETT-OFF"))

    assert (code, line) == ("unknown-rule", 1 + HEAD.count("\n") + 1)
    assert "'X-LETT-OFF'" in message
    assert codes(exempting("X-LET-OFF", "X-HAZARDS")) == ["needless-exemption"]
    assert codes(exempting("X-LET-OFF", "X-HAZARDS", off=20)) == []


def test_grades_and_outputs_are_exempt_by_name() -> None:
    """An exemption of the grade leaves outputs compared, and the other way round."""
    output = "    outputs:\n      x: {is: score, unit: point, better: less}\n"
    body = EXEMPTION + TWO.replace("LIFT", "-5") + output
    exempt = {
        names: codes(policy_of(body.replace("NAMED", f"      rules: [{names}]\n")))
        for names in ("grade", "x", "X-LET-OFF, x", "X-LET-OFF", "X-LET-OFF, X-HAZARDS")
    }

    # The grade gets better by a violation, and the output by a hazard, each by its rule.
    named: dict[str, list[str]] = {"X-LET-OFF, X-HAZARDS": []}
    assert exempt == {"grade": FOUND, "x": FOUND, "X-LET-OFF, x": FOUND, "X-LET-OFF": FOUND} | named


def test_an_exempt_grade_lets_no_rule_improve_that_is_not_named() -> None:
    """The grade is better by a rule that takes points off the wrong way: nobody exempts that."""
    body = TWO.replace("LIFT", "-5")
    (found,) = placed(policy_of(EXEMPTION.replace("NAMED", "      rules: [grade]\n") + body))

    assert (found[0], found[2].partition(":")[0]) == ("not-monotone", "X-LET-OFF")


RATE: Final = "rate\ninsurance: work_injury"

LOADED: Final = """    indicators:
      n: {records: violation, window: {last: {years: 3}}, measure: count, unit: violation, SOURCE}
      hazards: {records: hazard, window: ever, measure: count, unit: hazard, SOURCE}
    tables:
      base: {keys: [n], outputs: {x: CNY}, rows: [{n: 0, x: 300}], otherwise: {x: OTHER}, SOURCE}
    totals:
      load: {unit: ratio, places: 2, start: 1, combine: sum, at_least: 0.5, at_most: 2, SOURCE}
    rules:
      - {id: X-N, when: {n: {at_least: 1}}, add: {to: load, amount: BYN}, WORDING, SOURCE}
      - {id: X-H, when: {hazards: {at_least: 1}}, add: {to: load, amount: BYH}, WORDING, SOURCE}
    values:
      base: {is: {lookup: base}, unit: CNY, SOURCE}
    outputs:
      x: {is: {multiply: [base, load]}, unit: CNY, places: 2}
"""


@pytest.mark.parametrize(
    ("named", "other", "by_n", "by_h", "found"),
    [
        pytest.param("x", 200, 0.1, 0.1, [], id="table-alone"),
        pytest.param("x", 200, 0.1, -0.1, ["X-H"], id="a-rule-beside-it"),
        pytest.param("x, X-H", 200, 0.1, -0.1, [], id="that-is-named"),
        pytest.param("x", 300, -0.1, 0.1, ["X-N"], id="a-rule-and-no-table"),
        pytest.param("X-N", 300, -0.1, 0.1, [], id="the-rule-alone"),
        pytest.param("X-H", 200, 0.1, -0.1, [""], id="not-the-table"),
    ],
)
def test_exempt_output_lets_no_rule_improve_it_that_is_not_named(
    named: str, other: int, by_n: float, by_h: float, found: list[str]
) -> None:
    """From the first violation on the base is 200 by its clause; no hazard lowers the load."""
    body = EXEMPTION.replace("NAMED", f"      rules: [{named}]\n") + LOADED
    body = body.replace("OTHER", str(other)).replace("BYN", str(by_n)).replace("BYH", str(by_h))
    problems = placed(policy_of(body, RATE))

    assert [code for code, _, _ in problems] == ["not-monotone" for _ in found]
    assert all(one[2].startswith(rule) for one, rule in zip(problems, found, strict=True))


@pytest.mark.parametrize(("better", "found"), [("neutral", []), ("less", FOUND)])
def test_neutral_output_moves_by_a_clause_whatever_moves_it(better: str, found: list[str]) -> None:
    """What is neither better nor worse cannot improve, by a rule as little as by a table."""
    body = EXEMPTION.replace("NAMED", "      rules: [x]\n") + LOADED.replace("OTHER", "200")
    body = body.replace("BYN", "0.1").replace("BYH", "-0.1").replace("CNY", "month")

    assert (
        codes(policy_of(body.replace("places: 2}", f"places: 2, better: {better}}}"), RATE))
        == found
    )


BANDS: Final = (
    SERIOUS
    + """      hazards: {records: hazard, window: ever, measure: count, unit: hazard, SOURCE}
    rules:
      - id: X-HAZARDS
        when: {hazards: HAZARDS}
        set: {grade: C}
        WORDING
        SOURCE
    grade:
      ladder: [A, B, C]
      start:
        - {grade: C, when: {n: {at_least: 1, at_most: 2}}}
        - {grade: B, when: true}
      beyond: clamp
      SOURCE
"""
)


@pytest.mark.parametrize(
    ("named", "hazards", "found"),
    [
        pytest.param("grade", "{at_least: 1}", [], id="bands-are-the-grade"),
        pytest.param("grade", "1", ["not-monotone"], id="a-rule-beside-them-is-not"),
        pytest.param("'grade', X-HAZARDS", "1", [], id="unless-it-is-named"),
        pytest.param("X-HAZARDS", "1", ["not-monotone"], id="which-exempts-no-band"),
    ],
)
def test_an_exempt_grade_is_what_bands_give(named: str, hazards: str, found: list[str]) -> None:
    """From the third violation on the start is B again; a second hazard takes no veto away."""
    body = EXEMPTION.replace("NAMED", f"      rules: [{named}]\n") + BANDS

    assert codes(policy_of(body.replace("HAZARDS}", hazards + "}"))) == found


def test_an_exemption_of_the_whole_version_is_read_and_refused_in_a_check() -> None:
    """What is law already can be read; what is checked has to name its rules."""
    policy = exempting()

    (problem,) = objections_to(policy, policy.versions)

    assert (problem.code, problem.line) == ("exemption-of-all", 1 + HEAD.count("\n") + 1)
    assert policy.versions[0].exemption is not None
    assert codes(policy) == ["not-monotone"]
    named = exempting("X-LET-OFF")
    assert list(objections_to(named, named.versions)) == []


PACK: Final = """policy: cn.example.pack
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110102"
versions:
  - version: "1"
    start_date: 2020-01-01
    end_date: null
    extends: {policy: cn.example.x, version: "1"}
    source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}
"""


@pytest.mark.parametrize(
    ("own", "found"),
    [
        pytest.param("", ["not-monotone"], id="says-nothing"),
        pytest.param(
            EXEMPTION.replace("NAMED", "      rules: [X-LET-OFF]\n"), [], id="says-it-again"
        ),
    ],
)
def test_a_pack_states_its_own_exemption(own: str, found: list[str]) -> None:
    """The rule of the policy above is the pack's too, the clause that exempts it is not."""
    pack = (PACK + own).replace("SOURCE", SOURCE).replace("WORDING", WORDING)
    whole = extend_policies([exempting("X-LET-OFF"), read_policy(pack.encode(), "pack.yaml")])

    assert codes(whole["cn.example.pack"]) == found


BORNE: Final = """    indicators:
      n: {records: violation, window: {last: {years: 3}}, measure: count, unit: violation, SOURCE}
    tables:
      amounts:
        keys: [n]
        outputs: {x: UNIT}
        rows: [{n: 0, x: FIRST}, {n: {at_least: 1, at_most: 2}, x: THEN}]
        otherwise: unknown
        SOURCE
    outputs:
      x: {is: {lookup: amounts}, unit: UNITBETTER}
"""


def borne(
    kind: str, unit: str, amounts: tuple[int, int], better: str = "", *, named: bool = False
) -> list[str]:
    """Search a policy with an amount without violation, with one or two, and none from three on."""
    body = EXEMPTION.replace("NAMED", "      rules: [x]\n") if named else ""
    body += BORNE.replace("BETTER", f", better: {better}" if better else "").replace("UNIT", unit)
    body = body.replace("FIRST", str(amounts[0])).replace("THEN", str(amounts[1]))
    return codes(policy_of(body, kind))


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        pytest.param(RATE, "CNY", id="premium"),
        pytest.param("supervision", "inspection", id="inspections"),
        pytest.param("supervision", "inspection a year", id="by-the-year"),
    ],
)
def test_nothing_to_bear_is_better_than_something(kind: str, unit: str) -> None:
    """From the third violation on there is no amount; who had none to bear loses nothing."""
    assert borne(kind, unit, (1, 4)) == FOUND
    assert borne(kind, unit, (0, 0)) == []


@pytest.mark.parametrize(("amount", "found"), [(4, FOUND), (0, [])])
def test_a_third_violation_does_not_take_who_pays_out_of_the_policy(
    amount: int, found: list[str]
) -> None:
    """The version applies below three; there is an amount to lose, or none."""
    body = f"""    applies: {{n: {{below: 3}}}}
    indicators:
      n: {{records: violation, window: ever, measure: count, unit: violation, SOURCE}}
    outputs:
      x: {{is: {amount}, unit: CNY}}
"""

    assert codes(policy_of(body, RATE)) == found


def test_losing_what_is_good_to_have_is_no_improvement() -> None:
    """A discount that a third violation takes away; one that the first brings is found."""
    assert borne(RATE, "percent", (4, 1), better="more", named=True) == []
    assert borne(RATE, "percent", (1, 4), better="more", named=True) == FOUND


@pytest.mark.parametrize("better", ["more", "neutral"])
def test_no_word_takes_money_out_of_the_search_without_a_clause(better: str) -> None:
    """Four yuan become one by a violation: an exemption says by what clause, or it is a slip."""
    assert borne(RATE, "CNY", (4, 1), better=better) == FOUND
    assert borne(RATE, "CNY", (4, 1), better=better, named=True) == []
    # Nothing moves it, so there is nothing to exempt.
    assert borne(RATE, "CNY", (0, 0), better=better) == []


def test_word_that_does_not_count_is_told() -> None:
    """Whoever wrote `neutral` learns what it takes."""
    body = BORNE.replace("BETTER", ", better: neutral").replace("UNIT", "CNY")
    ((code, _, message),) = placed(policy_of(body.replace("FIRST", "4").replace("THEN", "1"), RATE))

    assert code == "not-monotone"
    assert message.endswith("without one that names it, 'better: neutral' of 'x' does not count")


@pytest.mark.parametrize(
    ("unit", "better", "found"),
    [
        pytest.param("inspection a year", "", FOUND, id="of-the-vocabulary"),
        pytest.param("inspection per quarter", "", FOUND, id="by-the-quarter"),
        pytest.param("basis point", "", FOUND, id="share"),
        pytest.param("month", "", ["missing-direction"], id="unsaid"),
        pytest.param("month", "less", FOUND, id="months-watched"),
        pytest.param("month", "more", [], id="months-between"),
        pytest.param("month", "neutral", FOUND, id="months-that-move-without-a-clause"),
    ],
)
def test_every_number_of_supervision_is_compared(unit: str, better: str, found: list[str]) -> None:
    """Four without a violation, one with one or more: fewer inspections, or fewer months."""
    said = f", better: {better}" if better else ""
    body = f"""    indicators:
      n: {{records: violation, window: ever, measure: count, unit: violation, SOURCE}}
    outputs:
      x: {{is: {{if: {{n: {{at_least: 1}}}}, then: 1, else: 4}}, unit: {unit}{said}}}
"""

    assert codes(policy_of(body, "supervision")) == found


@pytest.mark.parametrize(
    ("after", "named", "found"),
    [
        pytest.param(1, False, FOUND, id="less"),
        pytest.param(9, False, FOUND, id="more"),
        pytest.param(4, False, [], id="as-much"),
        pytest.param(9, True, [], id="by-a-clause"),
        pytest.param(4, True, ["needless-exemption"], id="nothing-to-exempt"),
    ],
)
def test_what_is_neither_better_nor_worse_stays_or_has_a_clause(
    after: int,
    named: bool,  # noqa: FBT001 -- a parameter.
    found: list[str],
) -> None:
    """Four months without a violation, and as many with one, unless a clause says otherwise."""
    body = EXEMPTION.replace("NAMED", "      rules: [x]\n") if named else ""
    body += f"""    indicators:
      n: {{records: violation, window: ever, measure: count, unit: violation, SOURCE}}
    outputs:
      x: {{is: {{if: {{n: {{above: 0}}}}, then: {after}, else: 4}}, unit: month, better: neutral}}
"""

    assert codes(policy_of(body, "supervision")) == found


def test_what_is_better_is_one_of_three_words() -> None:
    """Another word is a mistake of the file."""
    with pytest.raises(PolicyRefusedError, match="better"):
        policy_of("    outputs:\n      x: {is: 1, unit: point, better: higher}\n", "supervision")


def test_day_is_told_as_a_day() -> None:
    """A later violation moves the last day, which an output calls bad to have moved."""
    body = """    indicators:
      last:
        records: violation
        window: ever
        measure: last_day
        if_none: unknown
        unit: date
        SOURCE
    outputs:
      x: {is: last, unit: date, better: more}
"""
    ((code, _, message),) = placed(policy_of(body, "supervision"))

    assert code == "not-monotone"
    assert re.search(r": x 20\d\d-\d\d-\d\d → 20\d\d-\d\d-\d\d; before", message)
