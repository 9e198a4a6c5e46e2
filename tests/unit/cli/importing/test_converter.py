"""Conversion of rows: the built-in mappings, identities, and refusals."""

from pathlib import Path

import pytest

from cli.importing.columns import Columns, ColumnsMissingError
from cli.importing.converter import Converter, Refusal
from cli.importing.mapping_files import read_mapping
from safetycredit.credit.v1.credit_service_pb2 import ImportRow
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseKind
from safetycredit.credit.v1.record_pb2 import Penalty
from safetycredit.type.v1.field_pb2 import Field

PUBLISHED = {
    "CF_XDR_MC": "北京样恒机械有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": "91350100M000100Y43",
    "CF_XDR_GSZC": "",
    "CF_WSH": "（京朝）应急罚〔2024〕12号",
    "CF_WFXW": "未按规定培训、演练",
    "CF_SY": "未如实记录培训情况",
    "CF_YJ": "《安全生产法》第九十七条",
    "CF_CFLB": "罚款;警告",
    "CF_NR": "罚款人民币叁万元",
    "CF_NR_FK": "3.05",
    "CF_NR_WFFF": "",
    "CF_JDRQ": "2024/3/1",
    "CF_YXQ": "",
    "CF_GSJZQ": "2025-03-01",
    "CF_CFJG": "北京市朝阳区应急管理局",
    "CF_CFJGDM": "",
    "BZ": "",
}

CHINESE_NAMES = {
    "CF_XDR_MC": "行政相对人名称",
    "CF_XDR_LB": "行政相对人类别",
    "CF_XDR_SHXYM": "行政相对人代码_1",
    "CF_XDR_GSZC": "行政相对人代码_2",
    "CF_WSH": "行政处罚决定书文号",
    "CF_WFXW": "违法行为类型",
    "CF_SY": "违法事实",
    "CF_YJ": "处罚依据",
    "CF_CFLB": "处罚类别",
    "CF_NR": "处罚内容",
    "CF_NR_FK": "罚款金额（万元）",
    "CF_NR_WFFF": "没收违法所得、没收非法财物的金额（万元）",
    "CF_JDRQ": "处罚决定日期",
    "CF_YXQ": "处罚有效期",
    "CF_GSJZQ": "公示截止期",
    "CF_CFJG": "处罚机关",
    "CF_CFJGDM": "处罚机关统一社会信用代码",
    "BZ": "备注",
}


def published(*, overrides: tuple[tuple[str, str], ...] = (), **cells: str) -> ImportRow | Refusal:
    """Convert one row of the penalty publication."""
    row = PUBLISHED | cells
    converter = Converter(read_mapping("penalty-publication", overrides), Columns(list(row)))
    return converter.convert(2, list(row.values()))


def request(converted: ImportRow | Refusal) -> ImportRow:
    """Make sure that a row was converted."""
    assert isinstance(converted, ImportRow), converted
    return converted


def refusal(converted: ImportRow | Refusal) -> Refusal:
    """Make sure that a row was refused."""
    assert isinstance(converted, Refusal), converted
    return converted


def test_a_published_penalty_becomes_a_record() -> None:
    """3.05 万元 are 30,500 yuan; the field follows from the authority."""
    row = request(published())
    penalty = row.body.penalty

    assert row.row_number == 2
    assert row.header.subject.credit_code == "91350100M000100Y43"
    assert row.header.field == Field.FIELD_WORK_SAFETY
    assert row.header.document_number == "（京朝）应急罚〔2024〕12号"
    assert (row.header.event_date.year, row.header.event_date.month) == (2024, 3)
    assert list(penalty.sanctions) == [Penalty.SANCTION_FINE, Penalty.SANCTION_WARNING]
    assert (penalty.fine.currency_code, penalty.fine.units, penalty.fine.nanos) == (
        "CNY",
        30_500,
        0,
    )
    assert not penalty.HasField("confiscated")
    assert penalty.violation_code == "training"
    assert penalty.violation_text == "未按规定培训、演练"
    assert penalty.content == "罚款人民币叁万元"
    assert penalty.publicity_end_date.year == 2025
    assert not penalty.HasField("valid_until_date")
    assert row.enterprise.name == "北京样恒机械有限公司"
    assert row.enterprise.division == "350100"
    assert row.enterprise.kind == EnterpriseKind.ENTERPRISE_KIND_PRODUCTION_UNIT


def test_columns_may_go_by_their_chinese_names() -> None:
    """The same row under the names of the published form is the same record."""
    columns = Columns([CHINESE_NAMES[name] for name in PUBLISHED])
    converter = Converter(read_mapping("penalty-publication"), columns)

    assert converter.convert(2, list(PUBLISHED.values())) == published()


def test_a_natural_person_is_refused_with_what_to_do() -> None:
    """The publication does not say whose person it is."""
    refused = refusal(published(CF_XDR_LB="自然人"))

    assert refused.reason == "NATURAL_PERSON"
    assert "RegisterPerson" in refused.message
    assert refused.document_number == "（京朝）应急罚〔2024〕12号"


