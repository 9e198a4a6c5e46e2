"""A portal is answered with its own party's part of a case: nobody else's name, step or entry."""

from dataclasses import replace

import pytest

from services.common.identity import Caller
from services.common.portals import PortalNotBoundError
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import CaseState, Opinion, Party, Step, StepKind
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import DueDay
from services.scoring.handlers.list_case_messages import view_for
from tests.fakes.list_course import OPENED, case, step
from tests.fakes.list_entries import entry
from tests.fakes.list_views import CODE, FIRST, NAMES, SECOND, UNIT, view

K = StepKind

LEDGER = (
    step(StepKind.COLLECT),
    step(StepKind.REPORT),
    step(StepKind.NOTIFY),
    step(StepKind.STATE, party=FIRST, by_party=True, authority="", person=NAMES[FIRST]),
    step(StepKind.STATE, party=SECOND, by_party=True, authority="", person=NAMES[SECOND]),
    step(StepKind.STATE, by_party=True, authority="", person="李四"),
    step(StepKind.ANSWER),
    step(StepKind.REVIEW, field=1),
)
DECIDED = (
    step(StepKind.REVIEW, field=2),
    step(StepKind.APPROVE),
    step(StepKind.DECIDE, parties=(UNIT, FIRST)),
    step(StepKind.SERVE, party=UNIT),
)


def portal(subject: str, *roles: str) -> Caller:
    """Make the portal of an enterprise or person."""
    return Caller(identity="p", roles=frozenset({"enterprise_portal", *roles}), subject=subject)


def held(number: int, subject_id: int, state: EntryState = EntryState.IN_FORCE) -> HeldEntry:
    """Make an entry of a party."""
    listed = replace(entry(number), subject_id=subject_id, person=subject_id != UNIT)
    return HeldEntry(entry=listed, case_id=1, publish_date=OPENED, state=state)


@pytest.mark.parametrize(
    ("subject", "party", "steps"),
    [
        pytest.param("p-102", SECOND, [3, 5, 7], id="person"),
        pytest.param("p-101", FIRST, [3, 4, 7], id="another-person"),
        pytest.param(CODE, UNIT, [3, 6, 7], id="unit-by-code"),
        pytest.param("e-100", UNIT, [3, 6, 7], id="unit-by-identifier"),
    ],
)
def test_a_party_sees_its_own_part(subject: str, party: int, steps: list[int]) -> None:
    """Itself, its reason, what it was told and said, the answer, and its own deadlines."""
    own = view_for(portal(subject), view(LEDGER))

    assert [one.subject_id for one in own.case.parties] == [party]
    assert [one.record_ids for one in own.case.reasons] == [(party,)]
    assert [one.number for one in own.steps] == steps
    assert [one.party for one in own.next_steps] == [party]


def test_who_reads_cases_sees_all_of_one() -> None:
    """A regulator or auditor that is registered as a portal too; a recorder reads no cases."""
    whole = view(LEDGER)

    assert view_for(portal("p-102", "regulator"), whole) is whole
    assert view_for(portal("p-102", "auditor"), whole) is whole
    assert len(view_for(portal("p-102", "recorder"), whole).case.parties) == 1


def test_a_portal_that_is_no_party_sees_none() -> None:
    """Should one ever get so far, there is nothing of anybody in its answer."""
    own = view_for(portal("p-999"), view(LEDGER, held(1, FIRST)))

    assert (own.case.parties, own.case.reasons, own.steps) == ((), (), ())
    assert (own.entries, own.next_steps) == ((), ())
    with pytest.raises(PortalNotBoundError):
        view_for(portal(""), view(LEDGER))


@pytest.mark.parametrize(
    ("subject", "state"), [("e-100", CaseState.SERVED), ("p-101", CaseState.DECIDED)]
)
def test_the_state_is_the_partys_own(subject: str, state: CaseState) -> None:
    """The decision was served on the unit and not on the person yet; nobody sees the whole."""
    own = view_for(portal(subject), view(LEDGER + DECIDED))

    assert own.state is state


