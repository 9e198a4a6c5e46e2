"""Parts of a policy written out in signs that need no language, for people who compare them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from services.engine.language import (
    Choice,
    Comparison,
    Either,
    Elapsed,
    Every,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Negation,
    Operation,
    PeriodStart,
    Source,
    TermRow,
    Wording,
)

_PLACE: Final = "place"
_SIGNS: Final = {
    "add": " + ",
    "subtract": " − ",
    "multiply": " × ",
    "divide": " ÷ ",
    "power": " ^ ",
}
_COMPARATORS: Final = {
    "is": "=",
    "in": "∈",
    "at_least": "≥",
    "above": ">",
    "at_most": "≤",
    "below": "<",
    "on_or_after": "≥",
    "after": ">",
    "on_or_before": "≤",
    "before": "<",
    "includes_any": "∩",
    "includes_all": "⊇",
    "includes_none": "∌",
    "within": "⊂",
}
ALWAYS: Final = "✓"
"""Written for a condition that always holds."""


def written(part: object) -> str:
    """Write out a part of a policy: an expression, a condition, a row, a list, a word.

    Places in the file are left out, so that equal parts are written equally wherever they stand.
    """
    for kind, write in _WRITERS.items():
        if isinstance(part, kind):
            return write(part)
    if is_dataclass(part) and not isinstance(part, type):
        return _fields(part)
    return "" if part is None else str(part)


# Private functions -----------------------------------------------------------


def _fields(part: Any) -> str:  # noqa: ANN401 -- any dataclass of the language.
    named = (
        f"{field.name}: {text}"
        for field in fields(part)
        if field.name not in {_PLACE, "source", "name"}
        and (text := written(getattr(part, field.name)))
    )
    return ", ".join(named)


def _operation(part: Operation) -> str:
    operands = [_inner(one) for one in part.operands]
    exact = f", {part.places}, {part.rounding}" if part.rounding else ""
    if part.each:
        return f"Σ {part.each}: {_inner(part.operands[0])}"
    if part.operator in _SIGNS:
        text = _SIGNS[part.operator].join(operands)
        return f"round({text}{exact})" if exact else text
    return f"{part.operator}({', '.join(written(one) for one in part.operands)}{exact})"


def _inner(part: object) -> str:
    text = written(part)
    if isinstance(part, Operation) and part.operator in _SIGNS and not part.rounding:
        return f"({text})"
    return text


def _comparison(part: Comparison) -> str:
    operands = ", ".join(written(one) for one in part.operands)
    if part.comparator == "known":
        return f"{part.name}: known {operands}".rstrip()
    sign = _COMPARATORS.get(part.comparator, part.comparator)
    several = len(part.operands) > 1 or part.comparator in {"in", "within"}
    return f"{part.name} {sign} {{{operands}}}" if several else f"{part.name} {sign} {operands}"


def _for_whom(row: TermRow) -> str:
    """Write of which circumstances and listings a row of a term is: ``A ∨ B #2`` or ``#3–``."""
    last = "" if row.last is None else str(row.last)
    listing = f"#{row.first}" if row.first == row.last else f"#{row.first}–{last}"
    several = row.first > 1 or row.last is not None
    return " ".join([" ∨ ".join(row.rules)] * bool(row.rules) + [listing] * several)


def _length(row: TermRow) -> str:
    """Write how long a row of a term is: ``2``, or ``1–3`` where the authority chooses."""
    return str(row.value) if row.to is None else f"{row.value}–{row.to}"


def _joined(parts: Sequence[object], sign: str) -> str:
    if len(parts) == 1:
        return written(parts[0])
    texts = [
        f"({written(one)})" if isinstance(one, Every | Either) else written(one) for one in parts
    ]
    return sign.join(texts)


def _mapping(part: Mapping[Any, Any]) -> str:
    return ", ".join(f"{name}: {written(value)}" for name, value in part.items())


_WRITERS: Final[Mapping[Any, Callable[[Any], str]]] = {
    bool: lambda part: "true" if part else "false",
    Decimal: lambda part: format(part, "f"),
    date: lambda part: part.isoformat(),
    Literal: lambda part: written(part.value),
    Name: lambda part: part.name,
    Lookup: lambda part: f"{part.table}[{part.output}]" if part.output else part.table,
    Operation: _operation,
    Choice: lambda part: (
        f"{written(part.when)} → {written(part.then)}; ¬ → {written(part.otherwise)}"
    ),
    PeriodStart: lambda part: f"start({part.unit}, {part.offset})",
    MovedDay: lambda part: f"{written(part.day)} + {part.length} {part.unit}",
    Elapsed: lambda part: f"{part.unit}({written(part.start)} → {written(part.end) or 'as_of'})",
    Every: lambda part: _joined(part.parts, " ∧ ") if part.parts else ALWAYS,
    Either: lambda part: _joined(part.parts, " ∨ "),
    Negation: lambda part: f"¬({written(part.part)})",
    Comparison: _comparison,
    Wording: lambda part: f"{part.zh} / {part.en}",
    Source: lambda part: " ".join(
        text
        for text in (part.instrument, part.document_number, part.article, f"({part.confidence})")
        if text
    ),
    TermRow: lambda part: f"{_for_whom(part)} → {_length(part)} {part.unit}",
    tuple: lambda part: ", ".join(written(one) for one in part),
    Mapping: _mapping,
}
