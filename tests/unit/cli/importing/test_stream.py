"""The stream of rows: a bounded window, outcomes in order, and a service that errs."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from cli.importing.converter import Refusal
from cli.importing.stream import AnswersDisorderedError, ImportStream, RowOutcome
from safetycredit.credit.v1.credit_service_pb2 import (
    ImportRecordsRequest,
    ImportRecordsResponse,
    ImportRow,
    ImportRowResult,
)
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.record_pb2 import RecordHeader


@dataclass
class FakeCall:
    """A running call that answers every row by itself, in order."""

    responses: Iterator[ImportRecordsResponse]
    cancelled: bool = False

    def __iter__(self) -> Iterator[ImportRecordsResponse]:
        """Give the responses."""
        return self.responses

    def cancel(self) -> bool:
        """Note that nobody listens any more."""
        self.cancelled = True
        return True


@dataclass
class FakeStub:
    """A service whose answers a test can disturb.

    Attributes:
        shift: Added to every answered row number.
        lost: Rows at the end that get no answer.
        taken: Rows that were sent.
    """

    shift: int = 0
    lost: int = 0
    taken: list[int] = field(default_factory=list)

    def ImportRecords(  # noqa: N802 -- the generated name.
        self, requests: Iterable[ImportRecordsRequest], metadata: object
    ) -> FakeCall:
        """Begin a call."""
        del metadata
        return FakeCall(self._answers(requests))

    def _answers(self, requests: Iterable[ImportRecordsRequest]) -> Iterator[ImportRecordsResponse]:
        for request in (row for message in requests for row in message.rows):
            self.taken.append(request.row_number)
            if self.lost and len(self.taken) > self.lost:
                continue
            yield ImportRecordsResponse(
                results=[
                    ImportRowResult(
                        row_number=request.row_number + self.shift,
                        outcome=ImportRowResult.OUTCOME_STORED,
                    )
                ],
                enterprise_count=1,
            )


def row(number: int) -> ImportRow:
    """Make a row."""
    header = RecordHeader(document_number=f"{number}号")
    return ImportRow(row_number=number, header=header)


def stream_over(stub: FakeStub, window_rows: int = 100) -> ImportStream:
    """Make a stream over a fake service."""
    return ImportStream(cast("CreditServiceStub", stub), (), window_rows=window_rows)


def outcomes_of(stream: ImportStream, rows: Iterable[ImportRow | Refusal]) -> list[RowOutcome]:
    """Give the outcomes of all rows."""
    return [outcome for batch in stream.outcomes(rows) for outcome in batch]


def test_outcomes_come_in_the_order_of_the_file() -> None:
    """Rows that the mapping refused stand between those that were sent."""
    rows: list[ImportRow | Refusal] = [
        Refusal(1, "A", "a"),
        row(2),
        Refusal(3, "B", "b"),
        row(4),
        Refusal(5, "C", "c"),
    ]
    stream = stream_over(FakeStub())

    outcomes = outcomes_of(stream, rows)

    assert [(one.row_number, one.reason) for one in outcomes] == [
        (1, "A"),
        (2, ""),
        (3, "B"),
        (4, ""),
        (5, "C"),
    ]
    assert outcomes[1].document_number == "2号"
    assert stream.enterprise_count == 2


def test_never_more_rows_are_under_way_than_the_window_holds() -> None:
    """Sending waits for answers, however large the file is."""
    waiting = threading.Event()
    pulled: list[int] = []

    def rows() -> Iterator[ImportRow]:
        for number in range(1, 10):
            pulled.append(number)
            yield row(number)

    class SilentStub(FakeStub):
        """A service that reads ahead and answers only when it is told to."""

        def _answers(
            self, requests: Iterable[ImportRecordsRequest]
        ) -> Iterator[ImportRecordsResponse]:
            reader = threading.Thread(target=lambda: self.taken.extend(self._numbers(requests)))
            reader.start()
            waiting.wait(5)
            yield ImportRecordsResponse()
            reader.join(5)

        def _numbers(self, requests: Iterable[ImportRecordsRequest]) -> Iterator[int]:
            for request in (row for message in requests for row in message.rows):
                if request.row_number == 3:
                    waiting.set()
                yield request.row_number

    outcomes = stream_over(SilentStub(), window_rows=3).outcomes(rows())
    next(outcomes)
    before_leaving = list(pulled)
    outcomes.close()  # type: ignore[attr-defined]  # It is a generator.

    # The fourth has been read from the file and waits at the window.
    assert before_leaving in ([1, 2, 3], [1, 2, 3, 4])


def test_an_answer_for_another_row_is_a_defect_of_the_service() -> None:
    """It must not be counted for the wrong row."""
    with pytest.raises(AnswersDisorderedError):
        outcomes_of(stream_over(FakeStub(shift=1)), [row(1)])


def test_an_answer_that_never_comes_is_a_defect_of_the_service() -> None:
    """A stream that ends well has answered every row."""
    with pytest.raises(AnswersDisorderedError):
        outcomes_of(stream_over(FakeStub(lost=2)), [row(1), row(2), row(3)])


def test_a_source_that_fails_gives_the_outcomes_before_it_fails() -> None:
    """The failure comes out as it is, after everything that was answered."""

    def rows() -> Iterator[ImportRow | Refusal]:
        yield row(1)
        yield Refusal(2, "A", "a")
        raise OSError("the disk is gone")

    seen: list[int] = []

    def run() -> None:
        for batch in stream_over(FakeStub()).outcomes(rows()):
            seen.extend(outcome.row_number for outcome in batch)

    with pytest.raises(OSError, match="disk"):
        run()

    assert seen == [1, 2]
