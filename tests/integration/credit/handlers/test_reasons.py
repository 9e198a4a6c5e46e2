"""Refusals of CreditService over the network: every documented reason, with its code."""

# ruff: noqa: ANN401 -- requests, answers and their fields are of any type.
# ruff: noqa: S106 -- tokens of a store and of a page are no passwords.

from collections.abc import Callable
from datetime import date
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import person_pb2, record_pb2
from services.common.identity import Caller
from services.common.tokens import StoreToken
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import AUDITOR
from tests.fakes.credit_requests import (
    OTHER_SAMPLE_ID,
    day,
    local,
    profile,
    registration,
    request_id,
    yuan,
)
from tests.fakes.credit_world import (
    DENIED,
    EXISTS,
    INVALID,
    PRECONDITION,
    STATE,
    UNKNOWN,
    World,
    person,
    refused,
    revocation,
)


def differing_enterprise(world: World) -> Any:
    """Register an enterprise with another name."""
    return registration(identity=world.one, profile=profile(name="别名"))


def differing_record(world: World) -> Any:
    """Record a document with another fine."""
    world.credit(world.penalty())
    return world.penalty(fine=yuan(1))


def anothers_violation(world: World) -> Any:
    """Rectify a violation of another enterprise."""
    target = world.stored(
        RecordKind.VIOLATION, head={"subject": world.other, "document_item": "违"}
    )
    return world.record(RecordKind.RECTIFICATION, target_record_id=target)


def anothers_reference(world: World) -> Any:
    """Punish a violation of another enterprise."""
    target = world.stored(
        RecordKind.VIOLATION, head={"subject": world.other, "document_item": "违"}
    )
    return world.penalty(violation_record_id=target)


def wrong_kind(world: World) -> Any:
    """Rectify an honour."""
    return world.record(RecordKind.RECTIFICATION, target_record_id=world.stored(RecordKind.HONOUR))


def revoked_record(world: World) -> Any:
    """Revise what was revoked."""
    record_id = world.stored(RecordKind.PENALTY)
    world.credit(revocation(record_id))
    return world.revision(record_id)


def recorded_again(world: World) -> Any:
    """Record what was revoked."""
    world.credit(revocation(world.stored(RecordKind.PENALTY)))
    return world.penalty()


def outdated_edition(world: World) -> Any:
    """Revoke an edition that was revised."""
    record_id = world.stored(RecordKind.PENALTY)
    world.credit(world.revision(record_id))
    return revocation(record_id, edition=1)


def ended_enterprise(world: World) -> Any:
    """Rename an enterprise that was closed."""
    world.credit(world.update(profile=None, state=STATE.ENTERPRISE_STATE_CLOSED))
    return world.update()


def merged_enterprise(world: World) -> Any:
    """Record a fact of an enterprise that was merged."""
    world.credit(
        world.update(profile=None, state=STATE.ENTERPRISE_STATE_MERGED, successors=[world.other])
    )
    return world.penalty()


def role(world: World, person_id: str) -> service.AssignRoleRequest:
    """Write a role from 2021 on."""
    return service.AssignRoleRequest(
        request_id=request_id(),
        person_id=person_id,
        enterprise=world.one,
        kind=person_pb2.ROLE_KIND_PRINCIPAL,
        start_date=day(date(2021, 1, 1)),
    )


def overlapping_role(world: World) -> Any:
    """Assign a role twice."""
    person_id = world.credit(person()).person.person_id
    world.credit(role(world, person_id))
    return role(world, person_id)


def ended_role(world: World) -> Any:
    """End a role twice."""
    person_id = world.credit(person()).person.person_id
    role_id = world.credit(role(world, person_id)).role.role_id
    end = service.EndRoleRequest(
        request_id=request_id(), role_id=role_id, end_date=day(date(2025, 1, 1))
    )
    world.credit(end)
    end.request_id = request_id()
    return end


def joining(world: World, **changes: Any) -> service.JoinGroupRequest:
    """Write that the other enterprise belongs to the first from 2021 on."""
    values = {"group": world.one, "member": world.other, "start_date": day(date(2021, 1, 1))}
    return service.JoinGroupRequest(
        request_id=request_id(),
        document_number="集团1号",
        authority="市场监管局",
        **values | changes,
    )


def leaving(membership_id: str) -> service.LeaveGroupRequest:
    """Write that a membership ended with 2024."""
    return service.LeaveGroupRequest(
        request_id=request_id(),
        membership_id=membership_id,
        end_date=day(date(2025, 1, 1)),
        document_number="集团2号",
        authority="市场监管局",
    )


def overlapping_membership(world: World) -> Any:
    """Join a group twice."""
    world.credit(joining(world))
    return joining(world)


def circle_of_groups(world: World) -> Any:
    """Make a group a member of its member."""
    world.credit(joining(world))
    return joining(world, group=world.other, member=world.one)


def ended_membership(world: World) -> Any:
    """End a membership twice."""
    membership_id = world.credit(joining(world)).membership.membership_id
    world.credit(leaving(membership_id))
    return leaving(membership_id)


