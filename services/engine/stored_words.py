"""The words that records are stored by, which the vocabulary can title and never change.

A code is a number in a column and on the wire, and an attribute is a column. A vocabulary with
another number for a code would read the records of one as those of another, and a word without a
column has no record. Tests hold these words to the tables and to the wire.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from services.engine.document import Entries
from services.engine.errors import Problem, problem_at
from services.engine.language import Place


def _numbered(words: str, first: int) -> Mapping[str, int]:
    return {word: number for number, word in enumerate(words.split(), start=first)}


OPEN_SETS: Final = ("violation_code",)
"""Sets that take codes of a scheme's own; all others are enumerations of the wire."""

STORED_CODES: Final[Mapping[str, Mapping[str, int]]] = {
    "field": _numbered("work_safety fire housing_construction transport special_equipment", 1),
    "enterprise_kind": _numbered(
        "production_unit individual_trader assessment_body certification_body "
        "testing_body inspection_body",
        1,
    ),
    "enterprise_state": _numbered("active merged split closed", 1),
    "occasion": _numbered("unspecified planned random report recheck campaign", 0),
    "severity": _numbered("unspecified minor general serious", 0),
    "sanction": _numbered(
        "warning criticism fine confiscation permit_suspension qualification_downgrade "
        "permit_revocation activity_restriction stop_production closure "
        "practice_restriction detention other",
        1,
    ),
    "procedure": _numbered("unspecified simple ordinary", 0),
    "outcome": _numbered("ordered reported accepted rejected", 1),
    "hazard_level": _numbered("general major", 1),
    "supervision": _numbered("unspecified county city province national", 0),
    "accident_level": _numbered("general larger major extra_major", 1),
    "liability": _numbered("unspecified liable not_liable", 0),
    "responsibility": _numbered("unspecified none secondary equal primary full", 0),
    "reporting": _numbered("unspecified on_time late omitted false concealed", 0),
    "misconduct": _numbered("no_rescue left_post fled destroyed_evidence", 1),
    "honour_kind": _numbered("standardisation commitment award", 1),
    "award_rank": _numbered("unspecified county municipal provincial national", 0),
    "commitment": _numbered("unspecified made kept broken", 0),
    "role_kind": _numbered(
        "legal_representative principal safety_deputy safety_manager directly_responsible "
        "licensed_practitioner technical_head driver",
        1,
    ),
    "finding": _numbered("unspecified confirmed unconfirmed", 0),
    "list_kind": _numbered("blacklist redlist", 1),
    "violation_code": _numbered(
        "other unlicensed_operation operation_while_suspended qualification_lending "
        "forged_report evading_enforcement vile_circumstances hazard_not_removed "
        "equipment training management dangerous_work project_approval "
        "obstructing_inspection insurance fire_facilities evacuation_blocked "
        "construction_site transport_safety special_equipment_overdue outsourcing "
        "accident_liability accident_reporting operation_despite_stop_order "
        "mining_beyond_limits",
        0,
    ),
    "activity": _numbered("hazardous_chemicals large_events crowded_place", 1),
    "insurance_kind": _numbered("work_safety_liability employers_liability", 1),
    "payment_kind": _numbered("premium compensation premium_return", 1),
    "prevention_item": _numbered(
        "training risk_assessment standardisation hazard_inspection emergency technology other",
        1,
    ),
}
"""Number of each code, by set and code. No number is ever given again."""

STORED_KINDS: Final[Mapping[str, int]] = {
    "inspection": 1,
    "violation": 2,
    "penalty": 3,
    "rectification": 4,
    "hazard": 5,
    "accident": 6,
    "honour": 7,
    "report": 8,
    "insurance_policy": 9,
    "endorsement": 10,
    "claim": 11,
    "insurance_payment": 12,
    "prevention_plan": 13,
    "prevention_service": 14,
    "listing": 100,
    "risk_prediction": 101,
    "role": 102,
    "membership": 103,
}
"""Number of each kind of record."""

