"""Cases, steps and entries as rows of their tables, and back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any, Final

from sqlalchemy import Row

from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.fields import bits_of, fields_in
from services.scoring.domain.list_case import (
    Attachment,
    DecidedTerm,
    ListCase,
    Opinion,
    Origin,
    Party,
    Reason,
    Step,
    StepKind,
)
from services.scoring.domain.list_entry import ListEntry, ListKey, ListKind, RemovalReason
from services.scoring.domain.list_procedure import Clause, ListProcedure, TermRow

_ENTRY_COLUMNS: Final = (
    "entry_id",
    "subject_id",
    "person",
    "credit_code",
    "name",
    "identity_mask",
    "division",
    "authority",
    "document_number",
    "decision_date",
    "start_date",
    "end_date",
    "cause",
    "basis",
    "policy_id",
    "policy_version",
    "policy_digest",
)


def case_row(case: ListCase, revision: int) -> dict[str, Any]:
    """Write a case."""
    return {
        "case_id": case.case_id,
        "list_kind": int(case.list_key.kind),
        "field": case.list_key.field,
        "subject_id": case.subject_id,
        "person": case.person,
        "division": case.division,
        "origin": int(case.origin),
        "authority": case.authority,
        "policy_id": case.policy_id,
        "policy_version": case.policy_version,
        "policy_digest": case.policy_digest,
        "evaluation_date": case.evaluation_date,
        "procedure": _text(
            {name: _clause_row(one) for name, one in case.procedure.clauses.items()}
        ),
        "review_fields": bits_of(case.review_fields),
        "reasons": _text([_reason_row(reason) for reason in case.reasons]),
        "inputs": _text(dict(case.inputs)),
        "recorded_revision": revision,
    }


def party_rows(case: ListCase) -> list[dict[str, Any]]:
    """Write the parties of a case."""
    return [
        {
            "case_id": case.case_id,
            "subject_id": party.subject_id,
            "place": place,
            "person": party.person,
            "role": party.role,
            "rule_ids": _text(party.rule_ids),
        }
        for place, party in enumerate(case.parties)
    ]


def case_of(
    row: Row[*tuple[Any, ...]], parties: Iterable[Party], penalising: Iterable[str]
) -> ListCase:
    """Read a case.

    Args:
        row: Its row.
        parties: Its parties, in order.
        penalising: Authorities of the final penalties behind it.
    """
    kind = ListKind(row.list_kind)
    clauses = {name: _clause(one) for name, one in json.loads(row.procedure).items()}
    return ListCase(
        case_id=row.case_id,
        list_key=ListKey(kind, row.field),
        subject_id=row.subject_id,
        person=row.person,
        division=row.division,
        origin=Origin(row.origin),
        authority=row.authority,
        policy_id=row.policy_id,
        policy_version=row.policy_version,
        policy_digest=row.policy_digest,
        evaluation_date=row.evaluation_date,
        procedure=ListProcedure(kind, clauses),
        review_fields=fields_in(row.review_fields),
        reasons=tuple(_reason(one) for one in json.loads(row.reasons)),
        inputs=json.loads(row.inputs),
        parties=tuple(parties),
        penalising_authorities=frozenset(one for one in penalising if one),
    )


def party_of(row: Row[*tuple[Any, ...]]) -> Party:
    """Read a party."""
    return Party(
        subject_id=row.subject_id,
        person=row.person,
        role=row.role,
        rule_ids=tuple(json.loads(row.rule_ids)),
    )


def step_row(step: Step) -> dict[str, Any]:
    """Write a step, without case, place and revision."""
    return {
        "kind": int(step.kind),
        "authority": step.authority,
        "person": step.person,
        "caller": step.caller,
        "document_number": step.document_number,
        "step_date": step.day,
        "party_id": step.party or None,
        "entry_id": step.entry_id or None,
        "field": step.field,
        "opinion": int(step.opinion),
        "addressee": step.addressee,
        "contents": _text({**step.contents, **_terms_row(step)}),
        "measures": _text(step.measures),
        "parties": _text(step.parties),
        "listing_date": step.listing_date,
        "attachments": _text([[one.sha256, one.title, one.proves] for one in step.attachments]),
    }


def step_of(row: Row[*tuple[Any, ...]]) -> Step:
    """Read a step."""
    contents = json.loads(row.contents)
    terms = contents.pop(_TERMS, ())
    return Step(
        kind=StepKind(row.kind),
        authority=row.authority,
        caller=row.caller,
        person=row.person,
        document_number=row.document_number,
        day=row.step_date,
        party=row.party_id or 0,
        entry_id=row.entry_id or 0,
        field=row.field,
        opinion=Opinion(row.opinion),
        addressee=row.addressee,
        contents=contents,
        measures=tuple(json.loads(row.measures)),
        parties=tuple(json.loads(row.parties)),
        listing_date=row.listing_date,
        terms=tuple(DecidedTerm(*one) for one in terms),
        attachments=tuple(Attachment(*one) for one in json.loads(row.attachments)),
        number=row.number,
        recorded_time=row.recorded_time,
    )


def entry_row(held: HeldEntry) -> dict[str, Any]:
    """Write an entry, without its row and revision."""
    entry = held.entry
    return {
        **{name: getattr(entry, name) for name in _ENTRY_COLUMNS},
        "list_kind": int(entry.list_key.kind),
        "field": entry.list_key.field,
        "rule_ids": _text(entry.rule_ids),
        "measures": _text(entry.measures),
        "case_id": held.case_id,
        "publish_date": held.publish_date,
        "state": int(held.state),
        "removal_reason": None if held.removal_reason is None else int(held.removal_reason),
        "removal_document": held.removal_document,
        "removal_date": held.removal_date,
    }


def held_of(row: Row[*tuple[Any, ...]]) -> HeldEntry:
    """Read an entry."""
    reason = row.removal_reason
    return HeldEntry(
        entry=ListEntry(
            list_key=ListKey(ListKind(row.list_kind), row.field),
            rule_ids=tuple(json.loads(row.rule_ids)),
            measures=tuple(json.loads(row.measures)),
            **{name: getattr(row, name) for name in _ENTRY_COLUMNS},
        ),
        case_id=row.case_id,
        publish_date=row.publish_date,
        state=EntryState(row.state),
        removal_reason=None if reason is None else RemovalReason(reason),
        removal_document=row.removal_document,
        removal_date=row.removal_date,
    )


# Private functions -----------------------------------------------------------

_NOTHING_TOLD: Final[list[Any]] = [[], "", None, None]
_TERMS: Final = "terms"
"""Beside the texts of a decision: the terms that it sets, in a list. No text has this name."""


def _text(value: Mapping[str, Any] | Sequence[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _terms_row(step: Step) -> dict[str, Any]:
    return {_TERMS: [astuple(one) for one in step.terms]} if step.terms else {}


def _clause_row(clause: Clause) -> list[Any]:
    plain = [clause.value, clause.unit, clause.citation, clause.confidence]
    told = [[asdict(row) for row in clause.by], clause.combine, clause.at_least, clause.at_most]
    ranged = [] if clause.to is None else [clause.to]
    # What most clauses do not say, is not written of them either.
    return plain if told == _NOTHING_TOLD and not ranged else [*plain, [*told, *ranged]]


def _clause(parts: list[Any]) -> Clause:
    value, unit, citation, confidence, *more = parts
    rows, combine, at_least, at_most, *ranged = more[0] if more else _NOTHING_TOLD
    return Clause(
        value=tuple(value) if isinstance(value, list) else value,
        unit=unit,
        citation=citation,
        confidence=confidence,
        by=tuple(TermRow(**{**row, "rules": tuple(row["rules"])}) for row in rows),
        combine=combine,
        to=ranged[0] if ranged else None,
        at_least=at_least,
        at_most=at_most,
    )


def _reason_row(reason: Reason) -> list[Any]:
    return [reason.rule_id, reason.zh, reason.en, reason.citation, reason.record_ids]


def _reason(parts: list[Any]) -> Reason:
    rule_id, zh, en, citation, record_ids = parts
    return Reason(rule_id=rule_id, zh=zh, en=en, citation=citation, record_ids=tuple(record_ids))
