"""Compiling inputs: what a policy is told, what is refused, and what stands in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from services.engine.assembly import DAY, NUMBER, Assembly, Ref, largest_bound
from services.engine.conditions import Scope
from services.engine.days import period_start
from services.engine.frames import Frame, Step
from services.engine.language import Expression, Input, Literal, Name
from services.engine.numbers import MISSING, Cell, flip, lacking, or_else, pick, present
from services.engine.peers import (
    FIGURES_AMONG,
    MEASURES_AMONG,
    PERCENT_PLACES,
    ROUNDED_FIGURES,
    Figure,
)
from services.engine.plan import PeerPlan, Plan
from services.engine.scales import Scales, output_scale, status_scale
from services.engine.unrolled import Line, quoted
from services.engine.vocabulary import Attribute, AttributeType

DAY_UNIT: Final = "date"
"""Unit of an input or output that is a civil day; ``day`` is that of a number of days."""


class Names(Protocol):
    """What inputs need of the version that is compiled."""

    def with_name(self, name: str, ref: Ref, compiled: Callable[[], int]) -> int:
        """Compile something while a name means one thing."""


class InputBuilder:
    """Compiles the inputs of one version."""

    def __init__(
        self, assembly: Assembly, scope: Scope, names: Names, *, scales: Scales, policy_id: str
    ) -> None:
        """Start without any.

        Args:
            assembly: Where the steps go.
            scope: Scope of the subjects.
            names: The names of the version.
            scales: Ladders and statuses of policies, this one's among them.
            policy_id: The policy.
        """
        self._assembly = assembly
        self._scope = scope
        self._names = names
        self._scales = scales
        self._policy_id = policy_id
        self.required: list[tuple[str, int]] = []
        self.refusals: list[tuple[str, int]] = []
        self.peers: dict[str, PeerPlan] = {}
        # A plan looks at its own earlier runs, and is not there before it is made.
        self.plan: list[Plan] = []

    def input(self, given: Input) -> Ref:
        """Compile an input."""
        ref = self._raw(given)
        if given.allowed is not None:
            allowed = self._allowed(given, ref)
            value = ref.slot
            self.refusals.append(
                (
                    given.name,
                    self._assembly.emit(
                        ("refused", given.name),
                        lambda frame: present(frame.slots[value]) & flip(frame.slots[allowed]),
                    ),
                )
            )
            # A refused value is none, so that nothing is calculated from it.
            ref = self._kept(given, ref, allowed)
        return self.stand_in(ref, given.if_missing, given.name, given)

    def stand_in(
        self, ref: Ref, absent: str | Expression, name: str, given: Input | None = None
    ) -> Ref:
        """Put in what stands for a missing value, or note that there is no result without it.

        Args:
            ref: The value.
            absent: What the file says of it where it is missing.
            name: Name of the part.
            given: The input, whose condition what stands in has to meet as well.
        """
        if absent == "unknown":
            return ref
        if isinstance(absent, str):
            self._require(name, ref.slot)
            return ref
        wide = self._scope.widened(ref)
        other = self._alternative(absent, ref)
        if given is not None and given.allowed is not None:
            other = self._kept(given, other, self._allowed(given, other))
        scale = max(wide.scale, other.scale)
        value, instead = self._scope.at_scale(wide, scale), self._scope.at_scale(other, scale)
        a, b = value.slot, instead.slot
        filled = self._assembly.emit(
            ("instead", a, b),
            lambda frame: or_else(frame.slots[a], frame.slots[b]),
        )
        if given is not None and given.allowed is not None:
            self._require(name, filled)
        return replace(
            value,
            slot=filled,
            optional=instead.optional,
            constant=None,
            bound=largest_bound((value, instead)),
            selections=value.selections | instead.selections,
        )

    # Private methods -------------------------------------------------------------

    def _require(self, name: str, slot: int) -> None:
        missing = self._scope.decide(("missing", slot), (slot,), lacking)
        self.required.append((name, missing))

    def _allowed(self, given: Input, ref: Ref) -> int:
        condition = given.allowed
        assert condition is not None, "asked only for inputs with a condition"
        return self._names.with_name(given.name, ref, lambda: self._scope.condition(condition).slot)

    def _kept(self, given: Input, ref: Ref, allowed: int) -> Ref:
        wide = self._scope.widened(ref)
        slot = self._assembly.emit(
            ("allowed", given.name, wide.slot),
            lambda frame: pick(frame.slots[allowed], frame.slots[wide.slot], MISSING),
        )
        return replace(wide, slot=slot, optional=True, constant=None)

    def _alternative(self, absent: Expression, ref: Ref) -> Ref:
        if ref.type.type is AttributeType.CODE and isinstance(absent, Name | Literal):
            numbers = self._scope.codes(ref.type.codes)
            word = absent.name if isinstance(absent, Name) else absent.value
            if isinstance(word, str) and word in numbers:
                number = numbers[word]
                return Ref(self._assembly.constant(number), ref.type, constant=number)
        return self._scope.expression(absent)

    # Origins ------------------------------------------------------------------------

    def _raw(self, given: Input) -> Ref:
        if given.origin == "peers":
            return self._among_peers(given)
        if given.origin == "last_period":
            return self._last_period(given)
        attribute, scale = self._type(given)
        name, narrow = given.name, given.origin == "subject"
        word = quoted(name)
        if narrow:
            kept = f"of {given.attribute}"
            step = self._attribute(given, kept)
            when = f"{word} not in inputs and (found := memory.get({quoted(kept)}))"
        else:
            step = self._told(name)
            when = f"type(found := inputs.get({word})) is int"
        line = Line("found", when=when)
        slot = self._assembly.emit(("input", name), step, line)
        return Ref(slot, attribute, scale, optional=True, narrow=narrow)

    def _told(self, name: str) -> Step:
        """Make the step of an input that comes with the question or from another policy."""

        def step(frame: Frame) -> Cell:
            return frame.single(frame.inputs[name]) if name in frame.inputs else MISSING

        return step

    def _attribute(self, given: Input, kept: str) -> Step:
        """Make the step of an attribute, which plans that run over one subject share."""
        name, attribute = given.name, given.attribute

        def step(frame: Frame) -> Cell:
            if name in frame.inputs:
                return frame.single(frame.inputs[name])
            found = frame.single(frame.population.attributes[attribute])
            if frame.memory is not None:
                frame.memory[kept] = found
            return found

        return step

    def _type(self, given: Input) -> tuple[Attribute, int]:
        if given.origin == "subject":
            attribute = self._assembly.vocabulary.subject.get(given.attribute)
            if attribute is None:
                known = ", ".join(self._assembly.vocabulary.subject)
                raise self._assembly.refuse(
                    given.place, "unknown-name", f"a subject has no {given.attribute!r}: {known}"
                )
            return attribute, 0
        if given.origin == "policy" and given.attribute in {"grade", "status_word"}:
            return self._word_type(given, given.policy_id), 0
        scale = output_scale(given.policy_id, given.attribute)
        if given.origin == "policy" and scale in self._scales:
            # Its words have the numbers that the other policy gives them.
            return Attribute(AttributeType.CODE, scale), 0
        if given.codes:
            if given.codes not in self._assembly.vocabulary.code_numbers:
                raise self._assembly.refuse(
                    given.place, "unknown-code", f"no code set {given.codes!r}"
                )
            return Attribute(AttributeType.CODE, given.codes), 0
        return (DAY, 0) if given.unit == DAY_UNIT else (NUMBER, given.places)

    def _word_type(self, given: Input, policy_id: str) -> Attribute:
        scale = status_scale(policy_id) if given.attribute == "status_word" else policy_id
        if scale not in self._scales:
            raise self._assembly.refuse(
                given.place, "unknown-policy", f"no policy {policy_id!r} with a ladder"
            )
        return Attribute(AttributeType.CODE, scale)

    def _last_period(self, given: Input) -> Ref:
        if given.attribute in {"grade", "status_word"}:
            attribute, scale = self._word_type(given, self._policy_id), 0
        else:
            attribute, scale = self._type(given)
        plan = self.plan
        name, period, back = given.name, given.period, given.back
        output, places = given.attribute, given.places

        def step(frame: Frame) -> Cell:
            if name in frame.inputs:
                return frame.single(frame.inputs[name])
            if frame.setting.back >= back:
                return MISSING
            run = plan[0].run_before(frame, period)
            return MISSING if run is None else frame.single(run.taken(output, places))

        self._assembly.change(
            ("period", period), lambda frame: period_start(frame.as_of, period, 1)
        )
        slot = self._assembly.emit(("input", name), step)
        return Ref(slot, attribute, scale, optional=True)

    def _among_peers(self, given: Input) -> Ref:
        if given.attribute not in MEASURES_AMONG or given.of is None:
            raise self._assembly.refuse(
                given.place, "unknown-word", f"use one of {', '.join(MEASURES_AMONG)}"
            )
        of = self._scope.number(given.of)
        among = tuple(
            self._scope.widened(self._scope.resolve(name, given.place)).slot for name in given.among
        )
        name, measure, value = given.name, given.attribute, of.slot
        figure = _figure(given, of.scale) if measure in FIGURES_AMONG else None
        self.peers[name] = PeerPlan(value, among, of.scale, figure)

        def step(frame: Frame) -> Cell:
            if name in frame.inputs:
                return frame.single(frame.inputs[name])
            table = frame.setting.peers.get(name)
            if table is None:
                return MISSING
            group = [frame.slots[slot] for slot in among]
            if figure is not None:
                return table.figure(figure, group)
            return table.places(measure, frame.slots[value], group)

        slot = self._assembly.emit(("input", name), step)
        if figure is not None:
            # Whatever the subject's own records are, it is the same.
            return Ref(slot, NUMBER, figure.places, optional=True)
        scale = PERCENT_PLACES if measure == "percentile" else 0
        return Ref(slot, NUMBER, scale, optional=True, selections=of.selections)


# Private functions -----------------------------------------------------------


def _figure(given: Input, of_places: int) -> Figure:
    """Say what an input asks of the values of all peers."""
    measure = given.attribute
    places = given.places if measure in ROUNDED_FIGURES else of_places
    return Figure(measure, of_places, places, given.rounding)
