"""Acts of an outlook are printed plainly, in both languages."""

import pytest
from google.type.date_pb2 import Date

from cli.commands.grade_outlook import act_lines
from safetycredit.scoring.v1.grade_outlook_pb2 import GradeLift, LiftItem
from safetycredit.type.v1.wording_pb2 import Wording

TODAY, MARCH = Date(year=2025, month=1, day=15), Date(year=2025, month=3, day=1)
RECTIFY = LiftItem(wording=Wording(zh="整改隐患", en="rectify it"), earliest_date=TODAY)
REPAIR = LiftItem(wording=Wording(zh="获准修复", en="have it repaired"), earliest_date=MARCH)


@pytest.mark.parametrize(
    ("items", "day", "language", "expected"),
    [
        pytest.param([RECTIFY], TODAY, "en", ["rectify it"], id="one-at-once"),
        pytest.param([REPAIR], MARCH, "zh", ["获准修复"], id="one-on-its-day"),
        pytest.param([RECTIFY], MARCH, "en", ["rectify it, from 2025-01-15"], id="one-and-time"),
        pytest.param(
            [RECTIFY, RECTIFY],
            TODAY,
            "en",
            ["all of these:", "1. rectify it", "2. rectify it"],
            id="two-at-once",
        ),
        pytest.param(
            [RECTIFY, REPAIR],
            MARCH,
            "en",
            [
                "all of these:",
                "1. rectify it, from 2025-01-15",
                "2. have it repaired, from 2025-03-01",
            ],
            id="two-on-days-of-their-own",
        ),
        pytest.param(
            [RECTIFY, REPAIR],
            MARCH,
            "zh",
            [
                "以下各项均须完成：",
                "1. 整改隐患（自2025-01-15起）",
                "2. 获准修复（自2025-03-01起）",
            ],
            id="in-chinese",
        ),
    ],
)
def test_acts_are_numbered_and_have_their_days(
    items: list[LiftItem], day: Date, language: str, expected: list[str]
) -> None:
    """Several are all needed; a day stands with each where it is not the day of the grade."""
    lift = GradeLift(items=items, earliest_date=day)

    assert list(act_lines(lift, language)) == expected
