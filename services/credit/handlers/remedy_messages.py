"""Remedies and publications as messages."""

from collections.abc import Callable
from datetime import date

from google.type.date_pb2 import Date

from safetycredit.credit.v1 import remedy_service_pb2 as service
from safetycredit.type.v1 import field_pb2, wording_pb2
from services.common.working_days import Deadline
from services.credit.commands.get_publication import FoundPublication
from services.credit.commands.remedy_views import Due, RemedyView
from services.credit.domain.publication import require_penalty
from services.credit.domain.remedied_entry import RemediedEntry
from services.credit.domain.remedy import RemedyStep
from services.credit.domain.repair_law import Basis, Clause
from services.credit.handlers.wire_values import wire_code, write_day, write_instant

_CONFIDENCES = {
    "text-seen": wording_pb2.Source.CONFIDENCE_TEXT_SEEN,
    "secondary": wording_pb2.Source.CONFIDENCE_SECONDARY,
    "assumed": wording_pb2.Source.CONFIDENCE_ASSUMED,
}


def write_remedy(view: RemedyView) -> service.Remedy:
    """Write a remedy with what is due."""
    remedy, decided = view.remedy, view.remedy.decided
    field: field_pb2.Field = wire_code(decided.field)
    hidden = view.around.persons(decided.authority).hidden
    return service.Remedy(
        remedy_id=remedy.name,
        kind=wire_code(remedy.kind),
        target_id=decided.target.name,
        subject_id=decided.subject_name,
        field=field,
        authority=decided.authority,
        document_number=hidden(decided.document_number),
        state=wire_code(remedy.state),
        steps=[
            _step(step, deadline, hidden)
            for step, deadline in zip(remedy.steps, view.step_deadlines, strict=True)
        ],
        due=[_due(one, hidden) for one in view.due],
        basis=_basis(view.basis),
        entry=None if view.entry is None else _entry(view.entry, hidden),
    )


def write_publication(found: FoundPublication) -> service.Publication:
    """Write the publication of a penalty."""
    publication = found.publication
    edition, law = publication.edition, publication.law
    return service.Publication(
        record_id=edition.name,
        authority=edition.header.authority,
        state=wire_code(publication.state),
        end=wire_code(publication.end),
        first_date=_day(edition.header.publish_date),
        period_start_date=write_day(publication.period_start_date),
        earliest_repair_date=write_day(law.earliest_date),
        last_date=_day(publication.last_date),
        performed_date=_day(require_penalty(edition).performed_date),
        repair_notice=found.notice,
        class_source=_source(law.class_clause),
        period_source=_source(law.period_clause),
        basis=_basis(law.basis),
        # The name is a word of Python.
        **{"class": wire_code(law.dishonesty)},
    )


# Private functions -----------------------------------------------------------


def _step(
    step: RemedyStep, deadline: Deadline | None, hidden: Callable[[str], str]
) -> service.RemedyStep:
    return service.RemedyStep(
        number=step.number,
        state=wire_code(step.state),
        date=write_day(step.step_date),
        authority=step.authority,
        document_number=hidden(step.document_number),
        text=hidden(step.text),
        evidence=[
            service.Evidence(sha256=piece.sha256.hex(), title=hidden(piece.title))
            for piece in step.evidence
        ],
        recorded_time=write_instant(step.recorded_time),
        due_date=_day(deadline.date if deadline else None),
        late=deadline is not None and step.step_date > deadline.date,
        due_provisional=deadline is not None and deadline.provisional,
        act=wire_code(step.act),
        told_date=_day(step.told_date),
    )


def _entry(entry: RemediedEntry, hidden: Callable[[str], str]) -> service.RemediedEntry:
    return service.RemediedEntry(
        state=wire_code(entry.standing),
        removal_date=_day(entry.removal_date),
        reason=wire_code(entry.reason),
        document_number=hidden(entry.document_number),
        list_version=entry.list_version,
    )


def _due(due: Due, hidden: Callable[[str], str]) -> service.DueStep:
    deadline = due.deadline
    return service.DueStep(
        action=wire_code(due.action),
        authority=due.authority,
        due_date=write_day(deadline.date),
        provisional=deadline.provisional,
        overdue=due.overdue,
        source=_source(due.clause),
        document_number=hidden(due.document_number),
    )


def _basis(basis: Basis) -> service.RemedyBasis:
    return service.RemedyBasis(
        policy_id=basis.policy_id, version=basis.version, policy_digest=basis.digest
    )


def _source(clause: Clause) -> wording_pb2.Source:
    return wording_pb2.Source(
        instrument=clause.instrument,
        document_number=clause.document_number,
        article=clause.article,
        publish_date=_day(clause.publish_date),
        effective_date=_day(clause.effective_date),
        checked_date=_day(clause.checked_date),
        confidence=_CONFIDENCES[clause.confidence],
    )


def _day(day: date | None) -> Date | None:
    return None if day is None else write_day(day)
