"""What each command of the procedure sends: its call, and the fields of its request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import typer
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from typer.testing import CliRunner

from cli.client.caller import make_caller
from cli.client.connection import Session
from cli.commands import list_case, list_entry
from cli.display.list_cases import term_text
from safetycredit.scoring.v1 import list_service_pb2
from safetycredit.scoring.v1.list_case_pb2 import Opinion, StepDocument
from safetycredit.scoring.v1.list_service_pb2 import ChosenTerm, InputAnswer, ListingTerm
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import SubjectRef


class Methods:
    """Stands for a stub: a method is its own name."""

    def __getattr__(self, name: str) -> str:
        """Give a method."""
        return name


@dataclass
class Recorder:
    """Stands for a client: keeps what is sent, and answers with an empty case."""

    stub: Methods = field(default_factory=Methods)
    sent: list[tuple[str, Message]] = field(default_factory=list)

    def call(self, method: str, request: Message) -> Any:  # noqa: ANN401 -- the answer of any method.
        """Keep a request."""
        self.sent.append((method, request))
        return list_service_pb2.OpenListCaseResponse()


class RecordingSession(Session):
    """Opens a recorder in place of the list service."""

    client = Recorder()

    @contextmanager
    def lists(self, target: str | None) -> Iterator[Any]:
        """Open it."""
        assert target == "127.0.0.1:1"
        yield self.client


def sent(app: typer.Typer, line: str) -> tuple[str, Any]:
    """Run a command, and give the call that it made."""
    session = RecordingSession(make_caller("cli:test", "admin"))
    session.client = Recorder()
    result = CliRunner().invoke(app, [*line.split(), "--target", "127.0.0.1:1"], obj=session)
    assert result.exit_code == 0, result.output
    [call] = session.client.sent
    return call


PAPER = "--person 周五 --document 文1号 --date 2025-06-03 --remark 备注"
DOCUMENT = StepDocument(
    person="周五",
    document_number="文1号",
    date=Date(year=2025, month=6, day=3),
    remark="备注",
)
AGREE, DISAGREE = Opinion.OPINION_AGREE, Opinion.OPINION_DISAGREE


def sends(line: str, method: str, **fields: Any) -> Any:  # noqa: ANN401 -- a row of a table.
    """Say what a command line sends, beside its document."""
    return pytest.param(line, method, fields, id=line.split(maxsplit=1)[0])


CASE_STEPS = [
    sends(
        "open e-1 --policy cn.x --field fire --record r-1 --record r-2 --with p-1"
        " --input y=2 --cause 瞒报",
        "OpenListCase",
        subject=SubjectRef(enterprise_id="e-1"),
        policy_id="cn.x",
        field=Field.FIELD_FIRE,
        record_ids=["r-1", "r-2"],
        person_ids=["p-1"],
        inputs=[InputAnswer(name="y", value=2)],
        cause="瞒报",
    ),
    sends("report c-1 --to 区应急局", "ReportListCase", case_id="c-1", addressee="区应急局"),
    sends(
        "notify c-1 --cause a --basis b --measures c --rights d --party e-1",
        "NotifyListCase",
        case_id="c-1",
        party_subject_id="e-1",
        cause="a",
        basis="b",
        measures="c",
        rights="d",
    ),
    sends(
        "statement c-1 --text 处罚过重 --party e-1 --waived",
        "RecordStatement",
        case_id="c-1",
        party_subject_id="e-1",
        statement="处罚过重",
        waived=True,
    ),
    sends("answer c-1 --text 不予采纳", "AnswerStatement", case_id="c-1", answer="不予采纳"),
    sends(
        "ask-hearing c-1 --party e-1",
        "AskForHearing",
        case_id="c-1",
        party_subject_id="e-1",
    ),
    sends(
        "hold-hearing c-1 --outcome 维持 --party e-1",
        "HoldHearing",
        case_id="c-1",
        party_subject_id="e-1",
        outcome="维持",
    ),
    sends(
        "review c-1 --field fire --disagree --reason 依据不足",
        "ReviewListCase",
        case_id="c-1",
        field=Field.FIELD_FIRE,
        opinion=DISAGREE,
        reason="依据不足",
    ),
    sends("approve c-1", "ApproveListCase", case_id="c-1", opinion=AGREE, reason=""),
    sends("announce c-1", "AnnounceListCase", case_id="c-1"),
    sends(
        "decide c-1 --cause a --basis b --measures c --measure m-1 --measure m-2 --repair d"
        " --remedies e --party e-1 --listing-date 2025-06-04 --term 2year --term p-1=18month"
        " --term-reason f",
        "DecideListCase",
        case_id="c-1",
        cause="a",
        basis="b",
        measures="c",
        measure_codes=["m-1", "m-2"],
        repair="d",
        remedies="e",
        party_subject_ids=["e-1"],
        listing_date=Date(year=2025, month=6, day=4),
        terms=[
            ChosenTerm(value=2, unit="year"),
            ChosenTerm(party_subject_id="p-1", value=18, unit="month"),
        ],
        term_reason="f",
    ),
    sends("serve c-1 --party e-1", "ServeDecision", case_id="c-1", party_subject_id="e-1"),
    sends("publish c-1 --approval 批2号", "PublishListCase", case_id="c-1", approval="批2号"),
    sends("close c-1 --reason 撤销", "CloseListCase", case_id="c-1", reason="撤销"),
]


@pytest.mark.parametrize(("line", "method", "fields"), CASE_STEPS)
def test_a_step_of_a_case_is_sent_with_its_document(
    line: str, method: str, fields: dict[str, Any]
) -> None:
    """Every option reaches the field that it is for."""
    called, request = sent(list_case.app, f"{line} {PAPER}")

    assert called == method
    assert request.request_id
    request.ClearField("request_id")
    assert request == getattr(list_service_pb2, f"{method}Request")(document=DOCUMENT, **fields)


ENTRY_STEPS = [
    sends("apply l-1", "ApplyForEarlyRemoval", entry_id="l-1"),
    sends(
        "accept l-1 --refuse --reason 不全",
        "AcceptEarlyRemoval",
        entry_id="l-1",
        opinion=DISAGREE,
        reason="不全",
    ),
    sends(
        "decide l-1 --grant --approval 批2号",
        "DecideEarlyRemoval",
        entry_id="l-1",
        opinion=AGREE,
        approval="批2号",
    ),
    sends("withdraw l-1 --reason 伪造", "WithdrawEarlyRemoval", entry_id="l-1", reason="伪造"),
    sends(
        "correct l-1 --reason 复议撤销 --approval 批2号",
        "CorrectListEntry",
        entry_id="l-1",
        reason="复议撤销",
        approval="批2号",
    ),
]


@pytest.mark.parametrize(("line", "method", "fields"), ENTRY_STEPS)
def test_a_step_of_an_entry_is_sent_with_its_document(
    line: str, method: str, fields: dict[str, Any]
) -> None:
    """Every option reaches the field that it is for."""
    called, request = sent(list_entry.entries, f"{line} {PAPER}")

    assert called == method
    request.ClearField("request_id")
    assert request == getattr(list_service_pb2, f"{method}Request")(document=DOCUMENT, **fields)


@pytest.mark.parametrize(
    ("app", "line"),
    [
        pytest.param(list_entry.redlist, "e-1 --policy cn.x --person 李四", id="redlist"),
        pytest.param(list_entry.entries, "apply l-1 --person 李四", id="early-removal"),
        pytest.param(list_case.app, "statement c-1 --person 李四", id="statement"),
    ],
)
def test_a_party_s_paper_need_not_have_a_number(app: typer.Typer, line: str) -> None:
    """What a party hands in may have none; the others ask for it."""
    _, request = sent(app, line)

    assert request.document == StepDocument(person="李四")


@pytest.mark.parametrize(
    "text", ["year", "2", "p-1=year", "two year", "-1 year", "=2 year", "2.5 year"]
)
def test_a_term_that_cannot_be_read_is_refused(text: str) -> None:
    """With how to write one."""
    with pytest.raises(typer.BadParameter, match="write '2 year' or 'p-1=18 month'"):
        list_case.chosen_terms([text])


@pytest.mark.parametrize(
    ("least", "told"),
    [
        pytest.param(1, "2 year (chosen from 1 to 2; listing 1; A, art. 3)", id="range"),
        pytest.param(2, "2 year (listing 1; A, art. 3)", id="fixed"),
    ],
)
def test_a_term_is_told_with_the_range_that_it_was_chosen_from(least: int, told: str) -> None:
    """Nothing more where the law fixes it."""
    term = ListingTerm(
        value=2, unit="year", listing_number=1, rule_ids=["A"], clause="art. 3", least=least
    )
    term.greatest = 2

    assert term_text(term) == told
