"""What child subjects explain, and what would lift a grade that rests on them."""

from datetime import date

from services.engine.cases import case_population
from services.engine.days import day_number
from services.engine.explained import Child
from services.engine.outlook import Act, find_lifts, looking_by
from tests.unit.engine.holding import cases_of, compiled, lines_of
from tests.unit.engine.test_children import DRIVERS, SITES
from tests.unit.engine.test_policies import VOCABULARY


def test_line_names_the_children_and_their_records() -> None:
    """The line of the barred names the barred driver, its records, and when they leave."""
    plan = compiled(DRIVERS)
    (case,) = cases_of("""\
  - name: two drivers
    as_of: 2025-06-01
    records:
      - {kind: role, person: 11, role: driver, event_date: 2020-01-01}
      - {kind: role, person: 12, role: driver, event_date: 2020-01-01, end_date: 2025-12-01}
      - {kind: violation, of: persons, person: 11,
         field: transport, severity: general, event_date: 2025-01-01}
      - {kind: violation, of: persons, person: 12,
         field: transport, severity: serious, event_date: 2025-03-01}
    expect: {grade: C}
""")

    lines = {line.rule_id: line for line in lines_of(plan, case)}

    barred = lines["DS-BARRED"]
    assert barred.children == (Child("person", 12, "12"),)
    assert barred.record_ids == (3,)
    assert barred.end_day == day_number(date(2025, 12, 1))
    mean = lines["DS-MEAN"]
    assert [child.key for child in mean.children] == [11, 12]
    assert mean.record_ids == (2, 3)
    assert lines["grade.start"].children == ()


def test_waiting_and_striking_a_record_lift_the_grade() -> None:
    """The outlook says the day on which a site passes again, and which records would do it now."""
    plan = compiled(SITES)
    (case,) = cases_of("""\
  - name: one failed site of two
    as_of: 2025-06-01
    records:
      - {kind: inspection, field: work_safety, site_number: 5, event_date: 2025-05-01}
      - {kind: inspection, field: work_safety, site_number: 6, event_date: 2025-05-01}
      - {kind: violation, field: work_safety,
         site_number: 6, severity: serious, event_date: 2024-07-01}
      - {kind: violation, field: work_safety,
         site_number: 6, severity: serious, event_date: 2024-08-01}
      - {kind: violation, field: work_safety,
         site_number: 6, severity: serious, event_date: 2024-09-01}
    expect: {grade: C}
""")
    population = case_population([case], plan, VOCABULARY)

    lifts = find_lifts(looking_by(plan), population, case.as_of, horizon_days=400)

    # 55 marks; without one of the three 70, so that the site passes: (70 + 100) / 2 = 85.
    waits = [lift.day for lift in lifts if lift.act is Act.WAIT]
    struck = {lift.items[0].record_id for lift in lifts if lift.act is Act.REMOVE}
    assert waits[-1] == day_number(date(2025, 7, 1))
    assert struck == {2, 3, 4}


def test_striking_a_drivers_record_lifts_the_grade() -> None:
    """What is recorded of a person is tried too: without it the share is smaller."""
    plan = compiled(DRIVERS)
    (case,) = cases_of("""\
  - name: one of two is marked
    as_of: 2025-06-01
    records:
      - {kind: role, person: 1, role: driver, event_date: 2020-01-01}
      - {kind: role, person: 2, role: driver, event_date: 2020-01-01}
      - {kind: violation, of: persons, person: 1, field: transport,
         severity: general, event_date: 2025-01-01, times: 2}
    expect: {grade: B}
""")
    population = case_population([case], plan, VOCABULARY)

    lifts = find_lifts(looking_by(plan), population, case.as_of, horizon_days=400)

    # Three points are good, so that either of the two does it; else on 2026-01-01 both are over.
    found = [(one.act, one.kind, one.items[0].record_id, one.day) for one in lifts]
    assert found == [
        (Act.REMOVE, "violation@persons", 2, case.as_of),
        (Act.REMOVE, "violation@persons", 3, case.as_of),
        (Act.WAIT, "", None, day_number(date(2026, 1, 1))),
    ]