def kinds(subject: str, *steps: Step) -> list[StepKind]:
    """Give the steps after the notice that a party's portal shows."""
    ledger = (step(StepKind.COLLECT), step(StepKind.REPORT), step(StepKind.NOTIFY), *steps)
    own = view_for(portal(subject), view(ledger))
    return [one.kind for one in own.steps][1:]


def said(party: int) -> Step:
    """Make a statement of a party."""
    return step(K.STATE, party=party, by_party=True, authority="")


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        pytest.param("p-101", [K.STATE, K.ANSWER], id="who-stated-before"),
        pytest.param("p-102", [K.STATE, K.ANSWER], id="who-stated-between"),
        pytest.param("e-100", [], id="who-said-nothing"),
    ],
)
def test_an_answer_is_for_whoever_it_answers(subject: str, seen: list[StepKind]) -> None:
    """The first answers the first person, the second the other; the unit made no statement."""
    ledger = said(FIRST), step(K.ANSWER), said(SECOND), step(K.ANSWER)

    assert kinds(subject, *ledger) == seen


def test_an_answer_is_for_everybody_in_whose_name_was_stated() -> None:
    """An authority records a statement, and a waiver, of all parties where it names none."""
    ledger = step(K.STATE), step(K.ANSWER), step(K.WAIVE)

    for subject in ("e-100", "p-101", "p-102"):
        assert kinds(subject, *ledger) == [K.STATE, K.ANSWER, K.WAIVE]


@pytest.mark.parametrize(
    ("subject", "seen"),
    [("p-101", [K.ASK_HEARING, K.HOLD_HEARING]), ("p-102", [K.ASK_HEARING]), ("e-100", [])],
)
def test_a_hearing_is_for_whoever_asked_and_was_not_heard(
    subject: str, seen: list[StepKind]
) -> None:
    """Held of all that are left: the second person asks afterwards, and the unit never."""
    asked = (step(K.ASK_HEARING, party=one, authority="") for one in (FIRST, SECOND))
    first, second = asked

    assert kinds(subject, first, step(K.HOLD_HEARING), second) == seen


@pytest.mark.parametrize(
    ("served", "seen"),
    [
        pytest.param((), [], id="not-served"),
        pytest.param((UNIT,), [], id="served-on-another"),
        pytest.param((UNIT, FIRST), [K.DECIDE, K.SERVE], id="served"),
        pytest.param((0,), [K.DECIDE, K.SERVE], id="served-on-all"),
    ],
)
def test_a_decision_is_told_once_it_is_served(
    served: tuple[int, ...], seen: list[StepKind]
) -> None:
    """On the party itself, or on all whom it lists."""
    ledger = *DECIDED[:-1], *(step(K.SERVE, party=one) for one in served)

    assert kinds("p-101", *ledger) == seen


def test_a_decision_that_leaves_a_party_out_is_not_served_on_it() -> None:
    """The second person's case is decided, and over once the others' is published; no entry."""
    decided = (*LEDGER, *DECIDED[:-1])
    ahead = NextStep(kind=K.SERVE, authority="", earliest=DueDay(OPENED), clause="")
    views = [
        view(decided),
        view((*decided, step(K.SERVE))),
        view((*decided, step(K.SERVE), step(K.PUBLISH)), held(1, UNIT), held(2, FIRST)),
    ]
    shown = [
        view_for(portal("p-102"), replace(one, next_steps=(*one.next_steps, ahead)))
        for one in views
    ]

    assert [one.state for one in shown] == [
        CaseState.DECIDED,
        CaseState.DECIDED,
        CaseState.CLOSED,
    ]
    for one in shown:
        assert [step.number for step in one.steps] == [3, 5, 7]
        assert [step.kind for step in one.next_steps] == [K.STATE]