def test_without_a_credit_code_the_registration_number_identifies() -> None:
    """It does so in a scheme of its own, never as an invented credit code."""
    row = request(published(CF_XDR_SHXYM="", CF_XDR_GSZC="110105012345678"))

    assert row.header.subject.local_identity.scheme == "cn.business-registration"
    assert row.header.subject.local_identity.value == "110105012345678"
    assert row.enterprise.division == ""


def test_a_wrong_credit_code_is_left_for_the_service_to_refuse() -> None:
    """Another identity in its place would make a second enterprise."""
    row = request(published(CF_XDR_SHXYM="91350100M000100Y4Z", CF_XDR_GSZC="110105012345678"))

    assert row.header.subject.credit_code == "91350100M000100Y4Z"


def test_a_row_without_any_identity_is_refused() -> None:
    """It names nobody."""
    assert refusal(published(CF_XDR_SHXYM="")).reason == "SUBJECT_MISSING"


@pytest.mark.parametrize(
    ("authority", "field"),
    [
        pytest.param("朝阳区消防救援支队", Field.FIELD_FIRE, id="fire"),
        pytest.param("北京市住房和城乡建设委员会", Field.FIELD_HOUSING_CONSTRUCTION, id="housing"),
        pytest.param("南通市交通运输局", Field.FIELD_TRANSPORT, id="transport"),
        pytest.param("聊城市安全生产监督管理局", Field.FIELD_WORK_SAFETY, id="former-name"),
    ],
)
def test_the_field_follows_from_the_authority(authority: str, field: Field) -> None:
    """The names of authorities tell which of the five fields they watch over."""
    row = request(published(CF_CFJG=authority))

    assert row.header.field == field
    assert list(row.enterprise.fields) == [field]


def test_an_authority_that_does_not_tell_the_field_is_refused() -> None:
    """A market-supervision bureau fines for much that is no matter of safety."""
    refused = refusal(published(CF_CFJG="朝阳区市场监督管理局"))

    assert refused.reason == "CODE_UNKNOWN"
    assert list(refused.fields) == ["header.field", "enterprise.fields"]


def test_the_field_can_be_said_from_outside() -> None:
    """``--set`` answers what the file leaves open."""
    overrides = (
        ("header.field", "special_equipment"),
        ("enterprise.division", "110105"),
    )
    row = request(published(overrides=overrides, CF_CFJG="朝阳区市场监督管理局"))

    assert row.header.field == Field.FIELD_SPECIAL_EQUIPMENT
    assert list(row.enterprise.fields) == [Field.FIELD_SPECIAL_EQUIPMENT]
    assert row.enterprise.division == "110105"


@pytest.mark.parametrize(
    ("text", "sanctions"),
    [
        pytest.param("罚款", ["FINE"], id="fine"),
        pytest.param("没收违法所得、没收非法财物", ["CONFISCATION"], id="two-words-one-kind"),
        pytest.param("责令停产停业;吊销许可证", ["STOP_PRODUCTION", "PERMIT_REVOCATION"], id="two"),
        pytest.param("暂扣或者吊销许可证", ["PERMIT_SUSPENSION"], id="the-milder-of-two"),
        pytest.param("其他-责令限期改正", ["OTHER"], id="other"),
        pytest.param("罚款,其他-收回证书", ["FINE", "OTHER"], id="fine-and-other"),
    ],
)
def test_sanctions_are_read_from_their_words(text: str, sanctions: list[str]) -> None:
    """One text may name several kinds."""
    row = request(published(CF_CFLB=text))

    assert [Penalty.Sanction.Name(one) for one in row.body.penalty.sanctions] == [
        f"SANCTION_{name}" for name in sanctions
    ]


def test_everything_wrong_with_a_row_is_named_at_once() -> None:
    """The paths are those of the service; the columns' texts are quoted."""
    refused = refusal(published(CF_JDRQ="昨天", CF_NR_FK="0.0000001", CF_YXQ="2024-02-30"))

    assert refused.reason == "DATE_UNREADABLE"
    assert list(refused.fields) == [
        "header.event_date",
        "body.penalty.fine",
        "body.penalty.valid_until_date",
    ]
    assert "昨天" in refused.message


def test_missing_columns_are_named_all_together() -> None:
    """Nothing is sent before the file fits; optional columns may be absent."""
    with pytest.raises(ColumnsMissingError) as error:
        Converter(read_mapping("penalty-publication"), Columns(["CF_XDR_MC", "CF_WSH"]))

    assert "CF_XDR_SHXYM or 统一社会信用代码" in error.value.message
    assert "CF_JDRQ" in error.value.message
    assert "CF_NR_FK" not in error.value.message
    assert "CF_XDR_MC, CF_WSH" in error.value.advice


