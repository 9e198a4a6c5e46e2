"""The closed sets of codes, with the numbers that are sent and stored.

The numbers equal those of the enumerations in ``protos/`` and of ``policies/vocabulary.yaml``; a
test holds that. Zero is a member only where "not given" may be stored.
"""

from enum import IntEnum
from typing import Final


class Field(IntEnum):
    """The fields that keep credit records of their own (朝政办发〔2019〕10号, item 22)."""

    WORK_SAFETY = 1
    FIRE = 2
    HOUSING_CONSTRUCTION = 3
    TRANSPORT = 4
    SPECIAL_EQUIPMENT = 5

    @property
    def label(self) -> str:
        """Give the name by which callers' scopes and policies know the field."""
        return self.name.lower()


class EnterpriseKind(IntEnum):
    """What a subject is (主体类别)."""

    PRODUCTION_UNIT = 1
    INDIVIDUAL_TRADER = 2
    ASSESSMENT_BODY = 3
    CERTIFICATION_BODY = 4
    TESTING_BODY = 5
    INSPECTION_BODY = 6


class EnterpriseState(IntEnum):
    """Whether an enterprise still exists (存续状态)."""

    ACTIVE = 1
    MERGED = 2
    SPLIT = 3
    CLOSED = 4


class RoleKind(IntEnum):
    """What a person is to an enterprise."""

    LEGAL_REPRESENTATIVE = 1
    PRINCIPAL = 2
    SAFETY_DEPUTY = 3
    SAFETY_MANAGER = 4
    DIRECTLY_RESPONSIBLE = 5
    LICENSED_PRACTITIONER = 6
    TECHNICAL_HEAD = 7
    DRIVER = 8


class RecordKind(IntEnum):
    """Kind of a record."""

    INSPECTION = 1
    VIOLATION = 2
    PENALTY = 3
    RECTIFICATION = 4
    HAZARD = 5
    ACCIDENT = 6
    HONOUR = 7
    REPORT = 8
    INSURANCE_POLICY = 9
    ENDORSEMENT = 10
    CLAIM = 11
    INSURANCE_PAYMENT = 12
    PREVENTION_PLAN = 13
    PREVENTION_SERVICE = 14

    @property
    def label(self) -> str:
        """Give the name by which requests and answers know the kind."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """Give the name by which messages and methods know the kind, ``InsurancePolicy``."""
        return self.name.title().replace("_", "")


class RecordState(IntEnum):
    """State of one edition of a record."""

    ACTIVE = 1
    REVISED = 2
    REVOKED = 3


class Occasion(IntEnum):
    """Why an inspection was made (检查类别)."""

    UNSPECIFIED = 0
    PLANNED = 1
    RANDOM = 2
    REPORT = 3
    RECHECK = 4
    CAMPAIGN = 5


class Severity(IntEnum):
    """How grave a violation is (情节)."""

    UNSPECIFIED = 0
    MINOR = 1
    GENERAL = 2
    SERIOUS = 3


class Sanction(IntEnum):
    """Kind of sanction (行政处罚法 art. 9)."""

    WARNING = 1
    CRITICISM = 2
    FINE = 3
    CONFISCATION = 4
    PERMIT_SUSPENSION = 5
    QUALIFICATION_DOWNGRADE = 6
    PERMIT_REVOCATION = 7
    ACTIVITY_RESTRICTION = 8
    STOP_PRODUCTION = 9
    CLOSURE = 10
    PRACTICE_RESTRICTION = 11
    DETENTION = 12
    OTHER = 13


class Procedure(IntEnum):
    """How a penalty was decided (处罚程序)."""

    UNSPECIFIED = 0
    SIMPLE = 1
    ORDINARY = 2


class Outcome(IntEnum):
    """Outcome of a step of a rectification (整改)."""

    ORDERED = 1
    REPORTED = 2
    ACCEPTED = 3
    REJECTED = 4


class HazardLevel(IntEnum):
    """How grave a hazard is (隐患级别)."""

    GENERAL = 1
    MAJOR = 2


class Supervision(IntEnum):
    """Government level that lists a hazard for supervision (挂牌督办)."""

    UNSPECIFIED = 0
    COUNTY = 1
    CITY = 2
    PROVINCE = 3
    NATIONAL = 4


class AccidentLevel(IntEnum):
    """Level of an accident (国务院令第493号 art. 3)."""

    GENERAL = 1
    LARGER = 2
    MAJOR = 3
    EXTRA_MAJOR = 4


class Liability(IntEnum):
    """Whether a subject is held responsible for an accident (责任认定)."""

    UNSPECIFIED = 0
    LIABLE = 1
    NOT_LIABLE = 2


class Responsibility(IntEnum):
    """How much of the responsibility for an accident is a subject's (责任程度), least first.

    Source: 道路交通安全法实施条例 第九十一条.
    """

    UNSPECIFIED = 0
    NONE = 1
    SECONDARY = 2
    EQUAL = 3
    PRIMARY = 4
    FULL = 5


class Reporting(IntEnum):
    """How an accident was reported; late (迟报) is not concealed (瞒报)."""

    UNSPECIFIED = 0
    ON_TIME = 1
    LATE = 2
    OMITTED = 3
    FALSE = 4
    CONCEALED = 5


class Misconduct(IntEnum):
    """What was done wrong after an accident."""

    NO_RESCUE = 1
    LEFT_POST = 2
    FLED = 3
    DESTROYED_EVIDENCE = 4


class HonourKind(IntEnum):
    """What an honour is (荣誉与承诺)."""

    STANDARDISATION = 1
    COMMITMENT = 2
    AWARD = 3


class AwardRank(IntEnum):
    """Government level of an award (表彰级别)."""

    UNSPECIFIED = 0
    COUNTY = 1
    MUNICIPAL = 2
    PROVINCIAL = 3
    NATIONAL = 4


class Commitment(IntEnum):
    """Whether a commitment was kept (承诺履行情况)."""

    UNSPECIFIED = 0
    MADE = 1
    KEPT = 2
    BROKEN = 3


class Finding(IntEnum):
    """What the check of a report found (核查结论)."""

    UNSPECIFIED = 0
    CONFIRMED = 1
    UNCONFIRMED = 2


class Activity(IntEnum):
    """What an enterprise does besides what its industry says (申报活动)."""

    HAZARDOUS_CHEMICALS = 1
    LARGE_EVENTS = 2
    CROWDED_PLACE = 3


class InsuranceKind(IntEnum):
    """Kind of an insurance (险种)."""

    WORK_SAFETY_LIABILITY = 1
    EMPLOYERS_LIABILITY = 2


class PaymentKind(IntEnum):
    """What was paid for an insurance policy (保险收付)."""

    PREMIUM = 1
    COMPENSATION = 2
    PREMIUM_RETURN = 3


class PreventionItem(IntEnum):
    """Item of prevention services (事故预防服务项目; 安监总办〔2017〕140号)."""

    TRAINING = 1
    RISK_ASSESSMENT = 2
    STANDARDISATION = 3
    HAZARD_INSPECTION = 4
    EMERGENCY = 5
    TECHNOLOGY = 6
    OTHER = 7


INSURANCE_KINDS: Final = frozenset(
    {
        RecordKind.INSURANCE_POLICY,
        RecordKind.ENDORSEMENT,
        RecordKind.CLAIM,
        RecordKind.INSURANCE_PAYMENT,
        RecordKind.PREVENTION_PLAN,
        RecordKind.PREVENTION_SERVICE,
    }
)
"""Kinds of records whose authority is an insurer."""
