"""The catalogue of measures: what its file must say, and what it must not."""

from datetime import date
from pathlib import Path

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.instruments import EndedInstrument
from services.engine.measure_file import MEASURES_FILE, MeasureFile, read_measures
from services.engine.review import review_policies

POLICIES = Path(__file__).parents[3] / "policies"
FIELDS = {"work_safety": 1, "fire": 2}
ENDED = {"旧1号": EndedInstrument("旧1号", date(2022, 1, 1), "新1号")}
FILE = """
documentation: test
instruments:
  law: {title: 测试法, document_number: 法1号, checked_date: 2026-11-22}
  old: {title: 旧法, document_number: 旧1号, checked_date: 2026-11-22}
editions:
  - edition: "2021"
    start_date: 2021-12-16
    end_date: 2024-05-20
    source: {instrument: law, article: 全文, confidence: assumed}
  - edition: "2024"
    start_date: 2024-05-20
    end_date: null
    source: {instrument: law, article: 全文, confidence: assumed}
measures:
  - code: more_inspections
    list: blacklist
    fields: all
    persons: false
    zh: 加大执法检查频次
    en: more inspections
    start_date: 2021-09-01
    end_date: null
    basis: [{instrument: law, article: 第一条, confidence: text-seen}]
    allowed: [{edition: "2021", item: 重点监管, confidence: assumed}]
  - code: model_directory
    list: redlist
    fields: [fire]
    persons: true
    zh: 典型名录
    en: directory
    start_date: 2017-12-07
    end_date: null
    basis: [{instrument: law, article: 第三条, confidence: text-seen}]
    allowed: []
"""


def read(text: str) -> MeasureFile:
    """Read a catalogue."""
    return read_measures(text.encode(), MEASURES_FILE, fields=FIELDS, ended=ENDED)


def test_a_catalogue_is_read_with_its_sources() -> None:
    """A measure knows its lists, its wording, its basis and its editions."""
    first, second = read(FILE).measures

    assert (first.favourable, first.fields) == (False, ("work_safety", "fire"))
    assert (second.favourable, second.fields, second.persons) == (True, ("fire",), True)
    assert first.basis[0].instrument == "测试法"
    assert first.basis[0].article == "第一条"
    assert [(one.edition, one.item) for one in first.allowed] == [("2021", "重点监管")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("{instrument: law, article: 第一条", "{instrument: gone, article: 第一条",
                     "unknown-instrument", id="instrument-nobody-named"),
        pytest.param('{edition: "2021", item', '{edition: "2019", item', "unknown-edition",
                     id="edition-nobody-named"),
        pytest.param("start_date: 2021-09-01", "start_date: 2024-05-20", "never-allowed",
                     id="edition-ended-before"),
        pytest.param("code: model_directory", "code: more_inspections", "duplicate-measure",
                     id="two-of-one-code"),
        pytest.param("code: model_directory", "code: Model", "measure-code", id="code-form"),
        pytest.param("basis: [{instrument: law, article: 第一条, confidence: text-seen}]",
                     "basis: []", "missing-basis", id="no-basis"),
        pytest.param("{instrument: law, article: 第一条", "{instrument: old, article: 第一条",
                     "superseded", id="basis-that-ended"),
        pytest.param("{instrument: law, article: 第一条", "{instrument: law, article: 依据旧 1 号",
                     "superseded", id="basis-that-ended-in-the-article"),
        pytest.param("end_date: 2024-05-20", "end_date: 2024-05-19", "time-gap", id="gap"),
        pytest.param("allowed: []", 'allowed: [{edition: "2024", item: x, confidence: assumed}]',
                     "incentive-allowed", id="incentive-in-the-list-of-punishments"),
        pytest.param("fields: [fire]", "fields: [mining]", "unknown-word", id="field"),
        pytest.param("persons: true", "persons: 1", "syntax", id="persons"),
        pytest.param("start_date: 2017-12-07", "start_date: null", "missing-start-date",
                     id="no-start"),
        pytest.param("confidence: text-seen}]\n    allowed: [{", "}]\n    allowed: [{",
                     "missing-confidence", id="no-confidence"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(old: str, new: str, code: str) -> None:
    """Every mistake is refused by its own name."""
    assert FILE.count(old) >= 1

    with pytest.raises(PolicyRefusedError) as error:
        read(FILE.replace(old, new, 1))

    assert code in {one.code for one in error.value.problems}
    assert all(one.line > 1 for one in error.value.problems)


def test_the_review_of_the_policies_looks_at_the_catalogue() -> None:
    """``safetycredit policy check`` finds what is wrong in measures.yaml."""
    names = ("vocabulary.yaml", "instruments.yaml", MEASURES_FILE)
    files = {name: (POLICIES / name).read_bytes() for name in names}
    broken = files[MEASURES_FILE].replace(b"instrument: mem-order-11", b"instrument: gone")

    review = review_policies(files | {MEASURES_FILE: broken}, date(2026, 11, 22))

    assert review_policies(files, date(2026, 11, 22)).passed
    assert {one.code for one in review.problems} == {"unknown-instrument"}
