"""Random histories of records, beside a model of what each of them must leave."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from google.protobuf.message import Message
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.errors import SafetyCreditError
from services.credit.domain.codes import RecordKind
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import body, header, penalty, registration, request_id, yuan

DOCUMENTS: Final = st.sampled_from(["1号", "2号", "3号"])
FINES: Final = st.integers(min_value=1, max_value=3)

OpenService = Callable[[FixedClock], AbstractContextManager[InlineService]]


@dataclass
class Document:
    """What the model knows of a document.

    Attributes:
        record_id: Identifier of its record.
        fines: Fine of every edition, in yuan.
        revoked: Whether it was revoked.
    """

    record_id: str
    fines: list[int]
    revoked: bool = False


@dataclass
class Snapshot:
    """An answer, and the request that must give it again."""

    method: str
    request: Message
    answer: bytes


@dataclass
class Model:
    """What must be true of a store.

    Attributes:
        documents: Documents by number.
        snapshots: Answers that were given.
    """

    documents: dict[str, Document] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)


class RecordHistory(RuleBasedStateMachine):
    """Records, revises and revokes penalties of one enterprise at random."""

    def __init__(self, open_service: OpenService) -> None:
        """Begin with one enterprise.

        Args:
            open_service: Opens the service over an empty store that goes by this clock.
        """
        super().__init__()
        self.clock = FixedClock()
        self._opened = ExitStack()
        self.credit = self._opened.enter_context(open_service(self.clock))
        self.model = Model()
        self.credit("RegisterEnterprise", registration())

    @rule(document=DOCUMENTS, fine=FINES)
    def record(self, document: str, fine: int) -> None:
        """Record a document, which may be known."""
        known = self.model.documents.get(document)
        request = penalty(head={"document_number": document}, fine=yuan(fine))
        reason, answer = self.sent("RecordPenalty", request)
        if known is None:
            assert (reason, answer.repeated) == ("", False)
            self.model.documents[document] = Document(answer.record.record_id, [fine])
        elif known.revoked:
            assert reason == "RECORD_REVOKED"
        elif fine in known.fines:
            assert (reason, answer.repeated) == ("", True)
            assert answer.record.record_id == known.record_id
        else:
            assert reason == "RECORD_DIFFERS"

    @precondition(lambda self: self.model.documents)
    @rule(document=DOCUMENTS, fine=FINES, behind=st.integers(min_value=0, max_value=1))
    def revise(self, document: str, fine: int, behind: int) -> None:
        """Revise a document, perhaps on an edition that is outdated."""
        known = self.model.documents.get(document)
        if known is None:
            return
        request = service.ReviseRecordRequest(
            request_id=request_id(),
            record_id=known.record_id,
            edition=max(1, len(known.fines) - behind),
            header=header(document_number=document),
            body=record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(fine))),
            reason="更正",
            document_number="更1号",
        )
        reason, _ = self.sent("ReviseRecord", request)
        if known.revoked:
            assert reason == "RECORD_REVOKED"
        elif request.edition != len(known.fines):
            assert reason == "EDITION_OUTDATED"
        elif fine == known.fines[-1]:
            assert reason == "INVALID_INPUT"
        else:
            assert reason == ""
            known.fines.append(fine)

    @precondition(lambda self: self.model.documents)
    @rule(document=DOCUMENTS)
    def revoke(self, document: str) -> None:
        """Revoke a document."""
        known = self.model.documents.get(document)
        if known is None:
            return
        request = service.RevokeRecordRequest(
            request_id=request_id(),
            record_id=known.record_id,
            edition=len(known.fines),
            reason="撤销",
            document_number="撤1号",
        )
        reason, _ = self.sent("RevokeRecord", request)
        assert reason == ("RECORD_REVOKED" if known.revoked else "")
        known.revoked = True

    @rule()
    def look(self) -> None:
        """Remember what is listed now, and how to ask for it again."""
        self.clock.advance(timedelta(seconds=1))
        listed = self.credit("ListRecords", service.ListRecordsRequest())
        again = service.ListRecordsRequest(as_of=listed.as_of, known_at=listed.point.known_at)
        self.remember("ListRecords", again, listed)
        for document in self.model.documents.values():
            found = self.credit("GetRecord", service.GetRecordRequest(record_id=document.record_id))
            request = service.GetRecordRequest(
                record_id=document.record_id, known_at=found.point.known_at
            )
            self.remember("GetRecord", request, found)

    @invariant()
    def no_edition_is_lost(self) -> None:
        """Every edition ever recorded is there, in order, and the last alone is current."""
        for document in self.model.documents.values():
            request = service.GetRecordRequest(record_id=document.record_id)
            editions = self.credit("GetRecord", request).editions
            assert [one.body.penalty.fine.units for one in editions] == document.fines
            assert [one.edition for one in editions] == [
                number for number, _ in enumerate(document.fines, 1)
            ]
            last = (
                record_pb2.RECORD_STATE_REVOKED
                if document.revoked
                else record_pb2.RECORD_STATE_ACTIVE
            )
            revised = [record_pb2.RECORD_STATE_REVISED] * (len(document.fines) - 1)
            assert [one.state for one in editions] == [*revised, last]

    @invariant()
    def current_editions_are_listed(self) -> None:
        """What is listed is the last edition of everything that was not revoked."""
        listed = self.credit("ListRecords", service.ListRecordsRequest()).records
        assert {(one.record_id, one.body.penalty.fine.units) for one in listed} == {
            (one.record_id, one.fines[-1])
            for one in self.model.documents.values()
            if not one.revoked
        }

    def teardown(self) -> None:
        """Every answer comes again, byte for byte, whatever was written since."""
        with self._opened:
            for one in self.model.snapshots:
                assert self.credit.bytes(one.method, one.request) == one.answer

    def remember(self, method: str, request: Message, answer: Message) -> None:
        """Keep an answer."""
        written = answer.SerializeToString(deterministic=True)
        self.model.snapshots.append(Snapshot(method, request, written))

    def sent(self, method: str, request: Message) -> tuple[str, Any]:
        """Call a method; give the reason of a refusal, and the answer."""
        self.clock.advance(timedelta(seconds=1))
        try:
            return "", self.credit(method, request)
        except SafetyCreditError as error:
            return error.reason, None


def run_histories(open_service: OpenService, *, examples: int, steps: int) -> None:
    """Run random histories, each over an empty store of its own."""

    class History(RecordHistory):
        def __init__(self) -> None:
            super().__init__(open_service)

    run_state_machine_as_test(
        History, settings=settings(max_examples=examples, stateful_step_count=steps)
    )
