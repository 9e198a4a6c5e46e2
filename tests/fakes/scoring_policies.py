"""Small policies that between them use everything that the scoring service does with policies."""

import shutil
from pathlib import Path

POLICIES = Path(__file__).parents[2] / "policies"

GRADE = """
policy: cn.test.grade
kind: grade
title: {zh: 测试等级, en: Test grades}
documentation: Points off for penalties, open violations and accidents.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: 2025-07-01
    source: &source
      instrument: 测试办法
      document_number: 测〔2015〕1号
      publish_date: 2014-12-01
      effective_date: 2015-01-01
      checked_date: 2025-01-01
      confidence: assumed
    applies: {kind: [production_unit, individual_trader]}
    inputs: &inputs
      kind: {from: subject, if_missing: unknown}
      headcount: {from: subject, if_missing: no_data}
    indicators: &indicators
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
      open_violations:
        records: violation
        where:
          severity: serious
          any:
            - closed_date: {known: false}
            - closed_date: {after: as_of}
        window: ever
        measure: count
        unit: violation
        source: {article: 第二条, confidence: assumed}
      deaths:
        records: accident
        window: {last: {years: 3}}
        measure: {sum: deaths}
        unit: person
        source: {article: 第三条, confidence: assumed}
    totals: &totals
      score:
        unit: point
        places: 1
        start: 100
        combine: sum
        at_least: 0
        source: {article: 第四条, confidence: assumed}
    rules: &rules
      - id: T-PENALTIES
        when: {penalties: {at_least: 1}}
        add: {to: score, amount: {multiply: [penalties, -10.5]}}
        wording: {zh: 每次处罚扣10.5分, en: 10.5 points off for each penalty}
        source: {article: 第五条, confidence: assumed}
      - id: T-OPEN
        when: {open_violations: {at_least: 1}}
        add: {to: score, amount: -30}
        wording: {zh: 严重违法未整改扣30分, en: 30 points off for an open serious violation}
        source: {article: 第六条, confidence: assumed}
      - id: T-DEATHS
        when: {deaths: {at_least: 3}}
        set: {status: suspended}
        wording: {zh: 死亡3人以上暂停评级, en: no grade after three deaths}
        source: {article: 第七条, confidence: assumed}
    grade: &grade
      ladder: [A, B, C]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: {score: {at_least: 60}}}
        - {grade: C, when: true}
      beyond: clamp
      source: {article: 第八条, confidence: assumed}
    score: score
  - version: "two"
    start_date: 2025-07-01
    end_date: null
    source: *source
    applies: {kind: [production_unit, individual_trader]}
    inputs: *inputs
    indicators: *indicators
    totals: *totals
    rules: *rules
    grade: *grade
    score: score
"""

LOCAL_GRADE = """
policy: cn.test.local.grade
kind: grade
title: {zh: 朝阳测试等级, en: Chaoyang test grades}
documentation: One grade for all, in fire safety only.
field: fire
division: "110105"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
    source:
      instrument: 朝阳测试办法
      effective_date: 2020-01-01
      checked_date: 2025-01-01
      confidence: assumed
    totals:
      score:
        unit: point
        start: 1
        combine: sum
        source: {article: 第一条, confidence: assumed}
    grade:
      ladder: [甲]
      start: [{grade: 甲, when: {score: 1}}]
      beyond: clamp
      source: {article: 第二条, confidence: assumed}
    score: score
"""

LIST = """
policy: cn.test.list
kind: list
list: blacklist
title: {zh: 测试名单, en: Test list}
documentation: Candidates by severe penalties, or by a grade C.
field: work_safety
division: "000000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
    source:
      instrument: 名单测试办法
      effective_date: 2020-01-01
      checked_date: 2025-01-01
      confidence: assumed
    inputs:
      grade:
        from: policy
        policy: cn.test.grade
        output: grade
        if_missing: unknown
    indicators:
      major_penalties:
        records: penalty
        where: {major: true}
        window: {last: {years: 2}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: L-MAJOR
        when: {major_penalties: {at_least: 1}}
        set: {status: candidate}
        wording: {zh: 受到重大处罚, en: a major penalty}
        source: {article: 第二条, confidence: assumed}
      - id: L-GRADE
        when: {grade: C}
        set: {status: candidate}
        wording: {zh: 等级为C, en: graded C}
        source: {article: 第三条, confidence: assumed}
"""

