"""Whatever comes over the wire, no answer is INTERNAL or UNKNOWN; one database will do."""

import importlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.common.identity import Caller, Role, caller_metadata
from services.common.tokens import PageScope
from services.scoring.commands.policies.policy_library import PolicyLibrary
from tests.fakes.scoring_client import METHODS, RefusedError, ScoringClient
from tests.fakes.scoring_facts import FactWriter

MEANT = {
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "UNAVAILABLE",
}
CODE = "91110000600037341L"
ON_SHARED_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

# Somebody whom every door is open to, so that what lies behind it is tried.
ANYBODY = caller_metadata(
    Caller(
        identity="test",
        roles=frozenset(Role),
        authority="测试局",
        divisions=frozenset({"*"}),
        fields=frozenset({"*"}),
    )
)
PROTOS = Path(__file__).parents[3] / "protos" / "safetycredit" / "scoring" / "v1"


def unary_methods() -> dict[str, type[Message]]:
    """Give the type of the request of every method that takes and gives one message, by path."""
    found: dict[str, type[Message]] = {}
    for path in sorted(PROTOS.glob("*_service.proto")):
        module = importlib.import_module(f"safetycredit.scoring.v1.{path.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                if not (method.client_streaming or method.server_streaming):
                    found[f"/{service.full_name}/{method.name}"] = GetMessageClass(
                        method.input_type
                    )
    return found


UNARY = unary_methods()

numbers = st.one_of(
    st.integers(-2, 3), st.integers(-(2**31), 2**31 - 1), st.sampled_from([2024, 2025, 9999])
)
texts = st.one_of(
    st.sampled_from(
        [
            "",
            CODE,
            "e-1048576",
            "p-1",
            "cn.test.grade",
            "cn.test.list",
            "cn.test.rate",
            "one",
            "110105",
            "C26",
            "A",
            "CNY",
            "test",
            "\0",
            "x" * 5000,
        ]
    ),
    st.text(max_size=8),
)


def fill(message: Any, draw: st.DrawFn, depth: int = 0) -> None:  # noqa: ANN401 -- any message.
    """Set some of the fields of a message to anything that fits on the wire."""
    for field in message.DESCRIPTOR.fields:
        if not draw(st.booleans()):
            continue
        if field.message_type is not None:
            target = getattr(message, field.name)
            if field.is_repeated:
                target = target.add()
            target.SetInParent()
            fill(target, draw, depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(values(field), max_size=3)))
        else:
            setattr(message, field.name, draw(values(field)))


def values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """Give values of a scalar field."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return texts
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=40)
    if field.type in {FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT}:
        return st.floats()
    if field.type in {FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64}:
        return st.integers(0, 2**32 - 1)
    return numbers


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a method and a request that its type allows."""
    method = draw(st.sampled_from(sorted(UNARY)))
    request = UNARY[method]()
    fill(request, draw)
    return method, request.SerializeToString()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Use one database."""
    return sqlite_url


async def assert_meant(client: ScoringClient, method: str, request: bytes) -> None:
    """Call a method, and look at the refusal if there is one."""
    refusal: RefusedError | None = None
    try:
        await client.send(method, request, metadata=ANYBODY)
    except RefusedError as error:
        refusal = error

    if refusal is not None:
        assert refusal.code in MEANT, (method, request, refusal.code, refusal.message)
        assert refusal.reason, (method, request)


def tell(facts: FactWriter) -> None:
    """Record a little, so that some requests find something."""
    number = facts.enterprise(credit_code=CODE)
    facts.record("penalty", number, date(2025, 1, 1))
    facts.person()


@settings(max_examples=250, suppress_health_check=ON_SHARED_FIXTURES)
@given(request=requests())
async def test_requests_of_the_right_type_are_answered_or_refused(
    client: ScoringClient, facts: FactWriter, request: tuple[str, bytes]
) -> None:
    """Any value in any field is answered, or refused with a reason."""
    if facts.token is None:
        tell(facts)

    await assert_meant(client, *request)


@settings(max_examples=60, suppress_health_check=ON_SHARED_FIXTURES)
@given(method=st.sampled_from(sorted(UNARY)), request=st.binary(max_size=40))
@example(method=METHODS["GetCreditGrade"][0], request=b"\xff" * 20)
async def test_bytes_of_any_kind_are_answered_or_refused(
    client: ScoringClient, method: str, request: bytes
) -> None:
    """Bytes that are no request at all are refused with a reason too."""
    await assert_meant(client, method, request)


@settings(max_examples=60, suppress_health_check=ON_SHARED_FIXTURES)
@given(
    method=st.sampled_from(["ListCreditGrades", "ListCandidates", "ListPolicies"]),
    position=st.lists(
        st.one_of(
            st.integers(-(2**70), 2**70),
            st.sampled_from(["2025-06-01", "0001-01-01", "2025-06-01T00:00:00+00:00", "x"]),
            st.none(),
        ),
        max_size=6,
    ),
)
@example(
    method="ListCreditGrades",
    position=[1, "2025-06-01T00:00:00+00:00", "2025-06-01", "x", 2**62],
)
@example(
    method="ListCreditGrades",
    position=[0, "0001-01-01T00:00:00+14:00", "2025-06-01", "", 0],
)
@example(
    method="ListCreditGrades",
    position=[0, "2025-06-01T00:00:00+00:00", "0001-01-01", "", 0],
)
async def test_forged_page_tokens_are_refused_or_harmless(
    client: ScoringClient,
    facts: FactWriter,
    library_digest: str,
    method: str,
    position: list[int | str | None],
) -> None:
    """A page token is no signature: whatever somebody puts into one does no harm."""
    if facts.token is None:
        tell(facts)
    full_name, request_type, _ = METHODS[method]
    policies = {"ListCreditGrades": "cn.test.grade", "ListCandidates": "cn.test.list"}
    fields = {"policy_id": policies[method]} if method in policies else {}
    request = request_type(**fields)
    store_id = library_digest if method == "ListPolicies" else facts.point().store_id
    scope = PageScope(
        full_name.removeprefix("/"), request.SerializeToString(deterministic=True), store_id
    )

    request.page_token = scope.encode(tuple(position))

    await assert_meant(client, full_name, request.SerializeToString())


@pytest.fixture
def library_digest(library: PolicyLibrary) -> str:
    """Give what stands for the store in the page tokens of the list of policies."""
    return library.digest
