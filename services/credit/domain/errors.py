"""Refusals of the credit service, each with the reason that answers carry.

Messages and facts never hold a person's name or identity number, nor a local identity's value,
which may be a person's name.
"""

from services.common.errors import Category, SafetyCreditError


class SubjectUnknownError(SafetyCreditError):
    """No such enterprise or person was known."""

    reason = "SUBJECT_UNKNOWN"
    category = Category.NOT_FOUND


class RecordUnknownError(SafetyCreditError):
    """No such record was known."""

    reason = "RECORD_UNKNOWN"
    category = Category.NOT_FOUND


class RoleUnknownError(SafetyCreditError):
    """No such role was known."""

    reason = "ROLE_UNKNOWN"
    category = Category.NOT_FOUND


class EnterpriseDiffersError(SafetyCreditError):
    """The identity is registered already with another profile."""

    reason = "ENTERPRISE_DIFFERS"
    category = Category.CONFLICT


class PersonDiffersError(SafetyCreditError):
    """The identity number is registered already with another name."""

    reason = "PERSON_DIFFERS"
    category = Category.CONFLICT


class RecordDiffersError(SafetyCreditError):
    """The business key is recorded already with another header or body.

    Attributes:
        fields: Paths of what differs, ``header.event_date``, ``penalty.fine``.
    """

    reason = "RECORD_DIFFERS"
    category = Category.CONFLICT

    def __init__(self, message: str, *, fields: tuple[str, ...], **facts: object) -> None:
        """Keep the fields apart, and together as a fact."""
        super().__init__(message, fields=",".join(fields), **facts)
        self.fields = fields


class BeforeFirstPeriodError(SafetyCreditError):
    """A change of an enterprise lies before its first period."""

    reason = "BEFORE_FIRST_PERIOD"
    category = Category.PRECONDITION


class EnterpriseEndedError(SafetyCreditError):
    """The enterprise was merged or closed."""

    reason = "ENTERPRISE_ENDED"
    category = Category.PRECONDITION


class RoleOverlapsError(SafetyCreditError):
    """The person has a role of that kind there in the period."""

    reason = "ROLE_OVERLAPS"
    category = Category.PRECONDITION


class RoleEndedError(SafetyCreditError):
    """The role has ended."""

    reason = "ROLE_ENDED"
    category = Category.PRECONDITION


class MembershipUnknownError(SafetyCreditError):
    """No such membership in a group was known."""

    reason = "MEMBERSHIP_UNKNOWN"
    category = Category.NOT_FOUND


class MembershipOverlapsError(SafetyCreditError):
    """The enterprise belongs to that group in the period."""

    reason = "MEMBERSHIP_OVERLAPS"
    category = Category.PRECONDITION


class MembershipCircleError(SafetyCreditError):
    """The group belongs to that enterprise in the period, at one or more removes."""

    reason = "MEMBERSHIP_CIRCLE"
    category = Category.PRECONDITION


class MembershipEndedError(SafetyCreditError):
    """The membership has ended."""

    reason = "MEMBERSHIP_ENDED"
    category = Category.PRECONDITION


class OutOfScopeError(SafetyCreditError):
    """The subject lies outside the caller's divisions and fields."""

    reason = "OUT_OF_SCOPE"
    category = Category.DENIED


class RectificationOfAnotherSubjectError(SafetyCreditError):
    """A rectification names another subject's violation or hazard."""

    reason = "RECTIFICATION_OF_ANOTHER_SUBJECT"
    category = Category.PRECONDITION


class ReferenceOfAnotherSubjectError(SafetyCreditError):
    """A record names another subject's record where it must name its own."""

    reason = "REFERENCE_OF_ANOTHER_SUBJECT"
    category = Category.PRECONDITION


class ReferenceOfAnotherKindError(SafetyCreditError):
    """A record names a record of a kind that cannot stand there."""

    reason = "REFERENCE_OF_ANOTHER_KIND"
    category = Category.PRECONDITION


class ReferenceOfAnotherInsurerError(SafetyCreditError):
    """An insurance record names a record of another insurer."""

    reason = "REFERENCE_OF_ANOTHER_INSURER"
    category = Category.PRECONDITION


class NotTheInsurerError(SafetyCreditError):
    """An insurer reaches for records that are not its own."""

    reason = "NOT_THE_INSURER"
    category = Category.DENIED


class RecordRevokedError(SafetyCreditError):
    """The record was revoked."""

    reason = "RECORD_REVOKED"
    category = Category.PRECONDITION


class EditionOutdatedError(SafetyCreditError):
    """The record has moved on since the edition that the caller saw."""

    reason = "EDITION_OUTDATED"
    category = Category.ABORTED


class AccidentLevelUndefinedError(SafetyCreditError):
    """No policy on accident levels was in force on the day of an accident."""

    reason = "ACCIDENT_LEVEL_UNDEFINED"
    category = Category.PRECONDITION


class IdentityNumberUnreadableError(SafetyCreditError):
    """An identity number cannot be decrypted with the key that is set."""

    reason = "IDENTITY_NUMBER_UNREADABLE"
    category = Category.PRECONDITION


class KnownAtBeforeTokenError(SafetyCreditError):
    """A read wants a point before the one that its token demands."""

    reason = "KNOWN_AT_BEFORE_TOKEN"
    category = Category.INVALID
