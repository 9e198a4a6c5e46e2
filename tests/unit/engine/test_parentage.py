"""What a version has from above is law still, and it takes in the results that it means."""

import pytest

from services.engine.extending import extend_policies
from services.engine.language import Policy
from services.engine.parentage import INPUT_FROM_ABOVE, PARENT_ENDED, check_parentage, newly_found
from services.engine.policy_file import read_policy
from tests.unit.engine.test_policies import ROOT

CITY, DISTRICT = "110000", "110105"

HEAD = """\
policy: {policy_id}
kind: {kind}
title: {{zh: 示例, en: example}}
documentation: An example.
field: {field}
division: "{division}"
versions:
"""

VERSION = """\
  - version: "{version}"
    start_date: {start}
    end_date: {end}
    source: {{instrument: 示例办法, confidence: assumed}}
"""

SCORE = """\
    totals:
      score:
        {unit: point, places: 0, start: 100, combine: sum,
         source: {article: 第二条, confidence: assumed}}
"""

GRADE = """\
    grade:
      ladder: [A, B]
      start: [{grade: A, when: {score: {at_least: 90}}}, {grade: B, when: true}]
      source: {article: 第五条, confidence: assumed}
"""

TAKING = """\
    inputs:
      credit: {{from: policy, policy: {policy_id}, output: grade, if_missing: unknown}}
"""


def head(policy_id: str, division: str, *, kind: str = "grade", field: str = "work_safety") -> str:
    """Write the head of a policy."""
    return HEAD.format(policy_id=policy_id, division=division, kind=kind, field=field)


def version(name: str, start: str, end: str = "null", *, extends: str = "") -> str:
    """Write a version; with what it extends, where it does."""
    text = VERSION.format(version=name, start=start, end=end)
    return text + (f"    extends: [{extends}]\n" if extends else SCORE + GRADE)


def pin(policy_id: str, name: str) -> str:
    """Name a version that another extends."""
    return f'{{policy: {policy_id}, version: "{name}"}}'


def found(*texts: str) -> list[tuple[str, int, str]]:
    """Check policies; give file, line and code of each warning."""
    policies = [read_policy(text.encode(), f"{at}.yaml") for at, text in enumerate(texts)]
    warnings = list(check_parentage(extend_policies(policies)))
    assert all(one.warning for one in warnings)
    return [(one.file, one.line, one.code) for one in warnings]


PARENT = (
    head("cn.a.city", CITY)
    + version("1", "2020-01-01", "2025-01-01")
    + version("2", "2025-01-01", extends=pin("cn.a.city", "1"))
)
ABOVE = pin("cn.a.city", "1")


@pytest.mark.parametrize(
    ("versions", "lines"),
    [
        pytest.param(version("x", "2024-01-01", extends=ABOVE), [8], id="open"),
        pytest.param(version("x", "2024-01-01", "2025-01-02", extends=ABOVE), [8], id="a-day-more"),
        pytest.param(
            version("x", "2024-01-01", "2025-01-01", extends=ABOVE), [], id="ends-with-it"
        ),
        pytest.param(
            version("x", "2024-01-01", extends=pin("cn.a.city", "2")), [], id="what-lasts"
        ),
        pytest.param(
            version("x", "2024-01-01", "2025-01-01", extends=ABOVE)
            + version("y", "2025-01-01", extends=pin("cn.a.district", "x")),
            [13],
            id="by-its-own-older-version",
        ),
        pytest.param(
            version("x", "2024-01-01", "2025-01-01", extends=ABOVE)
            + version(
                "y", "2025-01-01", extends=f"{pin('cn.a.district', 'x')}, {pin('cn.a.city', '2')}"
            ),
            [],
            id="follows-besides",
        ),
    ],
)
def test_a_version_that_outlives_what_it_extends_is_told(versions: str, lines: list[int]) -> None:
    """Version 1 of the city ends on 2025-01-01: nothing may rest on it from then on."""
    told = found(PARENT, head("cn.a.district", DISTRICT) + versions)

    assert told == [("1.yaml", line, PARENT_ENDED) for line in lines]


CITY_GRADE = head("cn.a.city", CITY) + version("1", "2020-01-01")
CITY_PLAN = (
    head("cn.a.city.plan", CITY, kind="risk")
    + version("1", "2020-01-01")
    + TAKING.format(policy_id="cn.a.city")
)
PACK = head("cn.a.district.plan", DISTRICT, kind="risk") + version(
    "1", "2024-01-01", extends=pin("cn.a.city.plan", "1")
)


