"""``safetycredit supervision`` against the running system: frequency, colours and the draw.

Worked out by hand from the policies of Chaoyang (朝阳区). A small hospital that nobody inspected
has grade B: one inspection a year, a fifth of the class drawn, blue. From 300 employees on its
colour begins with yellow. A major hazard under listed supervision (挂牌督办) that is not removed
makes grade D: four inspections a year, the whole class drawn; and it is a veto: red.
"""

import json
import re
from hashlib import sha256

import pytest

from tests.integration.cli.running_system import System
from tests.integration.cli.test_commands import Runner, run

__all__ = ["run"]

pytestmark = pytest.mark.timeout(120)

SMALL, LARGE, HAZARDOUS = "test.hospital:small", "test.hospital:large", "test.hospital:hazardous"
HEADCOUNTS = {SMALL: 299, LARGE: 300, HAZARDOUS: 20}
# No enterprise of the sample has this trade, so the three are all there are of it.
HOSPITALS = ("110105", "--industry", "Q8411")

ENTERPRISE = """\
identity: {{local_identity: {{scheme: test.hospital, value: {value}}}}}
profile:
  name: 样例{value}医院
  division: "110105"
  industry: Q8411
  kind: production_unit
  fields: [work_safety]
  headcount: {headcount}
start_date: 2020-01-01
"""
HAZARD = """\
header:
  subject: {local_identity: {scheme: test.hospital, value: hazardous}}
  field: work_safety
  authority: 样例区应急管理局
  document_number: 样隐患〔2025〕1号
  event_date: 2025-03-10
hazard: {level: major, supervision: county, description: 样例重大隐患}
"""


