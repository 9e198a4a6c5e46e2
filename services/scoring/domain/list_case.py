"""Cases of the lists: whom, on which ground, and the ledger (台账) of what was done."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_procedure import ListProcedure

SYSTEM: Final = "safetycredit:lists"
"""Caller of the steps that the service takes by itself."""


class Origin(IntEnum):
    """How a case was opened; the numbers are those of the wire and of the tables."""

    RULE = 1
    NOMINATION = 2
    APPLICATION = 3


class StepKind(IntEnum):
    """A step of a case; the numbers are those of the wire and of the tables."""

    COLLECT = 1
    REPORT = 2
    NOTIFY = 3
    STATE = 4
    WAIVE = 5
    ANSWER = 6
    REVIEW = 7
    APPROVE = 8
    ANNOUNCE = 9
    DECIDE = 10
    SERVE = 11
    PUBLISH = 12
    CLOSE = 13
    EXPIRE = 14
    EXTEND = 15
    APPLY_EARLY = 16
    ACCEPT_EARLY = 17
    DECIDE_EARLY = 18
    WITHDRAW_EARLY = 19
    CORRECT = 20
    BREAK = 21
    ASK_HEARING = 22
    HOLD_HEARING = 23


class CaseState(IntEnum):
    """How far a case has come; the numbers are those of the wire."""

    COLLECTED = 1
    REPORTED = 2
    NOTIFIED = 3
    REVIEWED = 4
    APPROVED = 5
    REJECTED = 6
    ANNOUNCED = 7
    DECIDED = 8
    SERVED = 9
    LISTED = 10
    ENDED = 11
    CLOSED = 12


class Opinion(IntEnum):
    """What is said where a step has an opinion; the numbers are those of the wire."""

    NONE = 0
    AGREE = 1
    DISAGREE = 2


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that a step rests on.

    Attributes:
        sha256: Digest of its bytes, hexadecimal.
        title: What it is.
        proves: Condition or input that it proves; empty for nothing in particular.
    """

    sha256: str
    title: str
    proves: str = ""


@dataclass(frozen=True, slots=True)
class DecidedTerm:
    """The term that a decision sets for a party, where the law leaves a choice to the authority.

    Attributes:
        party: Number of the party; 0, before it is decided, for all that have a choice.
        value: Whole number of the unit.
        unit: ``working_day``, ``day``, ``month`` or ``year``.
    """

    party: int
    value: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the ledger, or one to be.

    Attributes:
        kind: Which step.
        authority: Authority that acts; empty where the party does.
        caller: Caller that records it.
        person: Official who acts; empty where the system does.
        document_number: Document; empty for none.
        day: Civil day of the step.
        party: Number of the party that it is about; 0 for all.
        entry_id: Number of the entry that it is about; 0 for a step of the case.
        field: Number of the field of a joint review; 0 otherwise.
        opinion: Opinion, where there is one.
        addressee: Authority that the case is reported to.
        contents: Texts by their names.
        measures: Codes of measures.
        parties: Numbers of the parties that a decision lists.
        listing_date: First day of the listing that a decision sets.
        terms: Terms that a decision sets; none where the list leaves no choice.
        attachments: Evidence.
        by_party: Whether the party itself acts, by way of a portal.
        number: Place in the ledger; 0 before it is written.
        recorded_time: When it was recorded; none before.
    """

    kind: StepKind
    authority: str
    caller: str
    person: str = ""
    document_number: str = ""
    day: date
    party: int = 0
    entry_id: int = 0
    field: int = 0
    opinion: Opinion = Opinion.NONE
    addressee: str = ""
    contents: Mapping[str, str] = dataclasses.field(default_factory=dict)
    measures: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()
    listing_date: date | None = None
    terms: tuple[DecidedTerm, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    by_party: bool = False
    number: int = 0
    recorded_time: datetime | None = None

    @property
    def by_system(self) -> bool:
        """Say whether the service took it by itself: a line of its work, on the day it was done."""
        return self.caller == SYSTEM

    def term_of(self, party: int) -> DecidedTerm | None:
        """Give the term that a decision sets for a party; none where it sets none."""
        return next((term for term in self.terms if term.party == party), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whom a case is about.

    Attributes:
        subject_id: Number of the enterprise or person.
        person: Whether it is a person.
        role: Role for which a person is listed with the unit; empty otherwise.
        rule_ids: Circumstances that reach it.
    """

    subject_id: int
    person: bool
    role: str = ""
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a case was opened.

    Attributes:
        rule_id: Circumstance; empty for a nomination.
        zh: What it says, in Chinese.
        en: In English.
        citation: Clause that it comes from.
        record_ids: Records behind it.
    """

    rule_id: str
    zh: str
    en: str
    citation: str
    record_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCase:
    """A case without its ledger: what is fixed when it is opened.

    Attributes:
        case_id: Number of the case.
        list_key: The list.
        subject_id: Number of the enterprise or person.
        person: Whether it is a person.
        division: Division of the subject then; none if unknown.
        origin: How it was opened.
        authority: Authority that collected it.
        policy_id: List policy.
        policy_version: Its version.
        policy_digest: Its digest.
        evaluation_date: Day for which the rules were evaluated.
        procedure: Its requirements as they were.
        review_fields: Numbers of the fields that review jointly.
        reasons: Why it was opened.
        inputs: What the caller answered, by name of the input.
        parties: The subject first, then the persons listed with it.
        penalising_authorities: Authorities that made the final penalties behind it.
    """

    case_id: int
    list_key: ListKey
    subject_id: int
    person: bool
    division: int | None
    origin: Origin
    authority: str
    policy_id: str
    policy_version: str
    policy_digest: str
    evaluation_date: date
    procedure: ListProcedure
    review_fields: tuple[int, ...]
    reasons: tuple[Reason, ...]
    inputs: Mapping[str, int]
    parties: tuple[Party, ...]
    penalising_authorities: frozenset[str]

    @property
    def redlist(self) -> bool:
        """Say whether it is a case of a redlist."""
        return self.list_key.kind is ListKind.REDLIST

    @property
    def record_ids(self) -> frozenset[int]:
        """Give the records behind it."""
        return frozenset(number for reason in self.reasons for number in reason.record_ids)

    def records_of(self, subject_id: int) -> frozenset[int]:
        """Give the records that reach a party: of its circumstances, or all of a nomination."""
        own = {
            rule_id
            for party in self.parties
            if party.subject_id == subject_id
            for rule_id in party.rule_ids
        }
        return frozenset(
            number
            for reason in self.reasons
            if not own or reason.rule_id in own
            for number in reason.record_ids
        )
