"""What decisions on objections and repairs ask of an entry, and what a correction by hand needs."""

from dataclasses import replace
from datetime import date

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.entry_duty import (
    EntryDuty,
    granted_by,
    require_objection,
    require_repair_withdrawn,
)
from services.scoring.domain.list_case import Opinion, StepKind
from services.scoring.domain.list_entry import EntryRemoval, ListKey, ListKind, RemovalReason
from services.scoring.domain.list_procedure import DueDay
from services.scoring.domain.list_shrinking import removed_by_law
from tests.fakes.list_course import BUREAU, step
from tests.unit.scoring.domain.test_entry_course import HELD

UPHELD = EntryDuty(
    entry_id=5,
    kind=StepKind.CORRECT,
    document_number="异决1号",
    day=date(2025, 6, 9),
    caller="clerk",
    policy_id="cn.credit-repair",
    policy_version="1",
)
GRANTED = replace(UPHELD, kind=StepKind.DECIDE_EARLY, document_number="修1号")
WITHDRAWN = replace(
    GRANTED, kind=StepKind.WITHDRAW_EARLY, document_number="撤修1号", day=date(2025, 6, 12)
)
CORRECTION = step(StepKind.CORRECT, date(2025, 6, 9), entry_id=5, document_number="异决1号")


@pytest.mark.parametrize(
    ("state", "corrected", "removed"),
    [
        (EntryState.IN_FORCE, True, True),
        (EntryState.REMOVED, True, False),
        (EntryState.CORRECTED, False, False),
    ],
)
def test_what_is_asked_stays_open_until_it_is_done(
    state: EntryState, *, corrected: bool, removed: bool
) -> None:
    """What left its list need not be removed, but it still counted; what never counted is done."""
    held = replace(HELD, state=state)

    assert (UPHELD.open(held), GRANTED.open(held)) == (corrected, removed)


@pytest.mark.parametrize(
    ("removal_reason", "removal_day", "still_open"),
    [
        pytest.param(RemovalReason.EARLY, 9, True, id="off-by-the-repair"),
        pytest.param(RemovalReason.EARLY, 10, False, id="off-by-a-later-one"),
        pytest.param(RemovalReason.EXPIRED, 9, False, id="its-term-ended"),
        pytest.param(None, 9, False, id="restored"),
    ],
)
def test_what_a_withdrawn_repair_took_off_is_to_be_restored(
    removal_reason: RemovalReason | None, removal_day: int, *, still_open: bool
) -> None:
    """Withdrawn on the 9th: what left its list early by then, until it is on its list again."""
    withdrawn = replace(GRANTED, kind=StepKind.WITHDRAW_EARLY)
    state = EntryState.IN_FORCE if removal_reason is None else EntryState.REMOVED
    held = replace(
        HELD,
        state=state,
        removal_reason=removal_reason,
        removal_date=None if removal_reason is None else date(2025, 6, removal_day),
    )

    assert withdrawn.open(held) is still_open


@pytest.mark.parametrize(
    ("changes", "duty", "found"),
    [
        pytest.param({}, GRANTED, True, id="its-document"),
        pytest.param({"document_number": "修2号"}, GRANTED, False, id="another-document"),
        pytest.param({"opinion": Opinion.DISAGREE}, GRANTED, False, id="refused"),
        pytest.param({}, replace(UPHELD, document_number="修1号"), False, id="objection"),
        pytest.param({"kind": StepKind.ACCEPT_EARLY}, GRANTED, False, id="another-step"),
    ],
)
def test_a_removal_by_the_document_of_a_repair_carries_it_out(
    changes: dict[str, object], duty: EntryDuty, *, found: bool
) -> None:
    """A decision that agrees, by that very document."""
    removal = step(StepKind.DECIDE_EARLY, date(2025, 6, 9), entry_id=5, document_number="修1号")
    wanted = replace(removal, **changes)  # type: ignore[arg-type]  # Any field of a step.

    assert (granted_by(wanted, [duty]) is duty) is found


