"""Objections, repairs and publication for people."""

from typing import Final

from cli.display.wording import code, day
from safetycredit.credit.v1.remedy_service_pb2 import (
    DueStep,
    Publication,
    RemediedEntry,
    Remedy,
    RemedyStep,
)
from safetycredit.type.v1.wording_pb2 import Source

REMEDY_COLUMNS: Final = ("remedy", "kind", "about", "state", "authority", "next", "due")
STEP_COLUMNS: Final = ("", "step", "day", "by", "document", "due", "text")
DUE_COLUMNS: Final = ("what", "at whom", "until", "document", "clause")


def describe_remedy(remedy: Remedy) -> list[tuple[str, str]]:
    """Describe an objection or a repair, without its steps."""
    return [
        ("remedy", remedy.remedy_id),
        ("kind", code(Remedy.Kind.DESCRIPTOR, remedy.kind)),
        ("about", f"{remedy.target_id} {remedy.document_number}"),
        ("subject", remedy.subject_id),
        ("authority", remedy.authority),
        ("state", code(Remedy.State.DESCRIPTOR, remedy.state)),
        ("policy", f"{remedy.basis.policy_id} {remedy.basis.version}"),
        *([("entry", _entry(remedy.entry))] if remedy.HasField("entry") else []),
    ]


def remedy_row(remedy: Remedy) -> tuple[str, ...]:
    """Write an objection or a repair as a row."""
    first = remedy.due[0] if remedy.due else None
    return (
        remedy.remedy_id,
        code(Remedy.Kind.DESCRIPTOR, remedy.kind),
        remedy.target_id,
        code(Remedy.State.DESCRIPTOR, remedy.state),
        remedy.authority,
        code(DueStep.Action.DESCRIPTOR, first.action) if first else "",
        _until(first) if first else "",
    )


def step_row(step: RemedyStep) -> tuple[str, ...]:
    """Write a step as a row."""
    due = f"{day(step.due_date)}{' provisional' if step.due_provisional else ''}"
    return (
        str(step.number),
        _step(step),
        day(step.date),
        step.authority,
        step.document_number,
        f"{due} (late)" if step.late else due,
        step.text,
    )


def due_row(due: DueStep) -> tuple[str, ...]:
    """Write what is due as a row."""
    return (
        code(DueStep.Action.DESCRIPTOR, due.action),
        due.authority,
        _until(due),
        due.document_number,
        _cited(due.source),
    )


def describe_publication(publication: Publication) -> list[tuple[str, str]]:
    """Describe how long a penalty is published."""
    return [
        ("record", publication.record_id),
        ("class", code(Publication.Class.DESCRIPTOR, getattr(publication, "class"))),
        ("class by", _cited(publication.class_source)),
        ("state", code(Publication.State.DESCRIPTOR, publication.state)),
        ("ended by", code(Publication.End.DESCRIPTOR, publication.end)),
        ("first day", day(publication.first_date)),
        ("last day", day(publication.last_date)),
        ("periods from", day(publication.period_start_date)),
        ("periods by", _cited(publication.period_source)),
        ("repair from", day(publication.earliest_repair_date)),
        ("performed on", day(publication.performed_date)),
        ("notice", publication.repair_notice),
    ]


# Private functions -----------------------------------------------------------


def _entry(entry: RemediedEntry) -> str:
    """Say what became of the list entry."""
    state = code(RemediedEntry.State.DESCRIPTOR, entry.state)
    if not entry.HasField("removal_date"):
        return f"{state}: it is on its list"
    words = [
        f"{state} from {day(entry.removal_date)} on",
        f"({code(RemediedEntry.Reason.DESCRIPTOR, entry.reason)})",
    ]
    if entry.document_number:
        words.append(f"by {entry.document_number}")
    if entry.list_version:
        words.append(f"in version {entry.list_version} of the list")
    return " ".join(words)


def _step(step: RemedyStep) -> str:
    """Say what a step was: the state that it led to, or what it did besides."""
    if step.act == RemedyStep.ACT_EXTEND:
        return f"extended, told {day(step.told_date)}"
    if step.act == RemedyStep.ACT_SHARE:
        return "shared"
    return code(Remedy.State.DESCRIPTOR, step.state)


def _until(due: DueStep) -> str:
    words = [day(due.due_date)]
    if due.overdue:
        words.append("overdue")
    if due.provisional:
        words.append("provisional")
    return " ".join(words)


def _cited(source: Source) -> str:
    confidence = code(Source.Confidence.DESCRIPTOR, source.confidence)
    return f"{source.instrument} {source.article} ({confidence.replace('_', ' ')})"
