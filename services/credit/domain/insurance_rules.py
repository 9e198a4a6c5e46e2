"""What insurance records must fulfil, as tables: what is impossible is refused, nothing more.

A limit under the law's floor or too few persons insured are facts all the same; the policies find
them.
"""

from typing import Any, Final

from services.credit.domain.codes import PaymentKind, RecordKind
from services.credit.domain.insurance import (
    Claim,
    Endorsement,
    InsurancePayment,
    InsurancePolicy,
)
from services.credit.domain.rules import (
    EVENT_DATE,
    Moment,
    Rule,
    amount,
    not_before_event,
    not_in_future,
    number,
    text,
)

_PERSONS_MAX: Final = 10_000_000
_YUAN_MAX: Final = 10**10
_AGGREGATE_YUAN_MAX: Final = 10**11
_SERVICES_MAX: Final = 1_000
_NAME: Final = 100
_SHORT: Final = 1_000
_LONG: Final = 4_000


def _amount_above_zero(attribute: str, yuan_max: int) -> tuple[Rule[Any], ...]:
    """Want an amount above zero up to whole yuan; a missing one passes."""
    return (
        Rule(
            attribute,
            "AMOUNT_NOT_ABOVE_ZERO",
            "give more than 0 yuan",
            lambda value, _: _nothing(getattr(value, attribute)),
        ),
        Rule(
            attribute,
            "AMOUNT_TOO_LARGE",
            f"give at most {yuan_max} yuan",
            lambda value, _: (getattr(value, attribute) or 0) > yuan_max * 100,
        ),
    )


def _nothing(fen: int | None) -> bool:
    return fen is not None and fen <= 0


def _ends_before_it_starts(policy: InsurancePolicy, _moment: Moment) -> bool:
    return policy.end_date <= policy.start_date


def _ends_before_it_holds(endorsement: Endorsement, _moment: Moment) -> bool:
    return endorsement.end_date is not None and endorsement.end_date <= endorsement.effective_date


def _changes_cover(endorsement: Endorsement) -> bool:
    return any(
        value is not None
        for value in (
            endorsement.insured_headcount,
            endorsement.limit_per_person_fen,
            endorsement.aggregate_limit_fen,
            endorsement.end_date,
        )
    )


def _changes_nothing(endorsement: Endorsement, _moment: Moment) -> bool:
    return not (
        endorsement.cancelled or endorsement.premium_change_fen or _changes_cover(endorsement)
    )


def _cancelled_and_changed(endorsement: Endorsement, _moment: Moment) -> bool:
    return endorsement.cancelled and _changes_cover(endorsement)


def _lost_after_it_was_reported(claim: Claim, moment: Moment) -> bool:
    return claim.incurred_date > moment.event_date


def _claim_astray(payment: InsurancePayment, _moment: Moment) -> bool:
    return (
        payment.claim_record_id is not None and payment.payment_kind is not PaymentKind.COMPENSATION
    )


_CHANGES: Final = frozenset(
    {"insured_headcount", "limit_per_person_fen", "aggregate_limit_fen", "end_date"}
)

INSURER_RULES: Final[tuple[Rule[Any], ...]] = (
    Rule(
        "authority_code",
        "REQUIRED",
        "give the insurer's credit code; insurers are evaluated by it",
        lambda header, _: not header.authority_code,
    ),
)
"""What the header of an insurance record must fulfil besides what every header must."""

INSURANCE_RULES: Final[dict[RecordKind, tuple[Rule[Any], ...]]] = {
    RecordKind.INSURANCE_POLICY: (
        Rule(
            "end_date",
            "END_NOT_AFTER_START",
            "give a day after the first day of cover",
            _ends_before_it_starts,
            reads=frozenset({"start_date"}),
        ),
        *number("insured_headcount", 1, _PERSONS_MAX),
        *_amount_above_zero("limit_per_person_fen", _YUAN_MAX),
        *_amount_above_zero("aggregate_limit_fen", _AGGREGATE_YUAN_MAX),
        *_amount_above_zero("premium_fen", _YUAN_MAX),
        *text("plan_id", _NAME),
        *text("quote_id", _NAME),
        *text("basis", _SHORT),
    ),
    RecordKind.ENDORSEMENT: (
        Rule(
            "effective_date",
            "NOTHING_CHANGES",
            "say what changes from that day on, or that the policy is cancelled",
            _changes_nothing,
            reads=_CHANGES | {"premium_change_fen"},
        ),
        *number("insured_headcount", 1, _PERSONS_MAX),
        *_amount_above_zero("limit_per_person_fen", _YUAN_MAX),
        *_amount_above_zero("aggregate_limit_fen", _AGGREGATE_YUAN_MAX),
        Rule(
            "premium_change_fen",
            "AMOUNT_TOO_LARGE",
            f"give at most {_YUAN_MAX} yuan, added or returned",
            lambda value, _: abs(value.premium_change_fen) > _YUAN_MAX * 100,
        ),
        Rule(
            "end_date",
            "END_NOT_AFTER_START",
            "give a day after the effective date",
            _ends_before_it_holds,
            reads=frozenset({"effective_date"}),
        ),
        Rule(
            "cancelled",
            "CANCELLED_AND_CHANGED",
            "leave the other changes out: cover ends with the effective date",
            _cancelled_and_changed,
            reads=_CHANGES,
        ),
    ),
    RecordKind.CLAIM: (
        Rule(
            "incurred_date",
            "DATE_AFTER_EVENT",
            "give a day that is not after the claim was reported",
            _lost_after_it_was_reported,
            reads=frozenset({EVENT_DATE}),
        ),
        *amount("reserved_fen", _AGGREGATE_YUAN_MAX),
        *not_before_event("settled_date"),
        *not_in_future("settled_date"),
    ),
    RecordKind.INSURANCE_PAYMENT: (
        *_amount_above_zero("amount_fen", _AGGREGATE_YUAN_MAX),
        Rule(
            "claim_record_id",
            "CLAIM_ASTRAY",
            "name a claim for a compensation only",
            _claim_astray,
            reads=frozenset({"payment_kind"}),
        ),
    ),
    RecordKind.PREVENTION_PLAN: (
        *number("service_count", 1, _SERVICES_MAX),
        *not_before_event("due_date"),
        *amount("budget_fen", _YUAN_MAX),
    ),
    RecordKind.PREVENTION_SERVICE: (
        *text("place", _SHORT),
        *text("service_body", _NAME),
        *number("staff_count", 0, 10_000),
        *number("participant_count", 0, 1_000_000),
        *text("findings", _LONG),
        *number("hazard_count", 0, 100_000),
        *amount("cost_fen", _YUAN_MAX),
        *not_before_event("insurer_confirmed_date"),
        *not_in_future("insurer_confirmed_date"),
        *not_before_event("insured_confirmed_date"),
        *not_in_future("insured_confirmed_date"),
    ),
}
"""What the body of each kind must fulfil."""
