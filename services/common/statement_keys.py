"""Keys of credit statements: one that signs, and the public halves of those that signed before.

They stand in a file beside the other secrets of a server, never in the store. A rotation throws the
private half of the old key away; what it signed can still be verified.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.jwk import OKPKey

from services.common.errors import Category, SafetyCreditError
from services.common.settings import DEVELOPMENT_FOLDER, PREFIX, Settings

ALGORITHM: Final = "Ed25519"
"""Fully specified name of the algorithm (RFC 9864); its older name EdDSA left the curve open."""

CURVE: Final = "Ed25519"

TYPE: Final = "credit-statement+jws"
"""Media type of a statement, without ``application/``."""

DEVELOPMENT_KEY_FILE: Final = DEVELOPMENT_FOLDER / "safetycredit.statement_keys.json"
"""Where the keys of the default embedded store are made."""


class StatementKeyMissingError(SafetyCreditError):
    """There is no usable key to sign credit statements with."""

    reason = "STATEMENT_KEY_MISSING"
    category = Category.PRECONDITION


@dataclass(frozen=True, slots=True)
class StatementKey:
    """One key.

    Attributes:
        key_id: Thumbprint (RFC 7638).
        public_key: The public half in base64url.
        create_time: When it was made, UTC.
        retire_time: From when it signs no more; none for the present key.
    """

    key_id: str
    public_key: str
    create_time: datetime
    retire_time: datetime | None = None

    def jwk(self) -> dict[str, str]:
        """Give the public half as a JSON Web Key."""
        return {
            "kty": "OKP",
            "crv": CURVE,
            "x": self.public_key,
            "kid": self.key_id,
            "alg": ALGORITHM,
            "use": "sig",
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed text.

    Attributes:
        key: The key that signed it.
        text: JSON Web Signature in compact form.
    """

    key: StatementKey
    text: str


class StatementKeys:
    """The keys in a file, read anew each time, so that a rotation needs no restart."""

    def __init__(self, path: Path | None, *, made: bool = False) -> None:
        """Use a file.

        Args:
            path: The file; none where none is set.
            made: Whether a missing file is made on first use.
        """
        self._path = path
        self._made = made

    @classmethod
    def of(cls, settings: Settings) -> "StatementKeys":
        """Use the file that the settings name; only the default store's is made by itself."""
        if settings.statement_key_file is not None:
            return cls(settings.statement_key_file)
        return cls(DEVELOPMENT_KEY_FILE, made=True) if settings.default_store else cls(None)

    def sign(self, payload: bytes) -> Signed:
        """Sign with the present key.

        Raises:
            StatementKeyMissingError: There is none.
        """
        for entry in self._entries():
            if "d" in entry:
                key = _key(entry)
                private = OKPKey.import_key(
                    {name: entry[name] for name in ("kty", "crv", "x", "d")}
                )
                header = {"alg": ALGORITHM, "kid": key.key_id, "typ": TYPE}
                return Signed(
                    key, jws.serialize_compact(header, payload, private, algorithms=[ALGORITHM])
                )
        raise StatementKeyMissingError(
            f"{self._path} has no private key; make one with: safetycredit statement rotate-key"
        )

    def public(self) -> tuple[StatementKey, ...]:
        """Give the public halves, oldest first; none where no file is set or made."""
        if self._path is None or not (self._path.exists() or self._made):
            return ()
        return tuple(map(_key, self._entries()))

    def rotate(self, now: datetime) -> StatementKey:
        """Put a new key in the place of the present one, and make the file if there is none.

        Raises:
            StatementKeyMissingError: No file is set, or it cannot be read or written.
        """
        path = self._require_path()
        entries = self._entries() if path.exists() else []
        for entry in entries:
            if "d" in entry:
                del entry["d"]
                entry["retire_time"] = now.isoformat()
        entries.append(_made(now))
        _write(path, entries)
        return _key(entries[-1])

    # Private methods -------------------------------------------------------------

    def _require_path(self) -> Path:
        if self._path is None:
            raise StatementKeyMissingError(
                f"a named store needs {PREFIX}STATEMENT_KEY_FILE; make the file with:"
                " safetycredit statement rotate-key"
            )
        return self._path

    def _entries(self) -> list[dict[str, Any]]:
        path = self._require_path()
        if self._made and not path.exists():
            _write(path, [_made(datetime.now(UTC))], first=True)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            entries: list[dict[str, Any]] = list(document["keys"])
            for entry in entries:
                _key(entry)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StatementKeyMissingError(
                f"the key file {path} cannot be read; make one with:"
                " safetycredit statement rotate-key",
                path=path,
            ) from error
        return entries


def key_set(keys: Sequence[StatementKey]) -> str:
    """Write public keys as a JSON Web Key Set."""
    return json.dumps({"keys": [key.jwk() for key in keys]}, indent=1, sort_keys=True)


# Private functions -----------------------------------------------------------


def _made(now: datetime) -> dict[str, Any]:
    key = OKPKey.generate_key(CURVE)
    entry: dict[str, Any] = dict(key.as_dict(private=True))
    return {
        **{name: entry[name] for name in ("kty", "crv", "x", "d")},
        "kid": key.thumbprint(),
        "create_time": now.isoformat(),
    }


def _key(entry: dict[str, Any]) -> StatementKey:
    retired = entry.get("retire_time")
    return StatementKey(
        key_id=str(entry["kid"]),
        public_key=str(entry["x"]),
        create_time=datetime.fromisoformat(entry["create_time"]).astimezone(UTC),
        retire_time=None if retired is None else datetime.fromisoformat(retired).astimezone(UTC),
    )


def _write(path: Path, entries: list[dict[str, Any]], *, first: bool = False) -> None:
    """Write a key file that only its owner reads, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(json.dumps({"keys": entries}, indent=1) + "\n", encoding="utf-8")
        if not first:
            draft.replace(path)
            return
        # Several may start at once: the first link wins, the others read it.
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise StatementKeyMissingError(
            f"the key file {path} cannot be written: {error.strerror}", path=path
        ) from error
