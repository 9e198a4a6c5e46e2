"""Where a server may listen: on loopback only, until it can prove identities."""

import ipaddress
from dataclasses import dataclass
from typing import Final

from services.common.errors import Category, SafetyCreditError

_PORT_MAX: Final = 2**16 - 1


class ListenNotLoopbackError(SafetyCreditError):
    """A server was told to listen where others can reach it."""

    reason = "LISTEN_NOT_LOOPBACK"
    category = Category.PRECONDITION


class ListenAddressError(SafetyCreditError):
    """An address to listen on is malformed or taken."""

    reason = "LISTEN_ADDRESS_UNUSABLE"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """An address on loopback.

    Attributes:
        host: IP address, or ``localhost``.
        port: 0 lets the system choose.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as gRPC wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def loopback_address(text: str) -> ListenAddress:
    """Read ``HOST:PORT``, for a server that believes what its callers say.

    Raises:
        ListenAddressError: The text is no address.
        ListenNotLoopbackError: It can be reached from other machines.
    """
    host, colon, port_text = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port_text.isdecimal() and int(port_text) <= _PORT_MAX):
        raise ListenAddressError(
            f"write the address as 127.0.0.1:PORT instead of {text}", listen=text
        )
    if not _on_loopback(host):
        raise ListenNotLoopbackError(
            f"{text} can be reached from other machines, which needs mutual TLS or signed"
            " tokens to know who calls; this version has neither: listen on 127.0.0.1",
            listen=text,
        )
    return ListenAddress(host, int(port_text))


# Private functions -----------------------------------------------------------


def _on_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
