"""Districts of the sample, and the authorities there that issue documents."""

from dataclasses import dataclass
from typing import Final

from safetycredit.type.v1.field_pb2 import Field

WORK_SAFETY: Final = Field.FIELD_WORK_SAFETY
FIRE: Final = Field.FIELD_FIRE
HOUSING: Final = Field.FIELD_HOUSING_CONSTRUCTION
TRANSPORT: Final = Field.FIELD_TRANSPORT
EQUIPMENT: Final = Field.FIELD_SPECIAL_EQUIPMENT


@dataclass(frozen=True, slots=True)
class District:
    """A district and how its documents are marked.

    Attributes:
        division: Six digits (GB/T 2260).
        name: With its city.
        city: As it begins the names of enterprises.
        mark: Stands at the beginning of document numbers.
        weight: Share of the population, in no particular unit.
    """

    division: str
    name: str
    city: str
    mark: str
    weight: float


DISTRICTS: Final = (
    District("110101", "北京市东城区", "北京", "京东", 60),
    District("110102", "北京市西城区", "北京", "京西", 80),
    District("110105", "北京市朝阳区", "北京", "京朝", 220),
    District("110106", "北京市丰台区", "北京", "京丰", 150),
    District("110107", "北京市石景山区", "北京", "京石", 50),
    District("110108", "北京市海淀区", "北京", "京海", 190),
    District("110109", "北京市门头沟区", "北京", "京门", 35),
    District("110111", "北京市房山区", "北京", "京房", 100),
    District("110112", "北京市通州区", "北京", "京通", 150),
    District("110113", "北京市顺义区", "北京", "京顺", 130),
    District("110114", "北京市昌平区", "北京", "京昌", 130),
    District("110115", "北京市大兴区", "北京", "京兴", 150),
    District("110116", "北京市怀柔区", "北京", "京怀", 50),
    District("110117", "北京市平谷区", "北京", "京平", 45),
    District("110118", "北京市密云区", "北京", "京密", 50),
    District("110119", "北京市延庆区", "北京", "京延", 30),
    District("320613", "南通市崇川区", "南通", "通崇", 180),
)
"""The sixteen districts of Beijing, and Chongchuan in Nantong."""

BY_DIVISION: Final = {district.division: district for district in DISTRICTS}

_AUTHORITIES: Final = {
    WORK_SAFETY: ("应急管理局", "应急"),
    FIRE: ("消防救援机构", "消"),
    HOUSING: ("住房和城乡建设主管部门", "建"),
    TRANSPORT: ("交通运输主管部门", "交"),
    EQUIPMENT: ("市场监督管理局", "市监特"),
}


def authority(district: District, field: Field) -> str:
    """Name the authority of a field in a district."""
    return district.name + _AUTHORITIES[field][0]


def document_mark(district: District, field: Field) -> str:
    """Give what a document number of this authority begins with."""
    return f"（{district.mark}）{_AUTHORITIES[field][1]}"
