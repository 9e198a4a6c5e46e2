"""Views of cases in memory: a unit and two persons, who must not learn of each other."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.common.tokens import StorePoint
from services.scoring.commands.lists.list_case_ports import PersonFile
from services.scoring.commands.lists.list_desk import CaseView
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.list_case import ListCase, Party, Reason, Step, StepKind
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import DueDay
from services.scoring.domain.subject import Period, Subject, masked_name
from tests.fakes.list_course import OPENED, case, numbered

UNIT, FIRST, SECOND = 100, 101, 102
CODE = "91110000600037341L"
NAMES = {FIRST: "欧阳样测丙", SECOND: "司马样戊"}
PERIOD = Period(
    name="北京样本有限公司",
    division=110105,
    industry=None,
    fields=0b10,
    kind=1,
    state=1,
    headcount=None,
    founding_date=None,
    start_date=date(2020, 1, 1),
    end_date=None,
)


def two_persons() -> ListCase:
    """Give a case of a unit and two persons, each reached by a circumstance of its own."""
    reasons = tuple(
        Reason(rule_id=f"R-{number}", zh="事由", en="", citation="", record_ids=(number,))
        for number in (UNIT, FIRST, SECOND)
    )
    parties = tuple(
        Party(subject_id=number, person=number != UNIT, rule_ids=(f"R-{number}",))
        for number in (UNIT, FIRST, SECOND)
    )
    return replace(case(persons=2), reasons=reasons, parties=parties)


def view(steps: tuple[Step, ...], *entries: HeldEntry, of: ListCase | None = None) -> Any:  # noqa: ANN401 -- a view.
    """Show a case as a regulator sees it."""
    shown = of or two_persons()
    day = DueDay(OPENED)
    states = [
        NextStep(kind=StepKind.STATE, authority="", party=number, earliest=day, due=day, clause="")
        for number in (UNIT, FIRST, SECOND)
    ]
    hidden = NextStep(kind=StepKind.REVIEW, authority="消防", field=2, earliest=day, clause="")
    return CaseView(
        case=shown,
        steps=tuple(numbered(steps)),
        state=Ledger(shown, steps).state(),
        deciding_authority="应急局",
        next_steps=(*states, hidden),
        entries=entries,
        subjects={
            UNIT: Subject(
                subject_id=UNIT, credit_code=CODE, periods=(PERIOD,), as_of=date(2025, 6, 2)
            ),
            **{
                number: Subject(
                    subject_id=number,
                    person=True,
                    as_of=date(2025, 6, 2),
                    person_name=masked_name(name),
                )
                for number, name in NAMES.items()
            },
        },
        persons={number: PersonFile(name, "") for number, name in NAMES.items()},
        as_of=OPENED,
        point=StorePoint("0" * 32, 7, datetime(2025, 6, 2, tzinfo=UTC)),
    )
