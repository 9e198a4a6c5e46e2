"""What a candidate does, added up: the same whatever the stretches, and written down losslessly."""

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.days import day_number
from services.engine.population import Population, RecordColumns
from services.scoring.commands.policies.joining import standing_in
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.trials.comparing import Comparison, Movement
from services.scoring.commands.trials.impact import BAND_EDGES_BP, ImpactTally
from services.scoring.commands.trials.pairing import Asked, Pair, pairs_of
from services.scoring.commands.trials.simulation_ports import (
    AnsweredElsewhere,
    PolicyImpact,
    RedlistImpact,
    RedlistLoss,
    UnmetCondition,
)
from services.scoring.store.candidates import CandidateReader
from services.scoring.store.impact_text import read_impacts, write_impacts
from services.scoring.store.policies import load_vocabulary
from tests.fakes.policy_desk import grade_file
from tests.fakes.scoring_policies import POLICIES

READER = CandidateReader(load_vocabulary(POLICIES), {})
AS_OF = date(2025, 9, 1)
PENALTY_DAY = day_number(date(2025, 3, 1))
NAMES = ("cn.test.grade", "cn.test.grade")


@pytest.fixture(scope="module")
def pairs(library: PolicyLibrary) -> tuple[Pair, ...]:
    """Compare the test grades with a stricter candidate, and what takes them in."""
    (candidate,) = READER.compile([grade_file()], library).added
    return pairs_of(library, standing_in(library, [candidate]), names=[NAMES], as_of=AS_OF)


def population(penalties: list[int]) -> Population:
    """Give enterprises with so many penalties each."""
    size = len(penalties)
    subjects = np.repeat(np.arange(size), penalties)
    count = subjects.size
    nothing = np.zeros(0, dtype=np.int64)
    days = np.zeros(0, dtype=np.int32)
    return Population(
        size,
        {
            "kind": np.ones(size, dtype=np.int64),
            "headcount": np.full(size, 100, dtype=np.int64),
            "industry": np.full(size, 30_000, dtype=np.int64),
            "division": np.full(size, 110_105, dtype=np.int64),
        },
        {
            "penalty": RecordColumns(
                np.arange(count, dtype=np.int64),
                subjects.astype(np.int64),
                {
                    "event_date": np.full(count, PENALTY_DAY, dtype=np.int32),
                    "major": np.zeros(count, dtype=np.int64),
                },
            ),
            "violation": RecordColumns(
                nothing,
                nothing,
                {"event_date": days, "severity": nothing, "closed_date": days},
            ),
            "accident": RecordColumns(nothing, nothing, {"event_date": days, "deaths": nothing}),
        },
    )


def impacts(pairs: tuple[Pair, ...], penalties: list[int], cuts: list[int]) -> list[PolicyImpact]:
    """Add a population up, cut into stretches."""
    tallies = [ImpactTally(pair, affected_max=3) for pair in pairs]
    edges = sorted({0, *(cut for cut in cuts if cut < len(penalties)), len(penalties)})
    for first, after in pairwise(edges):
        numbers = list(range(first + 1, after + 1))
        part = population(penalties[first:after])
        for tally in tallies:
            tally.add(Comparison(tally.pair, part, AS_OF), numbers)
    return [tally.impact({}) for tally in tallies]


def test_the_matrix_and_the_movements_say_who_goes_where(pairs: tuple[Pair, ...]) -> None:
    """None: A stays A. One: 89.5 (B) becomes 50 (C). Five: 47.5 (C) becomes 0 (C)."""
    grade, listed, rate = impacts(pairs, [0, 1, 1, 5], [])

    cells = {
        (live.label, candidate.label): count for (live, candidate), count in grade.matrix.items()
    }
    assert cells == {("A", "A"): 1, ("B", "C"): 2, ("C", "C"): 1}
    assert grade.movements == {Movement.WORSE: 2}
    assert listed.movements == {Movement.ENTERED: 2}
    assert [one.movement for one in grade.affected] == [Movement.WORSE] * 2
    # On base 3333.00: 1.00 to 1.25 twice; 1.35 stays; 0.8 for grade A stays.
    bands = [band for band in rate.premiums or () if band.enterprises]
    assert [(band.change_min_bp, band.change_max_bp, band.enterprises) for band in bands] == [
        (0, 1, 2),
        (2001, 3001, 2),
    ]
    assert sum(band.candidate_fen - band.live_fen for band in bands) == 2 * 83_325


