"""The canonical encoding: the same bytes as Protocol Buffers, and as a hand writes them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safetycredit.scoring.v1 import list_entry_pb2
from services.scoring.domain.list_digest import entry_digest
from services.scoring.domain.list_encoding import (
    LEFT_VIEW,
    NAME_BYTES,
    FramesDamagedError,
    Place,
    encode_departure,
    encode_entry,
    encode_removal,
    framed,
    is_in,
    is_of,
    is_removal,
    place_of,
    removal_reason,
    texts_of,
    unframed,
)
from services.scoring.domain.list_entry import (
    EntryRemoval,
    ListEntry,
    ListKey,
    ListKind,
    RemovalReason,
)
from services.scoring.handlers.list_entry_messages import (
    entry_removal_message,
    list_entry_message,
)
from tests.fakes.list_entries import BLACKLIST, entry, removal

NUMBERS = st.integers(min_value=1, max_value=2**62)
TEXTS = st.text(max_size=200)
DAYS = st.dates(min_value=date(1949, 10, 1), max_value=date(2999, 12, 31))
KEYS = st.builds(ListKey, st.sampled_from(ListKind), st.integers(min_value=1, max_value=5))
ENTRIES = st.builds(
    ListEntry,
    entry_id=NUMBERS,
    list_key=KEYS,
    subject_id=NUMBERS,
    person=st.booleans(),
    credit_code=TEXTS,
    name=TEXTS,
    identity_mask=TEXTS,
    division=st.none() | st.integers(min_value=0, max_value=999_999),
    authority=TEXTS,
    document_number=TEXTS,
    decision_date=DAYS,
    start_date=DAYS,
    end_date=st.none() | DAYS,
    rule_ids=st.lists(TEXTS, max_size=3).map(tuple),
    cause=TEXTS,
    basis=TEXTS,
    measures=st.lists(TEXTS, max_size=3).map(tuple),
    policy_id=TEXTS,
    policy_version=TEXTS,
    policy_digest=TEXTS,
)
REMOVALS = st.builds(
    EntryRemoval,
    entry_id=NUMBERS,
    list_key=KEYS,
    reason=st.sampled_from(RemovalReason),
    document_number=TEXTS,
    removal_date=DAYS,
)


def test_an_entry_is_encoded_as_the_proto_says() -> None:
    """A vector for foreign programs, written byte by byte from the rule in list_entry.proto."""
    written = encode_entry(
        entry(
            7,
            subject_id=300,
            credit_code="",
            name="甲",
            division=None,
            authority="乙",
            document_number="D-1",
            decision_date=date(2025, 5, 20),
            start_date=date(2025, 6, 1),
            end_date=None,
            rule_ids=("B-1", ""),
            cause="",
            basis="",
            measures=(),
            policy_id="p",
            policy_version="",
            policy_digest="",
        )
    )

    assert written == bytes.fromhex(
        "0a03 6c2d37"  # 1 entry_id "l-7"
        "1001"  # 2 kind: blacklist
        "1801"  # 3 field: work safety
        "2205 652d333030"  # 4 subject_id "e-300"
        "3203 e794b2"  # 6 name 甲; 5, 7 and 8 are empty
        "4a03 e4b999"  # 9 authority 乙
        "5203 442d31"  # 10 document_number "D-1"
        "5a07 08e90f 1005 1814"  # 11 decision_date: 2025, 5, 20
        "6207 08e90f 1006 1801"  # 12 start_date: 2025, 6, 1
        "7203 422d31"  # 14 rule_ids "B-1"
        "7200"  # 14 rule_ids: an empty element is not left out
        "920103 0a0170"  # 18 policy: policy_id "p"
    )
    assert entry_digest(written).hex() == (
        "257448bb3a220c8834b5fe0a1d3128a95ed79aa1e55f4291f2093ed7fd1c2996"
    )


def test_a_removal_is_encoded_as_the_proto_says() -> None:
    """A vector for foreign programs; an expired term has no document, and it is left out."""
    written = encode_removal(removal(300, removal_date=date(2028, 6, 1)))

    assert written == bytes.fromhex(
        "0a05 6c2d333030"  # 1 entry_id "l-300"
        "1001 1801"  # 2 kind, 3 field
        "2001"  # 4 reason: expired
        "3207 08ec0f 1006 1801"  # 6 removal_date: 2028, 6, 1
    )


def test_a_departure_names_a_reason_that_no_decision_gives() -> None:
    """An entry that only left a view says so; its number is none of the decisions' reasons."""
    message = list_entry_pb2.EntryRemoval.FromString(encode_departure(9, BLACKLIST))

    assert message.entry_id == "l-9"
    assert message.reason == list_entry_pb2.RemovalReason.REMOVAL_REASON_LEFT_VIEW == LEFT_VIEW
    assert removal_reason(LEFT_VIEW) is None
    assert removal_reason(2) is RemovalReason.EARLY


