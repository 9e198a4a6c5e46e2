"""The number of the project or site that a record is about."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.credit.domain.record_rules import HEADER_RULES
from services.credit.domain.rules import Moment, violations_of
from tests.fakes.credit_facts import DAY, HEADER

MOMENT = Moment(now=datetime(2025, 6, 1, tzinfo=UTC), today=date(2025, 6, 1), event_date=DAY)


@pytest.mark.parametrize(
    ("number", "reasons"),
    [
        pytest.param(None, [], id="none"),
        pytest.param(1, [], id="smallest"),
        pytest.param(10**18 - 1, [], id="eighteen-digits"),
        pytest.param(0, ["NUMBER_TOO_SMALL"], id="nothing"),
        pytest.param(10**18, ["NUMBER_TOO_LARGE"], id="nineteen-digits"),
    ],
)
def test_a_site_number_has_one_to_eighteen_digits(number: int | None, reasons: list[str]) -> None:
    """A construction permit's number of 18 digits fits; nothing and 19 digits do not."""
    broken = violations_of(replace(HEADER, site_number=number), HEADER_RULES, MOMENT)

    assert [(one.field, one.reason) for one in broken] == [
        ("site_number", reason) for reason in reasons
    ]
