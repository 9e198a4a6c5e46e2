"""What the law of credit repair says of one case: values, never numbers of ours.

The store reads them from the policy of kind ``repair`` (policies/cn/credit-repair.yaml).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from services.common.errors import SafetyCreditError


class DishonestyClass(IntEnum):
    """How grave what was done is (失信程度); sets the publication periods."""

    MINOR = 1
    GENERAL = 2
    SERIOUS = 3

    @property
    def wording(self) -> str:
        """Give the word of the law."""
        return ("轻微", "一般", "严重")[self - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Where a value comes from.

    Attributes:
        instrument: Title of the instrument.
        document_number: Its document number.
        article: Article, paragraph and item.
        publish_date: Day of publication.
        effective_date: Day from which it is in force.
        checked_date: Day on which somebody last compared the value with it.
        confidence: ``text-seen``, ``secondary`` or ``assumed``.
    """

    instrument: str
    document_number: str
    article: str
    publish_date: date | None
    effective_date: date | None
    checked_date: date | None
    confidence: str

    def __str__(self) -> str:
        """Cite it."""
        number = f"（{self.document_number}）" if self.document_number else ""
        return f"《{self.instrument}》{number}{self.article}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Version of the policy.

    Attributes:
        policy_id: Identifier.
        version: Version.
        digest: Digest of its file.
        start_date: First day in force.
        end_date: Day after the last; none while it has no end.
    """

    policy_id: str
    version: str
    digest: str
    start_date: date
    end_date: date | None

    def in_force(self, day: date) -> bool:
        """Say whether the version was in force on a day."""
        return self.start_date <= day < (self.end_date or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureLaw:
    """Periods and conditions of the procedure.

    Attributes:
        basis: Version.
        acceptance_days: Working days to accept or decline an application.
        decision_days: Working days to decide it once it is accepted.
        extension_days: Working days by which that period may be extended once; 0 for not at all.
        sharing_days: Working days to share the result.
        objection_days: Working days to decide an objection.
        correction_days: Working days to correct what an upheld objection found wrong.
        performance_required: Whether every duty must have been performed.
        commitment_required: Whether a public commitment must have been made.
        same_authority_required: Whether the authority that decided must repair.
        relapse_class: Lowest class of a penalty by which one relapses, and is not repaired; 0 for
            none.
        ban_excludes: Whether nothing is repaired while a ban from the trade or profession runs.
        clauses: Clause of each of these, by its name here.
    """

    basis: Basis
    acceptance_days: int
    decision_days: int
    extension_days: int
    sharing_days: int
    objection_days: int
    correction_days: int
    performance_required: bool
    commitment_required: bool
    same_authority_required: bool
    clauses: Mapping[str, Clause]
    relapse_class: int = 0
    ban_excludes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationLaw:
    """Class of one case, and its publication periods.

    Attributes:
        basis: Version.
        dishonesty: Class.
        class_wording: What makes it so, in Chinese; empty for what nothing makes graver.
        earliest_date: First day on which a repair may be applied for.
        end_date: Day after the longest period.
        withdrawal_restarts_term: Whether the term runs anew once a repair is withdrawn.
        class_clause: Where the class comes from.
        period_clause: Where the periods come from.
    """

    basis: Basis
    dishonesty: DishonestyClass
    class_wording: str
    earliest_date: date
    end_date: date
    withdrawal_restarts_term: bool
    class_clause: Clause
    period_clause: Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableLaw:
    """A version that cannot be applied to a case; others can.

    Attributes:
        basis: Version.
        refusal: Why, for whom it matters.
    """

    basis: Basis
    refusal: SafetyCreditError


CaseLaw = PublicationLaw | UnusableLaw
"""What a version says of one case."""


def applied(law: CaseLaw) -> PublicationLaw:
    """Give what a version says of one case, where it matters.

    Raises:
        SafetyCreditError: It cannot be applied.
    """
    if isinstance(law, UnusableLaw):
        raise law.refusal
    return law
