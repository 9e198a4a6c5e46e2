"""Points of a store, and opaque tokens: where a write stands, and where a page ends.

Both kinds of token are urlsafe text with a digest against damage. The digest is no
signature: a token grants nothing, so forging one gains nothing.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final, NoReturn, Self

from services.common.errors import Category, SafetyCreditError

PagePosition = tuple[int | str | None, ...]
"""Sort key of the last row of a page; days and instants as ISO text."""

_TOKEN_CHARACTERS_MAX: Final = 4096
"""House limit: far above any position, low enough to refuse rubbish early."""

_STORE_TOKEN_KIND: Final = b"\x01"
_PAGE_TOKEN_KIND: Final = b"\x02"
_DIGEST_BYTES: Final = 6
_STORE_ID_BYTES: Final = 16
_REVISION_BYTES: Final = 8
_SCOPE_BYTES: Final = 8


class MalformedTokenError(SafetyCreditError):
    """A store token is damaged or was never one."""

    reason = "TOKEN_MALFORMED"
    category = Category.INVALID


class ForeignStoreTokenError(SafetyCreditError):
    """A store token was issued by another store."""

    reason = "TOKEN_FOREIGN_STORE"
    category = Category.INVALID


class MalformedPageTokenError(SafetyCreditError):
    """A page token is damaged or was never one."""

    reason = "PAGE_TOKEN_MALFORMED"
    category = Category.INVALID


class PageTokenMismatchError(SafetyCreditError):
    """A page token belongs to another method, filter or store."""

    reason = "PAGE_TOKEN_MISMATCH"
    category = Category.INVALID


@dataclass(frozen=True, slots=True)
class StoreToken:
    """A point in the life of one store; what every write returns.

    Attributes:
        store_id: 32 lower-case hexadecimal digits, made with the store.
        revision: Revision that the write took, at least 0.
    """

    store_id: str
    revision: int

    def encode(self) -> str:
        """Write the token as opaque text."""
        body = bytes.fromhex(self.store_id) + self.revision.to_bytes(_REVISION_BYTES, "big")
        return _seal(_STORE_TOKEN_KIND + body)

    @classmethod
    def decode(cls, text: str, *, store_id: str) -> Self:
        """Read a token that this store must have issued.

        Args:
            text: What a client sent.
            store_id: The store that is asked.

        Raises:
            MalformedTokenError: The text is damaged or no store token.
            ForeignStoreTokenError: Another store issued it.
        """
        body = _open(text, _STORE_TOKEN_KIND)
        if body is None or len(body) != _STORE_ID_BYTES + _REVISION_BYTES:
            raise MalformedTokenError("send the token of a write's answer unchanged, or none")
        issued_by = body[:_STORE_ID_BYTES].hex()
        if issued_by != store_id:
            raise ForeignStoreTokenError(
                "the token was issued by another store; send one of this store, or none",
                token_store_id=issued_by,
                store_id=store_id,
            )
        return cls(issued_by, int.from_bytes(body[_STORE_ID_BYTES:], "big"))


@dataclass(frozen=True, slots=True)
class StorePoint:
    """A point in the life of a store: everything up to one commit.

    Attributes:
        store_id: Random identity of the store, 32 hexadecimal digits.
        revision: Last committed revision; 0 before the first write.
        recorded_time: Instant of that revision, UTC.
    """

    store_id: str
    revision: int
    recorded_time: datetime

    @property
    def token(self) -> StoreToken:
        """Give the token of this point."""
        return StoreToken(self.store_id, self.revision)


@dataclass(frozen=True, slots=True)
class PageScope:
    """What a page token is good for: one method, one filter, one store.

    Attributes:
        method: Full name of the RPC.
        filter_bytes: The request without its page token and page size, as bytes
            that are equal for equal filters.
        store_id: The store that is asked.
    """

    method: str
    filter_bytes: bytes
    store_id: str

    def encode(self, position: PagePosition) -> str:
        """Write a page token that continues after ``position``.

        A list that must not shift while it is paged puts the revision that its
        first page was read at into the position.
        """
        body = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
        text = _seal(_PAGE_TOKEN_KIND + self._digest() + body.encode())
        assert len(text) <= _TOKEN_CHARACTERS_MAX, "a page position is small"
        return text

    def decode(self, text: str) -> PagePosition:
        """Read the position of a page token of this scope.

        Raises:
            MalformedPageTokenError: The text is damaged or no page token.
            PageTokenMismatchError: It belongs to another method, filter or store.
        """
        body = _open(text, _PAGE_TOKEN_KIND)
        if body is None or len(body) < _SCOPE_BYTES:
            _refuse_page_token()
        if body[:_SCOPE_BYTES] != self._digest():
            raise PageTokenMismatchError(
                "the page token belongs to another method, filter or store;"
                " repeat the request unchanged, or start without a token",
                method=self.method,
            )
        return tuple(json.loads(body[_SCOPE_BYTES:]))

    def _digest(self) -> bytes:
        digest = blake2b(self.filter_bytes, digest_size=_SCOPE_BYTES)
        digest.update(f"\0{self.method}\0{self.store_id}".encode())
        return digest.digest()


# Private functions -----------------------------------------------------------


def _refuse_page_token() -> NoReturn:
    raise MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )


def _seal(body: bytes) -> str:
    digest = blake2b(body, digest_size=_DIGEST_BYTES).digest()
    return urlsafe_b64encode(body + digest).rstrip(b"=").decode("ascii")


def _open(text: str, kind: bytes) -> bytes | None:
    """Give the body behind the kind, or nothing if the text is damaged."""
    if len(text) > _TOKEN_CHARACTERS_MAX or not text.isascii():
        return None
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    body, digest = sealed[:-_DIGEST_BYTES], sealed[-_DIGEST_BYTES:]
    if blake2b(body, digest_size=_DIGEST_BYTES).digest() != digest:
        return None
    # Base64 ignores foreign characters and spare bits; only one text is a token.
    return body[1:] if body[:1] == kind and _seal(body) == text else None