@pytest.mark.parametrize(
    ("pack", "own", "warned"),
    [
        pytest.param(PACK, "", False, id="no-own-grade"),
        pytest.param(
            PACK, head("cn.a.own", DISTRICT) + version("1", "2024-06-01"), True, id="own-grade"
        ),
        pytest.param(
            PACK,
            head("cn.a.own", DISTRICT) + version("1", "2020-01-01", "2024-01-02"),
            True,
            id="own-grade-for-a-day",
        ),
        pytest.param(
            PACK,
            head("cn.a.own", DISTRICT) + version("1", "2020-01-01", "2024-01-01"),
            False,
            id="own-grade-that-ended",
        ),
        pytest.param(
            PACK,
            head("cn.a.own", DISTRICT, field="fire") + version("1", "2020-01-01"),
            False,
            id="own-grade-of-another-field",
        ),
        pytest.param(
            PACK,
            head("cn.a.own", "110102") + version("1", "2020-01-01"),
            False,
            id="grade-of-a-neighbour",
        ),
        pytest.param(
            PACK + TAKING.format(policy_id="cn.a.own"),
            head("cn.a.own", DISTRICT) + version("1", "2020-01-01"),
            False,
            id="says-its-own",
        ),
        pytest.param(
            PACK + TAKING.format(policy_id="cn.a.city"),
            head("cn.a.own", DISTRICT) + version("1", "2020-01-01"),
            False,
            id="says-the-city's",
        ),
    ],
)
def test_an_inherited_input_says_whose_grade_it_means(pack: str, own: str, warned: bool) -> None:  # noqa: FBT001 -- a column of the table.
    """A district with a grade of its own that takes the city's by its parent must say so."""
    told = found(CITY_GRADE, CITY_PLAN, pack, *([own] if own else []))

    assert told == ([("2.yaml", 8, INPUT_FROM_ABOVE)] if warned else [])


def test_what_is_added_above_is_told_once_and_at_its_own_file() -> None:
    """A city's version 2 leaves the district on version 1; what was so before is not told again."""
    one = version("1", "2020-01-01")
    packs = [
        head("cn.a.district", DISTRICT) + version("x", "2024-01-01", extends=ABOVE),
        head("cn.b.district", DISTRICT) + version("x", "2024-01-01", extends=pin("cn.b.city", "1")),
    ]
    stale = head("cn.b.city", CITY) + version("1", "2020-01-01", "2022-01-01")
    before = [head("cn.a.city", CITY) + one, stale, *packs]
    after = [PARENT, stale, *packs]
    sides = [
        extend_policies(read_policy(text.encode(), f"{at}.yaml") for at, text in enumerate(side))
        for side in (before, after)
    ]

    told = list(newly_found(sides[0], sides[1], {("cn.a.city", "2"): "candidate.yaml"}))

    assert [(one.file, one.line, one.code) for one in told] == [("candidate.yaml", 1, PARENT_ENDED)]
    assert "cn.a.district" in told[0].message
    assert "extends '2'" in told[0].message


@pytest.fixture(scope="module")
def shipped() -> dict[str, Policy]:
    """Give the project's own policies, complete."""
    return extend_policies(
        read_policy(path.read_bytes(), path.name)
        for path in sorted(ROOT.glob("*/*.yaml"))
        if not path.name.endswith(".cases.yaml")
    )


def test_chaoyang_rates_float_by_the_grade_of_chaoyang(shipped: dict[str, Policy]) -> None:
    """D by Chaoyang's veto is no A of Beijing's: every version of its three plans takes its own."""
    plans = [
        shipped[f"cn.beijing.chaoyang.{name}"]
        for name in ("insurance-rate", "insurer-jia.rate", "insurer-yi.rate")
    ]

    taken = {one.inputs["credit_grade"].policy_id for plan in plans for one in plan.versions}

    assert taken == {"cn.beijing.chaoyang.grade.work-safety"}


@pytest.mark.parametrize(
    ("policy_id", "above"),
    [
        pytest.param(
            "cn.beijing.insurance-obligation", "cn.insurance-obligation", id="beijing-obligation"
        ),
        pytest.param(
            "cn.jiangsu.nantong.chongchuan.insurance-obligation",
            "cn.insurance-obligation",
            id="chongchuan-obligation",
        ),
        pytest.param(
            "cn.beijing.insurance-rate-bounds", "cn.insurance-rate-bounds", id="beijing-bounds"
        ),
        pytest.param(
            "cn.beijing.grade.fire-safety", "cn.beijing.grade.work-safety", id="beijing-fire"
        ),
    ],
)
def test_a_place_extends_its_upper_level(
    shipped: dict[str, Policy], policy_id: str, above: str
) -> None:
    """The last version of each takes what it does not say itself from above, not from a copy."""
    policy = shipped[policy_id]

    assert above in {name for name, _ in policy.versions[-1].extends}
