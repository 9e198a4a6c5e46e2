"""Addresses to listen on."""

import pytest

from services.common.listening import (
    ListenAddressError,
    ListenNotLoopbackError,
    loopback_address,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("127.8.8.8:0", "127.8.8.8:0"),
        ("localhost:65535", "localhost:65535"),
        ("[::1]:50051", "[::1]:50051"),
    ],
)
def test_loopback_is_accepted(text: str, address: str) -> None:
    """Addresses that no other machine can reach are fine."""
    assert str(loopback_address(text)) == address


@pytest.mark.parametrize(
    "text", ["0.0.0.0:50051", "192.168.1.7:50051", "[::]:50051", "credit.example:50051"]
)
def test_every_other_address_is_refused(text: str) -> None:
    """Without proof of identity nobody else may reach the server."""
    with pytest.raises(ListenNotLoopbackError, match="mutual TLS or signed tokens") as error:
        loopback_address(text)

    assert error.value.facts == {"listen": text}


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", "127.0.0.1:", ":50051", "127.0.0.1:http", "127.0.0.1:65536"]
)
def test_a_malformed_address_is_refused(text: str) -> None:
    """An address is a host and a port of at most 65535."""
    with pytest.raises(ListenAddressError):
        loopback_address(text)
