"""Candidates: whatever the bytes are, what is wrong is a problem with its place."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.errors import Problem
from services.engine.parentage import PARENT_ENDED
from services.scoring.commands.policies.issuing_ports import CandidateReview, PolicyBytes
from services.scoring.commands.policies.joining import joined
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.candidates import CandidateReader, load_instruments
from services.scoring.store.policies import load_vocabulary
from tests.fakes.policy_desk import grade_cases, grade_file
from tests.fakes.scoring_policies import LOCAL_GRADE, POLICIES, RATE

READER = CandidateReader(load_vocabulary(POLICIES), load_instruments(POLICIES))
TODAY = date(2025, 6, 1)
CONTENT, CASES = grade_file(), grade_cases()
# Pieces that break files in the middle: of YAML, of numbers, of days, of words.
PIECES = st.sampled_from(
    [
        b"", b"\x00", b"\xff", b"- ", b"{", b"]", b": ", b"&a ", b"*a", b"!!python/object ", b"'",
        b"9" * 40, b"1e999", b"-1", b"0", b"null", b"2999-12-31", b"0001-01-01", b"[[[[", b"? ",
        b"places: 99", b"length: 999999999", b"<<: *source", b"\n\n  ", b"years: 100000",
    ]
)  # fmt: skip


def review(content: bytes, library: PolicyLibrary, cases: bytes = CASES) -> CandidateReview:
    """Review a candidate among the policies of the tests."""
    return READER.review([PolicyBytes(content, cases)], library, today=TODAY)


def codes(problems: tuple[Problem, ...]) -> list[str]:
    """Give the codes of the mistakes."""
    return [one.code for one in problems if not one.warning]


@given(content=st.binary(max_size=300), cases=st.binary(max_size=100))
@settings(max_examples=40)
def test_any_bytes_give_problems_and_never_an_error(
    library: PolicyLibrary, content: bytes, cases: bytes
) -> None:
    """Garbage is told to be garbage."""
    found = review(content, library, cases)

    assert found.mistakes
    assert all(one.line >= 1 and one.column >= 1 for one in found.problems)


@given(
    place=st.integers(0, len(CONTENT) - 1),
    length=st.integers(0, 12),
    piece=PIECES,
    in_cases=st.booleans(),
)
@settings(max_examples=40)
def test_a_damaged_policy_gives_problems_and_never_an_error(
    library: PolicyLibrary,
    place: int,
    length: int,
    piece: bytes,
    in_cases: bool,  # noqa: FBT001 -- drawn.
) -> None:
    """A file broken anywhere is reviewed to its end; what still reads may even be right."""
    content, cases = CONTENT, CASES
    if in_cases:
        place %= len(CASES)
        cases = cases[:place] + piece + cases[place + length :]
    else:
        content = content[:place] + piece + content[place + length :]

    found = review(content, library, cases)

    assert found.mistakes or found.added


def test_a_candidate_is_judged_among_the_policies_in_force(library: PolicyLibrary) -> None:
    """It may extend what is in force; the version named must exist."""
    extending = LOCAL_GRADE.replace("cn.test.local.grade", "cn.test.other").replace(
        'version: "one"\n    start_date: 2020-01-01\n    end_date: null',
        'version: "one"\n    start_date: 2020-01-01\n    end_date: null\n'
        '    extends: {policy: cn.test.local.grade, version: "one"}',
    )
    missing = extending.replace('grade, version: "one"', 'grade, version: "nine"')

    found = [READER.compile([text.lstrip().encode()], library) for text in (extending, missing)]

    assert [codes(one.problems) for one in found] == [[], ["unknown-policy"]]
    assert found[0].policy is not None
    assert [pin[:2] for pin in found[0].policy.parents["one"]] == [("cn.test.local.grade", "one")]


def test_a_version_says_what_stays_on_the_one_that_it_ends(library: PolicyLibrary) -> None:
    """A district's pack on version two outlives it when three comes in August."""
    pack = LOCAL_GRADE.lstrip().replace("cn.test.local.grade", "cn.test.pack")
    pack = pack[: pack.index("    totals:")].replace("2020-01-01\n    end", "2025-07-01\n    end")
    pack += '    extends: {policy: cn.test.grade, version: "two"}\n'
    packed = joined(library, READER.compile([pack.encode()], library).added, edition=1)

    told = [
        [one for one in review(CONTENT, one).problems if one.code == PARENT_ENDED]
        for one in (packed, library)
    ]

    assert [(one.file, one.line, one.warning) for one in told[0]] == [("policy.yaml", 1, True)]
    assert "cn.test.pack" in told[0][0].message
    assert told[1] == []


def test_policies_that_take_the_candidate_in_must_still_fit(library: PolicyLibrary) -> None:
    """A ladder that changes while a list in force compares with it is refused, at those."""
    other = CONTENT.replace(b"ladder: [A, B, C]", b"ladder: [A, B, C, D]")

    found = review(other, library)

    assert "several-ladders" in codes(found.problems)
    assert {one.file for one in found.mistakes} == {"cn/list.yaml", "cn.beijing/rate.yaml"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"kind: grade", b"kind: risk", id="kind"),
        pytest.param(b"field: all", b"field: fire", id="field"),
        pytest.param(b'division: "000000"', b'division: "110000"', id="place"),
    ],
)
def test_a_version_does_not_make_another_policy(
    library: PolicyLibrary, old: bytes, new: bytes
) -> None:
    """Kind, field and place belong to the policy, not to a version."""
    found = review(CONTENT.replace(old, new, 1), library)

    assert "policy-identity" in codes(found.problems)


