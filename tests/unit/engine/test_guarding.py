"""Files that would fill the memory or the stack are refused while they are counted."""

import pytest

from services.engine.guarding import BYTES_MAX, DEPTH_MAX, DIGITS_MAX, NODES_MAX, unreadable

LAUGHS = b"a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % (name - 1)] * 10))
    for name in range(ord("b"), ord("g"))
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a: [1, {b: 2}]", id="plain"),
        pytest.param(b"a: &x {b: 1}\nc: *x", id="anchor"),
        pytest.param(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX, id="as-deep-as-allowed"),
        pytest.param(b"a: " + b"9" * DIGITS_MAX, id="longest-number"),
        pytest.param(b"a: '" + b"9" * (DIGITS_MAX + 1) + b"'", id="digits-of-a-text"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"a: {b: [1], places: 12}", id="most-decimals"),
        pytest.param(b"a: {places: x, 99: places, b: 99}", id="no-number-of-decimals"),
        pytest.param(b"a: {first: -1200, last_period: 1200, offset: -1200}", id="farthest-period"),
    ],
)
def test_what_can_be_read_has_no_problem(content: bytes) -> None:
    """Limits are met exactly."""
    assert not unreadable(content, "x.yaml")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(b"#" * (BYTES_MAX + 1), (1, 1), id="too-long"),
        pytest.param(b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), (1, 41), id="too-deep"),
        pytest.param(b"a: " + b"9" * (DIGITS_MAX + 1), (1, 4), id="number-too-long"),
        pytest.param(b"a: &x [*x]", (1, 8), id="within-itself"),
        pytest.param(b"a: *x", (1, 4), id="no-anchor"),
        pytest.param(b"a: {b: [1], places: 13}", (1, 21), id="too-many-decimals"),
        pytest.param(b"- {times: 10001}", (1, 11), id="too-many-records"),
        pytest.param(b"a: {first: -1201}", (1, 12), id="first-period-too-far-back"),
        pytest.param(b"a: {last_period: 1201}", (1, 18), id="last-period-too-far-on"),
        pytest.param(b"a: {offset: -1201}", (1, 13), id="offset-too-far-back"),
        pytest.param(LAUGHS, (5, 36), id="a-million-laughs"),
        pytest.param(b"a: 1\n---\nb: 2", (2, 1), id="two-documents"),
        pytest.param(b"a: [1", (2, 1), id="broken"),
        pytest.param(b"\xff", (1, 1), id="no-text"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(
    content: bytes, place: tuple[int, int]
) -> None:
    """One problem, with its line and column."""
    (problem,) = unreadable(content, "x.yaml")

    assert (problem.file, problem.code) == ("x.yaml", "syntax")
    assert (problem.line, problem.column) == place


def test_many_values_are_counted_with_what_anchors_repeat() -> None:
    """A list one longer than allowed is too long, whether written out or repeated."""
    written = b"[" + b"1," * NODES_MAX + b"]"
    tens = NODES_MAX // 10
    repeated = b"- &a [1,1,1,1,1,1,1,1,1]\n" + b"- *a\n" * tens

    assert unreadable(written, "x.yaml")
    assert unreadable(repeated, "x.yaml")
    assert not unreadable(b"- &a [1,1,1,1,1,1,1,1]\n" + b"- *a\n" * (tens - 1), "x.yaml")
