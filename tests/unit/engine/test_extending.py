"""A policy that extends another takes what it does not say itself."""

from datetime import date

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.checking import CheckContext, check_policy
from services.engine.errors import PolicyRefusedError
from services.engine.extending import extend_policies
from services.engine.language import Policy
from services.engine.policy_file import read_policy
from services.engine.population import Population
from tests.unit.engine.test_constructs import PACK, PARAMETERS
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_policy_file import RIGHT

CHILD = """\
policy: cn.example.district
kind: grade
title: {zh: 区级, en: district}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "2"
    start_date: 2025-01-01
    end_date: null
    extends: {policy: cn.example.points, version: "1"}
    source: {instrument: 区办法, confidence: assumed}
    totals:
      score:
        unit: point
        places: 0
        start: 95
        combine: sum
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: D-1
        when: {serious: 0}
        add: {to: score, amount: 3}
        wording: {zh: 加分, en: points added}
        source: {article: 第二条, confidence: assumed}
"""


def read(*contents: str) -> list[Policy]:
    """Read policies."""
    return [
        read_policy(content.encode(), f"policy-{number}.yaml")
        for number, content in enumerate(contents)
    ]


def codes(*contents: str) -> list[str]:
    """Extend policies; give the codes of the problems."""
    with pytest.raises(PolicyRefusedError) as error:
        extend_policies(read(*contents))
    return [problem.code for problem in error.value.problems]


def test_district_has_its_own_start_and_the_rest_from_above() -> None:
    """95 points of its own and 3 by its own rule make 98, graded A by the bands above."""
    parent, child = read(RIGHT, CHILD)

    whole = extend_policies([child, parent])["cn.example.district"]
    plan = compile_policy(whole, whole.versions[0], VOCABULARY)
    evaluation = plan.run(Population(1, {"headcount": np.array([5])}), 20_200)

    assert int(evaluation.column(plan.totals["score"].result)[0]) == 98
    assert plan.ladder[int(evaluation.ranks()[0]) - 1] == "A"
    assert [rule.rule.id for rule in plan.rules] == ["EX-1", "D-1"]


def test_what_is_replaced_and_what_is_extended_stay_visible() -> None:
    """A version says which parts it has instead, and pins the policy above by its digest."""
    parent, child = read(RIGHT, CHILD)

    whole = extend_policies([parent, child])["cn.example.district"]

    assert whole.versions[0].replaced == ("score",)
    assert whole.parents == {"2": (("cn.example.points", "1", parent.file_digest),)}


def test_digest_pins_what_is_extended() -> None:
    """A change above is another digest below, of version and file, though the file is the same."""
    parent, child = read(RIGHT, CHILD)
    changed = read(RIGHT.replace("start: 100", "start: 99"))[0]

    one = extend_policies([parent, child])
    other = extend_policies([changed, child])

    assert one["cn.example.points"].versions[0].digest == parent.versions[0].digest
    below = [policies["cn.example.district"] for policies in (one, other)]
    assert len({policy.versions[0].digest for policy in below}) == 2
    assert len({policy.file_digest for policy in below}) == 2


def test_rule_above_can_be_left_out_or_replaced_in_its_place() -> None:
    """`without` drops a rule, an equal identifier replaces it where it stood."""
    left_out = CHILD.replace("    totals:\n", "    without: [EX-1]\n    totals:\n")
    replaced = CHILD.replace("id: D-1", "id: EX-1")

    one = extend_policies(read(RIGHT, left_out))["cn.example.district"].versions[0]
    other = extend_policies(read(RIGHT, replaced))["cn.example.district"].versions[0]

    assert [rule.id for rule in one.rules] == ["D-1"]
    assert [rule.wording.en for rule in other.rules] == ["points added"]
    assert other.replaced == ("score", "EX-1")


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        pytest.param((CHILD,), "unknown-policy", id="policy-that-is-not-there"),
        pytest.param(
            (RIGHT, CHILD.replace('version: "1"}', 'version: "9"}')),
            "unknown-policy",
            id="version-that-is-not-there",
        ),
        pytest.param(
            (
                CHILD.replace(
                    'cn.example.points, version: "1"', 'cn.example.district, version: "2"'
                ),
            ),
            "cycle",
            id="itself",
        ),
        pytest.param((RIGHT, RIGHT), "duplicate-policy", id="two-files-for-one-policy"),
        pytest.param(
            (RIGHT, CHILD.replace("    totals:\n", "    without: [EX-9]\n    totals:\n")),
            "unknown-rule",
            id="rule-that-is-not-there",
        ),
    ],
)
def test_wrong_extension_is_refused(contents: tuple[str, ...], code: str) -> None:
    """What cannot be completed is a problem of its own."""
    assert codes(*contents) == [code]


