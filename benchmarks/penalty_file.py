"""An invented file of penalty decisions, in the columns under which authorities publish them."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

from cli.sample.codes import ENTERPRISE_PREFIX, credit_code
from cli.sample.places import DISTRICTS

_SEED: Final = 20_260_101
_LAST_DAY: Final = date(2025, 12, 31)
_DAYS: Final = 5 * 365
_COLUMNS: Final = (
    "行政相对人名称",
    "行政相对人类别",
    "统一社会信用代码",
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额（万元）",
    "没收金额",
    "处罚决定日期",
    "公示截止期",
    "处罚机关",
)
_OFFENCES: Final = (
    ("未按规定培训、演练", "未按照规定对从业人员进行安全生产教育和培训", "第九十七条第（三）项"),
    (
        "安全设备、警示标志不符合要求",
        "未在有较大危险因素的设备上设置安全警示标志",
        "第九十九条第（一）项",
    ),
    ("未采取措施消除事故隐患", "未采取措施消除事故隐患", "第一百零二条"),
    ("其他", "未如实记录安全生产教育和培训情况", "第九十七条第（四）项"),
)


def write_penalty_file(path: Path, *, rows: int, enterprises: int) -> Path:
    """Write decisions about enterprises that nobody has registered.

    Args:
        path: Where.
        rows: How many decisions, each with a document number of its own.
        enterprises: How many enterprises, each with as many decisions.
    """
    dice = Random(_SEED)  # noqa: S311 -- invented data, not secrets.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_row(dice, number, number % enterprises) for number in range(rows))
    return path


# Private functions -----------------------------------------------------------


def _row(dice: Random, number: int, serial: int) -> tuple[str, ...]:
    district = DISTRICTS[serial % len(DISTRICTS)]
    day = _LAST_DAY - timedelta(days=dice.randrange(_DAYS))
    kind, facts, article = dice.choice(_OFFENCES)
    fine_wan_yuan = dice.randrange(1, 200) / 10
    return (
        f"测速第{serial:06}号有限公司",
        "法人及非法人组织",
        credit_code(ENTERPRISE_PREFIX, district.division, serial),
        f"（测）应急罚〔{day.year}〕{number + 1}号",
        kind,
        f"经查，该单位{facts}，上述事实有现场检查记录、询问笔录等证据证实。",
        f"《中华人民共和国安全生产法》{article}",
        "罚款",
        f"责令限期改正，处人民币{fine_wan_yuan}万元罚款。",
        str(fine_wan_yuan),
        "",
        day.isoformat(),
        (day + timedelta(days=3 * 365)).isoformat(),
        "测速市应急管理局",
    )
