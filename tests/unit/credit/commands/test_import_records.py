"""Importing rows: each is judged alone, and together they are stored."""

from datetime import date
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import InlineService, violations
from tests.fakes.credit_requests import (
    HUAWEI,
    INSURER,
    NAMED,
    TENCENT,
    body,
    credit_code,
    day,
    header,
    import_row,
    local,
    penalty,
    profile,
    registration,
    request_id,
    yuan,
)
from tests.fakes.credit_store import FakeStore

Outcome = service.ImportRowResult
STORED, UNCHANGED, REFUSED = (
    Outcome.OUTCOME_STORED,
    Outcome.OUTCOME_UNCHANGED,
    Outcome.OUTCOME_REFUSED,
)


@pytest.fixture
def huawei(credit: InlineService) -> str:
    """Register an enterprise."""
    enterprise_id: str = credit("RegisterEnterprise", registration()).enterprise.enterprise_id
    return enterprise_id


def results(credit: InlineService, *rows: service.ImportRow) -> list[tuple[int, int, str]]:
    """Import rows and give number, outcome and reason of each."""
    return [
        (one.row_number, one.outcome, one.reason)
        for answer in credit.import_rows(rows)
        for one in answer.results
    ]


@pytest.mark.usefixtures("huawei")
def test_rows_are_answered_in_order(credit: InlineService, store: FakeStore) -> None:
    """Every row has its result, and all are stored."""
    found = results(credit, *(import_row(number) for number in range(1, 1_002)))

    assert found == [(number, STORED, "") for number in range(1, 1_002)]
    assert len(store.state.editions) == 1_001
    # One revision registered the enterprise; the rows came in batches of 500.
    assert store.point().revision == 4


@pytest.mark.usefixtures("huawei")
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([49, 50, 1], id="read-with-their-batch-and-before"),
        pytest.param([1000], id="as-many-as-a-message-may-hold"),
    ],
)
def test_rows_of_one_message_are_answered_like_those_of_many(
    credit: InlineService, sizes: list[int]
) -> None:
    """However rows come, they are answered in order, and a wrong one alone is refused."""
    numbers = iter(range(1, sum(sizes) + 1))
    messages = [[import_row(next(numbers)) for _ in range(size)] for size in sizes]
    for message in messages:
        message[-1].body.penalty.fine.nanos = 1

    answers = credit.import_messages(messages)

    found = [(one.row_number, one.reason) for answer in answers for one in answer.results]
    wrong = {message[-1].row_number for message in messages}
    assert found == [
        (number, "MONEY_BELOW_FEN" if number in wrong else "")
        for number in range(1, sum(sizes) + 1)
    ]


@pytest.mark.parametrize("size", [0, 1001])
def test_a_message_of_no_rows_or_too_many_is_refused(credit: InlineService, size: int) -> None:
    """1,000 rows are the most, one the least."""
    with pytest.raises(InvalidInputError) as refused:
        credit.import_messages([[import_row(1)] * size])

    assert violations(refused.value) == [("rows", "ROWS_OUT_OF_RANGE")]


@pytest.mark.usefixtures("huawei")
def test_a_second_run_changes_nothing(credit: InlineService, store: FakeStore) -> None:
    """Sending all rows again tells what was stored, and takes no revision."""
    rows = [import_row(1), import_row(2)]
    first = credit.import_rows(rows)[0]

    again = credit.import_rows(rows)[0]

    assert [one.outcome for one in again.results] == [UNCHANGED, UNCHANGED]
    assert [one.record_id for one in again.results] == [one.record_id for one in first.results]
    assert again.point == first.point
    assert store.point().revision == 2


@pytest.mark.usefixtures("huawei")
def test_a_bad_row_refuses_itself_alone(credit: InlineService, store: FakeStore) -> None:
    """What is wrong with one row is no concern of its neighbours."""
    bad = import_row(2)
    bad.body.penalty.fine.units = -1
    bad.header.event_date.year = 2026

    answer = credit.import_rows([import_row(1), bad, import_row(3)])[0]

    assert [one.outcome for one in answer.results] == [STORED, REFUSED, STORED]
    refused = answer.results[1]
    assert refused.reason == "DATE_IN_FUTURE"
    assert list(refused.fields) == ["header.event_date", "body.penalty.fine"]
    assert "header.event_date: give a day that is not in the future" in refused.message
    assert refused.record_id == ""
    assert len(store.state.editions) == 2


