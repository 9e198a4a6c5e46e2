"""A file of insurance policies comes in by a mapping, as every other file does."""

from pathlib import Path

import pytest

from cli.importing.columns import Columns
from cli.importing.converter import Converter, Refusal
from cli.importing.mapping_files import read_mapping
from safetycredit.credit.v1.credit_service_pb2 import ImportRow
from safetycredit.credit.v1.record_pb2 import InsuranceKind

MAPPING = """
title: 保单清单
kind: insurance_policy
subject:
  credit_code: {column: 统一社会信用代码}
header:
  field: {constant: work_safety}
  authority: {column: 保险机构}
  authority_code: {column: 保险机构代码}
  document_number: {column: 保单号}
  event_date: {column: 签单日期}
body:
  insurance_kind: {constant: work_safety_liability}
  start_date: {column: 起保日期}
  end_date: {column: 终保日期}
  insured_headcount: {column: 投保人数}
  limit_per_person: {column: 每人限额, unit: wan_yuan}
  aggregate_limit: {column: 累计限额, unit: wan_yuan}
  premium: {column: 保费, unit: yuan}
"""
ROW = {
    "统一社会信用代码": "91350100M000100Y43",
    "保险机构": "样安财产保险股份有限公司北京分公司",
    "保险机构代码": "91110102YY9900014F",
    "保单号": "PZ-1",
    "签单日期": "2026-03-10",
    "起保日期": "2026-04-01",
    "终保日期": "2027-04-01",
    "投保人数": "120",
    "每人限额": "40",
    "累计限额": "800",
    "保费": "36000.50",
}


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """Write the mapping."""
    path = tmp_path / "policies.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def convert(mapping: Path, **cells: str) -> ImportRow | Refusal:
    """Convert one row."""
    row = ROW | cells
    converter = Converter(read_mapping(str(mapping)), Columns(list(row)))
    return converter.convert(2, list(row.values()))


def test_a_row_becomes_an_insurance_policy(mapping: Path) -> None:
    """Amounts in 万元 are yuan, and the insurer stands in the header."""
    row = convert(mapping)

    assert isinstance(row, ImportRow)
    policy = row.body.insurance_policy
    assert row.header.authority_code == "91110102YY9900014F"
    assert policy.insurance_kind == InsuranceKind.INSURANCE_KIND_WORK_SAFETY_LIABILITY
    assert (policy.insured_headcount, policy.limit_per_person.units) == (120, 400_000)
    assert (policy.premium.units, policy.premium.nanos) == (36_000, 500_000_000)


def test_what_is_wrong_is_named_as_the_service_names_it(mapping: Path) -> None:
    """The path has the kind as requests write it."""
    refused = convert(mapping, 投保人数="许多")

    assert isinstance(refused, Refusal)
    assert list(refused.fields) == ["body.insurance_policy.insured_headcount"]
