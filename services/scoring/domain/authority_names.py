"""What the name of an authority says of its place: which of two can be the higher one.

There is no register of authorities: none is published whole, and one of a few places would refuse
everybody else's. The name of an organ begins with its division (北京市房山区) and ends in a word
for an organ (局、厅、支队), so a name alone shows much of what cannot be right, and nothing more:

* Refused are the authority itself, what is no organ, one of a division that is not above (beside,
  below, elsewhere), and one of the same division.
* Not judged are whether there is such an organ, and of what line it is: for a bureau of work safety
  the city's fire brigade can be the higher one as well as its bureau of work safety.

Who penalises and decides (谁处罚、谁决定) is not judged by this: such a case goes to an authority
that the record of a penalty names, character by character.
"""

import re
from collections.abc import Mapping
from typing import Final

_COUNTRY, _PROVINCE, _CITY, _COUNTY = range(4)
_LEVELS: Final[Mapping[str, int]] = {
    "特别行政区": _PROVINCE,
    "自治区": _PROVINCE,
    "省": _PROVINCE,
    "自治州": _CITY,
    "地区": _CITY,
    "盟": _CITY,
    "市": _CITY,
    "自治县": _COUNTY,
    "自治旗": _COUNTY,
    "区": _COUNTY,
    "县": _COUNTY,
    "旗": _COUNTY,
}
_MUNICIPALITIES: Final = frozenset({"北京市", "天津市", "上海市", "重庆市"})
_PLACE: Final = re.compile(rf".[^省市区县旗盟]{{0,11}}?({'|'.join(_LEVELS)})(?!场)")
_NO_PLACE: Final = "城市"
_ORGANS: Final = (*"部委局厅署处所队会办室院府站", "中心")


def can_be_higher(name: str, below: str) -> bool:
    """Say whether one authority can be a higher one than another, as far as their names tell.

    It is an organ, its division is above, and no division that both names hold differs. Where the
    lower name holds no division, any other organ can be.

    Args:
        name: Name of the authority that is to be the higher one.
        below: Name of the other.
    """
    if name == below or not name.endswith(_ORGANS):
        return False
    upper, lower = _places(name), _places(below)
    if not lower:
        return True
    highest, lowest = max(upper, default=_COUNTRY), max(lower)
    known = {**upper, **lower}
    if known.get(_PROVINCE) in _MUNICIPALITIES and _CITY in known:
        return False
    apart = any(
        lower.get(level, place) != place for level, place in upper.items() if level != _CITY
    )
    # A city may be one of a county's rank, below another city.
    same_city = lower.get(_CITY) == upper.get(_CITY)
    if highest == lowest == _CITY:
        return not (apart or same_city)
    strange_city = _CITY in upper and _CITY in lower and not same_city
    return highest < lowest and not (apart or strange_city)


# Private functions -----------------------------------------------------------


def _places(name: str) -> dict[int, str]:
    """Give the divisions at the head of a name, by level."""
    found: dict[int, str] = {}
    position = 0
    while (match := _PLACE.match(name, position)) is not None and match[0] != _NO_PLACE:
        level = _PROVINCE if match[0] in _MUNICIPALITIES else _LEVELS[match[1]]
        if level == _CITY and _CITY in found:
            level = _COUNTY
        if level <= max(found, default=_COUNTRY):
            break
        found[level] = match[0]
        position = match.end()
    return found
