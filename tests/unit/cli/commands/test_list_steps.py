"""What the commands of the procedure send and print."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import typer
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from cli.commands.list_case import answers, app
from cli.commands.list_steps import StepOptions, opinion
from cli.commands.option_groups import AnswerOptions
from cli.display.list_cases import case_row, deadline_row, entry_row, print_written
from safetycredit.scoring.v1.list_case_pb2 import (
    ListCase,
    ListCaseParty,
    ListCaseStep,
    ListDeadline,
    ListedEntry,
    NextStep,
    UpkeepFailure,
)
from safetycredit.scoring.v1.list_entry_pb2 import EntryRemoval, ListEntry

COLLECT, REPORT, REVIEW, NOTIFY, EXPIRE, CLOSE = (
    f"LIST_CASE_STEP_KIND_{one}"
    for one in ("COLLECT", "REPORT", "REVIEW", "NOTIFY", "EXPIRE", "CLOSE")
)
ANSWER = AnswerOptions(ctx=typer.Context(typer.main.get_command(app)))
DAY = Date(year=2025, month=6, day=3)
CASE = ListCase(
    case_id="c-1",
    list="LIST_KIND_BLACKLIST",
    field="FIELD_WORK_SAFETY",
    state="LIST_CASE_STATE_LISTED",
    authority="应急局",
    deciding_authority="应急局",
    parties=[ListCaseParty(subject_id="e-1", name="样本公司")],
    steps=[
        ListCaseStep(number=1, kind=COLLECT, date=DAY, person="赵一", authority="应急局"),
        ListCaseStep(number=2, kind=REPORT, date=DAY, person="赵一", addressee="应急局", late=True),
    ],
    next_steps=[
        NextStep(
            kind=REVIEW, field="FIELD_FIRE", earliest_date=DAY, due_date=DAY, due_provisional=True
        )
    ],
)


def test_evidence_is_sent_by_its_digest(tmp_path: Path) -> None:
    """The file stays where it is; what it proves stands before it."""
    path = tmp_path / "整改报告.pdf"
    path.write_bytes(b"done")

    step = StepOptions(
        person="赵一",
        number="文1号",
        date="2025-06-03",
        attach=[f"harm_removed={path}", str(path)],
        answer=ANSWER,
    )

    note = step.document()

    digest = sha256(b"done").hexdigest()
    assert [(one.sha256, one.title, one.proves) for one in note.attachments] == [
        (digest, "整改报告.pdf", "harm_removed"),
        (digest, "整改报告.pdf", ""),
    ]
    assert (note.person, note.document_number, note.date) == ("赵一", "文1号", DAY)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Nothing is sent for it."""
    step = StepOptions(
        person="赵一", number="文1号", attach=[str(tmp_path / "none.pdf")], answer=ANSWER
    )

    with pytest.raises(typer.BadParameter, match="cannot be read"):
        step.document()


def test_answers_are_whole_numbers_or_words() -> None:
    """A name, an equals sign and a number; a word where there is no number."""
    (answer,) = answers(["dishonest_acts=0"])
    (word,) = answers(["colour=red"])

    assert (answer.name, answer.value, answer.code) == ("dishonest_acts", 0, "")
    assert (word.name, word.value, word.code) == ("colour", 0, "red")
    assert [opinion(agreed) for agreed in (True, False)] == [1, 2]
    with pytest.raises(typer.BadParameter, match="NAME=NUMBER"):
        answers(["dishonest_acts"])


