"""Repaired penalties as the engine sees them: from when, until when, whose grades change."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from models.remedies import RemedyRow, RepairRow
from services.common.database import Database
from services.engine.building import compile_policy
from services.engine.days import day_number
from services.engine.policy_file import read_policy
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.policies import load_vocabulary
from services.scoring.store.sql_store import SqlStore
from tests.fakes.scoring_facts import WRITER, FactWriter

DAY = date(2025, 6, 1)
REPAIRED = date(2025, 3, 1)
# A policy that stops counting a penalty from the day of its repair, because it says so.
POLICY = """
policy: test.repaired
kind: grade
title: {zh: 测试, en: test}
documentation: Counts penalties that are not repaired.
field: all
division: "000000"
versions:
  - version: "1"
    start_date: 2020-01-01
    end_date: null
    source:
      instrument: 测试
      document_number: 测试1号
      publish_date: 2020-01-01
      effective_date: 2020-01-01
      checked_date: 2026-11-22
      confidence: assumed
    indicators:
      penalties:
        records: penalty
        where: {not: {repaired_date: {on_or_before: as_of}}}
        window: ever
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {penalties: {at_most: 0}}}
        - {grade: B, when: true}
      beyond: clamp
      source: {article: 第二条, confidence: assumed}
"""


@pytest.fixture
def hand(database: Database) -> FactWriter:
    """Give a hand that writes facts."""
    return FactWriter(database)


@pytest.fixture
def vocabulary() -> Vocabulary:
    """Give the words of the policies."""
    return load_vocabulary(Path(__file__).parents[3] / "policies")


def repair(database: Database, record_id: int, subject_id: int) -> int:
    """Grant a repair as the credit service does, and give the revision."""
    with database.write(caller=WRITER, method="test") as write:
        remedy_id = write.new_id()
        write.connection.execute(
            insert(RemedyRow).values(
                remedy_id=remedy_id,
                kind=2,
                record_id=record_id,
                subject_id=subject_id,
                person=False,
                field=1,
                authority="局",
                document_number="罚1号",
                decision_date=date(2024, 3, 1),
                policy_id="cn.credit-repair",
                policy_version="1",
                policy_digest="0" * 64,
                recorded_revision=write.revision,
            )
        )
        write.connection.execute(
            insert(RepairRow).values(
                row_id=write.new_id(),
                remedy_id=remedy_id,
                record_id=record_id,
                subject_id=subject_id,
                repaired_date=REPAIRED,
                recorded_revision=write.revision,
            )
        )
        write.commit()
        return write.revision


def withdraw(database: Database) -> int:
    """Withdraw every repair, and give the revision."""
    with database.write(caller=WRITER, method="test") as write:
        write.connection.execute(
            update(RepairRow)
            .where(RepairRow.superseded_revision.is_(None))
            .values(superseded_revision=write.revision)
        )
        write.commit()
        return write.revision


def test_a_policy_stops_counting_a_penalty_from_the_day_of_its_repair(
    database: Database, hand: FactWriter, vocabulary: Vocabulary
) -> None:
    """Both sides of the day, before and after each write, with two penalties and one repair."""
    subject_id = hand.enterprise(credit_code="91110000600037341L")
    record_id = hand.record("penalty", subject_id, date(2024, 3, 1))
    store = SqlStore(database, FactColumns(vocabulary, database.dialect))
    policy = read_policy(POLICY.encode(), "test.yaml")
    plan = compile_policy(policy, policy.versions[0], vocabulary)
    needs = FactNeeds(attributes=plan.needs.attributes, records=plan.needs.records)
    recorded = database.point().revision
    granted = repair(database, record_id, subject_id)
    withdrawn = withdraw(database)

    def grade(as_of: date, revision: int) -> str:
        with store.read() as reading:
            population = reading.facts.population(
                [Subject(subject_id=subject_id, as_of=as_of)],
                needs,
                Viewpoint(as_of=as_of, revision=revision),
            )
        return plan.ladder[int(plan.run(population, day_number(as_of)).ranks()[0]) - 1]

    days = (date(2025, 2, 28), REPAIRED)
    assert [grade(day, recorded) for day in days] == ["B", "B"]
    assert [grade(day, granted) for day in days] == ["B", "A"]
    assert [grade(day, withdrawn) for day in days] == ["B", "B"]


def test_a_repair_and_its_withdrawal_make_a_grade_stale(
    database: Database, hand: FactWriter, vocabulary: Vocabulary
) -> None:
    """Kept and warm grades of the subject are evaluated again, of nobody else."""
    subject_id = hand.enterprise(credit_code="91110000600037341L")
    hand.enterprise(local=("test", "乙"))
    record_id = hand.record("penalty", subject_id, date(2024, 3, 1))
    store = SqlStore(database, FactColumns(vocabulary, database.dialect))
    before = database.point().revision
    granted = repair(database, record_id, subject_id)
    withdrawn = withdraw(database)

    with store.read() as reading:
        changed = [
            reading.facts.changed(before, granted, limit=10),
            reading.facts.changed(granted, withdrawn, limit=10),
            reading.facts.changed(withdrawn, withdrawn, limit=10),
        ]

    assert changed == [{subject_id}, {subject_id}, frozenset()]
