"""Facts on the tables against the plain model: equal at every revision, for every day."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.database import Database
from services.engine.population import Population
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.ports import FactNeeds, Reading, Scan
from services.scoring.domain.subject import (
    CreditCode,
    EnterpriseId,
    LocalIdentity,
    PersonId,
    SubjectRef,
)
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_facts import FactWriter, empty
from tests.fakes.scoring_histories import Step, histories, write
from tests.fakes.scoring_store import FakeStore

DAY = date(2025, 6, 1)
CODE = "91110000600037341L"


def everything(vocabulary: Vocabulary) -> FactNeeds:
    """Ask for every word that the vocabulary has."""
    return FactNeeds(
        attributes=frozenset(vocabulary.subject),
        records={kind: frozenset(words.attributes) for kind, words in vocabulary.kinds.items()},
    )


def same(found: Population, expected: Population) -> None:
    """Hold two populations against each other, column by column."""
    assert found.size == expected.size
    assert_columns(found.attributes, expected.attributes)
    for kind, records in expected.records.items():
        if kind not in found.records:
            # A kind without records may be left out.
            assert not records.record_ids.size
            continue
        other = found.records[kind]
        np.testing.assert_array_equal(other.record_ids, records.record_ids, err_msg=kind)
        np.testing.assert_array_equal(other.subjects, records.subjects, err_msg=kind)
        assert_columns(other.columns, records.columns)


def assert_columns(found: Any, expected: Any) -> None:  # noqa: ANN401 -- mappings of columns of any width.
    """Hold columns against each other, their widths too."""
    assert set(found) == set(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column, err_msg=name)
        assert found[name].dtype == column.dtype, name


def tell(hand: Any) -> None:  # noqa: ANN401 -- either hand that writes.
    """Write a history with something of everything."""
    first = hand.enterprise(credit_code=CODE, division=110105, industry="C26")
    second = hand.enterprise(local=("test", "甲"), division=None, industry=None, headcount=None)
    person = hand.person()
    violation = hand.record(
        "violation", first, date(2024, 3, 1), severity=3, violation_code=7, publish_date=DAY
    )
    hazard = hand.record("hazard", second, date(2024, 1, 5), level=2, due_date=date(2024, 2, 1))
    early = hand.record(
        "rectification", first, date(2024, 5, 1), outcome=3, target_record_id=violation
    )
    hand.record("rectification", first, date(2024, 6, 1), outcome=3, target_record_id=violation)
    hand.record("rectification", first, date(2024, 2, 1), outcome=4, target_record_id=violation)
    # A rectification by another subject closes nothing.
    hand.record("rectification", first, date(2024, 2, 1), outcome=3, target_record_id=hazard)
    penalty = hand.record(
        "penalty",
        first,
        date(2024, 7, 1),
        sanctions=0b1010,
        fine_fen=2**40,
        major=True,
        final_date=date(1969, 12, 31),
        fine_multiple_hundredths=250,
        division=320600,
    )
    hand.record("penalty", person, date(2024, 7, 1), person=True)
    hand.record("penalty", second, date(2024, 7, 1), field=2)
    hand.record("accident", second, date(2023, 7, 1), deaths=3, misconduct=0b100)
    hand.record("honour", second, date(2023, 7, 1), end_date=date(2099, 12, 31))
    hand.record("inspection", second, date(2023, 7, 2), problems_found=True)
    hand.record("report", second, date(2023, 7, 3), finding=1, handled_date=DAY)
    hand.change(first, date(2025, 1, 1), division=320612, industry="G54", headcount=7)
    hand.change(second, date(2030, 1, 1), name="改名有限公司", headcount=9)
    hand.revise(penalty, event_date=date(2024, 8, 1), fine_fen=5)
    hand.revoke(early)


def populations(reading: Reading, at: Viewpoint, needs: FactNeeds) -> list[Population]:
    """Load the same facts by every way there is."""
    facts = reading.facts
    chunk = facts.chunk(Scan(limit=100, everybody=True), needs, at)
    numbers = chunk.subject_ids.tolist()
    subjects = list(reading.subjects.by_number(numbers, at).values())
    return [
        chunk.population,
        facts.chunk(Scan(limit=100, persons=True), needs, at).population,
        facts.chunk(Scan(limit=1), needs, at).population,
        facts.chunk(Scan(limit=5, wanted=EnterpriseFilter(field=1)), needs, at).population,
        facts.chunk_of(numbers[::-1], needs, at).population,
        facts.population(subjects[::-1], needs, at),
        *(facts.population([subject], needs, at) for subject in subjects),
    ]


@pytest.mark.parametrize(
    "as_of",
    [
        pytest.param(date(2009, 1, 1), id="before-every-period"),
        pytest.param(date(2024, 12, 31), id="last-day-of-a-period"),
        pytest.param(date(2025, 1, 1), id="first-day-of-the-next"),
        pytest.param(DAY, id="every-revision"),
        pytest.param(date(2031, 1, 1), id="after-every-change"),
    ],
)
def test_every_way_to_load_facts_says_what_the_model_says(
    store: SqlStore, facts: FactWriter, model: FakeStore, vocabulary: Vocabulary, as_of: date
) -> None:
    """At every revision, one, some, a stretch and all give the model's columns."""
    tell(facts)
    tell(model)
    needs = everything(vocabulary)

    with store.read() as reading, model.read() as expected:
        last = reading.point.revision
        assert last == expected.point.revision
        # Every revision on one day, and every day at the last revision.
        for revision in range(1, last + 1) if as_of == DAY else (last,):
            at = Viewpoint(revision, as_of)
            pairs = zip(
                populations(reading, at, needs), populations(expected, at, needs), strict=True
            )
            for found, wanted in pairs:
                same(found, wanted)


