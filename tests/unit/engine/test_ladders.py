"""A ladder: where a grade starts, how it moves, and what is off it."""

import pytest

from tests.unit.engine.holding import cases_of, compiled, hold, written

UNPLACED = written("""\
    inputs:
      mark: {from: request, unit: mark, if_missing: no_data}
      late: {from: request, unit: report, if_missing: no_data}
    rules:
      - id: U-LATE
        when: {late: {at_least: 1}}
        add: {to: steps, amount: late}
        wording: {zh: 逾期, en: late}
        SOURCE
    totals:
      steps: {unit: step, places: 0, start: 0, combine: sum, SOURCE}
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {mark: {at_least: 90}}}
        - {grade: B, when: {mark: {at_least: 60, below: 90}}}
      steps_down: steps
      beyond: fallen
      SOURCE
""")


def test_who_has_no_place_falls_off_no_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps down from A are off the ladder of three; without a start there is no result."""
    cases = cases_of("""\
  - {name: A, as_of: 2024-06-01, inputs: {mark: 90, late: 2}, expect: {grade: C}}
  - {name: off, as_of: 2024-06-01, inputs: {mark: 90, late: 3}, expect: {status: fallen}}
  - {name: B, as_of: 2024-06-01, inputs: {mark: 89, late: 1}, expect: {grade: C}}
  - {name: no band, as_of: 2024-06-01, inputs: {mark: 59, late: 9}, expect: {state: no_data}}
""")

    hold(compiled(UNPLACED), cases, monkeypatch)


EXACT = written("""\
    inputs:
      mark: {from: request, unit: mark, if_missing: no_data}
      fraud: {from: request, unit: case, if_missing: no_data}
      prize: {from: request, unit: prize, if_missing: no_data}
    rules:
      - id: E-FRAUD
        when: {fraud: {at_least: 1}}
        set: {exactly: C}
        wording: {zh: 弄虚作假, en: fraud}
        SOURCE
      - id: E-PRIZE
        when: {prize: {at_least: 1}}
        set: {exactly: B}
        wording: {zh: 获奖, en: prize}
        SOURCE
      - id: E-PRIZES
        when: {prize: {at_least: 2}}
        set: {exactly: A}
        wording: {zh: 多次获奖, en: prizes}
        SOURCE
    grade:
      ladder: [A, B, C, D]
      start:
        - {grade: A, when: {mark: {at_least: 90}}}
        - {grade: D, when: true}
      SOURCE
""")


def test_worst_of_several_exact_grades_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fraud is C, a prize B, two prizes A: the worst of those that hold, wherever it stands."""
    cases = cases_of("""\
  - {name: none, as_of: 2024-06-01, inputs: {mark: 0, fraud: 0, prize: 0}, expect: {grade: D}}
  - {name: fraud, as_of: 2024-06-01, inputs: {mark: 0, fraud: 1, prize: 0}, expect: {grade: C}}
  - {name: prize, as_of: 2024-06-01, inputs: {mark: 0, fraud: 0, prize: 1}, expect: {grade: B}}
  - {name: prizes, as_of: 2024-06-01, inputs: {mark: 0, fraud: 0, prize: 2}, expect: {grade: B}}
  - {name: all, as_of: 2024-06-01, inputs: {mark: 95, fraud: 1, prize: 2}, expect: {grade: C}}
""")

    hold(compiled(EXACT), cases, monkeypatch)


def _backwards(text: str) -> str:
    """Write the rules of a policy in the order from the last to the first."""
    head, rest = text.split("    rules:\n", 1)
    rules, marked, tail = rest.partition("    grade:\n")
    if not marked:
        rules, marked, tail = rest.partition("    statuses:")
    first, *others = rules.split("      - id: ")
    turned = "".join(f"      - id: {one}" for one in reversed(others))
    return f"{head}    rules:\n{first}{turned}{marked}{tail}"


def test_order_of_exact_grades_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file from its last rule to its first gives the same: C of fraud and prizes."""
    cases = cases_of("""\
  - {name: all, as_of: 2024-06-01, inputs: {mark: 95, fraud: 1, prize: 2}, expect: {grade: C}}
  - {name: prizes, as_of: 2024-06-01, inputs: {mark: 0, fraud: 0, prize: 2}, expect: {grade: B}}
""")

    hold(compiled(_backwards(EXACT)), cases, monkeypatch)


STATUSES = written("""\
    inputs:
      fraud: {from: request, unit: case, if_missing: no_data}
      late: {from: request, unit: report, if_missing: no_data}
    totals:
      steps: {unit: step, places: 0, start: 0, combine: sum, SOURCE}
    rules:
      - id: S-LATE
        when: {late: {at_least: 1}}
        set: {status: watched}
        wording: {zh: 逾期, en: late}
        SOURCE
      - id: S-FRAUD
        when: {fraud: {at_least: 1}}
        set: {status: barred}
        wording: {zh: 弄虚作假, en: fraud}
        SOURCE
      - id: S-STEPS
        when: {late: {at_least: 1}}
        add: {to: steps, amount: late}
        wording: {zh: 降级, en: steps down}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      steps_down: steps
      beyond: fallen
      SOURCE
    statuses: [barred, fallen, watched]
""")
STATUS_CASES = """\
  - {name: none, as_of: 2024-06-01, inputs: {fraud: 0, late: 0}, expect: {grade: A, status: null}}
  - {name: late, as_of: 2024-06-01, inputs: {fraud: 0, late: 1}, expect: {status: watched}}
  - {name: off, as_of: 2024-06-01, inputs: {fraud: 0, late: 2}, expect: {status: fallen}}
  - {name: both, as_of: 2024-06-01, inputs: {fraud: 1, late: 1}, expect: {status: barred}}
  - {name: all, as_of: 2024-06-01, inputs: {fraud: 1, late: 2}, expect: {status: barred}}
"""


def test_first_of_the_named_statuses_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Barred goes over fallen off the ladder, that over watched; the order of rules is another."""
    hold(compiled(STATUSES), cases_of(STATUS_CASES), monkeypatch)
    hold(compiled(_backwards(STATUSES)), cases_of(STATUS_CASES), monkeypatch)


def test_first_of_the_named_statuses_counts_without_a_ladder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A policy that has statuses alone keeps to the same order."""
    head, rest = STATUSES.split("    grade:\n", 1)
    text = head + "    statuses: [barred, watched]\n"
    assert "fallen" in rest
    cases = cases_of("""\
  - {name: none, as_of: 2024-06-01, inputs: {fraud: 0, late: 0}, expect: {status: null}}
  - {name: late, as_of: 2024-06-01, inputs: {fraud: 0, late: 1}, expect: {status: watched}}
  - {name: both, as_of: 2024-06-01, inputs: {fraud: 1, late: 1}, expect: {status: barred}}
""")

    hold(compiled(text), cases, monkeypatch)
    hold(compiled(_backwards(text)), cases, monkeypatch)
