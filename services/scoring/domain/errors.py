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


class RatePlanAmbiguousError(SafetyCreditError):
    """Several rate plans answer a question that names none."""

    reason = "RATE_PLAN_AMBIGUOUS"
    category = Category.PRECONDITION


class RateBoundsConflictError(SafetyCreditError):
    """Bounds of rates contradict each other."""

    reason = "RATE_BOUNDS_CONFLICT"
    category = Category.PRECONDITION


class QuoteUnknownError(SafetyCreditError):
    """There is no such quote, or it is another insurer's."""

    reason = "QUOTE_UNKNOWN"
    category = Category.NOT_FOUND


class QuoteWithoutPremiumError(SafetyCreditError):
    """A recommendation without a premium cannot be kept as a quote."""

    reason = "QUOTE_WITHOUT_PREMIUM"
    category = Category.PRECONDITION


class QuoteAlreadyBoundError(SafetyCreditError):
    """A policy was bound on the quote already."""

    reason = "QUOTE_ALREADY_BOUND"
    category = Category.PRECONDITION


class QuoteLapsedError(SafetyCreditError):
    """The quote holds no more."""

    reason = "QUOTE_LAPSED"
    category = Category.PRECONDITION


class PolicyNumberUsedError(SafetyCreditError):
    """The insurer confirmed another quote with the same policy number."""

    reason = "POLICY_NUMBER_USED"
    category = Category.CONFLICT


class StatementUnknownError(SafetyCreditError):
    """There is no such credit statement."""

    reason = "STATEMENT_UNKNOWN"
    category = Category.NOT_FOUND


class StatementWithoutGradeError(SafetyCreditError):
    """An enterprise without a grade has nothing to state."""

    reason = "STATEMENT_WITHOUT_GRADE"
    category = Category.PRECONDITION


class StatementWithdrawnError(SafetyCreditError):
    """The credit statement is withdrawn already."""

    reason = "STATEMENT_WITHDRAWN"
    category = Category.PRECONDITION


class ShareNotGivenError(SafetyCreditError):
    """A supervision policy names no share of a class to draw."""

    reason = "SHARE_NOT_GIVEN"
    category = Category.PRECONDITION


class DrawTooLargeError(SafetyCreditError):
    """A draw has more enterprises than one answer holds."""

    reason = "DRAW_TOO_LARGE"
    category = Category.OUT_OF_RANGE
