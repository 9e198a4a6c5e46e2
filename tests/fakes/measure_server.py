"""A server of measures alone: what several tests start, quickly."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from models.lists import ListCaseRow
from safetycredit.scoring.v1 import measure_service_pb2 as pb
from services.common.calls import ServedService
from services.common.database import Database
from services.common.identity import Caller
from services.common.server import ServerPlan
from services.common.settings import load_settings
from services.scoring.commands.measures.get_measure_statistics import GetMeasureStatistics
from services.scoring.commands.measures.list_measure_reports import ListMeasureReports
from services.scoring.commands.measures.list_measures import ListMeasures
from services.scoring.commands.measures.report_measure import ReportMeasure
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.handlers.measure_service import MeasureHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.list_entries import SqlListEntries
from services.scoring.store.measure_catalogue import load_measures
from services.scoring.store.measure_store import SqlMeasureStore
from services.scoring.store.policies import load_vocabulary
from tests.fakes.list_entries import entry

POLICIES = Path(__file__).parents[2] / "policies"
SETTINGS = load_settings({"SAFETYCREDIT_LOG_LEVEL": "error", "SAFETYCREDIT_DRAIN_SECONDS": "0"})
WRITER = Caller(identity="lists", roles=frozenset({"regulator"}))


def measure_plan(database: Database) -> ServerPlan:
    """Plan a server of measures alone, with the project's own catalogue."""
    catalogue = load_measures(POLICIES)
    columns = FactColumns(load_vocabulary(POLICIES), database.dialect)
    store = SqlMeasureStore(database, columns)
    handlers = MeasureHandlers(
        catalogue=ListMeasures(catalogue),
        report=ReportMeasure(store, catalogue),
        reports=ListMeasureReports(store),
        statistics=GetMeasureStatistics(store),
        limits=PageLimits(default=100, max=1000),
    )
    service = pb.DESCRIPTOR.services_by_name["MeasureService"]
    return ServerPlan(
        listen="127.0.0.1:0",
        services=(ServedService(service, handlers.by_name()),),
        clock=database.clock,
    )


def listed(
    database: Database,
    *measures: str,
    kind: ListKind = ListKind.BLACKLIST,
    state: EntryState = EntryState.IN_FORCE,
    **given: Any,  # noqa: ANN401 -- any attribute of an entry.
) -> str:
    """Put an entry on a list, as the list procedure would."""
    with database.write(caller=WRITER, method="test") as write:
        case_id, entry_id = write.new_id(), write.new_id()
        write.connection.execute(
            insert(ListCaseRow).values(
                case_id=case_id,
                list_kind=int(kind),
                field=1,
                subject_id=7,
                person=False,
                origin=1,
                authority="样例应急管理局",
                policy_id="test",
                policy_version="1",
                policy_digest="0" * 64,
                evaluation_date=date(2025, 5, 20),
                procedure="{}",
                review_fields=0,
                reasons="[]",
                inputs="{}",
                recorded_revision=write.revision,
            )
        )
        values = {"measures": measures, "list_key": ListKey(kind, 1), "credit_code": ""} | given
        held = HeldEntry(
            entry=entry(entry_id, **values),
            case_id=case_id,
            publish_date=date(2025, 5, 21),
            state=state,
        )
        SqlListEntries(write.connection, write).put_entry(held)
        write.commit()
    return f"l-{entry_id}"