@pytest.mark.usefixtures("huawei")
def test_duplicates_within_a_batch_are_judged_like_others(
    credit: InlineService, store: FakeStore
) -> None:
    """The second equal row changes nothing, the second other row differs."""
    other = import_row(3, header=header(document_number="〔2025〕1号"))
    other.body.penalty.fine.units = 1
    twin = import_row(2, header=header(document_number="〔2025〕1号"))

    answer = credit.import_rows([import_row(1), twin, other])[0]

    first, second, third = answer.results
    assert (second.outcome, second.record_id) == (UNCHANGED, first.record_id)
    assert (third.outcome, third.reason) == (REFUSED, "RECORD_DIFFERS")
    assert list(third.fields) == ["body.penalty.fine"]
    assert len(store.state.editions) == 1


def test_an_unknown_enterprise_is_registered_on_the_way(
    credit: InlineService, store: FakeStore
) -> None:
    """Its first period begins with its first record, and the next row knows it."""
    one = import_row(1, enterprise=profile())
    two = import_row(2)

    answer = credit.import_rows([one, two])[0]

    assert [one.outcome for one in answer.results] == [STORED, STORED]
    assert answer.enterprise_count == 1
    found = credit(
        "GetEnterprise",
        service.GetEnterpriseRequest(subject=credit_code(HUAWEI), with_history=True),
    ).enterprise
    assert found.history[0].start_date == day(date(2025, 3, 10))
    assert found.profile.name == profile().name
    assert {one.subject_id for one in store.state.editions} == set(store.state.identities)


def test_the_first_day_of_an_enterprise_may_be_given(credit: InlineService) -> None:
    """A file that knows the first day says so."""
    row = import_row(
        1,
        header=header(subject=local("大同机械")),
        enterprise=profile(name="大同机械", division=""),
        enterprise_start_date=day(date(2014, 1, 1)),
    )

    credit.import_rows([row])

    found = credit(
        "GetEnterprise",
        service.GetEnterpriseRequest(subject=local("大同机械"), as_of=day(date(2014, 1, 1))),
    )
    assert found.enterprise.profile.name == "大同机械"


def test_a_refused_row_registers_nobody(credit: InlineService, store: FakeStore) -> None:
    """An enterprise comes in with a record or not at all; the next good row brings it."""
    unknown = import_row(1, enterprise=profile())
    unknown.body.penalty.violation_record_id = "r-1"

    answer = credit.import_rows([unknown, import_row(2), import_row(3, enterprise=profile())])[0]

    assert [one.reason for one in answer.results] == ["RECORD_UNKNOWN", "SUBJECT_UNKNOWN", ""]
    assert list(answer.results[0].fields) == ["body.penalty.violation_record_id"]
    assert list(answer.results[1].fields) == ["header.subject"]
    assert answer.enterprise_count == 1
    assert len(store.state.identities) == 1


@pytest.mark.parametrize(
    ("row", "reason", "fields"),
    [
        pytest.param(import_row(0), "NUMBER_TOO_SMALL", ["row_number"], id="row-number-below-one"),
        pytest.param(
            service.ImportRow(row_number=1, header=header()),
            "REQUIRED",
            ["body"],
            id="no-body",
        ),
        pytest.param(
            import_row(1, enterprise=profile(name="")),
            "REQUIRED",
            ["enterprise.name"],
            id="nameless-enterprise",
        ),
        pytest.param(
            import_row(1, enterprise=profile(), enterprise_start_date=day(date(2025, 6, 2))),
            "DATE_IN_FUTURE",
            ["enterprise_start_date"],
            id="enterprise-of-tomorrow",
        ),
        pytest.param(
            import_row(1, header=header(subject=None)), "REQUIRED", ["header.subject"], id="nobody"
        ),
    ],
)
@pytest.mark.usefixtures("huawei")
def test_rows_are_refused_by_field(
    credit: InlineService, row: service.ImportRow, reason: str, fields: list[str]
) -> None:
    """The paths are those of the row."""
    (answer,) = credit.import_rows([row])

    (result,) = answer.results
    assert (result.reason, list(result.fields)) == (reason, fields)


