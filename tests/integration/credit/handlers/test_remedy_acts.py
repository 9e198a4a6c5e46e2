"""Extensions, results that are shared, and list entries, over the network on both databases."""

from datetime import date
from typing import Any

import pytest

from safetycredit.credit.v1 import remedy_service_pb2 as service
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_calls import AUDITOR
from tests.fakes.credit_remedies import (
    AUTHORITY,
    acceptance,
    decided,
    extension,
    grant,
    publication,
    sharing,
    withdrawal,
)
from tests.fakes.credit_requests import day
from tests.fakes.credit_world import INVALID, refused

R = service.Remedy
S = service.RemedyStep
D = service.DueStep
P = service.Publication
E = service.RemediedEntry


def day_of(value: Any) -> date:  # noqa: ANN401 -- a day of any message.
    """Read a day of an answer."""
    return date(value.year, value.month, value.day)


def accepted(bench: Bench, record_id: str) -> str:
    """Have an application accepted on Thursday 5 November, to be decided by Thursday the 19th."""
    remedy_id = bench.applied(record_id, date=day(date(2026, 11, 2)))
    bench.call(acceptance(remedy_id, date=day(date(2026, 11, 5))))
    return remedy_id


def test_a_decision_is_extended_once_and_shows_its_new_day(bench: Bench) -> None:
    """Ten working days after 19 November: Thursday 3 December; the applicant was told."""
    record_id = bench.penalty()
    remedy_id = accepted(bench, record_id)
    before = bench.remedy(remedy_id).due[0]

    answer = bench.call(extension(remedy_id, date=day(date(2026, 11, 19))))

    made, due = answer.remedy.steps[2], answer.remedy.due[0]
    assert (before.overdue, day_of(before.due_date)) == (True, date(2026, 11, 19))
    assert (due.action, due.overdue, day_of(due.due_date)) == (
        D.ACTION_DECIDE_REPAIR,
        False,
        date(2026, 12, 3),
    )
    assert due.source.document_number == "国办发〔2025〕22号"
    assert (answer.remedy.state, made.act, made.late) == (R.STATE_ACCEPTED, S.ACT_EXTEND, False)
    assert (made.authority, made.document_number, made.text) == (
        AUTHORITY,
        "延告1号",
        "案情复杂，需现场核查",
    )
    assert day_of(made.told_date) == day_of(made.due_date) == date(2026, 11, 19)
    bench.call(grant(remedy_id))
    assert bench.published(record_id).end == P.END_REPAIRED
    listed = bench.call(service.ListRemediesRequest(target_id=record_id), AUDITOR).remedies
    assert [(one.act, one.late) for one in listed[0].steps][2:] == [
        (S.ACT_EXTEND, False),
        (S.ACT_UNSPECIFIED, False),
    ]


def test_an_extension_is_seen_from_its_day_and_by_who_knew_of_it(bench: Bench) -> None:
    """Before its day, and before it was recorded, the first period stands."""
    remedy_id = accepted(bench, bench.penalty())
    known = bench.call(service.GetRemedyRequest(remedy_id=remedy_id), AUDITOR).point.known_at
    bench.call(extension(remedy_id, date=day(date(2026, 11, 19))))

    found = [
        bench.remedy(remedy_id, **fields).due[0]
        for fields in ({"as_of": day(date(2026, 11, 18))}, {"known_at": known}, {})
    ]

    assert [day_of(one.due_date) for one in found] == [
        date(2026, 11, 19),
        date(2026, 11, 19),
        date(2026, 12, 3),
    ]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        pytest.param(date(2026, 11, 18), "DATE_BEFORE_STEP", id="before-the-extension"),
        pytest.param(date(2026, 11, 21), "DATE_IN_FUTURE", id="in-the-future"),
    ],
)
def test_the_applicant_is_told_of_an_extension_that_was_made(
    bench: Bench, told: date, reason: str
) -> None:
    """Nobody is told of it before it was made, or tomorrow; every wrong field is named."""
    request = extension(
        "m-1", date=day(date(2026, 11, 19)), told_date=day(told), reasons="", document_number=""
    )

    refusal = refused(lambda: bench.call(request))

    assert refusal.code == INVALID
    assert set(refusal.wrong) == {
        ("told_date", reason),
        ("reasons", "REQUIRED"),
        ("document_number", "REQUIRED"),
    }


