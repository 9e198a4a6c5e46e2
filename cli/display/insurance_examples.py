"""Files that ``safetycredit record add`` takes, one for each kind of insurance record."""

from typing import Final

_HEADER: Final = """\
header:
  subject: {{credit_code: 91110105YY000001X9}}
  field: work_safety
  # The insurer and its credit code.
  authority: 中国样本财产保险股份有限公司北京分公司
  authority_code: 91110102YY9900014F
  document_number: "{document}"
  event_date: {day}
"""

INSURANCE_EXAMPLES: Final = {
    "insurance_policy": _HEADER.format(document="PZ-2026-样0001", day="2026-03-10")
    + """\
insurance_policy:
  insurance_kind: work_safety_liability
  start_date: 2026-04-01
  end_date: 2027-04-01
  insured_headcount: 120
  limit_per_person: "400000.00"
  aggregate_limit: "8000000.00"
  premium: "36000.00"
  plan_id: cn.beijing.xicheng.insurance-rate
""",
    "endorsement": _HEADER.format(document="PD-2026-样0001", day="2026-05-10")
    + """\
endorsement:
  policy_record_id: r-100001
  effective_date: 2026-05-11
  insured_headcount: 135
  premium_change: "4200.00"
""",
    "claim": _HEADER.format(document="LP-2026-样0001", day="2026-06-03")
    + """\
claim:
  policy_record_id: r-100001
  incurred_date: 2026-06-01
  reserved: "450000.00"
""",
    "insurance_payment": _HEADER.format(document="SF-2026-样0001", day="2026-03-12")
    + """\
insurance_payment:
  policy_record_id: r-100001
  payment_kind: premium
  amount: "36000.00"
""",
    "prevention_plan": _HEADER.format(document="YF-2026-样0001", day="2026-04-02")
    + """\
  document_item: 培训
prevention_plan:
  policy_record_id: r-100001
  item: training
  service_count: 2
  due_date: 2027-03-31
  budget: "4000.00"
""",
    "prevention_service": _HEADER.format(document="FW-2026-样0001", day="2026-05-20")
    + """\
prevention_service:
  policy_record_id: r-100001
  plan_record_id: r-100002
  item: training
  place: 三号车间会议室
  service_body: 北京样本安全技术服务有限公司
  staff_count: 2
  participant_count: 45
  findings: 两处疏散通道堆物,已书面告知
  hazard_count: 2
  cost: "1800.00"
  insurer_confirmed_date: 2026-05-21
  insured_confirmed_date: 2026-05-22
""",
}
"""YAML by kind of record."""
