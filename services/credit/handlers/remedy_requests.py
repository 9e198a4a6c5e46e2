"""What the requests about objections and repairs have in common."""

import re
from datetime import date
from typing import Any, Final

from services.common.call_context import CallContext
from services.common.meaningful_text import meaningful
from services.credit.commands.remedy_ports import StepDraft
from services.credit.commands.remedy_targets import Opening
from services.credit.domain.identifiers import RECORD, number_of
from services.credit.domain.record_rules import DOCUMENT_CHARACTERS_MAX, REASON_CHARACTERS_MAX
from services.credit.domain.remedy import ENTRY, Evidence, RemedyKind, Target
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.requests import moment_of, read_request_id
from services.credit.handlers.wire_values import WireError, read_day, read_text

_TEXT_CHARACTERS_MAX: Final = 4_000
_TITLE_CHARACTERS_MAX: Final = 200
_EVIDENCE_MAX: Final = 50
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_NO_TARGET: Final = Target(record_id=0)


def read_target(text: str) -> Target:
    """Read a record or an entry."""
    record_id, entry_id = number_of(RECORD, text), number_of(ENTRY, text)
    if record_id is None and entry_id is None:
        raise WireError("ID_MALFORMED", "give a record, r-…, or a list entry, l-…")
    return Target(record_id=record_id, entry_id=entry_id)


def read_step_date(reader: RequestReader, context: CallContext) -> date:
    """Read the day of a step."""
    today = moment_of(context).today
    day = reader.optional("date", read_day) or today
    if day > today:
        reader.refuse("date", "DATE_IN_FUTURE", "give today or an earlier day")
    return day


def read_step(reader: RequestReader, context: CallContext, *, text: str) -> StepDraft:
    """Read the step by which a party opens a remedy."""
    read_request_id(reader)
    return StepDraft(
        step_date=read_step_date(reader, context),
        text=reader.required_text(text, _TEXT_CHARACTERS_MAX),
    )


def read_opening(
    request: Any,  # noqa: ANN401 -- two requests with the same fields.
    reader: RequestReader,
    kind: RemedyKind,
    step: StepDraft,
) -> Opening:
    """Read what opens a remedy, and refuse the request if anything is wrong."""
    target = reader.required("target_id", read_target, _NO_TARGET)
    evidence: list[Evidence] = []
    for position, piece in enumerate(request.evidence):
        path = f"evidence[{position}]"
        if not _DIGEST.fullmatch(piece.sha256):
            reader.refuse(
                f"{path}.sha256", "DIGEST_MALFORMED", "give 64 lower-case hexadecimal digits"
            )
            continue
        title = meaningful(piece.title)
        if not 0 < len(title) <= _TITLE_CHARACTERS_MAX:
            reader.refuse(
                f"{path}.title", "REQUIRED", f"give 1 to {_TITLE_CHARACTERS_MAX} characters"
            )
        try:
            evidence.append(Evidence(bytes.fromhex(piece.sha256), read_text(title)))
        except WireError as error:
            reader.refuse(f"{path}.title", error.reason, error.message)
    if len(request.evidence) > _EVIDENCE_MAX:
        reader.refuse("evidence", "TOO_MANY", f"give at most {_EVIDENCE_MAX} pieces")
    reader.finish()
    return Opening(kind=kind, target=target, step=step, evidence=tuple(evidence))


def read_decision(
    reader: RequestReader, context: CallContext, *, reasons_required: bool
) -> StepDraft:
    """Read the step by which an authority decides."""
    read_request_id(reader)
    read = reader.required_text if reasons_required else reader.optional_text
    return StepDraft(
        step_date=read_step_date(reader, context),
        document_number=reader.required_text("document_number", DOCUMENT_CHARACTERS_MAX),
        text=read("reasons", REASON_CHARACTERS_MAX),
    )


def read_acceptance(reader: RequestReader, context: CallContext) -> StepDraft:
    """Read the step by which an application is accepted, or declined with reasons."""
    read_request_id(reader)
    return StepDraft(
        step_date=read_step_date(reader, context),
        text=reader.optional_text("declined_reasons", REASON_CHARACTERS_MAX),
    )


def read_told_date(reader: RequestReader, context: CallContext, step_date: date) -> date:
    """Read the day on which the applicant was told of a step; that of the step by default."""
    told_date = reader.optional("told_date", read_day) or step_date
    if told_date > moment_of(context).today:
        reader.refuse("told_date", "DATE_IN_FUTURE", "give today or an earlier day")
    elif told_date < step_date:
        reader.refuse("told_date", "DATE_BEFORE_STEP", "give the day of the step or a later one")
    return told_date


def read_sharing(reader: RequestReader, context: CallContext) -> StepDraft:
    """Read the step by which a result was passed on; its text names the systems."""
    read_request_id(reader)
    return StepDraft(
        step_date=read_step_date(reader, context),
        document_number=reader.optional_text("document_number", DOCUMENT_CHARACTERS_MAX),
        text=reader.required_text("systems", REASON_CHARACTERS_MAX),
    )
