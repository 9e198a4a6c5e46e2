"""ImportRecords over the network, on both databases."""

from safetycredit.credit.v1 import credit_service_pb2 as service
from tests.fakes.credit_requests import (
    FIRE,
    header,
    import_row,
    local,
    profile,
)
from tests.fakes.credit_world import (
    World,
)


def rows_of(world: World, size: int) -> list[service.ImportRow]:
    """Write rows of the first enterprise."""
    return [
        import_row(
            number,
            header=header(
                subject=world.one, document_number=world.document, document_item=str(number)
            ),
        )
        for number in range(1, size + 1)
    ]


def test_rows_are_imported_once(world: World) -> None:
    """All are stored and answered in order; a second run changes nothing."""
    rows = rows_of(world, 1_200)
    outcome = service.ImportRowResult

    first = [one for answer in world.credit.import_rows(rows) for one in answer.results]
    repeated = world.credit.import_rows(rows, message_rows=100)
    again = [one for answer in repeated for one in answer.results]

    assert [one.row_number for one in first] == list(range(1, 1_201))
    assert {one.outcome for one in first} == {outcome.OUTCOME_STORED}
    assert {one.outcome for one in again} == {outcome.OUTCOME_UNCHANGED}
    assert [one.record_id for one in again] == [one.record_id for one in first]


def test_a_token_of_an_import_includes_its_rows(world: World) -> None:
    """The last answer's point has seen every row."""
    answers = world.credit.import_rows(rows_of(world, 3))

    listed = world.credit(
        service.ListRecordsRequest(subject=world.one, token=answers[-1].point.token)
    )

    assert len(listed.records) == 3


def test_an_import_brings_enterprises_and_survives_bad_rows(world: World) -> None:
    """New enterprises come in with their first good row."""
    newcomer = local(f"新{world.document}")
    rows = rows_of(world, 4)
    for row in rows[:3]:
        row.header.subject.CopyFrom(newcomer)
        row.enterprise.CopyFrom(profile(name="新来的", division=""))
    rows[0].body.penalty.fine.nanos = 1
    rows[3].header.field = FIRE

    (answer,) = world.credit.import_rows(rows)

    assert answer.enterprise_count == 1
    assert [one.reason for one in answer.results] == ["MONEY_BELOW_FEN", "", "", ""]