@given(ENTRIES)
@settings(max_examples=60)
def test_an_entry_is_the_bytes_of_its_message(given_entry: ListEntry) -> None:
    """Both ways of writing an entry give the same bytes."""
    message = list_entry_message(given_entry)

    assert encode_entry(given_entry) == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 2047, 2048, 16383, 16384])
def test_lengths_are_written_on_both_sides_of_every_step(length: int) -> None:
    """One byte, two or three; and below and above the numbers that are written beforehand."""
    given_entry = entry(1, cause="x" * length)

    written = encode_entry(given_entry)

    assert written == list_entry_message(given_entry).SerializeToString(deterministic=True)


@given(REMOVALS)
@settings(max_examples=30)
def test_a_removal_is_the_bytes_of_its_message(given_removal: EntryRemoval) -> None:
    """Both ways of writing a removal give the same bytes."""
    message = entry_removal_message(given_removal)

    assert encode_removal(given_removal) == message.SerializeToString(deterministic=True)


@given(st.lists(st.binary(max_size=300)))
def test_what_was_framed_comes_back(entries: list[bytes]) -> None:
    """Entries of any length, also of none, in their order."""
    assert list(unframed(b"".join(map(framed, entries)))) == entries


@pytest.mark.parametrize(
    ("frames", "before"),
    [
        pytest.param("12 02 6869 1a 01 61", ["6869"], id="another-tag"),
        pytest.param("12 02 6869 12 02 61", ["6869"], id="too-short"),
        pytest.param("12 80", [], id="unended-length"),
        pytest.param("12", [], id="no-length"),
    ],
)
def test_bytes_that_are_no_frames_are_refused(frames: str, before: list[str]) -> None:
    """What stands before the damage is given."""
    found: list[str] = []

    with pytest.raises(FramesDamagedError):
        found.extend(one.hex() for one in unframed(bytes.fromhex(frames)))

    assert found == before


def test_a_field_of_a_later_release_survives_a_library_that_does_not_know_it() -> None:
    """An old subscriber digests what it received, so additions do not break its copy."""
    later = encode_entry(entry(1)) + bytes.fromhex("9a0102 6869")  # 19: a text "hi"

    message = list_entry_pb2.ListEntry.FromString(later)

    assert message.SerializeToString(deterministic=True) == later


@given(given_entry=ENTRIES)
@settings(max_examples=50, deadline=None)
def test_an_entry_says_where_it_belongs(given_entry: ListEntry) -> None:
    """Its number and its division stand in its body, whatever else does."""
    body, division = encode_entry(given_entry), given_entry.division
    number = given_entry.entry_id

    assert place_of(body) == Place(number, None, division)
    assert (is_of(body, number), is_of(body[:NAME_BYTES], number)) == (True, True)
    assert is_in(body, division)
    assert not is_of(body, number + 1)
    assert not is_in(body, 0 if division is None else None)


def test_one_number_is_not_the_beginning_of_another() -> None:
    """l-1 is not l-10, nor the other way round."""
    assert not is_of(encode_entry(entry(10)), 1)
    assert not is_of(encode_entry(entry(1)), 10)


def test_a_removal_says_its_reason() -> None:
    """It lies in no division, and is of its entry all the same."""
    body = encode_removal(removal(7, reason=RemovalReason.CORRECTED))

    assert place_of(body) == Place(7, 3, None)
    assert is_of(body, 7)
    assert place_of(encode_departure(7, BLACKLIST)) == Place(7, LEFT_VIEW, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        encode_entry(entry(1))[1:],
        encode_entry(entry(1)).replace(b"l-1", b"l-0"),
        encode_entry(entry(1)).replace(b"110105", b"11010x"),
        b"\x0a\xff",
    ],
    ids=["nothing", "a-letter", "cut-before", "no-number", "no-division", "a-number-without-end"],
)
def test_what_was_damaged_belongs_nowhere(body: bytes) -> None:
    """Nothing is guessed."""
    assert place_of(body) is None


@given(entry=ENTRIES)
def test_the_words_of_an_entry_are_read_from_its_encoding(entry: ListEntry) -> None:
    """Its document, cause and basis, whatever else it says; and it is no removal."""
    body = encode_entry(entry)

    assert texts_of(body) == (entry.document_number, entry.cause, entry.basis)
    assert not is_removal(body)


def test_the_words_of_a_removal_are_those_of_its_document() -> None:
    """Without a document it says nothing in words; bytes that are none say nothing either."""
    assert texts_of(encode_removal(removal(1, document_number="移出1号"))) == ("移出1号",)
    assert texts_of(encode_removal(removal(1, document_number=""))) == ("",)
    assert is_removal(encode_removal(removal(1)))
    assert texts_of(b"\x0a\xff") == ()
    assert not is_removal(b"\x0a\xff")
