"""What a clause lets a worse record improve, by name, and what is compared all the same."""

from typing import Final

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.extending import extend_policies
from services.engine.language import Policy
from services.engine.policy_file import objections_to, read_policy
from tests.unit.engine.test_monotone import HEAD, SERIOUS, SOURCE, WORDING, codes, placed, policy_of

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
        for names in ("grade", "x", "'grade', x")
    }

    # The grade gets better by a violation, and the output by a hazard.
    assert exempt == {"grade": ["not-monotone"], "x": ["not-monotone"], "'grade', x": []}


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


def borne(kind: str, unit: str, amounts: tuple[int, int], better: str = "") -> list[str]:
    """Search a policy with an amount without violation, with one or two, and none from three on."""
    body = BORNE.replace("BETTER", f", better: {better}" if better else "").replace("UNIT", unit)
    body = body.replace("FIRST", str(amounts[0])).replace("THEN", str(amounts[1]))
    return codes(policy_of(body, kind))


RATE: Final = "rate\ninsurance: work_injury"
FOUND: Final = ["not-monotone"]


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
    assert borne(RATE, "percent", (4, 1), better="more") == []
    assert borne(RATE, "percent", (1, 4), better="more") == FOUND


@pytest.mark.parametrize(
    ("unit", "better", "found"),
    [
        pytest.param("inspection a year", "", FOUND, id="of-the-vocabulary"),
        pytest.param("inspection per quarter", "", FOUND, id="by-the-quarter"),
        pytest.param("basis point", "", FOUND, id="share"),
        pytest.param("month", "", ["missing-direction"], id="unsaid"),
        pytest.param("month", "less", FOUND, id="months-watched"),
        pytest.param("month", "more", [], id="months-between"),
        pytest.param("month", "neutral", [], id="months-of-any-kind"),
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


def test_what_is_better_is_one_of_three_words() -> None:
    """Another word is a mistake of the file."""
    with pytest.raises(PolicyRefusedError, match="better"):
        policy_of("    outputs:\n      x: {is: 1, unit: point, better: higher}\n", "supervision")
