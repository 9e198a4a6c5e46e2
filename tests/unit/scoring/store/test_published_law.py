"""What was published stays law, whatever the checks of later programs say of it."""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.engine.errors import PolicyUnusableError
from services.scoring.commands.policies.issuing_ports import PolicyBytes
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.candidates import CandidateReader, PolicyFolderDiffersError
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.policy_desk import grade_cases, grade_file, version_digest_of
from tests.fakes.scoring_policies import ALL, GRADE, POLICIES, write_policies

READER = CandidateReader(load_vocabulary(POLICIES), {})
GRADES = "cn.test.grade"
TODAY = date(2025, 6, 1)
CONTENT = grade_file()

# Each was understood once, and is refused as a mistake of a candidate now.
OBJECTED = [
    pytest.param(b"article: \xe7\xac\xac\xe4\xba\x94\xe6\x9d\xa1", b"article: ' '", id="blank"),
    pytest.param(b"amount: -30", b"amount: -4611686018427387904", id="large-number"),
    pytest.param(
        b"    totals: &totals\n",
        b"    values:\n"
        b"      30%: {is: -30, unit: point, source: {article: x, confidence: assumed}}\n"
        b"      off: {is: {add: [30%, 0]}, unit: point, source:"
        b" {article: x, confidence: assumed}}\n"
        b"    totals: &totals\n",
        id="name-like-a-number",
    ),
]
LIMITED = pytest.param(
    b"window: {last: {months: 12}}", b"window: {last: {months: 12001}}", id="beyond-a-limit"
)


def published(content: bytes, version: str = "three", revision: int = 7) -> Publication:
    """Publish a version of the test grades."""
    versions = ((GRADES, version, sha256(content).hexdigest()),)
    return Publication(revision, versions, (content,), revision)


@pytest.mark.parametrize(("old", "new"), [*OBJECTED, LIMITED])
def test_what_a_candidate_may_not_say_stays_law_once_published(
    library: PolicyLibrary, old: bytes, new: bytes
) -> None:
    """The clerk is told the mistake; a store that has it goes on, and the log says so."""
    content = CONTENT.replace(old, new, 1)
    assert content != CONTENT

    found = READER.review([PolicyBytes(content, grade_cases())], library, today=TODAY)
    tried = READER.compile([content], library)
    with capture_logs() as logs:
        law = READER.with_publication(library, published(content))

    assert {one.code for one in found.mistakes} <= {"syntax", "number-too-large"}
    assert found.mistakes
    assert tried.mistakes == found.mistakes
    assert [one.version.version for one in law.of_policy(GRADES)] == ["one", "two", "three"]
    told = [log for log in logs if log["event"] == "publication_has_problem"]
    # A limit is one of files that come from anybody, so nothing is wrong with what was published.
    assert [(log["line"], log["code"]) for log in told] == (
        [] if new == LIMITED.values[1] else [(one.line, one.code) for one in found.mistakes]
    )


def test_law_that_does_not_compile_keeps_its_days_and_stops_nothing_else(
    library: PolicyLibrary,
) -> None:
    """A rule of "three" adds to a total that is gone: it alone cannot be asked."""
    broken = CONTENT.replace(b"add: {to: score, amount: -30}", b"add: {to: points, amount: -30}", 1)
    assert broken != CONTENT

    with capture_logs() as logs:
        law = READER.with_publication(library, published(broken))

    assert [(log["event"], log["code"]) for log in logs] == [
        ("publication_has_problem", "unknown-name")
    ]
    before = law.named("grade", GRADES, version="", as_of=date(2025, 7, 31))
    assert (before.compiled.version.version, before.until) == ("two", date(2025, 8, 1))
    with pytest.raises(PolicyUnusableError) as refused:
        law.most_local("grade", field=1, division=None, as_of=date(2025, 8, 1))
    assert refused.value.facts["version"] == "three"
    assert "unknown-name" in refused.value.message
    local = law.named("grade", "cn.test.local.grade", version="", as_of=date(2025, 8, 1))
    assert local.compiled.fault == ""
    others = law.in_force_of_kind("grade", date(2025, 8, 1))
    assert [one.policy_id for one in others] == ["cn.test.local.grade"]
    digest = Publication(1, ((GRADES, "three", "0" * 64),), (broken,), 7)
    with pytest.raises(PolicyFolderDiffersError):
        READER.with_publication(library, digest)


