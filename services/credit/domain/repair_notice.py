"""The notice of repair (信用修复告知书), served together with a penalty (两书同达)."""

from services.credit.domain.publication import Publication
from services.credit.domain.repair_law import ProcedureLaw


def repair_notice(publication: Publication, procedure: ProcedureLaw) -> str:
    """Write the notice.

    Args:
        publication: Publication of the penalty, on the day of the notice.
        procedure: Periods and conditions in force on it.

    Source:
        国办发〔2025〕22号: the notice is served together with the decision.
    """
    law = publication.law
    header = publication.edition.header
    conditions = ["失信行为已经纠正"]
    if procedure.performance_required:
        conditions.append("行政处罚决定明确的义务已经履行完毕")
    if procedure.commitment_required:
        conditions.append("公开作出信用承诺")
    reason = f"（{law.class_wording}）" if law.class_wording else ""
    end = publication.last_date or publication.period_start_date
    return (
        f"信用修复告知书：{header.authority}作出的{header.document_number}行政处罚，失信程度为"
        f"{law.dishonesty.wording}{reason}，公示期限自{publication.period_start_date}起算，"
        f"最长至{end}。自{law.earliest_date}起，{'、'.join(conditions)}的，可以通过“信用中国”网站"
        f"向{header.authority}申请信用修复；自收到申请之日起{procedure.acceptance_days}个工作日内"
        f"决定是否受理，自受理之日起{procedure.decision_days}个工作日内作出决定。"
        f"认为公示信息有误的，可以提出异议，{procedure.objection_days}个工作日内处理。"
        f"依据：{law.period_clause}。"
    )
