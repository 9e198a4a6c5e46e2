"""Verifying credit statements without a network: the text, the public keys, the time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OKPKey
from joserfc.util import to_bytes, urlsafe_b64decode, urlsafe_b64encode

from services.common.errors import Category, SafetyCreditError
from services.common.statement_keys import ALGORITHM, CURVE, TYPE

PARTS: Final = 3
"""Parts of a signature in compact form: header, payload, signature."""


class StatementMalformedError(SafetyCreditError):
    """A text is no credit statement."""

    reason = "STATEMENT_MALFORMED"
    category = Category.INVALID


class StatementAlgorithmError(SafetyCreditError):
    """A statement names another algorithm than the one that statements are signed with."""

    reason = "STATEMENT_ALGORITHM_WRONG"
    category = Category.INVALID


class StatementKeyUnknownError(SafetyCreditError):
    """A statement was signed with a key that is not among those known."""

    reason = "STATEMENT_KEY_UNKNOWN"
    category = Category.INVALID


class StatementAlteredError(SafetyCreditError):
    """A statement was changed after it had been signed."""

    reason = "STATEMENT_ALTERED"
    category = Category.INVALID


class StatementExpiredError(SafetyCreditError):
    """A statement's time is over."""

    reason = "STATEMENT_EXPIRED"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """A statement whose signature is right.

    Attributes:
        claims: What it says.
        key_id: Key that signed it.
        issue_time: When it was issued, UTC.
        expiry_time: When it expires, UTC.
    """

    claims: Mapping[str, Any]
    key_id: str
    issue_time: datetime
    expiry_time: datetime


def verify_statement(text: str, keys: Mapping[str, Any], *, now: datetime) -> VerifiedStatement:
    """Verify a statement.

    Nothing in the text is believed before the signature is right; of the header only that it names
    the one algorithm, and one of the keys given.

    Args:
        text: JSON Web Signature in compact form.
        keys: A JSON Web Key Set of public keys.
        now: Instant to compare its expiry with.

    Raises:
        StatementMalformedError: It is no statement.
        StatementAlgorithmError: It names another algorithm.
        StatementKeyUnknownError: Its key is not among those given.
        StatementAlteredError: Its signature is wrong.
        StatementExpiredError: Its time is over.
    """
    text = text.strip()
    header = _header(text)
    if header.get("alg") != ALGORITHM:
        raise StatementAlgorithmError(
            f"a credit statement is signed with {ALGORITHM}; this text names"
            f" {header.get('alg')!r}, so do not rely on it",
            algorithm=header.get("alg"),
        )
    if header.get("typ") != TYPE:
        raise _malformed()
    key_id = header.get("kid")
    if not _canonical(text):
        # Bits that no byte needs can differ in a text whose signature is right.
        raise _altered(key_id)
    key = _public_key(keys, key_id)
    try:
        signed = jws.deserialize_compact(text, key, algorithms=[ALGORITHM])
    except BadSignatureError as error:
        raise _altered(key_id) from error
    except (JoseError, ValueError) as error:
        raise _malformed() from error
    return _in_time(_read(signed.payload, str(key_id)), now)


# Private functions -----------------------------------------------------------


def _header(text: str) -> Mapping[str, Any]:
    parts = text.split(".")
    if len(parts) != PARTS:
        raise _malformed()
    try:
        header = json.loads(urlsafe_b64decode(to_bytes(parts[0])))
    except ValueError as error:
        raise _malformed() from error
    if not isinstance(header, dict):
        raise _malformed()
    return header


def _canonical(text: str) -> bool:
    """Say whether every part is written as its bytes are always written."""
    try:
        return all(
            urlsafe_b64encode(urlsafe_b64decode(part)) == part
            for part in map(to_bytes, text.split("."))
        )
    except ValueError:
        return False


def _altered(key_id: object) -> StatementAlteredError:
    return StatementAlteredError(
        "the signature does not fit the text: it was changed, so do not rely on it", key_id=key_id
    )


def _public_key(keys: Mapping[str, Any], key_id: object) -> OKPKey:
    entries = keys.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("kid") == key_id and key_id:
            if entry.get("kty") != "OKP" or entry.get("crv") != CURVE:
                break
            try:
                return OKPKey.import_key({"kty": "OKP", "crv": CURVE, "x": str(entry.get("x"))})
            except (JoseError, ValueError) as error:
                raise _unknown_key(key_id) from error
    raise _unknown_key(key_id)


def _read(payload: bytes, key_id: str) -> VerifiedStatement:
    try:
        claims = json.loads(payload)
        return VerifiedStatement(claims, key_id, _instant(claims["iat"]), _instant(claims["exp"]))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise _malformed() from error


def _in_time(statement: VerifiedStatement, now: datetime) -> VerifiedStatement:
    if now >= statement.expiry_time:
        raise StatementExpiredError(
            f"the statement expired at {statement.expiry_time.isoformat()}; ask for a new one",
            expiry_time=statement.expiry_time.isoformat(),
        )
    return statement


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _unknown_key(key_id: object) -> StatementKeyUnknownError:
    return StatementKeyUnknownError(
        f"the key {key_id} is not among those given; fetch them again with: safetycredit statement"
        " keys --to FILE",
        key_id=key_id,
    )


def _malformed() -> StatementMalformedError:
    return StatementMalformedError(
        "this is no credit statement; give the file as it was issued, unchanged"
    )
