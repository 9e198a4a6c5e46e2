"""Portals over the network: every RPC of RemedyService reaches their own enterprise alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from services.common.portals import is_bound
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import objection, portal_of
from tests.fakes.credit_requests import credit_code, local, registration
from tests.fakes.credit_world import DENIED, refused

REFUSALS = {"OTHER_SUBJECT", "PORTAL_NOT_BOUND"}


def reasons(bench: Bench, who: Caller, values: Mapping[str, str]) -> dict[str, str]:
    """Try every bound RPC; give the reason of the refusal by method, empty if it was answered."""
    plan = bench.server.plan
    found: dict[str, str] = {}
    for served in (one.descriptor for one in plan.services):
        for method in served.methods:
            if not is_bound(plan.access.roles(served.full_name, method.name)):
                continue
            (name,) = plan.access.about(served.full_name, method.name)
            request = GetMessageClass(method.input_type)(**{name: values[name]})
            found[method.name] = reason_of(bench, who, request)
    return found


def reason_of(bench: Bench, who: Caller, request: Message) -> str:
    """Send a request; give the reason of the refusal, empty if it was answered."""
    try:
        bench.call(request, who)
    except RefusalError as error:
        return error.reason
    return ""


def values_of(bench: Bench, target: str) -> dict[str, str]:
    """Say whom requests are about by a record or entry, and an objection to it."""
    record_id = target if target.startswith("r-") else bench.penalty()
    return {"target_id": target, "record_id": record_id, "remedy_id": bench.filed(target)}


def another(bench: Bench) -> str:
    """Register another enterprise."""
    answer = bench.call.credit(registration(identity=local(f"别家{bench.enterprise_id}")))
    enterprise_id: str = answer.enterprise.enterprise_id
    return enterprise_id


@pytest.mark.parametrize("entry", [False, True], ids=["record", "entry"])
def test_a_portal_reaches_its_own_enterprise_and_no_other(bench: Bench, *, entry: bool) -> None:
    """Both by registration and as a portal of many, by a record, an entry and a remedy."""
    target = bench.entry(date(2026, 11, 2)) if entry else bench.penalty()
    values, other = values_of(bench, target), another(bench)

    own = reasons(bench, bench.portal, values)

    assert len(own) == 4
    assert REFUSALS.isdisjoint(own.values())
    assert reasons(bench, portal_of("*", bench.enterprise_id), values) == own
    for foreign in (portal_of(other), portal_of("*", other)):
        assert set(reasons(bench, foreign, values).values()) == {"OTHER_SUBJECT"}


def test_a_portal_that_acts_for_nobody_reaches_nothing(bench: Bench) -> None:
    """Registered for nobody, of many without a name, and of one on behalf of another."""
    values, other = values_of(bench, bench.penalty()), another(bench)

    for who in (portal_of(""), portal_of("*"), portal_of(bench.enterprise_id, other)):
        assert set(reasons(bench, who, values).values()) == {"PORTAL_NOT_BOUND"}


def test_a_portal_reaches_its_enterprise_by_credit_code(bench: Bench) -> None:
    """Registered by the code, it acts for the enterprise however a request names it."""
    code = "91350100M000100Y43"
    answer = bench.call.credit(registration(code))
    own = replace(
        bench,
        subject=credit_code(code),
        enterprise_id=answer.enterprise.enterprise_id,
    )

    found = reasons(bench, portal_of(code), values_of(own, own.penalty()))

    assert REFUSALS.isdisjoint(found.values())


def test_what_is_not_known_is_refused_as_what_is_anothers(bench: Bench) -> None:
    """Nobody learns by asking which records and remedies there are."""
    unknown = {"target_id": "l-77", "record_id": "r-77", "remedy_id": "m-77"}
    malformed = dict.fromkeys(unknown, "x")
    missing = dict.fromkeys(unknown, "")

    for values in (unknown, malformed, missing):
        found = reasons(bench, bench.portal, values)
        assert set(found.values()) == {"OTHER_SUBJECT"}


def test_a_token_of_another_store_is_refused_as_such(bench: Bench) -> None:
    """Whom a request is about is looked up behind its token, so that no replica is too far back."""
    remedy_id = bench.filed(bench.penalty())
    request = service.GetRemedyRequest(remedy_id=remedy_id, token="damaged")  # noqa: S106 -- a token of the store.

    refusal = refused(lambda: bench.call(request, bench.portal))

    assert refusal.reason == "TOKEN_MALFORMED"


def test_a_portal_of_one_enterprise_files_for_it(bench: Bench) -> None:
    """The refusal says whom the portal acts for, and by which field the request said whom."""
    record_id = bench.penalty()
    stranger = portal_of(another(bench))

    refusal = refused(lambda: bench.call(objection(record_id), stranger))
    answer = bench.call(objection(record_id), bench.portal)

    assert (refusal.code, refusal.facts["subject"], refusal.facts["field"]) == (
        DENIED,
        stranger.subject,
        "target_id",
    )
    assert answer.remedy.subject_id == bench.enterprise_id
