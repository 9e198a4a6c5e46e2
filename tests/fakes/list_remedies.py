"""Objections to entries, as the credit service leaves them in the store once they are upheld."""

from sqlalchemy import insert

from models.remedies import RemedyRow, RemedyStepRow
from services.common.identity import Caller
from services.scoring.domain.identifiers import number_of
from tests.fakes.list_world import BUREAU, ListWorld
from tests.fakes.scoring_facts import WRITER

_FILED, _UPHELD = 1, 2
_CORRECT_ENTRY = 5


def uphold(world: ListWorld, entry_id: str, document_number: str, *, by: Caller = WRITER) -> None:
    """Have an objection to an entry filed and upheld today.

    Args:
        world: The world.
        entry_id: The entry, as ``l-1``.
        document_number: Document that upholds it.
        by: Who records that.
    """
    number = number_of("l", entry_id)
    with world.facts.database.write(caller=by, method="test") as write:
        remedy_id = write.new_id()
        write.connection.execute(
            insert(RemedyRow).values(
                remedy_id=remedy_id,
                kind=1,
                entry_id=number,
                subject_id=1,
                person=False,
                field=1,
                authority=BUREAU,
                document_number="列1号",
                decision_date=world.today,
                policy_id="cn.credit-repair",
                policy_version="2023-05-01",
                policy_digest="",
                recorded_revision=write.revision,
            )
        )
        for place, state in enumerate((_FILED, _UPHELD), start=1):
            upheld = state == _UPHELD
            write.connection.execute(
                insert(RemedyStepRow).values(
                    remedy_id=remedy_id,
                    number=place,
                    state=state,
                    step_date=world.today,
                    authority=BUREAU if upheld else "",
                    document_number=document_number if upheld else "",
                    text="",
                    follow_up=_CORRECT_ENTRY if upheld else 0,
                    recorded_revision=write.revision,
                )
            )
        write.commit()
