"""Apply for the repair (信用修复) of a penalty or a blacklist entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.remedy_ports import (
    ListedEntry,
    RemedyStore,
    RemedyWriting,
    RepairLaws,
)
from services.credit.commands.remedy_targets import (
    Opening,
    decided_by,
    listed_target,
    open_remedy,
    recorded_target,
    require_own_day,
)
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.domain.publication import PublicationState, period_start, publication_of
from services.credit.domain.remedy import Decided, RemedyAct, RemedyState, Target
from services.credit.domain.remedy_errors import (
    NotRepairableError,
    PeriodsUndefinedError,
    PublicationOverError,
    RepairTooEarlyError,
)
from services.credit.domain.repair_law import CaseLaw, PublicationLaw, applied


@dataclass(frozen=True, slots=True)
class ApplyForRepair:
    """Takes in an application, once the shortest publication period is over.

    Attributes:
        store: Where remedies are stored.
        law: Classes and periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(self, call: WriteCall[RemedyView], opening: Opening) -> Answer:
        """Store it.

        Raises:
            RecordUnknownError: There is no such record.
            RecordRevokedError: It was revoked.
            EntryUnknownError: There is no such entry.
            EntryCorrectedError: It was corrected already.
            NotRepairableError: It is neither a penalty nor a blacklist entry.
            PublicationOverError: Nothing is published any more.
            RepairTooEarlyError: The shortest period is not over.
            RemedyOpenError: A repair of it is open, or was granted.
            StepBeforePreviousError: It is dated before the decision, or before an earlier repair
                ended.
            StepNotTodayError: A portal dates it otherwise than today.
            PeriodsUndefinedError: No policy of repairs was in force on its day.
            PolicyUnusableError: The version that was cannot be applied.
        """

        def work(write: RemedyWriting) -> RemedyView:
            require_own_day(call, opening)
            target, day = opening.target, opening.step.step_date
            law = self.law.at(write.point.revision).procedure(
                day, listed=target.entry_id is not None
            )
            if target.record_id is not None:
                decided, period = self._penalty(write, target, day)
            else:
                decided, period = self._entry(write, target, day)
            remedy = open_remedy(write, opening, decided, law=law)
            _require_period_over(target, period, day)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)

    def _penalty(
        self, write: RemedyWriting, target: Target, day: date
    ) -> tuple[Decided, PublicationLaw]:
        assert target.record_id is not None, "the target is a record"
        edition = recorded_target(write, target.record_id)
        remedies = write.remedies.about(target, revision=write.point.revision, as_of=day)

        def law_of(start_date: date) -> Sequence[CaseLaw]:
            return self.law.at(write.point.revision).publications(edition, start_date)

        publication = publication_of(edition, remedies, law_of, as_of=day)
        if publication.state is PublicationState.ENDED:
            raise PublicationOverError(
                f"the publication of {target.name} ended on {publication.last_date}: there is"
                " nothing to repair",
                target_id=target.name,
                last_date=publication.last_date or "",
            )
        return decided_by(edition), publication.law

    def _entry(
        self, write: RemedyWriting, target: Target, day: date
    ) -> tuple[Decided, PublicationLaw]:
        assert target.entry_id is not None, "the target is an entry"
        entry = listed_target(write, target.entry_id)
        if entry.favourable:
            raise NotRepairableError(
                f"{target.name} is an entry of a redlist, which is no dishonesty; object to what is"
                " wrong in it",
                target_id=target.name,
            )
        if entry.removal_date is not None and entry.removal_date <= day:
            raise PublicationOverError(
                f"{target.name} has been off its list since {entry.removal_date}",
                target_id=target.name,
                last_date=entry.removal_date,
            )
        laws = self.law.at(write.point.revision).entry_publications(
            self._start(write, target, entry)
        )
        law = next((applied(one) for one in laws if one.basis.in_force(day)), None)
        if law is None:
            raise PeriodsUndefinedError(
                f"no policy on credit repair was in force on {day}; give a later day", day=day
            )
        return entry.decided, law

    def _start(self, write: RemedyWriting, target: Target, entry: ListedEntry) -> date:
        """Give the day from which the periods of an entry run: deceit restarts them.

        Whether a repair was withdrawn or an early removal, the list was left by the same deceit.
        """
        assert target.entry_id is not None, "the target is an entry"
        revision = write.point.revision
        withdrawn = [
            step.step_date
            for remedy in write.remedies.about(target, revision=revision, as_of=date.max)
            for step in remedy.steps
            if step.state is RemedyState.WITHDRAWN and step.act is RemedyAct.NONE
        ]
        withdrawn += write.remedies.withdrawal_dates(target.entry_id, revision=revision)
        return period_start(
            entry.decided.decision_date, withdrawn, self.law.at(revision).entry_publications
        )


# Private functions -----------------------------------------------------------


def _require_period_over(target: Target, law: PublicationLaw, day: date) -> None:
    if day >= law.earliest_date:
        return
    raise RepairTooEarlyError(
        f"{target.name} is {law.dishonesty.name.lower()} and can be repaired from"
        f" {law.earliest_date} on ({law.period_clause})",
        target_id=target.name,
        earliest_date=law.earliest_date,
        clause=law.period_clause,
        policy_version=law.basis.version,
    )
