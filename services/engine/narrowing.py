"""Narrowing what an indicator measures: to the records of one stretch, or of the last reaching."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.engine.assembly import Ref, Truth
from services.engine.densest import Held, Stretch, closest_records
from services.engine.language import Condition, Expression, Indicator, Name, Reached, Window
from services.engine.plan import Selection
from services.engine.reaching import Reaching, reaching_records
from services.engine.records import RecordScope
from services.engine.windows import compile_window


class OfSubject(NamedTuple):
    """Compiles what an indicator asks of its subject.

    Attributes:
        whole: Gives a length that may be named.
        number: Gives a number.
        test: Compiles a condition on ``it``, a measure of one period.
    """

    whole: Callable[[int | Name], int]
    number: Callable[[Expression], Ref]
    test: Callable[[Ref, Condition], Truth]


class Narrowing:
    """Which of the records that count are measured: all, unless the measure says otherwise."""

    def __init__(
        self,
        indicator: Indicator,
        scope: RecordScope,
        selections: Sequence[Selection],
        *,
        subject: OfSubject,
    ) -> None:
        """Compile what it asks of others.

        Args:
            indicator: What the file says.
            scope: Its records.
            selections: What the indicators so far count.
            subject: Compiles what it asks of its subject.
        """
        self._scope = scope
        self._whole = subject.whole
        self._held = _held(indicator, scope, selections)
        reached = indicator.reached
        self._number = None if reached is None else subject.number(reached.number)
        self.selections = frozenset[int]() if self._number is None else self._number.selections

    def looked_at(self, indicator: Indicator) -> Indicator:
        """Give the indicator with the window of the records that are looked at on a day."""
        if indicator.reached is None:
            return indicator
        # Those that left the window long ago may be the ones by which the number was reached.
        return replace(indicator, window=Window(form="ever", day=indicator.window.day))

    def narrowed(self, indicator: Indicator, mask: int) -> int:
        """Compile which records are measured.

        Args:
            indicator: What the file says, or one period of it.
            mask: Slot of the records that are looked at.
        """
        if indicator.reached is None and indicator.within is None:
            return mask
        self._scope.considered.append(mask)
        if indicator.reached is not None:
            return self._reaching(indicator, indicator.reached, mask)
        return self._closest(indicator, mask)

    # Private methods -------------------------------------------------------------

    def _closest(self, indicator: Indicator, mask: int) -> int:
        assert indicator.within is not None, "asked only of those with a stretch"
        length = self._whole(indicator.within.length)
        if length < 1:
            raise self._scope.assembly.refuse(
                indicator.place, "type", "'most_within' is at least one day, month or year"
            )
        # Which stretch has the most may be another one day, though no record counts that did not.
        self._scope.assembly.moved += 1
        of = _NONE if indicator.of is None else self._scope.number(indicator.of).slot
        stretch = Stretch(indicator.within, length, of)
        place = indicator.place
        return closest_records(self._scope, mask, stretch, place=place, holding=self._held)

    def _reaching(self, indicator: Indicator, reached: Reached, mask: int) -> int:
        scope, number = self._scope, self._number
        assert number is not None, "compiled with the indicator"
        if number.constant is not None and number.constant <= 0:
            message = "what is reached is a number above 0; below, it is reached without any record"
            raise scope.assembly.refuse(reached.place, "type", message)
        window = compile_window(indicator.window, scope, indicator.place, whole=self._whole)
        of = None if indicator.of is None else scope.number(indicator.of)
        scale = max(number.scale, 0 if of is None else of.scale)
        scope.assembly.moved += 1
        if of is None and number.scale:
            message = "a count of records is a whole number, and so is what it reaches"
            raise scope.assembly.refuse(reached.place, "type", message)
        reaching = Reaching(
            window,
            _NONE if of is None else scope.at_scale(of, scale).slot,
            scope.at_scale(number, scale).slot,
            reached.again,
        )
        return reaching_records(scope, mask, reaching)


# Private functions -----------------------------------------------------------

_NONE = -1


def _held(indicator: Indicator, scope: RecordScope, selections: Sequence[Selection]) -> Held | None:
    """Give the records of which those that lie closest together must hold one."""
    if not indicator.holding:
        return None
    ref = scope.resolve(indicator.holding, indicator.place)
    held = [selections[number] for number in ref.selections]
    if len(held) != 1 or held[0].children is not None:
        message = (
            f"{indicator.holding!r} is no indicator of records, whose days a stretch could hold"
        )
        raise scope.assembly.refuse(indicator.place, "type", message)
    return Held(held[0].sources, held[0].mask, held[0].day)
