"""Policies of a few parts, written out, and what the check of what they cover finds in them."""

from services.engine.building import compile_policy
from services.engine.coverage import check_coverage
from services.engine.errors import Problem
from services.engine.policy_file import read_policy
from tests.unit.engine.test_policies import VOCABULARY

SOURCE = "source: {article: 第一条, confidence: assumed}"
HEAD = """\
policy: cn.example.coverage
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 示例办法, confidence: assumed}
"""
INPUTS = """\
    inputs:
      points: {from: request, unit: point, if_missing: no_data, allowed: {at_least: 0}}
      free: {from: request, unit: point, if_missing: no_data}
      limit: {from: request, unit: point, if_missing: no_data}
      other_limit: {from: request, unit: point, if_missing: no_data}
      maybe: {from: request, unit: point, if_missing: unknown}
      fields: {from: subject, if_missing: no_data}
      kind: {from: subject, if_missing: no_data}
"""
INDICATORS = f"""\
    indicators:
      counted:
        records: violation
        window: {{last: {{months: 12}}}}
        measure: count
        unit: violation
        {SOURCE}
      serious:
        records: violation
        where: {{severity: serious}}
        window: {{last: {{months: 12}}}}
        measure: count
        unit: violation
        {SOURCE}
      deaths:
        records: accident
        window: {{last: {{months: 12}}}}
        measure: {{sum: deaths}}
        unit: person
        {SOURCE}
      gravest:
        records: accident
        window: {{last: {{months: 12}}}}
        measure: {{max: level}}
        if_none: unknown
        unit: level
        {SOURCE}
"""
TOTALS = f"""\
    totals:
      score:
        {{unit: point, places: 2, start: 100, combine: sum, at_least: 0, at_most: 100, {SOURCE}}}
      given: {{unit: point, places: 0, start: 0, combine: sum, {SOURCE}}}
"""
BODY = INPUTS + INDICATORS


CHILDREN = f"""\
    children:
      drivers:
        each: person
        roster: {{records: role, where: {{role: driver}}, window: {{valid_until: end_date}}}}
        measures:
          lost:
            records: violation
            of: persons
            window: {{last: {{months: 12}}}}
            measure: count
            unit: violation
            {SOURCE}
        grade:
          ladder: [good, marked, barred]
          start:
            - {{grade: barred, when: {{lost: {{at_least: 12}}}}}}
            - {{grade: good, when: {{lost: 0}}}}
            - {{grade: marked, when: {{lost: {{below: 12}}}}}}
          {SOURCE}
        {SOURCE}
    indicators:
      not_good:
        over: drivers
        where: {{grade: {{below: good}}}}
        measure: count
        unit: person
        {SOURCE}
      clean:
        records: accident
        window: {{calendar: year, first: -3, last_period: -1}}
        measure: {{consecutive: {{sum: deaths}}, each_period: 0}}
        unit: year
        {SOURCE}
"""


def rule(name: str, when: str, effect: str) -> str:
    """Write a rule."""
    return f"""\
      - id: {name}
        when: {when}
        {effect}
        wording: {{zh: 示例, en: example}}
        {SOURCE}
"""


def points(name: str, when: str, amount: str, total: str = "given") -> str:
    """Write a rule that adds to a total."""
    return rule(name, when, f"add: {{to: {total}, amount: {amount}}}")


LESS = "    rules:\n" + points(
    "EX-1", "{serious: {at_least: 1}}", "{multiply: [serious, -10.5]}", "score"
)


def ladder(*bands: str) -> str:
    """Write a ladder with one grade for each band, A, B and so on."""
    grades = "ABCDEF"[: len(bands)]
    lines = [
        f"        - {{grade: {grade}, when: {band}}}\n"
        for grade, band in zip(grades, bands, strict=True)
    ]
    start = "".join(lines)
    return f"    grade:\n      ladder: [{', '.join(grades)}]\n      start:\n{start}      {SOURCE}\n"


def found(content: str) -> tuple[Problem, ...]:
    """Check what a policy covers; give its problems."""
    policy = read_policy((HEAD + content).encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    return check_coverage(policy, plan, VOCABULARY, {})


def codes(content: str) -> list[str]:
    """Check what a policy covers; give the codes of its problems, those of warnings marked."""
    return [f"{'?' if one.warning else ''}{one.code}" for one in found(content)]
