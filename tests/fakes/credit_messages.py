"""Random messages: right requests with some fields made into anything."""

# ruff: noqa: ANN401 -- descriptors come in two classes, and fields hold values of any type.

from collections.abc import Callable
from typing import Any, Final, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

Request = TypeVar("Request", bound=Message)

_INT32: Final = st.sampled_from([0, 1, -1, 2, 3, 12, 31, 99, 2025, 2**31 - 1, -(2**31)])
_INT64: Final = _INT32 | st.sampled_from([2**62, -(2**62), 253_402_300_800, 1_748_750_400])
_TEXTS: Final = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "号" * 101,
        "x" * 5_000,
        "914403001922038216",
        "110105",
        "C2614",
        "training",
        "2.5",
        "1e99",
        "CNY",
        "tw.entity-name",
        "' OR 1=1 --",
        "%_/\\",
        "\u202e\ufeff",
        "😀" * 100,
    ]
) | st.text(max_size=30)
_IDENTIFIERS: Final = st.builds(
    "{}-{}".format,
    st.sampled_from("erpo"),
    st.sampled_from([0, 1, 100_001, 2**20, 2**63 - 1, 2**63, 10**19 - 1, 10**30]),
)
_SCALARS: Final[dict[int, st.SearchStrategy[Any]]] = {
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_ENUM: st.integers(min_value=-1, max_value=14),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: _TEXTS,
}


@st.composite
def damaged(draw: st.DrawFn, make: Callable[[], Request]) -> Request:
    """Make a request, and change some of its fields, however deep.

    Args:
        draw: Draws values.
        make: Makes a right request.
    """
    request = make()
    for _ in range(draw(st.integers(min_value=0, max_value=2))):
        _damage(draw, request)
    return request


# Private functions -----------------------------------------------------------


def _damage(draw: st.DrawFn, message: Any) -> None:
    field: Any = draw(st.sampled_from(list(message.DESCRIPTOR.fields)))
    if field.is_repeated:
        _damage_list(draw, message, field)
    elif field.message_type is None:
        values = _IDENTIFIERS if field.name.endswith("_id") else _SCALARS[field.type]
        setattr(message, field.name, draw(values))
    elif message.HasField(field.name) and draw(st.integers(0, 9)) == 0:
        message.ClearField(field.name)
    else:
        part = getattr(message, field.name)
        part.SetInParent()
        if part.DESCRIPTOR.fields:
            _damage(draw, part)


def _damage_list(draw: st.DrawFn, message: Any, field: Any) -> None:
    held = getattr(message, field.name)
    if field.message_type is not None:
        _damage(draw, held.add())
        return
    del held[:]
    held.extend(draw(st.lists(_SCALARS[field.type], max_size=3)))
