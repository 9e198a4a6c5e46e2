"""Caps and worst items of inspections, held against adding up by hand."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.explained import Child
from services.engine.explaining import explain
from tests.unit.engine.holding import cases_of, compiled
from tests.unit.engine.test_policies import VOCABULARY

TEXT = (Path(__file__).parent / "schemes" / "inspection-items.yaml").read_text(encoding="utf-8")
PLAN = compiled(TEXT)
POINTS = {"serious": 6, "general": 3, "minor": 3}
ITEMS = st.tuples(st.none() | st.integers(7, 10), st.sampled_from(sorted(POINTS)))
Items = list[tuple[int | None, str]]


def case(items: Items) -> Case:
    """Write a case of violations, each of an inspection or of none."""
    records = ", ".join(
        f"{{kind: violation, severity: {severity}, event_date: 2025-03-01"
        + ("}" if inspection is None else f", inspection: {inspection}}}")
        for inspection, severity in items
    )
    (one,) = cases_of(
        f"  - {{name: one, as_of: 2025-07-01, records: [{records}], expect: {{state: result}}}}\n"
    )
    return one


def by_inspection(items: Items) -> dict[int, list[int]]:
    """Give the points of the items that each inspection found."""
    found: dict[int, list[int]] = {}
    for inspection, severity in items:
        if inspection is not None:
            found.setdefault(inspection, []).append(POINTS[severity])
    return found


@settings(max_examples=40)
@given(st.lists(st.lists(ITEMS, max_size=9), min_size=1, max_size=3))
def test_every_inspection_has_its_own_cap_and_its_own_worst_item(people: list[Items]) -> None:
    """Alone and together each loses 10 points for an inspection at most, and the rest in full."""
    cases = [case(items) for items in people]
    together = PLAN.run(case_population(cases, PLAN, VOCABULARY), cases[0].as_of)

    for position, (one, items) in enumerate(zip(cases, people, strict=True)):
        found = by_inspection(items)
        rest = sum(POINTS[severity] for inspection, severity in items if inspection is None)
        lost = sum(min(10, sum(points)) for points in found.values()) + rest
        alone = PLAN.run(case_population([one], PLAN, VOCABULARY), one.as_of)
        for run, place in ((alone, 0), (together, position)):
            results = case_results(run, place)
            assert results["score"] == max(0, 100 - lost)
            assert results["worst_only"] == sum(max(points) for points in found.values())
            children = [
                child
                for line in explain(run, place)
                if line.rule_id == "II-INSPECTION"
                for child in line.children
            ]
            assert sorted(children, key=str) == sorted(
                (Child("inspection", key, str(key)) for key in found), key=str
            )
