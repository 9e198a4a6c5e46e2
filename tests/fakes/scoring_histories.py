"""Random histories of facts, to be written by any hand that writes facts."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

Step = Callable[[Any, list[int], list[int]], None]
"""One write: by a hand, given the enterprises and the records so far."""

FIRST_DAY = date(2024, 1, 1)


def write(hand: Any, steps: Sequence[Step]) -> tuple[list[int], list[int]]:  # noqa: ANN401 -- any hand that writes facts.
    """Write a history and give its enterprises and its records in force."""
    enterprises: list[int] = []
    records: list[int] = []
    for step in steps:
        step(hand, enterprises, records)
    return enterprises, records


@st.composite
def histories(draw: st.DrawFn, steps_max: int = 14) -> list[Step]:
    """Draw a history: who was registered, what happened, what was revised or revoked."""
    kinds = st.sampled_from(["penalty", "violation", "rectification", "accident"])
    words = st.sampled_from(
        ["enterprise", "record", "record", "record", "revise", "revoke", "change"]
    )
    return [
        _step(
            draw(words),
            draw(st.integers(0, 5)),
            kind=draw(kinds),
            day=FIRST_DAY + timedelta(days=draw(st.integers(-400, 900))),
        )
        for _ in range(draw(st.integers(1, steps_max)))
    ]


def _step(what: str, pick: int, *, kind: str, day: date) -> Step:
    """Make one step; what is impossible becomes something else."""

    def take(hand: Any, enterprises: list[int], records: list[int]) -> None:  # noqa: ANN401 -- any hand that writes facts.
        if what == "enterprise" or not enterprises:
            headcount = pick or None
            enterprises.append(hand.enterprise(headcount=headcount, start_date=date(2023, 1, 1)))
        elif what == "record" or not records:
            owner = enterprises[pick % len(enterprises)]
            target = records[0] if records else 1
            records.append(hand.record(kind, owner, day, **_body(kind, pick, target)))
        elif what == "revise":
            hand.revise(records[pick % len(records)], event_date=day)
        elif what == "revoke":
            hand.revoke(records.pop(pick % len(records)))
        else:
            owner = enterprises[pick % len(enterprises)]
            # After every change before, as only the last period is cut; today and in the future.
            moved = date(2025, 1, 1) + timedelta(days=100 * hand.point().revision)
            hand.change(owner, moved, kind=3 if pick % 2 else 1, headcount=pick + 10)

    return take


def _body(kind: str, pick: int, target: int) -> dict[str, Any]:
    if kind == "rectification":
        return {"outcome": 3 if pick % 2 else 4, "target_record_id": target}
    if kind == "violation":
        return {"severity": 1 + pick % 3}
    if kind == "penalty":
        return {"major": pick == 5}
    return {"deaths": pick}
