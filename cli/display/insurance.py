"""Insurance as rows and pairs: obligations, covers, findings, participation."""

from collections.abc import Iterable, Sequence
from typing import Final

from cli.display.explanations import source_text, wording
from cli.display.units import amount
from cli.display.wording import code, day, money
from safetycredit.scoring.v1.insurance_service_pb2 import (
    Cover,
    CoverFinding,
    CoverFindingKind,
    EnterpriseFindings,
    Obligation,
    ObligationClass,
    Participation,
)

OBLIGATION_COLUMNS: Final = ("enterprise", "identity", "name", "class", "floor per person")
COVER_COLUMNS: Final = (
    "policy",
    "insurer",
    "number",
    "plan",
    "from",
    "to",
    "persons",
    "per person",
    "aggregate",
    "premium",
    "changes",
)
FINDING_COLUMNS: Final = ("finding", "what the rule says", "found", "asked", "policies", "clause")
FOUND_COLUMNS: Final = (
    "enterprise",
    "identity",
    "name",
    "division",
    "industry",
    "class",
    "findings",
)
PARTICIPATION_COLUMNS: Final = (
    "month",
    "division",
    "industry",
    "obliged",
    "insured",
    "rate",
    "undecided",
)
_BARS: Final = "▁▂▃▄▅▆▇█"
_WHOLE_BP: Final = 10_000


def class_text(number: ObligationClass) -> str:
    """Write what an enterprise owes."""
    return code(ObligationClass.DESCRIPTOR, number) or "undecided"


def obligation_row(one: Obligation) -> tuple[str, ...]:
    """Give what one enterprise owes."""
    floor = money(one.limit_per_person_floor) if one.HasField("limit_per_person_floor") else ""
    return one.enterprise_id, one.credit_code, one.name, class_text(one.obligation_class), floor


def cover_row(cover: Cover) -> tuple[str, ...]:
    """Give one cover in force."""
    return (
        cover.policy_record_id,
        cover.insurer,
        cover.policy_number,
        cover.plan_id,
        day(cover.start_date),
        day(cover.end_date),
        str(cover.insured_headcount),
        money(cover.limit_per_person),
        money(cover.aggregate_limit),
        money(cover.premium),
        str(cover.endorsement_count),
    )


def finding_row(finding: CoverFinding, language: str) -> tuple[str, ...]:
    """Give one thing that is wrong."""
    unit = finding.unit
    return (
        code(CoverFindingKind.DESCRIPTOR, finding.kind),
        wording(finding.wording, language),
        amount(finding.found.value, unit, language) if finding.HasField("found") else "",
        amount(finding.asked.value, unit, language) if finding.HasField("asked") else "",
        " ".join(finding.policy_record_ids),
        source_text(finding.source),
    )


def found_row(one: EnterpriseFindings) -> tuple[str, ...]:
    """Give one enterprise whose cover is wrong."""
    return (
        one.enterprise_id,
        one.credit_code,
        one.name,
        one.division,
        one.industry,
        class_text(one.obligation_class),
        ", ".join(code(CoverFindingKind.DESCRIPTOR, each.kind) for each in one.findings),
    )


def participation_row(one: Participation) -> tuple[str, ...]:
    """Give participation in one month."""
    return (
        f"{one.month_start_date.year}-{one.month_start_date.month:02}",
        one.division,
        one.industry,
        str(one.obliged_count),
        str(one.insured_count),
        percent(one.rate_bp) if one.HasField("rate_bp") else "",
        str(one.undecided_count),
    )


def percent(basis_points: int) -> str:
    """Write basis points as a percentage."""
    return f"{basis_points // 100}.{basis_points % 100:02} %"


def curves(cells: Iterable[Participation]) -> list[tuple[str, str]]:
    """Draw participation over time, one curve for each place and industry."""
    rates: dict[str, list[int | None]] = {}
    for one in cells:
        name = " ".join(part for part in (one.division, one.industry) if part) or "participation"
        rates.setdefault(name, []).append(one.rate_bp if one.HasField("rate_bp") else None)
    return [(name, curve(values)) for name, values in rates.items()]


def curve(values: Sequence[int | None]) -> str:
    """Draw shares in basis points as bars, with the first and the last of them."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    top = len(_BARS) - 1
    bars = "".join(
        " " if value is None else _BARS[min(value * top // _WHOLE_BP, top)] for value in values
    )
    return f"{bars}  {percent(known[0])} → {percent(known[-1])}"
