"""Parts of a policy in Chinese, by the titles of the vocabulary."""

import pytest

from services.engine.differing import differences
from services.engine.language import Version
from services.engine.policy_file import read_policy
from tests.unit.engine.test_checking import CHECKED
from tests.unit.engine.test_policies import VOCABULARY

WHERE = "where: {severity: serious}"
INPUTS = """\
    inputs:
      headcount: {from: subject, if_missing: 1}
      answer: {from: request, codes: hazard_level, if_missing: general}
"""


def version(text: str) -> Version:
    """Read the first version of a policy."""
    return read_policy(text.encode(), "policy.yaml").versions[0]


def sentence(old: str, new: str, text: str = CHECKED) -> tuple[str, str]:
    """Compare a policy with one in which something stands otherwise; give both sentences."""
    assert old in text
    (found,) = differences(version(text), version(text.replace(old, new, 1)), VOCABULARY)
    return found.sentence.zh, found.sentence.en


@pytest.mark.parametrize(
    ("written", "chinese"),
    [
        pytest.param("{severity: minor}", "情节 = 轻微", id="code"),
        pytest.param("{severity: [minor, general]}", "情节 ∈ {轻微, 一般}", id="codes"),
        pytest.param(
            "{field: own, not: {violation_code: accident_liability}}",
            "领域 = 本政策领域 ∧ ¬(违法行为类型 = 对生产安全事故负有责任)",
            id="own-field-and-not",
        ),
        pytest.param("{closed_date: {known: false}}", "整改合格日期 = 未知", id="not-known"),
        pytest.param("{closed_date: {known: true}}", "整改合格日期 = 已知", id="known"),
        pytest.param("{event_date: {before: as_of}}", "发生日期 < 查询日", id="day-asked-for"),
        pytest.param('{division: ["110000"]}', "发生地 ∈ {110000}", id="code-without-a-title"),
        pytest.param(
            "{any: [{severity: minor}, {severity: general}]}",
            "(情节 = 轻微) ∨ (情节 = 一般)",
            id="either",
        ),
    ],
)
def test_filter_is_told_in_the_words_of_the_vocabulary(written: str, chinese: str) -> None:
    """A clerk reads titles of attributes and codes; the English keeps the words of the file."""
    zh, en = sentence(WHERE, f"where: {written}")

    assert zh == f"指标serious的筛选条件由“情节 = 严重”改为“{chinese}”"
    assert en.startswith("indicator serious, filter changes from “severity = serious” to “")
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in en)


@pytest.mark.parametrize(
    ("written", "chinese"),
    [
        pytest.param("{last: {years: 3}}", "最近3年", id="rolling"),
        pytest.param(
            "{last: {months: 12}, day: publish_date}", "最近12个月，按公示日期计", id="day"
        ),
        pytest.param("{calendar: year}", "按年度：本期", id="this-year"),
        pytest.param("{calendar: year, first: -1}", "按年度：前1期”", id="last-year"),
        pytest.param(
            "{calendar: quarter, first: -3, last_period: 0}",
            "按季度：前3期至本期",
            id="four-quarters",
        ),
        pytest.param(
            "{back_from: inception, first: -3, last_period: -1}",
            "inception之前每12个月：前3期至前1期",
            id="counted-back",
        ),
        pytest.param("ever", "不限", id="ever"),
        pytest.param("{valid_until: closed_date}", "自发生日期至整改合格日期", id="validity"),
        pytest.param(
            "{by: severity, months: {unspecified: 0, minor: 3, general: 12, serious: 36}}",
            "按情节：未分级0个月，轻微3个月，一般12个月，严重36个月",
            id="by-a-code",
        ),
    ],
)
def test_window_is_told_in_words(written: str, chinese: str) -> None:
    """A window is one phrase, and no list of fields."""
    zh, _ = sentence("{last: {months: 12}}", written)

    assert zh.startswith("指标serious的统计期间由“最近12个月”改为“" + chinese)


REPEATED = CHECKED.replace(
    WHERE,
    "where: {severity: serious, earlier: 1}\n"
    "        repeats: {same: [violation_code], window: {last: {months: 12}}}",
    1,
)


MOST = CHECKED.replace("measure: count", "measure: {most_within: {months: 12}}")
CLEAN = CHECKED.replace(
    "measure: count", "measure: {consecutive: count, each_period: 0, since: founding_date}"
).replace("{last: {months: 12}}", "{calendar: year, first: -3, last_period: -1}")


REACHED = CHECKED.replace(
    "measure: count",
    "measure: {reached: 12, again: from_below}\n        if_none: unknown",
)


def test_stretches_and_runs_are_told_in_words() -> None:
    """How long a stretch is, what is added up in it, and since when there are periods."""
    length, _ = sentence("{months: 12}}\n        unit", "{months: 6}}\n        unit", MOST)
    since, english = sentence("since: founding_date", "since: first_insured", CLEAN)

    assert length == "指标serious的累计时段由“任意12个月内”改为“任意6个月内”"
    assert since == "指标serious的周期起算由“founding_date”改为“first_insured”"
    assert english.startswith("indicator serious, since when there are periods changes from ")