def test_subjects_are_found_by_every_name(
    store: SqlStore, facts: FactWriter, model: FakeStore
) -> None:
    """Code, local identity and number lead to one subject, and to nothing before it was known."""
    tell(facts)
    tell(model)
    numbers = [2**20, 2 * 2**20, 3 * 2**20]
    refs: list[SubjectRef] = [
        CreditCode(CODE),
        CreditCode("91110000000000000X"),
        LocalIdentity("test", "甲"),
        LocalIdentity("other", "甲"),
        *(EnterpriseId(number) for number in numbers),
        *(PersonId(number) for number in numbers),
    ]

    with store.read() as reading, model.read() as expected:
        for revision in (1, 2, 3, reading.point.revision):
            at = Viewpoint(revision, DAY)
            found = reading.subjects.find(refs, at)
            assert found == expected.subjects.find(refs, at)
        by_number = reading.subjects.by_number([*numbers, 99], at)
        assert by_number == expected.subjects.by_number([*numbers, 99], at)
    assert found[LocalIdentity("test", "甲")].changes_on({"headcount"}) == date(2030, 1, 1)
    assert found[PersonId(numbers[2])].name == "王＊"


def test_days_on_which_attributes_change_are_those_of_the_subjects(
    store: SqlStore, facts: FactWriter
) -> None:
    """Only enterprises whose attribute changes later have a day; a new name is no attribute."""
    tell(facts)
    first, second = 2**20, 2 * 2**20

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, date(2024, 6, 1))
        numbers = [first, second]
        assert reading.subjects.changes_on(numbers, {"division", "state"}, at) == {
            first: date(2025, 1, 1)
        }
        assert reading.subjects.changes_on(numbers, {"headcount"}, at) == {
            first: date(2025, 1, 1),
            second: date(2030, 1, 1),
        }
        assert reading.subjects.changes_on(numbers, {"kind"}, at) == {}
        assert reading.subjects.changes_on(numbers, set(), at) == {}


