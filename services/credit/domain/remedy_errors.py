"""Refusals of objections and repairs, each with the reason that answers carry.

Where a text of the law asks for what is missing, the facts name the clause.
"""

from services.common.errors import Category, SafetyCreditError


class RemedyUnknownError(SafetyCreditError):
    """No such objection or repair was known."""

    reason = "REMEDY_UNKNOWN"
    category = Category.NOT_FOUND


class EntryUnknownError(SafetyCreditError):
    """No such entry of a list was known."""

    reason = "ENTRY_UNKNOWN"
    category = Category.NOT_FOUND


class EntryCorrectedError(SafetyCreditError):
    """The entry was corrected: it never counted, and nothing of it is left."""

    reason = "ENTRY_CORRECTED"
    category = Category.PRECONDITION


class StepNotTodayError(SafetyCreditError):
    """A party dates its own step otherwise than today."""

    reason = "STEP_NOT_TODAY"
    category = Category.INVALID


class RemedyOpenError(SafetyCreditError):
    """Another remedy of the same kind about the same target is still open."""

    reason = "REMEDY_OPEN"
    category = Category.PRECONDITION


class StepOutOfOrderError(SafetyCreditError):
    """A step is not the next one."""

    reason = "STEP_OUT_OF_ORDER"
    category = Category.PRECONDITION


class StepBeforePreviousError(SafetyCreditError):
    """A step is dated before the one before it."""

    reason = "STEP_BEFORE_PREVIOUS"
    category = Category.PRECONDITION


class WrongAuthorityError(SafetyCreditError):
    """Another authority made the decision (谁认定、谁修复)."""

    reason = "WRONG_AUTHORITY"
    category = Category.PRECONDITION


class ExtensionNotProvidedError(SafetyCreditError):
    """No text lets the deciding authority extend its period."""

    reason = "EXTENSION_NOT_PROVIDED"
    category = Category.PRECONDITION


class ExtensionRepeatedError(SafetyCreditError):
    """The period for the decision was extended already; it is extended once."""

    reason = "EXTENSION_REPEATED"
    category = Category.PRECONDITION


class ExtensionTooLateError(SafetyCreditError):
    """The period for the decision was over, or the applicant was told after it."""

    reason = "EXTENSION_TOO_LATE"
    category = Category.PRECONDITION


class RepairTooEarlyError(SafetyCreditError):
    """The shortest publication period is not over."""

    reason = "REPAIR_TOO_EARLY"
    category = Category.PRECONDITION


class NotRepairableError(SafetyCreditError):
    """Credit repair is for penalties and blacklist entries."""

    reason = "NOT_REPAIRABLE"
    category = Category.PRECONDITION


class PublicationOverError(SafetyCreditError):
    """There is nothing left that a repair could end."""

    reason = "PUBLICATION_OVER"
    category = Category.PRECONDITION


class DutyNotPerformedError(SafetyCreditError):
    """Nobody recorded that every duty of the penalty was performed."""

    reason = "DUTY_NOT_PERFORMED"
    category = Category.PRECONDITION


class RelapsedError(SafetyCreditError):
    """Who wants a repair did something as grave since."""

    reason = "RELAPSED"
    category = Category.PRECONDITION


class BanRunsError(SafetyCreditError):
    """A ban from the trade or profession still runs."""

    reason = "BAN_RUNS"
    category = Category.PRECONDITION


class PeriodsUndefinedError(SafetyCreditError):
    """No policy on repairs was in force on the day."""

    reason = "PERIODS_UNDEFINED"
    category = Category.PRECONDITION
