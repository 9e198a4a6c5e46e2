"""ListService: the procedure by which subjects come onto the lists and leave them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from safetycredit.scoring.v1 import list_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.once import Answer, WriteCall
from services.common.write_calls import response_of, write_call
from services.scoring.commands.lists.apply_for_redlist import Application, ApplyForRedlist
from services.scoring.commands.lists.correct_list_entry import CorrectListEntry
from services.scoring.commands.lists.decide_early_removal import DecideEarlyRemoval
from services.scoring.commands.lists.decide_list_case import DecideListCase
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft
from services.scoring.commands.lists.open_list_case import CaseWish, OpenListCase
from services.scoring.commands.lists.publish_list_case import PublishListCase
from services.scoring.commands.lists.take_entry_step import TakeEntryStep
from services.scoring.commands.lists.take_list_case_step import TakeListCaseStep
from services.scoring.commands.lists.withdraw_early_removal import WithdrawEarlyRemoval
from services.scoring.domain.list_case import Opinion, StepKind
from services.scoring.handlers import list_case_requests as rules
from services.scoring.handlers.list_case_messages import list_case_message
from services.scoring.handlers.messages import point_message

Call = WriteCall[CaseView]


@dataclass(frozen=True, slots=True)
class ListCaseHandlers:
    """Answers the calls that write in cases.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "OpenListCase": self.open_list_case,
            "ApplyForRedlist": self.apply_for_redlist,
            "ReportListCase": self.report_list_case,
            "NotifyListCase": self.notify_list_case,
            "RecordStatement": self.record_statement,
            "AnswerStatement": self.answer_statement,
            "ReviewListCase": self.review_list_case,
            "ApproveListCase": self.approve_list_case,
            "AnnounceListCase": self.announce_list_case,
            "DecideListCase": self.decide_list_case,
            "ServeDecision": self.serve_decision,
            "PublishListCase": self.publish_list_case,
            "CloseListCase": self.close_list_case,
            "ApplyForEarlyRemoval": self.apply_for_early_removal,
            "AcceptEarlyRemoval": self.accept_early_removal,
            "DecideEarlyRemoval": self.decide_early_removal,
            "WithdrawEarlyRemoval": self.withdraw_early_removal,
            "CorrectListEntry": self.correct_list_entry,
        }

    async def open_list_case(
        self, request: pb.OpenListCaseRequest, context: CallContext
    ) -> Response:
        """Open a case of a blacklist."""
        read = rules.OpenListCaseRules.read(request)
        wish = CaseWish(
            subject=read.subject,
            policy_id=read.policy_id,
            field=read.field,
            record_ids=read.record_ids,
            inputs=read.inputs,
            person_ids=read.person_ids,
            draft=_draft(StepKind.COLLECT, read.document, contents={"cause": read.cause}),
        )
        call = _call(request, context, pb.OpenListCaseResponse)
        answer = await context.run_command(OpenListCase(self.desk), call, wish)
        return response_of(answer, pb.OpenListCaseResponse)

    async def apply_for_redlist(
        self, request: pb.ApplyForRedlistRequest, context: CallContext
    ) -> Response:
        """Open a case of a redlist."""
        read = rules.ApplyForRedlistRules.read(request)
        application = Application(
            subject=read.subject,
            policy_id=read.policy_id,
            field=read.field,
            inputs=read.inputs,
            draft=_draft(StepKind.COLLECT, read.document),
        )
        call = _call(request, context, pb.ApplyForRedlistResponse)
        answer = await context.run_command(ApplyForRedlist(self.desk), call, application)
        return response_of(answer, pb.ApplyForRedlistResponse)

    async def report_list_case(
        self, request: pb.ReportListCaseRequest, context: CallContext
    ) -> Response:
        """Report a case to the deciding authority."""
        read = rules.ReportListCaseRules.read(request)
        draft = _draft(StepKind.REPORT, read.document, addressee=read.addressee)
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.ReportListCaseResponse
        )

    async def notify_list_case(
        self, request: pb.NotifyListCaseRequest, context: CallContext
    ) -> Response:
        """Record that the notice was served."""
        read = rules.NotifyListCaseRules.read(request)
        contents = {
            "cause": read.cause,
            "basis": read.basis,
            "measures": read.measures,
            "rights": read.rights,
        }
        party = read.party_subject_id
        draft = _draft(StepKind.NOTIFY, read.document, party=party, contents=contents)
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.NotifyListCaseResponse
        )

    async def record_statement(
        self, request: pb.RecordStatementRequest, context: CallContext
    ) -> Response:
        """Record a statement or a waiver."""
        read = rules.RecordStatementRules.read(request)
        kind = StepKind.WAIVE if read.waived else StepKind.STATE
        draft = _draft(
            kind,
            read.document,
            party=read.party_subject_id,
            contents={"statement": read.statement},
        )
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.RecordStatementResponse
        )

    async def answer_statement(
        self, request: pb.AnswerStatementRequest, context: CallContext
    ) -> Response:
        """Record how statements were answered."""
        read = rules.AnswerStatementRules.read(request)
        draft = _draft(StepKind.ANSWER, read.document, contents={"answer": read.answer})
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.AnswerStatementResponse
        )

    async def review_list_case(
        self, request: pb.ReviewListCaseRequest, context: CallContext
    ) -> Response:
        """Record the opinion of a department."""
        read = rules.ReviewListCaseRules.read(request)
        draft = _draft(
            StepKind.REVIEW,
            read.document,
            field=read.field,
            opinion=read.opinion,
            contents={"reason": read.reason},
        )
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.ReviewListCaseResponse
        )

    async def approve_list_case(
        self, request: pb.ApproveListCaseRequest, context: CallContext
    ) -> Response:
        """Approve a proposal or reject it."""
        read = rules.ApproveListCaseRules.read(request)
        draft = _draft(
            StepKind.APPROVE,
            read.document,
            opinion=read.opinion,
            contents={"reason": read.reason},
        )
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.ApproveListCaseResponse
        )

    async def announce_list_case(
        self, request: pb.AnnounceListCaseRequest, context: CallContext
    ) -> Response:
        """Record that a proposed redlist entry was announced."""
        read = rules.CaseStepRules.read(request)
        draft = _draft(StepKind.ANNOUNCE, read.document)
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.AnnounceListCaseResponse
        )

    async def decide_list_case(
        self, request: pb.DecideListCaseRequest, context: CallContext
    ) -> Response:
        """Record the written decision."""
        read = rules.DecideListCaseRules.read(request)
        contents = {
            "cause": read.cause,
            "basis": read.basis,
            "measures": read.measures,
            "repair": read.repair,
            "remedies": read.remedies,
        }
        draft = _draft(
            StepKind.DECIDE,
            read.document,
            contents=contents,
            parties=read.party_subject_ids,
            measures=read.measure_codes,
            listing_date=read.listing_date,
        )
        call = _call(request, context, pb.DecideListCaseResponse)
        answer = await context.run_command(DecideListCase(self.desk), call, read.case_id, draft)
        return response_of(answer, pb.DecideListCaseResponse)

    async def serve_decision(
        self, request: pb.ServeDecisionRequest, context: CallContext
    ) -> Response:
        """Record that the decision was served."""
        read = rules.ServeDecisionRules.read(request)
        draft = _draft(StepKind.SERVE, read.document, party=read.party_subject_id)
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.ServeDecisionResponse
        )

    async def publish_list_case(
        self, request: pb.PublishListCaseRequest, context: CallContext
    ) -> Response:
        """Publish the entries of a case."""
        read = rules.PublishListCaseRules.read(request)
        draft = _draft(StepKind.PUBLISH, read.document)
        call = _call(request, context, pb.PublishListCaseResponse)
        answer = await context.run_command(
            PublishListCase(self.desk), call, read.case_id, draft, approval=read.approval
        )
        return response_of(answer, pb.PublishListCaseResponse)

    async def close_list_case(
        self, request: pb.CloseListCaseRequest, context: CallContext
    ) -> Response:
        """Close a case without an entry."""
        read = rules.CloseListCaseRules.read(request)
        draft = _draft(StepKind.CLOSE, read.document, contents={"reason": read.reason})
        return await self._step(
            request, context, read.case_id, draft=draft, response=pb.CloseListCaseResponse
        )

    async def apply_for_early_removal(
        self, request: pb.ApplyForEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Record an application for early removal."""
        read = rules.ApplyForEarlyRemovalRules.read(request)
        draft = _draft(StepKind.APPLY_EARLY, read.document)
        call = _call(request, context, pb.ApplyForEarlyRemovalResponse)
        answer = await context.run_command(TakeEntryStep(self.desk), call, read.entry_id, draft)
        return response_of(answer, pb.ApplyForEarlyRemovalResponse)

    async def accept_early_removal(
        self, request: pb.AcceptEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Accept an application for early removal, or refuse to."""
        read = rules.EntryStepRules.read(request)
        call = _call(request, context, pb.AcceptEarlyRemovalResponse)
        draft = _entry_draft(StepKind.ACCEPT_EARLY, read)
        answer = await context.run_command(TakeEntryStep(self.desk), call, read.entry_id, draft)
        return response_of(answer, pb.AcceptEarlyRemovalResponse)

    async def decide_early_removal(
        self, request: pb.DecideEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Grant early removal or refuse it."""
        read = rules.EntryStepRules.read(request)
        call = _call(request, context, pb.DecideEarlyRemovalResponse)
        draft = _entry_draft(StepKind.DECIDE_EARLY, read)
        answer = await context.run_command(
            DecideEarlyRemoval(self.desk), call, read.entry_id, draft, approval=read.approval
        )
        return response_of(answer, pb.DecideEarlyRemovalResponse)

    async def withdraw_early_removal(
        self, request: pb.WithdrawEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Withdraw an early removal that was obtained by deceit."""
        read = rules.EntryStepRules.read(request)
        call = _call(request, context, pb.WithdrawEarlyRemovalResponse)
        draft = _entry_draft(StepKind.WITHDRAW_EARLY, read)
        command = WithdrawEarlyRemoval(self.desk)
        answer = await context.run_command(command, call, read.entry_id, draft)
        return response_of(answer, pb.WithdrawEarlyRemovalResponse)

    async def correct_list_entry(
        self, request: pb.CorrectListEntryRequest, context: CallContext
    ) -> Response:
        """Correct an entry whose basis fell."""
        read = rules.EntryStepRules.read(request)
        call = _call(request, context, pb.CorrectListEntryResponse)
        draft = _entry_draft(StepKind.CORRECT, read)
        answer = await context.run_command(
            CorrectListEntry(self.desk), call, read.entry_id, draft, approval=read.approval
        )
        return response_of(answer, pb.CorrectListEntryResponse)

    # Private methods -------------------------------------------------------------

    async def _step(
        self,
        request: Message,
        context: CallContext,
        case_id: int,
        *,
        draft: StepDraft,
        response: Callable[..., Any],
    ) -> Response:
        call = _call(request, context, response)
        answer: Answer = await context.run_command(
            TakeListCaseStep(self.desk), call, case_id, draft
        )
        written: Any = response
        return response_of(answer, written)


# Private functions -----------------------------------------------------------


def _call(request: Message, context: CallContext, response: Callable[..., Any]) -> Call:
    def encode(view: CaseView) -> Message:
        message: Message = response(
            list_case=list_case_message(view), point=point_message(view.point)
        )
        return message

    return write_call(request, context, encode)


def _draft(kind: StepKind, note: rules.Note, **parts: Any) -> StepDraft:  # noqa: ANN401 -- parts of a draft by their names.
    contents = {**parts.pop("contents", {}), "remark": note.remark}
    return StepDraft(
        kind=kind,
        person=note.person,
        document_number=note.document_number,
        day=note.day,
        attachments=note.attachments,
        contents=contents,
        **parts,
    )


def _entry_draft(kind: StepKind, read: rules.EntryStepRules) -> StepDraft:
    opinion: Opinion = read.opinion
    return _draft(kind, read.document, opinion=opinion, contents={"reason": read.reason})
