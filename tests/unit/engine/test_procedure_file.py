"""The procedure of a list policy: what it may say, what it must, and how it is taken over."""

from typing import Any

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.extending import extend_policies
from services.engine.policy_file import read_policy
from services.engine.procedure_file import CLAUSES, REQUIRED, check_procedure
from tests.fakes.list_policies import BLACKLIST, REDLIST
from tests.unit.engine.test_policies import POLICIES

DISTRICT = """
policy: cn.test.district
kind: list
list: blacklist
title: {zh: 区黑名单, en: District blacklist}
documentation: The city's, with a longer period for statements.
field: work_safety
division: "110105"
versions:
  - version: "2021"
    start_date: 2021-01-01
    end_date: null
    extends: {policy: cn.test.blacklist, version: "2020"}
    source:
      instrument: 区办法
      effective_date: 2021-01-01
      checked_date: 2025-01-01
      confidence: assumed
    procedure:
      statement_period: {value: 10, unit: day, source: {article: 第一条, confidence: assumed}}
"""


def read(text: str) -> Any:  # noqa: ANN401 -- a policy.
    """Read a policy."""
    return read_policy(text.encode(), "policy.yaml")


def test_a_procedure_is_read_with_its_sources() -> None:
    """Every requirement has its value, its unit and its clause."""
    (version,) = read(BLACKLIST).versions
    period, basis = version.procedure["statement_period"], version.procedure["basis"]

    assert (period.value, period.unit) == (5, "working_day")
    assert (period.source.instrument, period.source.article) == ("测试名单办法", "第七条")
    assert (basis.value, basis.unit) == (("final_penalty",), "")
    assert version.procedure["deceit_restarts_term"].value is True


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("statement_period:", "statment_period:", "unknown-clause", id="name"),
        pytest.param("value: 5, unit", "value: 0, unit", "clause-value", id="empty-period"),
        pytest.param("unit: working_day", "unit: fortnight", "unknown-word", id="unit"),
        pytest.param("[final_penalty]", "[rumour]", "unknown-word", id="word-of-a-list"),
        pytest.param("[final_penalty]", "final_penalty", "clause-value", id="no-list"),
        pytest.param("[ban]", "[ban, ban]", "clause-value", id="twice"),
        pytest.param("value: penalising_authority", "value: anybody", "unknown-word", id="word"),
        pytest.param("value: true", "value: 1", "clause-value", id="flag"),
        pytest.param("value: true, source", "value: true, unit: x, source", "unknown-key", id="u"),
    ],
)
def test_what_a_requirement_cannot_say_is_refused(old: str, new: str, code: str) -> None:
    """The problem names the requirement's place."""
    assert old in BLACKLIST

    with pytest.raises(PolicyRefusedError) as error:
        read(BLACKLIST.replace(old, new, 1))

    assert code in {problem.code for problem in error.value.problems}


@pytest.mark.parametrize("name", REQUIRED[False])
def test_a_blacklist_says_all_that_a_case_needs(name: str) -> None:
    """What is missing is named; the same holds of a version that was completed from above."""
    policy = read(BLACKLIST)
    (version,) = policy.versions
    clauses = {key: one for key, one in version.procedure.items() if key != name}
    without = type(version)(**{**_parts(version), "procedure": clauses})

    problems = list(check_procedure(policy, without))

    assert [problem.code for problem in problems] == ["procedure-incomplete"]
    assert name in problems[0].message


def test_early_removal_is_whole_or_absent() -> None:
    """Conditions without the periods to judge them in are no procedure."""
    policy = read(BLACKLIST)
    (version,) = policy.versions
    clauses = {
        key: one for key, one in version.procedure.items() if key != "early_removal_conditions"
    }
    without = type(version)(**{**_parts(version), "procedure": clauses})

    (problem,) = check_procedure(policy, without)

    assert "early_removal_conditions" in problem.message


HEARING = """      hearing_{}:
        {{value: 5, unit: working_day, source: {{article: 第七条, confidence: assumed}}}}
"""


