"""Objections and repairs in words: what became of a list entry, and what a step was."""

import pytest
from google.type.date_pb2 import Date

from cli.display.remedies import describe_remedy, step_row
from safetycredit.credit.v1.remedy_service_pb2 import RemediedEntry, Remedy, RemedyStep

OFF = RemediedEntry(
    state=RemediedEntry.STATE_REMOVED,
    removal_date=Date(year=2026, month=6, day=10),
    reason=RemediedEntry.REASON_EARLY,
    document_number="移1号",
    list_version=2,
)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        pytest.param(
            RemediedEntry(state=RemediedEntry.STATE_PUBLISHED),
            "published: it is on its list",
            id="published",
        ),
        pytest.param(
            OFF,
            "removed from 2026-06-10 on (early) by 移1号 in version 2 of the list",
            id="removed",
        ),
        pytest.param(
            RemediedEntry(
                state=RemediedEntry.STATE_REMOVED,
                removal_date=OFF.removal_date,
                reason=RemediedEntry.REASON_EXPIRED,
            ),
            "removed from 2026-06-10 on (expired)",
            id="expired-without-document",
        ),
    ],
)
def test_what_became_of_an_entry_is_said(entry: RemediedEntry, words: str) -> None:
    """Day, reason, document and version, as far as there are any."""
    assert dict(describe_remedy(Remedy(entry=entry)))["entry"] == words


def test_nothing_is_said_of_an_entry_where_there_is_none() -> None:
    """A remedy of a record is about no entry."""
    assert "entry" not in dict(describe_remedy(Remedy(remedy_id="m-1")))


@pytest.mark.parametrize(
    ("step", "word"),
    [
        pytest.param(RemedyStep(state=Remedy.STATE_ACCEPTED), "accepted", id="state"),
        pytest.param(
            RemedyStep(
                state=Remedy.STATE_ACCEPTED,
                act=RemedyStep.ACT_EXTEND,
                told_date=Date(year=2026, month=11, day=19),
            ),
            "extended, told 2026-11-19",
            id="extension",
        ),
        pytest.param(
            RemedyStep(state=Remedy.STATE_GRANTED, act=RemedyStep.ACT_SHARE), "shared", id="sharing"
        ),
    ],
)
def test_a_step_is_called_by_what_it_did(step: RemedyStep, word: str) -> None:
    """A step that left the state as it was is not shown as that state."""
    assert step_row(step)[1] == word