def differing_person(world: World) -> Any:
    """Register a person under another name."""
    world.credit(person())
    return person(name="李大山")


def reused_request_id(world: World) -> Any:
    """Use a request identifier for another request."""
    request = world.penalty()
    world.credit(request)
    request.header.document_item = "二"
    return request


def foreign_page(world: World) -> Any:
    """Page through another list."""
    world.credit(world.penalty())
    world.credit(world.penalty(head={"document_item": "二"}))
    listed = world.credit(service.ListRecordsRequest(subject=world.one, page_size=1))
    return service.ListRecordsRequest(
        subject=world.other, page_size=1, page_token=listed.next_page_token
    )


def before_token(world: World) -> Any:
    """Ask for an instant before the token's write."""
    first = world.credit(world.penalty()).point
    second = world.credit(world.penalty(head={"document_item": "二"})).point
    return service.ListRecordsRequest(token=second.token, known_at=first.known_at)


@pytest.mark.parametrize(
    ("make", "code", "reason"),
    [
        pytest.param(differing_enterprise, EXISTS, "ENTERPRISE_DIFFERS", id="enterprise-differs"),
        pytest.param(
            lambda world: world.update(subject=local("无名")),
            UNKNOWN,
            "SUBJECT_UNKNOWN",
            id="update-of-a-stranger",
        ),
        pytest.param(
            lambda world: world.update(effective_date=day(date(2019, 12, 31))),
            PRECONDITION,
            "BEFORE_FIRST_PERIOD",
            id="before-the-first-period",
        ),
        pytest.param(ended_enterprise, PRECONDITION, "ENTERPRISE_ENDED", id="enterprise-ended"),
        pytest.param(merged_enterprise, PRECONDITION, "ENTERPRISE_ENDED", id="merged-enterprise"),
        pytest.param(
            lambda _: service.GetEnterpriseRequest(subject=local("无名")),
            UNKNOWN,
            "SUBJECT_UNKNOWN",
            id="get-a-stranger",
        ),
        pytest.param(differing_person, EXISTS, "PERSON_DIFFERS", id="person-differs"),
        pytest.param(overlapping_role, PRECONDITION, "ROLE_OVERLAPS", id="role-overlaps"),
        pytest.param(ended_role, PRECONDITION, "ROLE_ENDED", id="role-ended"),
        pytest.param(
            lambda _: service.EndRoleRequest(
                request_id=request_id(), role_id="o-1", end_date=day(date(2025, 1, 1))
            ),
            UNKNOWN,
            "ROLE_UNKNOWN",
            id="role-unknown",
        ),
        pytest.param(
            overlapping_membership, PRECONDITION, "MEMBERSHIP_OVERLAPS", id="membership-overlaps"
        ),
        pytest.param(circle_of_groups, PRECONDITION, "MEMBERSHIP_CIRCLE", id="circle-of-groups"),
        pytest.param(ended_membership, PRECONDITION, "MEMBERSHIP_ENDED", id="membership-ended"),
        pytest.param(lambda _: leaving("g-1"), UNKNOWN, "MEMBERSHIP_UNKNOWN", id="no-membership"),
        pytest.param(
            lambda world: joining(world, start_date=day(date(2019, 12, 31))),
            PRECONDITION,
            "BEFORE_FIRST_PERIOD",
            id="member-before-the-first-period",
        ),
        pytest.param(
            lambda _: service.GetPersonRequest(person_id="p-1"),
            UNKNOWN,
            "SUBJECT_UNKNOWN",
            id="person-unknown",
        ),
        pytest.param(
            lambda world: world.penalty(head={"subject": local("无名")}),
            UNKNOWN,
            "SUBJECT_UNKNOWN",
            id="record-of-a-stranger",
        ),
        pytest.param(differing_record, EXISTS, "RECORD_DIFFERS", id="record-differs"),
        pytest.param(recorded_again, PRECONDITION, "RECORD_REVOKED", id="recorded-again"),
        pytest.param(
            anothers_violation,
            PRECONDITION,
            "RECTIFICATION_OF_ANOTHER_SUBJECT",
            id="anothers-violation",
        ),
        pytest.param(
            anothers_reference,
            PRECONDITION,
            "REFERENCE_OF_ANOTHER_SUBJECT",
            id="anothers-reference",
        ),
        pytest.param(wrong_kind, PRECONDITION, "REFERENCE_OF_ANOTHER_KIND", id="wrong-kind"),
        pytest.param(
            lambda world: world.record(RecordKind.RECTIFICATION, target_record_id="r-1"),
            UNKNOWN,
            "RECORD_UNKNOWN",
            id="unknown-target",
        ),
        pytest.param(
            lambda world: world.record(
                RecordKind.ACCIDENT, head={"event_date": day(date(2007, 5, 31))}
            ),
            PRECONDITION,
            "ACCIDENT_LEVEL_UNDEFINED",
            id="accident-before-the-regulation",
        ),
        pytest.param(
            lambda _: revocation("r-1"), UNKNOWN, "RECORD_UNKNOWN", id="revoke-the-unknown"
        ),
        pytest.param(
            lambda world: world.revision("r-1"), UNKNOWN, "RECORD_UNKNOWN", id="revise-the-unknown"
        ),
        pytest.param(revoked_record, PRECONDITION, "RECORD_REVOKED", id="record-revoked"),
        pytest.param(
            outdated_edition, grpc.StatusCode.ABORTED, "EDITION_OUTDATED", id="edition-outdated"
        ),
        pytest.param(
            lambda _: service.GetRecordRequest(record_id="r-1"),
            UNKNOWN,
            "RECORD_UNKNOWN",
            id="get-the-unknown",
        ),
        pytest.param(
            lambda _: service.ListRecordsRequest(subject=local("无名")),
            UNKNOWN,
            "SUBJECT_UNKNOWN",
            id="list-of-a-stranger",
        ),
        pytest.param(reused_request_id, EXISTS, "REQUEST_ID_REUSED", id="request-id-reused"),
        pytest.param(
            lambda _: service.ListRecordsRequest(token="x"),
            INVALID,
            "TOKEN_MALFORMED",
            id="token-malformed",
        ),
        pytest.param(
            lambda _: service.ListRecordsRequest(token=StoreToken("0" * 32, 0).encode()),
            INVALID,
            "TOKEN_FOREIGN_STORE",
            id="token-of-another-store",
        ),
        pytest.param(
            lambda _: service.ListRecordsRequest(page_token="x"),
            INVALID,
            "PAGE_TOKEN_MALFORMED",
            id="page-token-malformed",
        ),
        pytest.param(foreign_page, INVALID, "PAGE_TOKEN_MISMATCH", id="page-of-another-list"),
        pytest.param(before_token, INVALID, "KNOWN_AT_BEFORE_TOKEN", id="known-before-the-token"),
        pytest.param(
            lambda _: service.ListRecordsRequest(known_at=Timestamp(seconds=2_000_000_000)),
            INVALID,
            "KNOWN_AT_IN_FUTURE",
            id="known-in-the-future",
        ),
        pytest.param(
            lambda _: service.ListRecordsRequest(known_at=Timestamp(seconds=1)),
            grpc.StatusCode.OUT_OF_RANGE,
            "KNOWN_AT_BEFORE_FIRST_REVISION",
            id="known-before-the-store",
        ),
    ],
)
def test_refusals_have_their_code_and_reason(
    world: World, make: Callable[[World], Message], code: grpc.StatusCode, reason: str
) -> None:
    """Every reason that the interface documents comes as documented."""
    request = make(world)

    error = refused(lambda: world.credit(request))

    assert (error.code, error.reason) == (code, reason)


