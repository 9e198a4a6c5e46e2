"""Reviewing a whole folder of policies: read, completed, compiled, checked and tried.

The one way in which policies are looked at before use, whether by the command line, by the tests or
by a service: files in, problems out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from services.engine.building import compile_policy
from services.engine.cases import Case, CaseFile, read_cases, rules_held, try_case
from services.engine.checking import CheckContext, check_policy
from services.engine.days import NEVER, day_number
from services.engine.errors import FilePlace, PolicyRefusedError, Problem, problem_at
from services.engine.extending import extend_policies
from services.engine.guarding import unreadable
from services.engine.instruments import EndedInstrument, read_instruments
from services.engine.language import Place, Policy, Rule
from services.engine.measure_file import MEASURES_FILE, read_measures
from services.engine.overriding import told_where_made
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.scales import scales_of
from services.engine.together import check_together
from services.engine.usage import read_below
from services.engine.vocabulary import Vocabulary, parse_vocabulary

VOCABULARY_FILE: Final = "vocabulary.yaml"
"""The words that policies may use, at the top of the folder."""

INSTRUMENTS_FILE: Final = "instruments.yaml"
"""Instruments that ended, at the top of the folder."""

READ_ELSEWHERE: Final = ("calendar.yaml", "list-sync.yaml")
"""Files at the top of the folder that are no matter of the engine."""

POLICY_SUFFIX: Final = ".yaml"
"""Ending of a policy file, and of every other file that is read."""

CASES_SUFFIX: Final = ".cases.yaml"
"""Ending of a file with golden cases."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a review found.

    Attributes:
        problems: Problems and warnings in order of file and place.
        policies: Number of policies read.
        versions: Number of versions checked.
        cases: Number of golden cases tried.
    """

    problems: tuple[Problem, ...]
    policies: int
    versions: int
    cases: int

    @property
    def passed(self) -> bool:
        """Say whether the policies may be used; warnings do not matter."""
        return all(problem.warning for problem in self.problems)


def review_policies(files: Mapping[str, bytes], today: date) -> Review:
    """Review a folder of policies.

    Args:
        files: Every file by its path in the folder, with forward slashes; the vocabulary and the
            ended instruments among them, at the top. Of a file that does not end in
            `POLICY_SUFFIX` the name alone is looked at.
        today: Civil day of the review: values unchecked for long are warned of.

    Returns:
        What was found; of a vocabulary with mistakes these alone, for nothing can be read by it.
    """
    try:
        reviewer = _Reviewer(files, today)
    except PolicyRefusedError as error:
        return Review(tuple(sorted(set(error.problems))), 0, 0, 0)
    return reviewer.review()


# Private functions -----------------------------------------------------------


class _Reviewer:
    def __init__(self, files: Mapping[str, bytes], today: date) -> None:
        self._files = files
        self._today = today
        self._vocabulary: Vocabulary = parse_vocabulary(files[VOCABULARY_FILE], VOCABULARY_FILE)
        self._problems: list[Problem] = []
        self._cases = 0
        self._held: set[_Written] = set()
        self._case_names: dict[str, set[str]] = {}
        self._case_files: dict[str, tuple[CaseFile | None, tuple[Problem, ...]]] = {}

    def review(self) -> Review:
        self._problems.extend(_not_read(self._files))
        policies = self._read()
        context = self._context(policies)
        self._problems.extend(check_together(policies))
        found = {name: check_policy(policy, context) for name, policy in policies.items()}
        self._problems.extend(told_where_made(policies, found, self._files))
        self._check_measures(context)
        if all(problem.warning for problem in self._problems):
            self._try(policies, context)
        return Review(
            problems=tuple(sorted(set(self._problems))),
            policies=len(policies),
            versions=sum(len(policy.versions) for policy in policies.values()),
            cases=self._cases,
        )

    def _check_measures(self, context: CheckContext) -> None:
        """Check the catalogue of measures, where the folder has one."""
        if MEASURES_FILE not in self._files:
            return
        fields = self._vocabulary.code_numbers["field"]
        try:
            read_measures(
                self._files[MEASURES_FILE], MEASURES_FILE, fields=fields, ended=context.ended
            )
        except PolicyRefusedError as error:
            self._problems.extend(error.problems)

    def _context(self, policies: Mapping[str, Policy]) -> CheckContext:
        return CheckContext(
            vocabulary=self._vocabulary,
            ladders={
                name: scale
                for policy_id, policy in policies.items()
                for version in policy.versions
                if not version.repeal
                for name, scale in scales_of(policy_id, version).items()
            },
            ended=self._ended(),
            today=self._today,
            cases=self._golden(),
            read_below=read_below(policies),
        )

    def _golden(self) -> dict[str, tuple[Case, ...]]:
        """Give the cases that can be read by their policies, whatever is wrong with others."""
        found: dict[str, tuple[Case, ...]] = {}
        for name in sorted(one for one in self._files if one.endswith(CASES_SUFFIX)):
            file, _ = self._read_cases(name)
            if file is not None:
                found[file.policy_id] = (*found.get(file.policy_id, ()), *file.cases)
        return found

    def _ended(self) -> dict[str, EndedInstrument]:
        try:
            return read_instruments(self._files[INSTRUMENTS_FILE], INSTRUMENTS_FILE, self._problems)
        except PolicyRefusedError as error:
            self._problems.extend(error.problems)
            return {}

    def _unreadable(self, name: str) -> bool:
        found = unreadable(self._files[name], name)
        self._problems.extend(found)
        return bool(found)

    def _read(self) -> dict[str, Policy]:
        policies: list[Policy] = []
        for name in sorted(self._files):
            if not _is_policy(name) or self._unreadable(name):
                continue
            try:
                policies.append(read_policy(self._files[name], name))
            except PolicyRefusedError as error:
                self._problems.extend(error.problems)
        try:
            return extend_policies(policies)
        except PolicyRefusedError as error:
            self._problems.extend(error.problems)
            return {}

    def _try(self, policies: Mapping[str, Policy], context: CheckContext) -> None:
        tried: set[str] = set()
        # Whose cases cannot be read has cases all the same.
        broken: set[str] = set()
        for name in sorted(self._files):
            if not name.endswith(CASES_SUFFIX):
                continue
            cases = self._cases_in(name)
            if cases is None:
                broken.add(name.removesuffix(CASES_SUFFIX) + POLICY_SUFFIX)
                continue
            policy = policies.get(cases.policy_id)
            if policy is None:
                message = f"there is no policy {cases.policy_id!r}"
                self._problems.append(Problem(name, 1, 1, "unknown-policy", message))
                broken.add(name.removesuffix(CASES_SUFFIX) + POLICY_SUFFIX)
            else:
                tried.add(cases.policy_id)
                self._try_cases(policy, cases, context)
        for policy_id in sorted(set(policies) - tried):
            if (file := policies[policy_id].file) not in broken:
                message = "write golden cases beside the policy"
                self._problems.append(Problem(file, 1, 1, "without-cases", message))
        for policy_id in sorted(tried):
            self._require_tried(policies[policy_id])

    def _cases_in(self, name: str) -> CaseFile | None:
        """Read a file of cases; nothing where it has mistakes."""
        file, problems = self._read_cases(name)
        self._problems.extend(problems)
        return file

    def _read_cases(self, name: str) -> tuple[CaseFile | None, tuple[Problem, ...]]:
        if name not in self._case_files:
            self._case_files[name] = self._fresh_cases(name)
        return self._case_files[name]

    def _fresh_cases(self, name: str) -> tuple[CaseFile | None, tuple[Problem, ...]]:
        problems = unreadable(self._files[name], name)
        if problems:
            return None, tuple(problems)
        try:
            return read_cases(self._files[name], name, self._vocabulary), ()
        except PolicyRefusedError as error:
            return None, tuple(error.problems)

    def _require_tried(self, policy: Policy) -> None:
        """Ask for a case in which each rule of a file holds, its own or of who extends it."""
        for rule in (rule for version in policy.versions for rule in version.rules):
            written = _written(policy, rule)
            if written[0] == policy.file and written not in self._held:
                message = f"no case tries {rule.id!r}; write one in which it holds"
                self._problems.append(problem_at(policy.file, rule.place, "rule-untried", message))

    def _try_cases(self, policy: Policy, cases: CaseFile, context: CheckContext) -> None:
        plans: list[Plan] = [
            compile_policy(policy, version, context.vocabulary, context.ladders)
            for version in policy.versions
            if not version.repeal
        ]
        names = self._case_names.setdefault(policy.policy_id, set())
        for case in cases.cases:
            self._cases += 1
            if case.name in names:
                message = f"two cases are called {case.name!r}"
                self._problems.append(problem_at(cases.file, case.place, "duplicate-case", message))
            names.add(case.name)
            plan = next((plan for plan in plans if _in_force(plan, case.as_of)), None)
            if plan is None:
                message = f"{case.name}: no version is in force on the day of the case"
                self._problems.append(problem_at(cases.file, case.place, "case-failed", message))
            else:
                self._problems.extend(try_case(plan, case, context.vocabulary, cases.file))
                held = rules_held(plan, case, context.vocabulary)
                rules = [rule for rule in plan.version.rules if rule.id in held]
                self._held.update(_written(policy, rule) for rule in rules)


def _is_policy(name: str) -> bool:
    return "/" in name and name.endswith(POLICY_SUFFIX) and not name.endswith(CASES_SUFFIX)


def _not_read(files: Iterable[str]) -> Iterator[Problem]:
    """Find files that somebody may take for policies, and that nobody reads."""
    known = {VOCABULARY_FILE, INSTRUMENTS_FILE, MEASURES_FILE, *READ_ELSEWHERE}
    for name in files:
        if name in known or _is_policy(name) or ("/" in name and name.endswith(CASES_SUFFIX)):
            continue
        if name.lower().endswith(_LIKE_A_POLICY):
            stem = PurePosixPath(name).stem
            message = f"nobody reads this file; name it <jurisdiction>/{stem}{POLICY_SUFFIX}"
            yield Problem(name, 1, 1, "file-not-read", message)


_LIKE_A_POLICY: Final = (".yaml", ".yml")

_Written = tuple[str, Place]
"""Where a rule is written: several versions may have one rule, each in force for itself."""


def _written(policy: Policy, rule: Rule) -> _Written:
    file = rule.place.file if isinstance(rule.place, FilePlace) else policy.file
    return file, (rule.place[0], rule.place[1])


def _in_force(plan: Plan, as_of: int) -> bool:
    version = plan.version
    end = day_number(version.end_date) if version.end_date else NEVER
    return day_number(version.start_date) <= as_of < end
