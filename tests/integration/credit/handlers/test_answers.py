"""Answers of CreditService over the network, on both databases."""

from datetime import date, timedelta

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.credit.domain.codes import RecordKind
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import AUDITOR, RECORDER, REGULATOR
from tests.fakes.credit_requests import (
    NAMED,
    day,
    profile,
    yuan,
)
from tests.fakes.credit_world import (
    World,
    person,
    revocation,
)


@pytest.mark.parametrize("kind", list(RecordKind), ids=lambda kind: kind.label)
def test_records_of_all_kinds_are_kept(world: World, kind: RecordKind) -> None:
    """What was recorded is got and listed, byte for byte the same."""
    changes: dict[str, str] = {}
    if kind in NAMED:
        field, target = NAMED[kind]
        changes[field] = world.stored(target)

    answer = world.credit(world.record(kind, **changes))

    got = world.credit(service.GetRecordRequest(record_id=answer.record.record_id))
    listed = world.credit(
        service.ListRecordsRequest(
            subject=world.one,
            kinds=[f"RECORD_KIND_{kind.name}"],
            token=answer.point.token,
        )
    )
    assert got.record == answer.record
    assert list(got.editions) == [answer.record]
    assert list(listed.records) == [answer.record]
    assert listed.point == answer.point


@pytest.mark.parametrize(
    ("deaths", "injuries", "loss_yuan", "level"),
    [
        pytest.param(2, 9, 9_999_999, "GENERAL", id="below-all"),
        pytest.param(3, 0, 0, "LARGER", id="three-deaths"),
        pytest.param(0, 50, 0, "MAJOR", id="fifty-injuries"),
        pytest.param(0, 0, 100_000_000, "EXTRA_MAJOR", id="hundred-million"),
    ],
)
def test_the_policy_gives_the_level(
    world: World, deaths: int, injuries: int, loss_yuan: int, level: str
) -> None:
    """The level comes from policies/cn/accident-level.yaml (国务院令第493号 art. 3)."""
    request = world.record(
        RecordKind.ACCIDENT,
        deaths=deaths,
        serious_injuries=injuries,
        direct_loss=yuan(loss_yuan),
    )

    accident = world.credit(request).record.body.accident

    assert record_pb2.AccidentLevel.Name(accident.level) == f"ACCIDENT_LEVEL_{level}"


def test_the_vocabulary_gives_the_codes(world: World) -> None:
    """Violation codes are those of policies/vocabulary.yaml."""
    answer = world.credit(world.record(RecordKind.VIOLATION, violation_code="evacuation_blocked"))

    assert answer.record.body.violation.violation_code == "evacuation_blocked"


def test_a_repeat_gets_the_first_answer(world: World) -> None:
    """By request identifier everything is equal but the mark."""
    request = world.penalty()
    first = world.credit(request)
    world.credit(revocation(first.record.record_id))

    again = world.credit(request)

    assert again.repeated
    again.repeated = False
    assert again == first


def test_knowledge_stays_reproducible(world: World, server_clock: FixedClock) -> None:
    """After a revision and a revocation an earlier instant gives the earlier answers."""
    record_id = world.stored(RecordKind.PENALTY)
    before = world.credit(service.ListRecordsRequest(subject=world.one))
    enterprise = world.credit(service.GetEnterpriseRequest(subject=world.one, with_history=True))
    server_clock.advance(timedelta(minutes=1))
    world.credit(world.revision(record_id))
    world.credit(revocation(record_id, edition=2))
    world.credit(world.update())

    again = world.credit(
        service.ListRecordsRequest(
            subject=world.one, known_at=before.point.known_at, as_of=before.as_of
        )
    )
    enterprise_again = world.credit(
        service.GetEnterpriseRequest(
            subject=world.one,
            with_history=True,
            known_at=enterprise.point.known_at,
            as_of=enterprise.as_of,
        )
    )

    assert again == before
    assert enterprise_again == enterprise
    assert not world.credit(service.ListRecordsRequest(subject=world.one)).records


def test_pages_do_not_shift(world: World) -> None:
    """What is written between two pages stands on neither."""
    for item in "一二三":
        world.credit(world.penalty(head={"document_item": item}))
    request = service.ListRecordsRequest(subject=world.one, page_size=2)
    first = world.credit(request)
    world.credit(world.penalty(head={"document_item": "四", "event_date": day(date(2025, 1, 1))}))

    request.page_token = first.next_page_token
    second = world.credit(request)

    items = [one.header.document_item for one in (*first.records, *second.records)]
    assert sorted(items) == sorted("一二三")
    assert second.next_page_token == ""
    assert second.point == first.point


def test_enterprises_are_searched_by_past_names(world: World) -> None:
    """A rename hides nobody."""
    name = f"独一无二{world.document}"
    world.credit(world.update(profile=profile(name=name)))
    world.credit(
        world.update(effective_date=day(date(2025, 1, 1)), profile=profile(name="后来的名"))
    )

    found = world.credit(service.SearchEnterprisesRequest(name_contains=name))

    assert [one.profile.name for one in found.enterprises] == ["后来的名"]


def test_persons_are_masked(world: World) -> None:
    """By role of the caller; the stored number is read back under its key."""
    registered = world.credit(person())
    request = service.GetPersonRequest(person_id=registered.person.person_id)

    seen = [
        (one.name, one.masked_identity_number)
        for one in (world.credit(request, who).person for who in (REGULATOR, AUDITOR, RECORDER))
    ]

    assert seen == [
        ("王小明", "110105********002X"),
        ("王＊", "110105********002X"),
        ("王＊", ""),
    ]
    assert registered.person.name == "王＊"
