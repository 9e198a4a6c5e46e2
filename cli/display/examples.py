"""Files that ``safetycredit record add`` takes, one for each kind."""

from typing import Final

from cli.display.insurance_examples import INSURANCE_EXAMPLES

_HEADER: Final = """\
header:
  subject: {{credit_code: 91110105YY000001X9}}
  field: work_safety
  authority: 北京市朝阳区应急管理局
  document_number: "{document}"
  event_date: 2026-03-10
"""

EXAMPLES: Final = {
    "inspection": _HEADER.format(document="（京朝）应急现检〔2026〕样1号")
    + """\
inspection:
  occasion: random
  problems_found: true
""",
    "violation": _HEADER.format(document="（京朝）应急责改〔2026〕样1号")
    + """\
violation:
  violation_code: training
  severity: general
  article: 《安全生产法》第二十八条
  description: 未如实记录安全生产教育和培训情况
""",
    "penalty": _HEADER.format(document="（京朝）应急罚〔2026〕样1号")
    + """\
  publish_date: 2026-03-16
penalty:
  sanctions: [fine]
  fine: "30000.00"
  procedure: ordinary
  violation_code: training
  violation_text: 未如实记录安全生产教育和培训情况
  basis: 《安全生产法》第九十七条
  final_date: 2026-05-12
""",
    "rectification": _HEADER.format(document="（京朝）应急复查〔2026〕样1号")
    + """\
rectification:
  target_record_id: r-100001
  outcome: accepted
  recheck_level: 1
""",
    "hazard": _HEADER.format(document="（京朝）应急隐患〔2026〕样1号")
    + """\
hazard:
  level: major
  supervision: county
  description: 危险化学品储罐区安全距离不足
  due_date: 2026-06-30
""",
    "accident": _HEADER.format(document="（京朝）应急事故〔2026〕样1号")
    + """\
accident:
  deaths: 1
  direct_loss: "1800000.00"
  liability: liable
  responsibility: primary
  reporting: on_time
  description: 高处坠落
""",
    "honour": _HEADER.format(document="京应急标〔2026〕样1号")
    + """\
honour:
  kind: standardisation
  standardisation_level: 2
  end_date: 2029-03-10
  title: 安全生产标准化证书
""",
    "report": _HEADER.format(document="12350-20260310-0001")
    + """\
report:
  description: 反映车间存在安全隐患
  finding: confirmed
  handled_date: 2026-03-20
""",
    **INSURANCE_EXAMPLES,
}
"""YAML by kind of record."""
