"""Small list policies with procedures: blacklists and a redlist."""

import shutil
from pathlib import Path

from tests.fakes.scoring_policies import POLICIES

_SOURCE = """    source:
      instrument: 测试名单办法
      document_number: 测〔2020〕1号
      publish_date: 2019-12-01
      effective_date: 2020-01-01
      checked_date: 2025-01-01
      confidence: assumed
"""
_PROCEDURE = """    procedure:
      basis: {value: [final_penalty], source: {article: 第三条, confidence: assumed}}
      decided_by: {value: penalising_authority, source: {article: 第四条, confidence: assumed}}
      report_period: {value: 10, unit: working_day, source: {article: 第五条, confidence: assumed}}
      notice_contents:
        value: [cause, basis, measures, rights]
        source: {article: 第六条, confidence: assumed}
      statement_period:
        {value: 5, unit: working_day, source: {article: 第七条, confidence: assumed}}
      joint_review: {value: subject_fields, source: {article: 第八条, confidence: assumed}}
      review_period: {value: 30, unit: day, source: {article: 第八条, confidence: assumed}}
      approval: {value: other_person, source: {article: 第九条, confidence: assumed}}
      decision_contents:
        value: [name, code, persons, listing_date, cause, basis, measures, repair, remedies]
        source: {article: 第十条, confidence: assumed}
      decision_period: {value: 90, unit: day, source: {article: 第十条, confidence: assumed}}
      entry_period: {value: 3, unit: working_day, source: {article: 第十条, confidence: assumed}}
      service_period:
        {value: 7, unit: working_day, source: {article: 第十一条, confidence: assumed}}
      publication_period:
        {value: 20, unit: working_day, source: {article: 第十二条, confidence: assumed}}
      term: {value: 1, unit: year, source: {article: 第十三条, confidence: assumed}}
      term_from: {value: decision, source: {article: 第十三条, confidence: assumed}}
      repeat_term: {value: 3, unit: year, source: {article: 第十四条, confidence: assumed}}
      early_removal_after: {value: 6, unit: month, source: {article: 第十五条, confidence: assumed}}
      early_removal_conditions:
        value: [penalty_performed, harm_removed, no_relapse]
        source: {article: 第十六条, confidence: assumed}
      early_removal_excluded_by: {value: [ban], source: {article: 第十七条, confidence: assumed}}
      acceptance_period:
        {value: 5, unit: working_day, source: {article: 第十八条, confidence: assumed}}
      early_decision_period:
        {value: 20, unit: working_day, source: {article: 第十八条, confidence: assumed}}
      deceit_restarts_term: {value: true, source: {article: 第十九条, confidence: assumed}}
"""

BLACKLIST = f"""
policy: cn.test.blacklist
kind: list
list: blacklist
title: {{zh: 测试黑名单, en: Test blacklist}}
documentation: A major final penalty makes a candidate, with its principal.
field: work_safety
division: "000000"
versions:
  - version: "2020"
    start_date: 2020-01-01
    end_date: null
{_SOURCE}    indicators:
      major_penalties:
        records: penalty
        where: {{major: true, final_date: {{on_or_before: as_of}}}}
        window: {{last: {{years: 3}}}}
        measure: count
        unit: penalty
        source: {{article: 第二条, confidence: assumed}}
    rules:
      - id: TB-MAJOR
        when: {{major_penalties: {{at_least: 1}}}}
        set: {{status: candidate}}
        persons: [principal]
        wording: {{zh: 受到重大行政处罚的单位及其主要负责人, en: a unit with a major penalty}}
        source: {{article: 第二条, confidence: assumed}}
{_PROCEDURE}"""

EXTENDED = f"""
policy: cn.test.fire-blacklist
kind: list
list: blacklist
title: {{zh: 测试消防黑名单, en: Test blacklist of fire safety}}
documentation: The same for fire safety; an open major hazard extends the term, nobody leaves early.
field: fire
division: "000000"
versions:
  - version: "2020"
    start_date: 2020-01-01
    end_date: null
{_SOURCE}    indicators:
      major_penalties:
        records: penalty
        where: {{major: true, final_date: {{on_or_before: as_of}}}}
        window: {{last: {{years: 3}}}}
        measure: count
        unit: penalty
        source: {{article: 第二条, confidence: assumed}}
    rules:
      - id: TF-MAJOR
        when: {{major_penalties: {{at_least: 1}}}}
        set: {{status: candidate}}
        wording: {{zh: 受到重大行政处罚的单位, en: a unit with a major penalty}}
        source: {{article: 第二条, confidence: assumed}}
    procedure:
      basis: {{value: [final_penalty, finding], source: {{article: 第三条, confidence: assumed}}}}
      decided_by: {{value: higher_authority, source: {{article: 第四条, confidence: assumed}}}}
      notice_contents: {{value: [cause], source: {{article: 第六条, confidence: assumed}}}}
      statement_period: {{value: 1, unit: day, source: {{article: 第七条, confidence: assumed}}}}
      joint_review: {{value: case_field, source: {{article: 第八条, confidence: assumed}}}}
      approval: {{value: other_person, source: {{article: 第九条, confidence: assumed}}}}
      decision_contents: {{value: [cause, basis], source: {{article: 第十条, confidence: assumed}}}}
      service_period: {{value: 7, unit: day, source: {{article: 第十一条, confidence: assumed}}}}
      publication_period:
        {{value: 20, unit: day, source: {{article: 第十二条, confidence: assumed}}}}
      term: {{value: 1, unit: month, source: {{article: 第十三条, confidence: assumed}}}}
      term_from: {{value: publication, source: {{article: 第十三条, confidence: assumed}}}}
      hazard_extends: {{value: true, source: {{article: 第十四条, confidence: assumed}}}}
"""