def test_it_is_due_at_the_authority_of_the_entry() -> None:
    """From the day of the decision, by its document."""
    asked = UPHELD.step(HELD, due=DueDay(date(2025, 6, 12)), clause="第四十八条")

    assert (asked.kind, asked.authority, asked.entry_id) == (StepKind.CORRECT, BUREAU, 5)
    assert (asked.earliest.date, asked.document_number) == (date(2025, 6, 9), "异决1号")
    assert [asked.overdue(date(2025, 6, day)) for day in (12, 13)] == [False, True]


@pytest.mark.parametrize(
    ("changes", "duties", "reason"),
    [
        pytest.param({}, [UPHELD], "", id="upheld"),
        pytest.param({}, [], "BASIS_STANDS", id="nothing"),
        pytest.param(
            {}, [replace(GRANTED, document_number="异决1号")], "BASIS_STANDS", id="repair"
        ),
        pytest.param({"document_number": "异决2号"}, [UPHELD], "BASIS_STANDS", id="other-document"),
        pytest.param({"caller": "clerk"}, [UPHELD], "PROPOSER_MAY_NOT_APPROVE", id="same-caller"),
        pytest.param(
            {"caller": "oa/0172"},
            [replace(UPHELD, caller="oa/0172")],
            "PROPOSER_MAY_NOT_APPROVE",
            id="same-official-of-a-system",
        ),
        pytest.param(
            {"caller": "oa/0173"},
            [replace(UPHELD, caller="oa/0172")],
            "",
            id="another-official-of-the-same-system",
        ),
        pytest.param({"day": date(2025, 6, 8)}, [UPHELD], "STEP_TOO_EARLY", id="before-it"),
    ],
)
def test_what_stands_is_corrected_by_an_objection_that_somebody_else_upheld(
    changes: dict[str, object], duties: list[EntryDuty], reason: str
) -> None:
    """By its document, from its day on; everything else is refused with the clause."""
    wanted = replace(CORRECTION, **changes)  # type: ignore[arg-type]  # Any field of a step.
    found = ("", "")
    try:
        require_objection(wanted, duties, clause="第三条")
    except SafetyCreditError as error:
        found = (error.reason, error.facts["clause"])

    assert found == ((reason, "第三条") if reason else ("", ""))


@pytest.mark.parametrize(
    ("day", "duties", "reason"),
    [
        pytest.param(12, [], "", id="no-repair"),
        pytest.param(12, [UPHELD], "", id="objection"),
        pytest.param(12, [GRANTED], "STEP_MISSING", id="repair-that-stands"),
        pytest.param(12, [WITHDRAWN], "", id="withdrawn-that-day"),
        pytest.param(11, [WITHDRAWN], "STEP_TOO_EARLY", id="withdrawn-the-day-after"),
        pytest.param(12, [WITHDRAWN, GRANTED], "STEP_MISSING", id="another-one-stands"),
    ],
)
def test_an_entry_is_restored_once_its_repair_is_withdrawn(
    day: int, duties: list[EntryDuty], reason: str
) -> None:
    """Off its list since the 9th; the repair was withdrawn on the 12th."""
    held = replace(
        HELD,
        state=EntryState.REMOVED,
        removal_reason=RemovalReason.EARLY,
        removal_date=date(2025, 6, 9),
    )
    wanted = step(StepKind.WITHDRAW_EARLY, date(2025, 6, day), entry_id=5)
    found = ("", "")
    try:
        require_repair_withdrawn(wanted, held, duties, clause="第十九条")
    except SafetyCreditError as error:
        found = (error.reason, error.facts["clause"])

    assert found == ((reason, "第十九条") if reason else ("", ""))


def test_a_correction_that_people_decided_is_none_of_the_law() -> None:
    """The guard counts it; a basis that fell it does not."""
    fallen = EntryRemoval(
        entry_id=5,
        list_key=ListKey(ListKind.BLACKLIST, 1),
        reason=RemovalReason.CORRECTED,
        document_number="",
        removal_date=date(2025, 6, 9),
    )

    assert removed_by_law(fallen)
    assert not removed_by_law(replace(fallen, decided=True))