@pytest.fixture(scope="module")
def hospitals(system: System, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Register three hospitals, of which one has a major hazard."""
    folder = tmp_path_factory.mktemp("hospitals")
    commands: list[tuple[str, ...]] = []
    for name, headcount in HEADCOUNTS.items():
        value = name.partition(":")[2]
        path = folder / f"{value}.yaml"
        path.write_text(ENTERPRISE.format(value=value, headcount=headcount), encoding="utf-8")
        commands.append(("enterprise", "register", str(path)))
    path = folder / "hazard.yaml"
    path.write_text(HAZARD, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for variable, setting in system.environment.items():
            patch.setenv(variable, setting)
        for command in (*commands, ("record", "add", str(path))):
            Runner().right(*command)


@pytest.fixture
def supervised(run: Runner, hospitals: None) -> Runner:
    """Run commands where the three hospitals are."""
    del hospitals
    return run


def cells(output: str, first: str) -> list[str]:
    """Give the row of a printed table that begins with a cell."""
    rows = [
        [cell.strip() for cell in line.strip("┃│ ").replace("┃", "│").split("│")]
        for line in output.splitlines()
    ]
    return next(row for row in rows if row[0] == first)


@pytest.mark.parametrize(
    ("subject", "inspections", "share", "rule"),
    [
        pytest.param(SMALL, "1", "20", "BJ-16-B", id="never-inspected-is-b"),
        pytest.param(HAZARDOUS, "4", "100", "BJ-16-D", id="listed-hazard-is-d"),
    ],
)
def test_the_frequency_comes_with_the_rule_that_sets_it(
    supervised: Runner, *, subject: str, inspections: str, share: str, rule: str
) -> None:
    """The strictest rule that holds, its clause, and the grades that were used."""
    said = supervised.right("supervision", "get", subject, "--lang", "en")

    assert re.search(rf"^inspections per year +{inspections} inspection\s*$", said, re.MULTILINE)
    assert re.search(rf"^share percent +{share} percent\s*$", said, re.MULTILINE)
    assert cells(said, rule)[1] == f"{inspections} inspection"
    assert "京政办发〔2019〕17号" in cells(said, rule)[4]
    assert "cn.beijing.chaoyang.grade.work-safety" in said


def test_the_frequency_of_another_policy_can_be_asked_for(supervised: Runner) -> None:
    """Beijing's own knows of no veto by a listed hazard: grade C, two inspections a year."""
    answer = json.loads(
        supervised.right(
            "supervision", "get", HAZARDOUS, "--policy", "cn.beijing.supervision", "--json"
        )
    )

    outputs = {one["name"]: one["value"]["value"] for one in answer["result"]["outputs"]}
    assert outputs == {"inspections_per_year": "2", "share_percent": "50"}
    assert answer["basis"]["policy"]["policy_id"] == "cn.beijing.supervision"


@pytest.mark.parametrize(
    ("subject", "colour"),
    [
        pytest.param(SMALL, "blue", id="299-employees"),
        pytest.param(LARGE, "yellow", id="300-employees"),
        pytest.param(HAZARDOUS, "red", id="veto"),
    ],
)
def test_an_enterprise_has_the_colour_of_its_trade_size_and_hazards(
    supervised: Runner, subject: str, colour: str
) -> None:
    """The colour that it begins with is shown, and what led to another."""
    said = supervised.right("supervision", "colour", subject)

    assert re.search(rf"^result +{colour}\s*$", said, re.MULTILINE)
    assert cells(said, "grade.start")[2] == ("yellow" if colour == "yellow" else "blue")
    assert ("一票否决" in said) is (colour == "red")


def test_the_colours_of_a_place_are_counted(supervised: Runner) -> None:
    """One of each but orange, and every enterprise once."""
    said = supervised.right("supervision", "distribution", *HOSPITALS)

    colours = ["blue", "yellow", "orange", "red", "no data", "not applicable"]
    assert cells(said, "division") == ["division", *colours]
    assert cells(said, "110105") == ["110105", "1", "1", "0", "1", "0", "0"]


def number_of(run: Runner, subject: str) -> str:
    """Give the number in an enterprise's identifier."""
    answer = json.loads(run.right("enterprise", "get", subject, "--json"))
    return str(answer["enterprise"]["enterprise_id"]).removeprefix("e-")


def test_a_draw_takes_the_share_of_each_class_and_the_same_again(supervised: Runner) -> None:
    """A fifth of two, rounded up, is one; of the class that is drawn whole, its only one."""
    lottery = ("supervision", "draw", *HOSPITALS, "--seed", "2026-11-21-0417")
    said = supervised.right(*lottery)
    again = supervised.right(*lottery)

    assert cells(said, "20") == ["20", "2", "1"]
    assert cells(said, "100") == ["100", "1", "1"]
    assert cells(said, f"e-{number_of(supervised, HAZARDOUS)}")[2:] == ["样例hazardous医院", "100"]
    assert re.search(r"^seed +2026-11-21-0417\s*$", said, re.MULTILINE)
    assert said == again


@pytest.mark.parametrize("seed", ["a", "b", "样例彩票第0417期"])
def test_anybody_can_check_a_draw(supervised: Runner, seed: str) -> None:
    """Of the two the one with the smaller lot: SHA-256 of the seed, a zero byte and the number."""
    numbers = [number_of(supervised, SMALL), number_of(supervised, LARGE)]
    expected = min(numbers, key=lambda one: sha256(f"{seed}\0{one}".encode()).digest())

    answer = json.loads(
        supervised.right("supervision", "draw", *HOSPITALS, "--seed", seed, "--json")
    )

    found = [one["enterprise_id"] for one in answer["drawn"]]
    assert sorted(found) == sorted([f"e-{expected}", f"e-{number_of(supervised, HAZARDOUS)}"])


@pytest.mark.parametrize(
    ("arguments", "exit_code", "reason"),
    [
        pytest.param(("get", "e-1"), 4, "SUBJECT_UNKNOWN", id="nobody"),
        pytest.param(("colour", "p-1"), 4, "NOT_AN_ENTERPRISE", id="a-person"),
        pytest.param(
            ("distribution", "110105", "--policy", "cn.beijing.chaoyang.supervision"),
            4,
            "POLICY_UNKNOWN",
            id="a-policy-of-another-kind",
        ),
        pytest.param(("draw", "110105"), 2, "--seed", id="without-a-seed"),
        pytest.param(
            ("draw", "110105", "--seed", "a", "--as-of", "2010-01-01"),
            4,
            "POLICY_NOT_IN_FORCE",
            id="before-every-policy",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    run: Runner, *, arguments: tuple[str, ...], exit_code: int, reason: str
) -> None:
    """By its reason, with the exit code of a refusal or of a wrong use."""
    refused = run("supervision", *arguments)

    assert refused.exit_code == exit_code
    assert reason in refused.output
