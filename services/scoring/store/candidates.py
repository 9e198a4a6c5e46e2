"""Looking at policy files that are not in force, among those that are.

A candidate's bytes come from anybody, so whatever is wrong with them ends in a problem with its
place. Each check runs on the versions that the file adds; those that it repeats must say the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from services.common.errors import Category, SafetyCreditError
from services.engine.cases import CaseFile, read_cases, try_case
from services.engine.checking import CheckContext, check_policy
from services.engine.differing import same_meaning
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.extending import extend_policies
from services.engine.following import said_end
from services.engine.guarding import unreadable
from services.engine.instruments import EndedInstrument, read_instruments
from services.engine.language import Policy, Version
from services.engine.policy_file import read_policy
from services.engine.together import check_circles
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
    standing_in,
    time_conflicts,
)
from services.scoring.commands.policies.live_library import Publication
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.store.policies import compile_versions, ladders_for
from services.scoring.store.policy_checks import check_decimals, check_policies

INSTRUMENTS_FILE: Final = "instruments.yaml"
"""Name of the file with the instruments that ended."""


class PolicyFolderDiffersError(SafetyCreditError):
    """The folder says something else under the name of a version that was published."""

    reason = "POLICY_FOLDER_DIFFERS"
    category = Category.PRECONDITION


def load_instruments(folder: Path) -> Mapping[str, EndedInstrument]:
    """Read the instruments that ended; none where the folder names none."""
    path = folder / INSTRUMENTS_FILE
    return read_instruments(path.read_bytes(), INSTRUMENTS_FILE) if path.is_file() else {}


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
        )
        problems = list(found.problems)
        for file in found.files:
            new = replace(file.policy, versions=tuple(one.version for one in file.added))
            problems.extend(_guarded(file.name, partial(check_policy, new, context)))
            problems.extend(_existing(file))
            problems.extend(_conflicts(among, file))
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
        if latest and not found.problems:
            # Tried on any day, they stand beside versions that they never meet in force.
            stood_in = _whole(standing_in(among, latest))
            found = replace(found, problems=tuple(check_circles(stood_in)))
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
        return PolicyLibrary(kept, digest=library.words_digest)

    def with_publication(self, library: PolicyLibrary, published: Publication) -> PolicyLibrary:
        """Give the library that a publication made of another."""
        found = self._compiled(
            published.contents, library, replacing=True, parents=published.parents
        )
        digests = {(policy_id, name): digest for policy_id, name, digest in published.versions}
        added = [one for one in found.added if _name(one) in digests]
        if len(added) != len(digests):
            policy_id = published.versions[0][0]
            raise PolicyFolderDiffersError(
                f"{policy_id}, published as proposal pp-{published.proposal_id}, does not"
                " fit the policies of the folder: "
                + "; ".join(str(problem) for problem in found.problems[:3]),
                policy_id=policy_id,
            )
        for one in added:
            _require_digest(one, digests[_name(one)])
        return joined(library, added, edition=published.revision)

    # Private methods -------------------------------------------------------------

    def _compiled(
        self,
        contents: Sequence[bytes],
        among: PolicyLibrary,
        *,
        replacing: bool,
        parents: Sequence[bytes] = (),
    ) -> CandidateReview:
        """Read files, complete them, and compile the versions that they add."""
        raws, problems = _read(contents)
        policies: list[Policy] = []
        known = _Known(among, parents)
        if not problems:
            problems = _guarded(CANDIDATE_FILE, lambda: _completed(raws, known, policies))
        if problems or len(policies) < len(contents):
            return CandidateReview(problems=tuple(problems))
        files: list[ReviewedFile] = []
        adding: list[list[Version]] = []
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
        return self._fitted(files, adding, among, problems)

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

            problems.extend(_guarded(file.name, compile_all))
            done.append(replace(file, added=tuple(added)))
        merged = joined(among, [one for file in done for one in file.added], edition=among.edition)

        def fit() -> Iterator[Problem]:
            for problem in check_policies(list(_whole(merged).values()), self.vocabulary):
                # Periods are looked at version by version, with the name of what is in the way.
                if problem.code != OVERLAP:
                    yield problem
            yield from check_decimals(merged.versions)

        if not problems:
            problems.extend(_guarded(CANDIDATE_FILE, lambda: list(fit())))
        return CandidateReview(problems=tuple(problems), files=tuple(done))

    def _tried(
        self, cases: bytes, name: str, file: ReviewedFile, merged: PolicyLibrary
    ) -> tuple[int, list[Problem]]:
        """Try golden cases; at least one must lie in a version that is added."""
        problems = list(unreadable(cases, name)) if cases else []
        found: list[CaseFile] = []

        def read() -> Iterable[Problem]:
            found.append(read_cases(cases, name, self.vocabulary))
            return ()

        if cases and not problems:
            problems.extend(_guarded(name, read))
        if problems:
            return 0, problems
        if not found and all(one.version.repeal for one in file.added):
            # What only repeals gives no results that a case could show.
            return 0, []
        if not found or not found[0].cases:
            return 0, [_at_top(file.name, "without-cases", "send golden cases with the policy")]
        (case_file,) = found
        if case_file.policy_id != file.policy.policy_id:
            message = f"the cases are of {case_file.policy_id!r}, not of {file.policy.policy_id!r}"
            return 0, [_at_top(name, "unknown-policy", message)]
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
            yield from _guarded(name, partial(try_case, one.plan, case, self.vocabulary, name))
        for version in sorted(uncovered):
            message = f"no case lies in version {version!r}; write one"
            yield _at_top(name, "without-cases", message)

    def _require_same(self, library: PolicyLibrary, published: Publication) -> None:
        """Refuse a folder that says something else under a published name."""
        found = self._compiled(
            published.contents, library, replacing=False, parents=published.parents
        )
        for file in found.files:
            if file.clashing:
                raise PolicyFolderDiffersError(
                    f"the folder's {file.policy.policy_id} differs from what was published as"
                    f" version {', '.join(file.clashing)}; give the new text a version of its own",
                    policy_id=file.policy.policy_id,
                    versions=",".join(file.clashing),
                )


# Private functions -----------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_EPOCH: Final = date(1970, 1, 1).toordinal()


def _read(contents: Sequence[bytes]) -> tuple[list[Policy], list[Problem]]:
    """Read files as they are, or find what keeps any of them from being read."""
    names = [candidate_name(position) for position in range(len(contents))]
    problems = [
        problem
        for content, name in zip(contents, names, strict=True)
        for problem in unreadable(content, name)
    ]
    raws: list[Policy] = []
    if not problems:
        for content, name in zip(contents, names, strict=True):
            problems.extend(_guarded(name, partial(_append, raws, content, name)))
    return raws, problems


def _append(raws: list[Policy], content: bytes, name: str) -> Iterable[Problem]:
    raws.append(read_policy(content, name))
    return ()


def _completed(
    raws: Sequence[Policy], known: "_Known", policies: list[Policy]
) -> Iterable[Problem]:
    """Complete policies with what they extend; they may extend each other."""
    policies.extend(extend_policies(raws, known.find).values())
    return ()


def _name(one: CompiledVersion) -> tuple[str, str]:
    return one.policy.policy_id, one.version.version


def _ladders(added: Iterable[CompiledVersion], merged: PolicyLibrary) -> dict[str, tuple[str, ...]]:
    by_id = _whole(merged)
    ladders: dict[str, tuple[str, ...]] = {}
    for one in added:
        ladders |= ladders_for(one.version, by_id)
    return ladders


def _require_digest(one: CompiledVersion, digest: str) -> None:
    if one.policy.digest != digest:
        raise PolicyFolderDiffersError(
            f"{one.policy.policy_id} {one.version.version} was published with the digest"
            f" {digest}, and reads otherwise now; restore the store's files",
            policy_id=one.policy.policy_id,
            version=one.version.version,
            digest=digest,
        )


class _Known:
    """Finds versions that a candidate may extend: in files kept for it, else in a library."""

    def __init__(self, among: PolicyLibrary, parents: Sequence[bytes]) -> None:
        self._among = among
        self._parents = [read_policy(content, CANDIDATE_FILE) for content in parents]

    def find(self, policy_id: str, version: str) -> tuple[Policy, Version] | None:
        for raw in self._parents:
            if raw.policy_id != policy_id:
                continue
            if all(one.version != version for one in raw.versions):
                continue
            whole = extend_policies([raw], self.find)[policy_id]
            return whole, next(one for one in whole.versions if one.version == version)
        one = self._among.find(policy_id, version)
        return None if one is None else (one.policy, one.version)


# What code that was written for well-meant files may raise on others.
_UNEXPECTED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


def _guarded(file: str, check: Callable[[], Iterable[Problem]]) -> list[Problem]:
    """Run a check over bytes that anybody may have sent; what stops it is a problem of the file."""
    try:
        return list(check())
    except PolicyRefusedError as error:
        return list(error.problems)
    except SafetyCreditError as error:
        return [_at_top(file, "not-checkable", error.message)]
    except _UNEXPECTED as error:
        _log.warning("candidate_not_checkable", error=type(error).__name__)
        message = "something in the file stops the checks; simplify what was written last"
        return [_at_top(file, "not-checkable", message)]


def _at_top(file: str, code: str, message: str) -> Problem:
    return Problem(file, 1, 1, code, message)


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
            yield _at_top(file, "policy-identity", message)


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
