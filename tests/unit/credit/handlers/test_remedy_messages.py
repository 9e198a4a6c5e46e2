"""Remedies as messages: what may still change is said."""

from datetime import date

import pytest

from services.credit.domain.remedy import RemedyState as S
from services.credit.handlers.remedy_messages import write_remedy
from tests.fakes.credit_remedies import remedy
from tests.unit.credit.commands.test_remedy_views import view


@pytest.mark.parametrize(
    ("settled_until", "provisional"),
    [
        pytest.param(date(2026, 9, 15), [False, False, True], id="a-day-short"),
        pytest.param(date(2026, 9, 16), [False, False, False], id="announced"),
    ],
)
def test_a_step_says_whether_its_last_day_may_still_move(
    settled_until: date, provisional: list[bool]
) -> None:
    """The decision was due by 16 September, the acceptance by the 7th, the application by none."""
    one = remedy(S.APPLIED, S.ACCEPTED, S.REFUSED)

    steps = write_remedy(view(one, date(2026, 9, 17), settled_until=settled_until)).steps

    assert [step.due_provisional for step in steps] == provisional
