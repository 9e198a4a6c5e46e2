"""Objections and credit repair over the network: every step, on both databases."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

from datetime import date
from itertools import count
from typing import Any

from safetycredit.credit.v1 import credit_service_pb2, record_pb2
from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_calls import AUDITOR, EVERYWHERE
from tests.fakes.credit_remedies import (
    AUTHORITY,
    DECIDER,
    acceptance,
    application,
    decided,
    grant,
    publication,
    withdrawal,
)
from tests.fakes.credit_requests import (
    day,
    header,
    request_id,
)
from tests.fakes.credit_world import PRECONDITION, refused

_numbers = count(1)
R = service.Remedy
P = service.Publication
REVOKE = service.DecideObjectionRequest.OUTCOME_REVOKE
REVISE = service.DecideObjectionRequest.OUTCOME_REVISE
CORRECT = service.DecideObjectionRequest.OUTCOME_CORRECT_ENTRY


def day_of(value: Any) -> date:
    """Read a day of an answer."""
    return date(value.year, value.month, value.day)


def test_a_repair_walks_from_application_to_grant_and_ends_publication(bench: Bench) -> None:
    """Every step is kept with its day, its document and its evidence; publication ends."""
    record_id = bench.penalty()
    remedy_id = bench.applied(record_id, date=day(date(2026, 11, 2)))
    bench.call(acceptance(remedy_id, date=day(date(2026, 11, 5))))

    answer = bench.call(grant(remedy_id, date=day(date(2026, 11, 20))))

    states = [(one.state, day_of(one.date), one.late) for one in answer.remedy.steps]
    assert states == [
        (R.STATE_APPLIED, date(2026, 11, 2), False),
        # Three working days after Monday the 2nd; ten after Thursday the 5th end on the 19th.
        (R.STATE_ACCEPTED, date(2026, 11, 5), False),
        (R.STATE_GRANTED, date(2026, 11, 20), True),
    ]
    assert [day_of(one.due_date) for one in answer.remedy.steps[1:]] == [
        date(2026, 11, 5),
        date(2026, 11, 19),
    ]
    assert answer.remedy.steps[0].evidence[0].sha256 == "ab" * 32
    found = bench.published(record_id)
    assert (found.state, found.end, day_of(found.last_date)) == (
        P.STATE_ENDED,
        P.END_REPAIRED,
        date(2026, 11, 19),
    )


def test_publication_tells_its_class_and_days_and_carries_the_notice(bench: Bench) -> None:
    """两书同达: the notice of repair is there with the penalty."""
    found = bench.published(bench.penalty())

    assert (getattr(found, "class"), found.state) == (P.CLASS_GENERAL, P.STATE_PUBLISHED)
    assert day_of(found.first_date) == date(2026, 7, 8)
    assert day_of(found.earliest_repair_date) == date(2026, 10, 1)
    assert day_of(found.last_date) == date(2027, 6, 30)
    assert found.period_source.document_number == "国家发展改革委令第36号"
    assert found.basis.version == "2026-04-01"
    assert found.repair_notice.startswith("信用修复告知书：北京市朝阳区应急管理局作出的罚〔2026〕")


def test_a_repair_is_not_applied_for_before_its_day(bench: Bench) -> None:
    """Three months from the decision: the day before is too early, the day itself is not."""
    early, due = bench.penalty(date(2026, 8, 21)), bench.penalty(date(2026, 8, 20))

    refusal = refused(lambda: bench.call(application(early), bench.portal))
    answer = bench.call(application(due), bench.portal)

    assert (refusal.code, refusal.reason) == (PRECONDITION, "REPAIR_TOO_EARLY")
    assert refusal.facts["earliest_date"] == "2026-11-21"
    assert "国家发展改革委令第36号" in refusal.facts["clause"]
    assert answer.remedy.state == R.STATE_APPLIED


def test_a_repair_is_not_applied_for_once_publication_ended(bench: Bench) -> None:
    """A year from the decision ends it: the last day can be repaired, the next cannot."""
    # Under Order 58 a fine in work safety stayed for three years; Order 36 leaves one.
    over, last = bench.penalty(date(2025, 11, 20)), bench.penalty(date(2025, 11, 21))

    refusal = refused(lambda: bench.call(application(over), bench.portal))
    answer = bench.call(application(last), bench.portal)

    assert (refusal.reason, refusal.facts["last_date"]) == ("PUBLICATION_OVER", "2026-11-19")
    assert answer.remedy.state == R.STATE_APPLIED


def test_what_is_due_is_seen_at_whom_and_by_when(bench: Bench) -> None:
    """An open application shows its next step, its day, and whether that is over."""
    remedy_id = bench.applied(bench.penalty(), date=day(date(2026, 11, 16)))

    due = [bench.remedy(remedy_id, as_of=day(date(2026, 11, 19))).due[0]]
    due.append(bench.remedy(remedy_id, as_of=day(date(2026, 11, 20))).due[0])

    # Three working days after Monday the 16th: Thursday the 19th is the last.
    assert [(one.action, one.authority, one.overdue) for one in due] == [
        (service.DueStep.ACTION_ACCEPT_REPAIR, AUTHORITY, False),
        (service.DueStep.ACTION_ACCEPT_REPAIR, AUTHORITY, True),
    ]
    assert day_of(due[0].due_date) == date(2026, 11, 19)
    assert not due[0].provisional


def test_the_list_shows_what_is_open_and_what_is_overdue(bench: Bench) -> None:
    """An authority sees its own remedies that wait, page by page."""
    other = f"局{next(_numbers)}"
    decider = Caller(
        identity="li",
        roles=DECIDER.roles,
        authority=other,
        divisions=EVERYWHERE,
        fields=EVERYWHERE,
    )
    overdue = bench.applied(bench.penalty(head={"authority": other}), date=day(date(2026, 11, 10)))
    open_ = bench.applied(bench.penalty(head={"authority": other}))
    closed = bench.applied(bench.penalty(head={"authority": other}))
    bench.call(acceptance(closed, declined_reasons="材料不全"), decider)

    def listed(**changes: Any) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            request = service.ListRemediesRequest(
                authority=other, page_size=1, page_token=token, **changes
            )
            answer = bench.call(request, AUDITOR)
            found += [one.remedy_id for one in answer.remedies]
            token = answer.next_page_token
            if not token:
                return found

    assert listed() == [overdue, open_, closed]
    assert listed(open=True) == [overdue, open_]
    assert listed(overdue=True) == [overdue]
    assert listed(state=R.STATE_DECLINED) == [closed]


def test_a_declined_application_may_be_made_again(bench: Bench) -> None:
    """不予受理 is an end, so that a complete application can follow."""
    record_id = bench.penalty()
    bench.call(acceptance(bench.applied(record_id), declined_reasons="材料不全"))

    assert bench.call(application(record_id), bench.portal).remedy.state == R.STATE_APPLIED


def test_a_withdrawn_repair_restores_publication_from_its_day(bench: Bench) -> None:
    """What was obtained by deceit is undone, the term runs again, and both axes show it."""
    record_id = bench.penalty()
    remedy_id = bench.granted(record_id)
    before = bench.call(publication(record_id), AUDITOR).point

    bench.call(withdrawal(remedy_id))

    found = bench.published(record_id)
    assert (found.state, day_of(found.period_start_date), day_of(found.last_date)) == (
        P.STATE_PUBLISHED,
        date(2026, 11, 20),
        date(2027, 11, 19),
    )
    request = publication(record_id)
    request.known_at.CopyFrom(before.known_at)
    assert bench.call(request, AUDITOR).publication.end == P.END_REPAIRED
    assert bench.remedy(remedy_id).state == R.STATE_WITHDRAWN


def test_an_upheld_objection_revokes_the_record_in_the_same_write(bench: Bench) -> None:
    """The record never counted; the document of the decision stands in its history."""
    record_id = bench.penalty()

    answer = bench.call(decided(bench.filed(record_id), outcome=REVOKE, reasons="事实不清"))

    got = bench.call.credit(credit_service_pb2.GetRecordRequest(record_id=record_id)).record
    assert got.state == record_pb2.RECORD_STATE_REVOKED
    assert got.superseded_document_number == "异决1号"
    assert answer.remedy.state == R.STATE_UPHELD
    assert bench.published(record_id).end == P.END_REVOKED


def test_an_upheld_objection_waits_for_the_revision_of_the_record(bench: Bench) -> None:
    """What is to be revised is due in three working days (行政处罚法 art. 48), until it is."""
    record_id = bench.penalty()
    remedy_id = bench.filed(record_id)
    bench.call(decided(remedy_id, outcome=REVISE, reasons="金额有误"))
    waiting = bench.remedy(remedy_id).due[0]
    got = bench.call.credit(credit_service_pb2.GetRecordRequest(record_id=record_id)).record
    got.body.penalty.fine.units = 50_000

    bench.call.credit(
        credit_service_pb2.ReviseRecordRequest(
            request_id=request_id(),
            record_id=record_id,
            edition=1,
            header=got.header,
            body=got.body,
            reason="异议成立",
            document_number="异决1号",
        )
    )

    assert waiting.action == service.DueStep.ACTION_REVISE_RECORD
    assert waiting.document_number == "异决1号"
    assert waiting.source.article == "第四十八条"
    assert day_of(waiting.due_date) == date(2026, 11, 25)
    actions = [one.action for one in bench.remedy(remedy_id).due]
    assert actions == [service.DueStep.ACTION_SHARE_RESULT]


def test_an_entry_is_repaired_after_a_year_and_removed_by_the_list_service(bench: Bench) -> None:
    """Twelve months from the decision; who removes it, and by what, is said."""
    due = bench.entry(date(2025, 11, 20))

    answer = bench.remedy(bench.granted(due))
    # Another entry of the unit is a relapse, so it comes after.
    early = bench.entry(date(2025, 11, 21))
    refusal = refused(lambda: bench.call(application(early), bench.portal))

    assert (refusal.reason, refusal.facts["earliest_date"]) == ("REPAIR_TOO_EARLY", "2026-11-21")
    assert answer.target_id == due
    assert (answer.due[0].action, answer.due[0].document_number) == (
        service.DueStep.ACTION_REMOVE_ENTRY,
        "修决1号",
    )


def test_an_entry_that_was_objected_to_is_corrected_by_the_list_service(bench: Bench) -> None:
    """The decision carries the document by which the entry is to be corrected."""
    remedy_id = bench.filed(bench.entry(date(2026, 11, 2)))

    answer = bench.call(decided(remedy_id, outcome=CORRECT, reasons="基础决定已撤销"))

    assert answer.remedy.due[0].action == service.DueStep.ACTION_CORRECT_ENTRY


def test_a_repeated_request_changes_nothing(bench: Bench) -> None:
    """The same request again gives the first answer, and says so."""
    request = application(bench.penalty())
    first = bench.call(request, bench.portal)

    again = bench.call(request, bench.portal)

    assert again.repeated
    assert again.remedy == first.remedy


def test_an_outcome_must_fit_what_was_objected_to(bench: Bench) -> None:
    """A record is revoked or revised, an entry corrected."""
    remedy_id = bench.filed(bench.penalty())

    refusal = refused(lambda: bench.call(decided(remedy_id, outcome=CORRECT)))

    assert refusal.wrong == [("outcome", "OUTCOME_OF_ANOTHER_TARGET")]


def test_a_remedy_keeps_the_version_that_it_was_opened_under(bench: Bench) -> None:
    """An application of the last day of Order 58 is held to its periods."""
    record_id = bench.penalty(date(2025, 3, 31))

    # A fine in work safety stays for a year at least: 2026-03-31 is the first day.
    refusal = refused(
        lambda: bench.call(application(record_id, date=day(date(2026, 3, 30))), DECIDER)
    )
    answer = bench.call(application(record_id, date=day(date(2026, 3, 31))), DECIDER)

    assert refusal.facts["policy_version"] == "2023-05-01"
    assert answer.remedy.basis.version == "2023-05-01"


def test_penalties_are_listed_by_header(bench: Bench) -> None:
    """A remedy names the document and the subject that it is about."""
    record_id = bench.penalty()

    found = bench.remedy(bench.filed(record_id))

    assert (found.target_id, found.subject_id, found.authority) == (
        record_id,
        bench.enterprise_id,
        header().authority,
    )
