"""Refusals of the scoring service, each with the reason that answers carry.

Messages and facts never hold a person's name, nor a local identity's value, which may be one.
"""

from services.common.errors import Category, SafetyCreditError


class SubjectUnknownError(SafetyCreditError):
    """No such enterprise or person was known."""

    reason = "SUBJECT_UNKNOWN"
    category = Category.NOT_FOUND


class PolicyUnknownError(SafetyCreditError):
    """No policy of the kind asked for, or no version of it, has that name."""

    reason = "POLICY_UNKNOWN"
    category = Category.NOT_FOUND


class PolicyNotInForceError(SafetyCreditError):
    """No policy applies on the day."""

    reason = "POLICY_NOT_IN_FORCE"
    category = Category.PRECONDITION


class KnownAtBeforeTokenError(SafetyCreditError):
    """A read wants a point before the one that its token demands."""

    reason = "KNOWN_AT_BEFORE_TOKEN"
    category = Category.INVALID


class PageOfAnotherPolicyError(SafetyCreditError):
    """A page token continues a list whose policy has been replaced."""

    reason = "PAGE_TOKEN_MISMATCH"
    category = Category.INVALID
