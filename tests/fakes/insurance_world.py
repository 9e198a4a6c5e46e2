"""Insurance for the tests of scoring: the project's own policies, and short ways to insure."""

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from services.scoring.commands.insurance.insurance_ports import PolicyTerms
from tests.fakes.scoring_policies import POLICIES

INSURERS: Final = {"甲财产保险": "91110102YY9900014F", "乙财产保险": "91110102YY9900022A"}
"""Two invented insurers and their credit codes."""

_FILES: Final = (
    "vocabulary.yaml",
    "instruments.yaml",
    "calendar.yaml",
    "cn/insurance-obligation.yaml",
    "cn/insurance-cover.yaml",
    "cn.beijing/insurance-obligation.yaml",
    "cn.beijing.chaoyang/insurance-obligation.yaml",
    "cn.jiangsu.nantong.chongchuan/insurance-obligation.yaml",
    "cn.beijing.xicheng/prevention-services.yaml",
)


def insurance_policies(folder: Path) -> Path:
    """Copy the policies about insurance into a folder, and give the folder."""
    for name in _FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(POLICIES / name, target)
    return folder


def insured(
    hand: Any,  # noqa: ANN401 -- any hand that writes facts.
    subject_id: int,
    *,
    issued: date = date(2025, 1, 1),
    start: date = date(2025, 1, 1),
    end: date = date(2026, 1, 1),
    **body: Any,  # noqa: ANN401 -- columns of the tables.
) -> int:
    """Record an insurance policy and give its number."""
    said = {"start_date": start, "end_date": end, **body}
    policy: int = hand.record("insurance_policy", subject_id, issued, **said)
    return policy


def endorsed(
    hand: Any,  # noqa: ANN401 -- as above.
    subject_id: int,
    policy_id: int,
    *,
    effective: date,
    issued: date | None = None,
    **body: Any,  # noqa: ANN401 -- as above.
) -> int:
    """Record an endorsement, issued on its effective day, and give its number."""
    said = {"policy_record_id": policy_id, "effective_date": effective, **body}
    endorsement: int = hand.record("endorsement", subject_id, issued or effective, **said)
    return endorsement


@dataclass(slots=True)
class FakeTerms:
    """The words of insurance policies; implements `PolicyTermReads`.

    Attributes:
        plans: Rate plan by record; others have none.
    """

    plans: dict[int, str] = field(default_factory=dict)

    def terms(self, record_ids: Collection[int], revision: int) -> Mapping[int, PolicyTerms]:
        """Give the terms of policies."""
        assert revision > 0, "somebody recorded them"
        return {
            number: PolicyTerms(
                insurer="甲财产保险",
                insurer_code=INSURERS["甲财产保险"],
                policy_number=f"{number}",
                plan_id=self.plans.get(number, ""),
                quote_id="",
            )
            for number in record_ids
        }
