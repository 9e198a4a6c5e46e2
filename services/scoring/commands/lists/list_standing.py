"""What still stands behind a case by what is known, and whose listing it carries.

A party is carried by a circumstance that reaches it: where a rule found it, it holds still on the
day for which it was found; among the records behind it that concern the party is a final penalty or
a finding; and a person who is listed with a unit had a role that it names on the day of one of
them. Who decides on a party made one of the penalties that concern it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NoReturn, Self

from services.scoring.commands.lists.list_case_ports import (
    CaseFile,
    GroundRecord,
    HeldRole,
    ListReading,
    ListWriting,
)
from services.scoring.commands.lists.list_desk import CaseView, ListDesk
from services.scoring.commands.lists.list_grounds import (
    conditions_hold,
    find_by_rule,
    has_basis,
    penalising,
    pinned_of,
)
from services.scoring.commands.lists.repaired_bases import refuse_repaired, unrepaired
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.domain.fields import FIELD_LABELS
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.scoring.domain.list_case import ListCase, Origin, Party, Step, StepKind
from services.scoring.domain.list_due import steps_ahead
from services.scoring.domain.list_errors import (
    BasisOfOtherFieldError,
    FinalPenaltyMissingError,
    WrongAuthorityError,
)
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_next_step import step_name
from services.scoring.domain.listing import Standing
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class StandingBasis:
    """What still stands behind a case.

    Attributes:
        rules: Circumstances that hold, by the parties whose listing something carries.
        authorities: Who may decide by the penalties that stand, by party; none where they do not
            say.
        of_other_field: Parties that only what is of another field would carry; a nomination must
            rest on the field of its list.
    """

    rules: Mapping[int, tuple[str, ...]]
    authorities: Mapping[int, frozenset[str]]
    of_other_field: frozenset[int]

    def decided_by(self, authority: str, subject_id: int) -> bool:
        """Say whether an authority may decide on a party."""
        wanted = self.authorities.get(subject_id)
        return not wanted or authority in wanted


def standing_basis(
    reading: ListReading,
    library: PolicyLibrary,
    case: ListCase,
    *,
    at: Viewpoint,
    deciding: date | None = None,
) -> StandingBasis:
    """Say what stands behind a case.

    Args:
        reading: Where facts are read.
        library: The policies.
        case: The case, of a blacklist.
        at: Revision by which facts are known, and the day on which a penalty must be final.
        deciding: Day of a decision that is not published yet: what was repaired by then carries
            nothing. None for what was published, which a repair does not touch, whatever day the
            repair bears.
    """
    behind = list(_circumstances(reading, library, case, at, repairs=deciding is not None))
    with_unit = any(party.role for party in case.parties)
    roles = reading.grounds.roles(case.subject_id, at.revision) if with_unit else ()
    rules: dict[int, tuple[str, ...]] = {}
    authorities: dict[int, frozenset[str]] = {}
    of_other_field: set[int] = set()
    penal = case.procedure.word("decided_by") == "penalising_authority"
    field = case.list_key.field
    for party in case.parties:
        number = party.subject_id
        own: Iterable[_Circumstance] = (one.of(number) for one in behind)
        if deciding is not None:
            own = _unrepaired(case, own, day=deciding)
        reaching = [one for one in own if one.reaches(party, roles)]
        if not any(has_basis(case.procedure, one.records) for one in reaching):
            continue
        standing = [record for one in reaching for record in one.records]
        of_field = [record for record in standing if record.field == field]
        # The rules of a list say themselves which facts count for it.
        if case.origin is Origin.NOMINATION and not has_basis(case.procedure, of_field):
            of_other_field.add(number)
            continue
        holding = {one.rule_id for one in reaching}
        rules[number] = tuple(one for one in party.rule_ids if one in holding)
        if penal:
            authorities[number] = penalising(standing, field)
    return StandingBasis(
        rules=rules, authorities=authorities, of_other_field=frozenset(of_other_field)
    )


def require_standing(
    desk: ListDesk, write: ListWriting, *, file: CaseFile, step: Step
) -> Mapping[int, tuple[str, ...]]:
    """Refuse to decide or publish a blacklist case whose basis fell meanwhile.

    What fell is known now, whatever day the step bears; a penalty must be final on that day.

    Args:
        desk: Where cases are worked on.
        write: The transaction.
        file: The case.
        step: The decision or the publication.

    Returns:
        The parties that are to be listed and whose listing something carries, never none, with the
        circumstances that hold for them.

    Raises:
        FinalPenaltyMissingError: Nothing carries the listing of any of them; names the clause.
        BasisRepairedError: Only what was repaired by the day of the decision carries it.
        BasisOfOtherFieldError: What a nomination rests on was corrected to another field.
        WrongAuthorityError: No penalty of the authority stands behind a listing that it decides, or
            behind any that it publishes.
    """
    case = file.case
    ledger = Ledger(case, [*file.steps, step])
    listed = ledger.listed_parties
    if case.redlist:
        return {one.subject_id: one.rule_ids for one in case.parties if one.subject_id in listed}
    revision = write.point.revision
    library = desk.library.at(revision - 1)
    at, decision = Viewpoint(revision, step.day), ledger.decision
    deciding = step.day if decision is None else decision.day
    basis = standing_basis(write, library, case, at=at, deciding=deciding)
    carried = {number: basis.rules[number] for number in listed if number in basis.rules}
    if not carried or (step.kind is StepKind.DECIDE and len(carried) < len(listed)):
        whole = standing_basis(write, library, case, at=at)
        lost = whole.rules.keys() & set(listed) - carried.keys()
        _refuse_repaired(write, case, lost, at=at, day=deciding)
    if not carried:
        _refuse_fallen(case, of_other_field=bool(basis.of_other_field.intersection(listed)))
    decided = {
        number: rule_ids
        for number, rule_ids in carried.items()
        if basis.decided_by(step.authority, number)
    }
    if not decided or (step.kind is StepKind.DECIDE and len(decided) < len(carried)):
        _refuse_authority(case, step, basis, carried.keys() - decided.keys())
    return decided


def unserved_fallen(
    desk: ListDesk, write: ListWriting, *, file: CaseFile, step: Step
) -> frozenset[int]:
    """Give the parties for whose service a publication need not wait: nothing carries them now.

    Args:
        desk: Where cases are worked on.
        write: The transaction.
        file: The case.
        step: The step that is taken; of none but the publication of a blacklist is anything asked.
    """
    case, revision = file.case, write.point.revision
    left_to_serve = Ledger(case, file.steps).left_to_serve()
    if step.kind is not StepKind.PUBLISH or case.redlist or not left_to_serve:
        return frozenset()
    library, at = desk.library.at(revision - 1), Viewpoint(revision, step.day)
    return _fallen(write, library, case, file.steps, at=at).intersection(left_to_serve)


def without_fallen(
    desk: ListDesk, reading: ListReading, views: Iterable[CaseView], *, revision: int
) -> tuple[CaseView, ...]:
    """Leave out of cases the steps that would be refused because of what they rest on.

    A party that a publication leaves out because nothing carries it any more is served no decision.

    Args:
        desk: Where cases are worked on.
        reading: Where facts are read.
        views: The cases.
        revision: Revision by which they are known.
    """
    views = tuple(views)
    awaiting = [view.case.case_id for view in views if _awaits(view)]
    if not awaiting:
        return views
    changed = reading.grounds.changed_cases(awaiting, revision)
    library = desk.library.at(revision)
    return tuple(
        _standing_part(desk, reading, library, view, at=Viewpoint(revision, view.as_of))
        if _awaits(view) and (view.case.redlist or view.case.case_id in changed)
        else view
        for view in views
    )


# Private functions and values --------------------------------------------------


def _refuse_fallen(case: ListCase, *, of_other_field: bool) -> NoReturn:
    clause = case.procedure.required("basis").citation
    if of_other_field:
        field = FIELD_LABELS[case.list_key.field]
        raise BasisOfOtherFieldError(
            f"the case is of {field}, and nothing that still stands behind it is ({clause}); close"
            " it",
            field=field,
            clause=clause,
        )
    raise FinalPenaltyMissingError(
        "no final penalty or finding carries the listing any more: it fell, or the"
        f" circumstances for which the case was opened hold no more ({clause}); close the case",
        clause=clause,
    )


def _refuse_repaired(
    reading: ListReading, case: ListCase, parties: Collection[int], *, at: Viewpoint, day: date
) -> None:
    """Refuse parties whom nothing but what was repaired would carry."""
    if parties and case.procedure.words("basis_excluded_by"):
        records = reading.grounds.records(case.record_ids, at.revision, day=at.as_of).values()
        reaching = [one for one in records if any(map(one.concerns, parties))]
        names = _names(case, parties)
        refuse_repaired(case.procedure, reaching, day=day, parties=names)


def _names(case: ListCase, parties: Iterable[int]) -> list[str]:
    persons = {party.subject_id: party.person for party in case.parties}
    return [name_of(PERSON if persons[one] else ENTERPRISE, one) for one in sorted(parties)]


def _refuse_authority(
    case: ListCase, step: Step, basis: StandingBasis, refused: Collection[int]
) -> NoReturn:
    clause = case.procedure.citation("decided_by")
    names = _names(case, refused)
    wanted = "、".join(sorted(frozenset().union(*(basis.authorities[one] for one in refused))))
    raise WrongAuthorityError(
        f"no penalty of {step.authority} stands behind the listing of {', '.join(names)}"
        f" ({clause}); leave them out, or close it and report a new one to {wanted}",
        step=step_name(step.kind),
        wanted=wanted,
        party_subject_ids=",".join(names),
        clause=clause,
    )


_RESTING: Final = frozenset({StepKind.DECIDE, StepKind.SERVE, StepKind.PUBLISH})
"""Steps that are refused, or lead nowhere, once nothing carries the case of a blacklist."""


@dataclass(frozen=True, slots=True)
class _Circumstance:
    """A circumstance that holds.

    Attributes:
        rule_id: Which; empty for a nomination.
        records: Records behind it that stand.
        roles: Roles of the persons whom it reaches; empty for any role.
    """

    rule_id: str
    records: tuple[GroundRecord, ...]
    roles: tuple[str, ...]

    def of(self, subject_id: int) -> Self:
        """Leave the records that concern a party."""
        return replace(self, records=tuple(one for one in self.records if one.concerns(subject_id)))

    def reaches(self, party: Party, roles: Iterable[HeldRole]) -> bool:
        if party.rule_ids and self.rule_id not in party.rule_ids:
            return False
        return not party.role or any(
            one.person_id == party.subject_id
            and (not self.roles or one.role in self.roles)
            and any(one.held_on(record.event_date) for record in self.records)
            for one in roles
        )


def _circumstances(
    reading: ListReading, library: PolicyLibrary, case: ListCase, at: Viewpoint, *, repairs: bool
) -> Iterator[_Circumstance]:
    """Give what holds; a rule on the day of the case, with the repairs of its records or without.

    What was repaired when the case was opened is behind none of its circumstances.
    """
    records = reading.grounds.records(case.record_ids, at.revision, day=at.as_of)
    pinned = None
    if case.origin is Origin.RULE:
        pinned = pinned_of(library, case, case.evaluation_date)
    holding = None
    if pinned is not None:
        repaired = frozenset[int]() if repairs else case.record_ids
        holding = _holding(reading, pinned, case, at.revision, as_unrepaired=repaired)
    named = {} if pinned is None else {one.id: one.persons for one in pinned.compiled.version.rules}
    for reason in case.reasons:
        if holding is not None and reason.rule_id not in holding:
            continue
        # What took the place of a record since is a ground for another case.
        still = reason.record_ids if holding is None else holding[reason.rule_id]
        standing = [one for one in reason.record_ids if one in still and one in records]
        if standing or not reason.record_ids:
            behind = tuple(records[one] for one in standing)
            yield _Circumstance(reason.rule_id, behind, named.get(reason.rule_id, ()))


def _unrepaired(
    case: ListCase, behind: Iterable[_Circumstance], *, day: date
) -> Iterator[_Circumstance]:
    """Leave out what was repaired, with the circumstances that had no other basis."""
    for one in behind:
        left = unrepaired(case.procedure, one.records, day=day)
        if has_basis(case.procedure, left) or not has_basis(case.procedure, one.records):
            yield replace(one, records=left)


def _holding(
    reading: ListReading,
    pinned: PinnedVersion,
    case: ListCase,
    revision: int,
    *,
    as_unrepaired: Collection[int],
) -> Mapping[str, Collection[int]]:
    """Give the records behind each circumstance that holds on the day of the case."""
    at = Viewpoint(revision, case.evaluation_date)
    subject = reading.subjects.by_number([case.subject_id], at).get(case.subject_id)
    if subject is None:
        return {}
    finding = find_by_rule(
        reading, pinned, subject, at=at, inputs=case.inputs, as_unrepaired=as_unrepaired
    )
    return {line.rule_id: line.record_ids for line in finding.lines}


def _resting(view: CaseView) -> frozenset[StepKind]:
    """Give the steps that look at what a case rests on: of a redlist its publication alone."""
    return frozenset({StepKind.PUBLISH}) if view.case.redlist else _RESTING


def _awaits(view: CaseView) -> bool:
    return any(step.kind in _resting(view) for step in view.next_steps)


def _standing_part(
    desk: ListDesk, reading: ListReading, library: PolicyLibrary, view: CaseView, *, at: Viewpoint
) -> CaseView:
    """Leave of the next steps of a case those that rest on what still stands."""
    case, ahead = view.case, view.next_steps
    if case.redlist:
        finding = conditions_hold(reading, library, case, at=at)
        stands = finding is not None and finding.standing is Standing.CANDIDATE
    else:
        fallen = _fallen(reading, library, case, view.steps, at=at)
        stands = not fallen.issuperset(Ledger(case, view.steps).listed_parties)
        if stands and fallen:
            ahead = steps_ahead(
                case,
                view.steps,
                view.entries,
                calendar=desk.calendar,
                day=view.as_of,
                fallen=fallen,
            )
    if not stands:
        ahead = tuple(one for one in ahead if one.kind not in _resting(view))
    return replace(view, next_steps=ahead)


def _fallen(
    reading: ListReading,
    library: PolicyLibrary,
    case: ListCase,
    steps: Iterable[Step],
    *,
    at: Viewpoint,
) -> frozenset[int]:
    """Give the parties that are to be listed and that nothing of who decides carries any more."""
    ledger = Ledger(case, steps)
    decision, authority = ledger.decision, ledger.deciding_authority
    deciding = at.as_of if decision is None else decision.day
    basis = standing_basis(reading, library, case, at=at, deciding=deciding)
    return frozenset(
        number
        for number in ledger.listed_parties
        if number not in basis.rules or not basis.decided_by(authority, number)
    )
