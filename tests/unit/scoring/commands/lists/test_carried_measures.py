"""Who is listed carries a measure, where the decision has to hold measures and there is one."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.commands.lists.carried_measures import require_measures, with_measures
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.list_case import ListCase, StepKind
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.measures import Edition, MeasureCatalogue
from tests.fakes.list_course import PROCEDURE, case, clause, step
from tests.fakes.list_entries import entry
from tests.fakes.measures import SOURCE, measure

UNIT, PERSON = 100, 101
FIRST_DAY = date(2021, 12, 16)
CATALOGUE = MeasureCatalogue(
    {
        one.code: one
        for one in (
            measure("ban", "2021", persons=True),
            measure("inspections", "2021"),
            measure("memorandum"),
            measure("fewer", kind=ListKind.REDLIST),
        )
    },
    (Edition(edition="2021", start_date=FIRST_DAY, end_date=None, source=SOURCE),),
)


def of_measures(*, redlist: bool = False) -> ListCase:
    """Make a case whose decision has to hold measures."""
    whole = case(redlist=redlist)
    contents = {**PROCEDURE, "decision_contents": clause(("cause", "measures"))}
    return replace(whole, procedure=ListProcedure(whole.list_key.kind, contents))


def refusal(
    wanted: ListCase, *codes: str, listed: tuple[int, ...] = (UNIT,), day: date = FIRST_DAY
) -> tuple[str, ...]:
    """Give the reason for which a decision is refused and what it names; nothing if it is not."""
    decision = step(StepKind.DECIDE, day, measures=codes)
    try:
        require_measures(CATALOGUE, wanted, decision, listed=listed)
    except SafetyCreditError as error:
        facts = error.facts
        return error.reason, facts.get("party_subject_ids", facts.get("measure", ""))
    return ()


@pytest.mark.parametrize(
    ("codes", "listed", "without"),
    [
        pytest.param([], (UNIT,), "e-100", id="no-measure"),
        pytest.param(["inspections"], (UNIT,), None, id="the-unit-has-one"),
        pytest.param([], (UNIT, PERSON), "e-100,p-101", id="nobody-has-one"),
        pytest.param(["inspections"], (UNIT, PERSON), "p-101", id="for-units-alone"),
        pytest.param(["ban"], (UNIT, PERSON), None, id="for-both"),
        pytest.param(["inspections", "ban"], (UNIT, PERSON), None, id="the-person-has-one-of-two"),
        pytest.param([], (PERSON,), "p-101", id="a-person-alone-has-none"),
    ],
)
def test_who_is_listed_carries_a_measure(
    codes: list[str], listed: tuple[int, ...], without: str | None
) -> None:
    """Each of those listed carries one of the decision's measures, or is named."""
    expected = () if without is None else ("CONTENT_MISSING", without)

    assert refusal(of_measures(), *codes, listed=listed) == expected


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        pytest.param([], ("CONTENT_MISSING", "e-100"), id="no-incentive"),
        pytest.param(["fewer"], (), id="an-incentive"),
        pytest.param(["ban"], ("MEASURE_NOT_ALLOWED", "ban"), id="a-punishment"),
    ],
)
def test_a_redlist_entry_carries_an_incentive(codes: list[str], reason: tuple[str, ...]) -> None:
    """A punishment is no incentive."""
    assert refusal(of_measures(redlist=True), *codes) == reason


def test_a_procedure_whose_decision_holds_no_measures_wants_none() -> None:
    """What is given there is judged all the same."""
    assert refusal(case()) == ()
    assert refusal(case(), "invented") == ("MEASURE_UNKNOWN", "invented")
    assert refusal(case(), "memorandum") == ("MEASURE_NOT_ALLOWED", "memorandum")


def test_no_measure_is_wanted_while_there_is_none() -> None:
    """On the day before the first edition of the national list no measure may be given."""
    assert refusal(of_measures(), day=date(2021, 12, 15)) == ()
    assert refusal(of_measures(), day=FIRST_DAY) == ("CONTENT_MISSING", "e-100")


def test_an_entry_keeps_what_its_subject_can_carry() -> None:
    """A person's entry has none of the measures for enterprises; both are in the file's order."""
    given: dict[str, Any] = {"measures": ("inspections", "ban")}
    both = [
        HeldEntry(entry=entry(1, person=person, **given), case_id=1, publish_date=FIRST_DAY)
        for person in (False, True)
    ]

    carried = [with_measures(CATALOGUE, held).entry.measures for held in both]

    assert carried == [("ban", "inspections"), ("ban",)]
