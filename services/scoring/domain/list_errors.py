"""Refusals of the lists' procedure; each that a clause asks for names the clause.

Messages and facts never hold a person's name.
"""

from datetime import date

from services.common.errors import Category, SafetyCreditError


class CaseUnknownError(SafetyCreditError):
    """No such case was known."""

    reason = "CASE_UNKNOWN"
    category = Category.NOT_FOUND


class EntryUnknownError(SafetyCreditError):
    """No such entry was known."""

    reason = "ENTRY_UNKNOWN"
    category = Category.NOT_FOUND


class RecordUnknownError(SafetyCreditError):
    """No such record of the subject was known."""

    reason = "RECORD_UNKNOWN"
    category = Category.NOT_FOUND


class AuthorityMissingError(SafetyCreditError):
    """The caller does not act for an authority."""

    reason = "AUTHORITY_MISSING"
    category = Category.DENIED


class OutOfScopeError(SafetyCreditError):
    """The subject lies outside the caller's divisions and fields."""

    reason = "OUT_OF_SCOPE"
    category = Category.DENIED


class NamesNotEntitledError(SafetyCreditError):
    """The caller may not see persons' names in full."""

    reason = "NAMES_NOT_ENTITLED"
    category = Category.DENIED


class ProcedureMissingError(SafetyCreditError):
    """The list policy has no procedure, or an incomplete one."""

    reason = "PROCEDURE_MISSING"
    category = Category.PRECONDITION


class WrongListError(SafetyCreditError):
    """A blacklist is asked to do what only a redlist does, or the other way round."""

    reason = "WRONG_LIST"
    category = Category.PRECONDITION


class NotACandidateError(SafetyCreditError):
    """No circumstance of the list is met."""

    reason = "NOT_A_CANDIDATE"
    category = Category.PRECONDITION


class FinalPenaltyMissingError(SafetyCreditError):
    """A case has no final penalty, or finding, among its records."""

    reason = "FINAL_PENALTY_MISSING"
    category = Category.PRECONDITION


class BasisUsedError(SafetyCreditError):
    """Every basis of a case stands behind an entry of the same party on the same list already."""

    reason = "BASIS_USED_ALREADY"
    category = Category.PRECONDITION


class BasisRepairedError(SafetyCreditError):
    """A credit repair was granted for every basis of a listing (信用修复)."""

    reason = "BASIS_REPAIRED"
    category = Category.PRECONDITION


class BasisStandsError(SafetyCreditError):
    """An entry is to be corrected whose basis stands, and no objection to it was upheld."""

    reason = "BASIS_STANDS"
    category = Category.PRECONDITION


class BasisOfOtherFieldError(SafetyCreditError):
    """No basis of a case is of the field of its list."""

    reason = "BASIS_OF_OTHER_FIELD"
    category = Category.PRECONDITION


class PolicyOfOtherPlaceError(SafetyCreditError):
    """The subject is in no division of the list policy."""

    reason = "POLICY_OF_OTHER_PLACE"
    category = Category.PRECONDITION


class AlreadyListedError(SafetyCreditError):
    """The subject is on the redlist that it applies for."""

    reason = "ALREADY_LISTED"
    category = Category.PRECONDITION


class ListingDateError(SafetyCreditError):
    """A decision lets a listing begin on a day on which it cannot."""

    reason = "LISTING_DATE_UNLAWFUL"
    category = Category.PRECONDITION


class TermOverError(SafetyCreditError):
    """The term of a listing ended before its publication."""

    reason = "TERM_OVER"
    category = Category.PRECONDITION


class TermNotChosenError(SafetyCreditError):
    """A decision leaves open a term within whose range the authority chooses."""

    reason = "TERM_NOT_CHOSEN"
    category = Category.PRECONDITION


class TermOutOfRangeError(SafetyCreditError):
    """A decision chooses a term outside its range, or in another unit."""

    reason = "TERM_OUT_OF_RANGE"
    category = Category.PRECONDITION


class TermFixedError(SafetyCreditError):
    """A decision chooses a term where there is nothing to choose."""

    reason = "TERM_FIXED"
    category = Category.PRECONDITION


class CaseOpenError(SafetyCreditError):
    """The subject has an open case of the same list."""

    reason = "CASE_OPEN_ALREADY"
    category = Category.PRECONDITION


