"""Every shipped policy compiles and gives the results that its text gives."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.cases import (
    Case,
    CaseFile,
    case_inputs,
    case_population,
    case_results,
    read_cases,
    try_case,
)
from services.engine.days import NEVER, day_number
from services.engine.extending import extend_policies
from services.engine.language import Policy
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.vocabulary import parse_vocabulary

ROOT = Path(__file__).parents[3] / "policies"
VOCABULARY = parse_vocabulary((ROOT / "vocabulary.yaml").read_bytes())
CASE_FILES = sorted(ROOT.rglob("*.cases.yaml"))
POLICY_FILES = sorted(path for path in ROOT.glob("*/*.yaml") if path not in CASE_FILES)


def shown(path: Path) -> str:
    """Name a policy file in a test's identifier."""
    return path.relative_to(ROOT).as_posix().removesuffix(".yaml").removesuffix(".cases")


def _library() -> tuple[dict[str, Policy], dict[Path, str]]:
    """Read every policy, complete, and say which file holds which."""
    read = {path: read_policy(path.read_bytes(), shown(path)) for path in POLICY_FILES}
    return extend_policies(read.values()), {path: one.policy_id for path, one in read.items()}


POLICIES, POLICY_IDS = _library()
LADDERS = {
    policy_id: policy.versions[-1].grade.ladder
    for policy_id, policy in POLICIES.items()
    if policy.versions[-1].grade
}


@cache
def compiled(path: Path, number: int) -> Plan:
    """Compile one version of a policy file."""
    policy = POLICIES[POLICY_IDS[path]]
    return compile_policy(policy, policy.versions[number], VOCABULARY, LADDERS)


def plan_on(path: Path, as_of: int) -> Plan:
    """Compile the version of a policy file that is in force on a day."""
    for number, version in enumerate(POLICIES[POLICY_IDS[path]].versions):
        end = day_number(version.end_date) if version.end_date else NEVER
        if day_number(version.start_date) <= as_of < end:
            return compiled(path, number)
    raise AssertionError(f"{shown(path)} has no version in force on the day of a case")


def cases_of(path: Path) -> CaseFile:
    """Read a case file."""
    return read_cases(path.read_bytes(), path.name, VOCABULARY)


def policy_path(cases_path: Path) -> Path:
    """Find the policy beside a case file."""
    return cases_path.with_name(cases_path.name.replace(".cases.yaml", ".yaml"))


@pytest.mark.parametrize("path", POLICY_FILES, ids=shown)
def test_every_policy_has_cases_beside_it(path: Path) -> None:
    """No policy is shipped without golden cases."""
    assert path.with_name(f"{path.stem}.cases.yaml") in CASE_FILES


@pytest.mark.parametrize(
    ("path", "case"),
    [
        pytest.param(path, case, id=f"{shown(path)}: {case.name}")
        for path in CASE_FILES
        for case in cases_of(path).cases
    ],
)
def test_policy_gives_the_result_of_its_text(path: Path, case: Case) -> None:
    """The result of every golden case is the one worked out from the text by hand."""
    plan = plan_on(policy_path(path), case.as_of)

    assert try_case(plan, case, VOCABULARY, path.name) == ()


@pytest.mark.parametrize("path", CASE_FILES, ids=shown)
def test_population_gives_what_each_enterprise_alone_gets(path: Path) -> None:
    """All cases of one day as one population give the results that they give alone."""
    for as_of in {case.as_of for case in cases_of(path).cases}:
        cases = [case for case in cases_of(path).cases if case.as_of == as_of]
        plan = plan_on(policy_path(path), as_of)
        names = {name for case in cases for name in case.inputs}
        inputs = {
            name: np.array(
                [case_inputs(plan, case).get(name, np.iinfo(np.int64).min) for case in cases]
            )
            for name in names
        }

        together = plan.run(
            case_population([*cases, *cases], plan, VOCABULARY),
            as_of,
            {name: np.concatenate([column, column]) for name, column in inputs.items()},
        )

        for position, case in enumerate([*cases, *cases]):
            alone = plan.run(
                case_population([case], plan, VOCABULARY), as_of, case_inputs(plan, case)
            )
            assert case_results(together, position) == case_results(alone, 0)
            assert together.valid_until()[position] == alone.valid_until()[0]


@pytest.mark.parametrize("path", CASE_FILES, ids=shown)
def test_cases_exercise_every_rule(path: Path) -> None:
    """Every rule of a policy holds in at least one of its cases."""
    policy = POLICIES[POLICY_IDS[policy_path(path)]]
    rules = {rule.id for version in policy.versions for rule in version.rules}
    held: set[object] = set()
    for case in cases_of(path).cases:
        plan = plan_on(policy_path(path), case.as_of)
        run = plan.run(
            case_population([case], plan, VOCABULARY), case.as_of, case_inputs(plan, case)
        )
        found = case_results(run, 0)["rules"]
        assert isinstance(found, list)
        held.update(found)

    assert rules <= held
