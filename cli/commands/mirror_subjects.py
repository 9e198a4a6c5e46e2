"""Subjects that a copy of the lists is asked about: as arguments, and line by line from a file."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cli.errors import CliError
from services.common.credit_codes import NumberRefusedError, checked_credit_code

_IDENTIFIER: Final = re.compile("[ep]-[1-9][0-9]*")
_HYPHENS: Final = re.compile("[\u2010-\u2015\u2212]")
_STANDARD_INPUT: Final = Path("-")
_SHOWN: Final = 10


class SubjectMalformedError(CliError):
    """What was asked for can be on no list."""

    reason = "SUBJECT_MALFORMED"


class SubjectsUnreadableError(CliError):
    """A file of subjects cannot be read."""

    reason = "SUBJECTS_UNREADABLE"


def subjects_of(texts: Sequence[str], file: Path | None) -> tuple[str, ...]:
    """Read credit codes and identifiers as the lists write them, each once, in their order.

    Args:
        texts: Those that were typed.
        file: One a line, blank lines left out; ``-`` is standard input; none for none.

    Raises:
        SubjectMalformedError: Some are neither; it says which, and in what lines.
        SubjectsUnreadableError: The file cannot be read, or is no text in UTF-8.
    """
    found: dict[str, None] = {}
    wrong: list[str] = []
    for place, text in _placed(texts, file):
        try:
            found[_subject(text)] = None
        except NumberRefusedError as error:
            wrong.append(f"{place}{text!r} ({error.reason}: {error.message})")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise SubjectMalformedError(
            "write a credit code, or an identifier such as e-100001, instead of "
            + "; ".join(wrong[:_SHOWN])
            + more,
            count=len(wrong),
        )
    return tuple(found)


# Private functions -----------------------------------------------------------


def _placed(texts: Sequence[str], file: Path | None) -> Iterator[tuple[str, str]]:
    """Give every text with where it stands; nothing where it was typed."""
    yield from (("", text) for text in texts)
    if file is None:
        return
    try:
        content = sys.stdin.buffer.read() if file == _STANDARD_INPUT else file.read_bytes()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise SubjectsUnreadableError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SubjectsUnreadableError(f"{file} is no text in UTF-8") from error
    yield from ((f"{file}:{n}: ", line) for n, line in enumerate(lines, start=1) if line.strip())


def _subject(text: str) -> str:
    """Read a credit code or identifier; nothing else is ever on a list.

    Raises:
        NumberRefusedError: It is neither.
    """
    # Wide letters and digits, blanks and hyphens are ways of writing, and no part of a code.
    wanted = _HYPHENS.sub("-", "".join(unicodedata.normalize("NFKC", text).split()))
    if _IDENTIFIER.fullmatch(wanted.lower()):
        return wanted.lower()
    return checked_credit_code(wanted.replace("-", ""))
