"""Published law that this program would not take: applied as written, or refused alone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from models.policy_issuing import PolicyProposalRow, PolicyPublicationRow
from services.common.database import Database
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.credit.domain.codes import AccidentLevel, Field, Procedure, Sanction
from services.credit.domain.publication import publication_of
from services.credit.domain.record import Edition, Header, Penalty
from services.credit.domain.repair_law import (
    CaseLaw,
    DishonestyClass,
    UnusableLaw,
    applied,
)
from services.credit.store.policy_data import accident_levels
from services.credit.store.repair_law import PolicyRepairLaw, repair_laws
from services.engine.errors import PolicyUnusableError
from tests.fakes.clock import FixedClock
from tests.fakes.issued_law import levels_issued, periods_issued
from tests.fakes.scoring_policies import POLICIES

EVE, START, REPLACED = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 20)
WRITER = Caller(identity="wang", roles=frozenset({"policy_officer"}))
REPAIR, LEVEL = "cn.credit-repair", "cn.accident-level"
GENERAL, SERIOUS = DishonestyClass.GENERAL, DishonestyClass.SERIOUS

PERIODS = b"    tables:\n      periods:\n"
COUNTED = """    indicators:
      suspensions:
        records: penalty
        where: {WHERE}
        window: WINDOW
        measure: count
        unit: penalty
        source: {article: 第二条, confidence: assumed}
"""
LATER = periods_issued()[0].replace(b"2026-11-10", b"2026-11-20")

Publish = Callable[..., int]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Open an empty store."""
    opened = Database(sqlite_url, clock=FixedClock(datetime(2026, 11, 8, tzinfo=UTC)))
    yield opened
    opened.close()


@pytest.fixture
def publish(database: Database) -> Publish:
    """Publish bytes as an earlier program would have, whatever this one says of them."""

    def published(policy_id: str, content: bytes, version: str = "2026-11-10") -> int:
        digest = sha256(content).hexdigest()
        names: dict[str, Any] = {"policy_id": policy_id, "digest": digest}
        head = {"title_zh": "试", "title_en": "test", "division": "000000", "field": ""}
        with database.write(caller=WRITER, method="test") as transaction:
            write = OnceTransaction(transaction)
            number = write.new_id()
            names |= {"proposal_id": number, "recorded_revision": write.point.revision}
            proposed = {"versions": "[]", "content": content, "cases": b"", "start_date": START}
            transaction.connection.execute(
                insert(PolicyProposalRow).values(names | head | proposed)
            )
            transaction.connection.execute(
                insert(PolicyPublicationRow).values(names | {"version": version})
            )
            write.commit()
            return write.point.revision

    return published


def counting(where: str, window: str) -> bytes:
    """Write a law by which fines are serious, if an indicator counts them."""
    counted = COUNTED.replace("WHERE", where).replace("WINDOW", window).encode()
    content = periods_issued()[0]
    assert content.count(PERIODS) > 1
    head, _, tail = content.rpartition(PERIODS)
    return head + counted + PERIODS + tail


def fine(decided: date) -> Edition:
    """Give a fine of 60,000 yuan by ordinary procedure: general by the law of the project."""
    return Edition(
        row_id=5,
        record_id=5,
        number=1,
        subject_id=7,
        person=False,
        header=Header(
            field=Field.WORK_SAFETY,
            authority="北京市应急管理局",
            document_number="罚1号",
            event_date=decided,
            publish_date=decided,
        ),
        body=Penalty(
            sanctions=frozenset({Sanction.FINE}),
            violation_code=0,
            fine_fen=6_000_000,
            procedure=Procedure.ORDINARY,
        ),
        recorded_revision=1,
        recorded_time=datetime(2026, 11, 8, tzinfo=UTC),
    )


def said(law: PolicyRepairLaw, decided: date) -> Callable[[date], Sequence[CaseLaw]]:
    """Give what versions say of a fine, for periods that run from a day."""
    return lambda start_date: law.publications(fine(decided), start_date)


