"""Names in full are for regulators that have something to do with the case."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.common.identity import Caller
from services.scoring.commands.lists.get_list_case import require_concerned, require_entitled
from services.scoring.commands.lists.list_case_ports import CaseFile
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_errors import NamesNotEntitledError
from tests.fakes.list_course import BUREAU, FIRE, case, step

# The list is of work safety; the fire department reviews, transport has no part.
CASE = replace(case(fields=(1, 2)), authority=BUREAU)
LEDGER = (
    step(StepKind.COLLECT),
    step(StepKind.REPORT, addressee="市应急局"),
    step(StepKind.REVIEW, field=2, authority=FIRE),
    step(StepKind.STATE, authority="", by_party=True),
)


def may_see(authority: str, divisions: set[str], fields: set[str]) -> bool:
    """Say whether a regulator may see the names of a case in 110105."""
    caller = Caller(
        identity="r",
        roles=frozenset({"regulator"}),
        authority=authority,
        divisions=frozenset(divisions),
        fields=frozenset(fields),
    )
    grounds = SimpleNamespace(divisions=lambda *_args, **_kwargs: frozenset({"110105"}))
    reading: Any = SimpleNamespace(point=SimpleNamespace(revision=7), grounds=grounds)
    try:
        require_concerned(reading, caller, CaseFile(case=CASE, steps=LEDGER, ended=False))
    except NamesNotEntitledError:
        return False
    return True


@pytest.mark.parametrize(
    ("authority", "divisions", "fields", "expected"),
    [
        pytest.param(BUREAU, set(), set(), True, id="collected-it"),
        pytest.param("市应急局", set(), set(), True, id="decides"),
        pytest.param(FIRE, {"32"}, {"fire"}, True, id="reviewed"),
        pytest.param("省厅", {"11"}, {"work_safety"}, True, id="division-and-field"),
        pytest.param("省厅", {"11"}, {"fire"}, True, id="field-that-reviews"),
        pytest.param("省厅", {"*"}, {"*"}, True, id="everything"),
        pytest.param("崇川局", {"320613"}, {"transport"}, False, id="neither"),
        pytest.param("崇川局", {"320613"}, {"work_safety"}, False, id="another-division"),
        pytest.param("交通局", {"11"}, {"transport"}, False, id="another-field"),
        pytest.param("", {"32"}, {"*"}, False, id="no-authority-is-not-the-partys"),
    ],
)
def test_a_role_alone_opens_no_names(
    authority: str,
    divisions: set[str],
    fields: set[str],
    expected: bool,  # noqa: FBT001 -- a case of a table.
) -> None:
    """By authority, or by division and field together."""
    assert may_see(authority, divisions, fields) is expected


def test_who_is_no_regulator_is_refused_before_anything_is_read() -> None:
    """Whatever its scope."""
    everywhere = Caller(
        identity="a",
        roles=frozenset({"auditor"}),
        authority=BUREAU,
        divisions=frozenset({"*"}),
        fields=frozenset({"*"}),
    )

    with pytest.raises(NamesNotEntitledError):
        require_entitled(everywhere)
