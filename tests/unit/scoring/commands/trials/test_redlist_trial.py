"""Entries of a redlist in a dry run: each judged by its own answers, and none twice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import pytest

from services.engine.days import day_number
from services.engine.population import NO_RECORDS, Population, RecordColumns
from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.ports import FactNeeds, Reading, Redlisting
from services.scoring.commands.trials.pairing import Pair, pairs_of
from services.scoring.commands.trials.redlist_trial import RedlistTally
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.candidates import CandidateReader
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.list_entries import REDLIST as OF_SAFETY
from tests.fakes.list_entries import entry
from tests.fakes.list_policies import REDLIST
from tests.fakes.policy_desk import grade_file
from tests.fakes.scoring_policies import GRADE, POLICIES, write_policies

READER = CandidateReader(load_vocabulary(POLICIES), {})
RED = "cn.test.redlist"
AT = Viewpoint(9, date(2025, 9, 1))


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Compare the redlist with one that lets nobody stay who had an act of dishonesty or two."""
    live = REDLIST.replace("dishonest_acts: 0", "dishonest_acts: {at_most: 3}")
    library = load_policies(write_policies(tmp_path, {"cn/red.yaml": live}))
    (candidate,) = READER.compile([REDLIST.replace('"2020"', '"2025"').encode()], library).added
    names = [(RED, RED)]
    (found,) = pairs_of(library, standing_in(library, [candidate]), names=names, as_of=AT.as_of)
    return found


@dataclass
class FakeReading:
    """Knows subjects with a penalty or without records; implements what is asked of a `Reading`."""

    penalties: Mapping[int, date] = field(default_factory=dict)

    @property
    def subjects(self) -> Any:  # noqa: ANN401 -- a part of the port.
        """Find subjects."""
        return self

    @property
    def facts(self) -> Any:  # noqa: ANN401 -- a part of the port.
        """Read facts."""
        return self

    def by_number(self, numbers: Collection[int], at: Viewpoint) -> Mapping[int, Subject]:
        """Give every subject but number 99."""
        return {one: Subject(subject_id=one, as_of=at.as_of) for one in numbers if one != 99}

    def population(self, subjects: Sequence[Subject], needs: FactNeeds, _at: Viewpoint) -> Any:  # noqa: ANN401 -- a population.
        """Give columns with the penalties alone; no subject stands twice."""
        numbers = [one.subject_id for one in subjects]
        assert len(set(numbers)) == len(numbers)
        nothing = NO_RECORDS.record_ids
        records = {
            kind: RecordColumns(nothing, nothing, dict.fromkeys({"event_date", *names}, nothing))
            for kind, names in needs.records.items()
        }
        fined = [place for place, one in enumerate(numbers) if one in self.penalties]
        days = [day_number(self.penalties[numbers[place]]) for place in fined]
        columns = {name: np.ones(len(days), np.int64) for name in needs.records.get("penalty", ())}
        records["penalty"] = RecordColumns(
            np.array(fined, np.int64) + 1,
            np.array(fined, np.int64),
            {**columns, "event_date": np.array(days, np.int32)},
        )
        attributes = {name: np.ones(len(subjects), np.int64) for name in needs.attributes}
        return Population(len(subjects), attributes, records)


def listed(number: int, subject: int, acts: int | None, policy_id: str = RED) -> Redlisting:
    """Put a subject on a redlist, with what its applicant answered."""
    day = date(2025, 6, 11)
    made = entry(
        number, subject_id=subject, start_date=day, list_key=OF_SAFETY, policy_id=policy_id
    )
    answers = {} if acts is None else {"dishonest_acts": acts}
    return Redlisting(HeldEntry(entry=made, case_id=number, publish_date=day), answers)


def tried(
    pair: Pair,
    *listings: Redlisting,
    most: int = 9,
    penalties: Mapping[int, date] = MappingProxyType({}),
) -> RedlistTally:
    """Add entries up; what they take in is the same on every day."""
    tally = RedlistTally(pair, lambda _day: pair, losses_max=most)
    tally.add(cast("Reading", FakeReading(penalties)), listings, at=AT)
    return tally


def test_each_entry_is_judged_by_its_own_answers(pair: Pair) -> None:
    """None: stays. One: is lost. Four: broken already. No answer: no side can tell."""
    found = tried(pair, listed(1, 5, 0), listed(2, 6, 1), listed(3, 7, 4), listed(4, 8, None))

    impact = found.impact()
    assert (impact.entries, impact.lost, impact.undecided) == (4, 1, 0)
    assert [(one.entry_id, one.subject_id) for one in impact.losses] == [(2, "e-6")]
    (condition,) = impact.losses[0].unmet
    assert (condition.name, condition.source.article) == ("dishonest_acts", "第二条")