REDLIST = f"""
policy: cn.test.redlist
kind: list
list: redlist
title: {{zh: 测试红名单, en: Test redlist}}
documentation: No penalty in three years and no dishonest act that the applicant knows of.
field: all
division: "000000"
versions:
  - version: "2020"
    start_date: 2020-01-01
    end_date: null
{_SOURCE}    inputs:
      dishonest_acts: {{from: request, unit: act, if_missing: no_data, allowed: {{at_least: 0}}}}
    indicators:
      penalties:
        records: penalty
        window: {{last: {{years: 3}}}}
        measure: count
        unit: penalty
        source: {{article: 第二条, confidence: assumed}}
      blacklisted:
        records: listing
        where: {{list: blacklist}}
        window: {{valid_until: end_date}}
        measure: count
        unit: listing
        source: {{article: 第二条, confidence: assumed}}
    rules:
      - id: TR-ALL
        when: {{penalties: 0, dishonest_acts: 0, blacklisted: 0}}
        set: {{status: candidate}}
        wording: {{zh: 三年内未受行政处罚、无失信行为, en: no penalty and no dishonest act}}
        source: {{article: 第二条, confidence: assumed}}
    procedure:
      decided_by: {{value: reported_authority, source: {{article: 第三条, confidence: assumed}}}}
      joint_review: {{value: case_field, source: {{article: 第四条, confidence: assumed}}}}
      approval: {{value: other_person, source: {{article: 第五条, confidence: assumed}}}}
      publicity_period:
        {{value: 5, unit: working_day, source: {{article: 第六条, confidence: assumed}}}}
      decision_contents: {{value: [name, cause], source: {{article: 第七条, confidence: assumed}}}}
      publication_period: {{value: 20, unit: day, source: {{article: 第八条, confidence: assumed}}}}
      term: {{value: 3, unit: year, source: {{article: 第九条, confidence: assumed}}}}
      term_from: {{value: publication, source: {{article: 第九条, confidence: assumed}}}}
      condition_broken: {{value: lost_at_once, source: {{article: 第十条, confidence: assumed}}}}
      evidence: {{value: [dishonest_acts], source: {{article: 第十一条, confidence: assumed}}}}
"""

HEARING = (
    BLACKLIST.replace("cn.test.blacklist", "cn.test.hearing-blacklist")
    .replace("field: work_safety", "field: special_equipment")
    .replace("TB-MAJOR", "TH-MAJOR")
    .rstrip("\n")
    + """
      hearing_period: {value: 5, unit: working_day, source: {article: 第七条, confidence: assumed}}
      hearing_notice_period:
        {value: 7, unit: working_day, source: {article: 第七条, confidence: assumed}}
      hearing_within: {value: 30, unit: day, source: {article: 第七条, confidence: assumed}}
"""
)
"""The blacklist of special equipment, whose parties may ask for a hearing."""

LOCAL = BLACKLIST.replace("cn.test.blacklist", "cn.test.local-blacklist").replace(
    'division: "000000"', 'division: "120000"'
)
"""The blacklist of a city in which the enterprise of the tests is not."""

TRADERS = (
    BLACKLIST.replace("cn.test.blacklist", "cn.test.traders-blacklist")
    .replace("field: work_safety", "field: all")
    .replace(
        "    indicators:\n",
        "    applies: {kind: [individual_trader]}\n"
        "    inputs:\n      kind: {from: subject, if_missing: unknown}\n    indicators:\n",
    )
)
"""A blacklist of every field, of individual traders alone."""

SEVERAL = (
    BLACKLIST.replace("cn.test.blacklist", "cn.test.several-blacklist")
    .replace("TB-MAJOR", "TS-MAJOR")
    .replace(
        "    rules:\n",
        """      minor_penalties:
        records: penalty
        where: {major: false}
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: TS-MINOR
        when: {minor_penalties: {at_least: 1}}
        set: {status: candidate}
        persons: [directly_responsible]
        wording: {zh: 受到行政处罚的单位及其直接责任人员, en: a unit with a minor penalty}
        source: {article: 第二条, confidence: assumed}
""",
    )
)
"""A blacklist of two circumstances, which reach persons of different roles; the second asks for a
penalty, final or not."""

BARE = BLACKLIST[: BLACKLIST.index("    procedure:")].replace("cn.test.blacklist", "cn.test.bare")
"""Finds candidates, and has no procedure."""

SHARED = (
    "vocabulary.yaml",
    "instruments.yaml",
    "calendar.yaml",
    "list-sync.yaml",
    "measures.yaml",
    "cn/credit-repair.yaml",
)
FILES = {
    "cn/blacklist.yaml": BLACKLIST,
    "cn/fire-blacklist.yaml": EXTENDED,
    "cn/redlist.yaml": REDLIST,
    "cn/hearing-blacklist.yaml": HEARING,
    "cn/bare.yaml": BARE,
    "cn/local-blacklist.yaml": LOCAL,
    "cn/traders-blacklist.yaml": TRADERS,
    "cn/several-blacklist.yaml": SEVERAL,
}


def write_list_policies(folder: Path) -> Path:
    """Write the policies, with the project's vocabulary, calendar and measures; give the folder."""
    (folder / "cn").mkdir(exist_ok=True)
    for name in SHARED:
        shutil.copyfile(POLICIES / name, folder / name)
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder
