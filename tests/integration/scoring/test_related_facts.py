"""Records of others that count for an enterprise: of its persons, and of those before it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import DeclarativeBase

from models.enterprises import GroupMembershipRow, SuccessionRow
from models.persons import RoleRow
from services.engine.days import UNKNOWN_DAY, day_date, day_number
from services.engine.population import RecordColumns
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.ports import FactNeeds, Scan
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.sql_store import SqlStore
from tests.fakes.list_rows import listing
from tests.fakes.scoring_facts import FactWriter

PRINCIPAL, DEPUTY, MERGED = 2, 3, 2
AS_OF = date(2025, 6, 1)


def write_row(
    hand: FactWriter,
    table: type[DeclarativeBase],
    values: Callable[[int], Mapping[str, Any]],
) -> int:
    """Write one row in a transaction of its own; give its number."""
    with hand._write() as write:  # noqa: SLF001 -- the hand has no word for these rows.
        number: int = write.new_id()
        row = {"row_id": number, "recorded_revision": write.revision, **values(number)}
        write.connection.execute(insert(table).values(**row))
        hand.token = write.commit()
    return number


def role(
    hand: FactWriter, person: int, enterprise: int, kind: int, start: date, end: date | None = None
) -> int:
    """Give a person a role in an enterprise."""
    return write_row(
        hand,
        RoleRow,
        lambda number: {
            "role_id": number,
            "person_id": person,
            "enterprise_id": enterprise,
            "kind": kind,
            "start_date": start,
            "end_date": end,
        },
    )


def merge(hand: FactWriter, old: int, new: int) -> None:
    """Merge an enterprise into another one on 1 July 2024."""
    write_row(
        hand,
        SuccessionRow,
        lambda _number: {
            "predecessor_id": old,
            "successor_id": new,
            "kind": MERGED,
            "effective_date": date(2024, 7, 1),
        },
    )


def belong(hand: FactWriter, member: int, group: int, start: date, end: date | None = None) -> int:
    """Make an enterprise a member of a group for a period."""
    return write_row(
        hand,
        GroupMembershipRow,
        lambda number: {
            "membership_id": number,
            "group_id": group,
            "member_id": member,
            "start_date": start,
            "end_date": end,
            "document_number": "集团1号",
            "authority": "市场监管局",
        },
    )


def loaded(store: SqlStore, vocabulary: Vocabulary, source: str) -> RecordColumns:
    """Load the records of a source for all enterprises, for some, and for each alone."""
    attributes = frozenset(vocabulary.record_attributes(source))
    needs = FactNeeds(attributes=frozenset(), records={source: attributes})
    with store.read() as reading:
        at = Viewpoint(reading.point.revision, AS_OF)
        chunk = reading.facts.chunk(Scan(limit=100, everybody=True), needs, at)
        numbers = chunk.subject_ids.tolist()
        some = reading.facts.chunk_of(numbers, needs, at).population
        subjects = list(reading.subjects.by_number(numbers, at).values())
        alone = [reading.facts.population([one], needs, at) for one in subjects]
    assert shown(some.records[source]) == shown(chunk.population.records[source])
    assert [
        (place, *row[1:]) for place, one in enumerate(alone) for row in shown(one.records[source])
    ] == shown(chunk.population.records[source])
    return chunk.population.records[source]


def shown(records: RecordColumns) -> list[tuple[int, int, date, int]]:
    """Give subject, record, day and what is said of the relation."""
    columns = records.columns
    extra = next(columns[one] for one in ("roles", "succession", "member") if one in columns)
    return [
        (subject, record, day_date(day), said)
        for subject, record, day, said in zip(
            records.subjects.tolist(),
            records.record_ids.tolist(),
            columns["event_date"].tolist(),
            extra.tolist(),
            strict=True,
        )
    ]


def test_persons_record_counts_where_the_person_had_a_role_on_its_day(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """The first day of a role counts, the day after its last does not; two roles are one row."""
    first, second = facts.enterprise(), facts.enterprise()
    person = facts.person()
    role(facts, person, first, PRINCIPAL, date(2024, 1, 1), date(2025, 1, 1))
    role(facts, person, first, DEPUTY, date(2024, 6, 1))
    role(facts, person, second, PRINCIPAL, date(2025, 1, 1))
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1))
    numbers = [facts.record("penalty", person, day, person=True) for day in days]

    records = loaded(store, vocabulary, "penalty@persons")

    assert shown(records) == [
        (0, numbers[1], days[1], 1 << PRINCIPAL),
        (0, numbers[2], days[2], 1 << PRINCIPAL | 1 << DEPUTY),
        (0, numbers[3], days[3], 1 << DEPUTY),
        (1, numbers[3], days[3], 1 << PRINCIPAL),
    ]


def test_role_that_was_taken_back_never_was(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """A role row that another one replaced is not looked at."""
    enterprise, person = facts.enterprise(), facts.person()
    number = role(facts, person, enterprise, PRINCIPAL, date(2024, 1, 1))
    facts.record("penalty", person, date(2024, 2, 1), person=True)
    with facts._write() as write:  # noqa: SLF001 -- the hand has no word for it.
        write.connection.execute(
            update(RoleRow)
            .where(RoleRow.row_id == number)
            .values(superseded_revision=write.revision)
        )
        facts.token = write.commit()

    records = loaded(store, vocabulary, "penalty@persons")

    assert shown(records) == []


def test_persons_violation_is_closed_by_its_own_rectification(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """The day of the first accepted rectification stands with the person's record too."""
    enterprise, person = facts.enterprise(), facts.person()
    role(facts, person, enterprise, PRINCIPAL, date(2024, 1, 1))
    closed = facts.record("violation", person, date(2024, 2, 1), person=True)
    facts.record("violation", person, date(2024, 2, 2), person=True)
    facts.record(
        "rectification", person, date(2024, 3, 1), person=True, outcome=3, target_record_id=closed
    )

    records = loaded(store, vocabulary, "violation@persons")

    days = records.columns["closed_date"].tolist()
    assert [None if day == UNKNOWN_DAY else day_date(day) for day in days] == [
        date(2024, 3, 1),
        None,
    ]


