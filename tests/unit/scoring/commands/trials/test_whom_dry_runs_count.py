"""Whom a dry run counts: persons for lists alone, and nobody for whom another ladder answers."""

from datetime import date
from pathlib import Path

import pytest

from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.standpoint import Standpoint
from services.scoring.commands.trials.comparing import Movement
from services.scoring.commands.trials.simulation_ports import (
    AnsweredElsewhere,
    PolicyImpact,
    PolicyNotSimulatedError,
)
from services.scoring.store.policies import load_policies
from tests.fakes.dry_runs import dry_run
from tests.fakes.policy_desk import grade_file
from tests.fakes.scoring_policies import ALL, LIST, LOCAL_GRADE, POLICIES, write_policies
from tests.fakes.scoring_store import FakeStore

STANDPOINT = Standpoint(as_of=date(2025, 9, 1))
MARCH = date(2025, 3, 1)
GRADE_ID, LIST_ID, LOCAL_ID = "cn.test.grade", "cn.test.list", "cn.test.local.grade"
OF_BEIJING = LIST.replace('division: "000000"', 'division: "110000"')
LENIENT = OF_BEIJING.replace("{major_penalties: {at_least: 1}}", "{major_penalties: {at_least: 2}}")


def law(folder: Path, **files: str) -> PolicyLibrary:
    """Give the policies of the tests, some of them with other texts."""
    names = {
        "grade": "cn/grade.yaml",
        "local": "cn.beijing/local-grade.yaml",
        "list": "cn/list.yaml",
    }
    changed = {names[key]: text for key, text in files.items()}
    return load_policies(write_policies(folder, {**ALL, **changed}))


def people(store: FakeStore) -> tuple[int, int, int]:
    """Record a punished enterprise of Beijing, one of Nantong, and two persons, one punished."""
    here = store.enterprise(headcount=100)
    there = store.enterprise(headcount=100, division=320613)
    person, _ = store.person(), store.person("李某某")
    for subject in (here, there, person):
        store.record("penalty", subject, MARCH, major=True)
    return here, there, person


def cells(impact: PolicyImpact) -> dict[tuple[str, str], int]:
    """Give a matrix in short."""
    return {(live.label, then.label): count for (live, then), count in impact.matrix.items()}


# Persons ------------------------------------------------------------------------


def test_a_city_s_list_is_tried_on_persons_too(store: FakeStore, tmp_path: Path) -> None:
    """One major penalty is not enough any more: the enterprise and the person leave."""
    here, _, person = people(store)

    found = dry_run(store, law(tmp_path, list=OF_BEIJING), STANDPOINT, LENIENT.lstrip().encode())

    request = found.request
    assert request is not None
    assert (request.wanted.division, request.subjects_total, found.done) == ("110000", 3, 3)
    impact = found.impacts[LIST_ID]
    assert (impact.subjects, impact.changed, impact.persons_left_out) == (3, 2, 0)
    assert impact.movements == {Movement.LEFT: 2}
    assert [(one.subject_id, one.person) for one in found.changes if one.policy_id == LIST_ID] == [
        (here, False),
        (person, True),
    ]


@pytest.mark.parametrize(
    ("filters", "total", "left_out"),
    [
        pytest.param({"division": "110000"}, 3, 0, id="the-list-s-own-place"),
        pytest.param({"division": "000000"}, 4, 0, id="the-country"),
        pytest.param({"division": "110105"}, 1, 2, id="a-part-of-it"),
        pytest.param({"industry": "C"}, 1, 2, id="an-industry"),
        pytest.param({"field": 1}, 1, 2, id="a-field"),
    ],
)
def test_a_filter_that_leaves_persons_out_is_said(
    store: FakeStore, tmp_path: Path, filters: dict[str, str], total: int, left_out: int
) -> None:
    """Persons have no place, no industry and no field; the list's own place narrows nothing."""
    people(store)
    library = law(tmp_path, list=OF_BEIJING)

    found = dry_run(store, library, STANDPOINT, LENIENT.lstrip().encode(), **filters)

    impact = found.impacts[LIST_ID]
    assert found.request is not None
    assert found.request.subjects_total == found.done == impact.subjects == total
    assert impact.persons_left_out == left_out


