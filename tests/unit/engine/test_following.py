"""Versions that end others before their own end, or repeal them."""

from datetime import date

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.following import check_endings, in_sequence
from services.engine.language import Policy
from services.engine.policy_file import read_policy

POLICY = """
policy: cn.test.trial
kind: grade
title: {zh: 试行办法, en: Trial}
documentation: A trial of two years.
field: all
division: "000000"
versions:
  - version: "trial"
    start_date: 2026-01-01
    end_date: 2028-01-01
    source: {instrument: 试行办法, effective_date: 2026-01-01, confidence: assumed}
    score: SCORE
    totals: &totals
      score:
        unit: point
        start: 100
        combine: sum
        source: {article: 第一条, confidence: assumed}
"""
SECOND = """
  - version: "second"
    start_date: DAY
    end_date: null
    source: {instrument: 办法, effective_date: 2027-01-01, confidence: assumed}
    ENDS: {version: "NAME", source: {article: 第二十条, confidence: assumed}}
"""


def policy(day: str = "2027-01-01", ends: str = "replaces", name: str = "trial") -> Policy:
    """Read a trial and a second version that ends it."""
    second = SECOND.replace("DAY", day).replace("ENDS", ends).replace("NAME", name)
    return read_policy((POLICY + second).replace("SCORE", "score").encode(), "trial.yaml")


@pytest.mark.parametrize("ends", ["replaces", "repeals"])
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-01-02", date(2026, 1, 2), id="the-day-after-its-first"),
        pytest.param("2027-01-01", date(2027, 1, 1), id="in-the-middle"),
        pytest.param("2027-12-31", date(2027, 12, 31), id="a-day-before-its-end"),
        pytest.param("2028-01-01", date(2028, 1, 1), id="on-its-end"),
    ],
)
def test_a_version_ends_where_another_says_so(day: str, ends: str, expected: date) -> None:
    """Its own end is 2028-01-01; nothing makes it longer."""
    trial, second = policy(day, ends).versions

    assert trial.end_date == expected
    assert second.repeal is (ends == "repeals")
    assert second.ends is not None
    assert (second.ends.version, second.ends.source.article) == ("trial", "第二十条")
    assert not list(check_endings(policy(day, ends)))


@pytest.mark.parametrize(
    ("day", "name", "code"),
    [
        pytest.param("2028-01-02", "trial", "ends-nothing", id="after-its-own-end"),
        pytest.param("2026-01-01", "trial", "ends-nothing", id="on-its-first-day"),
        pytest.param("2027-01-01", "other", "unknown-version", id="no-such-version"),
        pytest.param("2027-01-01", "second", "ends-nothing", id="itself"),
    ],
)
def test_a_statement_that_ends_nothing_is_a_mistake(day: str, name: str, code: str) -> None:
    """Whoever reads the statement must find a version in force until the day before."""
    (problem,) = check_endings(policy(day, name=name))

    assert (problem.code, problem.line) == (code, 25)


BETWEEN = """
  - version: "between"
    start_date: BEGINS
    end_date: null
    source: {instrument: 新办法, effective_date: 2026-07-01, confidence: assumed}
    replaces: {version: "trial", source: {article: 第三十条, confidence: assumed}}
    score: score
    totals: *totals
"""


@pytest.mark.parametrize(
    ("ends", "begins", "warned", "sequence"),
    [
        pytest.param("repeals", "2026-12-31", True, ["trial", "between"], id="before-a-repeal"),
        pytest.param("repeals", "2027-01-01", False, None, id="on-the-day-of-a-repeal"),
        pytest.param(
            "replaces", "2026-12-31", True, ["trial", "between", "second"], id="before-a-successor"
        ),
    ],
)
def test_what_another_ended_before_cannot_be_ended_again(
    ends: str, begins: str, *, warned: bool, sequence: list[str] | None
) -> None:
    """The second ends the trial on 2027-01-01; a repeal after that ends nothing at all."""
    second = SECOND.replace("DAY", "2027-01-01").replace("ENDS", ends).replace("NAME", "trial")
    text = POLICY + BETWEEN.replace("BEGINS", begins) + second
    found = read_policy(text.replace("SCORE", "score").encode(), "trial.yaml")

    problems = list(check_endings(found))

    assert [(one.code, one.warning) for one in problems] == [("ends-nothing", True)] * warned
    everything = sorted(one.version for one in found.versions)
    names = [one.version for one in in_sequence(found.versions)]
    assert names == sequence if sequence else sorted(names) == everything


def test_a_repeal_says_nothing_else() -> None:
    """A rule beside a repeal would never hold, so it is refused with what to do."""
    text = POLICY + SECOND.replace("DAY", "2027-01-01").replace("ENDS", "repeals")
    text = text.replace("SCORE", "score").replace("NAME", "trial") + "    score: score\n"

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(text.encode(), "trial.yaml")

    (problem,) = refused.value.problems
    assert problem.code == "repeal"
    assert "leave 'score' out" in problem.message
