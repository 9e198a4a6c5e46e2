"""One fact lists nobody twice on the same list."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.list_bases import listed_by, require_unused, without_listed
from services.scoring.commands.lists.list_case_ports import CaseFile, GroundRecord
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import ListCase, Origin, Party, Reason
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_errors import BasisUsedError
from services.scoring.domain.list_procedure import ListProcedure
from tests.fakes.list_course import PROCEDURE, case, clause
from tests.fakes.list_entries import entry

DAY = date(2025, 10, 10)
UNIT, PERSON = 100, 101
PENALTY, INSPECTION, ANOTHER, VIOLATION, FOR_IT, PENDING = 7, 8, 9, 10, 11, 12
OF_ACCIDENT, OF_IT_TOO, OF_ACT, OF_OTHER_ACT, OF_NEXT = 13, 14, 15, 16, 17
ACCIDENT, NEXT_ACCIDENT, ACT, OTHER_ACT = 20, 21, 22, 23


def record(number: int, **of: Any) -> GroundRecord:  # noqa: ANN401 -- parts of a record.
    """Make a record of the unit that is neither a penalty nor a finding."""
    own: dict[str, Any] = {"final_penalty": False, "finding": False, "performed": False}
    return GroundRecord(
        record_id=number,
        edition=1,
        subject_id=UNIT,
        event_date=date(2025, 6, 1),
        authority="应急局",
        penalty=False,
        field=1,
        **{**own, **of},
    )


RECORDS = {
    one.record_id: one
    for one in (
        record(PENALTY, final_penalty=True),
        record(INSPECTION),
        record(ANOTHER, final_penalty=True),
        record(VIOLATION, finding=True),
        record(FOR_IT, final_penalty=True, violation=VIOLATION),
        record(PENDING),
        record(OF_ACCIDENT, final_penalty=True, accident=ACCIDENT),
        record(OF_IT_TOO, final_penalty=True, accident=ACCIDENT),
        record(OF_ACT, final_penalty=True, accident=ACCIDENT, violation=ACT),
        record(OF_OTHER_ACT, final_penalty=True, accident=ACCIDENT, violation=OTHER_ACT),
        record(OF_NEXT, final_penalty=True, accident=NEXT_ACCIDENT),
    )
}


def resting_on(*numbers: int, case_id: int = 2, **of: Any) -> ListCase:  # noqa: ANN401 -- parts of a case.
    """Make a nomination of the unit on records, on which penalties and findings can be listed."""
    clauses = {**PROCEDURE, "basis": clause(of.pop("basis", ("final_penalty",)))}
    return replace(
        case(persons=0),
        case_id=case_id,
        origin=of.pop("origin", Origin.NOMINATION),
        procedure=ListProcedure(ListKind.BLACKLIST, clauses),
        reasons=(Reason(rule_id="", zh="", en="", citation="", record_ids=numbers),),
        **of,
    )


def listed(
    earlier: ListCase,
    *,
    subject_id: int = UNIT,
    state: EntryState = EntryState.IN_FORCE,
    key: ListKey | None = None,
) -> Any:  # noqa: ANN401 -- a reading.
    """Give a store in which a case listed a subject."""
    held = HeldEntry(
        entry=replace(
            entry(1), list_key=key or ListKey(ListKind.BLACKLIST, 1), subject_id=subject_id
        ),
        case_id=earlier.case_id,
        publish_date=DAY,
        state=state,
    )
    file = CaseFile(case=earlier, steps=(), ended=False)

    def records(numbers: Collection[int], _revision: int, *, day: date) -> dict[int, GroundRecord]:
        assert day == DAY
        return {number: RECORDS[number] for number in numbers if number in RECORDS}

    return SimpleNamespace(
        point=SimpleNamespace(revision=5),
        entries=SimpleNamespace(
            of_subject=lambda number, _revision: [held] if number == subject_id else []
        ),
        cases=SimpleNamespace(
            files=lambda numbers, _revision: {one: file for one in numbers if one == 1}
        ),
        grounds=SimpleNamespace(records=records),
    )


BOTH = ("final_penalty", "finding")


@pytest.mark.parametrize(
    ("before", "now", "basis", "used"),
    [
        pytest.param([PENALTY], [PENALTY], ("final_penalty",), True, id="the-same"),
        pytest.param(
            [PENALTY], [PENALTY, INSPECTION], ("final_penalty",), True, id="with-what-carries-none"
        ),
        pytest.param([PENALTY], [PENALTY, ANOTHER], ("final_penalty",), False, id="and-a-new-one"),
        pytest.param([PENALTY], [ANOTHER], ("final_penalty",), False, id="a-new-one-alone"),
        pytest.param(
            [PENALTY, ANOTHER], [ANOTHER], ("final_penalty",), True, id="one-of-those-before"
        ),
        pytest.param([VIOLATION], [FOR_IT], BOTH, True, id="the-penalty-for-the-finding"),
        pytest.param([FOR_IT], [VIOLATION], BOTH, True, id="the-finding-behind-the-penalty"),
        pytest.param(
            [PENALTY, VIOLATION],
            [FOR_IT],
            ("final_penalty",),
            False,
            id="a-finding-not-counted",
        ),
        pytest.param([VIOLATION], [PENALTY], BOTH, False, id="a-penalty-for-something-else"),
        pytest.param(
            [OF_ACCIDENT], [OF_IT_TOO], ("final_penalty",), True, id="two-for-one-accident"
        ),
        pytest.param([OF_ACCIDENT], [OF_NEXT], ("final_penalty",), False, id="the-next-accident"),
        pytest.param(
            [OF_ACCIDENT], [OF_ACT], ("final_penalty",), True, id="an-act-at-the-accident-punished"
        ),
        pytest.param(
            [OF_ACT], [OF_OTHER_ACT], ("final_penalty",), False, id="two-acts-at-one-accident"
        ),
    ],
)
def test_a_second_listing_takes_a_new_basis(
    before: list[int], now: list[int], basis: tuple[str, ...], *, used: bool
) -> None:
    """What is neither a penalty nor a finding by the procedure makes no second listing."""
    reading = listed(resting_on(*before, case_id=1))

    found = listed_by(reading, resting_on(*now, basis=basis), UNIT, day=DAY)

    assert found == (1 if used else None)


def test_a_corrected_entry_and_another_list_use_nothing_up() -> None:
    """An entry that never counted, and one of another field, leave the basis as it was."""
    earlier = resting_on(PENALTY, case_id=1)
    again = resting_on(PENALTY)
    fire = ListKey(ListKind.BLACKLIST, 2)

    assert listed_by(listed(earlier, state=EntryState.REMOVED), again, UNIT, day=DAY) == 1
    assert listed_by(listed(earlier, state=EntryState.CORRECTED), again, UNIT, day=DAY) is None
    assert listed_by(listed(earlier, key=fire), again, UNIT, day=DAY) is None


def test_a_person_listed_with_its_unit_is_not_listed_again_alone() -> None:
    """The unit's case listed the person for the penalty; its own case finds it used."""
    parties = (Party(subject_id=UNIT, person=False), Party(subject_id=PERSON, person=True))
    reading = listed(resting_on(PENALTY, case_id=1, parties=parties), subject_id=PERSON)
    alone = (Party(subject_id=PERSON, person=True),)
    own = resting_on(PENALTY, subject_id=PERSON, person=True, parties=alone)

    with pytest.raises(BasisUsedError) as error:
        require_unused(reading, own, [PERSON], day=DAY)

    assert error.value.facts == {"case_id": "c-1", "party_subject_id": "p-101"}


