"""What names a version: its own content, and nothing that stands beside it in the file."""

import pytest

from services.engine.extending import extend_policies
from services.engine.policy_file import read_policy
from tests.unit.engine.test_extending import CHILD
from tests.unit.engine.test_policy_file import RIGHT

# The example has one version, "1", which has no end.
LATER = """\
  - version: "2"
    start_date: 2030-01-01
    end_date: null
    replaces: {version: "1", source: {article: 第一条, confidence: assumed}}
    extends: {policy: cn.example.points, version: "1"}
    source: {instrument: 新办法, confidence: assumed}
"""


def digest(text: str, version: str = "1") -> str:
    """Read a file, and give the digest of one of its versions."""
    versions = read_policy(text.encode(), "file.yaml").versions
    return next(one.digest for one in versions if one.version == version)


def changed(old: str, new: str, text: str = RIGHT) -> str:
    """Put something else into a file."""
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# Looked at again.\n" + RIGHT, id="comment"),
        pytest.param(RIGHT + LATER, id="later-version"),
        pytest.param(changed("end_date: null", "end_date: 2030-01-01"), id="end"),
        pytest.param(
            changed("end_date: null", "end_date: 2030-01-01") + LATER.replace("    replaces", "#"),
            id="end-where-the-next-begins",
        ),
        pytest.param(changed("    end_date: null\n", ""), id="no-word-of-an-end"),
        pytest.param(changed("en: example", "en: examples"), id="title"),
        pytest.param(changed("An example.", "One example."), id="documentation"),
        pytest.param(
            changed("unit: violation\n        source", "source").replace(
                "        source: {article: 第三条, confidence: assumed}\n",
                "        source: {confidence: assumed, article: 第三条}\n        unit: violation\n",
            ),
            id="order-of-keys",
        ),
        pytest.param(changed("ladder: [A, B]", "ladder:\n      - A\n      - B"), id="layout"),
        pytest.param(changed("instrument: 示例办法", 'instrument: "示例办法"'), id="quotes"),
    ],
)
def test_what_is_not_the_version_s_own_does_not_change_its_name(text: str) -> None:
    """Answers that were given under it keep their bytes."""
    assert digest(text) == digest(RIGHT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("off: 30", "off: 31", id="value"),
        pytest.param("headcount: {from: subject, if_missing: 1}", "{}", id="input"),
        pytest.param("at_least: 90", "at_least: 90.0", id="decimals"),
        pytest.param("start_date: 2024-01-01", "start_date: 2024-01-02", id="first-day"),
        pytest.param("第四条", "第五条", id="clause"),
        pytest.param("zh: 扣分", "zh: 减分", id="wording"),
        pytest.param("confidence: assumed", "confidence: secondary", id="confidence"),
        pytest.param('version: "1"', 'version: "2"', id="name-of-the-version"),
        pytest.param("cn.example.points", "cn.example.other", id="identifier"),
        pytest.param("kind: grade", "kind: supervision", id="kind"),
        pytest.param("field: work_safety", "field: fire", id="field"),
        pytest.param('"110105"', '"110102"', id="division"),
        pytest.param(
            "{serious: {below: 3}, off: 10}\n          - {serious: {at_least: 3}, off: 30}",
            "{serious: {at_least: 3}, off: 30}\n          - {serious: {below: 3}, off: 10}",
            id="order-of-rows",
        ),
    ],
)
def test_what_the_version_says_is_its_name(old: str, new: str) -> None:
    """Another law is called otherwise."""
    text = changed(old, new) if new != "{}" else changed("    inputs:\n      " + old + "\n", "")

    (version,) = read_policy(text.encode(), "file.yaml").versions

    assert version.digest != digest(RIGHT)


def test_a_later_version_is_named_by_what_it_extends() -> None:
    """A value of the version above changes both; one of the version below only its own."""

    def both(text: str) -> tuple[str, ...]:
        whole = extend_policies([read_policy(text.encode(), "file.yaml")])["cn.example.points"]
        return tuple(one.digest for one in whole.versions)

    before = both(RIGHT + LATER)
    above = both(changed("off: 30", "off: 31") + LATER)
    below = both(RIGHT + changed("新办法", "别的办法", LATER))

    assert before[0] != before[1]
    assert (before[0] != above[0], before[1] != above[1]) == (True, True)
    assert (before[0] == below[0], before[1] != below[1]) == (True, True)


def test_a_version_beside_the_one_above_changes_nothing_below() -> None:
    """The city's file gets its next version; the district's keeps its name."""
    child = read_policy(CHILD.encode(), "child.yaml")

    found = [
        extend_policies([read_policy(text.encode(), "parent.yaml"), child])["cn.example.district"]
        for text in (RIGHT, RIGHT + LATER)
    ]

    assert found[0].versions[0].digest == found[1].versions[0].digest != child.versions[0].digest
    assert found[0].file_digest != found[1].file_digest