STORED_ATTRIBUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "subject": {
        "division": "division",
        "industry": "industry",
        "fields": "codes field",
        "kind": "code enterprise_kind",
        "state": "code enterprise_state",
        "headcount": "number person",
        "founding_date": "day",
        "activities": "codes activity",
    },
    "record": {
        "event_date": "day",
        "publish_date": "day",
        "entry_date": "day",
        "field": "code field",
        "division": "division",
        "site_number": "number site optional",
    },
    "kinds.inspection": {
        "occasion": "code occasion",
        "problems_found": "flag",
        "inspection": "number inspection optional",
    },
    "kinds.violation": {
        "violation_code": "code violation_code",
        "severity": "code severity",
        "closed_date": "day",
        "inspection": "number inspection optional",
    },
    "kinds.penalty": {
        "sanctions": "codes sanction",
        "fine_fen": "number fen",
        "confiscated_fen": "number fen",
        "procedure": "code procedure",
        "violation_code": "code violation_code",
        "final_date": "day",
        "performed_date": "day",
        "repaired_date": "day",
        "major": "flag",
        "fine_multiple_hundredths": "number hundredth",
        "violation_severity": "code severity optional",
        "accident_level": "code accident_level optional",
        "accident_liability": "code liability optional",
        "accident_responsibility": "code responsibility optional",
        "accident_responsibility_share_bp": "number basis point optional",
        "accident_deaths": "number person",
        "accident_reporting": "code reporting optional",
        "accident_misconduct": "codes misconduct optional",
        "accident_event_date": "day",
        "accident_field": "code field optional",
    },
    "kinds.rectification": {
        "outcome": "code outcome",
        "due_date": "day",
        "recheck_level": "number level",
        "target_event_date": "day",
        "target_severity": "code severity optional",
        "target_level": "code hazard_level optional",
        "target_due_date": "day",
    },
    "kinds.hazard": {
        "level": "code hazard_level",
        "supervision": "code supervision",
        "due_date": "day",
        "closed_date": "day",
    },
    "kinds.accident": {
        "deaths": "number person",
        "serious_injuries": "number person",
        "direct_loss_fen": "number fen",
        "level": "code accident_level",
        "liability": "code liability",
        "responsibility": "code responsibility",
        "responsibility_share_bp": "number basis point optional",
        "reporting": "code reporting",
        "misconduct": "codes misconduct",
    },
    "kinds.honour": {
        "honour_kind": "code honour_kind",
        "standardisation_level": "number level",
        "award_rank": "code award_rank",
        "commitment": "code commitment",
        "end_date": "day",
    },
    "kinds.report": {
        "finding": "code finding",
        "handled_date": "day",
    },
    "kinds.insurance_policy": {
        "insurance_kind": "code insurance_kind",
        "start_date": "day",
        "end_date": "day",
        "insured_headcount": "number person",
        "limit_per_person_fen": "number fen",
        "aggregate_limit_fen": "number fen",
        "premium_fen": "number fen",
    },
    "kinds.endorsement": {
        "policy_record_id": "number record",
        "effective_date": "day",
        "insured_headcount": "number person",
        "limit_per_person_fen": "number fen",
        "aggregate_limit_fen": "number fen",
        "premium_change_fen": "number fen signed",
        "end_date": "day",
        "cancelled": "flag",
    },
    "kinds.claim": {
        "policy_record_id": "number record",
        "incurred_date": "day",
        "reserved_fen": "number fen",
        "settled_date": "day",
    },
    "kinds.insurance_payment": {
        "policy_record_id": "number record",
        "payment_kind": "code payment_kind",
        "amount_fen": "number fen",
    },
    "kinds.prevention_plan": {
        "policy_record_id": "number record",
        "item": "code prevention_item",
        "service_count": "number service",
        "due_date": "day",
        "budget_fen": "number fen",
    },
    "kinds.prevention_service": {
        "policy_record_id": "number record",
        "plan_record_id": "number record",
        "item": "code prevention_item",
        "staff_count": "number person",
        "participant_count": "number person",
        "hazard_count": "number hazard",
        "cost_fen": "number fen",
        "insurer_confirmed_date": "day",
        "insured_confirmed_date": "day",
    },
    "kinds.listing": {
        "list": "code list_kind",
        "end_date": "day",
    },
    "kinds.risk_prediction": {
        "relativity_hundredths": "number hundredth",
        "credibility_hundredths": "number hundredth",
        "end_date": "day",
    },
    "kinds.role": {
        "person": "number person",
        "role": "code role_kind",
        "end_date": "day",
    },
    "kinds.membership": {
        "member": "number enterprise",
        "end_date": "day",
    },
    "relations.persons": {
        "roles": "codes role_kind",
        "person": "number person",
    },
    "relations.predecessors": {
        "succession": "code enterprise_state",
        "succession_date": "day",
    },
    "relations.members": {
        "member": "number enterprise",
        "member_since": "day",
    },
}
"""Type, set of codes, unit, and what else each attribute is stored by: of what, and by name."""


