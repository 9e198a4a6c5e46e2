"""What would lower a premium, and from when: found by rating, never by guess.

The facts with one record changed are one more enterprise of a population, so that everything that
could be done is rated in one run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from services.engine.days import NEVER, day_number
from services.engine.outlook import ADVERSE, CLOSING, Act
from services.engine.population import IntColumn, Population, RecordColumns, is_missing
from services.engine.vocabulary import split_source
from services.scoring.commands.rates.rate_plans import AppliedPlan
from services.scoring.commands.rates.rating import Rate, RatedColumns, rate_columns
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject

HORIZON_DAYS: Final = 3 * 366
"""House decision: how far ahead waiting is followed; longer than the windows of any plan seen."""

_STEPS_MAX: Final = 60
_RECORDS_MAX: Final = 200
"""House decision: records tried; the latest ones where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """Something that would lower the premium.

    Attributes:
        act: What has to happen.
        record_id: The record rectified or removed; none for waiting.
        kind: Its kind; empty for waiting.
        from_date: First rating day with the lower premium.
        premium_fen: Premium then.
        factor: Factor then; none where the plan has none.
    """

    act: Act
    record_id: int | None
    kind: str
    from_date: date
    premium_fen: int
    factor: Amount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedFacts:
    """What a rate was reckoned from.

    Attributes:
        applied: The plan and the bounds.
        subject: The enterprise.
        population: Its facts, a population of one.
        as_of: Rating day.
        given: Inputs that came with the question.
        rate: The rate.
        until: First day on which facts alone may change it, days since 1970-01-01.
    """

    applied: AppliedPlan
    subject: Subject
    population: Population
    as_of: date
    given: Mapping[str, int]
    rate: Rate
    until: int


def find_reliefs(facts: RatedFacts) -> tuple[Relief, ...]:
    """Find what would lower a premium.

    Waiting is followed to the first cheaper rating day, as long as the law and the enterprise stay
    what they are; every open adverse record is tried as rectified on the rating day, and every one
    as removed.

    Returns:
        Reliefs, lowest premium first, then earliest day, then record.
    """
    if facts.rate.premium_fen is None:
        return ()
    found = [*_waiting(facts), *_acts(facts)]
    return tuple(sorted(found, key=_order))


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """One record changed.

    Attributes:
        act: What happens to it.
        kind: Its kind.
        row: Its row among the records of its kind.
        record_id: Its identifier.
    """

    act: Act
    kind: str
    row: int
    record_id: int


def _order(relief: Relief) -> tuple[int, date, int, str]:
    return relief.premium_fen, relief.from_date, relief.record_id or 0, relief.act.value


def _waiting(facts: RatedFacts) -> Iterator[Relief]:
    number = facts.until
    last = facts.as_of + timedelta(days=HORIZON_DAYS)
    ends = [
        facts.applied.pinned.until,
        facts.applied.bounds_until,
        facts.subject.changes_on(facts.applied.pinned.deciding),
    ]
    last = min([last, *(end - timedelta(days=1) for end in ends if end is not None)])
    for _ in range(_STEPS_MAX):
        if number == NEVER or number > day_number(last):
            return
        day = date(1970, 1, 1) + timedelta(days=number)
        now = _rated(facts, facts.population, day, facts.given)
        (premium,) = now.premiums()
        if premium is not None and premium < _present(facts):
            yield _relief(facts, now, 0, change=_Change(Act.WAIT, "", 0, 0), day=day)
            return
        number = now.until(0)


def _acts(facts: RatedFacts) -> Iterator[Relief]:
    changes = list(_changes(facts))
    if not changes:
        return
    population = _scenarios(facts.population, changes, facts.as_of)
    given = {name: np.full(len(changes), value) for name, value in facts.given.items()}
    rated = _rated(facts, population, facts.as_of, given)
    for position, premium in enumerate(rated.premiums()):
        if premium is not None and premium < _present(facts):
            yield _relief(facts, rated, position, change=changes[position], day=facts.as_of)


def _present(facts: RatedFacts) -> int:
    assert facts.rate.premium_fen is not None, "asked only where there is a premium"
    return facts.rate.premium_fen


def _rated(
    facts: RatedFacts, population: Population, day: date, given: Mapping[str, Any]
) -> RatedColumns:
    return rate_columns(facts.applied, population, day, given=given, cover_start_date=None)


def _relief(
    facts: RatedFacts, rated: RatedColumns, position: int, *, change: _Change, day: date
) -> Relief:
    rate = rated.rate(position, facts.subject)
    assert rate.premium_fen is not None, "a relief has a premium"
    return Relief(
        act=change.act,
        record_id=change.record_id or None,
        kind=split_source(change.kind)[0],
        from_date=day,
        premium_fen=rate.premium_fen,
        factor=rate.factor,
    )


def _changes(facts: RatedFacts) -> Iterator[_Change]:
    sources = sorted(
        (ADVERSE.index(kind), source)
        for source in facts.population.records
        if (kind := split_source(source)[0]) in ADVERSE
    )
    for _, source in sources:
        yield from _changes_of(source, facts.population.records[source], day_number(facts.as_of))


def _changes_of(source: str, records: RecordColumns, as_of: int) -> Iterator[_Change]:
    closing = records.columns.get(CLOSING)
    for row in range(records.record_ids.size)[-_RECORDS_MAX:]:
        if int(records.columns["event_date"][row]) > as_of:
            continue
        record_id = int(records.record_ids[row])
        if closing is not None and (is_missing(closing)[row] or int(closing[row]) > as_of):
            yield _Change(Act.RECTIFY, source, row, record_id)
        yield _Change(Act.REMOVE, source, row, record_id)


def _scenarios(one: Population, changes: list[_Change], as_of: date) -> Population:
    """Give the same enterprise once for every change, each with its change made."""
    size = len(changes)
    attributes = {name: np.repeat(column, size) for name, column in one.attributes.items()}
    records = {
        kind: _repeated(kind, rows, changes, day_number(as_of))
        for kind, rows in one.records.items()
    }
    return Population(size, attributes, records)


def _repeated(
    kind: str, records: RecordColumns, changes: list[_Change], as_of: int
) -> RecordColumns:
    size, count = len(changes), records.record_ids.size
    columns: dict[str, IntColumn] = {
        name: np.tile(column, size) for name, column in records.columns.items()
    }
    kept = np.ones(size * count, dtype=np.bool_)
    for position, change in enumerate(changes):
        if change.kind != kind:
            continue
        place = position * count + change.row
        if change.act is Act.REMOVE:
            kept[place] = False
        else:
            columns[CLOSING][place] = as_of
    return RecordColumns(
        np.tile(records.record_ids, size)[kept],
        np.repeat(np.arange(size, dtype=np.int64), count)[kept],
        {name: column[kept] for name, column in columns.items()},
    )
