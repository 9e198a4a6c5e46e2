"""Open a case of a redlist on application, its conditions checked by rule."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.lists.get_list_status import LIST
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import (
    CaseView,
    ListDesk,
    StepDraft,
    require_authority,
    require_scope,
    view_case,
)
from services.scoring.commands.lists.list_grounds import (
    Finding,
    answered,
    field_of,
    find_by_rule,
    kind_of,
    procedure_of,
    reasons_of,
    require_place,
)
from services.scoring.commands.lists.open_list_case import Ground, case_of, require_no_case
from services.scoring.commands.lists.publish_list_case import require_off_lists
from services.scoring.commands.lists.published_text import require_impersonal
from services.scoring.commands.lists.redlist_renewal import renewed_from, require_renewable
from services.scoring.domain.list_case import Origin, Party, Step
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_errors import (
    ConditionUnmetError,
    EvidenceMissingError,
    WrongListError,
)
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application for a redlist.

    Attributes:
        subject: The enterprise or person.
        policy_id: Redlist policy.
        field: Number of the field; 0 where the policy says it.
        inputs: What the policy asks of the applicant.
        draft: The application, as a step.
    """

    subject: SubjectRef
    policy_id: str
    field: int
    inputs: Mapping[str, int | str]
    draft: StepDraft


@dataclass(frozen=True, slots=True)
class ApplyForRedlist:
    """Opens a case of a redlist.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], application: Application) -> Answer:
        """Check every condition and open the case.

        Raises:
            SafetyCreditError: As ApplyForRedlist says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            step = application.draft.step(call)
            at = Viewpoint(write.point.revision, step.day)
            subject = find_subject(write.subjects, application.subject, at)
            library = self.desk.library.at(at.revision - 1)
            policy_id = application.policy_id
            pinned = library.named(LIST, policy_id, version="", as_of=step.day)
            if kind_of(pinned.compiled) is not ListKind.REDLIST:
                raise WrongListError(
                    f"{policy_id} is a blacklist: nobody applies for it", policy_id=policy_id
                )
            procedure = procedure_of(pinned.compiled)
            key = ListKey(ListKind.REDLIST, field_of(pinned.compiled, application.field))
            number = subject.subject_id
            person = subject.person
            require_scope(write, call.caller, subject_id=number, person=person, field=key.field)
            require_place(write, pinned.compiled, subject)
            renewed = renewed_from(write, key, number, day=step.day)
            if renewed is not None:
                require_renewable(procedure, renewed, self.desk.calendar, day=step.day)
            start_date = renewed or step.day
            require_off_lists(write, key, number, start_date=start_date, end_date=None)
            _require_evidence(procedure, application.inputs, step)
            inputs = answered(pinned, application.inputs)
            finding = find_by_rule(write, pinned, subject, at=at, inputs=inputs)
            _require_candidate(finding, policy_id, step)
            records = write.grounds.records(finding.record_ids, at.revision, day=step.day)
            ground = Ground(
                Origin.APPLICATION,
                reasons_of(finding, records),
                (Party(subject_id=number, person=person, rule_ids=tuple(finding.rule_ids)),),
                records,
            )
            require_no_case(write, key, number)
            case = case_of(
                write,
                pinned,
                subject,
                key=key,
                ground=ground,
                inputs=inputs,
                step=step,
                authority=require_authority(call.caller),
            )
            require_impersonal(write, case, step)
            write.open_case(case, step)
            return view_case(write, case.case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


# Private functions -----------------------------------------------------------


def _require_evidence(procedure: ListProcedure, inputs: Collection[str], step: Step) -> None:
    """Refuse an answer that the procedure wants proved, and that nothing proves."""
    proved = {one.proves for one in step.attachments}
    missing = [
        name for name in procedure.words("evidence") if name in inputs and name not in proved
    ]
    if missing:
        clause = procedure.required("evidence").citation
        raise EvidenceMissingError(
            f"attach what proves {', '.join(missing)} ({clause})",
            missing=",".join(missing),
            clause=clause,
        )


def _require_candidate(finding: Finding, policy_id: str, step: Step) -> None:
    if finding.standing is not Standing.CANDIDATE:
        why = f": {', '.join(finding.unmet)}" if finding.unmet else ""
        if finding.missing:
            why = f"; answer {', '.join(finding.missing)}"
        raise ConditionUnmetError(
            f"not every condition of {policy_id} is met on {step.day}{why}",
            policy_id=policy_id,
            standing=finding.standing.name.lower(),
            missing=",".join(finding.missing),
            unmet=",".join(finding.unmet),
        )