@pytest.mark.parametrize(
    ("text", "names", "codes"),
    [
        pytest.param(BLACKLIST, ["period", "notice_period", "within"], [], id="whole"),
        pytest.param(BLACKLIST, ["period"], [], id="the-period-alone"),
        pytest.param(BLACKLIST, ["within"], ["procedure-incomplete"], id="nobody-may-ask"),
        pytest.param(REDLIST, ["period"], ["procedure"], id="redlist"),
    ],
)
def test_a_blacklist_may_provide_for_hearings(
    text: str, names: list[str], codes: list[str]
) -> None:
    """The period for asking makes the hearing; the others only say when it is held."""
    policy = read(text.rstrip("\n") + "\n" + "".join(HEARING.format(name) for name in names))

    problems = list(check_procedure(policy, policy.versions[0]))

    assert [problem.code for problem in problems] == codes


def test_evidence_names_inputs() -> None:
    """What is to be proved must be asked for."""
    policy = read(REDLIST.replace("value: [dishonest_acts]", "value: [honesty]"))

    (problem,) = check_procedure(policy, policy.versions[0])

    assert problem.code == "unknown-name"


def test_only_a_list_has_a_procedure() -> None:
    """A grade decides nothing."""
    policy = read(BLACKLIST.replace("kind: list\nlist: blacklist", "kind: grade"))

    assert "procedure" in {one.code for one in check_procedure(policy, policy.versions[0])}


def test_a_district_takes_over_what_it_does_not_say() -> None:
    """One requirement is replaced, visibly; the others are the city's."""
    policies = extend_policies([read(BLACKLIST), read(DISTRICT)])
    (version,) = policies["cn.test.district"].versions

    assert version.procedure["statement_period"].value == 10
    assert version.procedure["term"].value == 1
    assert version.procedure["statement_period"].source.instrument == "区办法"
    assert "statement_period" in version.replaced


def test_every_shipped_list_has_a_whole_procedure() -> None:
    """Cases can be opened by every version of every list."""
    lists = [policy for policy in POLICIES.values() if policy.kind == "list"]

    assert len(lists) >= 20
    for policy in lists:
        for version in policy.versions:
            assert version.procedure, (policy.policy_id, version.version)
            assert not list(check_procedure(policy, version))
            assert set(version.procedure) <= set(CLAUSES)


def test_the_national_order_gives_its_own_numbers() -> None:
    """应急管理部令第11号: three years, twelve months, 5 and 20 working days."""
    version, *_ = POLICIES["cn.serious-dishonesty-list"].versions
    said = {name: (one.value, one.unit) for name, one in version.procedure.items() if one.unit}

    assert said["term"] == (3, "year")
    assert said["early_removal_after"] == (12, "month")
    assert said["acceptance_period"] == (5, "working_day")
    assert said["early_decision_period"] == (20, "working_day")
    assert said["publication_period"] == (20, "working_day")
    assert version.procedure["term"].source.confidence == "text-seen"
    assert version.procedure["acceptance_period"].source.confidence == "assumed"


def _parts(version: Any) -> dict[str, Any]:  # noqa: ANN401 -- a version.
    return {name: getattr(version, name) for name in version.__slots__}


def _period(text: str, name: str, period: str) -> str:
    start = text.index(f"      {name}: {{value:")
    end = text.index(", source", start)
    value, unit = period.split()
    return text[:start] + f"      {name}: {{value: {value}, unit: {unit}" + text[end:]


@pytest.mark.parametrize(
    ("repeated", "early", "places"),
    [
        pytest.param("12 month", "6 month", [], id="repeated-as-long"),
        pytest.param("11 month", "6 month", ["repeat_term"], id="repeated-for-shorter"),
        pytest.param("12 month", "11 month", [], id="a-month-before-the-end"),
        pytest.param("12 month", "1 year", ["early_removal_after"], id="at-the-end"),
        pytest.param("3 year", "35 month", [], id="of-those-listed-again"),
        pytest.param("3 year", "36 month", ["early_removal_after"], id="of-nobody"),
        pytest.param("12 month", "371 day", [], id="days-that-may-be-less"),
        pytest.param("12 month", "372 day", ["early_removal_after"], id="days-of-a-year"),
    ],
)
def test_periods_fit_the_term(repeated: str, early: str, places: list[str]) -> None:
    """The first term is one year: again is no shorter, and early is before the end."""
    text = _period(_period(BLACKLIST, "repeat_term", repeated), "early_removal_after", early)
    policy = read(text)

    found = list(check_procedure(policy, policy.versions[0]))

    assert {one.code for one in found} <= {"clause-value"}
    lines = [text.splitlines()[one.line - 1] for one in found]
    assert [line.split(":")[0].strip() for line in lines] == places
