"""Terms of a list as law data: how long a listing lasts, by circumstance and by listings before.

``term`` is that of a first listing, ``repeat_term`` that of the second and all further ones. Either
may say ``by`` what it is another: rows of circumstances and, of repeats, of listings. Each length
may be a range, from ``value`` ``to`` another number, within which the deciding authority chooses.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from services.engine.document import Entries
from services.engine.language import Clause, Place, Source, TermRow, Version
from services.engine.part_file import PartReader

TERMS: Final = ("term", "repeat_term")
"""Requirements that say how long a listing lasts."""

TERM_KEYS: Final = ("by", "combine", "to", "at_least", "at_most")
"""What such a requirement may say besides its own length; the last three are whole numbers."""

PERIOD_UNITS: Final = ("working_day", "day", "month", "year")
"""Units of a period; a working day is one of the announced calendar (行政处罚法 art. 85)."""

COMBINATIONS: Final = ("max", "min", "sum", "first")
"""What the term is where several circumstances are met."""

_SECOND: Final = 2
_MONTHS: Final = {"month": 1, "year": 12}


def read_rows(
    reader: PartReader, name: str, entries: Entries, source: Source
) -> tuple[TermRow, ...]:
    """Read the rows of a term, their own sources over that of the version."""
    if "by" not in entries:
        return ()
    items = reader.items(entries, "by")
    rows: list[TermRow] = []
    for item, place in zip(items, items.places, strict=True):
        with reader.part():
            if not isinstance(item, Entries):
                reader.refuse(place, "syntax", "a row of a term is a mapping")
            rows.append(_row(reader, name, item, source))
    return tuple(rows)


def lengths(clause: Clause) -> tuple[TermRow, ...]:
    """Give every length that a term can be, its own as a row for whatever no row is for."""
    assert isinstance(clause.value, int), "a term is a number"
    own = TermRow(
        rules=(),
        first=1,
        last=None,
        value=clause.value,
        unit=clause.unit,
        source=clause.source,
        place=clause.place,
        to=clause.to,
    )
    return (*clause.by, own)


def months(value: int, unit: str, days_a_month: int) -> Fraction:
    """Give a period in months; one in days by as many days a month."""
    if unit in _MONTHS:
        return Fraction(value * _MONTHS[unit])
    return Fraction(value, days_a_month)


def term_problems(
    clauses: Mapping[str, Clause], version: Version
) -> Iterator[tuple[Place, str, str]]:
    """Give place, code and message of what is wrong with the terms of a completed version."""
    for name in TERMS:
        if name in clauses:
            yield from _rows_problems(clauses[name], version)
    if "term" not in clauses:
        return
    yield from _shorter(clauses["term"], clauses.get("repeat_term"))
    early = clauses.get("early_removal_after")
    if early is not None:
        assert isinstance(early.value, int), "a period is a number"
        longest = max(
            _held(clause, months(row.to or row.value, row.unit, 28), 28)
            for clause in (clauses[name] for name in TERMS if name in clauses)
            for row in lengths(clause)
        )
        if months(early.value, early.unit, 31) >= longest:
            message = "nobody could be removed early: the term has ended by then"
            yield early.place, "clause-value", message


# Private functions -----------------------------------------------------------


def _row(reader: PartReader, name: str, entries: Entries, source: Source) -> TermRow:
    reader.known_keys(entries, "rules", "listing", "value", "to", "unit", "source")
    rules = tuple(map(str, reader.items(entries, "rules"))) if "rules" in entries else ()
    if "rules" in entries and not rules:
        reader.report(entries.places["rules"], "clause-value", "name a circumstance")
    if "rules" not in entries and "listing" not in entries:
        message = "say of which circumstances ('rules') or listings ('listing') the row is"
        reader.refuse(entries.place, "missing-rules", message)
    value = reader.whole(entries, "value")
    if value < 1:
        reader.report(entries.places["value"], "clause-value", "a period is at least 1")
    first, last = _listings(reader, name, entries)
    return TermRow(
        rules=rules,
        first=first,
        last=last,
        value=value,
        unit=reader.word(entries, "unit", PERIOD_UNITS),
        source=reader.source(entries, source),
        place=entries.place,
        to=reader.whole(entries, "to") if "to" in entries else None,
    )


def _listings(reader: PartReader, name: str, entries: Entries) -> tuple[int, int | None]:
    """Read of which listings a row is: the first and the last, none for all further ones."""
    if "listing" not in entries:
        return 1, None
    place = entries.places["listing"]
    if name == "term":
        message = "'term' is that of a first listing; write the row under 'repeat_term'"
        reader.refuse(place, "unknown-key", message)
    last: int | None
    if isinstance(entries["listing"], Entries):
        given = reader.entries(entries, "listing")
        reader.known_keys(given, "at_least", "at_most")
        first = reader.whole(given, "at_least", _SECOND)
        last = reader.whole(given, "at_most") if "at_most" in given else None
    else:
        first = last = reader.whole(entries, "listing")
    if first < _SECOND or (last is not None and last < first):
        message = "count listings from 2, the second; 3 is the third, {at_least: 3} all from it on"
        reader.report(place, "clause-value", message)
    return first, last


def _rows_problems(clause: Clause, version: Version) -> Iterator[tuple[Place, str, str]]:
    several = any(row.rules for row in clause.by)
    if several and not clause.combine:
        message = (
            "several circumstances may be met: say with 'combine' whether the longest (max),"
            " the shortest (min), the sum or the first of them counts"
        )
        yield clause.place, "missing-combine", message
    if clause.combine and not several:
        message = "'combine' says nothing where no row is of a circumstance"
        yield clause.place, "unknown-key", message
    if None not in (low := clause.at_least, high := clause.at_most) and (low or 0) > (high or 0):
        yield clause.place, "clause-value", "'at_least' is above 'at_most'"
    yield from _range_problems(clause)
    circumstances = {rule.id for rule in version.rules if rule.effect == "status"}
    kinds = {row.unit if row.unit not in _MONTHS else "month" for row in lengths(clause)}
    if len(kinds) > 1:
        message = "months and days cannot be held against each other; write all terms in one"
        yield clause.place, "unit", message
    for position, row in enumerate(clause.by):
        for rule in row.rules:
            if rule not in circumstances:
                known = ", ".join(sorted(circumstances))
                message = f"{rule!r} is no circumstance of the list; there are {known}"
                yield row.place, "unknown-rule", message
        if _dead(row, clause.by[:position]):
            yield row.place, "dead-row", "rows above take in all that this one is for"


def _range_problems(clause: Clause) -> Iterator[tuple[Place, str, str]]:
    """Find ranges within which nobody can choose, by themselves or for what bounds the whole."""
    for row in lengths(clause):
        if row.to is None:
            continue
        least, greatest = (months(one, row.unit, 28) for one in (row.value, row.to))
        if row.to <= row.value:
            message = "a range goes up: 'to' is the greatest, above 'value', the least"
            yield row.place, "clause-value", message
        elif _held(clause, least, 28) == _held(clause, greatest, 28) and (
            # Of a sum what is met besides lifts it over its least.
            clause.combine != "sum" or _above(clause, least)
        ):
            message = "'at_least' and 'at_most' leave nothing of the range to choose from"
            yield row.place, "clause-value", message


def _above(clause: Clause, length: Fraction) -> bool:
    """Say whether a length is the greatest already that a term may be."""
    return clause.at_most is not None and length >= months(clause.at_most, clause.unit, 28)


def _dead(row: TermRow, above: Sequence[TermRow]) -> bool:
    """Say whether some row above takes in each circumstance of a row, with all its listings."""
    return all(
        any(
            (not one.rules or rule in one.rules)
            and one.first <= row.first
            and (one.last is None or (row.last is not None and row.last <= one.last))
            for one in above
        )
        for rule in row.rules or ("",)
    )


def _shorter(term: Clause, repeated: Clause | None) -> Iterator[tuple[Place, str, str]]:
    """Find listings that would last for shorter than those before them, for one circumstance."""
    if repeated is None:
        return
    rules = {rule for clause in (term, repeated) for row in clause.by for rule in row.rules}
    edges = {_SECOND} | {
        edge
        for row in repeated.by
        for edge in (row.first, (row.last or row.first) + 1)
        if edge >= _SECOND
    }
    units = {row.unit for clause in (term, repeated) for row in lengths(clause)}
    # Days are as long as days; only against months a month has from 28 to 31 of them.
    least, most = (31, 28) if units & set(_MONTHS) else (1, 1)
    for rule in ("", *sorted(rules)):
        for upper in (False, True):
            before = _sure_length(term, rule, 1, most, upper=upper)
            for listing in sorted(edges):
                length = _sure_length(repeated, rule, listing, least, upper=upper)
                if length < before:
                    which = f" for {rule!r}" if rule else ""
                    message = (
                        f"who is listed again {'could' if upper else 'would'} be listed"
                        f"{' at most' if upper else ''} for shorter than the"
                        f" {'first time' if listing == _SECOND else 'time before'}{which}"
                    )
                    yield _fitting(repeated, rule, listing).place, "clause-value", message
                    return
                before = _sure_length(repeated, rule, listing, most, upper=upper)


def _sure_length(
    clause: Clause, rule: str, listing: int, days_a_month: int, *, upper: bool
) -> Fraction:
    """Give the least length of a listing, or the greatest that can be chosen."""
    row = _fitting(clause, rule, listing)
    length = (row.to or row.value) if upper else row.value
    return _held(clause, months(length, row.unit, days_a_month), days_a_month)


def _held(clause: Clause, length: Fraction, days_a_month: int) -> Fraction:
    """Hold a length between what a term says that it is at least and at most."""
    if clause.at_least is not None:
        length = max(length, months(clause.at_least, clause.unit, days_a_month))
    if clause.at_most is not None:
        length = min(length, months(clause.at_most, clause.unit, days_a_month))
    return length


def _fitting(clause: Clause, rule: str, listing: int) -> TermRow:
    return next(
        row
        for row in lengths(clause)
        if (not row.rules or rule in row.rules)
        and row.first <= listing
        and (row.last is None or listing <= row.last)
    )
