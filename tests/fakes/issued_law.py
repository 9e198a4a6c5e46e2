"""Law of the credit service for tests to issue: one table of each policy of the project anew."""

from tests.fakes.scoring_policies import POLICIES

_PERIODS = """  - version: "2026-11-10"
    start_date: 2026-11-10
    end_date: null
    extends: {policy: cn.credit-repair, version: "2026-04-01"}
    source:
      instrument: 信用修复管理新办法
      document_number: 试令第1号
      publish_date: 2026-10-10
      effective_date: 2026-11-10
      checked_date: 2026-11-20
      confidence: assumed
    tables:
      periods:
        keys: [class]
        outputs: {minimum_months: month, maximum_months: month}
        rows:
          - {class: 1, minimum_months: 2, maximum_months: 6}
          - {class: 2, minimum_months: 6, maximum_months: 24}
          - {class: 3, minimum_months: 24, maximum_months: 60}
        otherwise: no_data
        source: {article: 第一条, confidence: assumed}
"""
_PERIODS_CASE = """  - name: by the new rules a fine of a unit is of the second class
    as_of: 2026-11-15
    records:
      - kind: penalty
        event_date: 2026-11-11
        field: work_safety
        sanctions: [fine]
        fine_fen: 10000000
        procedure: ordinary
    expect: {class: 2, minimum_months: 6, maximum_months: 24}
"""
_LEVELS = """  - version: "2026-11-10"
    start_date: 2026-11-10
    end_date: null
    extends: {policy: cn.accident-level, version: "2007-06-01"}
    source:
      instrument: 事故等级新办法
      document_number: 试令第2号
      publish_date: 2026-10-10
      effective_date: 2026-11-10
      checked_date: 2026-11-20
      confidence: assumed
    tables:
      by_deaths:
        keys: [deaths]
        outputs: {level: level}
        rows:
          - {deaths: {below: 2}, level: 1}
          - {deaths: {at_least: 2, below: 10}, level: 2}
          - {deaths: {at_least: 10, below: 30}, level: 3}
          - {deaths: {at_least: 30}, level: 4}
        otherwise: no_data
        source: {article: 第一条, confidence: assumed}
"""
_LEVELS_CASE = """  - name: by the new rules two deaths are larger
    as_of: 2026-11-15
    inputs: {deaths: 2}
    expect: {level: 2}
"""


def periods_issued() -> tuple[bytes, bytes]:
    """Give the policy of repairs with new months from 10 November 2026, and its cases."""
    return _beside("credit-repair", _PERIODS, _PERIODS_CASE)


def levels_issued() -> tuple[bytes, bytes]:
    """Give the levels of accidents, by which two deaths are larger from then on, and the cases."""
    return _beside("accident-level", _LEVELS, _LEVELS_CASE)


# Private functions -----------------------------------------------------------


def _beside(name: str, version: str, case: str) -> tuple[bytes, bytes]:
    file, cases = (POLICIES / "cn" / f"{name}{end}" for end in (".yaml", ".cases.yaml"))
    return file.read_bytes() + version.encode(), cases.read_bytes() + case.encode()
