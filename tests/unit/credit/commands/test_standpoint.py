"""Where reads stand: instants of knowledge, tokens, and pages that do not shift."""

from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.database import KnownAtInFutureError, KnownAtTooEarlyError
from services.common.errors import InvalidInputError, SafetyCreditError
from services.common.tokens import (
    ForeignStoreTokenError,
    MalformedPageTokenError,
    MalformedTokenError,
    PageScope,
    PageTokenMismatchError,
    StoreToken,
)
from services.credit.domain.errors import KnownAtBeforeTokenError
from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import SERVICE, InlineService, violations
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.fakes.credit_requests import day, penalty, registration
from tests.fakes.credit_store import STORE_ID, FakeStore

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def three_records(credit: InlineService, clock: FixedClock) -> None:
    """Record three penalties, an hour apart, the last first."""
    credit("RegisterEnterprise", registration())
    for number in (3, 2, 1):
        clock.advance(HOUR)
        event_date = day(date(2025, 3, number))
        credit(
            "RecordPenalty",
            penalty(head={"document_number": f"{number}号", "event_date": event_date}),
        )


def listed(credit: InlineService, **changes: Any) -> service.ListRecordsResponse:  # noqa: ANN401 -- fields of any type.
    """List records."""
    answer: service.ListRecordsResponse = credit(
        "ListRecords", service.ListRecordsRequest(**changes)
    )
    return answer


def numbers(answer: service.ListRecordsResponse) -> list[str]:
    """Give the document numbers of listed records."""
    return [one.header.document_number for one in answer.records]


def test_records_are_listed_by_event_date(credit: InlineService) -> None:
    """The order is that of the facts, not of their recording."""
    assert numbers(listed(credit)) == ["1号", "2号", "3号"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({"as_of": day(date(2025, 3, 2))}, ["1号", "2号"], id="as-of-includes-its-day"),
        pytest.param({"event_start_date": day(date(2025, 3, 2))}, ["2号", "3号"], id="from-a-day"),
        pytest.param({"event_end_date": day(date(2025, 3, 2))}, ["1号"], id="end-is-excluded"),
        pytest.param({"document_number": "2号"}, ["2号"], id="document"),
        pytest.param({"document_number": "2"}, [], id="part-of-a-document"),
        pytest.param({"authority": "北京市应急管理局"}, [], id="another-authority"),
        pytest.param({"kinds": [3]}, ["1号", "2号", "3号"], id="kind"),
        pytest.param({"kinds": [1, 2]}, [], id="other-kinds"),
        pytest.param({"field": 2}, [], id="another-field"),
    ],
)
def test_records_are_filtered(
    credit: InlineService, filters: dict[str, Any], expected: list[str]
) -> None:
    """All filters hold, days on the right side of their boundary."""
    assert numbers(listed(credit, **filters)) == expected


def test_an_answer_says_where_it_stands(credit: InlineService) -> None:
    """By default at the last write, for today in Shanghai."""
    answer = listed(credit)

    assert answer.point.revision == 4
    assert answer.as_of == day(date(2025, 6, 1))
    assert StoreToken.decode(answer.point.token, store_id=STORE_ID).revision == 4


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        pytest.param(timedelta(0), ["1号", "2号", "3号"], id="at-the-last-write"),
        pytest.param(timedelta(microseconds=1), ["2号", "3号"], id="just-before-it"),
        pytest.param(HOUR, ["2号", "3号"], id="at-the-write-before"),
        pytest.param(HOUR + timedelta(microseconds=1), ["3号"], id="just-before-that"),
    ],
)
def test_known_at_includes_the_write_of_its_instant(
    credit: InlineService, clock: FixedClock, back: timedelta, expected: list[str]
) -> None:
    """An instant knows what had been recorded by then, to the microsecond."""
    known_at = Timestamp()
    known_at.FromDatetime(clock.now() - back)

    assert numbers(listed(credit, known_at=known_at)) == expected


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        pytest.param(timedelta(seconds=1), KnownAtInFutureError, id="future"),
        pytest.param(-10 * HOUR, KnownAtTooEarlyError, id="before-the-store"),
    ],
)
def test_an_instant_must_be_one_of_the_store(
    credit: InlineService, clock: FixedClock, step: timedelta, refusal: type[SafetyCreditError]
) -> None:
    """What will be known, and what was known before there was a store, is not answered."""
    known_at = Timestamp()
    known_at.FromDatetime(clock.now() + step)

    with pytest.raises(refusal):
        listed(credit, known_at=known_at)


def test_a_token_of_a_write_is_accepted(credit: InlineService) -> None:
    """The answer is not from before the write."""
    token = listed(credit).point.token

    assert len(listed(credit, token=token).records) == 3


def test_a_token_and_an_earlier_instant_contradict_each_other(
    credit: InlineService, clock: FixedClock
) -> None:
    """An answer cannot include a write and not know of it."""
    token = listed(credit).point.token
    known_at = Timestamp()
    known_at.FromDatetime(clock.now() - HOUR)

    with pytest.raises(KnownAtBeforeTokenError):
        listed(credit, token=token, known_at=known_at)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        pytest.param("rubbish", MalformedTokenError, id="rubbish"),
        pytest.param(StoreToken("0" * 32, 1).encode(), ForeignStoreTokenError, id="foreign"),
    ],
)
def test_a_wrong_token_is_refused(
    credit: InlineService, token: str, refusal: type[SafetyCreditError]
) -> None:
    """A token is this store's or none."""
    with pytest.raises(refusal):
        listed(credit, token=token)


