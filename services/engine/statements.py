"""What a version states besides what it calculates: sources, wordings, requirements, endings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.engine.terms import Place


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value or rule comes from.

    Attributes:
        instrument: Title of the instrument.
        document_number: Its document number; empty where none was seen.
        article: Article, paragraph and item.
        publish_date: Day of publication.
        effective_date: Day from which the instrument is in force.
        checked_date: Day on which somebody last compared the value with the instrument.
        confidence: ``text-seen``, ``secondary`` or ``assumed``.
    """

    instrument: str
    document_number: str
    article: str
    publish_date: date | None
    effective_date: date | None
    checked_date: date | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSet:
    """Words of a scheme's own, each with its titles, see `own_words`.

    Attributes:
        order: ``best_first`` or ``worst_first`` where the words stand in an order; else empty.
    """

    name: str
    words: Mapping[str, Wording]
    place: Place
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """How long a listing lasts in some circumstances, see `term_file`.

    Attributes:
        rules: The circumstances; none for any.
        first: First listing of which it is so; 2 is the second.
        last: Last such listing; none for all further ones.
        value: Whole number of the unit; of a range its least.
        unit: As of a `Clause`.
        to: Greatest number of a range within which the authority chooses; none where it is fixed.
    """

    rules: tuple[str, ...]
    first: int
    last: int | None
    value: int
    unit: str
    source: Source
    place: Place
    to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One requirement of the procedure by which a list decides, see `procedure_file`.

    Attributes:
        value: Whole number of the unit, truth, word or words; of a range its least.
        unit: ``working_day``, ``day``, ``month`` or ``year`` of a period; empty for the others.
        by: Rows of a term, of which the first that fits a circumstance counts, over the value.
        combine: What the term is where several circumstances are met; empty where that is one.
        to: Greatest number of a range within which the authority chooses; none where it is fixed.
        at_least: Least number of the unit that a term is; none for no such.
        at_most: Greatest number of it.
    """

    name: str
    value: int | bool | str | tuple[str, ...]
    unit: str
    source: Source
    place: Place
    by: tuple[TermRow, ...] = ()
    combine: str = ""
    to: int | None = None
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A statement that another version of the policy ends where the stating one begins.

    Attributes:
        version: Name of the other, whose own end lies later or nowhere.
        repeal: Whether nothing takes its place; the stating version says nothing else then.
    """

    version: str
    repeal: bool
    source: Source
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """What a worse record may improve, by a clause.

    Attributes:
        rules: Identifiers of rules, names of outputs, and ``grade`` for grade and status; empty
            for the whole version, as files said it once.
    """

    rules: tuple[str, ...]
    source: Source
    place: Place
