"""Terms that the procedures of the project's lists give; every day worked out by hand."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import pytest

from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_grounds import procedure_of
from services.scoring.commands.lists.list_terms import listing_number
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_entry import ListEntry, ListKey, ListKind
from services.scoring.domain.list_procedure import ListProcedure
from services.scoring.domain.list_term import given_term
from services.scoring.store.policies import load_policies
from tests.fakes.list_course import BUREAU, Weekends, case
from tests.fakes.scoring_policies import POLICIES

NEW_AREA = "cn.unnamed.new-area-blacklist"
TIANJIN = "cn.tianjin.municipal-blacklist"
NATIONAL_2015 = "cn.blacklist-2015"
ORDER_11 = "cn.serious-dishonesty-list"
KEY = ListKey(ListKind.BLACKLIST, 1)


@pytest.fixture(scope="module")
def library() -> PolicyLibrary:
    """Give the project's policies."""
    return load_policies(POLICIES)


def rules(library: PolicyLibrary, policy_id: str, day: date) -> ListProcedure:
    """Give the procedure of a list that is in force on a day."""
    return procedure_of(library.named("list", policy_id, version="", as_of=day).compiled)


@pytest.mark.parametrize(
    ("policy_id", "start", "repeated", "end"),
    [
        pytest.param(NEW_AREA, (2016, 3, 31), False, (2017, 3, 31), id="NA-first"),
        pytest.param(NEW_AREA, (2017, 3, 31), True, (2020, 3, 31), id="NA-consecutive"),
        pytest.param(ORDER_11, (2024, 1, 10), False, (2027, 1, 10), id="MEM"),
        pytest.param(ORDER_11, (2027, 1, 10), True, (2030, 1, 10), id="MEM-again-no-longer"),
        # The year 2027 has no 29 February.
        pytest.param(ORDER_11, (2024, 2, 29), False, (2027, 2, 28), id="MEM-leap-day"),
        pytest.param(TIANJIN, (2018, 5, 2), False, (2019, 5, 2), id="TJ-first"),
        pytest.param(TIANJIN, (2019, 5, 2), True, (2022, 5, 2), id="TJ-consecutive"),
        pytest.param(NATIONAL_2015, (2016, 5, 2), False, (2017, 5, 2), id="N15-first"),
        pytest.param(NATIONAL_2015, (2017, 1, 2), True, (2020, 1, 2), id="N15-again"),
        pytest.param(
            "cn.joint-punishment-list", (2018, 5, 2), False, (2019, 5, 2), id="N17-one-year"
        ),
        pytest.param(
            "cn.joint-incentive-list", (2018, 5, 2), False, (2021, 5, 2), id="redlist-three-years"
        ),
    ],
)
def test_a_term_ends_on_the_day_that_the_text_gives(
    library: PolicyLibrary,
    policy_id: str,
    start: tuple[int, int, int],
    *,
    repeated: bool,
    end: tuple[int, int, int],
) -> None:
    """One year, three years, and three years for the second; the end day is off the list."""
    procedure = rules(library, policy_id, date(*start))

    found = given_term(procedure, (), 1 + repeated).end(date(*start), Weekends())

    assert found == date(*end)


@dataclass(frozen=True, slots=True)
class Listed:
    """Entries of one subject, as a write finds them."""

    held: tuple[HeldEntry, ...]
    entries: Any = field(init=False)
    point: Any = field(init=False)

    def __post_init__(self) -> None:
        """Stand for the reads and the point of the store."""
        object.__setattr__(self, "entries", self)
        object.__setattr__(self, "point", self)

    @property
    def revision(self) -> int:
        """Give the only revision."""
        return 1

    def of_subject(self, subject_id: int, revision: int) -> tuple[HeldEntry, ...]:
        """Give the entries."""
        assert (subject_id, revision) == (100, 1)
        return self.held


def held(start: date, end: date, **changes: Any) -> HeldEntry:  # noqa: ANN401 -- parts of an entry.
    """Make an entry of the list, of an earlier case."""
    entry = ListEntry(
        entry_id=5,
        list_key=KEY,
        subject_id=100,
        person=False,
        credit_code="",
        name="",
        identity_mask="",
        division=None,
        authority=BUREAU,
        document_number="列1号",
        decision_date=start,
        start_date=start,
        end_date=end,
        rule_ids=(),
        cause="",
        basis="",
        measures=(),
        policy_id="",
        policy_version="",
        policy_digest="",
    )
    made = HeldEntry(entry=entry, case_id=2, publish_date=start, state=EntryState.REMOVED)
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("policy_id", "again", "repeated"),
    [
        pytest.param(NEW_AREA, (2017, 3, 31), True, id="NA-on-the-day-of-the-end"),
        pytest.param(NEW_AREA, (2017, 4, 1), False, id="NA-a-day-later"),
        pytest.param(NEW_AREA, (2017, 3, 30), True, id="NA-while-still-listed"),
        pytest.param(TIANJIN, (2017, 3, 31), True, id="TJ-on-the-day-of-the-end"),
        pytest.param(TIANJIN, (2017, 4, 1), False, id="TJ-a-day-later"),
        # "再次列入": again is again, whenever.
        pytest.param(NATIONAL_2015, (2020, 1, 1), True, id="N15-years-later"),
    ],
)
def test_only_who_is_listed_without_a_break_is_listed_consecutively(
    library: PolicyLibrary, policy_id: str, again: tuple[int, int, int], *, repeated: bool
) -> None:
    """Listed 2016-03-31 to 2017-03-31: the longer term is for consecutive listings (连续进入)."""
    day = date(*again)
    following = replace(case(), list_key=KEY, procedure=rules(library, policy_id, date(2017, 3, 1)))
    before = held(date(2016, 3, 31), date(2017, 3, 31))

    def found(*entries: HeldEntry) -> bool:
        write = cast("ListWriting", Listed(entries))
        return listing_number(write, 100, start_date=day, case=following) > 1

    assert found(before) is repeated
    assert not found()
    assert not found(replace(before, state=EntryState.CORRECTED))


def test_hazards_extend_where_the_text_says_so(library: PolicyLibrary) -> None:
    """The new area's term goes on while a major hazard is open; that of Order 11 does not."""
    assert rules(library, NEW_AREA, date(2017, 1, 1)).flag("hazard_extends")
    assert not rules(library, ORDER_11, date(2024, 1, 1)).flag("hazard_extends")


def test_order_11_is_left_early_from_the_same_day_of_the_next_year(library: PolicyLibrary) -> None:
    """Listed 2024-01-10: asked for from 2025-01-10; answered in 5, then in 20 working days."""
    procedure = rules(library, ORDER_11, date(2024, 1, 10))

    first = procedure.required("early_removal_after").end(date(2024, 1, 10), Weekends())
    accepted = procedure.required("acceptance_period").end(date(2025, 1, 10), Weekends())
    decided = procedure.required("early_decision_period").end(date(2025, 1, 10), Weekends())

    # 2025-01-10 is a Friday; weekends alone are left out here.
    assert (first.date, accepted.date, decided.date) == (
        date(2025, 1, 10),
        date(2025, 1, 17),
        date(2025, 2, 7),
    )
