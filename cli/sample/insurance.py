"""Insurance of the sample: three invented insurers, their policies, plans and services."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from cli.sample.codes import ENTERPRISE_PREFIX, credit_code
from cli.sample.ledger import Insurer, Ledger, SampleRecord, proto_date, yuan
from cli.sample.places import WORK_SAFETY
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseProfile
from safetycredit.credit.v1.record_pb2 import (
    Claim,
    Endorsement,
    InsuranceKind,
    InsurancePayment,
    InsurancePolicy,
    PreventionItem,
    PreventionPlan,
    PreventionService,
    RecordBody,
)

_DIVISION: Final = "110102"
_FIRST_SERIAL: Final = 990_001
_FOUNDED: Final = date(2001, 1, 1)
_YEAR: Final = timedelta(days=365)
# The floor of the limit per person rose with 应急〔2025〕27号.
_RISEN: Final = date(2025, 3, 29)
_COMPULSORY: Final = ("B", "C26", "E", "F5169", "F5265", "G53", "G54", "G5942")
_INSURED_SHARE: Final = 0.78
_INSURED_SHARE_ELSEWHERE: Final = 0.1
_PLAN: Final = "cn.beijing.xicheng.insurance-rate"
_SERVED: Final = frozenset({"110102", "110105", "320613"})
"""House decision: services are written down where somebody looks at them, to load quickly."""

_ITEMS: Final = (
    PreventionItem.PREVENTION_ITEM_TRAINING,
    PreventionItem.PREVENTION_ITEM_HAZARD_INSPECTION,
)


@dataclass(frozen=True, slots=True)
class SampleInsurer:
    """An invented insurer.

    Attributes:
        insurer: As its documents name it.
        diligence: Share of the services planned that it does.
        spending: Share of the premium that it spends on them.
        profile: As it is registered.
    """

    insurer: Insurer
    diligence: float
    spending: float
    profile: EnterpriseProfile


def _sample_insurer(
    place: int, name: str, mark: str, *, zeal: tuple[float, float]
) -> SampleInsurer:
    profile = EnterpriseProfile(
        name=name,
        division=_DIVISION,
        industry="J6820",
        fields=[WORK_SAFETY],
        founding_date=proto_date(_FOUNDED),
    )
    code = credit_code(ENTERPRISE_PREFIX, _DIVISION, _FIRST_SERIAL + place)
    return SampleInsurer(Insurer(name, code, mark), *zeal, profile)


INSURERS: Final = (
    _sample_insurer(0, "样安财产保险股份有限公司北京分公司", "样安", zeal=(0.96, 0.15)),
    _sample_insurer(1, "样泰财产保险股份有限公司北京分公司", "样泰", zeal=(0.8, 0.12)),
    _sample_insurer(2, "样和财产保险股份有限公司北京分公司", "样和", zeal=(0.45, 0.24)),
)
"""One that does what it plans, one that does most of it, and one that spends more than it may."""

INSURERS_SINCE: Final = _FOUNDED
"""First day of the insurers' first period."""


def write_insurance(dice: Random, ledger: Ledger, *, always: bool = False) -> None:
    """Insure an enterprise for up to two years, or leave it without cover.

    Args:
        dice: Of its own, so that nothing else of the sample hangs on it.
        ledger: Where it is written down.
        always: Whether it is insured in any case, as it should be.
    """
    industry = ledger.enterprise.industry.code
    share = _INSURED_SHARE if industry.startswith(_COMPULSORY) else _INSURED_SHARE_ELSEWHERE
    drawn = dice.random()
    if not always and drawn >= share:
        return
    chosen = dice.choices(INSURERS, (50, 35, 15))[0]
    first = ledger.until - timedelta(days=dice.randint(380, 690))
    if always:
        chosen, first = INSURERS[0], ledger.until - timedelta(days=500)
    # Some let it lapse, some renew late.
    gap = dice.choices((0, 25, 75, 9_999), (86, 4, 3, 7))[0]
    starts = (first, first + _YEAR + timedelta(days=0 if always else gap))
    for start in starts:
        _Cover(dice, ledger, chosen, start, always).write()


