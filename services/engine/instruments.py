"""Instruments that ended, and whether a source cites one of them, however it writes its number."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from services.engine.document import Entries, read_document
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.language import Place, Source
from services.engine.part_file import PartReader

CONFIRMED: Final = "text-seen"
"""Confidence of an end that somebody read in a text."""


@dataclass(frozen=True, slots=True)
class EndedInstrument:
    """An instrument that is no longer in force.

    Attributes:
        document_number: Its document number.
        end_date: First day on which it was not in force.
        superseded_by: Document number of what took its place; empty where nothing did.
        title: Its title; empty where nobody says it.
        also: Other ways to write its document number.
        confidence: How well its end is known: ``text-seen``, ``secondary`` or ``assumed``.
    """

    document_number: str
    end_date: date
    superseded_by: str
    title: str = ""
    also: tuple[str, ...] = ()
    confidence: str = CONFIRMED


def read_instruments(
    content: bytes, file: str, objections: list[Problem] | None = None
) -> dict[str, EndedInstrument]:
    """Read ``instruments.yaml``: instruments that ended, by document number.

    Args:
        content: Bytes of the file, UTF-8 YAML.
        file: Name for problems.
        objections: Takes up what should not be written so, and leaves the rest what it is.

    Raises:
        PolicyRefusedError: The file breaks its form; carries every problem found.
    """
    root = read_document(content, file)
    reader = _InstrumentReader(file)
    ended: dict[str, EndedInstrument] = {}
    with reader.part():
        reader.known_keys(root, "instruments")
        items = reader.items(root, "instruments")
        for item, place in zip(items, items.places, strict=True):
            with reader.part():
                if not isinstance(item, Entries):
                    reader.refuse(place, "syntax", "an instrument is a mapping")
                one = reader.instrument(item)
                if one.document_number in ended:
                    message = f"{one.document_number} stands twice"
                    reader.refuse(place, "duplicate-instrument", message)
                ended[one.document_number] = one
    if reader.problems:
        raise PolicyRefusedError(reader.found)
    if objections is not None:
        objections.extend(reader.objections)
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
        numbers = (one.document_number, *one.also)
        if any(_cites(text, number) for text in texts for number in numbers):
            return one
    if source.document_number:
        return None
    days = [day for day in (source.effective_date, source.publish_date) if day is not None]
    return next(
        (
            one
            for one in ended.values()
            if _is_titled(source.instrument, one)
            and not any(day >= one.end_date for day in days)
            and not any(_cites(text, one.superseded_by) for text in texts)
        ),
        None,
    )


def latest_after(one: EndedInstrument, ended: Mapping[str, EndedInstrument]) -> str:
    """Give the document number of what is in the place of an ended instrument in the end.

    Returns:
        The number; empty where nothing is.
    """
    seen = {one.document_number}
    latest = one.superseded_by
    while latest in ended and latest not in seen:
        seen.add(latest)
        latest = ended[latest].superseded_by
    return latest


# Private functions -----------------------------------------------------------

_BRACKETS: Final = str.maketrans(
    dict.fromkeys("〔[【〈", "(") | dict.fromkeys("〕]】〉", ")") | {"號": "号"}
)
_MARKS: Final = re.compile(r"[\s《》“”\"「」『』·]+")
_YEAR_IN_WORDS: Final = re.compile(r"(?<=\()[〇零一二三四五六七八九]{4}(?=\))")
_ORDER: Final = re.compile(r"(?:\(?\d{4}\)?年)?第?(\d+)号令")
"""The short form of an order's number: 2023年第58号令 is 令第58号."""
_YEAR_AND_NUMBER: Final = re.compile(r"(?<=[^\W\d_])(\d{4})(?:年第?|-)(?=\d)")
_NUMERAL: Final = re.compile(r"第?([零〇一二三四五六七八九十百]+)号")
_DIGITS: Final = {word: value for value, word in enumerate("零一二三四五六七八九")} | {"〇": 0}
_STEPS: Final = {"十": 10, "百": 100}

_BEFORE: Final = "据照按见依同和及与或即由对从为原局院会"
"""What may stand right before a number without being a part of it: 鲁安委办 is not 安委办."""


class _InstrumentReader(PartReader):
    def unknown_key(self, place: Place, message: str) -> None:
        # What is said besides leaves an instrument ended as it is.
        self.object(place, "unknown-key", message)

    def instrument(self, entries: Entries) -> EndedInstrument:
        self.known_keys(
            entries, "document_number", "title", "also", "end_date", "superseded_by", "source"
        )
        end_date = self.day(entries, "end_date")
        if end_date is None:
            self.refuse(entries.place, "missing-end-date", "'end_date' is missing")
        also = self.items(entries, "also") if "also" in entries else ()
        return EndedInstrument(
            document_number=self.text(entries, "document_number"),
            end_date=end_date,
            superseded_by=self.text(entries, "superseded_by")
            if entries.get("superseded_by") is not None
            else "",
            title=self.text(entries, "title", ""),
            also=tuple(str(number) for number in also),
            confidence=self.full_source(entries).confidence if "source" in entries else CONFIRMED,
        )


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Give a number or a name without what people write differently: widths, brackets, 第, 号."""
    text = _MARKS.sub("", unicodedata.normalize("NFKC", text)).translate(_BRACKETS)
    text = _YEAR_IN_WORDS.sub(lambda found: "".join(str(_DIGITS[one]) for one in found[0]), text)
    text = _NUMERAL.sub(lambda found: f"{_whole(found[1])}号", text)
    text = _YEAR_AND_NUMBER.sub(r"(\1)", _ORDER.sub(r"令\1号", text))
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


def _is_titled(instrument: str, one: EndedInstrument) -> bool:
    """Say whether a name is the title of an ended instrument, alone or in the notice of its issue.

    A year behind the title is that of the issue: one in which it had ended means a later one.
    """
    if not one.title:
        return False
    title = re.escape(_plain(one.title))
    notice = rf"(?:.*关于(?:印发|发布|公布))?{title}(?:的(?:通知|公告|决定))?(?:\((\d{{4}})年?\))?"
    found = re.fullmatch(notice, _plain(instrument))
    return found is not None and not (found[1] and int(found[1]) >= one.end_date.year)


def _cites(text: str, number: str) -> bool:
    """Say whether a text has a document number, as itself and not as a part of another."""
    if not text or not _plain(number):
        return False
    before = rf"(?<![^\W\d_])|(?<=[{_BEFORE}])"
    wanted = rf"(?:{before}){re.escape(_plain(number))}(?!\d)"
    return re.search(wanted, _plain(text)) is not None
