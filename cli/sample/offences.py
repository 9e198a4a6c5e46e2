"""What inspections of each field find, and what it costs.

The amounts are the order of size of the law's, for a believable sample; nothing is
judged by them.
"""

from dataclasses import dataclass
from typing import Final

from cli.sample.places import EQUIPMENT, FIRE, HOUSING, TRANSPORT, WORK_SAFETY
from safetycredit.type.v1.field_pb2 import Field


@dataclass(frozen=True, slots=True)
class Offence:
    """A kind of violation as the sample knows it.

    Attributes:
        code: In policies/vocabulary.yaml.
        weight: How often it is found, in no particular unit.
        fine_yuan: Lowest and highest usual fine.
        article: Article that is violated.
        finding: What the inspectors write.
    """

    code: str
    weight: float
    fine_yuan: tuple[int, int]
    article: str
    finding: str


OFFENCES: Final[dict[Field, tuple[Offence, ...]]] = {
    WORK_SAFETY: (
        Offence(
            "equipment",
            30,
            (5_000, 40_000),
            "《安全生产法》第三十六条",
            "安全设备未定期检测,警示标志缺失",
        ),
        Offence(
            "training",
            25,
            (10_000, 60_000),
            "《安全生产法》第二十八条",
            "未如实记录安全生产教育和培训情况",
        ),
        Offence(
            "management",
            18,
            (10_000, 80_000),
            "《安全生产法》第二十四条",
            "未按规定配备专职安全生产管理人员",
        ),
        Offence(
            "hazard_not_removed",
            14,
            (10_000, 50_000),
            "《安全生产法》第四十一条",
            "未采取措施消除事故隐患",
        ),
        Offence(
            "dangerous_work",
            8,
            (20_000, 90_000),
            "《安全生产法》第四十三条",
            "动火作业未安排专人进行现场安全管理",
        ),
        Offence(
            "outsourcing",
            4,
            (20_000, 80_000),
            "《安全生产法》第四十九条",
            "未与承租单位签订安全生产管理协议",
        ),
        Offence(
            "insurance",
            2,
            (50_000, 100_000),
            "《安全生产法》第五十一条",
            "未按规定投保安全生产责任保险",
        ),
        Offence(
            "obstructing_inspection",
            1,
            (20_000, 100_000),
            "《安全生产法》第六十六条",
            "拒绝监督检查",
        ),
    ),
    FIRE: (
        Offence(
            "fire_facilities", 60, (5_000, 30_000), "《消防法》第十六条", "消防设施未保持完好有效"
        ),
        Offence(
            "evacuation_blocked",
            40,
            (5_000, 30_000),
            "《消防法》第二十八条",
            "占用疏散通道,安全出口上锁",
        ),
    ),
    HOUSING: (
        Offence(
            "construction_site",
            80,
            (10_000, 60_000),
            "《建设工程安全生产管理条例》第二十八条",
            "施工现场临边防护缺失",
        ),
        Offence(
            "training",
            20,
            (10_000, 40_000),
            "《建设工程安全生产管理条例》第三十六条",
            "作业人员未经培训上岗",
        ),
    ),
    TRANSPORT: (
        Offence(
            "transport_safety",
            85,
            (3_000, 30_000),
            "《道路运输条例》第三十条",
            "车辆动态监控不到位",
        ),
        Offence(
            "management", 15, (5_000, 30_000), "《安全生产法》第二十五条", "未制定安全检查计划"
        ),
    ),
    EQUIPMENT: (
        Offence(
            "special_equipment_overdue",
            70,
            (30_000, 100_000),
            "《特种设备安全法》第四十条",
            "使用超期未检的叉车",
        ),
        Offence(
            "training",
            30,
            (10_000, 50_000),
            "《特种设备安全法》第十四条",
            "作业人员无证操作特种设备",
        ),
    ),
}
"""Ordinary violations of each field; the grave ones belong to the stories."""