def test_pages_make_up_the_whole_whatever_is_written_meanwhile(
    credit: InlineService, clock: FixedClock
) -> None:
    """Later pages keep the instant and the day of the first, even past midnight."""
    first = listed(credit, page_size=1)
    clock.advance(timedelta(days=1))
    credit(
        "RecordPenalty",
        penalty(head={"document_number": "4号", "event_date": day(date(2025, 3, 2))}),
    )

    second = listed(credit, page_size=1, page_token=first.next_page_token)
    third = listed(credit, page_size=5, page_token=second.next_page_token)

    assert numbers(first) + numbers(second) + numbers(third) == ["1号", "2号", "3号"]
    assert first.point == second.point == third.point
    assert first.as_of == second.as_of == third.as_of
    assert third.next_page_token == ""


def test_a_last_full_page_has_no_next(credit: InlineService) -> None:
    """Who reads three of three is not sent for a fourth."""
    assert listed(credit, page_size=3).next_page_token == ""
    assert listed(credit, page_size=2).next_page_token != ""


def test_a_page_of_long_texts_ends_early(
    credit: InlineService, store: FakeStore, clock: FixedClock
) -> None:
    """A page fits into a message; at least one record is on it, and none is lost."""
    ports = CreditPorts(store=store, levels=StatuteLevels(), codes=FewCodes(), vault=OpenVault())
    size = listed(credit).records[0].ByteSize()
    for bytes_max, sizes in ((1, [1, 1, 1]), (2 * size + size // 2, [2, 1]), (4 * size, [3])):
        limits = PageLimits(default=100, max=1_000, bytes_max=bytes_max)
        narrow = InlineService(credit_handlers(ports, limits), clock)
        pages = [listed(narrow)]
        while pages[-1].next_page_token:
            pages.append(listed(narrow, page_token=pages[-1].next_page_token))

        assert [len(page.records) for page in pages] == sizes
        assert [one for page in pages for one in numbers(page)] == numbers(listed(credit))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kinds": [3]}, id="another-filter"),
        pytest.param({"as_of": day(date(2025, 5, 1))}, id="another-day"),
    ],
)
def test_a_page_token_belongs_to_its_request(
    credit: InlineService, changes: dict[str, Any]
) -> None:
    """Another filter is another list."""
    token = listed(credit, page_size=1).next_page_token

    with pytest.raises(PageTokenMismatchError):
        listed(credit, page_size=1, page_token=token, **changes)


def test_a_page_token_belongs_to_its_method(credit: InlineService) -> None:
    """Another call is another list."""
    token = listed(credit, page_size=1).next_page_token

    with pytest.raises(PageTokenMismatchError):
        credit("SearchEnterprises", service.SearchEnterprisesRequest(page_token=token))


@pytest.mark.parametrize(
    "position",
    [
        pytest.param((), id="empty"),
        pytest.param((4, "2025-06-01T07:00:00+00:00", "2025-06-01", "2025-03-01"), id="short"),
        pytest.param(
            ("4", "2025-06-01T07:00:00+00:00", "2025-06-01", "2025-03-01", 1), id="text-revision"
        ),
        pytest.param((4, "2025-06-01T07:00:00", "2025-06-01", "2025-03-01", 1), id="naive-instant"),
        pytest.param((4, "soon", "2025-06-01", "2025-03-01", 1), id="no-instant"),
        pytest.param((4, "2025-06-01T07:00:00+00:00", "2025-06-31", "2025-03-01", 1), id="no-day"),
        pytest.param((4, "2025-06-01T07:00:00+00:00", "2025-06-01", 7, 1), id="number-for-a-day"),
        pytest.param(
            (4, "2025-06-01T07:00:00+00:00", "2025-06-01", "2025-03-01", 2**63), id="beyond"
        ),
        pytest.param(
            (4, "2025-06-01T07:00:00+00:00", "2025-06-01", "2025-03-01", None), id="nothing"
        ),
    ],
)
def test_a_forged_page_token_is_refused(
    credit: InlineService, position: tuple[int | str | None, ...]
) -> None:
    """The digest of a page token is no signature: nothing in it is believed."""
    scope = PageScope(f"{SERVICE.full_name}/ListRecords", b"", STORE_ID)

    with pytest.raises(MalformedPageTokenError):
        listed(credit, page_token=scope.encode(position))


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param({"page_size": -1}, ("page_size", "NUMBER_TOO_SMALL"), id="page-below-one"),
        pytest.param({"page_size": 1_001}, ("page_size", "NUMBER_TOO_LARGE"), id="page-too-large"),
        pytest.param({"kinds": [99]}, ("kinds[0]", "ENUM_UNKNOWN"), id="unknown-kind"),
        pytest.param({"kinds": [3, 3]}, ("kinds[1]", "REPEATED"), id="kind-twice"),
        pytest.param({"field": 6}, ("field", "ENUM_UNKNOWN"), id="unknown-field"),
        pytest.param(
            {"known_at": Timestamp(seconds=2**40)}, ("known_at", "TIME_INVALID"), id="no-instant"
        ),
        pytest.param(
            {"as_of": day(date(2025, 3, 1)).__class__(year=2025)},
            ("as_of", "DATE_INCOMPLETE"),
            id="no-day",
        ),
        pytest.param(
            {
                "event_start_date": day(date(2025, 3, 1)),
                "event_end_date": day(date(2025, 3, 1)),
            },
            ("event_end_date", "END_NOT_AFTER_START"),
            id="empty-period",
        ),
    ],
)
def test_wrong_lists_are_refused(
    credit: InlineService, changes: dict[str, Any], wrong: tuple[str, str]
) -> None:
    """A list is refused by the field that is wrong; a page of 1,000 is the largest."""
    with pytest.raises(InvalidInputError) as error:
        listed(credit, **changes)

    assert violations(error.value) == [wrong]
    assert len(listed(credit, page_size=1_000).records) == 3
