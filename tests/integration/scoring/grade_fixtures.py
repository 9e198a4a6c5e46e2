"""What the tests of grades over loopback ask with."""

from datetime import datetime
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from tests.fakes.scoring_client import RefusedError, ScoringClient

CODE = "91110000600037341L"
TODAY = Date(year=2025, month=6, day=1)
POLICY = "cn.test.grade"
RUBBISH = "rubbish"
SUBJECT = {"credit_code": CODE}


def number_of(enterprise_id: str) -> int:
    """Give the number in an identifier."""
    return int(enterprise_id.removeprefix("e-"))


def instant(time: datetime) -> Timestamp:
    """Write an instant."""
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


async def refused(client: ScoringClient, method: str, **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Call a method that must refuse, and give the refusal."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, **fields)
    return error.value
