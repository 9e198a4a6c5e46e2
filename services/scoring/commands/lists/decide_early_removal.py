"""Decide an application for early removal: conditions and exclusions are checked, not believed.

By the document of a credit repair that was granted an entry leaves its list without an application:
the conditions of a repair were asked for when it was granted. What excludes is asked on both roads:
a ban may have begun since.

The entry leaves its list when the decision is recorded. What is known by then and keeps it there,
a ban or a relapse, does so whatever day the decision bears.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.entry_duties import with_late_duties
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_grounds import (
    find_by_rule,
    persons_reached,
    pinned_of,
    reasons_of,
)
from services.scoring.commands.lists.list_removals import remove
from services.scoring.commands.lists.list_terms import put_later_terms_right
from services.scoring.commands.lists.relisting import listed_again
from services.scoring.commands.lists.take_entry_step import EntryAtHand, next_entry_step
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.domain.list_case import Opinion, StepKind
from services.scoring.domain.list_entry import RemovalReason
from services.scoring.domain.list_errors import (
    ConditionUnmetError,
    EarlyRemovalExcludedError,
    EvidenceMissingError,
)
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class DecideEarlyRemoval:
    """Grants early removal or refuses it.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, call: WriteCall[CaseView], entry_id: int, draft: StepDraft, *, approval: str
    ) -> Answer:
        """Record the decision; an entry that is removed leaves its list with it.

        Args:
            call: Who decides.
            entry_id: The entry.
            draft: The decision, as a step.
            approval: Second approval for the feed; empty for none.

        Raises:
            SafetyCreditError: As DecideEarlyRemoval says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            at_hand = next_entry_step(self.desk, write, call, entry_id=entry_id, draft=draft)
            case_id = at_hand.held.case_id
            if at_hand.step.opinion is Opinion.AGREE:
                days = _days(at_hand, today=call.today)
                _require_no_ban(write, at_hand, days)
                if not at_hand.repaired:
                    self._require_conditions(write, at_hand, days)
                held, calendar = at_hand.held, self.desk.calendar
                gone = remove(write, held, at_hand.step, reason=RemovalReason.EARLY)
                later = put_later_terms_right(
                    write, held, day=call.today, calendar=calendar, reason=_REMOVED_BEFORE
                )
                write.publish([gone, *later], approval=approval)
            else:
                write.add_step(case_id, at_hand.step)
            view = view_case(write, case_id, day=call.today, calendar=self.desk.calendar)
            return with_late_duties(self.desk, write, view)

        return write_once(self.desk.store, call, work)

    # Private methods -------------------------------------------------------------

    def _require_conditions(
        self, write: ListWriting, at_hand: EntryAtHand, days: Sequence[date]
    ) -> None:
        procedure = at_hand.file.case.procedure
        clause = procedure.required("early_removal_conditions").citation
        checks: Mapping[str, Callable[[ListWriting, EntryAtHand, date], bool]] = {
            "penalty_performed": _penalties_performed,
            "no_relapse": self._no_relapse,
        }
        for condition in procedure.words("early_removal_conditions"):
            check = checks.get(condition)
            if check is None:
                _require_evidence(at_hand, condition, clause)
                continue
            unmet = next((day for day in days if not check(write, at_hand, day)), None)
            if unmet is not None:
                raise ConditionUnmetError(
                    f"the condition {condition} is not met on {unmet} ({clause})",
                    condition=condition,
                    clause=clause,
                )

    def _no_relapse(self, write: ListWriting, at_hand: EntryAtHand, day: date) -> bool:
        """Say whether no circumstance, and no other listing, rests on a fact from the listing on.

        A person relapses also by what reaches it in an enterprise in which it has, or had, a role.
        """
        case, entry = at_hand.file.case, at_hand.held.entry
        revision = write.point.revision
        pinned = pinned_of(self.desk.library.at(revision - 1), case, day)
        units = write.grounds.employers(entry.subject_id, revision) if entry.person else ()
        at = Viewpoint(revision, day)
        subjects = write.subjects.by_number([entry.subject_id, *units], at)
        if pinned is None or entry.subject_id not in subjects:
            return False
        if listed_again(write, at_hand.held, day=day):
            return False
        return not any(
            _relapsed(write, pinned, subject, at_hand, at=at) for subject in subjects.values()
        )


# Private functions -----------------------------------------------------------


def _days(at_hand: EntryAtHand, *, today: date) -> Sequence[date]:
    """Give the day of a decision and that of its recording, or the entry's last where it is past.

    What came after the term of an entry that is recorded late is no relapse within it.
    """
    day, end_date = at_hand.step.day, at_hand.held.entry.end_date
    last = today if end_date is None else min(today, end_date - timedelta(days=1))
    return sorted({day, max(day, last)})


def _require_no_ban(write: ListWriting, at_hand: EntryAtHand, days: Iterable[date]) -> None:
    """Refuse to let go whom a ban from the trade or profession still keeps out.

    Source:
        应急管理部令第11号 by the procedure's ``early_removal_excluded_by``.
    """
    procedure = at_hand.file.case.procedure
    subject_id = at_hand.held.entry.subject_id
    if "ban" not in procedure.words("early_removal_excluded_by"):
        return
    for day in days:
        if write.grounds.ban_runs(subject_id, write.point.revision, day=day):
            clause = procedure.required("early_removal_excluded_by").citation
            raise EarlyRemovalExcludedError(
                f"a ban from the trade or profession runs on {day} ({clause})",
                subject_id=subject_id,
                clause=clause,
            )


def _relapsed(
    write: ListWriting,
    pinned: PinnedVersion,
    subject: Subject,
    at_hand: EntryAtHand,
    *,
    at: Viewpoint,
) -> bool:
    """Say whether a fact about a subject, from the listing on, is a circumstance of who is listed.

    Args:
        write: The transaction.
        pinned: The policy of the list.
        subject: Who is listed, or an enterprise of that person.
        at_hand: The entry.
        at: Where to look from.
    """
    case, entry = at_hand.file.case, at_hand.held.entry
    # What was answered for the case was answered of its own subject.
    own = subject.subject_id in {entry.subject_id, case.subject_id}
    inputs = case.inputs if own else {}
    finding = find_by_rule(write, pinned, subject, at=at, inputs=inputs)
    records = write.grounds.records(finding.record_ids, at.revision, day=at.as_of)
    since = {
        one
        for one, of in records.items()
        if of.event_date >= entry.start_date and of.concerns(entry.subject_id)
    }
    if subject.subject_id == entry.subject_id:
        return bool(since)
    reasons, number = reasons_of(finding, since), subject.subject_id
    reached = persons_reached(write, pinned, number, reasons=reasons, records=records)
    return any(one.subject_id == entry.subject_id for one in reached)


def _penalties_performed(write: ListWriting, at_hand: EntryAtHand, day: date) -> bool:
    reaching = at_hand.file.case.records_of(at_hand.held.entry.subject_id)
    records = write.grounds.records(reaching, write.point.revision, day=day)
    own = (one for one in records.values() if one.concerns(at_hand.held.entry.subject_id))
    return all(one.performed for one in own if one.penalty)


def _require_evidence(at_hand: EntryAtHand, condition: str, clause: str) -> None:
    """Refuse a condition that only evidence shows, and that nothing attached proves."""
    of_entry = [
        step
        for step in at_hand.file.steps
        if step.entry_id == at_hand.held.entry.entry_id and step.kind in _OF_APPLICATION
    ]
    # Evidence of an application before the last one is for that one alone.
    begun = max(
        (place for place, step in enumerate(of_entry) if step.kind is StepKind.APPLY_EARLY),
        default=0,
    )
    attached = {
        one.proves for step in (*of_entry[begun:], at_hand.step) for one in step.attachments
    }
    if condition not in attached:
        raise EvidenceMissingError(
            f"attach what proves {condition} ({clause})", missing=condition, clause=clause
        )


_OF_APPLICATION = frozenset({StepKind.APPLY_EARLY, StepKind.ACCEPT_EARLY})
_REMOVED_BEFORE = "此前的列入已提前移出，管理期限相应调整"
