"""Identity numbers under a key: AES-GCM to keep them, HMAC to find equal ones."""

import hmac
from hashlib import sha256

from services.common.identity_cipher import CipherUnreadableError, IdentityCipher, derived_key
from services.credit.commands.ports import SealedNumber
from services.credit.domain.errors import IdentityNumberUnreadableError


class AesVault:
    """Encrypts identity numbers; implements `IdentityVault`.

    One key is given and three are derived from it, because a key that encrypts must not digest.
    """

    def __init__(self, key: bytes) -> None:
        """Derive the keys.

        Args:
            key: 32 random bytes.
        """
        self._cipher = IdentityCipher(key)
        self._lookup_key = derived_key(key, b"lookup")
        self._digest_key = derived_key(key, b"request digest")

    def seal(self, identity_number: str) -> SealedNumber:
        """Encrypt a number."""
        number = identity_number.encode("ascii")
        lookup = hmac.new(self._lookup_key, number, sha256).hexdigest()
        return SealedNumber(self._cipher.seal(number), lookup)

    def open(self, cipher: bytes) -> str:
        """Decrypt a number."""
        try:
            return self._cipher.open(cipher)
        except CipherUnreadableError as error:
            raise IdentityNumberUnreadableError(error.message) from error

    def digest(self, body: bytes) -> bytes:
        """Digest a request that holds a number."""
        return hmac.new(self._digest_key, body, sha256).digest()