def test_versions_that_exist_may_be_repeated_as_they_are(library: PolicyLibrary) -> None:
    """A file that repeats the rate and adds nothing has no mistakes; one that differs has."""
    same = review(RATE.lstrip().encode(), library, b"")
    other = review(RATE.lstrip().replace("-0.30", "-0.20").encode(), library, b"")

    assert (same.clashing, same.added) == ((), ())
    assert other.clashing == ("one",)
    assert "version-exists" in codes(other.problems)


def test_cases_must_reach_what_is_added(library: PolicyLibrary) -> None:
    """A case of an earlier day tries the version of that day, and leaves the new one untried."""
    early = grade_cases(day="2025-06-01", event="2025-05-01", score="89.5", grade="B")

    found = review(CONTENT, library, early)

    assert codes(found.problems) == ["without-cases"]
    assert found.cases_tried == 1


def test_an_instrument_that_ended_is_found(library: PolicyLibrary) -> None:
    """What stands on an instrument after its end is superseded, as in the folder's check."""
    stale = CONTENT.replace("测〔2015〕1号".encode(), "安监总办〔2017〕140号".encode())

    found = review(stale, library)

    assert "superseded" in codes(found.problems)


def ending(content: bytes, statement: str) -> bytes:
    """Let the version of a file say that it ends another."""
    place = b"    applies: {kind: [production_unit, individual_trader]}\n"
    assert place in content
    words = f"    {statement}\n".encode()
    return content.replace(place, words + place, 1)


SAYS = 'replaces: {version: "one", source: {article: 第二十条, confidence: assumed}}'
WINTER = grade_cases(day="2025-02-01", event="2025-01-15")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(SAYS, [], id="said"),
        pytest.param("", ["time-overlap"], id="not-said"),
        pytest.param(SAYS.replace('"one"', '"none"'), ["unknown-version"], id="of-nothing"),
    ],
)
def test_a_version_with_an_end_is_ended_by_a_statement_only(
    library: PolicyLibrary, statement: str, expected: list[str]
) -> None:
    """It ends on 2025-07-01; overlapping by accident is a mistake that says what to do."""
    content = ending(grade_file(start="2025-01-01", end="2025-07-01"), statement)

    found = review(content, library, WINTER)

    assert [code for code in codes(found.problems) if code != "time-overlap"] == [
        code for code in expected if code != "time-overlap"
    ]
    overlaps = [one for one in found.mistakes if one.code == "time-overlap"]
    assert bool(overlaps) is (statement != SAYS)
    assert all("replaces: {version: 'one'" in one.message for one in overlaps)


@pytest.mark.parametrize("repeated", ["2025-07-01", "2025-01-01", "null"])
def test_what_a_statement_ended_may_be_repeated(library: PolicyLibrary, repeated: str) -> None:
    """A file with the earlier version below a statement repeats it, whatever end it writes."""
    first = grade_file(version="one", start="2015-01-01", end=repeated, penalty="-10.5")
    later = ending(grade_file(start="2025-01-01", end="2025-07-01"), SAYS)
    own = (
        later[later.index(b"  - version:") :]
        .replace(b"&", b"&later-")
        .replace(b"*source", b"*later-source")
    )

    found = review(first + own, library, WINTER)

    assert codes(found.problems) == []
    assert [one.version.version for one in found.added] == ["three"]


def test_a_repeal_needs_no_case_and_ends_the_version(library: PolicyLibrary) -> None:
    """It is one version more, without results; without a statement the file would be refused."""
    text = grade_file(start="2025-09-01").decode()
    head = text[: text.index("    applies:")]
    source = 'repeals: {version: "two", source: {article: 第一条, confidence: assumed}}'

    found = review(f"{head}    {source}\n".encode(), library, b"")

    assert codes(found.problems) == []
    (repeal,) = found.added
    assert repeal.version.repeal
    assert found.files[0].latest is None
    assert not repeal.in_force(date(2025, 9, 1))


def test_another_plan_of_the_place_may_follow_a_repeal(library: PolicyLibrary) -> None:
    """The plan would hold until 2026-01-01; once it is repealed, one called otherwise may."""
    head = RATE.lstrip()[: RATE.lstrip().index("    inputs:")]
    head = head.replace('version: "one"', 'version: "gone"')
    head = head.replace("start_date: 2020-01-01", "start_date: 2025-09-01", 1)
    head = head.replace("end_date: 2026-01-01", "end_date: null")
    source = 'repeals: {version: "one", source: {article: 第一条, confidence: assumed}}'
    repeal = PolicyBytes(f"{head}    {source}\n".encode())
    text = RATE.lstrip().replace("cn.test.rate", "cn.test.other-rate")
    text = text.replace("start_date: 2020-01-01", "start_date: 2025-09-01", 1)
    other = PolicyBytes(text.encode())

    def ambiguous(*files: PolicyBytes) -> bool:
        found = READER.review(files, library, today=TODAY)
        return "rate-plan-ambiguous" in codes(found.problems)

    assert ambiguous(other)
    assert not ambiguous(repeal)
    assert not ambiguous(repeal, other)
    assert codes(READER.review([repeal], library, today=TODAY).problems) == []
