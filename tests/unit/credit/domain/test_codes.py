"""The codes of the domain, of the wire and of the policies are the same codes."""

from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from safetycredit.credit.v1 import enterprise_pb2, person_pb2, record_pb2
from safetycredit.type.v1 import field_pb2
from services.credit.domain import codes
from services.credit.store.policy_data import read_vocabulary

ROOT = Path(__file__).parents[4]
ON_THE_WIRE = [
    (codes.Field, field_pb2.Field, "field"),
    (codes.EnterpriseKind, enterprise_pb2.EnterpriseKind, "enterprise_kind"),
    (codes.EnterpriseState, enterprise_pb2.EnterpriseState, "enterprise_state"),
    (codes.RoleKind, person_pb2.RoleKind, ""),
    (codes.RecordKind, record_pb2.RecordKind, ""),
    (codes.RecordState, record_pb2.RecordState, ""),
    (codes.Occasion, record_pb2.Inspection.Occasion, "occasion"),
    (codes.Severity, record_pb2.Violation.Severity, "severity"),
    (codes.Sanction, record_pb2.Penalty.Sanction, "sanction"),
    (codes.Procedure, record_pb2.Penalty.Procedure, "procedure"),
    (codes.Outcome, record_pb2.Rectification.Outcome, "outcome"),
    (codes.HazardLevel, record_pb2.Hazard.Level, "hazard_level"),
    (codes.Supervision, record_pb2.Hazard.Supervision, "supervision"),
    (codes.AccidentLevel, record_pb2.AccidentLevel, "accident_level"),
    (codes.Liability, record_pb2.Accident.Liability, "liability"),
    (codes.Reporting, record_pb2.Accident.Reporting, "reporting"),
    (codes.Misconduct, record_pb2.Accident.Misconduct, "misconduct"),
    (codes.HonourKind, record_pb2.Honour.Kind, "honour_kind"),
    (codes.AwardRank, record_pb2.Honour.AwardRank, "award_rank"),
    (codes.Commitment, record_pb2.Honour.Commitment, "commitment"),
    (codes.Finding, record_pb2.Report.Finding, "finding"),
    (codes.Activity, enterprise_pb2.Activity, "activity"),
    (codes.InsuranceKind, record_pb2.InsuranceKind, "insurance_kind"),
    (codes.PaymentKind, record_pb2.InsurancePayment.PaymentKind, "payment_kind"),
    (codes.PreventionItem, record_pb2.PreventionItem, "prevention_item"),
]
IN_POLICIES = [(code, name) for code, _, name in ON_THE_WIRE if name]


def numbers(code: type[IntEnum]) -> dict[str, int]:
    """Give the numbers of an enumeration, but for what is not given."""
    return {one.name: one.value for one in code if one.value}


@pytest.mark.parametrize(
    ("code", "wire"), [pytest.param(c, w, id=c.__name__) for c, w, _ in ON_THE_WIRE]
)
def test_codes_have_the_numbers_of_the_wire(code: type[IntEnum], wire: EnumTypeWrapper) -> None:
    """Every code is sent under its own number, and there is no other on the wire."""
    # Names on the wire begin with that of their enumeration.
    prefix = wire.DESCRIPTOR.values_by_number[0].name.removesuffix("UNSPECIFIED")
    sent = {name.removeprefix(prefix): number for name, number in wire.items() if number}

    assert numbers(code) == sent


@pytest.mark.parametrize(("code", "name"), [pytest.param(c, n, id=n) for c, n in IN_POLICIES])
def test_codes_have_the_numbers_of_the_vocabulary(code: type[IntEnum], name: str) -> None:
    """A policy that names a code means the number that is stored."""
    vocabulary = read_vocabulary(ROOT / "policies").code_numbers[name]

    named = {word.upper(): number for word, number in vocabulary.items() if number}

    assert numbers(code) == named


def test_kinds_have_the_numbers_of_the_vocabulary() -> None:
    """A policy that names a kind of record means the number that is stored."""
    kinds = read_vocabulary(ROOT / "policies").kinds

    # Kinds from 100 on are no facts that anybody records.
    named = {word.upper(): kind.number for word, kind in kinds.items() if kind.number < 100}

    assert numbers(codes.RecordKind) == named
