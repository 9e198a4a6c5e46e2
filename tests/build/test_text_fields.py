"""Of every field of text in an answer somebody decided what it may hold of a person."""

from tests.fakes.text_fields import NO_TEXTS, answered, decided


def test_every_field_of_text_is_decided_once() -> None:
    """A new one fails here until it is masked, refused, or said to be about nobody."""
    fields = {f"{message}.{name}" for message, name in answered() if name not in NO_TEXTS}

    assert decided() == sorted(fields)


def test_names_that_hold_no_text_are_names_of_fields() -> None:
    """None of them is left behind when its fields go."""
    assert sorted(NO_TEXTS - {name for _, name in answered()}) == []
