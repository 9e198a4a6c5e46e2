"""What a test of RemedyService over the network works with."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from models.lists import ListCaseRow, ListEntryRow
from safetycredit.credit.v1 import record_pb2
from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from services.credit.main import CreditServer
from tests.fakes.credit_calls import AUDITOR
from tests.fakes.credit_remedies import (
    AUTHORITY,
    DECIDER,
    RemedyClient,
    acceptance,
    application,
    grant,
    objection,
    portal_of,
    publication,
)
from tests.fakes.credit_requests import (
    day,
    penalty,
)

_numbers = count(1)
# A fine of 60,000 yuan by the ordinary procedure is general: repairable after three months.
GENERAL = {
    "fine": {"currency_code": "CNY", "units": 60_000},
    "procedure": record_pb2.Penalty.PROCEDURE_ORDINARY,
}


@dataclass
class Bench:
    """What a test works with.

    Attributes:
        call: Calls RemedyService.
        server: The server, whose store a test may look into.
        subject: An enterprise of the test's own.
        enterprise_id: Its identifier.
    """

    call: RemedyClient
    server: CreditServer
    subject: Any
    enterprise_id: str

    @property
    def portal(self) -> Caller:
        """Give the portal of the enterprise."""
        return portal_of(self.enterprise_id)

    def penalty(self, decided_on: date = date(2026, 7, 1), **changes: Any) -> str:
        """Record a performed penalty of 60,000 yuan, made public a week later."""
        number = next(_numbers)
        head = {
            "subject": self.subject,
            "document_number": f"罚〔2026〕{number}号",
            "event_date": day(decided_on),
            "publish_date": day(decided_on + timedelta(days=7)),
        }
        head |= changes.pop("head", {})
        values = GENERAL | {"performed_date": day(decided_on)} | changes
        request = penalty(head=head, **values)
        record_id: str = self.call.credit(request, DECIDER).record.record_id
        return record_id

    def entry(self, decided_on: date, *, kind: int = 1, removed: date | None = None) -> str:
        """Put an entry on a list, as the scoring service would."""
        subject_id = int(self.enterprise_id.partition("-")[2])
        with self.server.database.write(caller=DECIDER, method="test") as write:
            case_id, entry_id = write.new_id(), write.new_id()
            write.connection.execute(
                insert(ListCaseRow).values(
                    case_id=case_id,
                    list_kind=kind,
                    field=1,
                    subject_id=subject_id,
                    person=False,
                    origin=1,
                    authority=AUTHORITY,
                    policy_id="test",
                    policy_version="1",
                    policy_digest="0" * 64,
                    evaluation_date=decided_on,
                    procedure="{}",
                    review_fields=0,
                    reasons="[]",
                    inputs="{}",
                    recorded_revision=write.revision,
                )
            )
            write.connection.execute(
                insert(ListEntryRow).values(
                    row_id=entry_id,
                    entry_id=entry_id,
                    case_id=case_id,
                    list_kind=kind,
                    field=1,
                    subject_id=subject_id,
                    person=False,
                    credit_code="",
                    name="某公司",
                    identity_mask="",
                    authority=AUTHORITY,
                    document_number="列决1号",
                    decision_date=decided_on,
                    publish_date=decided_on,
                    start_date=decided_on,
                    rule_ids="[]",
                    cause="",
                    basis="",
                    measures="[]",
                    policy_id="test",
                    policy_version="1",
                    policy_digest="0" * 64,
                    state=1,
                    removal_document="",
                    removal_date=removed,
                    recorded_revision=write.revision,
                )
            )
            write.commit()
        return f"l-{entry_id}"

    def applied(self, target: str, **changes: Any) -> str:
        """Apply for the repair of a target, and give the repair."""
        remedy_id: str = self.call(application(target, **changes), self.portal).remedy.remedy_id
        return remedy_id

    def accepted(self, target: str) -> str:
        """Have an application accepted."""
        remedy_id = self.applied(target)
        self.call(acceptance(remedy_id))
        return remedy_id

    def granted(self, target: str) -> str:
        """Have a repair granted."""
        remedy_id = self.accepted(target)
        self.call(grant(remedy_id))
        return remedy_id

    def filed(self, target: str, **changes: Any) -> str:
        """File an objection."""
        remedy_id: str = self.call(objection(target, **changes), self.portal).remedy.remedy_id
        return remedy_id

    def remedy(self, remedy_id: str, **changes: Any) -> service.Remedy:
        """Get a remedy."""
        request = service.GetRemedyRequest(remedy_id=remedy_id, **changes)
        found: service.Remedy = self.call(request, AUDITOR).remedy
        return found

    def published(self, record_id: str, as_of: date | None = None) -> service.Publication:
        """Get the publication of a penalty."""
        found: service.Publication = self.call(publication(record_id, as_of), AUDITOR).publication
        return found
