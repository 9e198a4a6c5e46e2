"""PostgreSQL's binary rows as columns."""

import struct

import numpy as np
import pytest

from services.scoring.store.numbers import _decoded

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)


def row(*numbers: int) -> bytes:
    """Write a row as PostgreSQL does: count of fields, then length and bytes of each."""
    fields = b"".join(struct.pack(">iq", 8, number) for number in numbers)
    return struct.pack(">h", len(numbers)) + fields


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="none"),
        pytest.param([(1, 2)], id="one"),
        pytest.param([(-(2**63), 2**63 - 1), (0, -1), (5, 6)], id="ends-of-the-range"),
    ],
)
def test_rows_are_read_exactly(rows: list[tuple[int, int]]) -> None:
    """Every number comes out as it went in, the least one included."""
    content = HEADER + b"".join(row(*one) for one in rows) + TRAILER

    found = _decoded(content, 2)

    assert found.dtype == np.int64
    assert found.shape == (len(rows), 2)
    assert found.tolist() == [list(one) for one in rows]
