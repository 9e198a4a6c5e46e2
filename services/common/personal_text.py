"""Persons in free texts: their names and identity numbers are found, and refused or masked.

A name is found with blanks, dashes and dots between its characters too, an identity number in wide
digits too. Where a name stands within a phrase that is no person's, such as the name of an
enterprise, it tells nothing of the person and is passed over.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from stdnum.cn import ric

from services.common.errors import Category, SafetyCreditError
from services.common.identity_cipher import masked_identity_number


class PersonInTextError(SafetyCreditError):
    """A text that others will read names a person, or holds an identity number."""

    reason = "PERSON_IN_TEXT"
    category = Category.INVALID


_NAME_MASK: Final = "＊"

MASK_SIGNS: Final = (_NAME_MASK, masked_identity_number("0" * 18).strip("0"))
"""What tells that a text was masked: the sign of a name, and that of an identity number."""


class PersonsInText:
    """Finds certain persons in texts; never printed, because it holds their names."""

    def __init__(self, names: Collection[str], phrases: Collection[str] = ()) -> None:
        """Prepare what is looked for.

        Args:
            names: Names in full. One of a single character is a word, and is not looked for.
            phrases: What may hold such a name without telling of the person: names of enterprises
                and of authorities.
        """
        plain = {_SEPARATORS.sub("", _even(name)) for name in names}
        self._names = sorted((name for name in plain if len(name) > 1), key=len, reverse=True)
        self._phrases = phrases

    def named_in(self, text: str) -> bool:
        """Say whether a text names one of them."""
        return next(self._named(_even(text)), None) is not None

    def hidden(self, text: str) -> str:
        """Give a text with their names, and every identity number, masked."""
        even = _even(text)
        spans = [(start, end, f"{text[start]}{_NAME_MASK}") for start, end in self._named(even)]
        for start, end in _numbers(even):
            plain = _SEPARATORS.sub("", even[start:end]).upper()
            spans.append((start, end, masked_identity_number(plain)))
        parts: list[str] = []
        shown = 0
        for start, end, mask in sorted(spans):
            if start >= shown:
                parts += [text[shown:start], mask]
            shown = max(shown, end)
        return "".join((*parts, text[shown:]))

    def require_none(self, texts: Mapping[str, str]) -> None:
        """Refuse texts in which one of them is named or any identity number stands.

        Args:
            texts: The texts, by the field of the request that holds each.

        Raises:
            PersonInTextError: Names the field; never the person, and never the number.
        """
        for name, text in texts.items():
            numbered = next(_numbers(_even(text)), None) is not None
            if numbered or self.named_in(text):
                what = "holds an identity number" if numbered else "names a person of the case"
                raise PersonInTextError(
                    f'{name} {what}, and others read it: write for example "有关人员" instead',
                    field=name,
                    found="identity_number" if numbered else "name",
                )

    # Private methods -------------------------------------------------------------

    def _named(self, even: str) -> Iterator[tuple[int, int]]:
        """Give where one of them is named; phrases that are no person's are passed over."""
        # Hardly any text has all characters of a name, so that hardly any needs a pattern.
        held = even.__contains__
        forms = [_spaced(name) for name in self._names if all(map(held, name))]
        if not forms:
            return
        for phrase in sorted({*map(_even, self._phrases), *_WORDS_OF_LAW} - {""}, key=len)[::-1]:
            # As long as before, so that the places stay; a name never reaches across.
            even = even.replace(phrase, "\0" * len(phrase))
        for found in re.finditer("|".join(forms), even):
            yield found.span()


def without_numbers(text: str) -> str:
    """Give a text with every identity number masked; for numbers and codes that others gave."""
    return PersonsInText(()).hidden(text)


# Private functions and values ------------------------------------------------

_GAP: Final = r"[\s\-\u2010-\u2015\u2212\u00b7\u2022\u2027\u30fb._/\u200b-\u200f\u2060\ufeff]*"
_SEPARATORS: Final = re.compile(_GAP)
# Every window of eighteen, also those that overlap.
_NUMBER: Final = re.compile(rf"(?=((?:[0-9]{_GAP}){{17}}[0-9x]))")
_DIGITS_MIN: Final = 17
_BIRTH: Final = slice(6, 14)
_BIRTH_YEARS: Final = range(1800, 2100)
# Provinces of GB/T 2260; 9 begins the numbers of foreigners with permanent residence.
_PLACE: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9")
_UNEVEN: Final = re.compile(r"[A-Z\uff0d-\uff19\uff21-\uff5a]")
_EVEN: Final = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF0D, 0xFF5B)},
    **{upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)},
    **{upper: upper - 0xFEE0 + 32 for upper in range(0xFF21, 0xFF3B)},
}
# 安全 is a given name with a surname before it, too; these are never about a person.
_WORDS_OF_LAW: Final = (
    "安全生产",
    "生产安全",
    "消防安全",
    "交通安全",
    "设备安全",
    "安全事故",
    "安全设施",
    "安全管理",
    "安全监管",
    "安全监督",
    "安全责任",
    "安全隐患",
    "安全评价",
    "安全培训",
)


def _even(text: str) -> str:
    """Write wide characters and capitals as plain small ones, each in its place."""
    return text.translate(_EVEN) if _UNEVEN.search(text) else text


def _spaced(name: str) -> str:
    """Give the pattern of a name whose characters may stand apart; Latin ones as words alone."""
    before = "(?<![a-z0-9])" if name[0].isascii() else ""
    after = "(?![a-z0-9])" if name[-1].isascii() else ""
    return before + _GAP.join(map(re.escape, name)) + after


def _numbers(even: str) -> Iterator[tuple[int, int]]:
    """Give where valid identity numbers stand.

    Source:
        GB 11643-1999: place, day of birth, order code, check character.
    """
    # Hardly any text has as many digits, so that hardly any is searched.
    if sum(map(even.count, "0123456789")) < _DIGITS_MIN:
        return
    for found in _NUMBER.finditer(even):
        if _valid(_SEPARATORS.sub("", found[1])):
            yield found.span(1)


def _valid(number: str) -> bool:
    checked = ric.calc_check_digit(number) == number[-1].upper()
    return checked and _PLACE.match(number) is not None and _is_day(number[_BIRTH])


def _is_day(digits: str) -> bool:
    try:
        return date.fromisoformat(digits).year in _BIRTH_YEARS
    except ValueError:
        return False