def test_a_result_is_due_until_it_was_shared(bench: Bench) -> None:
    """From Monday 2 to Thursday 5 November; overdue on the 6th, and gone with the sharing."""
    record_id = bench.penalty()
    remedy_id = bench.filed(record_id, date=day(date(2026, 11, 2)))
    bench.call(decided(remedy_id, date=day(date(2026, 11, 2))))
    due = [
        bench.remedy(remedy_id, as_of=day(on)).due[0]
        for on in (date(2026, 11, 5), date(2026, 11, 6))
    ]

    answer = bench.call(
        sharing(remedy_id, document_number="共享批次7", date=day(date(2026, 11, 6)))
    )

    assert [(one.action, one.overdue) for one in due] == [
        (D.ACTION_SHARE_RESULT, False),
        (D.ACTION_SHARE_RESULT, True),
    ]
    made = answer.remedy.steps[-1]
    assert (made.act, made.state, made.late) == (S.ACT_SHARE, R.STATE_REJECTED, True)
    assert (made.text, made.document_number) == ("全国信用信息共享平台、信用中国", "共享批次7")
    assert list(answer.remedy.due) == []
    waiting = service.ListRemediesRequest(target_id=record_id, overdue=True)
    assert not bench.call(waiting, AUDITOR).remedies
    waiting.as_of.CopyFrom(day(date(2026, 11, 5)))
    waiting.ClearField("overdue")
    waiting.open = True
    assert [one.remedy_id for one in bench.call(waiting, AUDITOR).remedies] == [remedy_id]


def test_a_shared_grant_keeps_its_day_and_its_withdrawal_is_shared_anew(bench: Bench) -> None:
    """Publication ended with the grant and not with the sharing; both results are passed on."""
    record_id = bench.penalty()
    remedy_id = bench.granted(record_id)
    bench.call(sharing(remedy_id))
    ended = bench.published(record_id)
    by_state = service.ListRemediesRequest(target_id=record_id, state=R.STATE_GRANTED)
    found = bench.call(by_state, AUDITOR).remedies

    withdrawn = bench.call(withdrawal(remedy_id)).remedy
    shared = bench.call(sharing(remedy_id)).remedy

    assert (ended.end, day_of(ended.last_date)) == (P.END_REPAIRED, date(2026, 11, 19))
    assert [one.remedy_id for one in found] == [remedy_id]
    assert [one.action for one in withdrawn.due] == [D.ACTION_SHARE_RESULT]
    assert list(shared.due) == []
    assert bench.call(publication(record_id), AUDITOR).publication.end == P.END_UNSPECIFIED


def test_wrong_fields_of_a_sharing_are_named(bench: Bench) -> None:
    """Where it went is said, and nothing is shared tomorrow."""
    request = sharing("m-1", systems=" ", date=day(date(2026, 11, 21)))

    refusal = refused(lambda: bench.call(request))

    assert set(refusal.wrong) == {("systems", "REQUIRED"), ("date", "DATE_IN_FUTURE")}


def test_a_repeated_extension_or_sharing_changes_nothing(bench: Bench) -> None:
    """The same request again gives the first answer."""
    remedy_id = accepted(bench, bench.penalty())
    longer = extension(remedy_id, date=day(date(2026, 11, 19)))
    bench.call(longer)
    bench.call(grant(remedy_id))
    passed_on = sharing(remedy_id)
    bench.call(passed_on)

    again = [bench.call(longer), bench.call(passed_on)]

    assert [one.repeated for one in again] == [True, True]
    assert len(bench.remedy(remedy_id).steps) == 5


def test_a_record_has_no_entry_and_an_entry_on_its_list_is_published(bench: Bench) -> None:
    """What the lists say is shown for their entries alone."""
    of_record = bench.remedy(bench.filed(bench.penalty()))
    of_entry = bench.remedy(bench.filed(bench.entry(date(2026, 11, 2))))

    assert not of_record.HasField("entry")
    assert of_entry.entry == E(state=E.STATE_PUBLISHED)