@given(
    penalties=st.lists(st.integers(0, 6), min_size=1, max_size=12),
    cuts=st.lists(st.integers(1, 11), max_size=3),
)
@settings(max_examples=25)
def test_stretches_do_not_matter_and_results_read_back_the_same(
    pairs: tuple[Pair, ...], penalties: list[int], cuts: list[int]
) -> None:
    """However the population is cut, the result is one; as text it loses nothing."""
    whole = impacts(pairs, penalties, [])

    assert impacts(pairs, penalties, cuts) == whole
    assert list(read_impacts(write_impacts(whole))) == whole
    assert all(sum(one.matrix.values()) == one.subjects == len(penalties) for one in whole)


def test_a_policy_counts_in_its_own_place_only(pairs: tuple[Pair, ...]) -> None:
    """The rate of Beijing says nothing of an enterprise elsewhere."""
    rate = pairs[2]
    part = population([1, 1])
    part.attributes["division"][1] = 320_613

    comparison = Comparison(rate, part, AS_OF, asked=Asked.of(rate, part, local=True))

    assert comparison.size == 1
    assert comparison.changed.tolist() == [True, False]


def test_bands_have_one_for_premiums_that_stay() -> None:
    """No change falls between 0, included, and 1 basis point, excluded."""
    position = BAND_EDGES_BP.index(0)

    assert BAND_EDGES_BP[position + 1] == 1
    assert list(BAND_EDGES_BP) == sorted(set(BAND_EDGES_BP))


@pytest.mark.parametrize(
    ("text", "undecided", "lacking"),
    [
        pytest.param("headcount: {from: subject, if_missing: no_data}", 1, [], id="a-fact"),
        pytest.param(
            "headcount: {from: subject, if_missing: no_data}\n"
            "      applied: {from: request, unit: truth, if_missing: no_data}",
            3,
            [("applied", 3, True)],
            id="asked-of-whoever-applies",
        ),
    ],
)
def test_who_cannot_be_told_is_counted_with_what_is_lacking(
    library: PolicyLibrary, text: str, undecided: int, lacking: list[tuple[str, int, bool]]
) -> None:
    """Of three enterprises one has no headcount; nobody knows what whoever applies would answer."""
    content = grade_file().replace(
        b"headcount: {from: subject, if_missing: no_data}", text.encode()
    )
    (candidate,) = READER.compile([content], library).added
    replaced = standing_in(library, [candidate])
    pair = pairs_of(library, replaced, names=[NAMES], as_of=AS_OF)[0]
    facts = population([0, 1, 2])
    headcounts = np.array([100, np.iinfo(np.int64).min, 100], dtype=np.int64)
    facts = Population(3, {**facts.attributes, "headcount": headcounts}, facts.records)
    tally = ImpactTally(pair, affected_max=5)

    tally.add(Comparison(pair, facts, AS_OF), [1, 2, 3])

    impact = tally.impact({})
    assert impact.undecided == undecided
    found = [(one.name, one.subjects, one.asked) for one in impact.lacking]
    assert found == [*lacking, ("headcount", 1, False)]
    assert read_impacts(write_impacts([impact])) == (impact,)


@pytest.mark.parametrize("end_date", [None, date(2028, 6, 11)], ids=["open", "ends"])
def test_what_was_told_later_reads_back_the_same(
    pairs: tuple[Pair, ...], end_date: date | None
) -> None:
    """Days and clauses lose nothing as text; runs from before say nothing of these."""
    (whole, *_) = impacts(pairs, [0], [])
    source = pairs[0].candidate.compiled.version.source
    loss = RedlistLoss(
        subject_id="e-1",
        credit_code="",
        name="甲",
        entry_id=7,
        start_date=date(2025, 6, 11),
        end_date=end_date,
        unmet=(UnmetCondition("penalties", source),),
    )
    redlist = RedlistImpact(entries=2, lost=1, undecided=1, losses=(loss,))

    told = replace(
        whole,
        redlist=redlist,
        elsewhere=(AnsweredElsewhere("cn.local", "one", subjects=2, changed=1),),
        persons_left_out=3,
    )
    text = write_impacts([told])

    assert read_impacts(text) == (told,)
    assert read_impacts(write_impacts([whole])) == (whole,)
    later = {"redlist", "elsewhere", "persons_left_out"}
    before = [{key: one[key] for key in one if key not in later} for one in json.loads(text)]
    assert read_impacts(json.dumps(before))[0] == whole
