"""What a party sees of its case: itself, what it did, what it was told, and what it has to do."""

from dataclasses import dataclass, replace

from services.scoring.commands.lists.list_desk import CaseView
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import CaseState, ListCase, Step, StepKind
from services.scoring.domain.list_hearing import OF_PARTIES
from services.scoring.domain.list_ledger import Ledger


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


# Private functions and values ------------------------------------------------

_TOLD = frozenset({StepKind.NOTIFY, StepKind.SERVE})
_HEARD = frozenset({StepKind.ANSWER, StepKind.HOLD_HEARING})


@dataclass(frozen=True, slots=True)
class _Own:
    """A party, as far as it decides what is its own.

    Attributes:
        number: Its number.
        entries: Numbers of its entries.
        case: The case.
    """

    number: int
    entries: frozenset[int]
    case: ListCase

    def concerns(self, kind: StepKind, party: int, entry_id: int) -> bool:
        """Say whether a step is this party's, or is told to it."""
        if not self.number:
            return False
        if entry_id or party:
            return entry_id in self.entries if entry_id else party == self.number
        # A step for all parties: who has the case speaks for them, and each is told.
        leads = self.number == self.case.subject_id
        alone = len(self.case.parties) == 1
        return (
            kind in _TOLD
            or (leads and kind in OF_PARTIES)
            or (alone and kind in _HEARD)
            or (leads and self.case.redlist and kind is StepKind.COLLECT)
        )


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
    own = _Own(number, frozenset(one.entry.entry_id for one in held), view.case)
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
    return replace(
        view,
        case=case,
        steps=tuple(
            step for step in view.steps if own.concerns(step.kind, step.party, step.entry_id)
        ),
        state=_state(case, view, held),
        next_steps=tuple(
            step for step in view.next_steps if own.concerns(step.kind, step.party, step.entry_id)
        ),
        entries=held,
    )


def _state(case: ListCase, view: CaseView, held: tuple[HeldEntry, ...]) -> CaseState:
    """Say how far the case has come for its one party that is left."""
    state = Ledger(case, [_of(case, step) for step in view.steps]).state()
    in_force = any(one.state is EntryState.IN_FORCE for one in held)
    return CaseState.ENDED if state is CaseState.LISTED and not in_force else state


def _of(case: ListCase, step: Step) -> Step:
    """Leave of the parties that a decision lists those of the case."""
    known = {party.subject_id for party in case.parties}
    return replace(step, parties=tuple(one for one in step.parties if one in known))