def test_a_decision_tells_a_party_of_nobody_else() -> None:
    """What the store says of all whom it lists, and what each got, is left out but for its own."""
    contents = {
        "cause": "瞒报",
        "name": "北京样本有限公司、欧＊",
        "code": f"{CODE}、p-101",
        "persons": "p-101",
        "term": "e-100：3年；p-101：1年",
    }
    decided = step(K.DECIDE, parties=(UNIT, FIRST), contents=contents)
    published = step(K.PUBLISH, contents={"left_out": "p-101", "term": "e-100：3年"})
    served = step(K.SERVE, contents={})
    whole = view((*LEDGER, *DECIDED[:2], decided, served, published), held(1, UNIT))

    unit, first = (
        [dict(one.contents) for one in view_for(portal(name), whole).steps[-3:]]
        for name in ("e-100", "p-101")
    )

    assert unit == [
        {"cause": "瞒报", "name": "北京样本有限公司", "code": CODE, "term": "e-100：3年"},
        {},
        {"term": "e-100：3年"},
    ]
    assert first == [
        {
            "cause": "瞒报",
            "name": "欧＊",
            "code": "p-101",
            "persons": "p-101",
            "term": "p-101：1年",
        },
        {},
        {"left_out": "p-101"},
    ]


@pytest.mark.parametrize("ended", [K.CLOSE, K.APPROVE])
def test_who_was_told_of_a_case_is_told_why_it_ended(ended: StepKind) -> None:
    """A case that was closed, or rejected; an approval is nobody's but the authority's."""
    refused = step(ended, opinion=Opinion.DISAGREE, contents={"reason": "不予列入"})

    assert kinds("p-102", step(K.APPROVE)) == []
    assert kinds("p-102", refused) == [ended]
    assert kinds("e-100", refused) == [ended]


def test_entries_and_their_steps_are_the_partys_own() -> None:
    """The unit's entry is in force, that of the first person was corrected, the second has none."""
    published = (*LEDGER, *DECIDED, step(StepKind.SERVE, party=FIRST), step(StepKind.PUBLISH))
    applied = step(StepKind.APPLY_EARLY, entry_id=1, authority="", by_party=True)
    corrected = step(StepKind.CORRECT, entry_id=2)
    entries = held(1, UNIT), held(2, FIRST, EntryState.CORRECTED)
    whole = view((*published, applied, corrected), *entries)

    unit, first, second = (view_for(portal(name), whole) for name in ("e-100", "p-101", "p-102"))

    assert [one.entry.entry_id for one in unit.entries] == [1]
    assert StepKind.APPLY_EARLY in {one.kind for one in unit.steps}
    assert StepKind.CORRECT not in {one.kind for one in unit.steps}
    assert [one.entry.entry_id for one in first.entries] == [2]
    assert StepKind.CORRECT in {one.kind for one in first.steps}
    assert second.entries == ()
    assert [one.state for one in (unit, first, second)] == [
        CaseState.LISTED,
        CaseState.ENDED,
        CaseState.CLOSED,
    ]


def test_who_applied_for_a_redlist_follows_every_step() -> None:
    """It is alone in its case: reviews, the rejection with its reason, and the end."""
    alone = replace(case(redlist=True, persons=0), parties=(Party(subject_id=UNIT, person=False),))
    refused = step(K.APPROVE, opinion=Opinion.DISAGREE, contents={"reason": "存在失信记录"})
    ledger = (
        step(K.COLLECT),
        step(K.REPORT),
        step(K.REVIEW, field=1),
        refused,
        step(K.CLOSE, contents={"reason": "不符合条件"}),
    )

    own = view_for(portal(CODE), view(ledger, of=alone))

    assert [one.kind for one in own.steps] == [one.kind for one in ledger]
    assert [dict(one.contents) for one in own.steps[-2:]] == [
        {"reason": "存在失信记录"},
        {"reason": "不符合条件"},
    ]
    assert own.state is CaseState.CLOSED