@pytest.mark.parametrize(
    ("old", "new", "chinese"),
    [
        pytest.param("reached: 12", "reached: 10", "10，低于该数后可再次达到", id="number"),
        pytest.param("from_below", "from_zero", "12，达到后重新累计", id="anew"),
        pytest.param(
            "from_below", "with_each_record", "12，未低于该数时每有记录即再次达到", id="each"
        ),
    ],
)
def test_what_is_reached_is_told_in_words(old: str, new: str, chinese: str) -> None:
    """A clerk reads the number, and what becomes of it once it was reached."""
    found = differences(version(REACHED), version(REACHED.replace(old, new, 1)), VOCABULARY)

    assert [one.sentence.zh for one in found] == [
        f"指标serious的达到的数由“12，低于该数后可再次达到”改为“{chinese}”"
    ]


def test_repeats_are_told_in_words() -> None:
    """Which earlier records count, and how many there are, as a clerk would say it."""
    window, _ = sentence("{last: {months: 12}}}", "{calendar: year}}", REPEATED)
    same, _ = sentence("same: [violation_code]", "same: []", REPEATED)
    count, _ = sentence("earlier: 1", "earlier: 2", REPEATED)

    said = "指标serious的同类重复由“违法行为类型相同的在先记录，以本记录之日计：最近12个月”改为"
    assert window == f"{said}“违法行为类型相同的在先记录，以本记录之日计：按年度：本期”"
    assert same == f"{said}“任何在先记录，以本记录之日计：最近12个月”"
    assert count.endswith("在先次数 = 1”改为“情节 = 严重 ∧ 在先次数 = 2”")


@pytest.mark.parametrize(
    ("old", "new", "chinese"),
    [
        pytest.param(
            "unit: violation",
            "unit: point",
            "指标serious的单位由“起违法行为”改为“分”",
            id="unit",
        ),
        pytest.param(
            "combine: sum",
            "combine: max",
            "合计score的合成方式由“相加”改为“取最大”",
            id="combination",
        ),
        pytest.param(
            "- {grade: A, when: {score: {at_least: 90}}}",
            "- {grade: A, when: {score: {at_least: 95}}}",
            "等级的起始第1行由“等级: A, 条件: 得分 ≥ 90”改为“等级: A, 条件: 得分 ≥ 95”",
            id="band",
        ),
        pytest.param(
            "records: violation",
            "records: [violation, penalty]",
            "指标serious的kinds由“违法行为”改为“违法行为, 行政处罚”",
            id="kinds",
        ),
    ],
)  # fmt: skip
def test_words_of_fields_are_told(old: str, new: str, chinese: str) -> None:
    """Units, kinds and ways of combining have Chinese words; names of the policy stay."""
    assert sentence(old, new)[0] == chinese


def test_inputs_are_told_as_what_they_are() -> None:
    """An attribute has its title, an answer the titles of its codes."""
    text = CHECKED.replace("    indicators:\n", INPUTS + "    indicators:\n", 1)

    zh, _ = sentence(
        "when: {serious: {at_least: 1}}",
        "when: {serious: {at_least: 1}, headcount: {above: 3}, answer: major}",
        text,
    )

    assert "改为“(serious ≥ 1) ∧ (从业人员数 > 3) ∧ answer = 重大事故隐患”" in zh


def test_greatest_code_is_told_by_its_title() -> None:
    """The worst severity is compared with a severity."""
    text = CHECKED.replace("measure: count", "measure: {max: severity}\n        if_none: minor")

    zh, _ = sentence("when: {serious: {at_least: 1}}", "when: {serious: {at_least: serious}}", text)

    assert zh.endswith("改为“serious ≥ 严重”")


def test_added_part_is_told_whole() -> None:
    """What is new is written out with Chinese labels, and those of its own records."""
    added = CHECKED.replace(
        "    tables:\n",
        "      falls:\n        records: accident\n        where: {level: major}\n"
        "        window: ever\n        measure: count\n        unit: accident\n"
        "        source: {article: 一, confidence: assumed}\n    tables:\n",
        1,
    )

    (found,) = differences(version(CHECKED), version(added), VOCABULARY)

    assert found.sentence.zh == (
        "新增指标falls：记录: 生产安全事故, 筛选条件: 事故等级 = 重大事故, 统计期间: 不限,"
        " 计量方式: 计数, 无记录时: 0, 单位: 起事故"
    )


def test_without_a_vocabulary_the_words_of_the_file_stand() -> None:
    """Who has no titles at hand compares all the same."""
    new = CHECKED.replace(WHERE, "where: {severity: minor}")

    (found,) = differences(version(CHECKED), version(new))

    assert found.sentence.zh == "指标serious的筛选条件由“severity = serious”改为“severity = minor”"