def test_a_person_listed_alone_is_left_out_of_a_unit_found_by_rule() -> None:
    """By rule the unit is listed without that person; a nomination that names it is refused."""
    alone = (Party(subject_id=PERSON, person=True),)
    reading = listed(
        resting_on(PENALTY, case_id=1, subject_id=PERSON, parties=alone), subject_id=PERSON
    )
    parties = (Party(subject_id=UNIT, person=False), Party(subject_id=PERSON, person=True))
    by_rule = resting_on(PENALTY, parties=parties, origin=Origin.RULE)
    nominated = resting_on(PENALTY, parties=parties)

    assert without_listed(reading, by_rule, day=DAY).parties == parties[:1]
    assert without_listed(reading, nominated, day=DAY).parties == parties
    with pytest.raises(BasisUsedError):
        require_unused(reading, nominated, [UNIT, PERSON], day=DAY)
    require_unused(reading, nominated, [UNIT], day=DAY)


def test_a_circumstance_that_did_not_reach_a_party_is_new_to_it() -> None:
    """The unit was listed for two circumstances, the person for the second alone."""
    parties = (
        Party(subject_id=UNIT, person=False, rule_ids=("A", "B")),
        Party(subject_id=PERSON, person=True, rule_ids=("B",)),
    )
    reasons = (
        Reason(rule_id="A", zh="", en="", citation="", record_ids=(PENALTY,)),
        Reason(rule_id="B", zh="", en="", citation="", record_ids=(ANOTHER,)),
    )
    both = replace(resting_on(case_id=1, parties=parties), reasons=reasons)

    assert both.records_of(PERSON) == {ANOTHER}
    assert both.records_of(UNIT) == {PENALTY, ANOTHER}
    reading = listed(both, subject_id=PERSON)
    assert listed_by(reading, resting_on(PENALTY), PERSON, day=DAY) is None
    assert listed_by(reading, resting_on(ANOTHER), PERSON, day=DAY) == 1
