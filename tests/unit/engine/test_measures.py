"""Measures over records, and tables within them, worked out by hand."""

import pytest

from services.engine.errors import NumberTooLargeError
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, written

FINES = written("""\
    indicators:
      points:
        records: penalty
        window: ever
        measure: {sum: {lookup: points_of_fine}}
        unit: point
        SOURCE
      total:
        records: penalty
        window: ever
        measure: {sum: fine_fen}
        unit: fen
        SOURCE
      first:
        records: penalty
        where: {major: false}
        window: ever
        measure: {min: performed_date}
        if_none: unknown
        unit: date
        SOURCE
      last:
        records: penalty
        where: {major: false}
        window: ever
        measure: {max: performed_date}
        if_none: unknown
        unit: date
        SOURCE
      different:
        records: penalty
        where: {major: false}
        window: ever
        measure: {distinct: performed_date}
        unit: day
        SOURCE
    tables:
      # The rows overlap, and two give the same: the first that fits counts.
      points_of_fine:
        keys: [procedure, fine_fen]
        outputs: {points: point}
        rows:
          - {procedure: any, fine_fen: {at_least: 200}, points: 5}
          - {procedure: simple, fine_fen: any, points: 2}
          - {procedure: any, fine_fen: {at_least: 50}, points: 5}
        otherwise: {points: 1}
        SOURCE
    outputs:
      points: {is: points, unit: point}
      total: {is: total, unit: fen}
      first: {is: first, unit: date}
      last: {is: last, unit: date}
      different: {is: different, unit: day}
""")

MANY_FINES = """\
  - name: of several kinds, paid on two days, and one not yet
    as_of: 2024-06-01
    records:
      - kind: penalty
        event_date: 2024-04-01
        procedure: simple
        fine_fen: 300
        performed_date: 2024-05-09
      - kind: penalty
        event_date: 2024-04-02
        procedure: ordinary
        fine_fen: 60
        performed_date: 2024-05-08
      - kind: penalty
        event_date: 2024-04-03
        procedure: simple
        fine_fen: 60
        performed_date: 2024-05-09
      - kind: penalty
        event_date: 2024-04-04
        procedure: ordinary
        fine_fen: 49
      - kind: penalty
        event_date: 2024-04-05
        procedure: ordinary
        fine_fen: 7
        major: true
        performed_date: 2024-04-06
      - kind: penalty
        event_date: 2024-04-06
        procedure: simple
        fine_fen: 900
        major: true
        performed_date: 2024-05-31
    # Points: 5, 5, 2, 1, 1 and 5.
    expect: {points: 19, total: 1376, first: 2024-05-08, last: 2024-05-09, different: 2}
  - name: of one kind only, none paid
    as_of: 2024-06-01
    records:
      - {kind: penalty, event_date: 2024-05-01, procedure: ordinary}
      - {kind: penalty, event_date: 2024-05-02, procedure: ordinary}
    expect: {points: 2, total: 0, first: null, last: null, different: 0}
  - name: none at all
    as_of: 2024-06-01
    expect: {points: 0, total: 0, first: null, last: null, different: 0}
"""


def test_measures_leave_out_what_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day that is not known is neither the first nor the last, nor one of several."""
    hold(compiled(FINES), cases_of(MANY_FINES), monkeypatch)


def test_sum_that_leaves_64_bits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sum is ever wrong: one that is too large is said to be."""
    fine = 2**62
    (case,) = cases_of(f"""\
  - name: two fines that no state ever fixed
    as_of: 2024-06-01
    records:
      - {{kind: penalty, event_date: 2024-05-01, procedure: ordinary, fine_fen: {fine}}}
      - {{kind: penalty, event_date: 2024-05-02, procedure: ordinary, fine_fen: {fine}}}
    expect: {{total: 0}}
""")
    plan = compiled(FINES)

    with pytest.raises(NumberTooLargeError):
        lines_of(plan, case)
    monkeypatch.setattr("services.engine.population.FEW_MOST", -1)
    with pytest.raises(NumberTooLargeError):
        lines_of(plan, case)


POINTS = written("""\
    indicators:
      points:
        records: violation
        where: {field: own}
        window: {last: {months: 12}}
        measure: {sum: {lookup: points_of_violation}}
        unit: point
        SOURCE
    tables:
      points_of_violation:
        keys: [severity]
        outputs: {points: point}
        rows:
          - {severity: minor, points: 1}
          - {severity: general, points: 3}
        otherwise: no_data
        SOURCE
    outputs: {points: {is: points, unit: point}}
""")


def test_record_that_a_table_does_not_know_leaves_no_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A violation without points is not one of no points; one that does not count is nobody's."""
    cases = cases_of("""\
  - name: points for each
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-05-01, severity: minor, field: work_safety}
      - {kind: violation, event_date: 2024-05-02, severity: general, field: work_safety}
    expect: {state: result, points: 4}
  - name: none for a serious one
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-05-01, severity: minor, field: work_safety}
      - {kind: violation, event_date: 2023-06-02, severity: serious, field: work_safety}
    expect: {state: no_data}
  - name: a year later it counts no more
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-05-01, severity: minor, field: work_safety}
      - {kind: violation, event_date: 2023-06-01, severity: serious, field: work_safety}
    expect: {state: result, points: 1}
  - name: of another field
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-05-01, severity: serious, field: fire}
    expect: {state: result, points: 0}
  - name: none at all
    as_of: 2024-06-01
    expect: {state: result, points: 0}
""")

    hold(compiled(POINTS), cases, monkeypatch)