RATE = """
policy: cn.test.rate
kind: rate
insurance: work_safety_liability
title: {zh: 测试费率, en: Test rates}
documentation: A premium by headcount, loaded by grade, list, score and transaction.
field: work_safety
division: "110000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: 2026-01-01
    source:
      instrument: 费率测试办法
      effective_date: 2020-01-01
      checked_date: 2025-01-01
      confidence: assumed
    inputs:
      grade: {from: policy, policy: cn.test.grade, output: grade, if_missing: unknown}
      score: {from: policy, policy: cn.test.grade, output: score, places: 2, if_missing: unknown}
      listed: {from: policy, policy: cn.test.list, output: status, if_missing: 0}
      headcount: {from: subject, if_missing: unknown}
      industry: {from: subject, if_missing: no_data}
      insured_headcount:
        from: request
        unit: person
        if_missing: headcount
        allowed: {at_least: 2}
      transaction_kind: {from: request, unit: kind, if_missing: 1}
    values:
      base_premium:
        is: {multiply: [insured_headcount, 33.33]}
        unit: CNY
        source: {article: 第一条, confidence: assumed}
      premium:
        is: {round: {multiply: [base_premium, factor]}, places: 2, rounding: half_up}
        unit: CNY
        source: {article: 第二条, confidence: assumed}
    totals:
      factor:
        unit: ratio
        places: 2
        start: 1
        combine: sum
        at_least: 0.8
        at_most: 1.5
        source: {article: 第三条, confidence: assumed}
    rules:
      - id: R-GRADE-A
        when: {grade: A}
        add: {to: factor, amount: -0.30}
        wording: {zh: A级下浮30%, en: 30% off for grade A}
        source: {article: 第四条, confidence: assumed}
      - id: R-LISTED
        when: {listed: 1}
        add: {to: factor, amount: 0.25}
        wording: {zh: 名单上浮25%, en: 25% on for a candidate}
        source: {article: 第五条, confidence: assumed}
      - id: R-SCORE
        when: {score: {below: 50}}
        add: {to: factor, amount: 0.10}
        wording: {zh: 低分上浮10%, en: 10% on for a low score}
        source: {article: 第六条, confidence: assumed}
      - id: R-RENEWAL
        when: {transaction_kind: 2}
        add: {to: factor, amount: -0.05}
        wording: {zh: 续保下浮5%, en: 5% off for a renewal}
        source: {article: 第七条, confidence: assumed}
    outputs:
      base_premium: {is: base_premium, unit: CNY, places: 2}
      factor: {is: factor, unit: ratio, places: 2}
      premium: {is: premium, unit: CNY, places: 2}
      factor_min: {is: 0.8, unit: ratio, places: 2}
      factor_max: {is: 1.5, unit: ratio, places: 2}
"""

ALL = {
    "cn/grade.yaml": GRADE,
    "cn.beijing/local-grade.yaml": LOCAL_GRADE,
    "cn/list.yaml": LIST,
    "cn.beijing/rate.yaml": RATE,
}


def write_policies(folder: Path, files: dict[str, str] | None = None) -> Path:
    """Write policies into a folder, with the project's own vocabulary, and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(POLICIES / "vocabulary.yaml", folder / "vocabulary.yaml")
    for name in ("calendar.yaml", "list-sync.yaml"):
        shutil.copyfile(POLICIES / name, folder / name)
    for name, content in (ALL if files is None else files).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.lstrip(), encoding="utf-8")
    return folder
