"""Identity numbers under a key: AES-GCM to keep them, HMAC to find equal ones."""

import hmac
import os
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.credit.commands.ports import SealedNumber
from services.credit.domain.errors import IdentityNumberUnreadableError

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
# Leads every cipher, so that another way of encrypting can be told apart one day.
_VERSION: Final = b"\x01"


class AesVault:
    """Encrypts identity numbers; implements `IdentityVault`.

    One key is given and three are derived from it, because a key that encrypts must not digest.
    """

    def __init__(self, key: bytes) -> None:
        """Derive the keys.

        Args:
            key: 32 random bytes.
        """
        self._cipher = AESGCM(_derived(key, b"encryption"))
        self._lookup_key = _derived(key, b"lookup")
        self._digest_key = _derived(key, b"request digest")

    def seal(self, identity_number: str) -> SealedNumber:
        """Encrypt a number."""
        number = identity_number.encode("ascii")
        nonce = os.urandom(_NONCE_BYTES)
        cipher = _VERSION + nonce + self._cipher.encrypt(nonce, number, _VERSION)
        lookup = hmac.new(self._lookup_key, number, sha256).hexdigest()
        return SealedNumber(cipher, lookup)

    def open(self, cipher: bytes) -> str:
        """Decrypt a number."""
        nonce, sealed = cipher[1 : 1 + _NONCE_BYTES], cipher[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, cipher[:1]).decode("ascii")
        except InvalidTag as error:
            raise IdentityNumberUnreadableError(
                "the key for identity numbers is not the one that this store was written with;"
                " set the right one"
            ) from error

    def digest(self, body: bytes) -> bytes:
        """Digest a request that holds a number."""
        return hmac.new(self._digest_key, body, sha256).digest()


# Private functions -----------------------------------------------------------


def _derived(key: bytes, purpose: bytes) -> bytes:
    info = b"safetycredit identity numbers: " + purpose
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(key)
