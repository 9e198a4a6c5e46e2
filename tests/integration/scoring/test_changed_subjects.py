"""Whom a write wakes: everybody for whom it counts, whatever table it goes to."""

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Table, insert, update
from sqlalchemy.sql import visitors

import models
from models.metadata import Base
from services.common.database import WriteTransaction
from services.engine.vocabulary import Vocabulary
from services.scoring.store.fact_columns import FactColumns, Membership
from services.scoring.store.sql_store import SqlStore
from tests.fakes.scoring_facts import KINDS, WRITER, FactWriter
from tests.integration.scoring.test_related_facts import PRINCIPAL, belong, merge, role

DAY, LATER = date(2025, 1, 1), date(2026, 1, 1)
WAKES: Mapping[str, str] = {
    "group_memberships": "group_id",
    "enterprise_versions": "enterprise_id",
    "list_entries": "subject_id",
    "records": "subject_id",
    "repairs": "subject_id",
    "risk_predictions": "subject_id",
    "roles": "enterprise_id",
    "successions": "successor_id",
}
"""Tables of facts, each with the column that says whom a row is about."""

BODIES = {row.__tablename__ for _, row in KINDS.values()}
"""Tables of bodies: their rows are written with the header that wakes."""

STILL: Mapping[str, str] = {
    "enterprises": "the identity alone, and a new one has a version",
    "persons": "never changed, and nothing is on record of a new one",
    "revisions": "never changed: the day of entry of a record follows from its identifier",
    **dict.fromkeys(
        (
            *("policy_parents", "policy_proposal_files", "policy_proposal_steps"),
            *("policy_proposals", "policy_publications", "peer_tables"),
        ),
        "law and places among peers: `PolicyLibrary.last_change` wakes everybody",
    ),
    **dict.fromkeys(
        ("remedies", "remedy_evidence", "remedy_steps"),
        "what they change is a repair or another edition of a record",
    ),
    **dict.fromkeys(
        ("list_cases", "list_case_parties", "list_case_records", "list_case_steps"),
        "what they come to is an entry",
    ),
    **dict.fromkeys(("risk_models", "risk_model_steps"), "what they come to is a prediction"),
    **dict.fromkeys(
        (
            *("list_acknowledgements", "list_buckets", "list_changes", "list_heads"),
            *("list_versions", "list_shrink_approvals", "list_shrink_confirmations"),
        ),
        "published copies of entries, and who holds them",
    ),
    **dict.fromkeys(
        (
            *("grades", "grade_refreshes", "shadow_results", "shadow_standings", "simulations"),
            *("simulation_changes", "simulation_files", "quotes", "quote_confirmations"),
            *("credit_statements", "statement_keys", "statement_withdrawals"),
        ),
        "made of facts, and read by no policy",
    ),
    **dict.fromkeys(
        ("insurer_evaluations", "insurer_evaluation_steps", "measure_reports"),
        "read by no policy",
    ),
    **dict.fromkeys(("leases", "requests", "store"), "how the store itself works"),
    **dict.fromkeys(
        ("list_upkeep_dues", "list_upkeep_failures", "list_upkeep_marks"),
        "how far the upkeep of the lists came, and what it could not do",
    ),
}
"""Tables a row of which concerns no subject by itself, each with the reason."""


def written(write: WriteTransaction, table: Table, **given: Any) -> None:  # noqa: ANN401 -- values of columns.
    """Write a row that says nothing in particular, with what it refers to."""
    values: dict[str, Any] = dict(given)
    for column in table.columns:
        if column.name in values or column.nullable:
            continue
        python_type = column.type.python_type
        if column.name.endswith("_id") and python_type is int:
            values[column.name] = write.new_id()
        elif column.name == "recorded_revision":
            values[column.name] = write.revision
        else:
            texts = {str: f"{write.new_id()}", bytes: b"", date: DAY}
            values[column.name] = texts.get(python_type) or python_type()
        for key in column.foreign_keys:
            number = values[column.name]
            written(write, key.column.table, **{key.column.name: number})
    write.connection.execute(insert(table).values(**values))


def recorded(hand: FactWriter, table: Table, subject: int, **given: Any) -> None:  # noqa: ANN401 -- values of columns.
    """Write a row about a subject."""
    whose = {WAKES[table.name]: subject, **given}
    with hand.database.write(caller=WRITER, method="test") as write:
        written(write, table, **whose)
        write.commit()


def superseded(hand: FactWriter, table: Table, subject: int) -> None:
    """Supersede what was written about a subject."""
    with hand.database.write(caller=WRITER, method="test") as write:
        write.connection.execute(
            update(table)
            .where(table.c[WAKES[table.name]] == subject)
            .values(superseded_revision=write.revision)
        )
        write.commit()


def test_every_table_has_a_decision() -> None:
    """Whoever adds a table says whom its rows wake, or why they need not."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")
    decided = [*WAKES, *BODIES, *STILL]

    assert sorted(decided) == sorted(Base.metadata.tables)
    for name in BODIES:
        (key,) = Base.metadata.tables[name].primary_key
        assert [one.target_fullname for one in key.foreign_keys] == ["records.row_id"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_policies_read_tables_that_wake_alone(store: SqlStore, vocabulary: Vocabulary) -> None:
    """No statement that reads facts for a policy reads a table whose rows wake nobody."""
    columns: FactColumns = store.columns
    relations = ["", *(f"@{name}" for name in vocabulary.relations)]
    sources = [f"{kind}{relation}" for kind in vocabulary.kinds for relation in relations]

    read = {
        part.name
        for source in sources
        for statement in [
            columns.records(
                source, frozenset(vocabulary.record_attributes(source)), Membership.ONE
            ).statement
        ]
        for part in visitors.iterate(statement)
        if isinstance(part, Table)
    }

    assert read - {"revisions"} <= {*WAKES, *BODIES}
    assert {"records", "repairs", "risk_predictions", "list_entries", "roles"} <= read


@pytest.mark.parametrize("name", sorted(WAKES))
def test_a_write_wakes_all_for_whom_it_counts(
    store: SqlStore, facts: FactWriter, name: str
) -> None:
    """A row about a subject, or of whom it answers for; nobody else, and not a revision later."""
    table = Base.metadata.tables[name]
    other, unit, employer, old, new = (facts.enterprise() for _ in range(5))
    person = facts.person()
    role(facts, person, employer, PRINCIPAL, DAY)
    merge(facts, old, new)
    group, member = facts.enterprise(), facts.enterprise()
    belong(facts, member, group, DAY)
    given: dict[str, Any] = {}
    if name == "roles":
        given = {"person_id": facts.person()}
    elif name == "successions":
        given = {"predecessor_id": other}
    elif name == "group_memberships":
        given = {"member_id": other}
    elif name == "risk_predictions":
        given = {"end_date": LATER}
    cases = [(unit, {unit}), (old, {old, new}), (member, {member, group})]
    if table.c[WAKES[name]].foreign_keys == set():
        cases.append((person, {person, employer}))

    for subject, woken in cases:
        before = facts.point().revision
        recorded(facts, table, subject, **given)
        assert changed(store, before) == woken
        if "superseded_revision" in table.c:
            before = facts.point().revision
            superseded(facts, table, subject)
            assert changed(store, before) == woken
        facts.person()
        assert changed(store, facts.point().revision - 1) == set()


def changed(store: SqlStore, since: int) -> set[int]:
    """Give who was written about after a revision."""
    with store.read() as reading:
        return {*(reading.facts.changed(since, reading.point.revision, limit=10) or ())}
