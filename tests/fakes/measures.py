"""Measures in memory, of the blacklists of two fields unless said otherwise."""

from datetime import date
from typing import Any

from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measures import Allowance, LegalSource, Measure

SOURCE = LegalSource(
    instrument="测试",
    document_number="测试1号",
    article="第一条",
    publish_date=None,
    effective_date=None,
    checked_date=date(2026, 11, 22),
    confidence="assumed",
)


def measure(code: str, *editions: str, **changes: Any) -> Measure:  # noqa: ANN401 -- any attribute.
    """Make a measure of the blacklists of two fields, which editions have."""
    values: dict[str, Any] = {
        "code": code,
        "zh": "测试措施",
        "en": "test",
        "kind": ListKind.BLACKLIST,
        "fields": frozenset({1, 2}),
        "persons": False,
        "start_date": date(2020, 1, 1),
        "end_date": None,
        "basis": (SOURCE,),
        "allowances": tuple(
            Allowance(edition=one, item="x", confidence="assumed") for one in editions
        ),
    }
    return Measure(**values | changes)