def test_persons_listing_counts_where_the_person_had_a_role_while_it_ran(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """From the later of both first days; of a role before or after the listing it does not."""
    own, joined, left, after = (facts.enterprise() for _ in range(4))
    person = facts.person()
    role(facts, person, own, PRINCIPAL, date(2020, 1, 1), date(2024, 6, 2))
    role(facts, person, own, DEPUTY, date(2019, 1, 1))
    role(facts, person, joined, PRINCIPAL, date(2025, 5, 31))
    role(facts, person, left, PRINCIPAL, date(2020, 1, 1), date(2024, 6, 1))
    role(facts, person, after, PRINCIPAL, date(2025, 6, 1))
    number = listing(facts, person, date(2024, 6, 1), date(2025, 6, 1))
    listing(facts, person, date(2024, 7, 1), None, state=EntryState.CORRECTED)

    records = loaded(store, vocabulary, "listing@persons")

    assert shown(records) == [
        (0, number, date(2024, 6, 1), 1 << PRINCIPAL | 1 << DEPUTY),
        (1, number, date(2025, 5, 31), 1 << PRINCIPAL),
    ]
    assert records.columns["list"].tolist() == [1, 1]
    assert [day_date(day) for day in records.columns["end_date"].tolist()] == [date(2025, 6, 1)] * 2
    assert records.columns["person"].tolist() == [person, person]


def test_predecessors_listing_counts_if_it_began_before_the_merger(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """One of the day before the merger, without an end, counts; one of that very day does not."""
    old, new = facts.enterprise(), facts.enterprise()
    merge(facts, old, new)
    before = listing(facts, old, date(2024, 6, 30), None)
    listing(facts, old, date(2024, 7, 1), None)

    records = loaded(store, vocabulary, "listing@predecessors")

    assert shown(records) == [(1, before, date(2024, 6, 30), MERGED)]


def test_predecessors_record_counts_from_before_the_merger(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """What the merged enterprise did before the successor's first day counts, later does not."""
    old, new = facts.enterprise(), facts.enterprise()
    merge(facts, old, new)
    before = facts.record("accident", old, date(2024, 6, 30), deaths=1)
    facts.record("accident", old, date(2024, 7, 1))
    facts.record("accident", new, date(2024, 8, 1))

    records = loaded(store, vocabulary, "accident@predecessors")

    assert shown(records) == [(1, before, date(2024, 6, 30), MERGED)]
    assert records.columns["deaths"].tolist() == [1]


def test_penalty_says_of_its_accident_what_field_it_was_of_and_what_was_done_after_it(
    store: SqlStore, facts: FactWriter, vocabulary: Vocabulary
) -> None:
    """What a penalty without a recorded accident does not say is the least number of its column."""
    enterprise, concealed, fled, transport = facts.enterprise(), 5, 1 << 3, 4
    accident = facts.record(
        "accident",
        enterprise,
        date(2024, 2, 1),
        reporting=concealed,
        misconduct=fled,
        field=transport,
    )
    facts.record("penalty", enterprise, date(2025, 1, 1), accident_record_id=accident)
    facts.record("penalty", enterprise, date(2025, 1, 2))
    names = ("accident_reporting", "accident_misconduct", "accident_event_date", "accident_field")
    needs = FactNeeds(records={"penalty": frozenset({"event_date", *names})})

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, AS_OF)
        chunk = reading.facts.chunk(Scan(limit=9), needs, at)

    columns = [chunk.population.records["penalty"].columns[name] for name in names]
    least = [int(np.iinfo(column.dtype).min) for column in columns]
    assert [column.tolist() for column in columns] == [
        [concealed, least[0]],
        [fled, least[1]],
        [day_number(date(2024, 2, 1)), least[2]],
        [transport, least[3]],
    ]
    assert vocabulary.record_attributes("penalty")["accident_misconduct"].optional


@pytest.mark.parametrize(
    "change", ["person's record", "person's listing", "role", "predecessor's record"]
)
def test_enterprise_is_written_about_with_those_it_answers_for(
    store: SqlStore, facts: FactWriter, change: str
) -> None:
    """A kept grade is looked at again when a record of others that counts for it is written."""
    enterprise, other, person = facts.enterprise(), facts.enterprise(), facts.person()
    role(facts, person, enterprise, PRINCIPAL, date(2024, 1, 1))
    merge(facts, other, enterprise)
    since = store.point()
    if change == "role":
        role(facts, person, enterprise, DEPUTY, date(2024, 2, 1))
    elif change == "person's listing":
        listing(facts, person, date(2024, 2, 1), None)
    elif change == "person's record":
        facts.record("penalty", person, date(2024, 2, 1), person=True)
    else:
        facts.record("penalty", other, date(2024, 2, 1))

    changes = store.changes(since, store.point(), limit=10)

    assert changes.subject_ids is not None
    assert enterprise in changes.subject_ids
