"""The commands against the running system: what a person types, and what comes back."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.sample.stories import BY_NAME
from tests.integration.cli.running_system import ROOT, System

pytestmark = pytest.mark.timeout(120)

LIAOCHENG = ("--policy", "cn.shandong.liaocheng.grade")
ORDER_11 = "cn.serious-dishonesty-list"


def code(story: str) -> str:
    """Give the credit code of a story."""
    return BY_NAME[story].credit_code


@pytest.fixture
def run(system: System, monkeypatch: pytest.MonkeyPatch) -> "Runner":
    """Run commands with the settings of the running system."""
    for name, value in system.environment.items():
        if name.startswith("SAFETYCREDIT_"):
            monkeypatch.setenv(name, value)
    return Runner()


class Runner:
    """Runs commands in this process."""

    def __call__(self, *arguments: str) -> Result:
        """Run one, and give what it printed."""
        result = CliRunner().invoke(app, arguments)
        assert "Traceback" not in result.output
        return result

    def right(self, *arguments: str) -> str:
        """Run one that must succeed."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.mark.parametrize(
    ("story", "grade"),
    [
        # Level 2 starts at B; two penalties last year are one step down.
        pytest.param("two-penalties", "B-", id="two-penalties"),
        # Level 1 starts at A; one general liable accident last year is two steps down.
        pytest.param("one-accident", "B+", id="one-accident"),
        pytest.param("larger-accident", "D", id="larger-accident"),
        pytest.param("concealed-accident", "D", id="concealed"),
        pytest.param("overdue-hazard", "D", id="overdue-hazard"),
        pytest.param("clean", "A", id="clean"),
        pytest.param("newcomer", "no_data", id="never-silently-the-best"),
    ],
)
def test_a_story_has_the_grade_that_follows_from_the_scheme(
    run: Runner, story: str, grade: str
) -> None:
    """Worked out by hand from the Liaocheng scheme."""
    output = run.right("grade", "get", code(story), *LIAOCHENG)

    assert re.search(rf"^grade +{re.escape(grade)}\s*$", output, re.MULTILINE)


def test_an_explanation_names_rule_clause_and_records_and_adds_up(run: Runner) -> None:
    """The printed sum is that of the printed lines."""
    output = run.right("grade", "get", code("one-accident"), *LIAOCHENG, "--explain")
    english = run.right(
        "grade", "get", code("one-accident"), *LIAOCHENG, "--explain", "--lang", "en"
    )

    assert "G1-ONE-GENERAL" in output
    assert "上一年度发生1起一般责任事故" in output
    assert "one general liable accident" in english
    assert re.search(r"sum of steps +2 级", output)
    assert re.search(r"sum of steps +2 step", english)
    assert re.search(r"r-\d+", output)


def test_json_is_that_of_the_proto(run: Runner) -> None:
    """Programs get every field, with the names of the proto."""
    answer = json.loads(run.right("grade", "get", code("clean"), *LIAOCHENG, "--json"))

    assert answer["grade"]["credit_code"] == code("clean")
    assert answer["basis"]["policy"]["policy_id"] == "cn.shandong.liaocheng.grade"


@pytest.mark.parametrize(
    ("story", "standing"),
    [
        pytest.param("unlicensed", "candidate", id="without-a-permit"),
        pytest.param("two-larger-accidents", "candidate", id="two-larger-accidents"),
        pytest.param("concealed-accident", "candidate", id="concealed"),
        pytest.param("late-report", "not_listed", id="late-is-not-concealed"),
        pytest.param("pending-penalty", "not_listed", id="not-final"),
        pytest.param("revoked-penalty", "not_listed", id="revoked"),
    ],
)
def test_a_story_stands_with_the_list_as_order_11_says(
    run: Runner, story: str, standing: str
) -> None:
    """A circumstance needs a final penalty behind it (应急管理部令第11号 art. 3)."""
    output = run.right("list", "status", code(story), "--policy", ORDER_11)

    assert re.search(rf"^standing +{standing}\s*$", output, re.MULTILINE)


