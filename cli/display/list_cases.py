"""Cases and entries of the lists, on the console."""

from google.protobuf.descriptor import EnumDescriptor

from cli.display.console import output, print_pairs, print_table
from cli.display.explanations import policy_name
from cli.display.wording import code, day, instant
from safetycredit.scoring.v1.list_case_pb2 import (
    ListCase,
    ListCaseOrigin,
    ListCaseState,
    ListCaseStep,
    ListCaseStepKind,
    ListDeadline,
    ListedEntry,
    ListEntryState,
    NextStep,
    Opinion,
)
from safetycredit.scoring.v1.list_entry_pb2 import ListKind, RemovalReason
from safetycredit.scoring.v1.list_service_pb2 import ListingTerm
from safetycredit.type.v1.field_pb2 import Field

ENTRY_COLUMNS = ("entry", "list", "field", "subject", "name", "from", "until", "state", "document")
DEADLINE_COLUMNS = ("due", "overdue", "step", "at", "case", "subject", "clause")
CASE_COLUMNS = ("case", "list", "field", "subject", "state", "authority", "decides", "last step")


def print_case(case: ListCase) -> None:
    """Print a case: what it is, its ledger (台账), and what may be done next."""
    print_pairs(
        [
            ("case", case.case_id),
            ("list", f"{_code(ListKind.DESCRIPTOR, case.list)} {_field(case.field)}"),
            ("state", _code(ListCaseState.DESCRIPTOR, case.state)),
            ("opened by", _code(ListCaseOrigin.DESCRIPTOR, case.origin)),
            ("collected by", case.authority),
            ("decides", case.deciding_authority),
            ("policy", policy_name(case.policy)),
            ("digest", case.policy.digest),
            ("review by", " ".join(_field(field) for field in case.review_fields)),
        ]
    )
    print_table(
        ("party", "name", "credit code", "role", "identity number"),
        [
            (one.subject_id, one.name, one.credit_code, one.role, one.masked_identity_number)
            for one in case.parties
        ],
    )
    print_table(
        ("circumstance", "wording", "clause", "records"),
        [
            (one.rule_id, one.wording.zh, one.clause, " ".join(one.record_ids))
            for one in case.reasons
        ],
    )
    print_table(
        ("#", "day", "step", "authority", "person", "document", "what"),
        [_step_row(step) for step in case.steps],
        title="台账 ledger",
    )
    if case.next_steps:
        print_table(
            ("step", "party", "at", "from", "due", "clause"),
            [_next_row(step) for step in case.next_steps],
            title="next",
        )
    if case.entries:
        print_table(ENTRY_COLUMNS, map(entry_row, case.entries), title="entries")


def case_row(case: ListCase) -> tuple[str, ...]:
    """Write a case in a line."""
    last = case.steps[-1]
    return (
        case.case_id,
        _code(ListKind.DESCRIPTOR, case.list),
        _field(case.field),
        f"{case.parties[0].name} {case.parties[0].credit_code or case.parties[0].subject_id}",
        _code(ListCaseState.DESCRIPTOR, case.state),
        case.authority,
        case.deciding_authority,
        f"{day(last.date)} {_code(ListCaseStepKind.DESCRIPTOR, last.kind)}",
    )


def entry_row(listed: ListedEntry) -> tuple[str, ...]:
    """Write an entry in a line."""
    entry = listed.entry
    state = _code(ListEntryState.DESCRIPTOR, listed.state)
    if listed.HasField("removal"):
        reason = _code(RemovalReason.DESCRIPTOR, listed.removal.reason)
        state = f"{state}: {reason} {listed.removal.document_number}".strip()
    return (
        entry.entry_id,
        _code(ListKind.DESCRIPTOR, entry.kind),
        _field(entry.field),
        entry.credit_code or entry.subject_id,
        listed.full_name or entry.name,
        day(entry.start_date),
        day(entry.end_date),
        state,
        entry.document_number,
    )


def term_text(term: ListingTerm) -> str:
    """Write how long an entry lasts by its own, and what gave that."""
    given = ", ".join((*term.rule_ids, term.clause))
    chosen = f"chosen from {term.least} to {term.greatest}; " * (term.least < term.greatest)
    return f"{term.value} {term.unit} ({chosen}listing {term.listing_number}; {given})"


def deadline_row(deadline: ListDeadline) -> tuple[str, ...]:
    """Write something that is due, or that the service cannot keep right, in a line."""
    if deadline.HasField("failure"):
        failed = deadline.failure
        return (
            f"since {instant(failed.since_time)}",
            "overdue",
            f"the service: {failed.chore}",
            failed.authority,
            deadline.case_id,
            failed.entry_id or deadline.subject_id,
            f"{failed.reason}: {failed.message}",
        )
    step = deadline.step
    return (
        _day(day(step.due_date), provisional=step.due_provisional),
        "overdue" if step.overdue else "",
        _what(step),
        _at(step),
        deadline.case_id,
        _about(step) or deadline.subject_id,
        step.clause,
    )


def print_written(case: ListCase, *, repeated: bool, token: str) -> None:
    """Print a case after a step, and the token of the write."""
    output().print("done before; nothing changed" if repeated else "done")
    print_case(case)
    print_pairs([("token", token)])


# Private functions -----------------------------------------------------------


def _code(codes: EnumDescriptor, number: int) -> str:
    return code(codes, number)


def _field(number: int) -> str:
    return code(Field.DESCRIPTOR, number)


def _day(text: str, *, provisional: bool) -> str:
    return f"{text} (provisional)" if provisional else text


def _what(step: NextStep) -> str:
    kind = _code(ListCaseStepKind.DESCRIPTOR, step.kind)
    return f"{kind} by {step.document_number}" if step.document_number else kind


def _at(step: NextStep) -> str:
    named = " ".join(one for one in (step.authority, _field(step.field)) if one)
    return named or step.party_subject_id


def _about(step: NextStep) -> str:
    """Write whom, or which entry, a step is about; nothing for the case as a whole."""
    return step.party_subject_id or step.entry_id


def _step_row(step: ListCaseStep) -> tuple[str, ...]:
    said = [f"{one.name}: {one.text}" for one in step.contents]
    said += [f"{one.title} sha256:{one.sha256[:12]}…" for one in step.attachments]
    opinion = _code(Opinion.DESCRIPTOR, step.opinion)
    about = [step.party_subject_id, step.entry_id, _field(step.field), opinion]
    if step.addressee:
        about.append(f"to {step.addressee}")
    about += [
        _day(word, provisional=step.provisional)
        for word, so in (("late", step.late), ("too early", step.early))
        if so
    ]
    if step.provisional and not (step.late or step.early):
        about.append("in time (provisional)")
    return (
        str(step.number),
        day(step.date),
        _code(ListCaseStepKind.DESCRIPTOR, step.kind),
        step.authority,
        step.person or step.caller,
        step.document_number,
        "\n".join([*(" ".join(one for one in about if one),), *said]).strip(),
    )


def _next_row(step: NextStep) -> tuple[str, ...]:
    overdue = " overdue" if step.overdue else ""
    due = _day(day(step.due_date), provisional=step.due_provisional)
    return (
        _what(step),
        _about(step),
        _at(step),
        _day(day(step.earliest_date), provisional=step.earliest_provisional),
        f"{due}{overdue}",
        step.clause,
    )
