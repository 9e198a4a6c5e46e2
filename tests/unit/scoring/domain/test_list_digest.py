"""Digests of lists: vectors for foreign programs, worked out by the rule alone."""

from hashlib import sha256

from services.scoring.domain.list_digest import (
    EMPTY_BUCKETS,
    EMPTY_LIST,
    bucket_digest,
    bucket_of,
    bucket_slice,
    list_digest,
)


def test_an_empty_list_has_the_digest_that_the_proto_states() -> None:
    """It is SHA-256 over 4096 times SHA-256 of nothing; list_sync_service.proto shows its ends."""
    assert sha256(sha256(b"").digest() * 4096).digest() == EMPTY_LIST
    assert EMPTY_LIST.hex() == ("f5034e4f69a7ccf4733cb59dd015bc0706cfecac7195be643399136f3d44c5e5")


def test_an_entry_lies_in_the_bucket_of_the_first_twelve_bits_of_its_identifier() -> None:
    """SHA-256 of "l-1" begins with the bytes that a foreign program finds too."""
    digest = sha256(b"l-1").hexdigest()

    assert bucket_of("l-1") == int(digest[:3], 16)


def test_a_bucket_is_digested_in_the_order_of_its_digests() -> None:
    """The order in which entries arrive does not matter."""
    one, other = b"\x01" * 32, b"\x02" * 32

    assert bucket_digest([other, one]) == sha256(one + other).digest()


def test_a_list_of_one_entry_differs_from_the_empty_one_in_one_bucket() -> None:
    """The whole rule at once: entry, bucket, list."""
    entry = sha256(b"entry").digest()
    digests = bytearray(EMPTY_BUCKETS)

    digests[bucket_slice(5)] = bucket_digest([entry])

    expected = sha256(
        sha256(b"").digest() * 5 + sha256(entry).digest() + sha256(b"").digest() * 4090
    )
    assert list_digest(digests) == expected.digest()
