"""Credit statements without a network: what is believed, and what is refused by name."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey
from joserfc.util import urlsafe_b64encode

from services.common.errors import SafetyCreditError
from services.common.settings import load_settings
from services.common.statement_keys import (
    ALGORITHM,
    TYPE,
    StatementKeyMissingError,
    StatementKeys,
)
from services.common.statement_verifying import (
    StatementAlgorithmError,
    StatementAlteredError,
    StatementExpiredError,
    StatementKeyUnknownError,
    StatementMalformedError,
    verify_statement,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLAIMS = {
    "jti": "1",
    "grade": "A",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(days=30)).timestamp()),
}
PRIVATE = OKPKey.generate_key("Ed25519")
KEY_ID = PRIVATE.thumbprint()
KEYS: dict[str, Any] = {"keys": [{**PRIVATE.as_dict(private=False), "kid": KEY_ID}]}


def signed(claims: object = CLAIMS, **header: Any) -> str:  # noqa: ANN401 -- members of a header.
    """Sign claims, as the server does unless the header says otherwise."""
    members = {"alg": ALGORITHM, "kid": KEY_ID, "typ": TYPE, **header}
    return jws.serialize_compact(
        members, json.dumps(claims).encode(), PRIVATE, algorithms=[members["alg"]]
    )


def header(members: dict[str, str]) -> str:
    """Write a header."""
    return urlsafe_b64encode(json.dumps(members).encode()).decode()


STATEMENT = signed()


def test_a_statement_as_issued_is_believed() -> None:
    """What it says, by which key, until when; blanks around it do no harm."""
    found = verify_statement(f"\n{STATEMENT}\n", KEYS, now=NOW)

    assert found.claims == CLAIMS
    assert found.key_id == KEY_ID
    assert found.expiry_time == NOW + timedelta(days=30)


@given(position=st.integers(0, len(STATEMENT) - 1), character=st.sampled_from("AB0z-_.="))
def test_any_change_is_found(position: int, character: str) -> None:
    """No character can be another, not even where it says bits that no byte needs."""
    altered = STATEMENT[:position] + character + STATEMENT[position + 1 :]
    if altered == STATEMENT:
        return

    with pytest.raises(SafetyCreditError) as error:
        verify_statement(altered, KEYS, now=NOW)

    assert error.value.reason.startswith("STATEMENT_")


def test_the_bits_that_no_byte_needs_count_too() -> None:
    """86 characters hold 64 bytes and four bits; other bits would give the same signature."""
    last = STATEMENT[-1]
    other = {"A": "B", "Q": "R", "g": "h", "w": "x"}[last]

    with pytest.raises(StatementAlteredError):
        verify_statement(STATEMENT[:-1] + other, KEYS, now=NOW)


def test_a_statement_expires_to_the_second() -> None:
    """Its last second is in time, the next is not."""
    end = NOW + timedelta(days=30)

    assert verify_statement(STATEMENT, KEYS, now=end - timedelta(seconds=1)).claims == CLAIMS
    with pytest.raises(StatementExpiredError):
        verify_statement(STATEMENT, KEYS, now=end)


def test_another_algorithm_is_refused_before_any_key_is_asked() -> None:
    """Neither none, nor a secret made of the public key, nor the older name is taken."""
    _, payload, signature = STATEMENT.split(".")
    secret = OctKey.import_key(json.dumps(KEYS["keys"][0]))
    forged = jws.serialize_compact(
        {"alg": "HS256", "kid": KEY_ID, "typ": TYPE}, json.dumps(CLAIMS).encode(), secret
    )
    unsigned = header({"alg": "none", "kid": KEY_ID, "typ": TYPE}) + f".{payload}."
    older = header({"alg": "EdDSA", "kid": KEY_ID, "typ": TYPE}) + f".{payload}.{signature}"

    for text in (forged, unsigned, older):
        with pytest.raises(StatementAlgorithmError):
            verify_statement(text, KEYS, now=NOW)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"keys": []}, id="empty"),
        pytest.param({"keys": "x"}, id="no-list"),
        pytest.param({"keys": [{"kid": KEY_ID, "kty": "oct", "k": "AAAA"}]}, id="secret"),
        pytest.param(
            {"keys": [{"kid": KEY_ID, "kty": "OKP", "crv": "Ed25519", "x": "!"}]}, id="no-key"
        ),
    ],
)
def test_an_unknown_key_is_refused(keys: dict[str, Any]) -> None:
    """Only keys that are given, and of the one kind, verify anything."""
    with pytest.raises(StatementKeyUnknownError):
        verify_statement(STATEMENT, keys, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b", id="two-parts"),
        pytest.param("a.b.c", id="no-header"),
        pytest.param(signed(typ="JWT"), id="another-type"),
        pytest.param(signed([1]), id="no-claims"),
        pytest.param(signed({"iat": 1}), id="no-expiry"),
        pytest.param(signed({"iat": 1, "exp": "x"}), id="no-number"),
        pytest.param(signed({"iat": 1, "exp": 10**30}), id="no-instant"),
    ],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    """A text of another form, or a signed one that says nothing of a statement."""
    with pytest.raises(StatementMalformedError):
        verify_statement(text, KEYS, now=NOW)


# Keys -------------------------------------------------------------------------


def test_a_rotation_keeps_the_public_halves_only(tmp_path: Path) -> None:
    """One private key at a time, in a file that its owner alone may read."""
    path = tmp_path / "keys.json"
    keys = StatementKeys(path)
    first = keys.rotate(NOW)
    signature = keys.sign(b"{}")
    second = keys.rotate(NOW + timedelta(days=1))

    assert signature.key == first
    assert [one.key_id for one in keys.public()] == [first.key_id, second.key_id]
    assert [one.retire_time for one in keys.public()] == [NOW + timedelta(days=1), None]
    assert path.read_text().count('"d"') == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.sign(b"{}").key == second


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [1]}', '{"keys": [{"kid": "x"}]}'])
def test_a_damaged_key_file_is_refused(tmp_path: Path, content: str) -> None:
    """Whatever stands in it instead of keys."""
    path = tmp_path / "keys.json"
    path.write_text(content)

    with pytest.raises(StatementKeyMissingError):
        StatementKeys(path).sign(b"{}")


def test_only_the_default_store_makes_keys_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A named store has none until somebody makes a file and names it."""
    monkeypatch.chdir(tmp_path)
    named = StatementKeys.of(load_settings({"SAFETYCREDIT_DATABASE_URL": "sqlite:///x.db"}))
    default = StatementKeys.of(load_settings({}))

    with pytest.raises(StatementKeyMissingError):
        named.sign(b"{}")
    with pytest.raises(StatementKeyMissingError):
        named.rotate(NOW)
    assert named.public() == ()
    assert default.sign(b"{}").key == default.public()[0]
    assert (tmp_path / "var" / "safetycredit.statement_keys.json").exists()
