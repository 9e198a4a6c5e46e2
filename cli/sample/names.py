"""Names that belong to nobody: every one of them holds the sign 样 (sample)."""

from random import Random
from typing import Final

from cli.sample.industries import Industry
from cli.sample.places import District

MARK: Final = "样"
"""House decision: no enterprise or person is named so, and everybody sees it."""

_FIRST: Final = "恒瑞嘉禾晟朗启宏景泰润安卓远清川云岭松柏青石金河海岳星辰"
_SECOND: Final = "通达源丰盛和业科创信诚茂林泉峰原野帆桥舟田谷屿溪汇联华立"
_FORMS: Final = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN: Final = "一三五七九东西南北春夏秋冬山水木石田云"


def enterprise_name(dice: Random, district: District, industry: Industry) -> str:
    """Compose the name of an enterprise: place, word, trade and form."""
    word = MARK + dice.choice(_FIRST) + dice.choice(_SECOND)
    return f"{district.city}{word}{industry.trade}{dice.choice(_FORMS)}"


def trader_name(dice: Random, district: District, industry: Industry) -> str:
    """Compose the name of an individual trader, which begins with the district."""
    word = MARK + dice.choice(_FIRST) + dice.choice(_SECOND)
    return f"{district.name}{word}{industry.trade}"


def person_name(serial: int) -> str:
    """Compose the name of a person."""
    surname = _SURNAMES[serial % len(_SURNAMES)]
    return f"{surname}{MARK}{_GIVEN[serial // len(_SURNAMES) % len(_GIVEN)]}"
