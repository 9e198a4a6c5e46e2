"""Small policies that ask for places among peers: within a division, among all, and of each other.

Scores are 100 less 10 for each penalty of the last twelve months.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.fakes.scoring_policies import ALL, RATE, write_policies

SCORECARD = """
policy: cn.test.scorecard
kind: grade
title: {zh: 测试评分卡, en: Test scorecard}
documentation: The better half of a division is excellent; without a table nobody is.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 评分测试办法, confidence: assumed}
    applies: {kind: [production_unit, individual_trader]}
    inputs:
      kind: {from: subject, if_missing: unknown}
      division: {from: subject, if_missing: unknown}
      ahead_of:
        from: peers
        attribute: percentile
        of: score
        among: [division]
        if_missing: unknown
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    totals:
      score:
        unit: point
        start: 100
        combine: sum
        at_least: 0
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: P-PENALTIES
        when: {penalties: {at_least: 1}}
        add: {to: score, amount: {multiply: [penalties, -10]}}
        wording: {zh: 每次处罚扣10分, en: 10 points off for each penalty}
        source: {article: 第三条, confidence: assumed}
    grade:
      ladder: [excellent, good, fail]
      start:
        - {grade: excellent, when: {ahead_of: {at_least: 50}}}
        - {grade: good, when: {score: {at_least: 80}}}
        - {grade: fail, when: true}
      source: {article: 第四条, confidence: assumed}
    score: score
"""

# Its own values rest on the scorecard's grades, so it needs the scorecard's table first.
WATCH = """
policy: cn.test.watch
kind: supervision
title: {zh: 测试关注, en: Test watch}
documentation: Points by grade and headcount, the rank among everybody, their number and mean.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 关注测试办法, confidence: assumed}
    inputs:
      headcount: {from: subject, if_missing: no_data}
      grade: {from: policy, policy: cn.test.scorecard, output: grade, if_missing: unknown}
      place: {from: peers, attribute: rank, of: points, among: [], unit: place, if_missing: 0}
      everybody: {from: peers, attribute: count, of: points, among: [], unit: unit, if_missing: 0}
      average:
        from: peers
        attribute: mean
        of: points
        among: []
        unit: point
        places: 1
        rounding: half_up
        if_missing: 0
    values:
      points:
        is: {if: {grade: excellent}, then: 1000, else: headcount}
        unit: point
        source: {article: 第一条, confidence: assumed}
    outputs:
      inspections_per_year: {is: 1, unit: inspection}
      points: {is: points, unit: point}
      place: {is: place, unit: place}
      everybody: {is: everybody, unit: unit}
      average: {is: average, unit: point, places: 1}
"""

PEERS = {"cn/scorecard.yaml": SCORECARD, "cn/watch.yaml": WATCH}

# The hindmost of a division are candidates.
HINDMOST = """
policy: cn.test.hindmost
kind: list
list: blacklist
title: {zh: 测试末位名单, en: Test list of the hindmost}
documentation: Who is ahead of nobody, and has a penalty.
field: work_safety
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 末位测试办法, confidence: assumed}
    inputs:
      division: {from: subject, if_missing: unknown}
      last: {from: peers, attribute: percentile, of: clean, among: [division], if_missing: 100}
    indicators:
      penalties:
        records: penalty
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        source: {article: 第一条, confidence: assumed}
    values:
      clean:
        is: {subtract: [0, penalties]}
        unit: point
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: H-LAST
        when: {last: 0, penalties: {at_least: 1}}
        set: {status: candidate}
        wording: {zh: 末位, en: the hindmost}
        source: {article: 第三条, confidence: assumed}
"""

# Three tenths off for the excellent, but never below four fifths.
PREMIUM = (
    RATE.replace("cn.test.rate", "cn.test.peer-rate")
    .replace("cn.test.grade", "cn.test.scorecard")
    .replace('division: "110000"', 'division: "000000"')
    .replace("when: {grade: A}", "when: {grade: excellent}")
)

TAKERS = {"cn/hindmost.yaml": HINDMOST, "cn.beijing/peer-rate.yaml": PREMIUM}


def peer_policies(folder: Path, *, further: Mapping[str, str] | None = None) -> Path:
    """Write these policies beside those of the other tests, and give the folder.

    Args:
        folder: Where to write.
        further: More policies.
    """
    return write_policies(folder, {**ALL, **PEERS, **(further or {})})
