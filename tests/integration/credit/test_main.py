"""The composition of the credit server: what it needs, when it serves, what it leaves behind."""

import base64
from pathlib import Path

import grpc
import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from services.common.identity_key import IdentityKeyError
from services.common.settings import Settings, load_settings
from services.credit.main import build_credit_server
from tests.fakes.credit_clients import CreditClient, RefusalError
from tests.fakes.credit_requests import SAMPLE_ID, registration, request_id
from tests.fakes.credit_servers import serving, settings_of


def test_a_named_store_needs_a_key() -> None:
    """A key that appears by itself would protect nothing; the setting is named."""
    named: Settings = load_settings({"SAFETYCREDIT_DATABASE_URL": "sqlite:///named.db"})

    with pytest.raises(IdentityKeyError, match="SAFETYCREDIT_ID_KEY"):
        build_credit_server(named)


def test_a_store_without_schema_is_not_served(empty_database_url: str) -> None:
    """The server runs, says why it does not serve, and writes nothing."""
    server = build_credit_server(settings_of(empty_database_url))
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        credit = CreditClient(CreditServiceStub(channel))
        with pytest.raises(RefusalError) as error:
            credit(registration())
    server.close()

    assert (error.value.code, error.value.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "NOT_SERVING",
    )


def test_no_identity_number_stands_in_the_store(sqlite_url: str) -> None:
    """Neither as it was sent nor in what is kept to answer a repeat."""
    server = build_credit_server(settings_of(sqlite_url))
    request = service.RegisterPersonRequest(
        request_id=request_id(), name="王小明", identity_number=SAMPLE_ID
    )
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        CreditClient(CreditServiceStub(channel))(request)
    server.close()

    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    kept = b"".join(file.read_bytes() for file in folder.glob("store.db*"))
    assert "王小明".encode() in kept
    assert SAMPLE_ID.encode() not in kept
    assert base64.b64encode(SAMPLE_ID.encode()) not in kept
