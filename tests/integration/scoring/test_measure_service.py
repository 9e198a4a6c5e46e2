"""MeasureService over the network: the catalogue, what departments report, what that adds up to."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from safetycredit.scoring.v1 import measure_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.measure_service_pb2_grpc import MeasureServiceStub
from services.common.database import Database
from services.common.identity import Caller, caller_metadata
from services.common.server import running
from services.scoring.domain.entry_course import EntryState
from tests.fakes.measure_server import SETTINGS, listed, measure_plan
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter

DAY = Date(year=2025, month=6, day=1)
TAX = "北京市税务局"
APPLIED = pb.MeasureOutcome.MEASURE_OUTCOME_APPLIED
REFUSED = pb.MeasureOutcome.MEASURE_OUTCOME_REFUSED
LIFTED = pb.MeasureOutcome.MEASURE_OUTCOME_LIFTED
_numbers = count(1)


def department(name: str = TAX, role: str = "subscriber") -> Caller:
    """Make a caller that acts for a department."""
    return Caller(identity=f"system-{name}", roles=frozenset({role}), authority=name)


@dataclass
class Client:
    """Calls MeasureService; lists entries as the list procedure would.

    Attributes:
        stub: What it calls through.
        database: The store.
    """

    stub: MeasureServiceStub
    database: Database

    async def __call__(self, request: Any, caller: Caller | None = None) -> Any:
        """Send a request and give its answer."""
        method = getattr(self.stub, type(request).DESCRIPTOR.name.removesuffix("Request"))
        try:
            return await method(request, metadata=caller_metadata(caller or department()))
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error

    def listed(self, *measures: str, **given: Any) -> str:
        """Put an entry on a list."""
        return listed(self.database, *measures, **given)

    async def report(
        self, entry_id: str, outcome: Any, caller: Caller | None = None, **changes: Any
    ) -> Any:
        """Report a measure of an entry, by default that inspections are more frequent."""
        return await self(report(entry_id, outcome, **changes), caller)


def report(entry_id: str, outcome: Any, **changes: Any) -> pb.ReportMeasureRequest:
    """Write a report."""
    values: dict[str, Any] = {
        "request_id": f"report-{next(_numbers)}",
        "entry_id": entry_id,
        "measure": "more_inspections",
        "outcome": outcome,
    }
    return pb.ReportMeasureRequest(**values | changes)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    """Serve measures alone on the store under test, with the project's own catalogue."""
    async with (
        running(SETTINGS, measure_plan(database)) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield Client(MeasureServiceStub(channel), database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_catalogue_says_what_may_be_used_on_a_day(client: Client) -> None:
    """Legal basis, edition and wording of every measure; both sides of an edition's first day."""
    before, after = [
        await client(
            pb.ListMeasuresRequest(
                kind=ListKind.LIST_KIND_BLACKLIST, as_of=Date(year=2021, month=12, day=day)
            )
        )
        for day in (15, 16)
    ]

    by_code = {one.code: one for one in after.measures}
    assert (before.edition, after.edition) == ("", "2021")
    assert not any(one.allowed for one in before.measures)
    assert by_code["more_inspections"].allowed
    assert not by_code["standardisation_suspended"].allowed
    assert by_code["more_inspections"].wording.zh == "加大执法检查频次"
    assert by_code["more_inspections"].basis[0].article == "第七十八条"
    assert "fewer_inspections" not in by_code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_what_may_be_used_can_be_asked_for(client: Client) -> None:
    """A decision's author sees the measures of the list and day alone."""
    request = pb.ListMeasuresRequest(kind=ListKind.LIST_KIND_REDLIST, allowed=True, as_of=DAY)

    codes = [one.code for one in (await client(request)).measures]

    assert codes[0] == "fewer_inspections"
    assert len(codes) == 6


async def test_departments_report_what_they_did(client: Client) -> None:
    """Applied, refused and lifted are kept, listed page by page, and counted."""
    entry_id = client.listed("more_inspections", "awards_excluded")
    silent = client.listed("more_inspections")
    await client.report(entry_id, APPLIED, document_number="税函1号")
    await client.report(entry_id, REFUSED, measure="awards_excluded", reason="本部门无此项评比")
    await client.report(entry_id, APPLIED, department("北京市住建委"))

    found: list[Any] = []
    token = ""
    while True:
        page = await client(
            pb.ListMeasureReportsRequest(entry_id=entry_id, page_size=2, page_token=token)
        )
        found += page.reports
        token = page.next_page_token
        if not token:
            break
    counted = await client(
        pb.GetMeasureStatisticsRequest(), department("北京市应急管理局", "regulator")
    )

    assert [(one.measure, one.department, one.outcome) for one in found] == [
        ("more_inspections", TAX, APPLIED),
        ("awards_excluded", TAX, REFUSED),
        ("more_inspections", "北京市住建委", APPLIED),
    ]
    totals = {one.measure: one for one in counted.measures}
    assert (totals["more_inspections"].carrying, totals["more_inspections"].unreported) == (2, 1)
    assert [(one.department, one.applied) for one in totals["more_inspections"].departments] == [
        ("北京市住建委", 1),
        (TAX, 1),
    ]
    assert totals["awards_excluded"].departments[0].refused == 1
    assert silent != entry_id


async def test_a_measure_open_after_removal_is_seen_until_it_is_lifted(client: Client) -> None:
    """Removal obliges the departments to lift; the counts show who has not, on either axis."""
    entry_id = client.listed(
        "more_inspections",
        start_date=date(2025, 5, 21),
        end_date=date(2025, 6, 1),
        state=EntryState.REMOVED,
    )
    await client.report(entry_id, APPLIED, date=Date(year=2025, month=5, day=31))
    caller = department("北京市应急管理局", "regulator")
    before = await client(pb.GetMeasureStatisticsRequest(), caller)
    await client.report(entry_id, LIFTED)
    after = await client(pb.GetMeasureStatisticsRequest(), caller)

    known = await client(pb.GetMeasureStatisticsRequest(known_at=before.point.known_at), caller)

    assert [one.departments[0].open_after_removal for one in before.measures] == [1]
    assert [one.departments[0].open_after_removal for one in after.measures] == [0]
    assert [one.departments[0].lifted for one in after.measures] == [1]
    assert known.measures == before.measures
    assert before.measures[0].carrying == 0


async def test_the_same_report_is_kept_once(client: Client) -> None:
    """Idempotent by request, and by entry, measure, department, outcome and day."""
    entry_id = client.listed("more_inspections")
    request = report(entry_id, APPLIED, document_number="税函1号")
    first = await client(request)

    again = await client(request)
    other = await client.report(entry_id, APPLIED, document_number="税函1号")

    assert (first.repeated, again.repeated, other.repeated) == (False, True, True)
    assert first.report == again.report == other.report
    with pytest.raises(RefusedError) as error:
        await client.report(entry_id, APPLIED, document_number="税函2号")
    assert (error.value.code, error.value.reason) == ("ALREADY_EXISTS", "REPORT_DIFFERS")


async def test_what_is_done_again_on_one_day_is_told_not_to_stand(client: Client) -> None:
    """Applied, lifted and applied again: nobody is told "repeated" while the measure is lifted."""
    entry_id = client.listed("more_inspections")
    said = [
        await client.report(entry_id, outcome) for outcome in (APPLIED, APPLIED, LIFTED, LIFTED)
    ]

    with pytest.raises(RefusedError) as error:
        await client.report(entry_id, APPLIED)
    counted = await client(
        pb.GetMeasureStatisticsRequest(), department("北京市应急管理局", "regulator")
    )

    assert [one.repeated for one in said] == [False, True] * 2
    assert (error.value.code, error.value.reason) == ("ALREADY_EXISTS", "REPORT_OVERTAKEN")
    assert error.value.facts["report_id"] == said[0].report.report_id
    assert error.value.facts["later_report_id"] == said[-1].report.report_id
    (tax,) = (
        one
        for totals in counted.measures
        if totals.measure == "more_inspections"
        for one in totals.departments
    )
    assert (tax.applied, tax.lifted) == (0, 1)


async def test_what_does_not_hold_together_is_refused(client: Client) -> None:
    """Every refusal of a report has its reason and its code."""
    entry_id = client.listed("more_inspections")
    off = client.listed("more_inspections", end_date=date(2025, 6, 1))
    early = client.listed("more_inspections", start_date=date(2025, 5, 20))
    applied = client.listed("more_inspections")
    await client.report(applied, APPLIED)
    cases = [
        (report("l-77", APPLIED), None, "NOT_FOUND", "ENTRY_UNKNOWN"),
        (report(entry_id, APPLIED, measure="none"), None, "NOT_FOUND", "MEASURE_UNKNOWN"),
        (
            report(entry_id, APPLIED, measure="awards_excluded"),
            None,
            "FAILED_PRECONDITION",
            "MEASURE_NOT_CARRIED",
        ),
        (report(off, APPLIED), None, "FAILED_PRECONDITION", "ENTRY_OFF_LIST"),
        (
            # The entry counts from the day on which it was decided, and was published on the 21st.
            report(early, APPLIED, date=Date(year=2025, month=5, day=20)),
            None,
            "FAILED_PRECONDITION",
            "ENTRY_OFF_LIST",
        ),
        (report(entry_id, LIFTED), None, "FAILED_PRECONDITION", "MEASURE_NOT_APPLIED"),
        (
            report(applied, REFUSED, reason="x"),
            None,
            "FAILED_PRECONDITION",
            "MEASURE_ALREADY_APPLIED",
        ),
        (
            report(applied, LIFTED, date=Date(year=2025, month=5, day=31)),
            None,
            "FAILED_PRECONDITION",
            "REPORT_BEFORE_PREVIOUS",
        ),
        (
            report(entry_id, APPLIED),
            Caller(identity="x", roles=frozenset({"subscriber"})),
            "PERMISSION_DENIED",
            "DEPARTMENT_MISSING",
        ),
        (
            report(entry_id, APPLIED),
            department(role="public"),
            "PERMISSION_DENIED",
            "ACCESS_DENIED",
        ),
    ]
    found: list[tuple[str, str]] = []
    for request, caller, _, _ in cases:
        with pytest.raises(RefusedError) as error:
            await client(request, caller)
        found.append((error.value.code, error.value.reason))

    assert found == [(code, reason) for _, _, code, reason in cases]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_wrong_field_is_named_at_once(client: Client) -> None:
    """A report names an entry, a measure and what was done, of a day that has come."""
    with pytest.raises(RefusedError) as wrong:
        await client(pb.ReportMeasureRequest(entry_id="r-1"))
    with pytest.raises(RefusedError) as future:
        await client.report("l-1", APPLIED, date=Date(year=2025, month=6, day=2))
    with pytest.raises(RefusedError) as reasonless:
        await client.report("l-1", REFUSED, reason="\u200b.")

    assert wrong.value.violations == {
        "request_id": "REQUIRED",
        "entry_id": "ID_MALFORMED",
        "measure": "REQUIRED",
        "outcome": "REQUIRED",
    }
    assert future.value.violations == {"date": "DATE_IN_FUTURE"}
    assert reasonless.value.violations == {"reason": "REQUIRED"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_report_tells_nobody_who_a_listed_person_is(
    client: Client, facts: FactWriter
) -> None:
    """Refused by the field; other departments read every report."""
    person = facts.person("王小明")
    entry_id = client.listed("more_inspections", subject_id=person, person=True, name="王＊")

    reasons = {}
    for text in ("王小明已离职", "11010519491231002X已离职"):
        with pytest.raises(RefusedError) as error:
            await client.report(entry_id, REFUSED, reason=text)
        reasons[error.value.reason] = error.value.message
    stored = await client.report(entry_id, REFUSED, reason="有关人员已离职")

    assert list(reasons) == ["PERSON_IN_TEXT"]
    assert reasons["PERSON_IN_TEXT"].startswith("reason ")
    assert stored.report.reason == "有关人员已离职"
