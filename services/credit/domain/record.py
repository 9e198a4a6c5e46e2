"""Records: a header that all kinds share, and a body of each kind.

A body's attributes have the names of the columns that keep them. Sets are unordered and hold
nothing twice; amounts are whole fen, multiples whole hundredths.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar, Final

from services.credit.domain.codes import (
    AccidentLevel,
    AwardRank,
    Commitment,
    Field,
    Finding,
    HazardLevel,
    HonourKind,
    Liability,
    Misconduct,
    Occasion,
    Outcome,
    Procedure,
    RecordKind,
    RecordState,
    Reporting,
    Responsibility,
    Sanction,
    Severity,
    Supervision,
)
from services.credit.domain.identifiers import ENTERPRISE, PERSON, RECORD, name_of
from services.credit.domain.insurance import (
    Claim,
    Endorsement,
    InsuranceBody,
    InsurancePayment,
    InsurancePolicy,
    PreventionPlan,
    PreventionService,
)
from services.credit.domain.rules import spoken_name
from services.credit.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every record says, apart from whom it is about.

    Attributes:
        field: Field to which the record belongs.
        authority: Name of the authority that issued the document.
        document_number: Number of the document as printed.
        event_date: Civil day on which the fact happened.
        authority_code: Credit code of the authority; empty when unknown.
        document_item: Part of the document that the record is; empty for the whole.
        publish_date: Day on which it was made public; none when it was not.
        division: Where it happened (GB/T 2260); none where not given or not known.
        site_number: Number of the project, site or branch that it is about; none where it is about
            none.
    """

    field: Field
    authority: str
    document_number: str
    event_date: date
    authority_code: str = ""
    document_item: str = ""
    publish_date: date | None = None
    division: int | None = None
    site_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One visit of an authority (检查)."""

    kind: ClassVar[RecordKind] = RecordKind.INSPECTION

    occasion: Occasion = Occasion.UNSPECIFIED
    problems_found: bool = False
    report_record_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A violation that an authority found (违法行为)."""

    kind: ClassVar[RecordKind] = RecordKind.VIOLATION

    violation_code: int
    severity: Severity = Severity.UNSPECIFIED
    article: str = ""
    description: str = ""
    inspection_record_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """An administrative penalty (行政处罚)."""

    kind: ClassVar[RecordKind] = RecordKind.PENALTY

    sanctions: frozenset[Sanction]
    violation_code: int
    fine_fen: int = 0
    confiscated_fen: int = 0
    procedure: Procedure = Procedure.UNSPECIFIED
    violation_text: str = ""
    facts: str = ""
    basis: str = ""
    content: str = ""
    final_date: date | None = None
    performed_date: date | None = None
    valid_until_date: date | None = None
    publicity_end_date: date | None = None
    major: bool = False
    fine_multiple_hundredths: int | None = None
    violation_record_id: int | None = None
    accident_record_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """A step of a rectification, or a re-check of it (整改)."""

    kind: ClassVar[RecordKind] = RecordKind.RECTIFICATION

    target_record_id: int
    outcome: Outcome
    due_date: date | None = None
    recheck_level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A hazard (事故隐患)."""

    kind: ClassVar[RecordKind] = RecordKind.HAZARD

    level: HazardLevel
    description: str
    supervision: Supervision = Supervision.UNSPECIFIED
    due_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    """A work accident (生产安全事故).

    Attributes:
        level: Derived from deaths, injuries and loss when recorded; none before that.
        responsibility_share_bp: The subject's share in hundredths of a percent, 1–10,000; none
            where the finding apportions nothing by number.
    """

    kind: ClassVar[RecordKind] = RecordKind.ACCIDENT

    deaths: int = 0
    serious_injuries: int = 0
    direct_loss_fen: int = 0
    level: AccidentLevel | None = None
    liability: Liability = Liability.UNSPECIFIED
    reporting: Reporting = Reporting.UNSPECIFIED
    misconduct: frozenset[Misconduct] = frozenset()
    occurrence_time: datetime | None = None
    report_time: datetime | None = None
    investigation_approval_date: date | None = None
    description: str = ""
    responsibility: Responsibility = Responsibility.UNSPECIFIED
    responsibility_share_bp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Honour:
    """A standardisation level, commitment or award (荣誉与承诺)."""

    kind: ClassVar[RecordKind] = RecordKind.HONOUR

    honour_kind: HonourKind
    standardisation_level: int = 0
    award_rank: AwardRank = AwardRank.UNSPECIFIED
    commitment: Commitment = Commitment.UNSPECIFIED
    end_date: date | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report of a violation or hazard (举报); it has no place for who reported."""

    kind: ClassVar[RecordKind] = RecordKind.REPORT

    description: str
    finding: Finding = Finding.UNSPECIFIED
    handled_date: date | None = None


