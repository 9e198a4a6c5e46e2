"""Every reason with which a call can be refused stands in the comments of the protos."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
_WORD: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_NUMBERED: Final = re.compile(r"^\s*([A-Z][A-Z0-9_]+) = \d", re.MULTILINE)
_REASON: Final = re.compile(r'^    reason = "([A-Z0-9_]+)"$', re.MULTILINE)
_WRITTEN: Final = re.compile(rf'"({_WORD.pattern})"')
_STATUS_CODES: Final = frozenset(
    {
        "ALREADY_EXISTS",
        "DATA_LOSS",
        "DEADLINE_EXCEEDED",
        "FAILED_PRECONDITION",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "OUT_OF_RANGE",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
    }
)
_OF_NO_CALL: Final = {
    "ACCESS_TABLE_INVALID": "stops the start of a server",
    "CALENDAR_CONTRADICTION": "stops the start of a server",
    "CALENDAR_INVALID": "stops the start of a server",
    "ID_KEY_UNUSABLE": "stops the start of a server",
    "INPUT_MISSING": "a plan is asked only by commands that bring every input",
    "LEASE_LOST": "ends the background work of a replica",
    "LISTEN_ADDRESS_UNUSABLE": "stops the start of a server",
    "LISTEN_NOT_LOOPBACK": "stops the start of a server",
    "POLICIES_MISSING": "stops the start of a server",
    "POLICY_FOLDER_DIFFERS": "stops the start of a server, and is logged by one that runs",
    "READINESS_FAILED": "is of the health service",
    "RISK_DATA_COLUMNS": "is of the training command",
    "SCHEMA_MISSING": "stops the start of a server",
    "SCHEMA_NEWER": "stops the start of a server",
    "SCHEMA_OLDER": "stops the start of a server",
    "SETTING_INVALID": "stops the start of a server",
    "STATEMENT_ALGORITHM_WRONG": "is of verifying a statement offline",
    "STATEMENT_ALTERED": "is of verifying a statement offline",
    "STATEMENT_EXPIRED": "is of verifying a statement offline",
    "STATEMENT_KEY_UNKNOWN": "is of verifying a statement offline",
    "STATEMENT_MALFORMED": "is of verifying a statement offline",
    "STORE_URL_UNSUPPORTED": "stops the start of a server",
    "TRANSACTION_TOO_LARGE": "no call writes as many rows as a revision numbers",
    "VOCABULARY_UNSERVED": "stops the start of a server",
}
_PATTERNS: Final = frozenset({"INSURED_HEADCOUNT_REFUSED", "LIMIT_PER_PERSON_REFUSED"})
"""Reasons that are put together from the name of an attribute."""


def commented() -> tuple[set[str], set[str]]:
    """Give the words in capitals of the comments, and the names of enumerated values."""
    files = [file.read_text("utf-8") for file in (ROOT / "protos/safetycredit").rglob("*.proto")]
    lines = [line.strip() for text in files for line in text.splitlines()]
    said = {word for line in lines if line.startswith("//") for word in _WORD.findall(line)}
    return said, {name for text in files for name in _NUMBERED.findall(text)}


@pytest.fixture(scope="module")
def words() -> tuple[set[str], set[str]]:
    """Give the reasons of error classes, and every word in capitals that the code writes."""
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "services").rglob("*.py"))
    return set(_REASON.findall(code)), set(_WRITTEN.findall(code))


def test_every_reason_of_a_call_is_documented(words: tuple[set[str], set[str]]) -> None:
    """Whatever class of error a service has, its reason is in a comment, or is of no call."""
    reasons, _ = words
    said, _ = commented()
    of_calls = {one for one in reasons if _WORD.fullmatch(one)} - _OF_NO_CALL.keys()

    assert sorted(of_calls - said) == []
    assert sorted(_OF_NO_CALL.keys() - reasons) == []


def test_every_documented_reason_is_one(words: tuple[set[str], set[str]]) -> None:
    """No comment names a reason that no code writes."""
    _, written = words
    said, values = commented()

    assert sorted(said - written - values - _STATUS_CODES - _PATTERNS) == []