@pytest.mark.parametrize(
    "digest",
    [
        pytest.param(version_digest_of(CONTENT), id="own"),
        pytest.param(sha256(CONTENT).hexdigest(), id="of-the-file"),
    ],
)
def test_a_published_version_is_named_as_it_was_when_it_was_published(
    library: PolicyLibrary, digest: str
) -> None:
    """Before versions had digests of their own, answers named the bytes; they go on doing so."""
    versions = ((GRADES, "three", digest),)

    law = READER.with_publication(library, Publication(7, versions, (CONTENT,), 7))

    three, two = law.find(GRADES, "three"), law.find(GRADES, "two")
    assert three is not None
    assert two is not None
    assert three.digest == digest
    assert three.is_meant_by(sha256(CONTENT).hexdigest())
    assert two.digest == two.version.digest != three.version.digest


def test_law_without_problems_is_not_told_of(library: PolicyLibrary) -> None:
    """The log stays silent about it."""
    with capture_logs() as logs:
        READER.with_publication(library, published(CONTENT))

    assert logs == []


@pytest.mark.parametrize(("old", "new"), OBJECTED)
def test_what_no_candidate_may_say_is_no_law_of_a_folder_until_it_is_published(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    """It alone cannot be asked, and the log says so; what was published of it once stays law."""
    text = GRADE.replace(old.decode(), new.decode(), 1)
    assert text != GRADE

    with capture_logs() as logs:
        folder = load_policies(write_policies(tmp_path, {**ALL, "cn/grade.yaml": text}))

    told = [log for log in logs if log["event"] == "policy_has_problem"]
    assert {log["file"] for log in told} == {"cn/grade.yaml"}
    day = date(2025, 6, 1)
    with pytest.raises(PolicyUnusableError) as refused:
        folder.named("grade", GRADES, version="", as_of=day)
    assert refused.value.facts["version"] == "one"
    with pytest.raises(PolicyUnusableError):
        folder.named("list", "cn.test.list", version="", as_of=day)
    grades = folder.in_force_of_kind("grade", day)
    assert [one.policy_id for one in grades] == ["cn.test.local.grade"]
    assert folder.in_force_of_kind("list", day) == ()
    content = text.lstrip().encode()
    versions = tuple((GRADES, name, sha256(content).hexdigest()) for name in ("one", "two"))
    law = Publication(7, versions, (content,), 7)
    found = READER.with_publication(READER.without(folder, [law]), law)
    assert found.named("grade", GRADES, version="", as_of=day).compiled.version.version == "one"


UNREAD = [
    pytest.param(CONTENT.replace(b"combine: sum", b"combine: total"), id="word-that-is-gone"),
    pytest.param(CONTENT[: len(CONTENT) // 2] + b"\n]]", id="bytes-that-nobody-reads"),
]


@pytest.mark.parametrize("content", UNREAD)
def test_published_law_that_cannot_be_read_is_refused_alone(
    library: PolicyLibrary, content: bytes
) -> None:
    """From its first day on nobody is answered by what it took the place of, others as before."""
    law = replace(published(content), start_dates={GRADES: date(2025, 8, 1)})

    with capture_logs() as logs:
        found = READER.with_publication(library, law)

    assert {(log["event"], log["proposal_id"]) for log in logs} == {("publication_unreadable", "7")}
    before = found.named("grade", GRADES, version="", as_of=date(2025, 7, 31))
    assert (before.compiled.version.version, before.until) == ("two", date(2025, 8, 1))
    with pytest.raises(PolicyUnusableError) as refused:
        found.most_local("grade", field=1, division=None, as_of=date(2025, 8, 1))
    assert refused.value.facts["version"] == "three"
    local = found.named("grade", "cn.test.local.grade", version="", as_of=date(2025, 8, 1))
    assert local.compiled.fault == ""
    three = found.find(GRADES, "three")
    assert three is not None
    assert three.digest == sha256(content).hexdigest()


def test_unreadable_law_ends_what_had_a_later_end(library: PolicyLibrary) -> None:
    """Version "one" ends on 2025-07-01 by itself; the unreadable one may have said earlier."""
    content = CONTENT.replace(b"2025-08-01", b"2025-01-01").replace(b"combine: sum", b"combine: x")

    found = READER.with_publication(library, published(content))

    day = date(2024, 12, 31)
    assert found.named("grade", GRADES, version="", as_of=day).until == date(2025, 1, 1)
    with pytest.raises(PolicyUnusableError):
        found.named("grade", GRADES, version="", as_of=date(2025, 1, 1))


def test_unreadable_law_of_a_new_policy_is_known_by_its_head(library: PolicyLibrary) -> None:
    """Where the head can be read it is found as a grade; else nobody knows what it would be."""
    new = CONTENT.replace(b"cn.test.grade", b"cn.test.new.grade", 1)
    digest = ("cn.test.new.grade", "three", "0" * 64)
    start = {"cn.test.new.grade": date(2025, 8, 1)}

    def law(content: bytes) -> PolicyLibrary:
        added = Publication(7, (digest,), (content,), 7, start_dates=start)
        return READER.with_publication(library, added)

    with pytest.raises(PolicyUnusableError):
        law(new.replace(b"combine: sum", b"combine: x")).named(
            "grade", "cn.test.new.grade", version="", as_of=date(2025, 8, 1)
        )
    assert law(new[:40]).of_policy("cn.test.new.grade") == ()


def test_a_repeated_version_is_not_objected_to(library: PolicyLibrary) -> None:
    """A file may add a version below one that was published under older checks."""
    blank = CONTENT.replace("article: 第五条".encode(), b"article: ' '", 1)
    law = READER.with_publication(library, published(blank))
    later = grade_file(version="four", start="2026-08-01")
    own = later[later.index(b"  - version:") :].replace(b"&", b"&later-")
    own = own.replace(b"*source", b"*later-source")

    def mistakes(content: bytes) -> list[str]:
        cases = grade_cases(day="2026-09-01", event="2026-08-15")
        found = READER.review([PolicyBytes(content, cases)], law, today=TODAY)
        return [one.code for one in found.mistakes]

    assert mistakes(blank + own) == []
    assert mistakes(blank + own.replace("article: 第五条".encode(), b"article: ' '", 1)) == [
        "syntax"
    ]


def test_a_folder_may_change_what_a_publication_only_repeated(library: PolicyLibrary) -> None:
    """The file published "three" and repeated "one", which is the folder's and says more by now."""
    first = grade_file(version="one", start="2015-01-01", end="2025-07-01", penalty="-10.5")
    own = CONTENT[CONTENT.index(b"  - version:") :].replace(b"&", b"&later-")
    content = first + own.replace(b"*source", b"*later-source")
    whole = READER.with_publication(library, published(content))
    changed = first.replace(b"at_least: 3}", b"at_least: 4}", 1)
    assert changed != first
    other = READER.with_publication(whole, published(changed, "one"))
    clash = READER.with_publication(
        library, published(CONTENT.replace(b"deaths: {at_least: 3}", b"deaths: {at_least: 4}"))
    )

    kept = READER.without(other, [published(content)])

    assert [one.version.version for one in kept.of_policy(GRADES)] == ["one", "two"]
    with pytest.raises(PolicyFolderDiffersError):
        READER.without(clash, [published(content)])


REPLACES = '    replaces: {version: "one", source: {article: 第一条, confidence: assumed}}\n'


def test_a_published_version_in_the_folder_ends_nothing_before_its_publication(
    tmp_path: Path,
) -> None:
    """The folder's "one" ends on 2025-07-01 by itself, and on 2025-01-01 since the publication."""
    three = grade_file(start="2025-01-01", end="2025-07-01").decode()
    content = three.replace("    applies:", REPLACES + "    applies:", 1)
    version = content[content.index("  - version:") :].replace("&", "&later-")
    both = GRADE + version.replace("*source", "*later-source")
    before = load_policies(write_policies(tmp_path / "before", {**ALL, "cn/grade.yaml": GRADE}))
    after = load_policies(write_policies(tmp_path / "after", {**ALL, "cn/grade.yaml": both}))
    law = published(content.encode())

    base = READER.without(after, [law])
    joined = READER.with_publication(base, law)

    def ends(library: PolicyLibrary) -> list[tuple[str, date | None]]:
        return [(one.version.version, one.version.end_date) for one in library.of_policy(GRADES)]

    day = date(2025, 7, 1)
    assert ends(base) == ends(before) == [("one", day), ("two", None)]
    assert ends(joined) == [("one", date(2025, 1, 1)), ("three", day), ("two", None)]
    assert ends(after) == ends(joined)
    asked = [
        one.named("grade", GRADES, version="", as_of=date(2025, 3, 1)) for one in (base, joined)
    ]
    assert [one.compiled.version.version for one in asked] == ["one", "three"]
    # Until then is what a report of before the publication said, and says again.
    assert asked[0].until == day
