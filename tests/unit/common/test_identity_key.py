"""The key for identity numbers: given, or made for the default store alone."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common.identity_key import IdentityKeyError, load_identity_key
from services.common.settings import load_settings

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()


def test_the_key_comes_from_the_environment() -> None:
    """A key may be given as it is."""
    settings = load_settings({"SAFETYCREDIT_ID_KEY": KEY_TEXT})

    assert load_identity_key(settings) == KEY


def test_the_key_comes_from_a_file(tmp_path: Path) -> None:
    """A key may be given as a file, with or without a line break."""
    path = tmp_path / "key"
    path.write_text(KEY_TEXT + "\n")

    settings = load_settings({"SAFETYCREDIT_ID_KEY_FILE": str(path)})

    assert load_identity_key(settings) == KEY


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(base64.b64encode(KEY[:-1]).decode(), id="31-bytes"),
        pytest.param(base64.b64encode(KEY + b"x").decode(), id="33-bytes"),
        pytest.param("not base64 at all", id="no-base64"),
    ],
)
def test_a_key_of_another_length_is_refused(text: str) -> None:
    """A key has exactly 32 bytes; the refusal does not repeat it."""
    with pytest.raises(IdentityKeyError) as error:
        load_identity_key(load_settings({"SAFETYCREDIT_ID_KEY": text}))

    assert text not in error.value.message


def test_a_missing_key_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is named."""
    settings = load_settings({"SAFETYCREDIT_ID_KEY_FILE": str(tmp_path / "key")})

    with pytest.raises(IdentityKeyError, match="key cannot be read"):
        load_identity_key(settings)


def test_a_named_store_gets_no_key_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that somebody named needs a key that somebody gave."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"SAFETYCREDIT_DATABASE_URL": "sqlite:///mine.db"})

    with pytest.raises(IdentityKeyError, match="SAFETYCREDIT_ID_KEY_FILE"):
        load_identity_key(settings)

    assert list(tmp_path.iterdir()) == []


def test_the_default_store_gets_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that start together agree on one key, which only its owner reads."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})

    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: load_identity_key(settings), range(16)))

    assert len(keys) == 1
    assert len(keys.pop()) == 32
    (path,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
