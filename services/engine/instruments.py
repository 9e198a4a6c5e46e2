"""Instruments that ended, and whether a source cites one of them, however it writes its number."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from services.engine.document import Entries, Items, read_document
from services.engine.language import Source


@dataclass(frozen=True, slots=True)
class EndedInstrument:
    """An instrument that is no longer in force.

    Attributes:
        document_number: Its document number.
        end_date: First day on which it was not in force.
        superseded_by: Document number of what took its place.
        title: Its title; empty where nobody says it.
    """

    document_number: str
    end_date: date
    superseded_by: str
    title: str = ""


def read_instruments(content: bytes, file: str) -> dict[str, EndedInstrument]:
    """Read ``instruments.yaml``: instruments that ended, by document number.

    Raises:
        PolicyRefusedError: The bytes are no YAML mapping.
    """
    ended: dict[str, EndedInstrument] = {}
    items = read_document(content, file)["instruments"]
    assert isinstance(items, Items), "instruments is a list"
    for item in items:
        assert isinstance(item, Entries), "an instrument is a mapping"
        end_date = item["end_date"]
        assert isinstance(end_date, date), "an ended instrument has an end_date"
        number = str(item["document_number"])
        ended[number] = EndedInstrument(
            number, end_date, str(item["superseded_by"]), str(item.get("title", ""))
        )
    return ended


def ended_behind(source: Source, ended: Mapping[str, EndedInstrument]) -> EndedInstrument | None:
    """Find the ended instrument that a source cites; none where it cites none.

    By its number, in the document number, the name or the article; or by its name alone, unless the
    source has a number or a day that says that a later instrument is meant.

    Args:
        source: The source.
        ended: Instruments that ended.
    """
    texts = (source.document_number, source.instrument, source.article)
    for one in ended.values():
        if any(_cites(text, one.document_number) for text in texts):
            return one
    if source.document_number:
        return None
    days = [day for day in (source.effective_date, source.publish_date) if day is not None]
    return next(
        (
            one
            for one in ended.values()
            if one.title
            and _plain(one.title) == _plain(source.instrument)
            and not any(day >= one.end_date for day in days)
            and not any(_cites(text, one.superseded_by) for text in texts)
        ),
        None,
    )


def latest_after(one: EndedInstrument, ended: Mapping[str, EndedInstrument]) -> str:
    """Give the document number of what is in the place of an ended instrument in the end."""
    seen = {one.document_number}
    latest = one.superseded_by
    while latest in ended and latest not in seen:
        seen.add(latest)
        latest = ended[latest].superseded_by
    return latest


# Private functions -----------------------------------------------------------

_BRACKETS: Final = str.maketrans(dict.fromkeys("〔[【〈", "(") | dict.fromkeys("〕]】〉", ")"))
_MARKS: Final = re.compile(r"[\s《》“”\"「」『』·]+")
_NUMERAL: Final = re.compile(r"第?([零〇一二三四五六七八九十百]+)号")
_DIGITS: Final = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"〇": 0}
_STEPS: Final = {"十": 10, "百": 100}

_BEFORE: Final = "据照按见依同和及与或即由对从为原局院会"
"""What may stand right before a number without being a part of it: 鲁安委办 is not 安委办."""


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Give a number or a name without what people write differently: widths, brackets, 第, 号."""
    text = _MARKS.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    text = _NUMERAL.sub(lambda found: f"{_whole(found[1])}号", text)
    return re.sub(r"(?<=\d)号", "", re.sub(r"第(?=\d)", "", text))


def _whole(numeral: str) -> int:
    """Read a Chinese numeral below a thousand."""
    value, digit = 0, 0
    for sign in numeral:
        if sign in _STEPS:
            value, digit = value + (digit or 1) * _STEPS[sign], 0
        else:
            digit = _DIGITS[sign]
    return value + digit


def _cites(text: str, number: str) -> bool:
    """Say whether a text has a document number, as itself and not as a part of another."""
    if not text or not number:
        return False
    before = rf"(?<![^\W\d_])|(?<=[{_BEFORE}])"
    wanted = rf"(?:{before}){re.escape(_plain(number))}(?!\d)"
    return re.search(wanted, _plain(text)) is not None
