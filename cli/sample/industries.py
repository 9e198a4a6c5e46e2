"""Industries of the sample: how frequent, how large, how dangerous, who supervises them."""

from dataclasses import dataclass
from typing import Final

from cli.sample.places import EQUIPMENT, FIRE, HOUSING, TRANSPORT, WORK_SAFETY
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseKind
from safetycredit.type.v1.field_pb2 import Field


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry.

    Attributes:
        code: GB/T 4754-2017.
        trade: Words for it in the name of an enterprise.
        weight: Share of the population, in no particular unit.
        risk: Danger, 1 for the middle.
        headcount: Employees at the median.
        fields: Who supervises it.
        kind: Kind of subject.
    """

    code: str
    trade: str
    weight: float
    risk: float
    headcount: int
    fields: tuple[Field, ...] = (WORK_SAFETY, FIRE)
    kind: EnterpriseKind = EnterpriseKind.ENTERPRISE_KIND_PRODUCTION_UNIT


_BUILDING: Final = (WORK_SAFETY, HOUSING)
_ROAD: Final = (WORK_SAFETY, TRANSPORT)
_PLANT: Final = (WORK_SAFETY, FIRE, EQUIPMENT)

INDUSTRIES: Final = (
    Industry("B1019", "石料开采", 8, 3.0, 40, (WORK_SAFETY, EQUIPMENT)),
    Industry("C1310", "粮油加工", 40, 1.1, 45, _PLANT),
    Industry("C1810", "服装", 55, 0.7, 60),
    Industry("C2110", "木器家具", 55, 1.6, 50),
    Industry("C2319", "印刷包装", 60, 1.1, 40),
    Industry("C2614", "精细化工", 35, 2.6, 80, _PLANT),
    Industry("C2720", "制药", 35, 1.2, 120, _PLANT),
    Industry("C2927", "塑料制品", 60, 1.4, 45),
    Industry("C3021", "水泥制品", 35, 1.9, 70, _PLANT),
    Industry("C3130", "金属压延", 15, 2.4, 150, _PLANT),
    Industry("C3311", "金属结构", 80, 1.9, 50, _PLANT),
    Industry("C3484", "机械零部件", 110, 1.5, 55, _PLANT),
    Industry("C3670", "汽车零部件", 60, 1.3, 110, _PLANT),
    Industry("C3731", "船舶修造", 20, 2.2, 160, _PLANT),
    Industry("C3829", "电气设备", 70, 1.0, 70),
    Industry("C3982", "电子器件", 70, 0.7, 90),
    Industry("D4430", "热力", 20, 1.4, 80, _PLANT),
    Industry("D4511", "燃气", 15, 1.9, 90, _PLANT),
    Industry("D4620", "污水处理", 15, 1.6, 50),
    Industry("E4710", "房屋建筑工程", 110, 2.3, 140, _BUILDING),
    Industry("E4813", "市政工程", 70, 2.1, 110, _BUILDING),
    Industry("E4910", "设备安装", 70, 1.6, 45, _BUILDING),
    Industry("E5011", "建筑装饰", 90, 1.4, 30, _BUILDING),
    Industry("F5169", "化工贸易", 40, 1.6, 12),
    Industry("F5211", "百货", 70, 0.6, 60, _PLANT),
    Industry("F5265", "加油站", 50, 1.5, 12),
    Industry("G5421", "客运", 30, 1.5, 120, _ROAD),
    Industry("G5431", "货运", 120, 1.7, 35, _ROAD),
    Industry("G5435", "危险品运输", 20, 2.5, 40, _ROAD),
    Industry("G5942", "危险品仓储", 15, 2.5, 30),
    Industry("G5990", "仓储", 50, 1.0, 25),
    Industry("H6110", "酒店", 60, 0.7, 70, _PLANT),
    Industry("H6210", "餐饮", 130, 0.9, 25),
    Industry("K7020", "物业管理", 80, 0.7, 55, _PLANT),
    Industry("N7820", "环卫", 30, 1.3, 80),
    Industry("R9051", "歌舞娱乐", 35, 1.0, 25),
)
"""What ordinary enterprises do."""

TRADER_INDUSTRIES: Final = (
    Industry("F5213", "超市", 40, 0.5, 4),
    Industry("F5229", "食品店", 40, 0.4, 3),
    Industry("H6210", "小吃店", 80, 0.8, 6),
    Industry("O8111", "汽车修理部", 40, 1.2, 5),
    Industry("C2190", "木工坊", 15, 1.5, 5),
)
"""What individual traders do."""

SERVICE_BODIES: Final = (
    Industry(
        "M7459",
        "安全评价",
        1,
        0.4,
        35,
        (WORK_SAFETY,),
        EnterpriseKind.ENTERPRISE_KIND_ASSESSMENT_BODY,
    ),
    Industry(
        "M7455",
        "体系认证",
        1,
        0.3,
        40,
        (WORK_SAFETY,),
        EnterpriseKind.ENTERPRISE_KIND_CERTIFICATION_BODY,
    ),
    Industry(
        "M7452", "安全检测", 1, 0.4, 45, (WORK_SAFETY,), EnterpriseKind.ENTERPRISE_KIND_TESTING_BODY
    ),
    Industry(
        "M7451",
        "特种设备检验",
        1,
        0.4,
        60,
        (WORK_SAFETY, EQUIPMENT),
        EnterpriseKind.ENTERPRISE_KIND_INSPECTION_BODY,
    ),
)
"""Technical service bodies, which are subjects too (mission M24)."""
