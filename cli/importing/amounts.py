"""Amounts of money as files write them, exact to the fen or refused."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from cli.importing.cells import CellError, narrow, shown

UNITS: Final = {
    "fen": Decimal("0.01"),
    "yuan": Decimal(1),
    "wan_yuan": Decimal(10_000),
    "yi_yuan": Decimal(100_000_000),
}
"""How many yuan one of each unit is."""

_SIGNS: Final = {
    "": None,
    "分": "fen",
    "元": "yuan",
    "圆": "yuan",
    "万元": "wan_yuan",
    "万": "wan_yuan",
    "萬元": "wan_yuan",
    "亿元": "yi_yuan",
    "亿": "yi_yuan",
}
_NUMBER: Final = re.compile(
    r"(?:CNY|RMB|人民币|[¥￥])?\s*"
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.\d{1,18})?)\s*"
    r"(?P<unit>\D*)"
)
_FEN_PER_YUAN: Final = 100

AmountReader = Callable[[str], int]
"""Gives the fen that a text means."""


def compile_amounts(unit: str) -> AmountReader:
    """Build a reader of amounts in one unit.

    Signs of currency, thousands separators and the unit itself may stand around
    the number; another unit is refused, because either the cell or the mapping is
    wrong and nobody can say which.

    Args:
        unit: A key of `UNITS`.
    """
    fen_per_unit = UNITS[unit] * _FEN_PER_YUAN

    def read(text: str) -> int:
        found = _NUMBER.fullmatch(narrow(text))
        if found is None or (named := found["unit"].strip()) not in _SIGNS:
            raise CellError(
                "AMOUNT_UNREADABLE", f"{shown(text)} is no amount; write digits such as 1234.56"
            )
        if _SIGNS[named] not in {None, unit}:
            raise CellError(
                "AMOUNT_UNIT_DIFFERS",
                f"{shown(text)} names another unit than the mapping's {unit}; correct one of them",
            )
        fen = Decimal(found["number"].replace(",", "")) * fen_per_unit
        if fen != fen.to_integral_value():
            raise CellError(
                "AMOUNT_BELOW_FEN",
                f"{shown(text)} {unit} is no whole number of fen; correct the amount",
            )
        return int(fen)

    return read
