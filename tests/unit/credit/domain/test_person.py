"""Persons: what is shown, and which roles overlap."""

from datetime import date

import pytest

from services.credit.domain.codes import RoleKind
from services.credit.domain.person import (
    Person,
    Role,
    masked_identity_number,
    masked_name,
    overlapping_role,
)


def role(role_id: int, start: date, end: date | None = None, **changes: int) -> Role:
    """Make a role of a principal."""
    return Role(
        row_id=role_id,
        role_id=role_id,
        person_id=1,
        enterprise_id=changes.get("enterprise_id", 7),
        kind=RoleKind(changes.get("kind", RoleKind.PRINCIPAL)),
        start_date=start,
        end_date=end,
    )


HELD = role(1, date(2020, 1, 1), date(2022, 1, 1))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("王小明", "王＊", id="three-characters"),
        pytest.param("王", "王＊", id="one-character-looks-no-shorter"),
    ],
)
def test_a_masked_name_shows_the_first_character(name: str, shown: str) -> None:
    """Nobody can tell how long the name is."""
    assert masked_name(name) == shown


def test_a_masked_number_shows_its_first_six_and_last_four() -> None:
    """Birth date and order code stay hidden (house decision)."""
    assert masked_identity_number("11010519491231002X") == "110105********002X"


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(role(2, date(2021, 12, 31)), id="begins-on-the-last-day"),
        pytest.param(role(2, date(2019, 1, 1), date(2020, 1, 2)), id="ends-after-the-first-day"),
        pytest.param(role(2, date(2020, 6, 1), date(2020, 7, 1)), id="lies-within"),
        pytest.param(role(2, date(2019, 1, 1)), id="lies-around-without-an-end"),
    ],
)
def test_roles_of_a_kind_overlap(wanted: Role) -> None:
    """A day in common is an overlap."""
    assert overlapping_role([HELD], wanted) == HELD


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(role(2, date(2022, 1, 1)), id="begins-on-the-day-after"),
        pytest.param(role(2, date(2019, 1, 1), date(2020, 1, 1)), id="ends-before-the-first-day"),
        pytest.param(role(2, date(2020, 6, 1), enterprise_id=8), id="another-enterprise"),
        pytest.param(role(2, date(2020, 6, 1), kind=RoleKind.TECHNICAL_HEAD), id="another-kind"),
        pytest.param(role(1, date(2020, 6, 1)), id="the-role-itself"),
    ],
)
def test_other_roles_do_not_overlap(wanted: Role) -> None:
    """Periods are half-open, and only equal kinds in one enterprise compete."""
    assert overlapping_role([HELD], wanted) is None


def test_a_role_has_ended_on_the_day_after_its_last() -> None:
    """The end of a half-open period is the first day without it."""
    assert not HELD.ended_by(date(2021, 12, 31))
    assert HELD.ended_by(date(2022, 1, 1))


def test_a_person_is_not_printed() -> None:
    """Names and numbers stand in no traceback and no log."""
    person = Person(person_id=1, name="王小明", identity_cipher=b"secret")

    assert "王" not in repr(person)
    assert "secret" not in repr(person)
