"""Records and their editions as rows and pairs."""

from cli.display.wording import code, day, identity, instant, summary
from safetycredit.credit.v1.record_pb2 import Record, RecordState
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import SubjectRef

RECORD_COLUMNS = ("record", "date", "kind", "field", "subject", "document", "content")
EDITION_COLUMNS = ("edition", "state", "recorded", "superseded", "because", "by", "content")


def record_row(record: Record) -> tuple[str, ...]:
    """Give the most important about a record."""
    header = record.header
    return (
        record.record_id,
        day(header.event_date),
        record.body.WhichOneof("kind") or "",
        code(Field.DESCRIPTOR, header.field),
        _subject(header.subject) or record.subject_id,
        header.document_number,
        _content(record),
    )


def edition_row(record: Record) -> tuple[str, ...]:
    """Give one edition of a record: when it was known, and what ended it."""
    return (
        str(record.edition),
        code(RecordState.DESCRIPTOR, record.state),
        instant(record.recorded_time),
        instant(record.superseded_time),
        record.superseded_reason,
        record.superseded_document_number,
        _content(record),
    )


def describe_record(record: Record) -> list[tuple[str, str]]:
    """Give the header of a record."""
    header = record.header
    return [
        ("record", record.record_id),
        ("kind", record.body.WhichOneof("kind") or ""),
        ("state", code(RecordState.DESCRIPTOR, record.state)),
        ("subject", _subject(header.subject) or record.subject_id),
        ("field", code(Field.DESCRIPTOR, header.field)),
        ("authority", header.authority),
        ("document", f"{header.document_number} {header.document_item}".strip()),
        ("date", day(header.event_date)),
        ("published", day(header.publish_date)),
        ("division", header.division),
        ("site", str(header.site_number or "")),
        ("content", _content(record)),
    ]


# Private functions -----------------------------------------------------------


def _subject(ref: SubjectRef) -> str:
    return identity(ref.credit_code, ref.local_identity) or ref.enterprise_id or ref.person_id


def _content(record: Record) -> str:
    kind = record.body.WhichOneof("kind")
    return summary(getattr(record.body, kind)) if kind else ""
