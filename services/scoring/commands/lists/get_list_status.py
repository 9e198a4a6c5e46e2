"""Get where a subject stands with the lists."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.engine.evaluation import NO_DATA, NOT_APPLICABLE
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.scoring.commands.answers import Basis
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.evaluating import CANDIDATE, Outcome, evaluate
from services.scoring.commands.peers.peer_lines import peer_lines
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.taken_results import taken_results, with_results
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.errors import PolicyNotInForceError
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.listing import Standing
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

LIST = "list"
"""Kind of the policies that say who is to be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStatus:
    """Where a subject stands with one list.

    Attributes:
        subject: The subject.
        standing: Where it stands.
        reasons: Circumstances met, with the records and places among peers behind them.
        valid_until_date: First day on which the standing would change; none when never.
        basis: What the answer stands on.
        entry: Entry in force by which it is listed; none unless it is.
    """

    subject: Subject
    standing: Standing
    reasons: tuple[ExplainedLine, ...]
    valid_until_date: date | None
    basis: Basis
    entry: HeldEntry | None = None


@dataclass(frozen=True, slots=True)
class GetListStatus:
    """Finds by rule where one subject stands.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, field: int, policy_id: str = ""
    ) -> tuple[ListStatus, ...]:
        """Give one standing for each list, by identifier of its policy.

        Args:
            ref: The subject.
            standpoint: Where to read.
            field: Number of the field; 0 for every one.
            policy_id: One list policy; empty for all that apply.

        Raises:
            SubjectUnknownError: The subject was not known.
            PolicyUnknownError: There is no such list policy.
            PolicyNotInForceError: No list policy applies on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            answering = self._answering(policy_id, field, division=subject.division, at=at)
            populations = [
                reading.facts.population([subject], pinned.needs, at) for pinned in answering
            ]
            listed = reading.listed.in_force([subject.subject_id], at)
        statuses: list[ListStatus] = []
        for pinned, population in zip(answering, populations, strict=True):
            outcome = evaluate(pinned, population, as_of)
            basis = Basis.of(pinned, as_of, point)
            status = list_status(outcome, 0, subject=subject, basis=basis, dated=True)
            statuses.append(with_entry(status, listed))
        return tuple(statuses)

    def _answering(
        self, policy_id: str, field: int, *, division: int | None, at: Viewpoint
    ) -> tuple[PinnedVersion, ...]:
        as_of, library = at.as_of, self.library.at(at.revision)
        if policy_id:
            return (library.named(LIST, policy_id, version="", as_of=as_of),)
        found = library.applying(LIST, field=field, division=division, as_of=as_of)
        if not found:
            # No standing at all must not be taken for a good one.
            raise PolicyNotInForceError(
                f"no list policy is in force for the subject on {as_of}; name one",
                kind=LIST,
                field=field,
                as_of=as_of,
            )
        return found


def list_status(
    outcome: Outcome, position: int, *, subject: Subject, basis: Basis, dated: bool = False
) -> ListStatus:
    """Read one subject's standing out of an outcome.

    Args:
        outcome: What the list policy gave.
        position: Position of the subject in the population.
        subject: The subject.
        basis: What the answer stands on.
        dated: Whether to find since when results of other policies are so, see `taken_results`.
    """
    standing = standing_of(outcome, position)
    candidate = standing is Standing.CANDIDATE
    results = taken_results(outcome, position, subject, dated=dated and candidate)
    reasons: tuple[ExplainedLine, ...] = ()
    if candidate:
        lines = with_results(explain(outcome.evaluation, position), outcome, results)
        met = tuple(line for line in lines if line.effect == CANDIDATE)
        reasons = (*met, *peer_lines(outcome, position))
    profile_until = subject.changes_on(outcome.pinned.deciding)
    return ListStatus(
        subject=subject,
        standing=standing,
        reasons=reasons,
        valid_until_date=outcome.valid_until_date(position, profile_until),
        basis=replace(basis, results=results),
    )


def with_entry(status: ListStatus, listed: Mapping[int, tuple[HeldEntry, ...]]) -> ListStatus:
    """Let an entry in force decide where a subject stands with a list.

    A list is one kind in one field, whoever's policy led to an entry; a policy of every field
    stands for the lists of all of them.

    Args:
        status: Where the subject stands by rule.
        listed: Entries that count on the day, by subject.
    """
    compiled = status.basis.policy
    kind = ListKind.REDLIST if compiled.policy.favourable else ListKind.BLACKLIST
    entries = [
        held
        for held in listed.get(status.subject.subject_id, ())
        if held.entry.list_key.kind is kind
        and compiled.field in {EVERY_FIELD, held.entry.list_key.field}
    ]
    if not entries:
        return status
    entry = max(entries, key=lambda held: (held.entry.end_date or date.max, held.entry.entry_id))
    return replace(
        status,
        standing=Standing.LISTED,
        valid_until_date=entry.entry.end_date,
        entry=entry,
    )


def standing_of(outcome: Outcome, position: int) -> Standing:
    """Say where one subject stands by the rules."""
    run = outcome.evaluation
    state = int(run.states()[position])
    if state == NO_DATA:
        return Standing.NO_DATA
    if state == NOT_APPLICABLE:
        return Standing.NOT_APPLICABLE
    number = int(run.status_numbers()[position])
    met = number and run.plan.statuses[number - 1] == CANDIDATE
    return Standing.CANDIDATE if met else Standing.NOT_LISTED
