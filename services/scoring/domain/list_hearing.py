"""What the parties of a case may say before its joint review: their statements, and a hearing.

Every party may make a statement or a defence (陈述、申辩). Where the procedure provides for it, a
party may ask for a hearing (听证) as well; then no review begins before the hearing was held,
unless the party waives it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_errors import (
    HearingNotProvidedError,
    InvestigatorMayNotPresideError,
    PeriodOverError,
)
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import require_text, step_name
from services.scoring.domain.list_procedure import Clause, DueDay, WorkingCalendar
from services.scoring.domain.person_names import same_name

OF_PARTIES: Final = frozenset({StepKind.STATE, StepKind.WAIVE, StepKind.ASK_HEARING})
"""Steps that a party takes, in a period of its own."""

OF_HEARINGS: Final = frozenset({StepKind.ASK_HEARING, StepKind.HOLD_HEARING})
"""Steps that only a procedure with hearings has."""

BEFORE_REVIEW: Final = OF_PARTIES | {
    StepKind.REPORT,
    StepKind.NOTIFY,
    StepKind.ANSWER,
    StepKind.HOLD_HEARING,
}
"""Steps that a joint review of a blacklist comes after."""


class PartiesHeard:
    """What the parties have said by the ledger, and for how long they still may."""

    def __init__(self, case: ListCase, ledger: Ledger, calendar: WorkingCalendar) -> None:
        """Read what a ledger says of the parties."""
        self._case = case
        self._procedure = case.procedure
        self._ledger = ledger
        self._calendar = calendar

    @property
    def hearings_provided(self) -> bool:
        """Say whether a party may ask for a hearing."""
        return self._procedure.clause("hearing_period") is not None

    # What may follow ---------------------------------------------------------------

    def missing(self, step: Step) -> StepKind | None:
        """Give what must be heard, or told, before a step, and has not been."""
        if step.kind in OF_PARTIES:
            parties = [step.party] if step.party else self._parties
            told = all(self._ledger.notice(party) for party in parties)
            return None if told else StepKind.NOTIFY
        if step.kind is StepKind.HOLD_HEARING:
            return None if self._to_hear(step.party) else StepKind.ASK_HEARING
        if step.kind is StepKind.ANSWER:
            return None if self._ledger.unanswered() else StepKind.STATE
        if self._ledger.left_to_notify():
            return StepKind.NOTIFY
        if self._ledger.unanswered():
            return StepKind.ANSWER
        return StepKind.HOLD_HEARING if self._ledger.unheard() else None

    def repeated(self, step: Step) -> bool:
        """Say whether a step of a party, or the hearing, has been taken already."""
        if step.kind is StepKind.ASK_HEARING:
            parties = [step.party] if step.party else self._parties
            return all(
                self._ledger.hearing_asked(party) or self._ledger.waiver(party) for party in parties
            )
        if step.kind is StepKind.HOLD_HEARING:
            held = self._ledger.last(StepKind.HOLD_HEARING)
            return held is not None and not self._to_hear(step.party)
        waived = [
            self._ledger.waiver(party) is not None
            for party in ([step.party] if step.party else self._parties)
        ]
        # All parties together waive for those that are left; they state nothing for who waived.
        return all(waived) if step.kind is StepKind.WAIVE else any(waived)

    # Days --------------------------------------------------------------------------

    def last_day(self, kind: StepKind, party: int) -> DueDay | None:
        """Give the last day of a step of a party; the last of all if no party is named.

        Source:
            The periods of the procedure, each from the service of the notice; what is waived is the
            longer of them.
        """
        parties = [party] if party else self._parties
        notices = [self._ledger.notice(one) for one in parties]
        ends = [
            period.end(notice.day, self._calendar)
            for notice in notices
            if notice is not None
            for period in self._periods(kind)
        ]
        return max(ends, default=None)

    def in_time(self, kind: StepKind, party: int, day: date) -> bool:
        """Say whether a party may take a step on a day; no right ends on a day that may still move.

        A joint review that began before the period turned out to end takes nothing from the party:
        it is heard until the decision.

        Source:
            行政处罚法 art. 45: nothing is decided before the party was heard, or could have been.
        """
        if self._ledger.decision is not None:
            return False
        last = self.last_day(kind, party)
        return last is None or last.provisional or day <= last.date

    def over(self) -> DueDay:
        """Give the first day on which no party may say anything any more.

        It may still move if any of the periods may that lead to it.
        """
        days = [DueDay(step.day) for step in self._ledger.steps if step.kind in BEFORE_REVIEW]
        for party in self._parties:
            if self._ledger.waiver(party) is not None:
                continue
            # Whoever asked for a hearing has no more to ask for; whether it was held is seen to.
            asked = self._ledger.hearing_asked(party) is not None
            last = self.last_day(StepKind.STATE if asked else StepKind.WAIVE, party)
            if last is not None:
                days.append(last.next_day())
        return DueDay(max(one.date for one in days), any(one.provisional for one in days))

    def earliest(self, step: Step) -> DueDay | None:
        """Give the first day on which a hearing may be held; none for other steps.

        Source:
            The time between the notification of the hearing and the hearing itself, counted from
            the day on which it was asked for: it is not notified before (行政处罚法 art. 64 (2)).
        """
        if step.kind is not StepKind.HOLD_HEARING:
            return None
        notice = self._procedure.clause("hearing_notice_period")
        asked = [one.day for one in self._asked(step.party)]
        return max(
            DueDay(day) if notice is None else notice.end(day, self._calendar) for day in asked
        )

    def due(self, step: Step) -> DueDay | None:
        """Give the last day on which a hearing is in time; none where no text sets one."""
        within = self._procedure.clause("hearing_within")
        asked = [one.day for one in self._asked(step.party)]
        return within.end(min(asked), self._calendar) if within and asked else None

    # Refusals ----------------------------------------------------------------------

    def require_provided(self, step: Step) -> None:
        """Refuse a step of a hearing where the procedure has none.

        Raises:
            HearingNotProvidedError: It has none.
        """
        if step.kind in OF_HEARINGS and not self.hearings_provided:
            raise HearingNotProvidedError(
                "the procedure of this list provides for no hearing", step=step_name(step.kind)
            )

    def require_in_time(self, step: Step, clause: str) -> None:
        """Refuse a step of a party whose period is over, or whose case is decided.

        Raises:
            PeriodOverError: It is.
        """
        if step.kind not in OF_PARTIES or self.in_time(step.kind, step.party, step.day):
            return
        last = self.last_day(step.kind, step.party)
        assert last is not None, "asked only once the party was told"
        decision = self._ledger.decision
        said = f"the period of {step_name(step.kind)} ended on {last.date}"
        if decision is not None and step.day <= last.date:
            said = f"{step_name(step.kind)} comes before the decision, which is of {decision.day}"
        raise PeriodOverError(
            f"{said} ({clause})",
            last_date=last.date,
            provisional=str(last.provisional).lower(),
            clause=clause,
        )

    def require_hearing(self, step: Step, clause: str) -> None:
        """Refuse a hearing without an outcome, or held by who investigated the case.

        Raises:
            ContentMissingError: Nobody says what came of it.
            InvestigatorMayNotPresideError: The official collected or reported the case.

        Source:
            行政处罚法 art. 64 (4): somebody presides who did not investigate the case.
        """
        require_text(step, "outcome", clause)
        investigated = [*self._ledger.all(StepKind.COLLECT), *self._ledger.all(StepKind.REPORT)]
        if any(same_name(step.person, one.person) for one in investigated):
            raise InvestigatorMayNotPresideError(
                f"somebody else than who collected or reported the case presides ({clause})",
                clause=clause,
            )

    def targets(self, kind: StepKind) -> Iterable[int]:
        """Give the parties for which a step is taken one by one."""
        return self._ledger.unheard() if kind is StepKind.HOLD_HEARING else self._parties

    # Private methods -------------------------------------------------------------

    @property
    def _parties(self) -> list[int]:
        return [party.subject_id for party in self._case.parties]

    def _periods(self, kind: StepKind) -> list[Clause]:
        statement = self._procedure.required("statement_period")
        hearing = self._procedure.clause("hearing_period")
        if kind is StepKind.STATE or hearing is None:
            return [statement]
        return [hearing] if kind is StepKind.ASK_HEARING else [statement, hearing]

    def _to_hear(self, party: int) -> bool:
        unheard = self._ledger.unheard()
        return party in unheard if party else bool(unheard)

    def _asked(self, party: int) -> list[Step]:
        """Give the requests that a hearing of a party, or of all that are left, answers."""
        parties: Iterable[int] = [party] if party else self._ledger.unheard()
        asked = [self._ledger.hearing_asked(one) for one in parties]
        return [one for one in asked if one is not None]