Body = (
    Inspection
    | Violation
    | Penalty
    | Rectification
    | Hazard
    | Accident
    | Honour
    | Report
    | InsuranceBody
)
"""What a record says of its kind."""

BODIES: Final[dict[RecordKind, type[Body]]] = {
    body.kind: body
    for body in (
        Inspection,
        Violation,
        Penalty,
        Rectification,
        Hazard,
        Accident,
        Honour,
        Report,
        InsurancePolicy,
        Endorsement,
        Claim,
        InsurancePayment,
        PreventionPlan,
        PreventionService,
    )
}
"""The body of every kind."""

BusinessKey = tuple[RecordKind, str, str, str]
"""Kind, authority, document number and document item: one record each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """A record as somebody wants it recorded."""

    subject: SubjectRef
    header: Header
    body: Body

    @property
    def key(self) -> BusinessKey:
        """Give the business key."""
        return business_key(self.header, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersession:
    """Why and when an edition ceased to be current.

    Attributes:
        time: Instant, UTC.
        revision: Revision that revised or revoked it.
        next_row_id: Row of the next edition; none when it was revoked.
        reason: Why.
        document_number: Document that ordered it.
    """

    time: datetime
    revision: int
    next_row_id: int | None
    reason: str
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition of a record.

    Attributes:
        row_id: Identifier of the edition.
        record_id: Identifier of the record, that of its first edition.
        number: Edition, from 1.
        subject_id: Number of the enterprise or person.
        person: Whether the subject is a person.
        header: Header as recorded.
        body: Body as recorded.
        recorded_revision: Revision that recorded it.
        recorded_time: Instant of that revision, UTC.
        superseded: How it ceased to be current; none while it is.
    """

    row_id: int
    record_id: int
    number: int
    subject_id: int
    person: bool
    header: Header
    body: Body
    recorded_revision: int
    recorded_time: datetime
    superseded: Supersession | None = None

    @property
    def name(self) -> str:
        """Give the record's identifier, for example ``r-100001``."""
        return name_of(RECORD, self.record_id)

    @property
    def subject_name(self) -> str:
        """Give the subject's identifier, for example ``e-100001``."""
        return name_of(PERSON if self.person else ENTERPRISE, self.subject_id)

    @property
    def state(self) -> RecordState:
        """Say whether the edition is current, revised or revoked."""
        if self.superseded is None:
            return RecordState.ACTIVE
        if self.superseded.next_row_id is None:
            return RecordState.REVOKED
        return RecordState.REVISED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A kind of reference from one record to another.

    Attributes:
        attribute: Attribute of the body that holds the other record's identifier.
        kinds: Kinds that the other record may be of.
        same_subject: Whether both must be about the same subject.
        same_authority: Whether both must be of the same authority, as an insurer's are.
    """

    attribute: str
    kinds: frozenset[RecordKind]
    same_subject: bool
    same_authority: bool = False


def _insured(attribute: str, kind: RecordKind) -> Reference:
    return Reference(
        attribute=attribute, kinds=frozenset({kind}), same_subject=True, same_authority=True
    )


_POLICY: Final = _insured("policy_record_id", RecordKind.INSURANCE_POLICY)

REFERENCES: Final[dict[RecordKind, tuple[Reference, ...]]] = {
    RecordKind.INSPECTION: (
        Reference(
            attribute="report_record_id",
            kinds=frozenset({RecordKind.REPORT}),
            # Who reports may name the wrong enterprise; the visit is made to the right one.
            same_subject=False,
        ),
    ),
    RecordKind.VIOLATION: (
        Reference(
            attribute="inspection_record_id",
            kinds=frozenset({RecordKind.INSPECTION}),
            # A visit to an enterprise finds violations of its contractors and its persons too.
            same_subject=False,
        ),
    ),
    RecordKind.PENALTY: (
        Reference(
            attribute="violation_record_id",
            kinds=frozenset({RecordKind.VIOLATION}),
            same_subject=True,
        ),
        Reference(
            attribute="accident_record_id",
            kinds=frozenset({RecordKind.ACCIDENT}),
            # An accident of one enterprise is punished on others and on persons too.
            same_subject=False,
        ),
    ),
    RecordKind.RECTIFICATION: (
        Reference(
            attribute="target_record_id",
            kinds=frozenset({RecordKind.VIOLATION, RecordKind.HAZARD}),
            same_subject=True,
        ),
    ),
    RecordKind.ENDORSEMENT: (_POLICY,),
    RecordKind.CLAIM: (
        _POLICY,
        Reference(
            attribute="accident_record_id",
            kinds=frozenset({RecordKind.ACCIDENT}),
            same_subject=True,
        ),
    ),
    RecordKind.INSURANCE_PAYMENT: (_POLICY, _insured("claim_record_id", RecordKind.CLAIM)),
    RecordKind.PREVENTION_PLAN: (_POLICY,),
    RecordKind.PREVENTION_SERVICE: (
        _POLICY,
        _insured("plan_record_id", RecordKind.PREVENTION_PLAN),
    ),
}
"""References that bodies hold, by kind; the other kinds hold none."""


def business_key(header: Header, body: Body) -> BusinessKey:
    """Give the key by which a document's part is recorded once."""
    return body.kind, header.authority, header.document_number, header.document_item


