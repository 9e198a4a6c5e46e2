"""Sources of policies: ended instruments however they are written, and days of comparison."""

from dataclasses import replace
from datetime import date

import pytest

from services.engine.checking import CheckContext, check_policy
from services.engine.errors import PolicyRefusedError
from services.engine.instruments import read_instruments
from services.engine.policy_file import read_policy
from tests.unit.engine.test_checking import CHECKED, CONTEXT
from tests.unit.engine.test_checking_names import (
    ENDED,
    PART_SOURCE,
    VERSION_SOURCE,
    changed,
    codes,
    line_of,
    messages,
    problems,
)


def _version_source(text: str) -> str:
    return changed(
        VERSION_SOURCE, f"source: {{{text}, checked_date: 2026-11-21, confidence: assumed}}"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("instrument: 旧, document_number: 安监总办（2017）140号", id="round-brackets"),
        pytest.param("instrument: 旧, document_number: 安监总办(2017)140号", id="plain-brackets"),
        pytest.param(
            'instrument: 旧, document_number: "安监总办[2017]140号"', id="square-brackets"
        ),
        pytest.param("instrument: 旧, document_number: 安监总办〔2017〕 140 号", id="spaces"),
        pytest.param(
            "instrument: 旧, document_number: 安监总办〔２０１７〕１４０号", id="full-width-digits"
        ),
        pytest.param("instrument: 旧, document_number: 安监总办〔2017〕第140号", id="with-第"),
        pytest.param("instrument: 旧, document_number: 安监总办〔2017〕140", id="without-号"),
        pytest.param("instrument: 旧（安监总办〔2017〕140号）", id="in-the-name"),
        pytest.param(
            "instrument: 新, document_number: 新〔2024〕1号, article: 依据安监总办〔2017〕140号",
            id="in-the-article",
        ),
        pytest.param(
            "instrument: 旧, document_number: 国家发展改革委令第五十八号", id="chinese-numeral"
        ),
        pytest.param(
            "instrument: 旧, document_number: 国家发展和改革委员会令第58号", id="issuer-in-full"
        ),
        pytest.param("instrument: 旧, document_number: 发改委令第58号", id="issuer-in-short"),
        pytest.param(
            "instrument: 旧, document_number: 国家发展改革委2023年第58号令", id="order-of-a-year"
        ),
        pytest.param(
            "instrument: 旧, document_number: 发改委第58号令", id="order-behind-its-number"
        ),
        pytest.param("instrument: 信用信息修复管理办法（试行）", id="name-in-short"),
        pytest.param("instrument: 旧, document_number: 安监总办 2017 年 140 号", id="no-brackets"),
        pytest.param("instrument: 旧, document_number: 安监总办2017-140号", id="hyphen"),
        pytest.param(
            "instrument: 旧, document_number: 示例〔2024〕1号, article: 发改委令第58号第三条",
            id="issuer-in-short-in-the-article",
        ),
        pytest.param(
            "instrument: 旧, document_number: 安监总办〔二〇一七〕140号", id="year-in-words"
        ),
        pytest.param("instrument: 旧, document_number: 安監總辦〔2017〕140號", id="traditional"),
        pytest.param("instrument: 安全生产责任保险实施办法", id="name-alone"),
        pytest.param("instrument: 安全生产责任保险实施办法（2017年）", id="name-with-its-year"),
        pytest.param("instrument: 安全生产责任保险实施办法(2024)", id="name-with-a-later-year"),
        pytest.param(
            "instrument: 国家安全监管总局 保监会 财政部关于印发《安全生产责任保险实施办法》的通知",
            id="name-in-its-notice",
        ),
        pytest.param("instrument: 《安全生产责任保险实施办法》", id="name-in-quotes"),
        pytest.param(
            "instrument: 安全生产责任保险实施办法, effective_date: 2018-01-01", id="name-of-its-day"
        ),
    ],
)
def test_ended_instrument_is_found_however_it_is_written(text: str) -> None:
    """Brackets, widths, spaces and where the number stands make no difference."""
    assert codes(_version_source(text)) == ["superseded"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("instrument: 旧, document_number: 安监总办〔2017〕141号", id="next-number"),
        pytest.param("instrument: 旧, document_number: 安监总办〔2017〕1401号", id="longer-number"),
        pytest.param("instrument: 旧, document_number: 安监总办2017年1401号", id="longer-by-year"),
        pytest.param(
            "instrument: 旧, document_number: 国家发展改革委2023年第158号令", id="another-order"
        ),
        pytest.param("instrument: 天津市信用信息修复管理办法（试行）", id="name-of-a-place"),
        pytest.param(
            "instrument: 旧, document_number: 鲁安监总办〔2017〕140号", id="another-office"
        ),
        pytest.param(
            "instrument: 新, document_number: 新〔2024〕1号, article: 代替安监总办〔2017〕140号",
            id="what-took-its-place-says-so",
        ),
        pytest.param(
            "instrument: 安全生产责任保险实施办法, document_number: 应急〔2025〕27号",
            id="later-one-of-the-same-name",
        ),
        pytest.param(
            "instrument: 安全生产责任保险实施办法（应急〔2025〕27号）",
            id="later-number-in-the-name",
        ),
        pytest.param(
            "instrument: 安全生产责任保险实施办法, publish_date: 2025-03-29", id="later-day"
        ),
        pytest.param("instrument: 安全生产责任保险实施办法（2025年）", id="year-of-the-later-one"),
        pytest.param(
            "instrument: 关于贯彻《安全生产责任保险实施办法》的通知", id="notice-about-it"
        ),
        pytest.param(
            "instrument: 旧, document_number: 北京市发改委令第58号", id="order-of-another-issuer"
        ),
        pytest.param(
            "instrument: 安全生产责任保险实施办法, document_number: 京应急〔2018〕1号",
            id="same-name-of-a-place",
        ),
    ],
)
def test_other_instrument_is_not_taken_for_an_ended_one(text: str) -> None:
    """A number is itself, and not a part of another."""
    assert "superseded" not in codes(_version_source(text))


