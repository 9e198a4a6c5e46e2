"""What a test of RemedyService over the network works with."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from models.lists import ListCaseRow, ListCaseStepRow, ListEntryRow
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


NO_GROUNDS: Mapping[str, Sequence[str]] = {}


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

    def entry(
        self,
        decided_on: date,
        *,
        kind: int = 1,
        removed: date | None = None,
        grounds: Mapping[str, Sequence[str]] = NO_GROUNDS,
        **values: Any,
    ) -> str:
        """Put an entry on a list, as the scoring service would.

        Args:
            decided_on: Day of the decision.
            kind: Number of the kind of list.
            removed: Day from which it is off the list.
            grounds: Records of its case by circumstance.
            values: Other columns of the entry.
        """
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
                    reasons=json.dumps(
                        [
                            [rule, "", "", "", [int(one.removeprefix("r-")) for one in record_ids]]
                            for rule, record_ids in grounds.items()
                        ]
                    ),
                    inputs="{}",
                    recorded_revision=write.revision,
                )
            )
            write.connection.execute(
                insert(ListEntryRow).values(
                    {
                        "row_id": entry_id,
                        "entry_id": entry_id,
                        "case_id": case_id,
                        "list_kind": kind,
                        "field": 1,
                        "subject_id": subject_id,
                        "person": False,
                        "credit_code": "",
                        "name": "某公司",
                        "identity_mask": "",
                        "authority": AUTHORITY,
                        "document_number": "列决1号",
                        "decision_date": decided_on,
                        "publish_date": decided_on,
                        "start_date": decided_on,
                        "rule_ids": "[]",
                        "cause": "",
                        "basis": "",
                        "measures": "[]",
                        "policy_id": "test",
                        "policy_version": "1",
                        "policy_digest": "0" * 64,
                        "state": 1,
                        "removal_document": "",
                        "removal_date": removed,
                        "recorded_revision": write.revision,
                        **values,
                    }
                )
            )
            write.commit()
        return f"l-{entry_id}"

    def restored(self, entry_id: str, day: date) -> None:
        """Withdraw an early removal of an entry, as the scoring service would."""
        number = int(entry_id.removeprefix("l-"))
        with self.server.database.write(caller=DECIDER, method="test") as write:
            case_id = select(ListEntryRow.case_id).where(ListEntryRow.entry_id == number)
            write.connection.execute(
                insert(ListCaseStepRow).values(
                    step_id=write.new_id(),
                    case_id=case_id.scalar_subquery(),
                    number=1,
                    kind=19,
                    authority=AUTHORITY,
                    person="王",
                    caller="wang",
                    document_number="撤1号",
                    step_date=day,
                    entry_id=number,
                    field=0,
                    opinion=0,
                    addressee="",
                    contents="{}",
                    measures="[]",
                    parties="[]",
                    attachments="[]",
                    recorded_revision=write.revision,
                )
            )
            write.commit()

    def by(self, changes: Mapping[str, Any]) -> Caller:
        """Give who brings a remedy: the portal today, the authority what came on a given day."""
        return DECIDER if "date" in changes else self.portal

    def applied(self, target: str, **changes: Any) -> str:
        """Apply for the repair of a target, and give the repair."""
        who = self.by(changes)
        remedy_id: str = self.call(application(target, **changes), who).remedy.remedy_id
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
        who = self.by(changes)
        remedy_id: str = self.call(objection(target, **changes), who).remedy.remedy_id
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
