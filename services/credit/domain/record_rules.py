"""What the header and the body of every kind of record must fulfil, as tables.

Lengths and ranges are limits of the interface, stated beside each element of ``protos/``; nothing
here is a value that a policy may change.
"""

from typing import Any, Final
from zoneinfo import ZoneInfo

from services.credit.domain.codes import (
    AwardRank,
    Commitment,
    HonourKind,
    Liability,
    Outcome,
    RecordKind,
    Responsibility,
    Sanction,
)
from services.credit.domain.insurance_rules import INSURANCE_RULES
from services.credit.domain.record import Accident, Header, Honour, Penalty, Rectification
from services.credit.domain.rules import (
    EVENT_DATE,
    Moment,
    Rule,
    after_event,
    amount,
    instant_not_in_future,
    not_before_event,
    not_in_future,
    number,
    required_text,
    text,
)

DOCUMENT_CHARACTERS_MAX: Final = 100
REASON_CHARACTERS_MAX: Final = 1_000

_YUAN_MAX: Final = 10**10
_SITE_NUMBER_MAX: Final = 10**18 - 1
_LOSS_YUAN_MAX: Final = 10**11
_SHARE_BP_MAX: Final = 10_000
_LONG: Final = 4_000
_SHORT: Final = 1_000
_CIVIL_ZONE: Final = ZoneInfo("Asia/Shanghai")


def _occurred_on_another_day(accident: Accident, moment: Moment) -> bool:
    return (
        accident.occurrence_time is not None
        and accident.occurrence_time.astimezone(_CIVIL_ZONE).date() != moment.event_date
    )


def _reported_before_occurrence(accident: Accident, _moment: Moment) -> bool:
    return (
        accident.occurrence_time is not None
        and accident.report_time is not None
        and accident.report_time < accident.occurrence_time
    )


def _responsibility_astray(accident: Accident, _moment: Moment) -> bool:
    """Whether the words contradict the finding that the subject is liable, or is not."""
    if Responsibility.UNSPECIFIED is accident.responsibility:
        return False
    borne = accident.responsibility is not Responsibility.NONE
    return accident.liability is (Liability.NOT_LIABLE if borne else Liability.LIABLE)


def _share_astray(accident: Accident, _moment: Moment) -> bool:
    """Whether the number contradicts the finding or its words."""
    share_bp, words = accident.responsibility_share_bp, accident.responsibility
    if share_bp is None:
        return False
    if accident.liability is Liability.NOT_LIABLE or words is Responsibility.NONE:
        return True
    whole = share_bp == _SHARE_BP_MAX
    return words is not Responsibility.UNSPECIFIED and whole is not (words is Responsibility.FULL)


def _level_astray(honour: Honour, _moment: Moment) -> bool:
    standardisation = honour.honour_kind is HonourKind.STANDARDISATION
    return honour.standardisation_level not in ({1, 2, 3} if standardisation else {0})


def _rank_astray(honour: Honour, _moment: Moment) -> bool:
    award = honour.honour_kind is HonourKind.AWARD
    return award is (honour.award_rank is AwardRank.UNSPECIFIED)


def _commitment_astray(honour: Honour, _moment: Moment) -> bool:
    commitment = honour.honour_kind is HonourKind.COMMITMENT
    return commitment is (honour.commitment is Commitment.UNSPECIFIED)


def _fine_without_sanction(penalty: Penalty, _moment: Moment) -> bool:
    return penalty.fine_fen > 0 and Sanction.FINE not in penalty.sanctions


def _due_date_missing(rectification: Rectification, _moment: Moment) -> bool:
    return rectification.outcome is Outcome.ORDERED and rectification.due_date is None


HEADER_RULES: Final[tuple[Rule[Header], ...]] = (
    *required_text("authority", DOCUMENT_CHARACTERS_MAX),
    *required_text("document_number", DOCUMENT_CHARACTERS_MAX),
    *text("document_item", DOCUMENT_CHARACTERS_MAX),
    *not_in_future(EVENT_DATE),
    *not_before_event("publish_date"),
    *not_in_future("publish_date"),
    *number("site_number", 1, _SITE_NUMBER_MAX),
)
"""What the header of every record must fulfil."""