@pytest.mark.parametrize(
    ("end_date", "expected"),
    [
        pytest.param("2025-03-29", [], id="ends-with-it"),
        pytest.param("2025-03-30", ["superseded"], id="a-day-longer"),
    ],
)
def test_version_may_cite_what_was_in_force_to_its_end(end_date: str, expected: list[str]) -> None:
    """The instrument ended on 2025-03-29."""
    text = _version_source("instrument: 安全生产责任保险实施办法")

    assert codes(text.replace("end_date: null", f"end_date: {end_date}")) == expected


def test_version_that_cites_what_ended_is_told_at_its_source() -> None:
    """Line and column are those of the source, not of the version."""
    text = _version_source(f"instrument: 旧, document_number: {ENDED}")

    (message,) = messages(text)

    assert message.startswith(f"policy.yaml:{line_of(text, 'source: {instrument')}:13: superseded:")


def test_end_that_no_text_says_is_a_warning() -> None:
    """That Order 11 repealed 49号 was not seen, and a district still cites it."""
    (found,) = problems(_version_source("instrument: 旧, document_number: 安监总办〔2017〕49号"))

    assert (found.code, found.warning) == ("superseded", True)
    assert found.message.endswith("; its end is assumed, so nothing is refused for it")


@pytest.mark.parametrize(
    ("effective", "expected"),
    [
        pytest.param("2023-12-31", [], id="before"),
        pytest.param("2024-01-01", [], id="on-the-day"),
        pytest.param("2024-01-02", ["not-yet-effective"], id="a-day-later"),
    ],
)
def test_version_is_not_in_force_before_its_instrument(effective: str, expected: list[str]) -> None:
    """The version is in force from 2024-01-01."""
    assert codes(_version_source(f"instrument: 示例办法, effective_date: {effective}")) == expected


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        pytest.param("{document_number: 甲}", "2:5: missing-end-date:", id="no-end"),
        pytest.param(
            "{document_number: 甲, end_date: soon, superseded_by: 乙}", "2:36: syntax:", id="no-day"
        ),
        pytest.param(
            "{document_number: 甲, end_date: 2024-01-01, superseded_by: 1}",
            "2:63: syntax:",
            id="a-number-for-the-next",
        ),
        pytest.param("甲", "2:5: syntax:", id="a-word"),
        pytest.param(
            "{document_number: 甲, end_date: 2024-01-01, superseded_by: 乙}\n  - "
            "{document_number: 甲, end_date: 2024-01-01, superseded_by: 丙}",
            "3:5: duplicate-instrument:",
            id="twice",
        ),
    ],
)
def test_wrong_instrument_is_named_at_its_place(entry: str, problem: str) -> None:
    """The file of what ended is read as strictly as a policy."""
    with pytest.raises(PolicyRefusedError) as error:
        read_instruments(f"instruments:\n  - {entry}\n".encode(), "i.yaml")

    assert str(error.value).startswith(f"i.yaml:{problem}")


def test_ended_number_in_the_article_of_a_part_is_found_there() -> None:
    """A part of a right instrument can cite a wrong one."""
    wrong = changed(PART_SOURCE, f"source: {{article: {ENDED}第五条, confidence: assumed}}")

    (message,) = messages(wrong)

    assert message == (
        f"policy.yaml:{line_of(wrong, 'records: violation')}:9: superseded:"
        f" {ENDED} ended on 2025-03-29; see 应急〔2025〕27号, or end the version"
    )