SECTOR = CHILD.replace("cn.example.district", "cn.example.sector").replace("D-1", "S-1")
BOTH = """\
policy: cn.example.both
kind: grade
title: {zh: 区级, en: district}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "3"
    start_date: 2025-01-01
    end_date: null
    extends:
      - {policy: cn.example.district, version: "2"}
      - {policy: cn.example.sector, version: "2"}
    source: {instrument: 区办法, confidence: assumed}
"""
OWN_SCORE = """\
    totals:
      score:
        unit: point
        places: 0
        start: 90
        combine: sum
        source: {article: 第九条, confidence: assumed}
"""


def test_two_policies_above_give_what_both_have() -> None:
    """Rules of the city and of the sector, and what both take from one policy above, once."""
    sector = SECTOR.replace("start: 95", "start: 100")

    whole = extend_policies(read(RIGHT, CHILD, sector, BOTH + OWN_SCORE))["cn.example.both"]

    version = whole.versions[0]
    assert [rule.id for rule in version.rules] == ["EX-1", "D-1", "S-1"]
    assert getattr(version.totals["score"].start, "value", None) == 90
    assert [policy_id for policy_id, _, _ in whole.parents["3"]] == [
        "cn.example.district",
        "cn.example.points",
        "cn.example.sector",
    ]


def test_what_two_policies_above_say_differently_has_to_be_said_here() -> None:
    """95 points to begin with in one, 100 in the other: the district must say which."""
    sector = SECTOR.replace("start: 95", "start: 100")

    assert codes(RIGHT, CHILD, sector, BOTH) == ["ambiguous"]


def test_problem_of_an_inherited_part_names_the_file_above() -> None:
    """A lookup of a table that does not exist is the file's above, on its line."""
    wrong = RIGHT.replace("{lookup: points}", "{lookup: point}")
    whole = extend_policies(read(wrong, CHILD))["cn.example.district"]

    with pytest.raises(PolicyRefusedError) as error:
        compile_policy(whole, whole.versions[0], VOCABULARY)

    line = wrong[: wrong.index("{lookup: point}")].count("\n") + 1
    assert [(one.file, one.line) for one in error.value.problems] == [("policy-0.yaml", line)]


def test_value_that_nearly_overrides_another_is_a_warning() -> None:
    """`looked_bak` overrides nothing and nothing uses it: a slip of the pen for `looked_back`."""
    pack = PACK.replace("looked_back:", "looked_bak:")
    policies = [
        read_policy(text.encode(), f"{number}.yaml")
        for number, text in enumerate((PARAMETERS, pack))
    ]
    whole = extend_policies(policies)["cn.example.pack"]
    context = CheckContext(vocabulary=VOCABULARY, ladders={}, ended={}, today=date(2026, 11, 22))

    found = [(one.file, one.code) for one in check_policy(whole, context) if one.code == "unused"]

    assert found == [("1.yaml", "unused")]


STATUSES = RIGHT.replace(
    "    grade:\n",
    """\
      - id: EX-2
        when: {serious: {at_least: 2}}
        set: {status: watched}
        wording: {zh: 关注, en: watched}
        source: {article: 第六条, confidence: assumed}
      - id: EX-3
        when: {serious: {at_least: 3}}
        set: {status: barred}
        wording: {zh: 禁入, en: barred}
        source: {article: 第六条, confidence: assumed}
    statuses: [barred, watched]
    grade:
""",
    1,
)


@pytest.mark.parametrize(
    ("own", "status"),
    [
        pytest.param("", "barred", id="as-above"),
        pytest.param("    statuses: [watched, barred]\n", "watched", id="its-own"),
    ],
)
def test_order_of_statuses_is_taken_over(own: str, status: str) -> None:
    """Three serious violations meet both rules; the first of the order counts."""
    policies = extend_policies(read(STATUSES, CHILD + own))
    policy = policies["cn.example.district"]
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)

    assert plan.statuses[0] == status


def test_orders_of_statuses_of_two_policies_above_have_to_agree() -> None:
    """What one has first and the other second, the version that extends both must say."""
    other = STATUSES.replace("cn.example.points", "cn.example.other")
    both = CHILD.replace(
        '{policy: cn.example.points, version: "1"}',
        '[{policy: cn.example.points, version: "1"}, {policy: cn.example.other, version: "1"}]',
    )
    turned = other.replace("[barred, watched]", "[watched, barred]")

    same = extend_policies(read(STATUSES, other, both))["cn.example.district"]
    assert same.versions[0].statuses == ("barred", "watched")
    assert codes(STATUSES, turned, both) == ["ambiguous"]
