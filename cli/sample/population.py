"""The whole sample: enterprises, records, persons and changes, from a seed and a day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from cli.sample.codes import ENTERPRISE_PREFIX, TRADER_PREFIX, credit_code
from cli.sample.history import draw_character, write_history
from cli.sample.industries import INDUSTRIES, SERVICE_BODIES, TRADER_INDUSTRIES, Industry
from cli.sample.insurance import INSURERS, SampleInsurer, write_insurance
from cli.sample.ledger import Ledger, SampleEnterprise, SampleRecord, proto_date
from cli.sample.names import enterprise_name, trader_name
from cli.sample.places import BY_DIVISION, DISTRICTS, District
from cli.sample.stories import BY_NAME, MERGED_STORY, RENAMED_STORY, STORIES, tell
from safetycredit.credit.v1.enterprise_pb2 import (
    EnterpriseKind,
    EnterpriseProfile,
    EnterpriseState,
)
from safetycredit.credit.v1.person_pb2 import RoleKind

ENTERPRISES_DEFAULT: Final = 2_000
"""House decision: enough for every circumstance, and loaded in seconds."""

ENTERPRISES_MIN: Final = len(STORIES)
ENTERPRISES_MAX: Final = 900_000
"""Serials have six digits."""

SEED_DEFAULT: Final = 20190926
"""Day of 京政办发〔2019〕17号; any other number would do."""

HISTORY_YEARS: Final = 5

_FIRST_SERIAL: Final = 1_000
_YEAR_DAYS: Final = 365.25
_TRADERS_SHARE: Final = 0.08
_SERVICE_BODIES_SHARE: Final = 0.008
_RENAMED_SHARE: Final = 0.012
_MOVED_SHARE: Final = 0.006
_CLOSED_SHARE: Final = 0.005
_PERSONS_SHARE: Final = 0.03
_YOUNG_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class SampleChange:
    """A change of an enterprise, for UpdateEnterprise.

    Attributes:
        enterprise: Which.
        effective_date: From when.
        document_number: By which document.
        profile: What is true from then on; none if that stays.
        state: Its state from then on; 0 if that stays.
        successor: Credit code of the enterprise that it merged into; empty for none.
    """

    enterprise: SampleEnterprise
    effective_date: date
    document_number: str
    profile: EnterpriseProfile | None = None
    state: EnterpriseState = EnterpriseState.ENTERPRISE_STATE_UNSPECIFIED
    successor: str = ""


@dataclass(frozen=True, slots=True)
class SampleRole:
    """A person's part in an enterprise.

    Attributes:
        person: Number of the person, from 0.
        enterprise: Where.
        kind: What the person is there.
        start_date: Since when.
    """

    person: int
    enterprise: SampleEnterprise
    kind: RoleKind
    start_date: date


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented population.

    Attributes:
        seed: What it was made from.
        until: Its last day.
        enterprises: In the order of their serials.
        records: In the order of days; `document_numbers` has a number for each.
        document_numbers: In the same order.
        changes: What happened to enterprises themselves.
        roles: Who is what, persons numbered from 0.
        insurers: Who insures them; no part of the population.
    """

    seed: int
    until: date
    enterprises: tuple[SampleEnterprise, ...]
    records: tuple[SampleRecord, ...]
    document_numbers: tuple[str, ...]
    changes: tuple[SampleChange, ...]
    roles: tuple[SampleRole, ...]
    insurers: tuple[SampleInsurer, ...] = INSURERS


def make_sample(*, seed: int, until: date, enterprises: int = ENTERPRISES_DEFAULT) -> Sample:
    """Make a population; equal arguments make equal ones, to the byte.

    Args:
        seed: Any whole number.
        until: Last day of the history.
        enterprises: How many, stories included.
    """
    assert ENTERPRISES_MIN <= enterprises <= ENTERPRISES_MAX, "checked where it was typed"
    ledgers = [tell(story, until) for story in STORIES]
    clean = BY_NAME["clean"].credit_code
    for ledger in ledgers:
        if ledger.enterprise.credit_code == clean:
            write_insurance(_insurance_dice(seed, 0), ledger, always=True)
    changes = _story_changes(ledgers, until)
    roles = [role for ledger in ledgers for role in _story_roles(ledger)]
    for serial in range(_FIRST_SERIAL, _FIRST_SERIAL + enterprises - len(STORIES)):
        # Each enterprise has dice of its own: one more or less changes no other.
        dice = Random(f"{seed}/{serial}")  # noqa: S311 -- nothing secret depends on it.
        ledger = Ledger(_ordinary_enterprise(dice, serial, until), until)
        start = max(ledger.enterprise.founding_date, until - timedelta(days=_history_days()))
        founded = ledger.enterprise.profile
        character = draw_character(
            dice,
            industry_risk=ledger.enterprise.industry.risk,
            headcount=founded.headcount,
        )
        write_history(dice, ledger, character, start)
        ordinary = _ordinary_changes(dice, ledger)
        changes.extend(ordinary)
        # What has moved or closed is left without, so that nothing follows its end.
        if not ordinary:
            write_insurance(_insurance_dice(seed, serial), ledger)
        if dice.random() < _PERSONS_SHARE:
            roles.append(_principal(ledger.enterprise, len(roles)))
        ledgers.append(ledger)
    records = sorted(
        (record for ledger in ledgers for record in ledger.records),
        key=lambda record: (record.event_date, record.key),
    )
    return Sample(
        seed=seed,
        until=until,
        enterprises=tuple(ledger.enterprise for ledger in ledgers),
        records=tuple(records),
        document_numbers=_document_numbers(records),
        changes=tuple(changes),
        roles=tuple(roles),
    )