def test_a_case_is_printed_with_its_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps, what was late, what comes next, and what may still move."""
    print_written(CASE, repeated=False, token="")

    printed = capsys.readouterr().out
    for wanted in ("台账", "collect", "report", "to 应急局 late", "review", "(provisional)"):
        assert wanted in printed


def test_what_comes_next_names_whom_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a unit and a person whose notices are left each has a line of its own; so has an entry."""
    ahead = [
        NextStep(kind=NOTIFY, authority="应急局", party_subject_id="e-1"),
        NextStep(kind=NOTIFY, authority="应急局", party_subject_id="p-2"),
        NextStep(kind=EXPIRE, authority="应急局", entry_id="l-3"),
        NextStep(kind=CLOSE, authority="应急局"),
    ]

    print_written(ListCase(case_id="c-1", next_steps=ahead), repeated=False, token="")
    due = [deadline_row(ListDeadline(case_id="c-1", subject_id="e-9", step=one)) for one in ahead]

    lines = capsys.readouterr().out.partition("next")[2].splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:4]] for line in lines if "│" in line]
    assert rows == [
        ["notify", "e-1", "应急局"],
        ["notify", "p-2", "应急局"],
        ["expire", "l-3", "应急局"],
        ["close", "", "应急局"],
    ]
    assert [row[5] for row in due] == ["e-1", "p-2", "l-3", "e-9"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        pytest.param(
            ListCaseStep(date=DAY, late=True, provisional=True), "late (provisional)", id="late"
        ),
        pytest.param(ListCaseStep(date=DAY, early=True), "too early", id="early"),
        pytest.param(
            ListCaseStep(date=DAY, provisional=True), "in time (provisional)", id="in-time-so-far"
        ),
    ],
)
def test_a_step_says_what_may_still_change(
    step: ListCaseStep, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Late or too early, and whether the calendar of a year is still to be announced."""
    case = ListCase(case_id="c-1", steps=[step])

    print_written(case, repeated=False, token="")

    assert said in capsys.readouterr().out


def test_rows_say_what_matters() -> None:
    """A case, an entry and a deadline, each in a line."""
    entry = ListedEntry(
        entry=ListEntry(
            entry_id="l-1",
            kind="LIST_KIND_REDLIST",
            field="FIELD_WORK_SAFETY",
            subject_id="p-1",
            name="王＊",
        ),
        state="LIST_ENTRY_STATE_REMOVED",
        removal=EntryRemoval(reason="REMOVAL_REASON_EARLY", document_number="移1号"),
    )
    due = ListDeadline(
        case_id="c-1",
        subject_id="e-1",
        step=NextStep(kind=REPORT, authority="应急局", overdue=True),
    )

    assert case_row(CASE)[-1] == "2025-06-03 report"
    assert entry_row(entry)[1:5] == ("redlist", "work_safety", "p-1", "王＊")
    assert entry_row(entry)[7] == "removed: early 移1号"
    assert deadline_row(due)[1:4] == ("overdue", "report", "应急局")


def test_what_the_service_cannot_do_stands_in_a_line() -> None:
    """Since when, at whom, of which entry, and why."""
    failed = UpkeepFailure(
        chore="term",
        entry_id="l-7",
        authority="应急局",
        reason="POLICY_UNUSABLE",
        message="the policy cannot be evaluated",
        since_time=Timestamp(seconds=1_750_000_000),
    )

    row = deadline_row(ListDeadline(case_id="c-1", subject_id="e-1", failure=failed))

    assert row == (
        "since 2025-06-15T23:06:40+08:00",
        "overdue",
        "the service: term",
        "应急局",
        "c-1",
        "l-7",
        "POLICY_UNUSABLE: the policy cannot be evaluated",
    )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        pytest.param(
            {"kind": "LIST_CASE_STEP_KIND_CORRECT", "document_number": "异决1号"},
            ("correct by 异决1号", "应急局"),
            id="by-a-document",
        ),
        pytest.param(
            {"kind": "LIST_CASE_STEP_KIND_REVIEW", "field": "FIELD_FIRE"},
            ("review", "应急局 fire"),
            id="of-a-field",
        ),
    ],
)
def test_a_deadline_says_by_what_and_of_which_field(
    step: dict[str, Any], said: tuple[str, str]
) -> None:
    """The document of an objection, and the department that is to review again."""
    due = ListDeadline(case_id="c-1", step=NextStep(authority="应急局", **step))

    assert deadline_row(due)[2:4] == said
