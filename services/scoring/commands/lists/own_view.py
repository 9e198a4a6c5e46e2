"""What a party sees of its case: itself, what it did, what it was told, and what it has to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.scoring.commands.lists.list_desk import CaseView
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import CaseState, ListCase, Opinion, Step, StepKind
from services.scoring.domain.list_hearing import OF_PARTIES
from services.scoring.domain.list_ledger import Ledger, spoken
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.subject import Subject


def part_of(view: CaseView, own: str) -> CaseView | None:
    """Give the part of a case that somebody who looks for it may see; nothing if there is none.

    Nobody is to learn of a case before being told of it: until then it is collected and reported.

    Args:
        view: The case.
        own: The party, by identifier or credit code; empty for the whole case.
    """
    if not own:
        return view
    number = _own_number(view, own)
    told = view.case.redlist or Ledger(view.case, view.steps).notice(number) is not None
    return _own_view(view, number) if number and told else None


def own_view(view: CaseView, own: str) -> CaseView:
    """Give a party's own part of a case.

    The names of the others stay in the view for those who mask texts; nothing else of them does.

    Args:
        view: The case.
        own: The party, by identifier or credit code; of nobody's case there is nothing.
    """
    return _own_view(view, _own_number(view, own))


# Private functions and classes -----------------------------------------------

_OF_OTHERS: Final = {"code": "、", "persons": "、", "left_out": "、", "term": "；"}
"""What the store itself says of all parties in a decision or publication, and what parts it."""


@dataclass(frozen=True, slots=True)
class _Own:
    """A party, as far as it decides what is its own.

    Attributes:
        number: Its number; 0 for nobody's.
        entries: Numbers of its entries.
        case: The case, whole.
        steps: Its ledger, whole.
    """

    number: int
    entries: frozenset[int]
    case: ListCase
    steps: tuple[Step, ...]

    @property
    def left_out(self) -> bool:
        """Say whether the decision lists others alone."""
        ledger = Ledger(self.case, self.steps)
        return ledger.decision is not None and self.number not in ledger.listed_parties

    def told(self) -> Iterator[Step]:
        """Give the steps that are this party's, or that it is told of, oldest first.

        Who applied for a redlist is alone in its case, and follows all of it. Others follow what is
        addressed to them: the notice, what answers them, the decision once it is served on them,
        and how the case ended.
        """
        for place, step in enumerate(self.steps):
            before = Ledger(self.case, self.steps[:place])
            if self.number and self._concerns(spoken(self.case, step), before):
                yield step

    def has_next(self, step: NextStep) -> bool:
        """Say whether a step that may be taken is this party's, or for it."""
        if not self.number:
            return False
        if step.entry_id or step.party:
            return step.entry_id in self.entries if step.entry_id else step.party == self.number
        ledger = Ledger(self.case, self.steps)
        if step.kind in {StepKind.ANSWER, StepKind.HOLD_HEARING}:
            return self._is_answered(step.kind, ledger)
        # Whoever has the case speaks where no party is named.
        leads = self.number == self.case.subject_id
        served = step.kind is StepKind.SERVE and not self.left_out
        return step.kind is StepKind.NOTIFY or served or (leads and step.kind in OF_PARTIES)

    # Private methods -------------------------------------------------------------

    def _concerns(self, step: Step, before: Ledger) -> bool:
        if step.entry_id:
            return step.entry_id in self.entries
        if step.party:
            return step.party == self.number
        if self.case.redlist:
            return True
        # From here on it is a step for all parties: each of them that it reaches is told.
        kind = step.kind
        if kind in {StepKind.ANSWER, StepKind.HOLD_HEARING}:
            return self._is_answered(kind, before)
        if kind in {StepKind.DECIDE, StepKind.SERVE, StepKind.PUBLISH}:
            # Whom the publication leaves out need not be served, and is told that the case is over.
            told = kind is not StepKind.DECIDE or self._served()
            return told and not self.left_out
        refused = kind is StepKind.APPROVE and step.opinion is not Opinion.AGREE
        if kind is StepKind.CLOSE or refused:
            return before.notice(self.number) is not None
        return kind is StepKind.NOTIFY or kind in OF_PARTIES

    def _is_answered(self, kind: StepKind, before: Ledger) -> bool:
        if kind is StepKind.HOLD_HEARING:
            return self.number in before.unheard()
        return any(one.party in {0, self.number} for one in before.unanswered())

    def _served(self) -> bool:
        served = (one.party for one in self.steps if one.kind is StepKind.SERVE)
        return any(party in {0, self.number} for party in served)


def _own_number(view: CaseView, own: str) -> int:
    """Give the number of the party for which a portal acts; 0, nobody's, if it is none."""
    found = (
        number
        for number, subject in view.subjects.items()
        if own in {subject.identifier, subject.credit_code}
    )
    return next(found, 0)


def _own_view(view: CaseView, number: int) -> CaseView:
    held = tuple(one for one in view.entries if one.entry.subject_id == number)
    own = _Own(number, frozenset(one.entry.entry_id for one in held), view.case, view.steps)
    parties = tuple(one for one in view.case.parties if one.subject_id == number)
    rules = {rule_id for party in parties for rule_id in party.rule_ids}
    case = replace(
        view.case,
        parties=parties,
        reasons=tuple(
            reason
            for reason in view.case.reasons
            if parties and (not rules or reason.rule_id in rules)
        ),
    )
    subject = view.subjects.get(number)
    steps = own.told()
    if subject is not None and len(view.case.parties) > 1:
        steps = (replace(step, contents=_own_contents(step, subject)) for step in steps)
    return replace(
        view,
        case=case,
        steps=tuple(steps),
        state=_state(case, own, held),
        next_steps=tuple(step for step in view.next_steps if own.has_next(step)),
        entries=held,
        # What the service cannot do is a matter of the authority.
        failures=(),
    )


def _own_contents(step: Step, subject: Subject) -> Mapping[str, str]:
    """Leave of what a decision or publication says of every party what it says of one."""
    if step.kind not in {StepKind.DECIDE, StepKind.PUBLISH}:
        return step.contents
    own = {subject.identifier, subject.credit_code} - {""}
    contents = dict(step.contents)
    for name, mark in _OF_OTHERS.items():
        parts = contents.get(name, "").split(mark)
        kept = [one for one in parts if one.partition("：")[0] in own]
        contents[name] = mark.join(kept)
    if contents.get("name"):
        contents["name"] = subject.known_name
    return {name: text for name, text in contents.items() if text}


def _state(case: ListCase, own: _Own, held: tuple[HeldEntry, ...]) -> CaseState:
    """Say how far the case has come for its one party that is left."""
    state = Ledger(case, [_of(case, step) for step in own.steps]).state()
    if own.left_out and state is CaseState.SERVED:
        return CaseState.DECIDED
    if state is not CaseState.LISTED:
        return state
    if not held:
        # The decision, or the publication, left it out: its case brought no entry.
        return CaseState.CLOSED
    in_force = any(one.state is EntryState.IN_FORCE for one in held)
    return CaseState.LISTED if in_force else CaseState.ENDED


def _of(case: ListCase, step: Step) -> Step:
    """Leave of the parties that a decision lists those of the case."""
    known = {party.subject_id for party in case.parties}
    return replace(step, parties=tuple(one for one in step.parties if one in known))
