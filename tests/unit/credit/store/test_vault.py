"""The vault of identity numbers: what it keeps, and from whom."""

import pytest

from services.credit.domain.errors import IdentityNumberUnreadableError
from services.credit.store.vault import AesVault

NUMBER = "11010519491231002X"
KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))


def test_a_number_comes_back() -> None:
    """Whoever has the key reads what was sealed, in another process too."""
    sealed = AesVault(KEY).seal(NUMBER)

    assert AesVault(KEY).open(sealed.cipher) == NUMBER


def test_equal_numbers_are_found_and_not_seen() -> None:
    """The digest is equal for equal numbers, the cipher never is."""
    vault = AesVault(KEY)
    first, second = vault.seal(NUMBER), vault.seal(NUMBER)

    assert first.lookup == second.lookup
    assert first.cipher != second.cipher
    assert NUMBER.encode() not in first.cipher


def test_another_key_finds_and_reads_nothing() -> None:
    """The store alone reveals no number, not even by trying all of them."""
    sealed = AesVault(KEY).seal(NUMBER)
    other = AesVault(OTHER_KEY)

    assert other.seal(NUMBER).lookup != sealed.lookup
    assert other.digest(b"request") != AesVault(KEY).digest(b"request")
    with pytest.raises(IdentityNumberUnreadableError):
        other.open(sealed.cipher)


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_a_damaged_cipher_is_refused(place: int) -> None:
    """Version, nonce, number and tag are all under protection."""
    vault = AesVault(KEY)
    cipher = bytearray(vault.seal(NUMBER).cipher)
    cipher[place] ^= 1

    with pytest.raises(IdentityNumberUnreadableError):
        vault.open(bytes(cipher))


def test_the_lookup_is_no_plain_digest_of_the_request() -> None:
    """Each purpose has a key of its own."""
    vault = AesVault(KEY)

    assert vault.digest(NUMBER.encode()).hex() != vault.seal(NUMBER).lookup
