"""Records: their differences, references and states."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.credit.domain.codes import (
    AccidentLevel,
    Field,
    HazardLevel,
    RecordState,
    Sanction,
)
from services.credit.domain.record import (
    Accident,
    Edition,
    Hazard,
    Header,
    Penalty,
    Supersession,
    business_key,
    differing_fields,
    references_of,
)

SEEN = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
HEADER = Header(
    field=Field.WORK_SAFETY,
    authority="朝阳区应急管理局",
    document_number="12号",
    event_date=date(2025, 3, 10),
    division=110105,
)
FINE = Penalty(sanctions=frozenset({Sanction.FINE}), violation_code=0, fine_fen=5_000_000)
ACCIDENT = Accident(deaths=1, level=AccidentLevel.GENERAL)


def edition(body: Penalty | Accident | Hazard = FINE) -> Edition:
    """Record a body."""
    return Edition(
        row_id=1,
        record_id=1,
        number=1,
        subject_id=7,
        person=False,
        header=HEADER,
        body=body,
        recorded_revision=1,
        recorded_time=SEEN,
    )


def test_equal_bodies_differ_in_nothing() -> None:
    """The same header and body is the same record."""
    assert differing_fields(edition(), HEADER, FINE) == ()


def test_differences_are_named_as_requests_name_them() -> None:
    """An amount is called by its field, without the unit of the column."""
    header = replace(HEADER, event_date=date(2025, 3, 11), field=Field.FIRE)
    body = replace(FINE, fine_fen=1, fine_multiple_hundredths=200)

    fields = differing_fields(edition(), header, body)

    assert fields == (
        "header.field",
        "header.event_date",
        "penalty.fine",
        "penalty.fine_multiple",
    )


def test_a_division_left_out_is_no_difference() -> None:
    """It was filled in when the record was made; another one is a difference."""
    assert differing_fields(edition(), replace(HEADER, division=None), FINE) == ()
    assert differing_fields(edition(), replace(HEADER, division=110102), FINE) == (
        "header.division",
    )


def test_the_derived_level_of_an_accident_is_no_difference() -> None:
    """Who sends an accident again does not send its level; who changes its deaths differs."""
    stored = edition(ACCIDENT)

    assert differing_fields(stored, HEADER, replace(ACCIDENT, level=None)) == ()
    assert differing_fields(stored, HEADER, Accident(deaths=3)) == ("accident.deaths",)


def test_the_level_of_a_hazard_is_a_difference() -> None:
    """It is stated, not derived."""
    major = Hazard(level=HazardLevel.MAJOR, description="堵塞")

    fields = differing_fields(edition(major), HEADER, replace(major, level=HazardLevel.GENERAL))

    assert fields == ("hazard.level",)


def test_the_business_key_has_the_kind() -> None:
    """One document may order several kinds of records."""
    assert business_key(HEADER, FINE) != business_key(HEADER, ACCIDENT)


def test_only_references_that_are_given_are_listed() -> None:
    """A penalty may name a violation, an accident, both or none."""
    named = [
        (reference.attribute, record_id)
        for reference, record_id in references_of(replace(FINE, accident_record_id=9))
    ]

    assert named == [("accident_record_id", 9)]
    assert references_of(ACCIDENT) == ()


@pytest.mark.parametrize(
    ("next_row_id", "state"),
    [
        pytest.param(2, RecordState.REVISED, id="another-edition-follows"),
        pytest.param(None, RecordState.REVOKED, id="none-follows"),
    ],
)
def test_a_superseded_edition_was_revised_or_revoked(
    next_row_id: int | None, state: RecordState
) -> None:
    """What follows an edition says what became of it."""
    supersession = Supersession(
        time=SEEN, revision=2, next_row_id=next_row_id, reason="复议", document_number="复1号"
    )

    assert edition().state is RecordState.ACTIVE
    assert replace(edition(), superseded=supersession).state is state
