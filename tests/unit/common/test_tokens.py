"""Tokens: read back whole, refused when damaged or foreign."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.tokens import (
    ForeignStoreTokenError,
    MalformedPageTokenError,
    MalformedTokenError,
    PageScope,
    PageTokenMismatchError,
    StoreToken,
)

STORE = "0123456789abcdef0123456789abcdef"
OTHER_STORE = "f" * 32
SCOPE = PageScope("safetycredit.credit.v1.CreditService/ListRecords", b"filter", STORE)


@given(revision=st.integers(min_value=0, max_value=2**63 - 1))
def test_a_store_token_is_read_back(revision: int) -> None:
    """A token gives back the revision that it was made of."""
    token = StoreToken(STORE, revision)

    assert StoreToken.decode(token.encode(), store_id=STORE) == token


@given(data=st.data())
def test_a_changed_character_damages_a_token(data: st.DataObject) -> None:
    """No token with one character changed is read as another point."""
    text = StoreToken(STORE, 12).encode()
    place = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    character = data.draw(st.characters(exclude_characters=text[place]))

    with pytest.raises(MalformedTokenError):
        StoreToken.decode(text[:place] + character + text[place + 1 :], store_id=STORE)


@given(text=st.text(max_size=80))
def test_rubbish_is_no_token(text: str) -> None:
    """Whatever is sent as a token is refused by name, never by accident."""
    with pytest.raises(MalformedTokenError):
        StoreToken.decode(text, store_id=STORE)
    with pytest.raises(MalformedPageTokenError):
        SCOPE.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("A" * 4097, id="too-long"),
        pytest.param(StoreToken(STORE, 1).encode()[:-1], id="cut"),
        pytest.param(StoreToken(STORE, 1).encode() + "\n", id="line-break"),
        pytest.param(StoreToken(STORE, 1).encode() + "=", id="padding"),
        pytest.param(SCOPE.encode((1,)), id="page-token"),
    ],
)
def test_a_damaged_store_token_is_malformed(text: str) -> None:
    """Only the very text that was issued is a token."""
    with pytest.raises(MalformedTokenError):
        StoreToken.decode(text, store_id=STORE)


def test_a_token_of_another_store_is_foreign() -> None:
    """A token is bound to the store that issued it."""
    text = StoreToken(OTHER_STORE, 3).encode()

    with pytest.raises(ForeignStoreTokenError) as error:
        StoreToken.decode(text, store_id=STORE)

    assert error.value.facts == {"token_store_id": OTHER_STORE, "store_id": STORE}


def test_a_token_says_nothing_readable() -> None:
    """A token is opaque: urlsafe text without padding."""
    text = StoreToken(STORE, 3).encode()

    assert base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert STORE not in text
    assert "=" not in text


@given(
    position=st.lists(
        st.none() | st.integers(min_value=-(2**63), max_value=2**63 - 1) | st.text(max_size=40),
        max_size=4,
    ).map(tuple)
)
def test_a_page_token_gives_back_its_position(position: tuple[int | str | None, ...]) -> None:
    """A position of whole numbers, texts and nothings is read back as it was."""
    assert SCOPE.decode(SCOPE.encode(position)) == position


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param(PageScope(SCOPE.method, b"other", STORE), id="another-filter"),
        pytest.param(PageScope("x.Y/Z", SCOPE.filter_bytes, STORE), id="another-method"),
        pytest.param(PageScope(SCOPE.method, SCOPE.filter_bytes, OTHER_STORE), id="another-store"),
    ],
)
def test_a_page_token_is_bound_to_its_list(scope: PageScope) -> None:
    """A page token continues the list that it came from, and no other."""
    text = SCOPE.encode((7, "a"))

    with pytest.raises(PageTokenMismatchError):
        scope.decode(text)


def test_a_store_token_is_no_page_token() -> None:
    """The two kinds are not mistaken for each other."""
    with pytest.raises(MalformedPageTokenError):
        SCOPE.decode(StoreToken(STORE, 1).encode())
