"""Versions put beside those that exist: what closes, what clashes, what stands in."""

from datetime import date

import pytest

from services.scoring.commands.policies.issuing_ports import PolicyBytes
from services.scoring.commands.policies.joining import (
    GAP,
    OVERLAP,
    joined,
    standing_in,
    time_conflicts,
)
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.store.candidates import CandidateReader
from services.scoring.store.policies import load_vocabulary
from tests.fakes.policy_desk import grade_cases, grade_file
from tests.fakes.scoring_policies import POLICIES

READER = CandidateReader(load_vocabulary(POLICIES), {})
GRADE = "cn.test.grade"
ENDS = '{version: "two", source: {article: 第一条, confidence: assumed}}'


def added(library: PolicyLibrary, **words: str) -> tuple[CompiledVersion, ...]:
    """Compile a version that is to be added to the test grades."""
    return READER.compile([grade_file(**words)], library).added


def test_a_version_without_an_end_ends_where_the_next_begins(library: PolicyLibrary) -> None:
    """The earlier version keeps its bytes; the library before is not touched."""
    new = joined(library, added(library), edition=9)

    ends = [one.version.end_date for one in new.of_policy(GRADE)]
    assert ends == [date(2025, 7, 1), date(2025, 8, 1), None]
    assert new.find(GRADE, "two") != library.find(GRADE, "two")
    before = [one.version.end_date for one in library.of_policy(GRADE)]
    assert before == [date(2025, 7, 1), None]
    assert (new.edition, library.edition) == (9, 0)
    assert new.digest != library.digest


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        pytest.param({"start": "2025-08-01"}, [], id="after-the-last-begins"),
        pytest.param({"start": "2025-07-01"}, [OVERLAP], id="on-the-day-the-last-begins"),
        pytest.param({"start": "2025-06-30"}, [OVERLAP], id="the-day-before"),
        pytest.param({"start": "2014-01-01", "end": "2015-01-01"}, [], id="before-the-first"),
        pytest.param({"start": "2014-01-01", "end": "2014-12-31"}, [GAP], id="a-day-is-missing"),
        pytest.param({"start": "2014-01-01", "end": "2015-01-02"}, [OVERLAP], id="a-day-too-long"),
        pytest.param({"start": "2014-01-01"}, [], id="an-open-end-closes-at-the-first"),
    ],
)
def test_versions_must_follow_each_other(
    library: PolicyLibrary, words: dict[str, str], codes: list[str]
) -> None:
    """No day has two versions, and none between two has none."""
    found = time_conflicts(library, added(library, **words))

    assert [one.code for one in found] == codes


def test_a_candidate_stands_in_for_its_policy_on_every_day(library: PolicyLibrary) -> None:
    """Whatever its dates, what takes its results in is evaluated by it."""
    (candidate,) = added(library)

    replaced = standing_in(library, [candidate])

    day = date(2021, 1, 1)
    listed = replaced.named("list", "cn.test.list", version="", as_of=day)
    assert [one.compiled.version.version for one in listed.sources] == ["three"]
    assert replaced.of_policy(GRADE)[0].plan is candidate.plan


def test_a_published_repeal_gives_way_to_a_version_that_ends_the_other_before(
    library: PolicyLibrary,
) -> None:
    """By the repeal "two" ends on 2025-09-01; "three" replaces it from 2025-08-01 on."""
    text = grade_file(version="gone", start="2025-09-01").decode()
    repeal = f"{text[: text.index('    applies:')]}    repeals: {ENDS}\n".encode()
    law = joined(library, READER.compile([repeal], library).added, edition=3)
    content = grade_file().replace(
        b"    applies:", f"    replaces: {ENDS}\n    applies:".encode(), 1
    )

    found = READER.review([PolicyBytes(content, grade_cases())], law, today=date(2025, 6, 1))
    after = joined(law, found.added, edition=4)

    def ends(one: PolicyLibrary) -> list[tuple[str, date | None]]:
        return [(each.version.version, each.version.end_date) for each in one.of_policy(GRADE)]

    first = ("one", date(2025, 7, 1))
    assert ends(law) == [first, ("two", date(2025, 9, 1)), ("gone", None)]
    assert found.mistakes == ()
    assert "ends-nothing" in {one.code for one in found.problems}
    # What the repeal does not name goes on.
    assert ends(after) == [first, ("two", date(2025, 8, 1)), ("three", None), ("gone", None)]
    assert time_conflicts(law, found.added) == ()


@pytest.mark.parametrize(
    ("start", "mistakes"),
    [
        pytest.param("2025-08-01", [], id="on-the-day-of-the-other"),
        pytest.param("2025-08-02", ["ends-nothing"], id="a-day-later"),
    ],
)
def test_a_candidate_that_comes_too_late_to_end_another_is_refused(
    library: PolicyLibrary, start: str, mistakes: list[str]
) -> None:
    """Since "three" replaced "two" on 2025-08-01 a repeal of "two" says nothing of "three"."""
    content = grade_file().replace(
        b"    applies:", f"    replaces: {ENDS}\n    applies:".encode(), 1
    )
    law = joined(library, READER.compile([content], library).added, edition=3)
    text = grade_file(version="gone", start=start).decode()
    repeal = f"{text[: text.index('    applies:')]}    repeals: {ENDS}\n".encode()

    found = READER.review([PolicyBytes(repeal)], law, today=date(2025, 6, 1))

    codes = {one.code for one in found.mistakes}
    assert sorted(codes - {OVERLAP}) == mistakes
