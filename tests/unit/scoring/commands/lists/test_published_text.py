"""What an authority writes in a ledger names nobody; a party's own words are not judged."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.common.personal_text import PersonInTextError
from services.scoring.commands.lists.published_text import (
    by_party,
    given_names,
    impersonal,
    require_impersonal,
)
from services.scoring.domain.list_case import Attachment, Step, StepKind
from tests.fakes.list_course import BUREAU, case, step

UNIT, PARTY = 100, 101
AROUND = {
    UNIT: frozenset({"王小明", "刘前任"}),
    PARTY: frozenset({"王小明", "刘前任"}),
}
CASE = case(persons=1)


def reading() -> Any:  # noqa: ANN401 -- stands for a snapshot.
    """Know a unit, a person who is a party, and one who had a role in the unit."""

    def names_around(numbers: list[int], _revision: int) -> dict[int, frozenset[str]]:
        return {number: AROUND[number] for number in numbers if number in AROUND}

    def by_number(numbers: list[int], _at: object) -> dict[int, Any]:
        return {number: SimpleNamespace(known_name="北京王小明餐饮有限公司") for number in numbers}

    return SimpleNamespace(
        point=SimpleNamespace(revision=7),
        grounds=SimpleNamespace(names_around=names_around),
        subjects=SimpleNamespace(by_number=by_number),
    )


def refused(wanted: Step) -> str:
    """Give the field for which a step is refused; empty if it is not."""
    try:
        require_impersonal(reading(), CASE, wanted)
    except PersonInTextError as error:
        return error.facts["field"]
    return ""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (StepKind.COLLECT, "cause"),
        (StepKind.NOTIFY, "measures"),
        (StepKind.ANSWER, "answer"),
        (StepKind.HOLD_HEARING, "outcome"),
        (StepKind.REVIEW, "reason"),
        (StepKind.DECIDE, "basis"),
        (StepKind.PUBLISH, "remark"),
        (StepKind.CLOSE, "reason"),
        (StepKind.CORRECT, "reason"),
        (StepKind.DECIDE_EARLY, "reason"),
    ],
)
@pytest.mark.parametrize("who", ["王小明", "刘 前任", "11010519491231002X"])
def test_no_text_of_an_authority_tells_who(kind: StepKind, name: str, who: str) -> None:
    """Whatever the step: a party, somebody with a role in the unit, or anybody's number."""
    assert refused(step(kind, contents={name: f"{who}瞒报事故"})) == name
    assert refused(step(kind, contents={name: "有关人员瞒报事故"})) == ""


def test_titles_and_document_numbers_are_read_too() -> None:
    """They are shown; the second is published with the entry, as who decides is."""
    titled = Attachment("ab" * 32, "王小明的询问笔录")

    assert refused(step(StepKind.DECIDE, document_number="王小明1号")) == "document_number"
    assert refused(step(StepKind.DECIDE, attachments=(titled,))) == "attachments[0].title"
    assert refused(step(StepKind.REPORT, addressee="王小明办公室")) == "addressee"


def test_a_document_of_others_is_published_masked() -> None:
    """Who revoked a record wrote its number; the tombstone of the entry has it."""
    shown = impersonal(reading(), CASE, "撤销王小明1号", day=date(2025, 6, 2))

    assert shown == "撤销王＊1号"
    assert impersonal(reading(), CASE, "复1号", day=date(2025, 6, 2)) == "复1号"


def test_a_unit_may_be_named_after_a_person() -> None:
    """Its name is published, and what the store itself adds to a decision is masked already."""
    assert refused(step(StepKind.DECIDE, contents={"cause": "北京王小明餐饮有限公司瞒报"})) == ""
    assert refused(step(StepKind.DECIDE, contents={"name": "北京王小明餐饮有限公司、王＊"})) == ""
    assert refused(step(StepKind.DECIDE, contents={"cause": "餐饮公司的王小明瞒报"})) == "cause"


@pytest.mark.parametrize(
    ("kind", "authority", "own"),
    [
        (StepKind.STATE, BUREAU, True),
        (StepKind.APPLY_EARLY, BUREAU, True),
        (StepKind.COLLECT, "", True),
        (StepKind.ANSWER, BUREAU, False),
    ],
)
def test_a_partys_own_words_are_not_judged(kind: StepKind, authority: str, own: bool) -> None:  # noqa: FBT001 -- a case of a table.
    """Through its portal, or written down by a clerk; answers mask them."""
    taken = replace(step(kind, contents={"statement": "本人王小明"}), authority=authority)

    assert by_party(taken) is own
    assert refused(taken) == ("" if own else "statement")


@pytest.mark.parametrize(
    ("person", "found"),
    [
        pytest.param("尉迟长风", {"尉迟长风"}, id="a-name"),
        pytest.param("法定代表人", set(), id="a-word-for-a-person"),
        pytest.param("北京某律师事务所", set(), id="an-office"),
        pytest.param("钱二", set(), id="an-official-who-wrote-it-down"),
    ],
)
def test_a_ledger_tells_who_acted_for_its_parties(person: str, found: set[str]) -> None:
    """Of officials, and of words in the place of a name, nothing is to be masked."""
    steps = [
        replace(step(StepKind.NOTIFY), person="钱二"),
        replace(step(StepKind.STATE), person=person),
    ]

    assert given_names(steps) == found
