"""PolicyService over loopback; it needs no facts, so one database will do."""

from pathlib import Path
from typing import Any

import pytest
from google.type.date_pb2 import Date

from services.engine.policy_file import read_policy
from tests.fakes.scoring_client import RefusedError, ScoringClient

GRADE = ("cn.test.grade", "one")
GRADE_TWO = ("cn.test.grade", "two")
LIST = ("cn.test.list", "one")
LOCAL = ("cn.test.local.grade", "one")
RATE = ("cn.test.rate", "one")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Use one database."""
    return sqlite_url


async def listed(client: ScoringClient, **fields: Any) -> list[tuple[str, str]]:  # noqa: ANN401 -- any request.
    """List all versions that filters let pass."""
    found: list[tuple[str, str]] = []
    token = ""
    while True:
        page = await client.call("ListPolicies", page_token=token, **fields)
        found.extend((one.ref.policy_id, one.ref.version) for one in page.policies)
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, [GRADE, GRADE_TWO, LIST, LOCAL, RATE], id="all"),
        pytest.param({"page_size": 2}, [GRADE, GRADE_TWO, LIST, LOCAL, RATE], id="pages"),
        pytest.param({"kind": 1}, [GRADE, GRADE_TWO, LOCAL], id="kind"),
        pytest.param({"field": 2}, [GRADE, GRADE_TWO, LOCAL], id="field-and-every-field"),
        pytest.param({"division": "110106"}, [GRADE, GRADE_TWO, LIST, RATE], id="upwards"),
        pytest.param({"division": "000000"}, [GRADE, GRADE_TWO, LIST], id="country"),
        pytest.param(
            {"as_of": Date(year=2025, month=7, day=1)}, [GRADE_TWO, LIST, LOCAL, RATE], id="day"
        ),
        pytest.param(
            {"as_of": Date(year=2026, month=1, day=1), "kind": 3}, [], id="rate-has-ended"
        ),
    ],
)
async def test_filters_narrow_the_list(
    client: ScoringClient, fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """Versions come by identifier and start; every filter given must hold."""
    assert await listed(client, **fields) == expected


async def test_a_version_comes_with_its_exact_bytes(
    client: ScoringClient, policies_folder: Path
) -> None:
    """The digest is that of the version, and the parts say what the file says."""
    answer = await client.call("GetPolicy", policy_id="cn.test.grade")

    policy = answer.policy
    assert answer.content == (policies_folder / "cn/grade.yaml").read_bytes()
    versions = read_policy(answer.content, "").versions
    assert policy.ref.digest == versions[0].digest != versions[1].digest
    assert (policy.ref.version, policy.kind, policy.field) == ("one", 1, 0)
    assert (policy.title.zh, policy.division) == ("测试等级", "000000")
    assert policy.start_date == Date(year=2015, month=1, day=1)
    assert policy.end_date == Date(year=2025, month=7, day=1)
    assert list(policy.grades) == ["A", "B", "C"]
    assert list(policy.rule_ids) == ["T-PENALTIES", "T-OPEN", "T-DEATHS"]
    assert policy.source.document_number == "测〔2015〕1号"
    assert policy.source.publish_date == Date(year=2014, month=12, day=1)


async def test_a_version_is_found_by_name_or_by_day(client: ScoringClient) -> None:
    """Without a name it is the one in force on the day; a name counts whatever the day."""
    by_day = await client.call(
        "GetPolicy", policy_id="cn.test.grade", as_of=Date(year=2025, month=7, day=1)
    )
    by_name = await client.call("GetPolicy", policy_id="cn.test.grade", version="two")

    assert by_day == by_name
    assert by_day.policy.ref.version == "two"
    assert not by_day.policy.HasField("end_date")


@pytest.mark.parametrize(
    ("method", "fields", "code", "reason"),
    [
        pytest.param("GetPolicy", {"policy_id": "a.b"}, "NOT_FOUND", "POLICY_UNKNOWN", id="policy"),
        pytest.param(
            "GetPolicy",
            {"policy_id": "cn.test.list", "version": "x"},
            "NOT_FOUND",
            "POLICY_UNKNOWN",
            id="version",
        ),
        pytest.param(
            "GetPolicy",
            {"policy_id": "cn.test.list", "as_of": Date(year=2019, month=12, day=31)},
            "FAILED_PRECONDITION",
            "POLICY_NOT_IN_FORCE",
            id="day",
        ),
        pytest.param("GetPolicy", {}, "INVALID_ARGUMENT", "INVALID_INPUT", id="no-name"),
        pytest.param(
            "ListPolicies", {"kind": 99}, "INVALID_ARGUMENT", "INVALID_INPUT", id="unknown-kind"
        ),
        pytest.param(
            "ListPolicies", {"page_size": -1}, "INVALID_ARGUMENT", "INVALID_INPUT", id="page-size"
        ),
        pytest.param(
            "ListPolicies",
            {"page_token": "x"},
            "INVALID_ARGUMENT",
            "PAGE_TOKEN_MALFORMED",
            id="page-token",
        ),
    ],
)
async def test_every_refusal_has_its_reason(
    client: ScoringClient, method: str, fields: dict[str, Any], code: str, reason: str
) -> None:
    """What is not there, not in force or wrong is refused with its own reason."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, **fields)

    assert (error.value.code, error.value.reason) == (code, reason)
