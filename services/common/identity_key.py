"""The key under which persons' identity numbers are stored."""

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from services.common.errors import Category, SafetyCreditError
from services.common.settings import DEVELOPMENT_FOLDER, PREFIX, Settings

KEY_BYTES: Final = 32
"""Length of the key: AES-256."""

DEVELOPMENT_KEY_FILE: Final = DEVELOPMENT_FOLDER / "safetycredit.id_key"
"""Where the key of the default embedded store is made."""


class IdentityKeyError(SafetyCreditError):
    """There is no usable key for identity numbers."""

    reason = "ID_KEY_UNUSABLE"
    category = Category.PRECONDITION


def load_identity_key(settings: Settings) -> bytes:
    """Give the key: from the settings, or the default store's own.

    A key is made only for the default embedded store. Any other store is somebody's
    data, and a key that appears beside it by itself would protect nothing.

    Raises:
        IdentityKeyError: No key is set for a named store, or it is no key.
    """
    if settings.id_key is not None:
        return _decoded(settings.id_key.get_secret_value(), source=f"{PREFIX}ID_KEY")
    if settings.id_key_file is not None:
        return _read(settings.id_key_file)
    if not settings.default_store:
        raise IdentityKeyError(
            f"a named store needs {PREFIX}ID_KEY_FILE or {PREFIX}ID_KEY:"
            f" {KEY_BYTES} random bytes in base64"
        )
    if not DEVELOPMENT_KEY_FILE.exists():
        _make(DEVELOPMENT_KEY_FILE)
    return _read(DEVELOPMENT_KEY_FILE)


# Private functions -----------------------------------------------------------


def _read(path: Path) -> bytes:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise IdentityKeyError(
            f"the key file {path} cannot be read as base64 text", path=path
        ) from error
    return _decoded(text, source=str(path))


def _decoded(text: str, *, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise IdentityKeyError(f"{source} must hold {KEY_BYTES} bytes in base64", source=source)
    return key


def _make(path: Path) -> None:
    """Make a key file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii") + "\n")
    try:
        # Both servers may start at once: the first link wins, the other reads it.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
