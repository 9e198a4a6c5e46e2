"""Listings that are decided and not published yet, read from the ledgers of the list service."""

import json
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from models.lists import ListCasePartyRow, ListCaseRow, ListCaseStepRow
from services.credit.domain.remedy import Decided
from services.credit.store.columns import table_of

_CASES: Final = table_of(ListCaseRow)
_PARTIES: Final = table_of(ListCasePartyRow)
_STEPS: Final = table_of(ListCaseStepRow)
# Number of the kind of list, see list_entry.proto, and of the steps, see list_case.proto.
_BLACKLIST: Final = 1
_DECIDE: Final = 10
_PUBLISH_OR_CLOSE: Final = (12, 13)


def decided_listing(
    connection: Connection, decided: Decided, *, revision: int, day: date
) -> int | None:
    """Give the first case of a blacklist of the field in which it was decided since to list whom.

    Once it is published its entry counts instead, and once it is closed nothing does.

    Args:
        connection: In its transaction.
        decided: The decision, on whose day or after it.
        revision: Revision by which cases are known.
        day: Last day on which it may have been decided.
    """
    ended = select(_STEPS.c.case_id).where(
        _STEPS.c.case_id == _CASES.c.case_id,
        _STEPS.c.kind.in_(_PUBLISH_OR_CLOSE),
        _STEPS.c.recorded_revision <= revision,
    )
    of_subject = select(_PARTIES.c.case_id).where(_PARTIES.c.subject_id == decided.subject_id)
    query = (
        select(_CASES.c.case_id, _STEPS.c.parties)
        .join(_STEPS, _STEPS.c.case_id == _CASES.c.case_id)
        .where(
            _CASES.c.case_id.in_(of_subject),
            _CASES.c.list_kind == _BLACKLIST,
            _CASES.c.field == int(decided.field),
            _STEPS.c.kind == _DECIDE,
            _STEPS.c.step_date >= decided.decision_date,
            _STEPS.c.step_date <= day,
            _STEPS.c.recorded_revision <= revision,
            ~ended.correlate(_CASES).exists(),
        )
        .order_by(_STEPS.c.step_date, _CASES.c.case_id)
    )
    for case_id, parties in connection.execute(query):
        listed = json.loads(parties)
        # A decision that names nobody lists every party.
        if not listed or decided.subject_id in listed:
            found: int = case_id
            return found
    return None