def check_stored(root: Entries, file: str) -> Iterator[Problem]:
    """Find words that are not stored, or not so.

    Args:
        root: The vocabulary, read, in its form.
        file: Name for problems.
    """
    for place, message in _misfits(root):
        yield problem_at(file, place, "not-stored", message)


# Private functions -----------------------------------------------------------

_Misfits = Iterator[tuple[Place, str]]
_SPEC: Final = ("type", "codes", "unit")
_MARKS: Final = ("optional", "signed")


def _misfits(root: Entries) -> _Misfits:
    sets, kinds = _part(root, "codes"), _part(root, "kinds")
    for name, stored in STORED_CODES.items():
        if name in sets:
            yield from _numbers(name, stored, _part(sets, name))
        else:
            yield sets.place, f"the set {name!r} is missing, by which records are stored"
    yield from _numbers("kinds", STORED_KINDS, kinds)
    yield from _attributes("subject", _part(root, "subject"))
    yield from _attributes("record", _part(root, "record"))
    for part in ("kinds", "relations"):
        for name in (among := _part(root, part)):
            if (known := f"{part}.{name}") in STORED_ATTRIBUTES:
                yield from _attributes(known, _part(_part(among, name), "attributes"))
            elif part == "relations":
                yield _place(among, name), f"nothing stores a relation {name!r}; take it out"


def _numbers(name: str, stored: Mapping[str, int], words: Entries) -> _Misfits:
    """Find stored words that are missing or have another number, and words that nothing stores."""
    for word, number in stored.items():
        if word not in words:
            message = f"{word!r} is missing among {name!r}: records with its number {number}"
            yield words.place, f"{message} would match nothing; write it again"
    taken = {number: word for word, number in stored.items()}
    for word in words:
        one = _part(words, word)
        given, place = one.get("number"), _place(one, "number")
        if word in stored:
            if given != stored[word]:
                message = f"{word!r} is stored with the number {stored[word]}"
                yield place, f"{message}, and not with {given}"
        elif name not in OPEN_SETS:
            message = f"{name!r} is closed: nothing stores {word!r}; take it out"
            yield _place(words, word), f'{message}, see "Words of one\'s own" in README.md'
        elif isinstance(given, int) and given in taken:
            message = f"records with the number {given} are stored as {taken[given]!r}"
            yield place, f"{message}; take a number that none ever had"


def _attributes(part: str, attributes: Entries) -> _Misfits:
    stored = STORED_ATTRIBUTES[part]
    of = part.partition(".")[2] or part
    for name in attributes:
        given = _spec(_part(attributes, name))
        if name not in stored:
            message = f"nothing stores {name!r} of {of!r}; take it out"
            yield _place(attributes, name), message
        elif given != stored[name]:
            message = f"{name!r} of {of!r} is stored as {stored[name]!r}, and not as {given!r}"
            yield _place(attributes, name), f"{message} (type, codes or unit, and marks)"


def _spec(one: Entries) -> str:
    words = [str(one[key]) for key in _SPEC if key in one]
    return " ".join([*words, *(mark for mark in _MARKS if one.get(mark) is True)])


def _part(parent: Entries, key: str) -> Entries:
    found = parent.get(key)
    return found if isinstance(found, Entries) else Entries(_place(parent, key))


def _place(parent: Entries, key: str) -> Place:
    return parent.places.get(key, parent.place)