def test_a_difference_is_named(world: World) -> None:
    """The fields that differ and the record are facts of the refusal."""
    record_id = world.stored(RecordKind.PENALTY)

    error = refused(lambda: world.credit(world.penalty(fine=yuan(1), major=True)))

    assert error.facts["fields"] == "penalty.fine,penalty.major"
    assert error.facts["record_id"] == record_id


def test_wrong_fields_are_named_at_once(world: World) -> None:
    """One call, one refusal, a violation per field."""
    request = world.penalty(
        head={"event_date": day(date(2025, 6, 2)), "document_number": "号" * 5_000},
        fine=yuan(-1),
    )

    error = refused(lambda: world.credit(request))

    assert (error.code, error.reason) == (INVALID, "INVALID_INPUT")
    assert error.wrong == [
        ("header.document_number", "TEXT_TOO_LONG"),
        ("header.event_date", "DATE_IN_FUTURE"),
        ("penalty.fine", "AMOUNT_BELOW_ZERO"),
    ]


def test_a_derived_level_is_not_accepted(world: World) -> None:
    """The level of an accident follows from its numbers."""
    request = world.record(RecordKind.ACCIDENT, level=record_pb2.ACCIDENT_LEVEL_MAJOR)

    error = refused(lambda: world.credit(request))

    assert error.wrong == [("accident.level", "LEVEL_NOT_ACCEPTED")]


def test_callers_need_a_name_a_role_and_a_scope(world: World) -> None:
    """Nobody, a reader, and a clerk of another district may not write."""
    clerk = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({"110102"}),
        fields=frozenset({"*"}),
    )

    nobody = refused(lambda: world.credit(world.penalty(), None))
    reader = refused(lambda: world.credit(world.penalty(), AUDITOR))
    stranger = refused(lambda: world.credit(world.penalty(), clerk))

    assert (nobody.code, nobody.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CALLER_MISSING")
    assert reader.code is DENIED
    assert (stranger.code, stranger.reason) == (DENIED, "OUT_OF_SCOPE")


def test_no_personal_data_is_in_a_refusal(world: World) -> None:
    """Neither a name nor a number comes back in an error."""
    world.credit(person(OTHER_SAMPLE_ID, "陈一"))

    differs = refused(lambda: world.credit(person(OTHER_SAMPLE_ID, "赵二")))
    wrong = refused(lambda: world.credit(person("110105194912310021")))

    for error in (differs, wrong):
        shown = f"{error.message}{error.facts}{error.wrong}"
        assert not set("陈赵") & set(shown)
        assert "1949" not in shown
        assert "1880" not in shown
