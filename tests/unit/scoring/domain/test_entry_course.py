"""The course of an entry: early removal in its order and time, deceit, correction."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.entry_course import EntryCourse, EntryState, HeldEntry, early_due
from services.scoring.domain.list_case import SYSTEM, Opinion, Step, StepKind
from services.scoring.domain.list_entry import ListEntry, ListKey, ListKind, RemovalReason
from services.scoring.domain.list_errors import EntryNotInForceError, WrongAuthorityError
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.list_term import given_term
from tests.fakes.list_course import BUREAU, PROCEDURE, Weekends, step

CALENDAR = Weekends()
START = date(2025, 6, 3)
HELD = HeldEntry(
    entry=ListEntry(
        entry_id=5,
        list_key=ListKey(ListKind.BLACKLIST, 1),
        subject_id=100,
        person=False,
        credit_code="",
        name="",
        identity_mask="",
        division=None,
        authority=BUREAU,
        document_number="列1号",
        decision_date=START,
        start_date=START,
        end_date=date(2028, 6, 3),
        rule_ids=(),
        cause="",
        basis="",
        measures=(),
        policy_id="",
        policy_version="",
        policy_digest="",
    ),
    case_id=1,
    publish_date=START,
)
RULES = ListProcedure(ListKind.BLACKLIST, PROCEDURE)
APPLY = step(StepKind.APPLY_EARLY, date(2026, 6, 3), entry_id=5)
ACCEPT = step(StepKind.ACCEPT_EARLY, date(2026, 6, 4), entry_id=5)
GRANT = step(StepKind.DECIDE_EARLY, date(2026, 6, 5), entry_id=5)
DECLINED = replace(ACCEPT, opinion=Opinion.DISAGREE, day=date(2026, 6, 9))
REMOVED = replace(
    HELD,
    state=EntryState.REMOVED,
    removal_reason=RemovalReason.EARLY,
    removal_date=date(2026, 6, 5),
)
WITHDRAW = step(StepKind.WITHDRAW_EARLY, date(2026, 9, 1), entry_id=5)


def reason(
    ledger: list[Step], wanted: Step, held: HeldEntry = HELD, rules: ListProcedure = RULES
) -> str:
    """Say why a step may not be taken; nothing if it may."""
    try:
        EntryCourse(held, rules, steps=ledger, calendar=CALENDAR).require(wanted)
    except SafetyCreditError as error:
        return error.reason
    return ""


def test_early_removal_has_its_order_and_its_first_day() -> None:
    """Twelve months to the day; application, acceptance, decision."""
    early = replace(APPLY, day=date(2026, 6, 2))

    assert reason([], early) == "STEP_TOO_EARLY"
    assert reason([], APPLY) == ""
    assert reason([], ACCEPT) == "STEP_MISSING"
    assert reason([APPLY], GRANT) == "STEP_MISSING"
    assert reason([APPLY], APPLY) == "STEP_REPEATED"
    assert reason([APPLY, ACCEPT], ACCEPT) == "STEP_REPEATED"
    assert reason([APPLY, ACCEPT], GRANT) == ""
    assert reason([APPLY], replace(ACCEPT, authority="消防支队")) == "WRONG_AUTHORITY"


def test_what_was_refused_may_be_applied_for_again() -> None:
    """A refusal says why, and ends the application."""
    refused = replace(ACCEPT, opinion=Opinion.DISAGREE)

    assert reason([APPLY], replace(refused, contents={})) == "CONTENT_MISSING"
    assert reason([APPLY, refused], GRANT) == "STEP_MISSING"
    assert reason([APPLY, refused], replace(APPLY, day=date(2026, 7, 1))) == ""


def test_due_days_of_early_removal() -> None:
    """Five weekdays to accept, twenty to decide."""
    (accept, expire) = EntryCourse(HELD, RULES, steps=[APPLY], calendar=CALENDAR).next_steps()
    (decide, _) = EntryCourse(HELD, RULES, steps=[APPLY, ACCEPT], calendar=CALENDAR).next_steps()

    assert accept.due is not None
    assert decide.due is not None
    # From Wednesday 3 June 2026 and Thursday 4 June 2026.
    assert (accept.due.date, decide.due.date) == (date(2026, 6, 10), date(2026, 7, 2))
    assert (expire.kind, expire.earliest.date) == (StepKind.EXPIRE, date(2028, 6, 3))


def test_deceit_restores_and_time_counts_anew() -> None:
    """Only an early removal can be withdrawn; afterwards twelve months run from that day."""
    restored = [APPLY, ACCEPT, GRANT, WITHDRAW]

    assert reason([APPLY, ACCEPT, GRANT], WITHDRAW, REMOVED) == ""
    assert reason([APPLY], WITHDRAW) == "ENTRY_NOT_IN_FORCE"
    assert reason([APPLY, ACCEPT, GRANT], APPLY, REMOVED) == "ENTRY_NOT_IN_FORCE"
    assert reason(restored, replace(APPLY, day=date(2027, 8, 31))) == "STEP_TOO_EARLY"
    assert reason(restored, replace(APPLY, day=date(2027, 9, 1))) == ""


def test_a_corrected_entry_stays_corrected() -> None:
    """Removed or in force, an entry is corrected once; then nothing follows."""
    corrected = replace(HELD, state=EntryState.CORRECTED)
    correct = step(StepKind.CORRECT, date(2026, 6, 5), entry_id=5)

    assert reason([], correct) == ""
    assert reason([], correct, REMOVED) == ""
    assert reason([], correct, corrected) == "ENTRY_NOT_IN_FORCE"
    assert reason([], APPLY, corrected) == "ENTRY_NOT_IN_FORCE"
    assert not EntryCourse(corrected, RULES, steps=[], calendar=CALENDAR).next_steps()


@pytest.mark.parametrize(
    ("who", "first"),
    [
        pytest.param(SYSTEM, date(2026, 6, 3), id="line-of-the-service"),
        pytest.param("chief", date(2026, 9, 9), id="step-of-an-official"),
    ],
)
def test_a_line_of_the_service_makes_nobody_wait(who: str, first: date) -> None:
    """What it put right on 9 September bars no application of 3 June that is recorded late."""
    line = step(StepKind.CORRECT, date(2026, 9, 9), entry_id=5, caller=who)
    course = EntryCourse(HELD, RULES, steps=[line], calendar=CALENDAR)

    assert course.next_steps()[0].earliest.date == first
    assert reason([line], replace(APPLY, day=first - timedelta(days=1))) == "STEP_TOO_EARLY"
    assert reason([line], replace(APPLY, day=first)) == ""


@pytest.mark.parametrize(
    ("ledger", "wanted", "held", "first"),
    [
        pytest.param([], "CORRECT", HELD, date(2025, 6, 9), id="publication"),
        pytest.param([APPLY], "ACCEPT_EARLY", HELD, date(2026, 6, 3), id="application"),
        pytest.param([APPLY], "CORRECT", HELD, date(2026, 6, 3), id="correction-after-a-step"),
        pytest.param([APPLY, ACCEPT], "DECIDE_EARLY", HELD, date(2026, 6, 4), id="acceptance"),
        pytest.param(
            [APPLY, ACCEPT, GRANT], "WITHDRAW_EARLY", REMOVED, date(2026, 6, 5), id="grant"
        ),
        pytest.param([APPLY, DECLINED], "APPLY_EARLY", HELD, date(2026, 6, 9), id="refusal"),
    ],
)
def test_no_step_is_dated_before_the_publication_or_the_step_before_it(
    ledger: list[Step], wanted: str, held: HeldEntry, first: date
) -> None:
    """The list began on 3 June 2025 and was published on the 9th; the same day is early enough."""
    published = replace(held, publish_date=date(2025, 6, 9))
    on_the_day = step(StepKind[wanted], first, entry_id=5)
    before = replace(on_the_day, day=first - timedelta(days=1))

    assert reason(ledger, on_the_day, published) == ""
    assert reason(ledger, before, published) == "STEP_TOO_EARLY"


def test_steps_of_another_entry_hold_no_step_up() -> None:
    """A case may have entries of several parties, each with a course of its own."""
    of_another = step(StepKind.CORRECT, date(2026, 6, 9), entry_id=6)

    assert reason([of_another], APPLY) == ""


def test_without_a_clause_nobody_leaves_early() -> None:
    """The procedure of an older list knows no early removal."""
    bare = {name: one for name, one in PROCEDURE.items() if name != "early_removal_after"}
    rules = ListProcedure(ListKind.BLACKLIST, bare)

    assert reason([], APPLY, rules=rules) == "EARLY_REMOVAL_NOT_PROVIDED"


@pytest.mark.parametrize(
    ("ledger", "day", "expected"),
    [
        pytest.param([], date(2025, 9, 14), "STEP_TOO_EARLY", id="before-the-repair"),
        pytest.param([], date(2025, 9, 15), "", id="on-its-day"),
        pytest.param([APPLY], date(2026, 6, 2), "STEP_TOO_EARLY", id="before-another-step"),
        pytest.param([APPLY], date(2026, 6, 3), "", id="whatever-was-applied-for"),
    ],
)
def test_a_granted_repair_is_carried_out_though_nobody_leaves_early(
    ledger: list[Step], day: date, expected: str
) -> None:
    """Granted on 15 September 2025: no application, no twelve months, no clause of the list."""
    bare = {
        name: one
        for name, one in PROCEDURE.items()
        if name not in {"early_removal_after", "early_decision_period"}
    }
    course = EntryCourse(
        HELD, ListProcedure(ListKind.BLACKLIST, bare), steps=ledger, calendar=CALENDAR
    )
    found = ""
    try:
        course.require(replace(GRANT, day=day), repaired_date=date(2025, 9, 15))
    except SafetyCreditError as error:
        found = error.reason

    assert found == expected


def test_a_repair_is_carried_out_on_what_is_on_its_list_by_who_decided() -> None:
    """Off its list there is nothing to remove, and no other authority removes it."""
    course = EntryCourse(REMOVED, RULES, steps=[], calendar=CALENDAR)
    with pytest.raises(EntryNotInForceError):
        course.require(GRANT, repaired_date=date(2026, 6, 5))
    course = EntryCourse(HELD, RULES, steps=[], calendar=CALENDAR)
    with pytest.raises(WrongAuthorityError):
        course.require(replace(GRANT, authority="消防支队"), repaired_date=date(2026, 6, 5))


def test_what_carries_out_a_repair_has_no_period_of_an_application() -> None:
    """After a withdrawal, or with an application that nobody accepted, nothing of it runs."""
    for ledger in ([APPLY, ACCEPT, GRANT, WITHDRAW], [APPLY], []):
        assert early_due(StepKind.DECIDE_EARLY, ledger, RULES, calendar=CALENDAR) is None


def test_the_last_day_of_the_term_counts_and_the_next_does_not() -> None:
    """A term is half open; a corrected entry counts on no day."""
    assert HELD.counts_on(START)
    assert HELD.counts_on(date(2028, 6, 2))
    assert not HELD.counts_on(date(2028, 6, 3))
    assert not HELD.counts_on(date(2025, 6, 2))
    assert not replace(HELD, state=EntryState.CORRECTED).counts_on(START)


def test_a_repeat_lasts_longer() -> None:
    """The second listing has the term of a repeat."""
    first, second = (given_term(RULES, (), number).end(START, CALENDAR) for number in (1, 2))

    assert (first, second) == (date(2028, 6, 3), date(2030, 6, 3))