def test_candidates_are_listed_with_their_circumstances(run: Runner) -> None:
    """The unlicensed one is among them, the pending one is not."""
    output = run.right("list", "candidates", ORDER_11)

    assert code("unlicensed") in output
    assert "MEM11-7-1" in output
    assert code("pending-penalty") not in output


def test_a_rate_comes_with_its_worksheet(run: Runner) -> None:
    """320 insured at 80 yuan are 25,600; a clean year and a provincial award take 20 % off."""
    output = run.right("rate", "recommend", code("clean"), "--policy", "cn.anhui.fuyang.rate")

    assert re.search(r"^base premium +25,600\.00 CNY", output, re.MULTILINE)
    assert re.search(r"^factor +0\.8\s*$", output, re.MULTILINE)
    assert re.search(r"^premium +20,480\.00 CNY", output, re.MULTILINE)


def test_policies_can_be_listed_and_read(run: Runner) -> None:
    """The file itself comes out byte for byte."""
    listed = run.right("policy", "list", "--kind", "grade")
    described = run.right("policy", "show", "cn.shandong.liaocheng.grade", "--lang", "en")
    text = run.right("policy", "show", "cn.shandong.liaocheng.grade", "--text")

    assert "cn.shandong.liaocheng.grade" in listed
    assert "Liaocheng work-safety grade" in described
    assert text == (ROOT / "policies/cn.shandong/liaocheng-grade.yaml").read_text(encoding="utf-8")


def test_grades_of_a_policy_are_listed(run: Runner) -> None:
    """Only those asked for."""
    output = run.right("grade", "list", *LIAOCHENG, "--grade", "D", "--limit", "1000")

    assert code("larger-accident") in output
    assert code("clean") not in output


def test_an_enterprise_is_found_by_its_former_name_and_shown_with_its_history(
    run: Runner,
) -> None:
    """A rename and a move leave their periods behind."""
    found = run.right("enterprise", "search", "--name", "样安途")
    shown = run.right("enterprise", "get", code("renamed-and-moved"), "--history")

    assert code("renamed-and-moved") in found
    assert "样安达" in shown
    assert "样安途" in shown
    assert "110112" in shown


def test_a_merged_enterprise_names_its_successor(run: Runner) -> None:
    """The state is shown, and who stands in."""
    output = run.right("enterprise", "get", code("merged"))

    assert re.search(r"^merged +e-\d+ → e-\d+", output, re.MULTILINE)


def test_a_search_says_that_there_is_more(run: Runner) -> None:
    """Pages are read up to the limit, and not beyond."""
    assert "… and more" in run.right("enterprise", "search", "--limit", "5")
    assert "… and more" not in run.right("enterprise", "search", "--limit", "5000")


PENALTY = """\
header:
  subject: {{credit_code: {code}}}
  field: fire
  authority: 样例消防救援支队
  document_number: "样消罚〔2025〕{number}号"
  event_date: 2025-03-10
penalty:
  sanctions: [fine]
  fine: "{fine}"
  violation_code: fire_facilities
"""


def penalty(folder: Path, *, number: int, fine: str = "5000.00", story: str = "clean") -> str:
    """Write the file of a penalty, and give its path."""
    path = folder / "penalty.yaml"
    text = PENALTY.format(code=code(story), number=number, fine=fine)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_record_is_added_revised_and_revoked_and_keeps_its_history(
    run: Runner, tmp_path: Path
) -> None:
    """Every edition stays; the same file again changes nothing."""
    added = run.right("record", "add", penalty(tmp_path, number=1))
    again = run.right("record", "add", penalty(tmp_path, number=1))
    found = re.search(r"r-\d+", added)
    assert found is not None
    record = found[0]
    cause = ("--reason", "更正", "--document", "样更正1号")
    run.right("record", "revise", record, penalty(tmp_path, number=1, fine="6000.00"), *cause)
    run.right("record", "revoke", record, *cause)
    history = run.right("record", "get", record)
    listed = run.right("record", "list", code("clean"), "--field", "fire", "--kind", "penalty")

    assert "nothing changed" in again
    assert "5,000.00 CNY" in history
    assert "6,000.00 CNY" in history
    assert "revoked" in history
    assert record not in listed


