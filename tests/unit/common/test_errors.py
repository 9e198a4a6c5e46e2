"""Errors: what they carry."""

from services.common.errors import Category, FieldViolation, InvalidInputError, SafetyCreditError


class LidMissingError(SafetyCreditError):
    """A kettle has no lid; for these tests alone."""

    reason = "LID_MISSING"
    category = Category.PRECONDITION


def test_facts_are_text() -> None:
    """Facts travel as text, whatever they were."""
    error = LidMissingError("put a lid on kettle 7", kettle=7)

    assert (error.facts, str(error)) == ({"kettle": "7"}, "put a lid on kettle 7")


def test_an_invalid_input_names_every_field() -> None:
    """One failed call names every wrong field."""
    violations = (
        FieldViolation("fine_fen", "FINE_BELOW_ZERO", "must be at least 0"),
        FieldViolation("document_number", "DOCUMENT_NUMBER_MISSING", "must be given"),
    )

    error = InvalidInputError(iter(violations))

    assert error.violations == violations
    assert error.message == "fine_fen: must be at least 0; document_number: must be given"
