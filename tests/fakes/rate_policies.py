"""Rate plans and bounds for tests: a place with filed plans and bounds at four levels."""

from tests.fakes.scoring_policies import ALL

_SOURCE = """    source:
      instrument: {instrument}
      effective_date: 2020-01-01
      checked_date: 2025-01-01
      confidence: assumed
"""


def filed_plan(insurer: str, *, division: str = "110105", per_head: str = "30") -> str:
    """Write a plan of an insurer that takes a factor of the underwriter, 0.9 to 1.1."""
    code = f"{insurer or 'place'}-{division}"
    return (
        f"""
policy: cn.test.plan.{code}
kind: rate
insurance: work_safety_liability
{f"insurer: {insurer}" if insurer else ""}
title: {{zh: 测试方案, en: Test plan}}
documentation: A premium per head, times what the underwriter thinks.
field: work_safety
division: "{division}"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
"""
        + _SOURCE.format(instrument=f"{insurer}费率方案")
        + f"""    inputs:
      industry: {{from: subject, if_missing: no_data}}
      headcount: {{from: subject, if_missing: unknown}}
      insured_headcount:
        from: request
        unit: person
        if_missing: headcount
        allowed: {{at_least: 1}}
      underwriter_factor:
        from: request
        unit: ratio
        places: 2
        if_missing: 1
        allowed: {{at_least: 0.90, at_most: 1.10}}
      listing:
        from: request
        unit: level
        codes: hazard_level
        if_missing: general
    indicators:
      accidents:
        records: accident
        window: {{last: {{months: 12}}}}
        measure: count
        unit: accident
        source: {{article: 第一条, confidence: assumed}}
      open_hazards:
        records: hazard
        where:
          any:
            - closed_date: {{known: false}}
            - closed_date: {{after: as_of}}
        window: ever
        measure: count
        unit: hazard
        source: {{article: 第一条, confidence: assumed}}
    values:
      base_premium:
        is: {{multiply: [insured_headcount, {per_head}]}}
        unit: CNY
        source: {{article: 第二条, confidence: assumed}}
      factor:
        is: {{round: {{multiply: [floating, underwriter_factor]}}, places: 4, rounding: half_up}}
        unit: ratio
        source: {{article: 第三条, confidence: assumed}}
      premium:
        is: {{round: {{multiply: [base_premium, factor]}}, places: 2, rounding: half_up}}
        unit: CNY
        source: {{article: 第四条, confidence: assumed}}
    totals:
      floating:
        unit: ratio
        places: 2
        start: 1
        combine: sum
        source: {{article: 第五条, confidence: assumed}}
    rules:
      - id: P-ACCIDENT
        when: {{accidents: {{at_least: 1}}}}
        add: {{to: floating, amount: {{multiply: [accidents, 0.50]}}}}
        wording: {{zh: 事故上浮, en: half as much again for each accident}}
        source: {{article: 第六条, confidence: assumed}}
      - id: P-HAZARD
        when: {{open_hazards: {{at_least: 1}}}}
        add: {{to: floating, amount: 0.20}}
        wording: {{zh: 隐患上浮, en: 20% on for an open hazard}}
        source: {{article: 第七条, confidence: assumed}}
      - id: P-MAJOR
        when: {{listing: major}}
        add: {{to: floating, amount: 0.10}}
        wording: {{zh: 重大上浮, en: 10% on}}
        source: {{article: 第八条, confidence: assumed}}
    outputs:
      base_premium: {{is: base_premium, unit: CNY, places: 2}}
      factor: {{is: factor, unit: ratio, places: 4}}
      premium: {{is: premium, unit: CNY, places: 2}}
"""
    )


def bounds(division: str, *, least: str = "", most: str = "") -> str:
    """Write bounds on the premium, as parts of the base premium."""
    outputs = "".join(
        f"      premium_{end}: {{is: premium_{end}, unit: CNY, places: 2}}\n"
        f"      factor_{end}: {{is: factor_{end}, unit: ratio, places: 6}}\n"
        for end, share in (("min", least), ("max", most))
        if share
    )
    values = "".join(
        f"      premium_{end}:\n"
        f"        is: {{round: {{multiply: [base_premium, {share}]}}, places: 2,"
        f" rounding: {rounding}}}\n"
        f"        unit: CNY\n        source: {{article: 第{end}条, confidence: assumed}}\n"
        f"      factor_{end}:\n        is: {share}\n        unit: ratio\n"
        f"        source: {{article: 第{end}条, confidence: assumed}}\n"
        for end, share, rounding in (("min", least, "up"), ("max", most, "down"))
        if share
    )
    return (
        f"""
policy: cn.test.bounds.b{division}
kind: rate
role: bounds
insurance: work_safety_liability
title: {{zh: 测试上下限, en: Test bounds}}
documentation: Bounds.
field: work_safety
division: "{division}"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
"""
        + _SOURCE.format(instrument=f"上下限{division}")
        + f"""    inputs:
      base_premium: {{from: request, unit: CNY, places: 2, if_missing: no_data}}
    values:
{values}    outputs:
{outputs}"""
    )


CHAOYANG = {
    **ALL,
    "cn.chaoyang/place.yaml": filed_plan(""),
    "cn.chaoyang/jia.yaml": filed_plan("jia", per_head="28"),
    "cn.chaoyang/yi.yaml": filed_plan("yi", per_head="33.33"),
    "cn.elsewhere/jia.yaml": filed_plan("jia", division="320106"),
    "cn.elsewhere/yi.yaml": filed_plan("yi", division="320106"),
    "cn.elsewhere/nothing.yaml": filed_plan("nothing", division="320106", per_head="0"),
    "cn.elsewhere/bounds.yaml": bounds("110101", least="2.10"),
    "cn/bounds.yaml": bounds("000000", least="0.50", most="2.00"),
    "cn.beijing/bounds.yaml": bounds("110000", most="1.80"),
    "cn.chaoyang/bounds.yaml": bounds("110105", least="0.95"),
}
"""The test policies; in Chaoyang a plan of the place and two filed ones, bounded 0.95 to 1.80.

In Gulou of Nanjing there are filed plans only, in Dongcheng bounds that contradict Beijing's.
"""