def test_column_names_are_compared_without_case_and_spaces() -> None:
    """Exports of databases write them as they like."""
    columns = Columns([f" {name.lower()} " for name in PUBLISHED])
    converter = Converter(read_mapping("penalty-publication"), columns)

    assert converter.convert(2, list(PUBLISHED.values())) == published()


TAIWAN = {
    "authority": "台北市",
    "announce_date": "20141007",
    "decision_date": "20140826",
    "decision_no": "府勞職字第10334738600號",
    "entity_name": "樣本營造有限公司",
    "law_article": "職業安全衛生法第6條第1項第5款",
    "remark": "訴願駁回",
}


@pytest.mark.parametrize(
    "decided",
    ["20140826", "1030826", "103.08.26", "103/8/26", "103年8月26日", "民國103年8月26日"],
)
def test_a_taiwanese_decision_becomes_a_record_of_a_local_identity(decided: str) -> None:
    """The party's name identifies it and tells the rows of one decision apart."""
    converter = Converter(read_mapping("tw-osh"), Columns(list(TAIWAN)))
    row = request(converter.convert(7, list((TAIWAN | {"decision_date": decided}).values())))

    assert row.header.subject.local_identity.scheme == "tw.entity-name"
    assert row.header.subject.local_identity.value == "樣本營造有限公司"
    assert row.header.document_item == "樣本營造有限公司"
    assert row.header.division == ""
    event_date = row.header.event_date
    assert (event_date.year, event_date.month, event_date.day) == (2014, 8, 26)
    assert row.header.publish_date.month == 10
    assert list(row.body.penalty.sanctions) == [Penalty.SANCTION_OTHER]
    assert row.body.penalty.basis == "職業安全衛生法第6條第1項第5款"
    assert row.body.penalty.content == "訴願駁回"


def converted_by(folder: Path, text: str, row: dict[str, str]) -> ImportRow | Refusal:
    """Convert a row by a mapping of the test's own."""
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return Converter(read_mapping(str(path)), Columns(list(row))).convert(5, list(row.values()))


MINES = """\
title: Accidents of mines by quarter
file: {nothing: ["0"]}
kind: accident
subject:
  local_identity: {scheme: us.mine, value: {column: mine_id}}
enterprise:
  name: {template: "Mine {mine_id}"}
  fields: {constant: [work_safety]}
  industry: {constant: B}
  start_date: {constant: "2000-01-01"}
header:
  field: {constant: work_safety}
  authority: {constant: MSHA}
  document_number: {template: "{mine_id}-{year}-{quarter}"}
  event_date: {template: "{year}-{quarter}", formats: YYYY-Q, partial: last_day}
body:
  deaths: {column: num_death, default: "0"}
  liability: {constant: liable}
  reporting: {column: late, table: yes_no, match: exact}
tables:
  yes_no: {"Y": late, "N": on_time}
skip:
  - {column: num_death, matching: "^$", reason: NO_ACCIDENT, message: nobody died}
"""
MINE = {"mine_id": "100003", "year": "2004", "quarter": "2", "num_death": "1", "late": "Y"}


def test_other_kinds_of_records_and_other_countries_can_be_mapped(tmp_path: Path) -> None:
    """Columns are joined by a template, and a quarter means its last day."""
    row = request(converted_by(tmp_path, MINES, MINE))
    event_date = row.header.event_date

    assert row.header.document_number == "100003-2004-2"
    assert (event_date.year, event_date.month, event_date.day) == (2004, 6, 30)
    assert row.body.accident.deaths == 1
    assert row.enterprise_start_date.year == 2000
    assert row.enterprise.name == "Mine 100003"


def test_rows_that_the_mapping_leaves_out_are_skipped_and_not_refused(tmp_path: Path) -> None:
    """A quarter in which nobody died is no accident."""
    skipped = refusal(converted_by(tmp_path, MINES, MINE | {"num_death": "0"}))

    assert skipped.skipped
    assert skipped.reason == "NO_ACCIDENT"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"num_death": "one"}, "NUMBER_UNREADABLE", id="no-number"),
        pytest.param({"num_death": "1.5"}, "NUMBER_UNREADABLE", id="no-whole-number"),
        pytest.param({"quarter": "5"}, "DATE_UNREADABLE", id="no-quarter"),
        pytest.param({"late": "maybe"}, "CODE_UNKNOWN", id="no-code"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_its_row(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    """Nothing is guessed and nothing is set to zero."""
    assert refusal(converted_by(tmp_path, MINES, MINE | cells)).reason == reason


def test_a_template_with_a_hole_gives_nothing(tmp_path: Path) -> None:
    """Half a document number would look like another one."""
    row = request(
        converted_by(tmp_path, MINES, MINE | {"year": "2004", "quarter": "2", "mine_id": "7"})
    )

    assert row.header.document_number == "7-2004-2"
    holed = converted_by(
        tmp_path, MINES.replace('"{year}-{quarter}"', '"{year}-2"'), MINE | {"quarter": ""}
    )
    assert request(holed).header.document_number == ""
