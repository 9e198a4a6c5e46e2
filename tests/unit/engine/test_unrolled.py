"""Plans written out give a subject alone what their steps give, slot for slot."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_population
from services.engine.frames import Frame, Step
from services.engine.plan import Plan
from services.engine.population import Population
from services.engine.unrolled import Line, Stretch, Unrolled, quoted
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.test_properties import cases, every_plan

ONE = Population(1, {"headcount": np.array([7])})


def frame_of(slots: list[object], **memory: object) -> Frame:
    """Make a run over one subject that has come to some slots."""
    return Frame(ONE, 0, {}, slots, memory=memory)


def stepped(plan: Plan, case: Case) -> Frame:
    """Run a plan over one subject by calling every step."""
    frame = Frame(
        case_population([case], plan, VOCABULARY), case.as_of, {}, list(plan.constants), memory={}
    )
    for slot, step in plan.steps:
        frame.slots[slot] = step(frame)
    return frame


@every_plan
@given(data=st.data())
@settings(max_examples=5)
def test_lines_give_what_their_steps_give(plan: Plan, data: st.DataObject) -> None:
    """What is written out is, in every slot that it fills, what calling the step gives."""
    case = data.draw(cases(plan))

    written = plan.run(case_population([case], plan, VOCABULARY), case.as_of).frame.slots

    called = stepped(plan, case).slots
    filled = [slot for slot, value in enumerate(written) if value is not None]
    assert filled
    assert [written[slot] for slot in filled] == [called[slot] for slot in filled]


def nine(_frame: Frame) -> int:
    """Stand for a step that gives 9."""
    return 9


@pytest.mark.parametrize(
    ("cell", "expected"), [(4, 5), ("text", 9)], ids=["the-line-is-for-it", "it-is-not"]
)
def test_step_is_called_where_its_line_is_not_for_what_it_finds(
    cell: object, expected: int
) -> None:
    """A line holds under its condition; otherwise the step calculates."""
    unrolled = Unrolled(
        [Stretch(((1, nine),))], {1: Line("{0} + 1", (0,), "type({0}) is int")}, [None, None]
    )
    frame = frame_of([cell, None])

    unrolled.run(frame)

    assert frame.slots[1] == expected


def test_lines_read_constants_and_what_lines_before_gave() -> None:
    """A constant stands in a line as the number that it is, a slot as what was put there."""
    lines = {1: Line("{0} - 2", (0,)), 2: Line("{0} * {1}", (0, 1))}
    unrolled = Unrolled([Stretch(((1, nine), (2, nine)))], lines, [-3, None, None])
    frame = frame_of([-3, None, None])

    unrolled.run(frame)

    assert frame.slots == [-3, -5, 15]


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (0, [None, 0, 1]),
        (1, [9, 9, 10]),
        (False, [9, 9, 10]),
        (np.array([False]), [9, 9, 10]),
    ],
    ids=["no-record", "a-record", "a-truth", "a-column"],
)
def test_stretch_is_left_out_where_no_record_passes_its_guard(
    guard: object, expected: list[object]
) -> None:
    """Only an empty set of few records leaves steps out; what follows reads what stands in."""
    guarded = Stretch(((1, nine), (2, nine)), guard=0, empty=((2, 0),))
    after: tuple[int, Step] = (3, nine)
    unrolled = Unrolled(
        [guarded, Stretch((after,))], {3: Line("{0} + 1", (2,))}, [None, None, None, None]
    )
    frame = frame_of([guard, None, None, None])

    unrolled.run(frame)

    assert frame.slots[1:] == expected


@pytest.mark.parametrize(
    "word", ["plain", "it's", 'say "no"', "a {0} b", "a\\", "months={'a': 1}", "违法"]
)
def test_words_of_a_file_stand_as_text(word: str) -> None:
    """Whatever a word looks like, it is looked up as itself."""
    line = Line("found", when=f"(found := memory.get({quoted(word)})) is not None")
    unrolled = Unrolled([Stretch(((0, nine),))], {0: line}, [None])
    frame = frame_of([None], **{word: 5})

    unrolled.run(frame)

    assert frame.slots == [5]