# Private functions -----------------------------------------------------------


def _insurance_dice(seed: int, serial: int) -> Random:
    # Dice of its own: the rest of an enterprise's history is the same without its insurance.
    return Random(f"{seed}/{serial}/insurance")  # noqa: S311 -- nothing secret depends on it.


def _history_days() -> int:
    return round(HISTORY_YEARS * _YEAR_DAYS)


def _ordinary_enterprise(dice: Random, serial: int, until: date) -> SampleEnterprise:
    district = dice.choices(DISTRICTS, [one.weight for one in DISTRICTS])[0]
    drawn = dice.random()
    trader = drawn < _TRADERS_SHARE
    choice: tuple[Industry, ...] = TRADER_INDUSTRIES if trader else INDUSTRIES
    if not trader and drawn < _TRADERS_SHARE + _SERVICE_BODIES_SHARE:
        choice = SERVICE_BODIES
    industry = dice.choices(choice, [one.weight for one in choice])[0]
    # Four in five have seen all five years; the others were founded on the way.
    young = dice.random() < _YOUNG_SHARE
    age_days = dice.randint(200, _history_days()) if young else dice.randint(1900, 9000)
    founding_date = until - timedelta(days=age_days)
    profile = EnterpriseProfile(
        name=(trader_name if trader else enterprise_name)(dice, district, industry),
        division=district.division,
        industry=industry.code,
        fields=industry.fields,
        kind=EnterpriseKind.ENTERPRISE_KIND_INDIVIDUAL_TRADER if trader else industry.kind,
        headcount=max(1, round(dice.lognormvariate(0.0, 0.9) * industry.headcount)),
        founding_date=proto_date(founding_date),
    )
    prefix = TRADER_PREFIX if trader else ENTERPRISE_PREFIX
    code = credit_code(prefix, district.division, serial)
    return SampleEnterprise(code, district, industry, profile, founding_date)


def _ordinary_changes(dice: Random, ledger: Ledger) -> list[SampleChange]:
    drawn = dice.random()
    enterprise, until = ledger.enterprise, ledger.until
    day = until - timedelta(days=dice.randint(30, 900))
    if day <= enterprise.founding_date or drawn >= _RENAMED_SHARE + _MOVED_SHARE + _CLOSED_SHARE:
        return []
    number = f"京市监变更〔{day.year}〕{enterprise.credit_code[-8:-1]}号"
    profile = EnterpriseProfile()
    profile.CopyFrom(enterprise.profile)
    if drawn < _RENAMED_SHARE:
        profile.name = enterprise_name(dice, enterprise.district, enterprise.industry)
        return [SampleChange(enterprise, day, number, profile)]
    if drawn < _RENAMED_SHARE + _MOVED_SHARE:
        profile.division = _another_district(dice, enterprise.district).division
        return [SampleChange(enterprise, day, number, profile)]
    last = max((record.event_date for record in ledger.records), default=day)
    if last >= until:
        return []
    state = EnterpriseState.ENTERPRISE_STATE_CLOSED
    return [SampleChange(enterprise, last + timedelta(days=1), number, None, state)]


def _another_district(dice: Random, district: District) -> District:
    others = [one for one in DISTRICTS if one.city == district.city and one != district]
    return dice.choice(others or [district])


def _story_changes(ledgers: list[Ledger], until: date) -> list[SampleChange]:
    by_code = {ledger.enterprise.credit_code: ledger.enterprise for ledger in ledgers}
    renamed = by_code[BY_NAME[RENAMED_STORY].credit_code]
    new_name, moved = EnterpriseProfile(), EnterpriseProfile()
    new_name.CopyFrom(renamed.profile)
    new_name.name = "北京样安达货运有限公司"
    moved.CopyFrom(new_name)
    moved.division = BY_DIVISION["110112"].division
    merged = by_code[BY_NAME[MERGED_STORY].credit_code]
    day = until - timedelta(days=400)
    return [
        SampleChange(renamed, until - timedelta(days=800), "京市监变更〔样〕1号", new_name),
        SampleChange(renamed, day, "京市监变更〔样〕2号", moved),
        SampleChange(
            merged,
            day,
            "京市监合并〔样〕1号",
            state=EnterpriseState.ENTERPRISE_STATE_MERGED,
            successor=BY_NAME["clean"].credit_code,
        ),
    ]


def _story_roles(ledger: Ledger) -> list[SampleRole]:
    serial = next(
        story.serial for story in STORIES if story.credit_code == ledger.enterprise.credit_code
    )
    # Two persons for each story, so that lists of persons have somebody to name.
    first = 2 * (serial - 1)
    kinds = (RoleKind.ROLE_KIND_PRINCIPAL, RoleKind.ROLE_KIND_DIRECTLY_RESPONSIBLE)
    return [
        SampleRole(first + place, ledger.enterprise, kind, ledger.enterprise.founding_date)
        for place, kind in enumerate(kinds)
    ]


def _principal(enterprise: SampleEnterprise, person: int) -> SampleRole:
    return SampleRole(person, enterprise, RoleKind.ROLE_KIND_PRINCIPAL, enterprise.founding_date)


def _document_numbers(records: list[SampleRecord]) -> tuple[str, ...]:
    """Count the documents of each authority and kind through each year."""
    counts: Counter[tuple[str, int]] = Counter()
    numbers = []
    for record in records:
        series = record.word, record.event_date.year
        counts[series] += 1
        numbers.append(f"{record.word}〔{record.event_date.year}〕{counts[series]}号")
    return tuple(numbers)
