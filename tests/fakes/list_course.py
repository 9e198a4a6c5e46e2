"""Cases in memory for the state machines: a procedure, a calendar of weekends, and steps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.scoring.domain.list_case import (
    ListCase,
    Opinion,
    Origin,
    Party,
    Reason,
    Step,
    StepKind,
)
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_procedure import Clause, DueDay, ListProcedure

BUREAU, FIRE = "应急局", "消防支队"
OPENED = date(2025, 6, 2)
"""A Monday."""

WORDS = ("cause", "basis", "rights", "measures", "reason", "statement", "answer", "remedies")
CONTENTS = dict.fromkeys(WORDS, "文")


class Weekends:
    """A calendar of weekends alone; the year 2030 is announced by nobody."""

    def after(self, day: date, count: int) -> DueDay:
        """Give the ``count``-th weekday after a day."""
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5
        return DueDay(day, day.year >= 2030)


def clause(value: Any, unit: str = "") -> Clause:  # noqa: ANN401 -- any value of a clause.
    """Make a requirement."""
    return Clause(value=value, unit=unit, citation="测试办法", confidence="assumed")


PROCEDURE = {
    "basis": clause(("final_penalty",)),
    "decided_by": clause("penalising_authority"),
    "report_period": clause(10, "working_day"),
    "notice_contents": clause(("cause", "rights")),
    "statement_period": clause(5, "working_day"),
    "joint_review": clause("subject_fields"),
    "approval": clause("other_person"),
    "publicity_period": clause(5, "working_day"),
    "decision_contents": clause(("cause", "remedies")),
    "service_period": clause(7, "working_day"),
    "publication_period": clause(20, "working_day"),
    "term": clause(3, "year"),
    "repeat_term": clause(5, "year"),
    "early_removal_after": clause(12, "month"),
    "early_removal_conditions": clause(("harm_removed",)),
    "acceptance_period": clause(5, "working_day"),
    "early_decision_period": clause(20, "working_day"),
}


def case(*, redlist: bool = False, persons: int = 1, fields: tuple[int, ...] = (1, 2)) -> ListCase:
    """Make a case of an enterprise and some persons."""
    kind = ListKind.REDLIST if redlist else ListKind.BLACKLIST
    return ListCase(
        case_id=1,
        list_key=ListKey(kind, 1),
        subject_id=100,
        person=False,
        division=110105,
        origin=Origin.APPLICATION if redlist else Origin.RULE,
        authority=BUREAU,
        policy_id="cn.test",
        policy_version="1",
        policy_digest="",
        evaluation_date=OPENED,
        procedure=ListProcedure(kind, PROCEDURE),
        review_fields=fields,
        reasons=(Reason(rule_id="R", zh="", en="", citation="", record_ids=(7,)),),
        inputs={},
        parties=(
            Party(subject_id=100, person=False),
            *(Party(subject_id=101 + place, person=True) for place in range(persons)),
        ),
        penalising_authorities=frozenset({BUREAU}),
    )


def step(kind: StepKind, day: date = OPENED, **parts: Any) -> Step:  # noqa: ANN401 -- parts of a step.
    """Make a step that says whatever its kind wants; by the chief unless it is the collection."""
    proposes = kind in {StepKind.COLLECT, StepKind.REPORT}
    own: dict[str, Any] = {
        "authority": BUREAU,
        "caller": "clerk" if proposes else "chief",
        "person": "赵" if proposes else "钱",
        "addressee": BUREAU if kind is StepKind.REPORT else "",
        "opinion": Opinion.AGREE if kind in OPINIONS else Opinion.NONE,
        "contents": CONTENTS,
        **parts,
    }
    return Step(kind=kind, day=day, **own)


OPINIONS = frozenset(
    {StepKind.REVIEW, StepKind.APPROVE, StepKind.ACCEPT_EARLY, StepKind.DECIDE_EARLY}
)


def numbered(steps: Iterable[Step]) -> list[Step]:
    """Number the steps of a ledger."""
    return [replace(one, number=place) for place, one in enumerate(steps, start=1)]