def references_of(body: Body) -> tuple[tuple[Reference, int], ...]:
    """List the references that a body holds, each with the identifier that it names."""
    return tuple(
        (reference, record_id)
        for reference in REFERENCES.get(body.kind, ())
        if (record_id := getattr(body, reference.attribute)) is not None
    )


def differing_fields(edition: Edition, header: Header, body: Body) -> tuple[str, ...]:
    """Name the fields in which an edition differs from a header and body of its kind.

    A division that is not given is the enterprise's own, and a level is derived; neither is
    compared, so that sending the same request again is never a difference.

    Returns:
        Paths in the order of the attributes, ``header.event_date``, ``penalty.fine``.
    """
    defaulted = frozenset({"division"}) if header.division is None else _NOTHING
    derived = _DERIVED.get(body.kind, _NOTHING)
    return (
        *_differing("header", edition.header, header, uncompared=defaulted),
        *_differing(body.kind.label, edition.body, body, uncompared=derived),
    )


# Private functions -----------------------------------------------------------

_NOTHING: Final = frozenset[str]()
_DERIVED: Final = {RecordKind.ACCIDENT: frozenset({"level"})}


def _differing(
    path: str, first: Header | Body, second: Header | Body, *, uncompared: Collection[str]
) -> list[str]:
    assert type(first) is type(second), "only equal kinds are compared"
    if first == second:
        return []
    return [
        f"{path}.{spoken_name(one.name)}"
        for one in fields(first)
        if one.name not in uncompared and getattr(first, one.name) != getattr(second, one.name)
    ]
