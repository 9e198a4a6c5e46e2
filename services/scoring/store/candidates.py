"""Looking at policy files that are not in force, among those that are.

A candidate's bytes come from anybody, so whatever is wrong with them ends in a problem with its
place. Each check runs on the versions that the file adds; those that it repeats must say the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from services.common.errors import Category, SafetyCreditError
from services.engine.cases import Case, CaseFile, read_cases, try_case
from services.engine.checking import CheckContext, check_policy
from services.engine.differing import same_meaning
from services.engine.errors import Problem
from services.engine.following import ENDS_NOTHING, check_ending, said_end
from services.engine.guarding import unreadable
from services.engine.instruments import EndedInstrument, read_instruments
from services.engine.language import Policy, Version
from services.engine.parentage import newly_found
from services.engine.policy_file import objections_to
from services.engine.together import check_circles
from services.engine.usage import read_below
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.issuing_ports import (
    CANDIDATE_FILE,
    CandidateReview,
    PolicyBytes,
    ReviewedFile,
    candidate_name,
    cases_name,
    exists_otherwise,
)
from services.scoring.commands.policies.joining import (
    OVERLAP,
    joined,
    left_alone,
    standing_in,
    time_conflicts,
)
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.store.candidate_files import at_top, completed, guarded
from services.scoring.store.policies import compile_versions, ladders_for, unusable, warn
from services.scoring.store.policy_checks import check_decimals, check_policies
from services.scoring.store.unread_law import unread_versions

INSTRUMENTS_FILE: Final = "instruments.yaml"
"""Name of the file with the instruments that ended."""


class PolicyFolderDiffersError(SafetyCreditError):
    """The folder says something else under the name of a version that was published."""

    reason = "POLICY_FOLDER_DIFFERS"
    category = Category.PRECONDITION


def load_instruments(folder: Path) -> Mapping[str, EndedInstrument]:
    """Read the instruments that ended; none where the folder names none.

    Raises:
        PolicyRefusedError: The file cannot be understood.
    """
    path = folder / INSTRUMENTS_FILE
    if not path.is_file():
        return {}
    objections: list[Problem] = []
    ended = read_instruments(path.read_bytes(), INSTRUMENTS_FILE, objections)
    warn("instruments_have_problem", objections)
    return ended


@dataclass(frozen=True, slots=True)
class CandidateReader:
    """Reads and checks candidates; implements `CandidateReading` and `PublicationJoining`.

    Attributes:
        vocabulary: The words that policies may use.
        ended: Instruments that ended, by document number.
    """

    vocabulary: Vocabulary
    ended: Mapping[str, EndedInstrument]

    def review(
        self, files: Sequence[PolicyBytes], among: PolicyLibrary, *, today: date
    ) -> CandidateReview:
        """Check files that come into force together, among the policies that exist."""
        found = self._compiled([file.content for file in files], among, replacing=False)
        if not found.files:
            return _sorted(found)
        merged = joined(among, found.added, edition=among.edition)
        context = CheckContext(
            vocabulary=self.vocabulary,
            ladders=_ladders(found.added, merged),
            ended=self.ended,
            today=today,
            cases=self._golden(files),
            read_below=read_below(_whole(merged)),
        )
        problems = list(found.problems)
        for file in found.files:
            new = replace(file.policy, versions=tuple(one.version for one in file.added))
            problems.extend(guarded(file.name, partial(check_policy, new, context)))
            problems.extend(_existing(file))
            problems.extend(_conflicts(among, file))
        if added := {_name(one): file.name for file in found.files for one in file.added}:
            problems.extend(newly_found(_whole(among), _whole(merged), added))
        tried = 0
        if all(problem.warning for problem in problems):
            for position, (file, bytes_) in enumerate(zip(found.files, files, strict=True)):
                count, failed = self._tried(bytes_.cases, cases_name(position), file, merged)
                tried += count
                problems.extend(failed)
        return _sorted(
            replace(
                found,
                problems=tuple(problems),
                versions_checked=len(found.added),
                cases_tried=tried,
            )
        )

    def compile(self, contents: Sequence[bytes], among: PolicyLibrary) -> CandidateReview:
        """Read and compile files without further checks; a clashing version counts as added."""
        found = self._compiled(contents, among, replacing=True)
        latest = [one for one in (file.latest for file in found.files) if one is not None]
        if latest and not found.mistakes:
            # Tried on any day, they stand beside versions that they never meet in force.
            stood_in = _whole(standing_in(among, latest))
            found = replace(found, problems=(*found.problems, *check_circles(stood_in)))
        return _sorted(found)

    def without(self, library: PolicyLibrary, published: Sequence[Publication]) -> PolicyLibrary:
        """Give the library without the versions that were published."""
        names = {(policy_id, name) for one in published for policy_id, name, _ in one.versions}
        kept = [
            one
            for one in library.versions
            if (one.policy.policy_id, one.version.version) not in names
        ]
        if len(kept) == len(library.versions):
            return library
        for publication in published:
            self._require_same(library, publication)
        return left_alone(library, kept)

    def with_publication(self, library: PolicyLibrary, published: Publication) -> PolicyLibrary:
        """Give the library that a publication made of another.

        What was published stays law, whatever the checks of today say: they are told the log. What
        cannot be read has its days, and no results.

        Raises:
            PolicyFolderDiffersError: The files say something else than what was published.
        """
        found = self._compiled(published.contents, library, replacing=True, published=published)
        if not found.files:
            warn("publication_unreadable", found.problems, proposal_id=str(published.proposal_id))
            fault = _fault(found)
            unread = unread_versions(published, library, self.vocabulary, fault=fault)
            return joined(library, unread, edition=published.revision)
        digests = {(policy_id, name): digest for policy_id, name, digest in published.versions}
        added = [one for one in found.added if _name(one) in digests]
        added += self._unusable(found, digests.keys() - set(map(_name, added)))
        if len(added) != len(digests):
            policy_id = published.versions[0][0]
            raise PolicyFolderDiffersError(
                f"{policy_id}, published as proposal pp-{published.proposal_id}, does not"
                " fit the policies of the folder: "
                + "; ".join(str(problem) for problem in found.problems[:3]),
                policy_id=policy_id,
            )
        added = [_named(one, digests[_name(one)]) for one in added]
        warn("publication_has_problem", found.problems, proposal_id=str(published.proposal_id))
        return joined(library, added, edition=published.revision)

    # Private methods -------------------------------------------------------------

    def _unusable(
        self, found: CandidateReview, names: Collection[tuple[str, str]]
    ) -> list[CompiledVersion]:
        """Give the versions of names that were published, and that do not compile any more."""
        return [
            unusable(policy, version, self.vocabulary, _fault(found))
            for policy in (file.policy for file in found.files)
            for version in policy.versions
            if (policy.policy_id, version.version) in names
        ]

    def _compiled(
        self,
        contents: Sequence[bytes],
        among: PolicyLibrary,
        *,
        replacing: bool,
        published: Publication | None = None,
    ) -> CandidateReview:
        """Read files, complete them, and compile the versions that they add.

        What was published is law if it is understood; what is not must be written as it should.
        """
        policies, problems = completed(contents, among, published)
        if problems:
            return CandidateReview(problems=tuple(problems))
        files: list[ReviewedFile] = []
        adding: list[list[Version]] = []
        objections: list[Problem] = []
        for position, (policy, content) in enumerate(zip(policies, contents, strict=True)):
            name = candidate_name(position)
            problems.extend(_other_identity(name, policy, among))
            new, clashing = _told_apart(policy, among)
            if replacing:
                new = [one for one in policy.versions if one in new or one.version in clashing]
            digest = sha256(content).hexdigest()
            files.append(
                ReviewedFile(name=name, policy=policy, digest=digest, clashing=tuple(clashing))
            )
            adding.append(new)
            objections.extend(objections_to(policy, new))
        if objections and published is None:
            return CandidateReview(problems=(*problems, *objections))
        return self._fitted(files, adding, among, [*problems, *objections])

    def _fitted(
        self,
        files: Sequence[ReviewedFile],
        adding: Sequence[Sequence[Version]],
        among: PolicyLibrary,
        problems: list[Problem],
    ) -> CandidateReview:
        """Compile versions, and look at how they fit the others."""
        by_id = _by_id(among, files, adding)
        done: list[ReviewedFile] = []
        for file, new in zip(files, adding, strict=True):
            added: list[CompiledVersion] = []

            def compile_all(
                file: ReviewedFile = file,
                new: Sequence[Version] = new,
                added: list[CompiledVersion] = added,
            ) -> Iterable[Problem]:
                compiled, wrong = compile_versions(file.policy, new, by_id, self.vocabulary)
                added.extend(compiled)
                return wrong

            problems.extend(guarded(file.name, compile_all))
            done.append(replace(file, added=tuple(added)))
        merged = joined(among, [one for file in done for one in file.added], edition=among.edition)

        def fit() -> Iterator[Problem]:
            for problem in check_policies(list(_whole(merged).values()), self.vocabulary):
                # Periods are looked at version by version, with the name of what is in the way.
                if problem.code not in {OVERLAP, ENDS_NOTHING}:
                    yield problem
            for file in done:
                yield from _endings(file, _whole(merged)[file.policy.policy_id])
            yield from check_decimals(merged.versions)

        if not problems:
            problems.extend(guarded(CANDIDATE_FILE, lambda: list(fit())))
        return CandidateReview(problems=tuple(problems), files=tuple(done))

    def _golden(self, files: Sequence[PolicyBytes]) -> dict[str, tuple[Case, ...]]:
        """Give the golden cases by policy; `_tried` says what is wrong with others."""
        found: list[CaseFile] = []
        for file in files:
            if file.cases and not unreadable(file.cases, ""):
                guarded("", partial(self._case_file, file.cases, found))
        return {one.policy_id: one.cases for one in found}

    def _case_file(self, cases: bytes, found: list[CaseFile], name: str = "") -> Iterable[Problem]:
        found.append(read_cases(cases, name, self.vocabulary))
        return ()

    def _tried(
        self, cases: bytes, name: str, file: ReviewedFile, merged: PolicyLibrary
    ) -> tuple[int, list[Problem]]:
        """Try golden cases; at least one must lie in a version that is added."""
        problems = list(unreadable(cases, name)) if cases else []
        found: list[CaseFile] = []
        if cases and not problems:
            problems.extend(guarded(name, partial(self._case_file, cases, found, name)))
        if problems:
            return 0, problems
        if not found and all(one.version.repeal for one in file.added):
            # What only repeals gives no results that a case could show.
            return 0, []
        if not found or not found[0].cases:
            return 0, [at_top(file.name, "without-cases", "send golden cases with the policy")]
        (case_file,) = found
        if case_file.policy_id != file.policy.policy_id:
            message = f"the cases are of {case_file.policy_id!r}, not of {file.policy.policy_id!r}"
            return 0, [at_top(name, "unknown-policy", message)]
        return len(case_file.cases), list(self._results(case_file, name, file, merged))

    def _results(
        self, cases: CaseFile, name: str, file: ReviewedFile, merged: PolicyLibrary
    ) -> Iterator[Problem]:
        uncovered = {one.version.version for one in file.added if not one.version.repeal}
        versions = merged.of_policy(file.policy.policy_id)
        for case in cases.cases:
            day = date.fromordinal(case.as_of + _EPOCH)
            one = next((one for one in versions if one.in_force(day)), None)
            if one is None:
                message = f"{case.name}: no version is in force on the day of the case"
                yield Problem(name, case.place[0], case.place[1], "case-failed", message)
                continue
            uncovered.discard(one.version.version)
            yield from guarded(name, partial(try_case, one.plan, case, self.vocabulary, name))
        for version in sorted(uncovered):
            message = f"no case lies in version {version!r}; write one"
            yield at_top(name, "without-cases", message)

    def _require_same(self, library: PolicyLibrary, published: Publication) -> None:
        """Refuse a folder that says something else under a published name."""
        policies, _ = completed(published.contents, library, published)
        names = {(policy_id, name) for policy_id, name, _ in published.versions}
        for policy in policies:
            # What the file only repeated was law of the folder, which may change.
            clashing = [
                name
                for name in _told_apart(policy, library)[1]
                if (policy.policy_id, name) in names
            ]
            if clashing:
                raise PolicyFolderDiffersError(
                    f"the folder's {policy.policy_id} differs from what was published as"
                    f" version {', '.join(clashing)}; give the new text a version of its own",
                    policy_id=policy.policy_id,
                    versions=",".join(clashing),
                )


# Private functions -----------------------------------------------------------

_EPOCH: Final = date(1970, 1, 1).toordinal()


def _name(one: CompiledVersion) -> tuple[str, str]:
    return one.policy.policy_id, one.version.version


def _ladders(added: Iterable[CompiledVersion], merged: PolicyLibrary) -> dict[str, tuple[str, ...]]:
    by_id = _whole(merged)
    ladders: dict[str, tuple[str, ...]] = {}
    for one in added:
        ladders |= ladders_for(one.version, by_id)
    return ladders


def _fault(found: CandidateReview) -> str:
    return "; ".join(str(problem) for problem in found.problems[:3])


def _named(one: CompiledVersion, digest: str) -> CompiledVersion:
    """Give a version the name under which it was published, see `CompiledVersion`."""
    if digest == one.version.digest:
        return one
    if digest != one.policy.file_digest:
        raise PolicyFolderDiffersError(
            f"{one.policy.policy_id} {one.version.version} was published with the digest"
            f" {digest}, and reads otherwise now; restore the store's files",
            policy_id=one.policy.policy_id,
            version=one.version.version,
            digest=digest,
        )
    return replace(one, published=digest)


def _sorted(found: CandidateReview) -> CandidateReview:
    return replace(found, problems=tuple(sorted(set(found.problems))))


def _told_apart(policy: Policy, among: PolicyLibrary) -> tuple[list[Version], list[str]]:
    """Tell versions that are new from those that exist with other content; the rest is repeated."""
    new = [one for one in policy.versions if among.find(policy.policy_id, one.version) is None]
    starts = {one.start_date for one in new}
    others = [one.version for one in among.of_policy(policy.policy_id)]
    clashing: list[str] = []
    for one in policy.versions:
        existing = among.find(policy.policy_id, one.version)
        if existing is None:
            continue
        end = existing.version.end_date
        # An open end may be closed, by hand, where a version that is added begins.
        ends_alike = (
            one.end_date == end or one.end_date is None or (end is None and one.end_date in starts)
        )
        # One that another version ends may be repeated as it was, or as it is then.
        said = {said_end(one, new), said_end(one, others)} - {None}
        ends_alike = ends_alike or bool({one.end_date, end} & said)
        if not (ends_alike and same_meaning(existing.version, one)):
            clashing.append(one.version)
    return new, clashing


def _existing(file: ReviewedFile) -> Iterator[Problem]:
    """Find versions whose names are taken."""
    for name in file.clashing:
        line, column = next(one.place for one in file.policy.versions if one.version == name)
        yield Problem(file.name, line, column, "version-exists", exists_otherwise(name))


def _endings(file: ReviewedFile, whole: Policy) -> Iterator[Problem]:
    """Find statements that end nothing: of what is added mistakes, of what is law warnings."""
    added = {one.version.version for one in file.added}
    for version in whole.versions:
        for problem in check_ending(whole, version):
            law = problem.code == ENDS_NOTHING and version.version not in added
            yield replace(problem, warning=law)


def _other_identity(file: str, policy: Policy, among: PolicyLibrary) -> Iterator[Problem]:
    """Find what a version cannot change: kind, field and place belong to the policy."""
    existing = among.of_policy(policy.policy_id)
    if not existing:
        return
    before = existing[-1].policy
    for name in ("kind", "field", "division", "favourable", "other_cover", "insurer", "bounding"):
        was, is_ = getattr(before, name, None), getattr(policy, name, None)
        if was != is_:
            message = f"the policy exists with another {name}, {was!r}; call a new one otherwise"
            yield at_top(file, "policy-identity", message)


def _whole(library: PolicyLibrary) -> dict[str, Policy]:
    """Give every policy with all its versions, whatever files they come from."""
    versions: dict[str, list[CompiledVersion]] = {}
    for one in library.versions:
        versions.setdefault(one.policy.policy_id, []).append(one)
    return {
        policy_id: replace(ones[-1].policy, versions=tuple(one.version for one in ones))
        for policy_id, ones in versions.items()
    }


def _by_id(
    among: PolicyLibrary, files: Sequence[ReviewedFile], adding: Sequence[Sequence[Version]]
) -> dict[str, Policy]:
    """Give every policy with all its versions, those that files add included."""
    whole = _whole(among)
    for file, new in zip(files, adding, strict=True):
        policy = file.policy
        existing = whole.get(policy.policy_id)
        names = {one.version for one in new}
        kept = [one for one in (existing.versions if existing else ()) if one.version not in names]
        together = sorted((*kept, *new), key=lambda one: one.start_date)
        whole[policy.policy_id] = replace(policy, versions=tuple(together))
    return whole


def _conflicts(among: PolicyLibrary, file: ReviewedFile) -> Iterator[Problem]:
    names = {one.version.version for one in file.added}
    for conflict in time_conflicts(among, file.added):
        own = conflict.later if conflict.later.version.version in names else conflict.earlier
        line, column = own.version.place
        yield Problem(file.name, line, column, conflict.code, conflict.message)
