"""ListService: the procedure by which subjects come onto the lists and leave them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

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
from services.scoring.domain.term_choice import REASON
from services.scoring.handlers import list_case_requests as rules
from services.scoring.handlers.list_case_messages import list_case_message, view_for
from services.scoring.handlers.messages import point_message

P = ParamSpec("P")


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
            "AskForHearing": self.ask_for_hearing,
            "HoldHearing": self.hold_hearing,
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
        write = _Write(request, context, pb.OpenListCaseResponse)
        return await write.by(OpenListCase(self.desk), wish)

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
        write = _Write(request, context, pb.ApplyForRedlistResponse)
        return await write.by(ApplyForRedlist(self.desk), application)

    async def report_list_case(
        self, request: pb.ReportListCaseRequest, context: CallContext
    ) -> Response:
        """Report a case to the deciding authority."""
        read = rules.ReportListCaseRules.read(request)
        draft = _draft(StepKind.REPORT, read.document, addressee=read.addressee)
        write = _Write(request, context, pb.ReportListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

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
        write = _Write(request, context, pb.NotifyListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

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
        write = _Write(request, context, pb.RecordStatementResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def answer_statement(
        self, request: pb.AnswerStatementRequest, context: CallContext
    ) -> Response:
        """Record how statements were answered."""
        read = rules.AnswerStatementRules.read(request)
        draft = _draft(StepKind.ANSWER, read.document, contents={"answer": read.answer})
        write = _Write(request, context, pb.AnswerStatementResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def ask_for_hearing(
        self, request: pb.AskForHearingRequest, context: CallContext
    ) -> Response:
        """Record that a party asks for a hearing."""
        read = rules.AskForHearingRules.read(request)
        draft = _draft(StepKind.ASK_HEARING, read.document, party=read.party_subject_id)
        write = _Write(request, context, pb.AskForHearingResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def hold_hearing(self, request: pb.HoldHearingRequest, context: CallContext) -> Response:
        """Record that hearings were held."""
        read = rules.HoldHearingRules.read(request)
        draft = _draft(
            StepKind.HOLD_HEARING,
            read.document,
            party=read.party_subject_id,
            contents={"outcome": read.outcome},
        )
        write = _Write(request, context, pb.HoldHearingResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

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
        write = _Write(request, context, pb.ReviewListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

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
        write = _Write(request, context, pb.ApproveListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def announce_list_case(
        self, request: pb.AnnounceListCaseRequest, context: CallContext
    ) -> Response:
        """Record that a proposed redlist entry was announced."""
        read = rules.CaseStepRules.read(request)
        draft = _draft(StepKind.ANNOUNCE, read.document)
        write = _Write(request, context, pb.AnnounceListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

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
            REASON: read.term_reason,
        }
        draft = _draft(
            StepKind.DECIDE,
            read.document,
            contents=contents,
            parties=read.party_subject_ids,
            measures=read.measure_codes,
            listing_date=read.listing_date,
            terms=read.terms,
        )
        write = _Write(request, context, pb.DecideListCaseResponse)
        return await write.by(DecideListCase(self.desk), read.case_id, draft)

    async def serve_decision(
        self, request: pb.ServeDecisionRequest, context: CallContext
    ) -> Response:
        """Record that the decision was served."""
        read = rules.ServeDecisionRules.read(request)
        draft = _draft(StepKind.SERVE, read.document, party=read.party_subject_id)
        write = _Write(request, context, pb.ServeDecisionResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def publish_list_case(
        self, request: pb.PublishListCaseRequest, context: CallContext
    ) -> Response:
        """Publish the entries of a case."""
        read = rules.PublishListCaseRules.read(request)
        draft = _draft(StepKind.PUBLISH, read.document)
        write = _Write(request, context, pb.PublishListCaseResponse)
        return await write.by(
            PublishListCase(self.desk), read.case_id, draft, approval=read.approval
        )

    async def close_list_case(
        self, request: pb.CloseListCaseRequest, context: CallContext
    ) -> Response:
        """Close a case without an entry."""
        read = rules.CloseListCaseRules.read(request)
        draft = _draft(StepKind.CLOSE, read.document, contents={"reason": read.reason})
        write = _Write(request, context, pb.CloseListCaseResponse)
        return await write.by(TakeListCaseStep(self.desk), read.case_id, draft)

    async def apply_for_early_removal(
        self, request: pb.ApplyForEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Record an application for early removal."""
        read = rules.ApplyForEarlyRemovalRules.read(request)
        draft = _draft(StepKind.APPLY_EARLY, read.document)
        write = _Write(request, context, pb.ApplyForEarlyRemovalResponse)
        return await write.by(TakeEntryStep(self.desk), read.entry_id, draft)

    async def accept_early_removal(
        self, request: pb.AcceptEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Accept an application for early removal, or refuse to."""
        read = rules.EntryStepRules.read(request)
        draft = _entry_draft(StepKind.ACCEPT_EARLY, read)
        write = _Write(request, context, pb.AcceptEarlyRemovalResponse)
        return await write.by(TakeEntryStep(self.desk), read.entry_id, draft)

    async def decide_early_removal(
        self, request: pb.DecideEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Grant early removal or refuse it."""
        read = rules.EntryStepRules.read(request)
        draft = _entry_draft(StepKind.DECIDE_EARLY, read)
        write = _Write(request, context, pb.DecideEarlyRemovalResponse)
        return await write.by(
            DecideEarlyRemoval(self.desk), read.entry_id, draft, approval=read.approval
        )

    async def withdraw_early_removal(
        self, request: pb.WithdrawEarlyRemovalRequest, context: CallContext
    ) -> Response:
        """Withdraw an early removal that was obtained by deceit."""
        read = rules.EntryStepRules.read(request)
        draft = _entry_draft(StepKind.WITHDRAW_EARLY, read)
        write = _Write(request, context, pb.WithdrawEarlyRemovalResponse)
        return await write.by(WithdrawEarlyRemoval(self.desk), read.entry_id, draft)

    async def correct_list_entry(
        self, request: pb.CorrectListEntryRequest, context: CallContext
    ) -> Response:
        """Correct an entry whose basis fell."""
        read = rules.EntryStepRules.read(request)
        draft = _entry_draft(StepKind.CORRECT, read)
        write = _Write(request, context, pb.CorrectListEntryResponse)
        return await write.by(
            CorrectListEntry(self.desk), read.entry_id, draft, approval=read.approval
        )


# Private functions and classes -----------------------------------------------


@dataclass(frozen=True, slots=True)
class _Write:
    """A call that writes in a case, and is answered with the case after it."""

    request: Message
    context: CallContext
    response: type[Any]

    async def by(
        self,
        command: Callable[Concatenate[WriteCall[CaseView], P], Answer],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Have a command do it."""
        call = write_call(self.request, self.context, self._encode)
        answer = await self.context.run_command(command, call, *args, **kwargs)
        return response_of(answer, self.response)

    def _encode(self, view: CaseView) -> Message:
        message: Message = self.response(
            list_case=list_case_message(view_for(self.context.caller, view)),
            point=point_message(view.point),
        )
        return message


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