def test_a_dry_run_of_a_grade_grades_no_person(store: FakeStore, library: PolicyLibrary) -> None:
    """The list that takes the grade in is about both persons, so they are looked at and counted."""
    people(store)

    found = dry_run(store, library, STANDPOINT, grade_file())

    assert found.request is not None
    assert (found.request.subjects_total, found.done) == (4, 4)
    assert cells(found.impacts[GRADE_ID]) == {("B", "C"): 2}
    assert found.impacts[LIST_ID].subjects == 4
    # Of Beijing's enterprises one.
    assert found.impacts["cn.test.rate"].subjects == 1


# More local policies --------------------------------------------------------------

CHAOYANG = LOCAL_GRADE.replace("field: fire", "field: all")


def graded(store: FakeStore) -> list[int]:
    """Record two of Chaoyang and one of Xicheng with a penalty each, and a clean one elsewhere."""
    numbers = [store.enterprise(headcount=100, division=one) for one in (110105, 110105, 110102)]
    for number in numbers:
        store.record("penalty", number, MARCH)
    store.enterprise(headcount=100, division=320613)
    return numbers


def test_whom_another_ladder_grades_is_counted_apart(store: FakeStore, tmp_path: Path) -> None:
    """Chaoyang's two would be graded C if the country's ladder were named; asked for none, not."""
    *_, xicheng = graded(store)
    library = law(tmp_path, local=CHAOYANG.replace("甲", "A"))

    found = dry_run(store, library, STANDPOINT, grade_file())

    impact = found.impacts[GRADE_ID]
    assert cells(impact) == {("A", "A"): 1, ("B", "C"): 1}
    assert (impact.subjects, impact.changed) == (2, 1)
    assert impact.elsewhere == (AnsweredElsewhere(LOCAL_ID, "one", subjects=2, changed=2),)
    assert [one.subject_id for one in impact.affected] == [f"e-{xicheng}"]
    assert [one.subject_id for one in found.changes if one.policy_id == GRADE_ID] == [xicheng]
    # The list names the country's ladder, whatever Chaoyang has.
    assert (found.impacts[LIST_ID].subjects, found.impacts[LIST_ID].changed) == (4, 3)


@pytest.mark.parametrize(
    "local",
    [
        pytest.param(LOCAL_GRADE.replace("甲", "A"), id="of-one-field"),
        pytest.param(CHAOYANG, id="of-something-else"),
        pytest.param(CHAOYANG.replace("甲", "A").replace("null", "2025-09-01"), id="ended"),
        pytest.param(CHAOYANG.replace("甲", "A").replace("110105", "000000"), id="of-no-part"),
    ],
)
def test_another_policy_that_does_not_take_its_place_changes_nothing(
    store: FakeStore, tmp_path: Path, local: str
) -> None:
    """A ladder of one field, of other grades, of yesterday, or of the same place."""
    graded(store)

    impact = dry_run(store, law(tmp_path, local=local), STANDPOINT, grade_file()).impacts[GRADE_ID]

    assert cells(impact) == {("A", "A"): 1, ("B", "C"): 3}
    assert impact.elsewhere == ()


def test_a_candidate_beside_the_more_local_policy_itself_counts_everybody(
    store: FakeStore, tmp_path: Path
) -> None:
    """Whoever asks what the country's ladder would be for Chaoyang means just these."""
    graded(store)
    library = law(tmp_path, local=CHAOYANG.replace("甲", "A"))

    found = dry_run(store, library, STANDPOINT, grade_file(), live_policy_id=LOCAL_ID)

    assert cells(found.impacts[GRADE_ID]) == {("A", "A"): 1, ("A", "C"): 3}
    assert found.impacts[GRADE_ID].elsewhere == ()


# What cannot be tried ---------------------------------------------------------------


@pytest.mark.parametrize("file", ["cn/accident-level.yaml", "cn/credit-repair.yaml"])
def test_law_of_single_records_is_not_simulated(
    store: FakeStore, library: PolicyLibrary, file: str
) -> None:
    """Asked of an enterprise without deaths it would say that nothing changes."""
    content = (POLICIES / file).read_bytes()

    with pytest.raises(PolicyNotSimulatedError) as refused:
        dry_run(store, library, STANDPOINT, content)

    assert refused.value.facts["policy_id"] == f"cn.{Path(file).stem}"