@dataclass(frozen=True, slots=True)
class _Cover:
    """One year of cover."""

    dice: Random
    ledger: Ledger
    insurer: SampleInsurer
    start: date
    right: bool

    def write(self) -> None:
        """Write down the policy and everything that goes with it."""
        issued = self.start - timedelta(days=self.dice.randint(3, 20))
        if issued < self.ledger.enterprise.founding_date:
            return
        headcount = self.ledger.enterprise.profile.headcount
        few = not self.right and self._chance(0.12)
        insured = max(1, headcount * 7 // 10) if few else headcount
        limit = 400_000 if self.start >= _RISEN else 300_000
        if not self.right and self._chance(0.05):
            limit = 250_000
        premium = insured * self.dice.randint(180, 420)
        policy = self._add(
            RecordBody(
                insurance_policy=InsurancePolicy(
                    insurance_kind=InsuranceKind.INSURANCE_KIND_WORK_SAFETY_LIABILITY,
                    start_date=proto_date(self.start),
                    end_date=proto_date(self.start + _YEAR),
                    insured_headcount=insured,
                    limit_per_person=yuan(limit),
                    aggregate_limit=yuan(limit * min(max(insured, 5), 20)),
                    premium=yuan(premium),
                    plan_id=_PLAN,
                )
            ),
            issued,
        )
        self._pay(policy, issued + timedelta(days=3), premium)
        if few and self._chance(0.5):
            self._endorse(policy, headcount, premium)
        if self.ledger.enterprise.district.division in _SERVED:
            for item in _ITEMS:
                self._plan(policy, item, premium)
        self._claims(policy)

    def _pay(self, policy: str, day: date, premium: int) -> None:
        payment = InsurancePayment(
            payment_kind=InsurancePayment.PAYMENT_KIND_PREMIUM, amount=yuan(premium)
        )
        self._add(RecordBody(insurance_payment=payment), day, policy_record_id=policy)

    def _endorse(self, policy: str, headcount: int, premium: int) -> None:
        day = self.start + timedelta(days=self.dice.randint(40, 200))
        change = Endorsement(
            effective_date=proto_date(day),
            insured_headcount=headcount,
            premium_change=yuan(premium // 5),
        )
        self._add(RecordBody(endorsement=change), day, policy_record_id=policy)

    def _plan(self, policy: str, item: PreventionItem, premium: int) -> None:
        made = self.start + timedelta(days=10)
        budget = premium * 15 // 200
        plan = PreventionPlan(
            item=item,
            service_count=2,
            due_date=proto_date(self.start + timedelta(days=364)),
            budget=yuan(budget),
        )
        key = self._add(RecordBody(prevention_plan=plan), made, policy_record_id=policy)
        for place in range(2):
            if not self._chance(self.insurer.diligence):
                continue
            day = made + timedelta(days=60 + 150 * place + self.dice.randint(0, 40))
            cost = _fen(premium, self.insurer.spending)
            service = PreventionService(
                item=item,
                place=self.ledger.enterprise.profile.name,
                staff_count=2,
                participant_count=min(self.ledger.enterprise.profile.headcount, 40),
                hazard_count=self.dice.randint(0, 4),
                cost=cost,
                insurer_confirmed_date=self._past(day + timedelta(days=1)),
                insured_confirmed_date=self._past(day + timedelta(days=self.dice.randint(1, 9))),
            )
            self._add(
                RecordBody(prevention_service=service),
                day,
                policy_record_id=policy,
                plan_record_id=key,
            )

    def _claims(self, policy: str) -> None:
        """Claim for every accident of the year."""
        for record in tuple(self.ledger.records):
            if record.kind == "accident" and self._covers(record):
                day = record.event_date + timedelta(days=2)
                claim = Claim(
                    incurred_date=proto_date(record.event_date),
                    reserved=yuan(50_000 + 350_000 * record.body.accident.deaths),
                    settled_date=self._past(day + timedelta(days=45)),
                )
                self._add(
                    RecordBody(claim=claim),
                    day,
                    policy_record_id=policy,
                    accident_record_id=record.key,
                )

    def _covers(self, record: SampleRecord) -> bool:
        return self.start <= record.event_date < self.start + _YEAR

    def _add(self, body: RecordBody, day: date, **refers: str) -> str:
        return self.ledger.add_insurance(body, day, insurer=self.insurer.insurer, refers=refers)

    def _past(self, day: date) -> Date | None:
        return self.ledger.past(day)

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share


# Private functions -----------------------------------------------------------


def _fen(premium: int, share: float) -> Money:
    """Give a quarter of what is spent of a premium, in whole yuan."""
    return yuan(round(premium * share / 4))