def test_changed_subjects_are_those_written_about(
    store: SqlStore, facts: FactWriter, model: FakeStore
) -> None:
    """Between any two revisions the tables name the subjects that the model names."""
    tell(facts)
    tell(model)

    with store.read() as reading, model.read() as expected:
        last = reading.point.revision
        for after in range(last + 1):
            for until in range(after, last + 1):
                found = reading.facts.changed(after, until, limit=10)
                assert found == expected.facts.changed(after, until, limit=10)
        assert reading.facts.changed(0, last, limit=2) is None
        assert len(reading.facts.changed(0, last, limit=3) or ()) == 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(EnterpriseFilter(), 4, id="all"),
        pytest.param(EnterpriseFilter(division="110000"), 2, id="province"),
        pytest.param(EnterpriseFilter(division="110100"), 2, id="city"),
        pytest.param(EnterpriseFilter(division="110105"), 1, id="district"),
        pytest.param(EnterpriseFilter(division="320600"), 1, id="another-city"),
        pytest.param(EnterpriseFilter(industry="C"), 3, id="section"),
        pytest.param(EnterpriseFilter(industry="C26"), 2, id="industry"),
        pytest.param(EnterpriseFilter(industry="C2611"), 1, id="class"),
        pytest.param(EnterpriseFilter(field=2), 1, id="field"),
        pytest.param(EnterpriseFilter(division="110000", industry="C26", field=1), 1, id="and"),
    ],
)
def test_filters_take_in_what_lies_below(
    store: SqlStore, facts: FactWriter, wanted: EnterpriseFilter, expected: int
) -> None:
    """A province takes in its districts, a section its classes; all filters must hold."""
    facts.enterprise(division=110105, industry="C2611", fields=0b10)
    facts.enterprise(division=110106, industry="C26", fields=0b100)
    facts.enterprise(division=320612, industry="C33", fields=0b10)
    facts.enterprise(division=None, industry=None, fields=0b10)

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, DAY)
        chunk = reading.facts.chunk(Scan(wanted=wanted, limit=9), FactNeeds(), at)

    assert chunk.subject_ids.size == expected


def test_stretches_follow_each_other_without_gap(store: SqlStore, facts: FactWriter) -> None:
    """Going on after the last number gives everybody once, persons among enterprises."""
    numbers = [facts.person() if position % 3 == 2 else facts.enterprise() for position in range(7)]
    found: list[int] = []

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, DAY)
        after = 0
        while stretch := reading.facts.chunk(
            Scan(after=after, limit=2, persons=True), FactNeeds(), at
        ).subject_ids.tolist():
            found.extend(stretch)
            after = stretch[-1]

    assert found == numbers


def test_a_filter_on_enterprises_keeps_the_persons_that_are_asked_for(
    store: SqlStore, facts: FactWriter
) -> None:
    """Persons have no division; who is one is said, stretch by stretch."""
    here, person, _ = facts.enterprise(), facts.person(), facts.enterprise(division=320613)
    last = facts.person()
    wanted = EnterpriseFilter(division="110000")

    with store.read() as reading:
        at = Viewpoint(reading.point.revision, DAY)
        first = reading.facts.chunk(Scan(wanted=wanted, limit=2, persons=True), FactNeeds(), at)
        rest = reading.facts.chunk(
            Scan(wanted=wanted, after=person, limit=2, persons=True), FactNeeds(), at
        )

    assert (first.subject_ids.tolist(), first.persons.tolist()) == ([here, person], [False, True])
    assert (rest.subject_ids.tolist(), rest.persons.tolist()) == ([last], [True])


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), as_of=st.dates(date(2023, 1, 1), date(2026, 12, 31)))
def test_random_histories_read_as_the_model_reads_them(
    database: Database,
    store: SqlStore,
    vocabulary: Vocabulary,
    clock: FixedClock,
    history: list[Step],
    as_of: date,
) -> None:
    """Whatever was recorded, revised and revoked, every revision reads the same in both."""
    empty(database)
    model = FakeStore(vocabulary, clock, database.point().revision)
    write(FactWriter(database), history)
    write(model, history)
    needs = everything(vocabulary)

    with store.read() as reading, model.read() as expected:
        last = reading.point.revision
        for revision in {(model.revision + last + 1) // 2, last}:
            at = Viewpoint(revision, as_of)
            scan = Scan(limit=100, everybody=True)
            found = reading.facts.chunk(scan, needs, at).population
            same(found, expected.facts.chunk(scan, needs, at).population)