def test_rows_are_held_to_the_scope(credit: InlineService, store: FakeStore) -> None:
    """An import is no way round the divisions and fields of the caller."""
    credit("RegisterEnterprise", registration(TENCENT, profile=profile(division="110102")))
    who = Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset({"110105"}),
        fields=frozenset({"work_safety"}),
    )
    rows = [
        import_row(1, enterprise=profile()),
        import_row(2, header=header(subject=credit_code(TENCENT), document_number="2号")),
        import_row(3, header=header(field=2, document_number="3号")),
    ]

    (answer,) = credit.import_rows(rows, who)

    assert [one.reason for one in answer.results] == ["", "OUT_OF_SCOPE", "OUT_OF_SCOPE"]
    assert len(store.state.editions) == 1


@pytest.mark.usefixtures("huawei")
def test_imports_and_single_writes_protect_each_other(credit: InlineService) -> None:
    """There is one business key, whoever records."""
    single = penalty()
    credit("RecordPenalty", single)
    row = service.ImportRow(
        row_number=1,
        header=single.header,
        body=record_pb2.RecordBody(penalty=single.penalty),
    )

    assert results(credit, row) == [(1, UNCHANGED, "")]


@pytest.mark.usefixtures("huawei")
def test_a_revoked_document_is_refused(credit: InlineService) -> None:
    """A file that does not know of a revocation does not undo it."""
    record_id = credit.import_rows([import_row(1)])[0].results[0].record_id
    credit(
        "RevokeRecord",
        service.RevokeRecordRequest(
            request_id=request_id(),
            record_id=record_id,
            edition=1,
            reason="撤销",
            document_number="撤1号",
        ),
    )

    assert results(credit, import_row(1)) == [(1, REFUSED, "RECORD_REVOKED")]


@pytest.mark.usefixtures("huawei")
def test_all_kinds_come_in_one_stream(credit: InlineService) -> None:
    """A file may hold records of any kinds; references lead to what was stored before."""
    kinds = [kind for kind in RecordKind if kind not in NAMED]

    def row(number: int, kind: RecordKind, **changes: Any) -> service.ImportRow:  # noqa: ANN401 -- fields of any type.
        said: Any = {kind.label: body(kind, **changes)}
        head = header(document_number=f"{number}号", authority_code=INSURER)
        return import_row(number, header=head, body=record_pb2.RecordBody(**said))

    (answer,) = credit.import_rows(row(number, kind) for number, kind in enumerate(kinds, 1))
    stored = {kind: answer.results[place].record_id for place, kind in enumerate(kinds)}
    naming = [
        row(number, kind, **{field: stored[target]})
        for number, (kind, (field, target)) in enumerate(NAMED.items(), 20)
    ]
    named = results(credit, *naming)

    assert [one.outcome for one in answer.results] == [STORED] * len(kinds)
    assert named == [(number, STORED, "") for number in range(20, 20 + len(NAMED))]


def test_an_empty_stream_has_an_empty_answer(credit: InlineService) -> None:
    """Nothing in, nothing out."""
    assert credit.import_rows([]) == []


@pytest.mark.usefixtures("huawei")
def test_amounts_are_kept_to_the_fen(credit: InlineService) -> None:
    """A fine of 0.01 yuan is a fine."""
    fined = record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(0, 10_000_000)))
    record_id = credit.import_rows([import_row(1, body=fined)])[0].results[0].record_id

    found = credit("GetRecord", service.GetRecordRequest(record_id=record_id)).record

    assert found.body.penalty.fine == yuan(0, 10_000_000)