def test_a_refusal_is_told_with_reason_fields_and_exit_code_4(run: Runner, tmp_path: Path) -> None:
    """The same document with another fine is not the same record."""
    run.right("record", "add", penalty(tmp_path, number=2))
    differing = run("record", "add", penalty(tmp_path, number=2, fine="7000.00"))
    below_zero = run("record", "add", penalty(tmp_path, number=3, fine="-1.00"))

    assert differing.exit_code == below_zero.exit_code == 4
    assert "RECORD_DIFFERS" in differing.output
    assert "penalty.fine" in differing.output
    assert "penalty.fine" in below_zero.output


def test_an_unknown_subject_and_a_missing_role_are_refused_in_words(run: Runner) -> None:
    """Exit code 4 and advice."""
    unknown = run("grade", "get", "e-1", *LIAOCHENG)
    denied = run("--roles", "subscriber", "record", "list", code("clean"))

    assert unknown.exit_code == denied.exit_code == 4
    assert "SUBJECT_UNKNOWN" in unknown.output
    assert "subscriber" not in denied.output.split("Call with")[0].split("needs")[0]
    assert "--roles" in denied.output


def test_an_enterprise_is_registered_from_a_file(run: Runner, tmp_path: Path) -> None:
    """It is there at once, and a second time changes nothing."""
    path = tmp_path / "enterprise.yaml"
    path.write_text(
        "identity: {local_identity: {scheme: test.number, value: '42'}}\n"
        "profile: {name: 样例作坊, division: '110105', fields: [work_safety], headcount: 3}\n"
        "start_date: 2020-01-01\n",
        encoding="utf-8",
    )
    first = run.right("enterprise", "register", str(path))
    second = run.right("enterprise", "register", str(path))

    assert first.startswith("registered")
    assert second.startswith("registered before")
    assert "样例作坊" in run.right("enterprise", "get", "test.number:42")


def test_the_sample_can_be_loaded_again_without_any_change(run: Runner) -> None:
    """A revoked penalty stays revoked."""
    output = run.right("sample", "load", "--enterprises", "60")

    assert "0 enterprises registered, 0 records stored" in output


def test_a_file_is_imported_through_the_real_service(run: Runner, tmp_path: Path) -> None:
    """Refused rows are reported by the service's own reasons; a second time nothing changes."""
    path = tmp_path / "file.csv"
    path.write_text(
        "authority,announce_date,decision_date,decision_no,entity_name,law_article,remark\n"
        "樣本市,20150910,20150801,樣字第1號,樣本一廠,法第6條,\n"
        "樣本市,20150910,1040802,樣字第2號,樣本二廠,法第6條,訴願駁回\n"
        "樣本市,20150701,20150803,樣字第3號,樣本三廠,法第6條,\n"
        "樣本市,20150910,20150801,樣字第1號,樣本一廠,法第7條,\n",
        encoding="utf-8",
    )
    first = run("import", str(path), "--mapping", "tw-osh")
    second = run("import", str(path), "--mapping", "tw-osh")

    assert first.exit_code == second.exit_code == 3
    assert "2 stored, 0 unchanged, 2 refused; 2 enterprises registered" in first.output
    assert "0 stored, 2 unchanged, 2 refused; 0 enterprises registered" in second.output
    assert "DATE_BEFORE_EVENT" in first.output
    assert "RECORD_DIFFERS" in first.output
    assert "樣字第2號" in run.right("record", "list", "tw.entity-name:樣本二廠")
