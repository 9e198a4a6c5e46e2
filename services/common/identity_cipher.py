"""Identity numbers as they are kept: AES-GCM under a key that is derived for nothing else."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.common.errors import Category, SafetyCreditError

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
# Leads every cipher, so that another way of encrypting can be told apart one day.
_VERSION: Final = b"\x01"

_SHOWN_FIRST: Final = 6
_SHOWN_LAST: Final = 4


class CipherUnreadableError(SafetyCreditError):
    """An identity number cannot be decrypted with the key that is set."""

    reason = "IDENTITY_NUMBER_UNREADABLE"
    category = Category.PRECONDITION


class IdentityCipher:
    """Encrypts and decrypts identity numbers."""

    def __init__(self, key: bytes) -> None:
        """Derive the key.

        Args:
            key: 32 random bytes.
        """
        self._cipher = AESGCM(derived_key(key, b"encryption"))

    def seal(self, number: bytes) -> bytes:
        """Encrypt a number."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, number, _VERSION)

    def open(self, cipher: bytes) -> str:
        """Decrypt a number.

        Raises:
            CipherUnreadableError: It was encrypted with another key.
        """
        nonce, sealed = cipher[1 : 1 + _NONCE_BYTES], cipher[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, cipher[:1]).decode("ascii")
        except (InvalidTag, ValueError) as error:
            raise CipherUnreadableError(
                "the key for identity numbers is not the one that this store was written with;"
                " set the right one"
            ) from error


def derived_key(key: bytes, purpose: bytes) -> bytes:
    """Derive a key for one purpose, because a key that encrypts must not digest."""
    info = b"safetycredit identity numbers: " + purpose
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(key)


def masked_identity_number(identity_number: str) -> str:
    """Show the first six and the last four characters of an identity number.

    Source:
        House decision: division and check show that a number is there, the birth date and the
        order code stay hidden.
    """
    hidden = len(identity_number) - _SHOWN_FIRST - _SHOWN_LAST
    return f"{identity_number[:_SHOWN_FIRST]}{'*' * hidden}{identity_number[-_SHOWN_LAST:]}"
