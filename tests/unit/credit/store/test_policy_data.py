"""Levels of accidents come from the policy file, for every combination and day."""

from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from services.credit.domain.codes import AccidentLevel
from services.credit.domain.errors import AccidentLevelUndefinedError
from services.credit.domain.record import Header, Penalty
from services.credit.store.policy_data import (
    VocabularyCodes,
    accident_levels,
    read_vocabulary,
)
from services.engine.applied_law import SHOWN_OF_PENALTY

POLICIES = Path(__file__).parents[4] / "policies"
LEVELS = accident_levels(POLICIES).at(1)
IN_FORCE = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("deaths", "serious_injuries", "direct_loss_fen", "level"),
    [
        pytest.param(0, 0, 0, AccidentLevel.GENERAL, id="nothing"),
        pytest.param(2, 9, 999_999_999, AccidentLevel.GENERAL, id="just-general"),
        pytest.param(3, 0, 0, AccidentLevel.LARGER, id="three-deaths"),
        pytest.param(0, 10, 0, AccidentLevel.LARGER, id="ten-serious-injuries"),
        pytest.param(0, 0, 1_000_000_000, AccidentLevel.LARGER, id="ten-million-yuan"),
        pytest.param(9, 0, 5_000_000_000, AccidentLevel.MAJOR, id="the-loss-is-worse"),
        pytest.param(10, 0, 0, AccidentLevel.MAJOR, id="ten-deaths"),
        pytest.param(30, 0, 0, AccidentLevel.EXTRA_MAJOR, id="thirty-deaths"),
        pytest.param(29, 99, 10_000_000_000, AccidentLevel.EXTRA_MAJOR, id="hundred-million-yuan"),
    ],
)
def test_level_is_the_worst_of_three_readings(
    deaths: int, serious_injuries: int, direct_loss_fen: int, level: AccidentLevel
) -> None:
    """国务院令第493号 art. 3: any one of the three criteria is enough."""
    assert (
        LEVELS.level(deaths, serious_injuries, direct_loss_fen=direct_loss_fen, event_date=IN_FORCE)
        is level
    )


def test_level_needs_a_definition_in_force() -> None:
    """The decree is in force from 1 June 2007, that day included."""
    first_day = date(2007, 6, 1)

    assert LEVELS.level(3, 0, direct_loss_fen=0, event_date=first_day) is AccidentLevel.LARGER
    with pytest.raises(AccidentLevelUndefinedError):
        LEVELS.level(3, 0, direct_loss_fen=0, event_date=date(2007, 5, 31))


def test_codes_are_those_of_the_vocabulary() -> None:
    """A code has one number, and a number its code; others have none."""
    codes = VocabularyCodes(read_vocabulary(POLICIES))

    assert codes.violation_number("unlicensed_operation") == 1
    assert codes.violation_code(1) == "unlicensed_operation"
    assert codes.violation_number("no_such_code") is None


def test_the_law_of_repair_is_shown_what_stands_in_a_penalty() -> None:
    """What the columns of scoring join to a penalty, the credit service does not have."""
    written = {one.name for kind in (Header, Penalty) for one in fields(kind)}
    attributes = read_vocabulary(POLICIES).kinds["penalty"].attributes

    assert attributes.keys() & written == SHOWN_OF_PENALTY
