"""A curated dozen: enterprises whose circumstances every grade and list should see.

Their credit codes never change. Days are counted from the end of the sample, and
"last year" is the calendar year before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cli.sample import plots
from cli.sample.codes import ENTERPRISE_PREFIX, credit_code
from cli.sample.industries import INDUSTRIES, SERVICE_BODIES, Industry
from cli.sample.ledger import Ledger, SampleEnterprise, proto_date
from cli.sample.pen import Pen
from cli.sample.places import BY_DIVISION
from safetycredit.credit.v1.enterprise_pb2 import EnterpriseProfile

REVOKED_STORY: Final = "revoked-penalty"
"""Story whose one penalty is revoked after it was recorded."""

MERGED_STORY: Final = "merged"
"""Story of an enterprise that was merged into the clean one."""

RENAMED_STORY: Final = "renamed-and-moved"
"""Story of an enterprise that changed its name and its district."""

_FOUNDED_YEARS: Final = 12
_BY_CODE: Final = {industry.code: industry for industry in (*INDUSTRIES, *SERVICE_BODIES)}


@dataclass(frozen=True, slots=True)
class Story:
    """One enterprise and what happened to it.

    Attributes:
        name: Short name of the story.
        serial: Number in the credit code; never changes.
        division: Where it is supervised.
        industry: GB/T 4754-2017.
        word: Its word in its name.
        headcount: Employees.
        telling: What one should see.
        write: Writes its records down.
    """

    name: str
    serial: int
    division: str
    industry: str
    word: str
    headcount: int
    telling: str
    write: Callable[[Pen], None]

    @property
    def credit_code(self) -> str:
        """Give the credit code, which never changes."""
        return credit_code(ENTERPRISE_PREFIX, self.division, self.serial)


STORIES: Final = (
    Story("clean", 1, "110105", "C3829", "样瑞和", 320, "no blemish, level 1, award", plots.clean),
    Story(
        "two-penalties",
        2,
        "110105",
        "C3311",
        "样启丰",
        85,
        "two penalties last year",
        plots.two_penalties,
    ),
    Story(
        "one-accident",
        3,
        "110112",
        "E4813",
        "样宏业",
        210,
        "a general accident last year",
        plots.one_accident,
    ),
    Story(
        "larger-accident",
        4,
        "110115",
        "E4710",
        "样景立",
        460,
        "a larger accident last year",
        plots.larger_accident,
    ),
    Story(
        "two-larger-accidents",
        5,
        "320613",
        "C2614",
        "样晟源",
        260,
        "two larger accidents in 12 months",
        plots.two_larger,
    ),
    Story(
        "concealed-accident",
        6,
        "110111",
        "C3021",
        "样金谷",
        130,
        "an accident concealed",
        plots.concealed,
    ),
    Story(
        "late-report",
        7,
        "110113",
        "C3670",
        "样辰科",
        150,
        "an accident reported late, which lists nobody",
        plots.reported_late,
    ),
    Story(
        "multiplied-fine",
        8,
        "320613",
        "C3731",
        "样海舟",
        540,
        "a major accident, the fine multiplied",
        plots.multiplied_fine,
    ),
    Story(
        "unlicensed",
        9,
        "110106",
        "F5169",
        "样朗达",
        14,
        "operation without a permit",
        plots.unlicensed,
    ),
    Story(
        "forged-report",
        10,
        "110108",
        "M7459",
        "样清信",
        42,
        "a service body that forged a report",
        plots.forged_report,
    ),
    Story(
        "evaded-penalty",
        11,
        "110114",
        "C2110",
        "样林木",
        60,
        "a penalty that is not performed",
        plots.evaded,
    ),
    Story(
        "overdue-hazard",
        12,
        "110111",
        "C2614",
        "样远化",
        175,
        "a major hazard overdue, listed by the province",
        plots.overdue_hazard,
    ),
    Story(
        "pending-penalty",
        13,
        "110107",
        "C3130",
        "样石盛",
        190,
        "a grave penalty that is not final yet",
        plots.pending,
    ),
    Story(
        REVOKED_STORY,
        14,
        "110102",
        "C2319",
        "样松印",
        48,
        "a grave penalty that was revoked",
        plots.revoked,
    ),
    Story(
        RENAMED_STORY,
        15,
        "110105",
        "G5431",
        "样安途",
        95,
        "another name and district than before",
        plots.ordinary,
    ),
    Story(MERGED_STORY, 16, "110105", "C3829", "样卓汇", 70, "merged into another", plots.ordinary),
    Story(
        "newcomer",
        17,
        "110119",
        "H6210",
        "样川味",
        20,
        "no standardisation level: no data",
        plots.newcomer,
    ),
)
"""Every story, in the order of its serial."""

BY_NAME: Final = {story.name: story for story in STORIES}


def tell(story: Story, until: date) -> Ledger:
    """Write one story down."""
    founded = date(until.year - _FOUNDED_YEARS, 1 + story.serial % 12, 1 + story.serial)
    if story.name == "newcomer":
        founded = until - timedelta(days=200)
    district = BY_DIVISION[story.division]
    industry: Industry = _BY_CODE[story.industry]
    profile = EnterpriseProfile(
        name=f"{district.city}{story.word}{industry.trade}有限公司",
        division=story.division,
        industry=industry.code,
        fields=industry.fields,
        kind=industry.kind,
        headcount=story.headcount,
        founding_date=proto_date(founded),
    )
    enterprise = SampleEnterprise(story.credit_code, district, industry, profile, founded)
    ledger = Ledger(enterprise, until)
    story.write(Pen(ledger))
    return ledger