class FieldUnclearError(SafetyCreditError):
    """It is not clear of which field a case is."""

    reason = "FIELD_OF_CASE_UNCLEAR"
    category = Category.INVALID


class InputUnknownError(SafetyCreditError):
    """The policy asks for no such input, or does not allow the value."""

    reason = "INPUT_UNKNOWN"
    category = Category.INVALID


class StepInFutureError(SafetyCreditError):
    """A step is dated after today."""

    reason = "STEP_IN_FUTURE"
    category = Category.INVALID


class StepNotTodayError(SafetyCreditError):
    """A party dates its own step otherwise than today."""

    reason = "STEP_NOT_TODAY"
    category = Category.INVALID


class StepMissingError(SafetyCreditError):
    """A step that must come first has not been taken."""

    reason = "STEP_MISSING"
    category = Category.PRECONDITION


class StepTooEarlyError(SafetyCreditError):
    """A step may not be taken yet."""

    reason = "STEP_TOO_EARLY"
    category = Category.PRECONDITION

    def __init__(self, step: str, earliest: date, *, clause: str, provisional: bool) -> None:
        """Name the day."""
        moving = (
            ", a day that may still move, once it is settled: add the holidays of its year to"
            " calendar.yaml"
            if provisional
            else ""
        )
        super().__init__(
            f"{step} may be taken from {earliest}{moving} ({clause or 'order of the steps'})",
            step=step,
            earliest_date=earliest,
            provisional=str(provisional).lower(),
            clause=clause,
        )


class StepRepeatedError(SafetyCreditError):
    """A step has been taken already."""

    reason = "STEP_REPEATED"
    category = Category.PRECONDITION


class PeriodOverError(SafetyCreditError):
    """A party's period has run out."""

    reason = "PERIOD_OVER"
    category = Category.PRECONDITION


class CaseOverError(SafetyCreditError):
    """The case is closed or published."""

    reason = "CASE_OVER"
    category = Category.PRECONDITION


class WrongAuthorityError(SafetyCreditError):
    """Another authority takes this step."""

    reason = "WRONG_AUTHORITY"
    category = Category.PRECONDITION


class ProposerMayNotApproveError(SafetyCreditError):
    """Who proposes may not approve."""

    reason = "PROPOSER_MAY_NOT_APPROVE"
    category = Category.PRECONDITION


class HearingNotProvidedError(SafetyCreditError):
    """The procedure of the list provides for no hearing."""

    reason = "HEARING_NOT_PROVIDED"
    category = Category.PRECONDITION


class InvestigatorMayNotPresideError(SafetyCreditError):
    """Who collected or reported a case may not preside at its hearing."""

    reason = "INVESTIGATOR_MAY_NOT_PRESIDE"
    category = Category.PRECONDITION


class ReviewDissentsError(SafetyCreditError):
    """A department of the joint review does not agree."""

    reason = "REVIEW_DISSENTS"
    category = Category.PRECONDITION


class ContentMissingError(SafetyCreditError):
    """A document lacks contents that it must have."""

    reason = "CONTENT_MISSING"
    category = Category.PRECONDITION


class PartyUnknownError(SafetyCreditError):
    """The case has no such party."""

    reason = "PARTY_UNKNOWN"
    category = Category.PRECONDITION


class OnOtherListError(SafetyCreditError):
    """The subject is on the other list of the field."""

    reason = "ON_OTHER_LIST"
    category = Category.PRECONDITION


class ConditionUnmetError(SafetyCreditError):
    """A condition is not met."""

    reason = "CONDITION_UNMET"
    category = Category.PRECONDITION


class EvidenceMissingError(SafetyCreditError):
    """A condition that needs evidence has none."""

    reason = "EVIDENCE_MISSING"
    category = Category.PRECONDITION


class EntryNotInForceError(SafetyCreditError):
    """The entry is not in a state for the step."""

    reason = "ENTRY_NOT_IN_FORCE"
    category = Category.PRECONDITION


class EarlyRemovalNotProvidedError(SafetyCreditError):
    """The procedure knows no early removal."""

    reason = "EARLY_REMOVAL_NOT_PROVIDED"
    category = Category.PRECONDITION


class EarlyRemovalExcludedError(SafetyCreditError):
    """A ban runs, so the entry may not be removed early."""

    reason = "EARLY_REMOVAL_EXCLUDED"
    category = Category.PRECONDITION
