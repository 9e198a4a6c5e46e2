"""What each field of text in the answers may hold of a person, decided field by field."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

PROTOS: Final = Path(__file__).parents[2] / "protos" / "safetycredit"

_WORDS: Final = """
accident_record_id answer_digest approval_id authority_code case_id catalogue_digest children
claim_record_id code colour credit_code currency_code cursor data_digest depends_on digest
division edition enterprise_id entry_id error_fields error_reason evaluation_id failure_reason
feature fields file further_policy_ids grade grades group_id industry input inspection_record_id
insurer_code jwks key key_id label live_policy_id measure measure_codes member_id membership_id
missing_figures missing_inputs model_digest model_id new_versions next_after_enterprise_id
next_page_token output party_subject_id path person_id plan_record_id policy_digest policy_id
policy_record_id policy_record_ids policy_version predecessor_id prediction_id proposal_id proves
public_key record_id record_ids record_kind remedy_id report_id report_record_id role role_id
rounding rule_id rule_ids scheme seed sha256 signed_statement simulation_id standing statement_id
subject_id subscriber successor_id target target_id target_record_id token total unit values
version versions violation_code violation_record_id
"""
NO_TEXTS: Final = frozenset(_WORDS.split())
"""Names of fields that hold identifiers, codes, digests and numbers wherever they stand."""

MASKED: Final = {
    "Accident": "description",
    "Attachment": "title",
    "Cover": "policy_number plan_id quote_id",
    "DueStep": "document_number",
    "EnterpriseVersion": "document_number",
    "Evidence": "title",
    "GroupMembership": "document_number",
    "Hazard": "description",
    "Honour": "title",
    "InsurancePolicy": "plan_id quote_id basis",
    "ListCaseStep": "document_number",
    "Penalty": "violation_text facts basis content",
    "PreventionService": "place service_body findings",
    "Publication": "repair_notice",
    "RateDeviation": "policy_number",
    "Record": "superseded_reason superseded_document_number",
    "RecordHeader": "document_number document_item",
    "RemediedEntry": "document_number",
    "Remedy": "document_number",
    "RemedyStep": "document_number text",
    "Report": "description",
    "StepContent": "text",
    "UpkeepFailure": "message",
    "Violation": "article description",
}
"""Texts in which names and identity numbers are masked when they are read; in the numbers that
insurers gave to policies and plans, identity numbers alone.
"""

REFUSED: Final = {
    "EntryRemoval": "document_number",
    "GetCreditStatementStatusResponse": "withdraw_reason",
    "ListEntry": "document_number cause basis",
    "MeasureReport": "document_number reason",
    "NextStep": "document_number",
    "ShrinkConfirmation": "finding",
}
"""Texts that are refused, or masked, when they are written, with names or numbers in them. Whoever
becomes known only afterwards is masked when they are read, and in entries that are published anew.
"""

NAMES: Final = {
    "AffectedSubject": "name",
    "Cover": "insurer",
    "CreditGrade": "name",
    "ComparedRate": "insurer",
    "DrawnEnterprise": "name",
    "DueStep": "authority",
    "EnterpriseFindings": "name",
    "EnterpriseProfile": "name",
    "EvaluationStep": "authority",
    "InsurerEvaluation": "insurer",
    "GroupMembership": "authority",
    "ListCase": "authority deciding_authority",
    "ListCaseParty": "name masked_identity_number",
    "ListCaseStep": "authority addressee person caller",
    "ListEntry": "name masked_identity_number authority",
    "ListStatus": "name",
    "ListedEntry": "full_name",
    "LocalIdentity": "value",
    "MeasureReport": "department",
    "MeasureStatistics": "department",
    "NextStep": "authority",
    "Obligation": "name",
    "Person": "name masked_identity_number",
    "PolicyResult": "name",
    "PreventionProgress": "insurer",
    "ProposalStep": "authority caller",
    "Publication": "authority",
    "Quote": "insurer",
    "RateDeviation": "insurer",
    "RecommendRateRequest": "insurer",
    "RecommendRateResponse": "insurer",
    "RecordHeader": "authority",
    "RedlistLoss": "name",
    "Remedy": "authority",
    "RemedyStep": "authority",
    "RiskModelStep": "actor authority",
    "RiskPrediction": "name",
    "ShrinkConfirmation": "confirmer authority",
    "Simulation": "caller",
    "UpkeepFailure": "authority",
}
"""Names of enterprises, authorities and callers; those of persons have rules of their own."""

ABOUT_NOBODY: Final = {
    "BatchGrade": "error_message",
    "BatchRate": "error_message",
    "ComparedRate": "error_message",
    "Decimal": "value",
    "EvaluationStep": "document_number reason",
    "ImportRowResult": "reason message",
    "LackingInput": "name",
    "LibrariesEntry": "value",
    "Line": "effect",
    "ListCaseReason": "clause",
    "ListingTerm": "clause",
    "MeasureEdition": "item",
    "MovedLine": "live_effect candidate_effect",
    "NamedAmount": "name text",
    "NextStep": "clause",
    "PeerPlace": "among",
    "PolicyDifference": "old_value new_value",
    "PolicyProblem": "message",
    "PreventionFigure": "name",
    "ProposalStep": "document_number note",
    "Quote": "quote_id policy_number",
    "RateDeviation": "quote_id",
    "RateInput": "name",
    "RateInputUsed": "name value",
    "RateOutput": "name text",
    "RiskBatchPrediction": "error_message",
    "RiskFeature": "name meaning",
    "RiskModel": "name knowledge",
    "RiskModelStep": "document_number note",
    "Simulation": "failure_message",
    "Source": "instrument document_number article",
    "StepContent": "name",
    "TakenResult": "name value",
    "UpkeepFailure": "chore reason",
    "UnmetCondition": "name",
    "Wording": "zh en",
}
"""Texts of the law, of policies, models and contracts, and of the service itself."""


def decided() -> list[str]:
    """Give every field about which something was decided by its message, as often as that was."""
    tables: tuple[dict[str, str], ...] = (MASKED, REFUSED, NAMES, ABOUT_NOBODY)
    return sorted(
        f"{message}.{name}"
        for table in tables
        for message, names in table.items()
        for name in names.split()
    )


def answered() -> Iterator[tuple[str, str]]:
    """Give message and name of every field of text that some answer can hold."""
    seen: set[str] = set()
    waiting = [
        method.output_type
        for file in sorted(PROTOS.glob("*/v1/*_service_pb2.py"))
        for service in _module(file).DESCRIPTOR.services_by_name.values()
        for method in service.methods
    ]
    while waiting:
        message = waiting.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        for field in message.fields:
            if field.message_type is not None:
                waiting.append(field.message_type)
            elif field.type == field.TYPE_STRING:
                yield message.name, field.name


# Private functions -----------------------------------------------------------


def _module(file: Path) -> Any:  # noqa: ANN401 -- a module that was generated.
    return import_module(f"safetycredit.{file.parts[-3]}.v1.{file.stem}")
