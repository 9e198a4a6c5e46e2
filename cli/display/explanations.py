"""Explanations of scoring's answers: lines that add up, and what they stand on."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from cli.display.console import print_pairs, print_table
from cli.display.units import amount
from cli.display.wording import day, instant
from safetycredit.scoring.v1.basis_pb2 import Basis, Line, PeerTableRef, PolicyRef, TakenResult
from safetycredit.type.v1.wording_pb2 import Source, Wording

LANGUAGES: Final = ("zh", "en")
LINE_COLUMNS: Final = ("rule", "amount", "sets", "what the rule says", "clause", "records", "holds")


def wording(text: Wording, language: str) -> str:
    """Give a text in a language; in the other if it has none in this one."""
    chosen = text.zh if language == "zh" else text.en
    return chosen or text.zh or text.en


def print_lines(lines: Sequence[Line], *, language: str, title: str = "") -> None:
    """Print an explanation, and the sum of the lines of every total."""
    print_table(LINE_COLUMNS, [_row(line, language) for line in lines], title=title, numbers=(1,))
    sums = [(f"sum of {total}", text) for total, text in _sums(lines, language)]
    print_pairs(sums)


def describe_basis(basis: Basis) -> list[tuple[str, str]]:
    """Say what an answer stands on; given back, it makes the answer again."""
    return [
        ("policy", policy_name(basis.policy)),
        ("digest", basis.policy.digest),
        ("uses", ", ".join(policy_name(one) for one in basis.inputs)),
        ("as of", day(basis.as_of)),
        ("known at", instant(basis.point.known_at)),
        ("revision", str(basis.point.revision)),
        *(("table of peers", _table(one)) for one in basis.peer_tables),
        *(("took in", _taken(one)) for one in basis.results),
    ]


def policy_name(policy: PolicyRef) -> str:
    """Name a policy and its version."""
    return f"{policy.policy_id} {policy.version}".strip()


def source_text(source: Source) -> str:
    """Name an instrument, its number and the article."""
    parts = (source.instrument, source.document_number, source.article)
    return " ".join(part for part in parts if part)


# Private functions -----------------------------------------------------------


def _table(table: PeerTableRef) -> str:
    """Name a table of peers."""
    if table.missing:
        return f"{policy_name(table.policy)}: none yet"
    known = f"of {day(table.as_of)}, facts up to revision {table.revision}"
    return f"{policy_name(table.policy)}: {known}, {table.digest}"


def _result(one: TakenResult) -> str:
    """Name a result of another policy by the policy and what it gave."""
    return f"{one.policy.policy_id} = {one.value or '(none)'}"


def _taken(one: TakenResult) -> str:
    """Say what was taken in of another policy, and how long it holds."""
    until = day(one.valid_until_date)
    since = day(one.start_date)
    holds = (f", since {since}" if since else "") + (f", until {until}" if until else "")
    return f"{one.output} of {policy_name(one.policy)}: {one.value or '(none)'}{holds}"


def _row(line: Line, language: str) -> tuple[str, ...]:
    counted = line.HasField("amount")
    unknown = "?" if line.undated else ""
    period = f"{day(line.start_date) or unknown} – {day(line.end_date) or unknown}".strip(" –")
    return (
        line.rule_id,
        amount(line.amount.value, line.unit, language) if counted else "",
        line.effect,
        wording(line.wording, language),
        source_text(line.source),
        " ".join((*line.children, *line.record_ids, *map(_result, line.results))),
        period,
    )


def _sums(lines: Iterable[Line], language: str) -> list[tuple[str, str]]:
    sums: dict[str, Decimal] = {}
    units: dict[str, str] = {}
    for line in lines:
        if not (line.total and line.HasField("amount")):
            continue
        try:
            added = Decimal(line.amount.value)
        except InvalidOperation:
            continue
        sums[line.total] = sums.get(line.total, Decimal(0)) + added
        units[line.total] = line.unit
    return [(total, amount(str(value), units[total], language)) for total, value in sums.items()]
