"""Texts of records: whatever an authority wrote as it liked, in the header and in any body."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

from services.credit.domain.record import Body, Edition, Header, Supersession

Change = Callable[[str], str]

# Whose document it is: not what it says.
_NO_TEXTS: Final = frozenset({"authority", "authority_code"})


def retold(edition: Edition, change: Change) -> Edition:
    """Give an edition with every text of it changed, in its header, its body and its correction.

    Args:
        edition: The edition.
        change: Gives what is shown for a text.
    """
    past = edition.superseded
    return replace(
        edition,
        header=_retold(edition.header, change),
        body=_retold(edition.body, change),
        superseded=None if past is None else _retold(past, change),
    )


def texts_of(value: Header | Body | Supersession) -> dict[str, str]:
    """Give the texts of a header, a body or a correction, by the names of their attributes."""
    found = ((one.name, getattr(value, one.name)) for one in fields(value))
    return {name: held for name, held in found if isinstance(held, str) and name not in _NO_TEXTS}


# Private functions -----------------------------------------------------------


def _retold(value: Any, change: Change) -> Any:  # noqa: ANN401 -- gives back what it is given.
    return replace(value, **{name: change(text) for name, text in texts_of(value).items()})