def test_what_took_the_place_in_the_end_is_named() -> None:
    """安委办〔2015〕14号 gave way to 49号, and that to Order 11, which is named."""
    (message,) = messages(_version_source("instrument: 旧, document_number: 安委办〔2015〕14号"))

    assert (
        "ended on 2017-05-09, and 安监总办〔2017〕49号 after it; see 应急管理部令第11号" in message
    )


@pytest.mark.parametrize("entry", ["", ", superseded_by: null"], ids=["left-out", "null"])
def test_instrument_may_end_without_a_successor(entry: str) -> None:
    """Whoever cites it is told to end the version, and sent nowhere; a blank number is nowhere."""
    entry = f"{{document_number: 甲〔2020〕1号, also: [' '], end_date: 2024-06-01{entry}}}"
    ended = read_instruments(f"instruments:\n  - {entry}\n".encode(), "i.yaml")
    context = replace(CONTEXT, ended=ended)
    cited = _version_source("instrument: 旧, document_number: 甲〔2020〕1号")

    (problem,) = check_policy(read_policy(cited.encode(), "policy.yaml"), context)

    assert (problem.code, problem.message) == (
        "superseded",
        "甲〔2020〕1号 ended on 2024-06-01; nothing took its place; end the version",
    )
    assert not check_policy(read_policy(CHECKED.encode(), "policy.yaml"), context)


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        pytest.param("2026-11-23", [("checked-in-future", False)], id="tomorrow"),
        pytest.param("2026-11-22", [], id="today"),
        pytest.param("2025-11-23", [], id="not-yet-a-year"),
        pytest.param("2025-11-22", [("stale", True)], id="a-year"),
    ],
)
@pytest.mark.parametrize("part", [True, False], ids=["part", "version"])
def test_day_of_comparison_is_looked_at(
    checked: str, expected: list[tuple[str, bool]], *, part: bool
) -> None:
    """Of a version and of a part that says its own; today is 2026-11-22."""
    text = (
        changed(
            PART_SOURCE, f"source: {{article: 三, checked_date: {checked}, confidence: assumed}}"
        )
        if part
        else changed("checked_date: 2026-11-21", f"checked_date: {checked}")
    )
    assert [(one.code, one.warning) for one in problems(text)] == expected


def test_comparison_yet_to_come_is_wrong_in_a_version_that_ended_too() -> None:
    """A version that ended grows stale for nobody; a day that has not come is wrong in any."""
    text = changed("end_date: null", "end_date: 2025-01-01")

    assert codes(text.replace("checked_date: 2026-11-21", "checked_date: 2026-11-23")) == [
        "checked-in-future"
    ]
    assert codes(text.replace("checked_date: 2026-11-21", "checked_date: 2020-01-01")) == []


def test_today_of_the_context_counts() -> None:
    """The same policy, looked at before it was compared, is wrong."""
    context = CheckContext(
        vocabulary=CONTEXT.vocabulary, ladders={}, ended={}, today=date(2026, 11, 20)
    )
    policy = read_policy(CHECKED.encode(), "policy.yaml")

    assert {one.code for one in check_policy(policy, context)} == {"checked-in-future"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param("publish_date: 2026-11-23, checked_date: 2026-11-21", "published-in-future",
                     id="published-tomorrow"),
        pytest.param("publish_date: 2026-11-22, checked_date: 2026-11-22", "?before-publication",
                     id="published-today"),
        pytest.param("publish_date: 2026-11-22, checked_date: 2026-11-21",
                     "checked-before-publication", id="compared-the-day-before"),
        pytest.param("publish_date: 2024-01-01, checked_date: 2026-11-21", "",
                     id="in-force-when-published"),
        pytest.param("publish_date: 2024-01-02, checked_date: 2026-11-21", "?before-publication",
                     id="in-force-a-day-before"),
        pytest.param(
            "publish_date: 2024-01-02, effective_date: 2024-01-01, checked_date: 2026-11-21", "",
            id="says-so-itself"),
    ],
)  # fmt: skip
def test_days_of_a_source_follow_each_other(days: str, expected: str) -> None:
    """The version begins on 2024-01-01, and today is 2026-11-22."""
    found = problems(
        changed(VERSION_SOURCE, f"source: {{instrument: 示例办法, {days}, confidence: assumed}}")
    )

    words = [f"{'?' if one.warning else ''}{one.code}" for one in found]
    assert words == ([expected] if expected else [])


def test_days_of_a_part_are_looked_at_too() -> None:
    """A part may rest on an instrument of its own."""
    own = "instrument: 另一办法, article: 一, publish_date: 2026-11-23, confidence: assumed"
    text = changed(PART_SOURCE, f"source: {{{own}}}")

    assert "published-in-future" in codes(text)
