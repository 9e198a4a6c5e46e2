"""Cases as messages: who acted for a party and what texts say of persons is masked."""

from dataclasses import replace

from services.scoring.domain.list_case import Attachment, Reason, StepKind
from services.scoring.domain.list_lateness import StepTimes
from services.scoring.handlers.list_case_messages import list_case_message
from tests.fakes.list_course import case, step
from tests.fakes.list_views import FIRST, NAMES, view

TEXT = f"{NAMES[FIRST]}（11010519491231002X）不服"
LEDGER = (
    step(StepKind.COLLECT, person="赵一"),
    step(
        StepKind.STATE, by_party=True, authority="", person="司马样戊", contents={"statement": TEXT}
    ),
    step(StepKind.WAIVE, person="赵一"),
    step(StepKind.APPLY_EARLY, entry_id=1, by_party=True, authority="", person="吴七八"),
    step(
        StepKind.ANSWER,
        person=NAMES[FIRST],
        document_number=f"{NAMES[FIRST]}1号",
        attachments=(Attachment("ab" * 32, f"{NAMES[FIRST]}笔录"),),
    ),
)


def test_persons_are_masked_in_every_part_of_a_case() -> None:
    """An official is named, a party and who acts for it are not, in person or text."""
    nominated = replace(
        case(persons=2),
        reasons=(Reason(rule_id="", zh=f"{NAMES[FIRST]}瞒报", en="", citation="", record_ids=()),),
    )

    message = list_case_message(view(LEDGER, of=nominated))

    assert [one.person for one in message.steps] == ["赵一", "司＊", "赵＊", "吴＊", "欧＊"]
    assert message.steps[1].contents[0].text == "欧＊（110105********002X）不服"
    assert message.steps[4].document_number == "欧＊1号"
    assert message.steps[4].attachments[0].title == "欧＊笔录"
    assert message.reasons[0].wording.zh == "欧＊瞒报"
    assert [one.name for one in message.parties] == ["北京样本有限公司", "欧＊", "司＊"]
    assert not any(name in str(message) for name in NAMES.values())


def test_a_step_says_whether_it_was_in_time() -> None:
    """Late, too early, and whether that may still change; each of its own step."""
    times = StepTimes(late=frozenset({1}), early=frozenset({2}), provisional=frozenset({2, 3}))

    steps = list_case_message(replace(view(LEDGER), times=times)).steps

    assert [(one.late, one.early, one.provisional) for one in steps[:4]] == [
        (True, False, False),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]


def test_names_that_may_be_seen_are_shown() -> None:
    """Whoever asked for names and may see them reads the ledger as it was written."""
    message = list_case_message(view(LEDGER), full_names=True)

    assert message.steps[1].person == "司马样戊"
    assert message.steps[1].contents[0].text == TEXT
    assert message.parties[1].name == NAMES[FIRST]
