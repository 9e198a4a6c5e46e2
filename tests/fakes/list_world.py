"""A world in which cases of the lists run: authorities, officials, and their steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from services.common.identity import Caller, caller_metadata
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_client import METHODS, RefusedError
from tests.fakes.scoring_facts import FactWriter

BUREAU = "北京市朝阳区应急管理局"
"""The authority of the penalties that `FactWriter` records."""

FIRE = "北京市朝阳区消防救援支队"
CODE = "91110000600037341L"
SHA = "ab" * 32


def caller(
    name: str, authority: str = BUREAU, *, fields: str = "*", role: str = "regulator"
) -> Caller:
    """Make a caller of an authority."""
    return Caller(
        identity=name,
        roles=frozenset({role}),
        authority=authority,
        divisions=frozenset({"11"}),
        fields=frozenset({fields}),
    )


CLERK = caller("clerk")
CHIEF = caller("chief")
FIREMAN = caller("fireman", FIRE, fields="fire")
PORTAL = replace(caller("portal", role="enterprise_portal"), subject=CODE)
AUDITOR = caller("auditor", role="auditor")
PERSONS = {"clerk": "赵一", "chief": "钱二", "fireman": "孙三", "portal": "李四", "auditor": "周五"}


def wire_day(day: date) -> Date:
    """Write a day as the wire does."""
    return Date(year=day.year, month=day.month, day=day.day)


def plain_day(day: Date) -> date:
    """Read a day of the wire."""
    return date(day.year, day.month, day.day)


@dataclass(slots=True)
class ListWorld:
    """Calls the list service as different officials.

    Attributes:
        channel: Where the service is.
        clock: Its clock.
        facts: Writes facts.
    """

    channel: grpc.aio.Channel
    clock: FixedClock
    facts: FactWriter
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def today(self) -> date:
        """Give the day it is in Shanghai, at noon."""
        return (self.clock.now() + timedelta(hours=8)).date()

    def stand_at(self, day: date) -> None:
        """Move the clock to noon of a day."""
        self.clock.advance(timedelta(days=(day - self.today).days))

    async def call(self, method: str, who: Caller, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call a method.

        Raises:
            RefusedError: The call was refused.
        """
        path, request, response = METHODS[method]
        unary: Any = self.channel.unary_unary(path)
        try:
            answer = await unary(
                request(**fields).SerializeToString(), metadata=caller_metadata(who), timeout=20
            )
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return response.FromString(answer)

    async def take(
        self,
        method: str,
        who: Caller,
        *,
        day: date | None = None,
        attachments: Mapping[str, str] | None = None,
        **fields: Any,  # noqa: ANN401 -- fields of the request.
    ) -> Any:  # noqa: ANN401 -- the case.
        """Take a step on a day, today by default; give the case after it.

        A document has a number of its own unless one is given.

        Raises:
            RefusedError: The step was refused.
        """
        number = next(self._numbers)
        document: dict[str, Any] = {
            "person": fields.pop("person", PERSONS.get(who.identity, "")),
            "document_number": fields.pop("document_number", f"文〔2025〕{number}号"),
            "attachments": [
                {"sha256": SHA, "title": title, "proves": proves}
                for proves, title in (attachments or {}).items()
            ],
        }
        if day is not None:
            document["date"] = wire_day(day)
        fields.setdefault("request_id", f"r-{number}")
        answer = await self.call(method, who, document=document, **fields)
        return answer.list_case

    def penalised(self, *, fields: int = 0b10, **penalty: Any) -> tuple[int, int]:  # noqa: ANN401 -- columns of the table.
        """Register the enterprise with a major final penalty; give both numbers."""
        number = self.facts.enterprise(credit_code=CODE, fields=fields)
        return number, self.penalty(number, **penalty)

    def principal(self, number: int, name: str, start_date: date = date(2020, 1, 1)) -> int:
        """Register a person who is the principal of an enterprise from a day on."""
        person = self.facts.person(name)
        self.facts.in_office(person, number, start_date)
        return person

    def penalty(self, number: int, **penalty: Any) -> int:  # noqa: ANN401 -- columns of the table.
        """Record a major final penalty."""
        body: dict[str, Any] = {"major": True, "final_date": date(2025, 3, 1), **penalty}
        return self.facts.record("penalty", number, date(2025, 1, 10), **body)

    async def opened(self, **fields: Any) -> Any:  # noqa: ANN401 -- the case.
        """Open a case of the test blacklist by rule."""
        wish: dict[str, Any] = {
            "subject": {"credit_code": CODE},
            "policy_id": "cn.test.blacklist",
            **fields,
        }
        return await self.take("OpenListCase", CLERK, **wish)

    async def approved(self, case_id: str) -> Any:  # noqa: ANN401 -- the case.
        """Bring an open case to its approval; the parties waive their periods."""
        await self.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
        await self.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
        await self.take("RecordStatement", CHIEF, case_id=case_id, waived=True)
        reviewed = await self.take("ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
        if 2 in reviewed.review_fields:
            await self.take("ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=1)
        return await self.take("ApproveListCase", CHIEF, case_id=case_id, opinion=1)

    async def decided(self, case_id: str, **decision: Any) -> Any:  # noqa: ANN401 -- the case.
        """Bring an open case to its decision; the parties waive their periods."""
        await self.approved(case_id)
        return await self.take("DecideListCase", CHIEF, case_id=case_id, **{**DECISION, **decision})

    async def published(self, case_id: str, **decision: Any) -> Any:  # noqa: ANN401 -- the case.
        """Bring an open case to its publication."""
        await self.decided(case_id, **decision)
        await self.take("ServeDecision", CHIEF, case_id=case_id)
        return await self.take("PublishListCase", CHIEF, case_id=case_id)

    async def status(self, subject: Mapping[str, str] | None = None, **fields: Any) -> Any:  # noqa: ANN401 -- a standing.
        """Ask where the enterprise stands with the test blacklist."""
        wish = {"policy_id": "cn.test.blacklist", **fields}
        answer = await self.call(
            "GetListStatus", CHIEF, subject=subject or {"credit_code": CODE}, **wish
        )
        return answer.statuses[0]


FIREMAN_OF_ALL = replace(FIREMAN, fields=frozenset({"*"}))
NOT_LISTED, CANDIDATE, LISTED, NO_DATA = 1, 2, 3, 4
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is the same on both databases is tried on one."""

NOTICE: dict[str, Any] = {
    "cause": "受到重大行政处罚",
    "basis": "测试名单办法第二条",
    "measures": "加大执法检查频次",
    "rights": "陈述、申辩",
}
DECISION: dict[str, Any] = {
    "cause": "受到重大行政处罚",
    "basis": "测试名单办法第二条",
    "measures": "公示、共享失信信息",
    "measure_codes": ["information_published"],
    "repair": "满6个月可以申请提前移出",
    "remedies": "行政复议、行政诉讼",
}


async def redlisted(world: ListWorld, subject: dict[str, str] | None = None) -> Any:  # noqa: ANN401 -- the case.
    """Walk a redlist case to its publication."""
    decided = await redlist_decided(world, subject)
    return await world.take("PublishListCase", CHIEF, case_id=decided.case_id)


async def redlist_decided(world: ListWorld, subject: dict[str, str] | None = None) -> Any:  # noqa: ANN401 -- the case.
    """Walk a redlist case to its decision on 11 June 2025."""
    wanted = subject or {"credit_code": CODE}
    (own,) = wanted.values()
    case = await world.take(
        "ApplyForRedlist",
        replace(PORTAL, subject=own),
        subject=wanted,
        policy_id="cn.test.redlist",
        field=1,
        inputs=[{"name": "dishonest_acts", "value": 0}],
        attachments={"dishonest_acts": "信用报告"},
    )
    case_id = case.case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("ReviewListCase", CLERK, case_id=case_id, field=1, opinion=1)
    await world.take("ApproveListCase", CHIEF, case_id=case_id, opinion=1)
    await world.take("AnnounceListCase", CHIEF, case_id=case_id)
    with pytest.raises(RefusedError) as early:
        await world.take("DecideListCase", CHIEF, case_id=case_id, cause="诚实守信")
    assert early.value.reason == "STEP_TOO_EARLY"
    world.stand_at(date(2025, 6, 11))
    return await world.take("DecideListCase", CHIEF, case_id=case_id, cause="诚实守信")
