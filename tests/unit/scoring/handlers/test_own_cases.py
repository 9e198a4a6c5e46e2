"""A portal is answered with its own party's part of a case: nobody else's name, step or entry."""

from dataclasses import replace

import pytest

from services.common.identity import Caller
from services.common.portals import PortalNotBoundError
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import CaseState, Party, StepKind
from services.scoring.handlers.list_case_messages import view_for
from tests.fakes.list_course import OPENED, case, step
from tests.fakes.list_entries import entry
from tests.fakes.list_views import CODE, FIRST, NAMES, SECOND, UNIT, view

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
        pytest.param("p-102", SECOND, [3, 5], id="person"),
        pytest.param("p-101", FIRST, [3, 4], id="another-person"),
        pytest.param(CODE, UNIT, [3, 6], id="unit-by-code"),
        pytest.param("e-100", UNIT, [3, 6], id="unit-by-identifier"),
    ],
)
def test_a_party_sees_its_own_part(subject: str, party: int, steps: list[int]) -> None:
    """Itself, its reason, what it was told and said, and its own deadlines."""
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
        CaseState.ENDED,
    ]


def test_who_is_alone_sees_the_answer_and_its_application() -> None:
    """A redlist case is the applicant's; an answer is to the one party that there is."""
    alone = replace(case(redlist=True, persons=0), parties=(Party(subject_id=UNIT, person=False),))
    ledger = (step(StepKind.COLLECT), step(StepKind.ANSWER), step(StepKind.REVIEW, field=1))

    own = view_for(portal(CODE), view(ledger, of=alone))

    assert [one.kind for one in own.steps] == [StepKind.COLLECT, StepKind.ANSWER]