# A day that says what has happened is not in the future; the last day of a term may be.
BODY_RULES: Final[dict[RecordKind, tuple[Rule[Any], ...]]] = {
    RecordKind.INSPECTION: (),
    RecordKind.VIOLATION: (*text("article", _SHORT), *text("description", _LONG)),
    RecordKind.PENALTY: (
        Rule(
            "sanctions",
            "REQUIRED",
            "give at least one sanction",
            lambda penalty, _: not penalty.sanctions,
        ),
        *amount("fine_fen", _YUAN_MAX),
        Rule(
            "fine_fen",
            "FINE_WITHOUT_SANCTION",
            "name the fine among the sanctions, or give none",
            _fine_without_sanction,
            reads=frozenset({"sanctions"}),
        ),
        *amount("confiscated_fen", _YUAN_MAX),
        *text("violation_text", _SHORT),
        *text("facts", _LONG),
        *text("basis", _LONG),
        *text("content", _LONG),
        *not_before_event("final_date"),
        *not_in_future("final_date"),
        *not_in_future("performed_date"),
        *not_before_event("valid_until_date"),
        *not_before_event("publicity_end_date"),
        *number("fine_multiple_hundredths", 200, 500),
    ),
    RecordKind.RECTIFICATION: (
        Rule(
            "due_date",
            "REQUIRED",
            "give the last day of a rectification that is ordered",
            _due_date_missing,
            reads=frozenset({"outcome"}),
        ),
        *not_before_event("due_date"),
        *number("recheck_level", 0, 3),
    ),
    RecordKind.HAZARD: (
        *required_text("description", _LONG),
        *not_before_event("due_date"),
    ),
    RecordKind.ACCIDENT: (
        *number("deaths", 0, 10_000),
        *number("serious_injuries", 0, 100_000),
        *amount("direct_loss_fen", _LOSS_YUAN_MAX),
        Rule(
            "occurrence_time",
            "TIME_ON_ANOTHER_DAY",
            "give an instant on the event date in Asia/Shanghai",
            _occurred_on_another_day,
            reads=frozenset({EVENT_DATE}),
        ),
        *instant_not_in_future("occurrence_time"),
        *instant_not_in_future("report_time"),
        Rule(
            "report_time",
            "REPORT_BEFORE_OCCURRENCE",
            "give an instant that is not before the occurrence",
            _reported_before_occurrence,
            reads=frozenset({"occurrence_time"}),
        ),
        *not_before_event("investigation_approval_date"),
        *not_in_future("investigation_approval_date"),
        *text("description", _LONG),
        Rule(
            "responsibility",
            "RESPONSIBILITY_ASTRAY",
            "give none for an accident that the subject is not liable for, and another for one that"
            " it is liable for",
            _responsibility_astray,
            reads=frozenset({"liability"}),
        ),
        *number("responsibility_share_bp", 1, _SHARE_BP_MAX),
        Rule(
            "responsibility_share_bp",
            "SHARE_ASTRAY",
            f"give {_SHARE_BP_MAX} for full responsibility, less for a part, and leave it out for"
            " none",
            _share_astray,
            reads=frozenset({"liability", "responsibility"}),
        ),
    ),
    RecordKind.HONOUR: (
        Rule(
            "standardisation_level",
            "LEVEL_ASTRAY",
            "give a level from 1 to 3 for a standardisation, and none otherwise",
            _level_astray,
            reads=frozenset({"honour_kind"}),
        ),
        Rule(
            "award_rank",
            "RANK_ASTRAY",
            "give a rank for an award, and none otherwise",
            _rank_astray,
            reads=frozenset({"honour_kind"}),
        ),
        Rule(
            "commitment",
            "COMMITMENT_ASTRAY",
            "give the state of a commitment, and none otherwise",
            _commitment_astray,
            reads=frozenset({"honour_kind"}),
        ),
        *after_event("end_date"),
        *text("title", _SHORT),
    ),
    RecordKind.REPORT: (
        *required_text("description", _LONG),
        *not_before_event("handled_date"),
        *not_in_future("handled_date"),
    ),
    **INSURANCE_RULES,
}
"""What the body of each kind must fulfil."""
