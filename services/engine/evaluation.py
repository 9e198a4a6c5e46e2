"""What running a plan gave: states, grades, statuses, scores, outputs and days of change."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER
from services.engine.few import first_turn, united
from services.engine.frames import Frame
from services.engine.numbers import MISSING, Cell, pick, present, widen
from services.engine.peers import PeerTable, peer_table

if TYPE_CHECKING:
    from services.engine.plan import OutputPlan, Plan, RulePlan

CANDIDATE: Final = "candidate"
"""Status that the rules of a list set when a circumstance is met."""

RESULT: Final = 1
"""State: the policy gives a result."""

NO_DATA: Final = 2
"""State: something that the policy needs is missing."""

NOT_APPLICABLE: Final = 3
"""State: the policy does not apply to the subject."""


class Evaluation:
    """What running a plan gave; every column is [n]."""

    def __init__(self, plan: "Plan", frame: Frame) -> None:
        """Keep the run."""
        self.plan = plan
        self.frame = frame
        self.size = frame.population.size
        self._alone = self.size == 1
        self._one_state = 0
        self._states: NDArray[np.int8] | None = None

    def column(self, slot: int) -> NDArray[Any]:
        """Give a slot as a column."""
        value = self.frame.slots[slot]
        if isinstance(value, np.ndarray) and value.shape == (self.size,):
            return value
        if self._alone:
            return np.array([value])
        return np.broadcast_to(np.asarray(value), (self.size,))

    def states(self) -> NDArray[np.int8]:
        """Give int8[n]: `RESULT`, `NO_DATA` or `NOT_APPLICABLE`."""
        if self._states is None:
            self._states = (
                _column_of_one(self._state(), np.int8) if self._alone else self._find_states()
            )
        return self._states

    def _state(self) -> int:
        """Give the state of the only subject; plain numbers need no columns."""
        if not self._one_state:
            self._one_state = self._find_state()
        return self._one_state

    def _find_state(self) -> int:
        slots, plan = self.frame.slots, self.plan
        if not slots[plan.applies]:
            return NOT_APPLICABLE
        for _, slot in plan.required:
            if slots[slot]:
                return RESULT if self._settled() else NO_DATA
        grade = plan.grade
        if grade is not None and not (slots[grade.rank] > 0 or slots[grade.status] > 0):
            return NO_DATA
        return RESULT

    def _find_states(self) -> NDArray[np.int8]:
        states = np.full(self.size, RESULT, dtype=np.int8)
        for _, slot in self.plan.required:
            states[self.column(slot)] = NO_DATA
        for hit, unknown in self.plan.lacking.vetoes:
            states[self.column(hit).astype(np.bool_) & ~self._any(unknown)] = RESULT
        if self.plan.grade is not None:
            settled = (self.column(self.plan.grade.rank) > 0) | (
                self.column(self.plan.grade.status) > 0
            )
            states[~settled] = NO_DATA
        states[~self.column(self.plan.applies).astype(np.bool_)] = NOT_APPLICABLE
        return states

    def _settled(self) -> bool:
        """Say whether a veto settles the grade of the only subject, whatever is missing."""
        slots = self.frame.slots
        return any(
            slots[hit] and not any(slots[one] for one in unknown)
            for hit, unknown in self.plan.lacking.vetoes
        )

    def _any(self, lacking: Iterable[int]) -> NDArray[np.bool_]:
        """Give bool[n]: whether something of this is missing."""
        found = np.zeros(self.size, dtype=np.bool_)
        for slot in lacking:
            found |= self.column(slot).astype(np.bool_)
        return found

    def lacks(self, lacking: Iterable[int], position: int) -> bool:
        """Say whether one subject has nothing where something of this is missing."""
        if self._alone:
            slots = self.frame.slots
            return any(slots[one] for one in lacking)
        return any(self.column(slot)[position] for slot in lacking)

    def _there(self, slot: int, lacking: tuple[int, ...]) -> NDArray[np.int64]:
        """Give a slot as a column, without what rests on something missing."""
        column = self.column(slot)
        if not lacking or (self._alone and not self.lacks(lacking, 0)):
            return column
        return np.where(self._any(lacking), MISSING, column)

    def missing(self, position: int) -> tuple[str, ...]:
        """Name the inputs that one subject lacks."""
        return tuple(name for name, slot in self.plan.required if self.column(slot)[position])

    def unmet(self, position: int, status: str) -> tuple[str, ...]:
        """Name what keeps one subject from a status: what the rule nearest to holding compares.

        Args:
            position: Position of the subject.
            status: Status that rules of the policy set; nothing is unmet where none does.
        """
        found = [
            tuple(
                dict.fromkeys(
                    name
                    for names, slot in one.parts
                    if not self.column(slot)[position]
                    for name in names
                )
            )
            for one in self.plan.rules
            if one.rule.effect == "status" and one.rule.target == status
        ]
        return min(found, key=len, default=())

    def refused(self, position: int) -> tuple[str, ...]:
        """Name the inputs whose given value the policy does not allow."""
        return tuple(name for name, slot in self.plan.refusals if self.column(slot)[position])

    def ranks(self) -> NDArray[np.int64]:
        """Give int64[n]: place on the ladder, 1 is the best; 0 for none."""
        if self._alone:
            return _column_of_one(self._rank(), np.int64)
        grade = self.plan.grade
        if grade is None:
            return np.zeros(self.size, dtype=np.int64)
        ranks = np.where(self.states() == RESULT, self.column(grade.rank), 0)
        return np.where(self.column(grade.status) > 0, 0, ranks)

    def _rank(self) -> int:
        """Give the place of the only subject on the ladder; 0 for none."""
        grade, slots = self.plan.grade, self.frame.slots
        if grade is None or self._state() != RESULT or slots[grade.status] > 0:
            return 0
        return int(slots[grade.rank])

    def status_numbers(self) -> NDArray[np.int64]:
        """Give int64[n]: position in the plan's statuses plus 1; 0 for none."""
        if self._alone:
            return _column_of_one(self._status_number(), np.int64)
        if self.plan.grade is not None:
            numbers = self.column(self.plan.grade.status)
        elif not self.plan.statuses:
            return np.zeros(self.size, dtype=np.int64)
        else:
            numbers = np.zeros(self.size, dtype=np.int64)
            for number in range(len(self.plan.statuses), 0, -1):
                status = self.plan.statuses[number - 1]
                for one in self.plan.rules:
                    if one.rule.effect == "status" and one.rule.target == status:
                        numbers[self.column(one.hit).astype(np.bool_)] = number
        return np.where(self.states() == RESULT, numbers, 0)

    def _status_number(self) -> int:
        """Give the status of the only subject: the first one of the plan that a rule sets."""
        plan, slots = self.plan, self.frame.slots
        if self._state() != RESULT:
            return 0
        if plan.grade is not None:
            return int(slots[plan.grade.status])
        found = 0
        for one in plan.rules:
            if one.rule.effect == "status" and slots[one.hit]:
                number = plan.statuses.index(one.rule.target) + 1
                if number == 1:
                    return 1
                found = min(found or number, number)
        return found

    def scores(self) -> NDArray[np.int64] | None:
        """Give int64[n], the score in its smallest unit; none without a score."""
        score = self.plan.score
        return None if score is None else self._there(score.slot, self.plan.lacking.score)

    def output(self, name: str) -> NDArray[np.int64]:
        """Give int64[n], an output in its smallest unit; `MISSING` where there is none."""
        return self._there(self.plan.outputs[name].slot, self.plan.lacking.outputs.get(name, ()))

    def valid_until(self) -> NDArray[np.int32]:
        """Give int32[n]: the first day on which the result may change with nothing new.

        It is certain to hold until the day before; `days.NEVER` when time alone never changes
        it. The end of the policy version is not looked at here.
        """
        if self._alone:
            return _column_of_one(self._valid_until(), np.int32)
        earliest = np.full(self.size, NEVER, dtype=np.int32)
        for change in self.plan.changes:
            np.minimum(earliest, change(self.frame), out=earliest)
        for turning, sources, held, _ in self.plan.turns:
            np.minimum(earliest, turning(self.frame, sources, held), out=earliest)
        return earliest

    def _valid_until(self) -> int:
        """Give the day of the only subject."""
        frame, earliest = self.frame, NEVER
        slots = frame.slots
        for change in self.plan.changes:
            earliest = min(earliest, self._number(change(frame)))
        memory = frame.memory or {}
        for turning, sources, held, key in self.plan.turns:
            # Records are few in a window that this plan or another one looked through before.
            days = memory.get(key)
            if days is None:
                earliest = min(earliest, self._number(turning(frame, sources, held)))
            elif days and days[0][0] < earliest:
                earliest = first_turn(days, united(slots, held), earliest)
        return earliest

    def rule_until(self, rule: "RulePlan") -> int:
        """Give the first later day on which the only subject's rule may change by time alone."""
        plan, frame = self.plan, self.frame
        rests = [plan.selections[number] for number in rule.selections]
        if any(one.children for one in rests):
            # Who is no child today may be one on another day, with records that count then.
            return self._valid_until()
        days = [plan.changes[place](frame) for place in rule.changes]
        days += [one.turning(frame, one.sources, (one.held,)) for one in rests]
        return min(map(self._number, days), default=NEVER)

    def _number(self, days: Cell) -> int:
        return days if type(days) is int else int(days[0])

    def taken(self, output: str, places: int) -> Cell:
        """Give one result as another policy takes it in; `MISSING` where there is none.

        Args:
            output: ``grade`` or ``place`` (place on the ladder, from 1), ``status`` (whether a
                candidate of a list), ``status_word`` (as in `scales`), ``score`` or an output by
                name.
            places: Decimals wanted of a score or output, at least as many as it has.

        Returns:
            A whole number for a population of one, else int64[n].
        """
        if self._alone:
            return self._taken(output, places)
        states = self.states()
        if output in {"grade", "place"}:
            ranks = self.ranks()
            return pick(ranks > 0, ranks, MISSING)
        if output in {"status", "status_word"}:
            numbers = self.status_numbers()
            if output == "status_word":
                return pick(states == RESULT, numbers, MISSING)
            number = self.candidate_number()
            met = pick((numbers == number) & (number > 0), 1, 0)
            # A list that does not apply to a subject does not hold it either.
            return pick(states == NO_DATA, MISSING, met)
        plan = self._output(output)
        values = self._there(plan.slot, self._behind(output))
        there = (states == RESULT) & present(values)
        return pick(there, pick(there, values, 0) * 10 ** (places - plan.places), MISSING)

    def _taken(self, output: str, places: int) -> int:
        """Give one result of the only subject as another policy takes it in."""
        if output in {"grade", "place"}:
            return self._rank() or MISSING
        state = self._state()
        if output == "status_word":
            return self._status_number() if state == RESULT else MISSING
        if output == "status":
            met = 0 < self._status_number() == self.candidate_number()
            return MISSING if state == NO_DATA else int(met)
        plan = self._output(output)
        value = int(self.frame.slots[plan.slot])
        if state != RESULT or value == MISSING or self.lacks(self._behind(output), 0):
            return MISSING
        scaled: int = value * 10 ** (places - plan.places)
        return scaled

    def _behind(self, name: str) -> tuple[int, ...]:
        lacking = self.plan.lacking
        return lacking.score if name == "score" else lacking.outputs.get(name, ())

    def _output(self, name: str) -> "OutputPlan":
        plan = self.plan.score if name == "score" else self.plan.outputs[name]
        assert plan is not None, "the loader checks what is taken in"
        return plan

    def candidate_number(self) -> int:
        """Give the number of the status by which a list takes a subject in; 0 without one."""
        statuses = self.plan.statuses
        return statuses.index(CANDIDATE) + 1 if CANDIDATE in statuses else 0

    def peer_tables(self) -> dict[str, PeerTable]:
        """Put this population into tables of peers, by name of the input.

        Only subjects that the policy applies to are anybody's peers.
        """
        applies = self.states() != NOT_APPLICABLE
        return {
            name: peer_table(
                np.where(applies, self.column(one.of).astype(np.int64), MISSING),
                [widen(self.column(slot)).astype(np.int64) for slot in one.among],
            )
            for name, one in self.plan.peers.items()
        }

    def known(self, value: int) -> int | None:
        """Give a whole number, or nothing where it is missing."""
        return None if value == MISSING else value


# Private functions -----------------------------------------------------------


@lru_cache(maxsize=4096)
def _column_of_one(number: int, kind: "type[np.integer[Any]]") -> NDArray[Any]:
    """Give a column of one number, which cannot be written to: making one costs several lookups."""
    column = np.array([number], dtype=kind)
    column.setflags(write=False)
    return column
