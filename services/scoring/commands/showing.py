"""How a result, or a value that was used, is shown: as an amount, as a civil day, or as a word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.engine.days import day_date
from services.engine.inputs import DAY_UNIT
from services.engine.language import Wording
from services.engine.numbers import MISSING
from services.engine.plan import OutputPlan
from services.engine.vocabulary import AttributeType
from services.scoring.domain.amount import Amount


@dataclass(frozen=True, slots=True)
class Word:
    """A word that a number stands for.

    Attributes:
        code: The word of the policy, the same in every language.
        wording: What it says in Chinese and in English.
    """

    code: str
    wording: Wording

    def __str__(self) -> str:
        """Write the word of the policy."""
        return self.code


Shown = Amount | date | Word
"""An amount, a civil day, or a word; each writes itself as people read it."""


def shown_result(number: int, output: OutputPlan) -> Shown | None:
    """Give a result as it is shown; none where it is missing.

    Args:
        number: Whole number that the plan calculated.
        output: What the plan says of the result.
    """
    if number == MISSING:
        return None
    if output.unit == DAY_UNIT:
        return day_date(number)
    if output.words:
        # A number outside its code set stands for no word; it is said to be none.
        code = output.words.get(number)
        return None if code is None else Word(code, output.titles.get(code, Wording(code, code)))
    return Amount(number, output.places)


def shown_value(number: int, type_: AttributeType, *, places: int, words: dict[int, str]) -> str:
    """Write a value that a plan read; empty where it is missing.

    Args:
        number: Whole number that the plan read.
        type_: What the number means.
        places: Decimals of an amount.
        words: Words of the codes of its set, by their numbers.
    """
    if number == MISSING:
        return ""
    match type_:
        case AttributeType.DAY:
            return day_date(number).isoformat()
        case AttributeType.CODE:
            return words.get(number, "")
        case AttributeType.CODES:
            return ", ".join(word for bit, word in sorted(words.items()) if number >> bit & 1)
        case _:
            return str(Amount(number, places))


def titles_in(text: str, titles: Mapping[str, Wording]) -> Wording | None:
    """Say in words what codes mean; none where the text names none of them.

    Args:
        text: One code, or several as `shown_value` writes them.
        titles: Titles of the codes of the set.
    """
    found = [titles[code] for code in text.split(", ") if code in titles]
    if not found:
        return None
    return Wording("、".join(one.zh for one in found), ", ".join(one.en for one in found))
