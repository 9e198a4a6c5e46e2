"""The course of a case, from collection to publication: which step may be taken, by whom, when.

A pure state machine over the ledger, with the numbers of the procedure. What holds of a case
follows from its steps alone, so a ledger read again says the same.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

from services.scoring.domain.authority_names import can_be_higher
from services.scoring.domain.list_approval import require_approval, require_closing
from services.scoring.domain.list_case import ListCase, Opinion, Step, StepKind
from services.scoring.domain.list_errors import (
    CaseOverError,
    ContentMissingError,
    ListingDateError,
    PartyUnknownError,
    StepMissingError,
    StepRepeatedError,
    StepTooEarlyError,
    WrongAuthorityError,
    WrongListError,
)
from services.scoring.domain.list_hearing import (
    BEFORE_REVIEW,
    OF_HEARINGS,
    OF_PARTIES,
    PartiesHeard,
)
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import NextStep, require_text, step_name
from services.scoring.domain.list_procedure import DueDay, WorkingCalendar

STEPS: Final = (
    StepKind.REPORT,
    StepKind.NOTIFY,
    StepKind.STATE,
    StepKind.WAIVE,
    StepKind.ASK_HEARING,
    StepKind.ANSWER,
    StepKind.HOLD_HEARING,
    StepKind.REVIEW,
    StepKind.APPROVE,
    StepKind.DECIDE,
    StepKind.SERVE,
    StepKind.PUBLISH,
    StepKind.CLOSE,
)
"""Steps of a blacklist case after its collection."""

REDLIST_STEPS: Final = (
    StepKind.REPORT,
    StepKind.REVIEW,
    StepKind.APPROVE,
    StepKind.ANNOUNCE,
    StepKind.DECIDE,
    StepKind.PUBLISH,
    StepKind.CLOSE,
)
"""Steps of a redlist case after the application."""

_CLAUSES: Final = {
    StepKind.COLLECT: ("basis", "decided_by"),
    StepKind.REPORT: ("report_period", "decided_by"),
    StepKind.NOTIFY: ("notice_contents",),
    StepKind.STATE: ("statement_period",),
    StepKind.WAIVE: ("statement_period",),
    StepKind.ANSWER: ("statement_period",),
    StepKind.ASK_HEARING: ("hearing_period",),
    StepKind.HOLD_HEARING: ("hearing_within", "hearing_notice_period", "hearing_period"),
    StepKind.REVIEW: ("joint_review",),
    StepKind.APPROVE: ("approval",),
    StepKind.ANNOUNCE: ("publicity_period",),
    StepKind.DECIDE: ("decision_contents",),
    StepKind.SERVE: ("service_period",),
    StepKind.PUBLISH: ("publication_period",),
    StepKind.CLOSE: ("decided_by",),
}


class CaseCourse:
    """What a ledger says of a case, and what may follow."""

    def __init__(
        self,
        case: ListCase,
        steps: Iterable[Step],
        calendar: WorkingCalendar,
        *,
        fallen: Collection[int] = (),
    ) -> None:
        """Read a ledger.

        Args:
            case: The case.
            steps: Its ledger, oldest first; steps of entries are passed over.
            calendar: Counts working days.
            fallen: Parties of the decision whose listing nothing carries any more: the publication
                leaves them out, and waits for no service on them.
        """
        self._case = case
        self._procedure = case.procedure
        self._calendar = calendar
        self._ledger = Ledger(case, steps)
        self._fallen = frozenset(fallen)
        self._heard = PartiesHeard(case, self._ledger, calendar)
        self._course = REDLIST_STEPS if case.redlist else STEPS

    # What may follow -------------------------------------------------------------

    def next_steps(self, day: date) -> tuple[NextStep, ...]:
        """Give every step that may be taken on a day or later, with its first and last day."""
        if self._ledger.over:
            return ()
        found: list[NextStep] = []
        for kind in self._course:
            if kind in OF_HEARINGS and not self._heard.hearings_provided:
                continue
            for field, party in self._targets(kind):
                step = self._probe(kind, field, party)
                if self._missing(step) is None and not self._repeated(step):
                    found.append(self._opening(step))
        # A party that lets its period pass owes nothing.
        return tuple(
            one
            for one in found
            if one.kind not in OF_PARTIES or self._heard.in_time(one.kind, one.party, day)
        )

    def require(self, step: Step) -> None:
        """Refuse a step that may not be taken.

        Raises:
            SafetyCreditError: Says which rule it breaks, and which clause asks for that.
        """
        if step.kind not in self._course:
            kind = "redlist" if self._case.redlist else "blacklist"
            raise WrongListError(
                f"the procedure of a {kind} has no step {step_name(step.kind)}",
                step=step_name(step.kind),
                list=kind,
            )
        self._heard.require_provided(step)
        if self._ledger.over:
            raise CaseOverError(
                "the case is closed or published; open another for new facts",
                step=step_name(step.kind),
            )
        self._require_party(step)
        if self._repeated(step):
            waived = " or waived" if step.kind in OF_PARTIES else ""
            raise StepRepeatedError(
                f"{step_name(step.kind)} has been taken{waived} already"
                f" ({self._clause(step.kind)})",
                step=step_name(step.kind),
                clause=self._clause(step.kind),
            )
        missing = self._missing(step)
        if missing is not None:
            clause = self._clause(missing)
            raise StepMissingError(
                f"before {step_name(step.kind)} there must be {step_name(missing)} ({clause})",
                step=step_name(missing),
                wanted=step_name(step.kind),
                clause=clause,
            )
        self._require_authority(step)
        self._require_day(step)
        self._require_substance(step)

    # Private methods: the rules ---------------------------------------------------

    def _clause(self, kind: StepKind) -> str:
        return self._procedure.citation(*_CLAUSES[kind])

    def _targets(self, kind: StepKind) -> Iterator[tuple[int, int]]:
        """Give the fields or parties for which a step is taken one by one."""
        if kind is StepKind.REVIEW:
            yield from ((field, 0) for field in self._case.review_fields)
        elif kind is StepKind.NOTIFY or kind in OF_PARTIES or kind is StepKind.HOLD_HEARING:
            yield from ((0, party) for party in self._heard.targets(kind))
        elif kind is StepKind.SERVE:
            listed = self._ledger.listed_parties
            yield from ((0, party) for party in listed if party not in self._fallen)
        else:
            yield 0, 0

    def _probe(self, kind: StepKind, field: int, party: int) -> Step:
        return Step(
            kind=kind,
            authority="",
            caller="",
            day=self._case.evaluation_date,
            field=field,
            party=party,
        )

    def _repeated(self, step: Step) -> bool:
        match step.kind:
            case StepKind.NOTIFY:
                left = self._ledger.left_to_notify()
                return not left or (step.party != 0 and step.party not in left)
            case StepKind.STATE | StepKind.WAIVE | StepKind.ASK_HEARING | StepKind.HOLD_HEARING:
                return self._heard.repeated(step)
            case StepKind.ANSWER:
                return (
                    not self._ledger.unanswered() and self._ledger.last(StepKind.ANSWER) is not None
                )
            case StepKind.REVIEW:
                given = self._ledger.opinions().get(step.field)
                # A department that did not agree may think better of it, until the approval.
                settled = given is not None and given.opinion is Opinion.AGREE
                return settled or self._ledger.last(StepKind.APPROVE) is not None
            case StepKind.SERVE:
                left_to_serve = self._ledger.left_to_serve()
                if left_to_serve is None:
                    return False
                return not left_to_serve or (step.party != 0 and step.party not in left_to_serve)
            case _:
                return self._ledger.last(step.kind) is not None

    def _missing(self, step: Step) -> StepKind | None:
        """Give the first step that must have been taken before, and has not."""
        kind = step.kind
        if kind in {StepKind.REPORT, StepKind.CLOSE}:
            return None
        if self._ledger.last(StepKind.REPORT) is None:
            return StepKind.REPORT
        if kind is StepKind.NOTIFY:
            return None
        heard = None if self._case.redlist else self._heard.missing(step)
        before_review = kind in OF_PARTIES or kind in {
            StepKind.ANSWER,
            StepKind.HOLD_HEARING,
            StepKind.REVIEW,
        }
        return heard if heard is not None or before_review else self._missing_late(kind)

    def _missing_late(self, kind: StepKind) -> StepKind | None:
        if self._ledger.left_to_review():
            return StepKind.REVIEW
        if kind is StepKind.APPROVE:
            return None
        approval = self._ledger.last(StepKind.APPROVE)
        if approval is None or approval.opinion is not Opinion.AGREE:
            return StepKind.APPROVE
        if kind is StepKind.ANNOUNCE:
            return None
        if self._case.redlist and self._ledger.last(StepKind.ANNOUNCE) is None:
            return StepKind.ANNOUNCE
        if kind is StepKind.DECIDE:
            return None
        if self._ledger.decision is None:
            return StepKind.DECIDE
        if kind is StepKind.SERVE or self._case.redlist:
            return None
        left_to_serve = self._ledger.left_to_serve() or ()
        return None if self._fallen.issuperset(left_to_serve) else StepKind.SERVE

    def _require_party(self, step: Step) -> None:
        known = {party.subject_id for party in self._case.parties}
        named = {*step.parties, *((step.party,) if step.party else ())}
        if step.kind is StepKind.SERVE:
            known = set(self._ledger.listed_parties)
        if not named <= known:
            raise PartyUnknownError(
                "name a party of the case that the step is about", step=step_name(step.kind)
            )

    def _require_authority(self, step: Step) -> None:
        kind = step.kind
        if step.by_party and kind in OF_PARTIES:
            return
        if kind is StepKind.REVIEW:
            self._require_reviewer(step)
            return
        takes = self._authority(kind)
        if step.authority != takes:
            self._refuse_authority(step, takes, self._procedure.citation("decided_by"))
        if kind is StepKind.REPORT:
            self._require_addressee(step)

    def _takes(self, step: Step) -> str:
        """Give the authority that takes a step; empty for a joint review that is open to any."""
        if step.kind is not StepKind.REVIEW:
            return self._authority(step.kind)
        given = self._ledger.opinions().get(step.field)
        return given.authority if given else ""

    def _authority(self, kind: StepKind) -> str:
        """Give the authority that takes a step other than a joint review."""
        if kind is StepKind.REPORT:
            return self._case.authority
        return self._ledger.deciding_authority or self._case.authority

    def _require_reviewer(self, step: Step) -> None:
        clause = self._clause(StepKind.REVIEW)
        if step.field not in self._case.review_fields:
            self._refuse_authority(step, "a department of the fields concerned", clause)
        elsewhere = [
            one
            for one in self._ledger.all(StepKind.REVIEW)
            if one.field != step.field and one.authority == step.authority
        ]
        if elsewhere:
            self._refuse_authority(step, "another department for each field", clause)
        given = self._ledger.opinions().get(step.field)
        if given is not None and given.authority != step.authority:
            self._refuse_authority(step, f"{given.authority} alone may change its opinion", clause)

    def _require_addressee(self, step: Step) -> None:
        clause = self._procedure.citation("decided_by")
        rule = self._procedure.word("decided_by")
        penalising = self._case.penalising_authorities
        if rule == "penalising_authority" and penalising and step.addressee not in penalising:
            self._refuse_authority(step, "report to who made the penalty decision", clause)
        if rule == "higher_authority" and not can_be_higher(step.addressee, self._case.authority):
            self._refuse_authority(step, "report to a higher authority", clause)

    def _refuse_authority(self, step: Step, wanted: str, clause: str) -> None:
        raise WrongAuthorityError(
            f"{step_name(step.kind)} is not for this authority: {wanted} ({clause})",
            step=step_name(step.kind),
            wanted=wanted,
            clause=clause,
        )

    def _require_day(self, step: Step) -> None:
        earliest, clause = self.earliest(step)
        # What waits for a day that may still move begins when it is settled.
        if step.day < earliest.date or earliest.provisional:
            raise StepTooEarlyError(
                step_name(step.kind), earliest.date, clause=clause, provisional=earliest.provisional
            )
        self._heard.require_in_time(step, self._clause(step.kind))

    def earliest(self, step: Step) -> tuple[DueDay, str]:
        """Give the first day of a step, and the clause that makes it wait."""
        kind = step.kind
        given = self._ledger.opinions().get(step.field) if kind is StepKind.REVIEW else None
        if given is not None:
            # Nobody thinks better of an opinion before giving it.
            return DueDay(given.day), self._clause(kind)
        if kind is StepKind.REVIEW and not self._case.redlist:
            return self._heard.over(), self._procedure.citation("statement_period")
        held = self._heard.earliest(step)
        if held is not None:
            return held, self._procedure.citation("hearing_notice_period", "hearing_period")
        if kind is StepKind.DECIDE and self._case.redlist:
            announced = self._ledger.last(StepKind.ANNOUNCE)
            assert announced is not None, "asked only once nothing is missing"
            period = self._procedure.required("publicity_period")
            return period.end(announced.day, self._calendar).next_day(), period.citation
        if kind in OF_PARTIES and step.party:
            notice = self._ledger.notice(step.party)
            assert notice is not None, "asked only once nothing is missing"
            return DueDay(notice.day), self._clause(kind)
        before = [one.day for one in self._ledger.steps if one.kind in _BEFORE[kind]]
        decision = self._ledger.decision
        if kind is StepKind.PUBLISH and decision is not None and decision.listing_date is not None:
            # Nothing is on a list before its listing begins.
            before.append(decision.listing_date)
        return self._not_unheard(kind, DueDay(max(before)))

    def _not_unheard(self, kind: StepKind, earliest: DueDay) -> tuple[DueDay, str]:
        """Let no case be approved or decided while a party may speak, whatever was reviewed."""
        clause = self._clause(kind)
        if self._case.redlist or kind not in {StepKind.APPROVE, StepKind.DECIDE}:
            return earliest, clause
        over = self._heard.over()
        if over.date <= earliest.date and not over.provisional:
            return earliest, clause
        last = DueDay(max(over.date, earliest.date), over.provisional)
        return last, self._procedure.citation("statement_period")

    def due(self, step: Step) -> DueDay | None:
        """Give the last day on which a step is in time; none where no text sets one."""
        match step.kind:
            case StepKind.REPORT:
                return self._end_of("report_period", self._ledger.steps[0].day)
            case StepKind.STATE | StepKind.WAIVE | StepKind.ASK_HEARING:
                return self._heard.last_day(step.kind, step.party)
            case StepKind.HOLD_HEARING:
                return self._heard.due(step)
            case StepKind.REVIEW | StepKind.DECIDE:
                reported = self._ledger.last(StepKind.REPORT)
                name = "review_period" if step.kind is StepKind.REVIEW else "decision_period"
                return self._end_of(name, reported.day) if reported else None
            case StepKind.SERVE | StepKind.PUBLISH:
                name = "service_period" if step.kind is StepKind.SERVE else "publication_period"
                return (
                    self._end_of(name, self._ledger.decision.day) if self._ledger.decision else None
                )
            case _:
                return None

    def _end_of(self, name: str, day: date) -> DueDay | None:
        clause = self._procedure.clause(name)
        return None if clause is None else clause.end(day, self._calendar)

    def _opening(self, step: Step) -> NextStep:
        by_party = step.kind in OF_PARTIES
        return NextStep(
            kind=step.kind,
            authority="" if by_party else self._takes(step),
            field=step.field,
            party=step.party,
            earliest=self.earliest(step)[0],
            due=self.due(step),
            clause=self._clause(step.kind),
        )

    def _require_substance(self, step: Step) -> None:
        match step.kind:
            case StepKind.NOTIFY:
                self._require_contents(step, "notice_contents", step.contents)
            case StepKind.DECIDE:
                self._require_contents(step, "decision_contents", step.contents)
                self._require_listing_date(step)
            case StepKind.PUBLISH if self._ledger.decision is not None:
                self._require_listing_date(self._ledger.decision)
            case StepKind.HOLD_HEARING:
                self._heard.require_hearing(step, self._clause(step.kind))
            case StepKind.CLOSE:
                require_closing(step, self._ledger, self._procedure)
            case StepKind.STATE | StepKind.ANSWER:
                require_text(step, _TEXTS[step.kind], self._clause(step.kind))
            case StepKind.REVIEW if step.opinion is not Opinion.AGREE:
                require_text(step, "reason", self._clause(step.kind))
            case StepKind.APPROVE:
                require_approval(step, self._ledger, self._procedure)
            case _:
                return

    def _require_contents(self, step: Step, clause_name: str, given: Iterable[str]) -> None:
        missing = [name for name in self._procedure.words(clause_name) if name not in set(given)]
        if missing:
            clause = self._procedure.citation(clause_name)
            raise ContentMissingError(
                f"{step_name(step.kind)} lacks {', '.join(missing)} ({clause})",
                step=step_name(step.kind),
                missing=",".join(missing),
                clause=clause,
            )

    def _require_listing_date(self, step: Step) -> None:
        """Refuse a listing that begins before its decision or after the last day to publish it."""
        wanted = step.listing_date
        last = self._end_of("publication_period", step.day)
        if wanted is None or (step.day <= wanted and (last is None or wanted <= last.date)):
            return
        clause = self._procedure.citation("publication_period", "decision_contents")
        until = "" if last is None else f" and by {last.date}, the last day of its publication"
        raise ListingDateError(
            f"a listing begins on the day of its decision, {step.day}, or later{until} ({clause});"
            f" it cannot begin on {wanted}",
            listing_date=wanted,
            earliest_date=step.day,
            latest_date="" if last is None else last.date,
            provisional=str(last is not None and last.provisional).lower(),
            clause=clause,
        )


# Private functions -----------------------------------------------------------

_BEFORE: Final = {
    StepKind.REPORT: frozenset({StepKind.COLLECT}),
    StepKind.NOTIFY: frozenset({StepKind.REPORT}),
    StepKind.STATE: frozenset({StepKind.NOTIFY}),
    StepKind.WAIVE: frozenset({StepKind.NOTIFY}),
    StepKind.ANSWER: frozenset({StepKind.STATE}),
    StepKind.ASK_HEARING: frozenset({StepKind.NOTIFY}),
    StepKind.REVIEW: BEFORE_REVIEW,
    StepKind.APPROVE: frozenset({StepKind.REVIEW}),
    StepKind.ANNOUNCE: frozenset({StepKind.APPROVE}),
    StepKind.DECIDE: frozenset({StepKind.APPROVE}),
    StepKind.SERVE: frozenset({StepKind.DECIDE}),
    StepKind.PUBLISH: frozenset({StepKind.DECIDE, StepKind.SERVE}),
    StepKind.CLOSE: frozenset(StepKind),
}
_TEXTS: Final = {
    StepKind.STATE: "statement",
    StepKind.ANSWER: "answer",
}
