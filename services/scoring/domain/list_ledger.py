"""The ledger of a case (台账), read: what has been done, and what is left of each step."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.scoring.domain.list_case import CaseState, ListCase, Opinion, Step, StepKind


def spoken(case: ListCase, step: Step) -> Step:
    """Give a step of a case as whose it is: a party that names nobody speaks for itself alone.

    Only an authority's step is of every party. Who acts without one is the case's subject: any
    other party must say who it is.
    """
    return step if step.authority or step.party else replace(step, party=case.subject_id)


class Ledger:
    """What the steps of a case say.

    Attributes:
        case: The case.
        steps: Its steps, oldest first, without those of entries.
    """

    def __init__(self, case: ListCase, steps: Iterable[Step]) -> None:
        """Read a ledger, oldest step first."""
        self.case = case
        self.steps: Sequence[Step] = [spoken(case, step) for step in steps if not step.entry_id]

    @property
    def deciding_authority(self) -> str:
        """Give the authority that decides; empty until the case is reported."""
        reported = self.last(StepKind.REPORT)
        return reported.addressee if reported else ""

    @property
    def decision(self) -> Step | None:
        """Give the written decision; none before it."""
        return self.last(StepKind.DECIDE)

    @property
    def over(self) -> bool:
        """Say whether the case is closed or published."""
        return self.last(StepKind.CLOSE) is not None or self.last(StepKind.PUBLISH) is not None

    @property
    def published(self) -> bool:
        """Say whether the case is published."""
        return self.last(StepKind.PUBLISH) is not None

    @property
    def listed_parties(self) -> tuple[int, ...]:
        """Give the parties that the decision lists; all of them before it."""
        decision = self.decision
        everybody = tuple(party.subject_id for party in self.case.parties)
        return decision.parties if decision and decision.parties else everybody

    def state(self) -> CaseState:
        """Say how far the case has come; whether entries are in force is for others to say."""
        if self.last(StepKind.CLOSE):
            return CaseState.CLOSED
        if self.published:
            return CaseState.LISTED
        approval = self.last(StepKind.APPROVE)
        if approval and approval.opinion is not Opinion.AGREE:
            return CaseState.REJECTED
        milestones = (
            (CaseState.SERVED, not self.case.redlist and self.left_to_serve() == ()),
            (CaseState.DECIDED, self.decision is not None),
            (CaseState.ANNOUNCED, self.last(StepKind.ANNOUNCE) is not None),
            (CaseState.APPROVED, approval is not None),
            (CaseState.REVIEWED, not self.left_to_review() and not self.dissenting()),
            (CaseState.NOTIFIED, not self.case.redlist and not self.left_to_notify()),
            (CaseState.REPORTED, self.last(StepKind.REPORT) is not None),
        )
        return next((state for state, reached in milestones if reached), CaseState.COLLECTED)

    def all(self, kind: StepKind) -> list[Step]:
        """Give every step of a kind, oldest first."""
        return [step for step in self.steps if step.kind is kind]

    def last(self, kind: StepKind) -> Step | None:
        """Give the last step of a kind; none if there is none."""
        return next((step for step in reversed(self.steps) if step.kind is kind), None)

    def notice(self, party: int) -> Step | None:
        """Give the notice to a party; none before it."""
        return next((one for one in self.all(StepKind.NOTIFY) if one.party in {0, party}), None)

    def left_to_notify(self) -> tuple[int, ...]:
        """Give the parties without a notice."""
        return tuple(
            one.subject_id for one in self.case.parties if self.notice(one.subject_id) is None
        )

    def waiver(self, party: int) -> Step | None:
        """Give a party's waiver; none if it made none."""
        return next((one for one in self.all(StepKind.WAIVE) if one.party in {0, party}), None)

    def unanswered(self) -> list[Step]:
        """Give the statements that are not answered yet."""
        answer = self.last(StepKind.ANSWER)
        after = self.steps.index(answer) if answer else -1
        return [one for one in self.steps[after + 1 :] if one.kind is StepKind.STATE]

    def hearing_asked(self, party: int) -> Step | None:
        """Give a party's request for a hearing; none if it made none."""
        return next(
            (one for one in self.all(StepKind.ASK_HEARING) if one.party in {0, party}), None
        )

    def unheard(self) -> tuple[int, ...]:
        """Give the parties that asked for a hearing, did not waive it, and were not heard since."""
        return tuple(
            one.subject_id
            for one in self.case.parties
            if self.waiver(one.subject_id) is None and self._awaits_hearing(one.subject_id)
        )

    def opinions(self) -> dict[int, Step]:
        """Give the last opinion of each department, by field."""
        return {one.field: one for one in self.all(StepKind.REVIEW)}

    def left_to_review(self) -> tuple[int, ...]:
        """Give the fields whose department gave no opinion."""
        opinions = self.opinions()
        return tuple(field for field in self.case.review_fields if field not in opinions)

    def dissenting(self) -> list[Step]:
        """Give the last opinions that do not agree."""
        return [one for one in self.opinions().values() if one.opinion is not Opinion.AGREE]

    def left_to_serve(self) -> tuple[int, ...] | None:
        """Give the parties on which the decision is not served yet; none without a decision."""
        if self.decision is None:
            return None
        served = {one.party for one in self.all(StepKind.SERVE)}
        return () if 0 in served else tuple(one for one in self.listed_parties if one not in served)

    # Private methods -------------------------------------------------------------

    def _awaits_hearing(self, party: int) -> bool:
        asked = self.hearing_asked(party)
        if asked is None:
            return False
        after = self.steps[self.steps.index(asked) + 1 :]
        return not any(
            one.kind is StepKind.HOLD_HEARING and one.party in {0, party} for one in after
        )
