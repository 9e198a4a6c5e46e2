"""The library of a running program: one for each revision, and asked for no oftener than needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from services.common.tokens import StorePoint
from services.scoring.commands.policies.live_library import (
    LivePolicyLibrary,
    PolicyPoints,
    Publication,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Changes
from services.scoring.store.candidates import CandidateReader, PolicyFolderDiffersError
from services.scoring.store.policies import load_vocabulary
from tests.fakes.policy_desk import grade_file
from tests.fakes.scoring_policies import POLICIES

READER = CandidateReader(load_vocabulary(POLICIES), {})
GRADE = "cn.test.grade"


@dataclass
class FakePublications:
    """What was published, by revision; counts how often it is asked."""

    published: list[Publication] = field(default_factory=list)
    now: int = 0
    asked: int = 0

    def revision(self) -> int:
        """Give the revision of the last write."""
        return self.now

    def since(self, edition: int, *, at_least: int) -> tuple[Sequence[Publication], int]:
        """Give what was published after a revision."""
        assert at_least <= self.now
        self.asked += 1
        return [one for one in self.published if one.revision > edition], self.now

    def publish(self, content: bytes, version: str, revision: int) -> None:
        """Publish a version."""
        digest = sha256(content).hexdigest()
        versions = ((GRADE, version, digest),)
        self.published.append(Publication(revision, versions, (content,), revision))
        self.now = max(self.now, revision)


@pytest.fixture
def publications() -> FakePublications:
    """Have published nothing yet."""
    return FakePublications()


@pytest.fixture
def live(library: PolicyLibrary, publications: FakePublications) -> LivePolicyLibrary:
    """Give the policies of the tests, joined by what is published."""
    return LivePolicyLibrary(library, publications, READER)


def names(library: PolicyLibrary) -> list[str]:
    """Name the versions of the test grades."""
    return [one.version.version for one in library.of_policy(GRADE)]


def test_a_publication_is_law_from_its_revision_on(
    live: LivePolicyLibrary, publications: FakePublications
) -> None:
    """Before it the library is the folder's; each revision keeps its own for good."""
    publications.now = 4
    before = live.at(4)
    publications.publish(grade_file(), "three", 7)
    publications.publish(grade_file(version="four", start="2026-08-01", penalty="-60"), "four", 9)

    found = [names(live.at(revision)) for revision in (4, 6, 7, 8, 9)]

    folder = ["one", "two"]
    assert found == [
        folder,
        folder,
        [*folder, "three"],
        [*folder, "three"],
        [*folder, "three", "four"],
    ]
    assert live.at(4) is before
    assert live.at(8) is live.at(7)
    assert live.now() is live.at(9)
    assert live.edition == 9


def test_the_store_is_asked_once_for_each_new_revision(
    live: LivePolicyLibrary, publications: FakePublications
) -> None:
    """What is known up to a revision is known."""
    publications.now = 5
    for _ in range(3):
        live.now()
    live.at(2)
    publications.now = 6
    live.now()

    assert publications.asked == 2


def test_a_folder_that_has_the_published_version_gives_way(
    library: PolicyLibrary, publications: FakePublications
) -> None:
    """The folder's text was no law before the publication, and the published bytes are after it."""
    content = grade_file()
    whole = READER.with_publication(
        library, Publication(1, ((GRADE, "three", sha256(content).hexdigest()),), (content,), 1)
    )
    publications.publish(content, "three", 7)
    live = LivePolicyLibrary(whole, publications, READER)

    found = [names(live.at(revision)) for revision in (6, 7)]

    assert found == [["one", "two"], ["one", "two", "three"]]


def test_a_folder_that_contradicts_a_publication_is_refused(
    library: PolicyLibrary, publications: FakePublications
) -> None:
    """Another text under the published name is no law."""
    other = grade_file(penalty="-1")
    whole = READER.with_publication(
        library, Publication(1, ((GRADE, "three", sha256(other).hexdigest()),), (other,), 1)
    )
    publications.publish(grade_file(), "three", 7)

    with pytest.raises(PolicyFolderDiffersError):
        LivePolicyLibrary(whole, publications, READER).now()


@dataclass
class FakePoints:
    """A store that stands still, and knows of one change."""

    revision: int

    async def fresh_point(self) -> StorePoint:
        """Give where it stands."""
        return self.point()

    def point(self) -> StorePoint:
        """Give where it stands."""
        return StorePoint("s" * 32, self.revision, datetime.now(UTC))

    def changes(self, since: StorePoint, at_least: StorePoint, *, limit: int) -> Changes:
        """Give one subject."""
        assert since.revision <= at_least.revision
        assert limit
        return Changes(frozenset({1}), self.point())


@pytest.mark.parametrize(
    ("since", "told"),
    [
        pytest.param(6, None, id="policies-changed-since"),
        pytest.param(7, {1}, id="not-since-their-publication"),
    ],
)
def test_a_publication_makes_every_warm_answer_old(
    live: LivePolicyLibrary, publications: FakePublications, since: int, told: set[int] | None
) -> None:
    """Subjects are told one by one only while no policy changed."""
    publications.publish(grade_file(), "three", 7)
    publications.now = 8
    points = PolicyPoints(FakePoints(8), live)
    before = StorePoint("s" * 32, since, datetime.now(UTC))

    found = points.changes(before, FakePoints(8).point(), limit=9)

    assert found.subject_ids == told