@pytest.mark.parametrize(
    ("content", "decided", "expected"),
    [
        pytest.param("window", date(2026, 11, 12), SERIOUS, id="window-own-day"),
        pytest.param("window", date(2023, 11, 11), SERIOUS, id="window-last-36-months"),
        pytest.param("window", date(2023, 11, 9), GENERAL, id="window-closed-before-the-law"),
        pytest.param("period", date(2024, 1, 1), SERIOUS, id="period-first-day"),
        pytest.param("period", date(2023, 12, 31), GENERAL, id="period-day-before"),
    ],
)
def test_a_case_is_judged_on_the_first_day_of_a_version_for_it(
    database: Database, publish: Publish, content: str, decided: date, expected: DishonestyClass
) -> None:
    """What an earlier program published says what it says on that day, not at the end of time."""
    within = "event_date: {on_or_after: {period_start: year, offset: -2}}"
    laws = {
        "window": counting("sanctions: {includes_any: [fine]}", "{last: {months: 36}}"),
        "period": counting(f"sanctions: {{includes_any: [fine]}}, {within}", "ever"),
    }
    revision = publish(REPAIR, laws[content])

    found = repair_laws(POLICIES, database).at(revision).publications(fine(decided), decided)

    assert [one.basis.version for one in found][-1] == "2026-11-10"
    assert applied(found[-1]).dishonesty is expected


UNUSABLE = [
    pytest.param(b"policy: [", id="bytes-that-nobody-reads"),
    pytest.param(periods_issued()[0].replace(b"combine: max", b"combine: most"), id="language"),
    pytest.param(counting("sanctions: {includes_any: [scolding]}", "ever"), id="vocabulary"),
    pytest.param(
        periods_issued()[0].replace(b"maximum_months: 24", b"maximum_months: 240000"), id="calendar"
    ),
]


@pytest.mark.parametrize("content", UNUSABLE)
def test_law_that_cannot_be_applied_is_refused_alone(
    database: Database, publish: Publish, content: bytes
) -> None:
    """What ended before it began is answered, and so is everything at the revision before."""
    revision, early, late = publish(REPAIR, content), date(2025, 1, 1), date(2026, 11, 12)
    laws = repair_laws(POLICIES, database)
    before, law = laws.at(revision - 1), laws.at(revision)

    found = law.publications(fine(late), late)

    assert [type(one) is UnusableLaw for one in found] == [False, False, True]
    assert [one.basis.end_date for one in found] == [date(2026, 4, 1), START, None]
    assert law.procedure(EVE, listed=False).acceptance_days == 3
    # Fifteen months were over when the law of 2026 began, whose twelve ended it on that day.
    ended = publication_of(fine(early), [], said(law, early), as_of=EVE)
    assert ended.end_date == date(2026, 4, 1)
    with pytest.raises(PolicyUnusableError) as refused:
        publication_of(fine(late), [], said(law, late), as_of=late)
    assert refused.value.facts == {"policy_id": REPAIR, "version": "2026-11-10"}
    known = publication_of(fine(late), [], said(before, late), as_of=late)
    assert known.end_date == date(2027, 11, 12)


def test_a_version_that_takes_its_place_answers(database: Database, publish: Publish) -> None:
    """From the day of the right version on, cases that ran through the other one are answered."""
    publish(REPAIR, UNUSABLE[1].values[0])
    revision = publish(REPAIR, LATER, "2026-11-20")
    law, decided = repair_laws(POLICIES, database).at(revision), date(2026, 10, 1)
    law_of = said(law, decided)

    # General by the right version: 24 months at most.
    answered = publication_of(fine(decided), [], law_of, as_of=REPLACED)
    assert answered.end_date == date(2028, 10, 1)
    with pytest.raises(PolicyUnusableError):
        publication_of(fine(decided), [], law_of, as_of=date(2026, 11, 19))


def test_levels_of_other_days_are_derived(database: Database, publish: Publish) -> None:
    """The log tells of the version, and accidents of before have the level that they had."""
    revision = publish(LEVEL, levels_issued()[0].replace(b"lookup: by_deaths", b"lookup: by_dead"))

    with capture_logs() as logs:
        levels = accident_levels(POLICIES, database).at(revision)

    told = {(log["event"], log.get("policy_id"), log.get("version")) for log in logs}
    assert told == {("published_law_unusable", LEVEL, "2026-11-10")}
    assert levels.level(3, 0, direct_loss_fen=0, event_date=EVE) is AccidentLevel.LARGER
    with pytest.raises(PolicyUnusableError):
        levels.level(3, 0, direct_loss_fen=0, event_date=START)