@pytest.mark.parametrize(
    ("start", "penalty", "lost"),
    [
        pytest.param("2025-07-01", date(2025, 7, 10), [1], id="broke-and-holds-again"),
        pytest.param("2025-07-01", date(2025, 6, 2), [1], id="broke-on-the-first-day-of-the-law"),
        pytest.param("2025-07-01", date(2025, 6, 1), [], id="held-again-when-it-became-law"),
        pytest.param("2025-08-10", date(2025, 7, 10), [], id="became-law-when-it-held-again"),
        pytest.param("2020-01-01", date(2025, 5, 11), [], id="before-the-entry"),
        pytest.param("2020-01-01", date(2025, 5, 12), [1], id="on-the-day-of-the-entry"),
        pytest.param("2026-01-01", date(2025, 7, 10), [], id="law-after-the-day-asked-for"),
        pytest.param("2026-01-01", date(2025, 8, 20), [1], id="broken-on-the-day-asked-for"),
    ],
)
def test_an_entry_is_lost_on_the_first_day_on_which_a_condition_breaks(
    tmp_path: Path, start: str, penalty: date, lost: list[int]
) -> None:
    """No penalty within a month of any day since the law began, and the entry, of 11 June."""
    live = REDLIST.replace("penalties: 0,", "penalties: {at_most: 3},")
    library = load_policies(write_policies(tmp_path, {"cn/red.yaml": live}))
    text = REDLIST.replace('"2020"', '"new"').replace("{years: 3}", "{months: 1}")
    content = text.replace("2020-01-01", start, 1).encode()
    (candidate,) = READER.compile([content], library).added
    names = [(RED, RED)]
    (pair,) = pairs_of(library, standing_in(library, [candidate]), names=names, as_of=AT.as_of)

    found = tried(pair, listed(1, 5, 0), listed(2, 6, 0), penalties={5: penalty}).impact()

    assert (found.entries, [one.entry_id for one in found.losses]) == (2, lost)
    assert [one.name for loss in found.losses for one in loss.unmet] == ["penalties"] * len(lost)


def test_who_is_on_the_lists_of_two_fields_is_looked_at_for_each(pair: Pair) -> None:
    """The application for one field said one act, that for the other none."""
    found = tried(pair, listed(1, 5, 1), listed(2, 5, 0), listed(3, 5, 2)).impact()

    assert (found.entries, found.lost) == (3, 2)
    assert [one.entry_id for one in found.losses] == [1, 3]


def test_a_stricter_grade_breaks_the_condition_of_the_redlist_that_takes_it_in(
    tmp_path: Path,
) -> None:
    """Who begins with 80 points instead of 100 has a B, and the redlist asks for an A."""
    taking = REDLIST.replace(
        "    inputs:\n",
        "    inputs:\n"
        "      grade: {from: policy, policy: cn.test.grade, output: grade, if_missing: no_data}\n",
    ).replace("penalties: 0,", "penalties: 0, grade: A,")
    files = {"cn/red.yaml": taking, "cn/grade.yaml": GRADE}
    library = load_policies(write_policies(tmp_path, files))
    strict = grade_file().replace(b"start: 100", b"start: 80")
    (candidate,) = READER.compile([strict], library).added
    names = [("cn.test.grade", "cn.test.grade")]
    pairs = pairs_of(library, standing_in(library, [candidate]), names=names, as_of=AT.as_of)
    (redlist,) = [one for one in pairs if one.favourable]

    found = tried(redlist, listed(1, 5, 0), listed(2, 6, 1)).impact()

    assert (found.entries, found.lost) == (2, 1)
    assert [one.name for one in found.losses[0].unmet] == ["grade"]


def test_entries_of_other_lists_and_unknown_subjects_are_left_out(pair: Pair) -> None:
    """A policy of another redlist has conditions of its own."""
    found = tried(pair, listed(1, 5, 1, "cn.other.redlist"), listed(2, 99, 1)).impact()

    assert found.entries == 0


@pytest.mark.parametrize(("most", "named"), [(1, [2]), (2, [2, 4])])
def test_all_are_counted_and_so_many_named(pair: Pair, most: int, named: list[int]) -> None:
    """The limit is that of the most affected subjects."""
    found = tried(pair, listed(2, 5, 1), listed(4, 6, 1), most=most).impact()

    assert found.lost == 2
    assert [one.entry_id for one in found.losses] == named
