"""Quotes on the tables, and what insurers recorded that they charged."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, insert, select, tuple_

from models.insurance import InsurancePolicyRow
from models.quotes import QuoteConfirmationRow, QuoteRow
from models.records import RecordRow
from models.store_state import RevisionRow
from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.domain.quote import ChargedPolicy, Quote
from services.scoring.store.columns import table_of
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.sql_store import SqlReading

_QUOTES: Final = table_of(QuoteRow)
_CONFIRMED: Final = table_of(QuoteConfirmationRow)
_RECORDS: Final = table_of(RecordRow)
_POLICIES: Final = table_of(InsurancePolicyRow)
_REVISIONS: Final = table_of(RevisionRow)
_BIND_REVISIONS: Final = _REVISIONS.alias("bind_revisions")
_WORK_SAFETY: Final = 1
"""InsuranceKind of work-safety liability insurance; rates are of no other."""


class SqlQuotes:
    """Quotes as known at a revision; implements `QuoteWrites`."""

    def __init__(self, connection: Connection, write: WriteTransaction | None = None) -> None:
        """Read, and write in a transaction if one is given."""
        self._connection = connection
        self._write = write

    def find(self, quote_id: int, revision: int) -> Quote | None:
        """Give a quote; none if there was none."""
        row = self._connection.execute(
            _selected(revision).where(_QUOTES.c.quote_id == quote_id)
        ).one_or_none()
        return None if row is None else _quote(row)

    def bound(
        self, policies: Collection[tuple[str, str]], revision: int
    ) -> Mapping[tuple[str, str], Quote]:
        """Give the quotes confirmed with numbers of policies, by insurer and number."""
        if not policies:
            return {}
        rows = self._connection.execute(
            _selected(revision).where(
                tuple_(_CONFIRMED.c.insurer, _CONFIRMED.c.policy_number).in_(list(policies))
            )
        )
        quotes = [_quote(row) for row in rows]
        return {(one.insurer, one.policy_number): one for one in quotes}

    def add(self, quote: Quote) -> None:
        """Keep a quote."""
        values = {name: getattr(quote, name) for name in _KEPT}
        self._connection.execute(
            insert(_QUOTES).values(recorded_revision=self._writing.revision, **values)
        )

    def confirm(self, quote_id: int, *, insurer: str, policy_number: str) -> None:
        """Note the policy bound on a quote."""
        self._connection.execute(
            insert(_CONFIRMED).values(
                quote_id=quote_id,
                insurer=insurer,
                policy_number=policy_number,
                recorded_revision=self._writing.revision,
            )
        )

    @property
    def _writing(self) -> WriteTransaction:
        assert self._write is not None, "only a write transaction writes"
        return self._write


class SqlCharged:
    """Records of insurance policies; implements `ChargedReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def page(
        self,
        *,
        after: int,
        limit: int,
        revision: int,
        insurer: str,
        cover: tuple[date | None, date | None],
    ) -> list[ChargedPolicy]:
        """Give insurance policies in order of their records."""
        statement = (
            select(*(_RECORDS.c[name] for name in _HEADER), *(_POLICIES.c[name] for name in _BODY))
            .select_from(_RECORDS.join(_POLICIES, _POLICIES.c.row_id == _RECORDS.c.row_id))
            .where(
                _POLICIES.c.insurance_kind == _WORK_SAFETY,
                _RECORDS.c.record_id > after,
                _RECORDS.c.recorded_revision <= revision,
                _RECORDS.c.superseded_revision.is_(None)
                | (_RECORDS.c.superseded_revision > revision),
            )
            .order_by(_RECORDS.c.record_id)
            .limit(limit)
        )
        if insurer:
            statement = statement.where(_RECORDS.c.authority == insurer)
        first, after_last = cover
        if first is not None:
            statement = statement.where(_POLICIES.c.start_date >= first)
        if after_last is not None:
            statement = statement.where(_POLICIES.c.start_date < after_last)
        return [
            ChargedPolicy(
                record_id=row.record_id,
                subject_id=row.subject_id,
                insurer=row.authority,
                policy_number=row.document_number,
                issue_date=row.event_date,
                **{name: getattr(row, name) for name in _BODY},
            )
            for row in self._connection.execute(statement)
        ]


class SqlQuoteReading(SqlReading):
    """A consistent snapshot with quotes; implements `QuoteReading`."""

    def __init__(self, transaction: ReadTransaction, columns: FactColumns) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.quotes = SqlQuotes(transaction.connection)
        self.charged = SqlCharged(transaction.connection)


class SqlQuoteWriting(OnceTransaction):
    """A write transaction; implements `QuoteWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.quotes = SqlQuotes(transaction.connection, transaction)


@dataclass(frozen=True, slots=True)
class SqlQuoteStore:
    """The store of quotes; implements `QuoteStore`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
    """

    database: Database
    columns: FactColumns

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlQuoteReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlQuoteReading(transaction, self.columns)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlQuoteWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlQuoteWriting(transaction)


# Private functions and statements ---------------------------------------------

_KEPT: Final = (
    "quote_id",
    "subject_id",
    "insurer",
    "policy_id",
    "policy_version",
    "policy_digest",
    "premium_fen",
    "premium_min_fen",
    "premium_max_fen",
    "transaction_kind",
    "cover_start_date",
    "as_of",
    "known_at",
    "valid_until_date",
    "request",
    "answer",
    "answer_digest",
)
_HEADER: Final = ("record_id", "subject_id", "authority", "document_number", "event_date")
_BODY: Final = (
    "start_date",
    "end_date",
    "insured_headcount",
    "limit_per_person_fen",
    "premium_fen",
    "plan_id",
)


def _selected(revision: int) -> Select[Any]:
    confirmed = and_(
        _CONFIRMED.c.quote_id == _QUOTES.c.quote_id, _CONFIRMED.c.recorded_revision <= revision
    )
    return (
        select(
            *(_QUOTES.c[name] for name in _KEPT),
            _REVISIONS.c.recorded_time.label("quote_time"),
            _CONFIRMED.c.policy_number,
            _BIND_REVISIONS.c.recorded_time.label("bind_time"),
        )
        .select_from(
            _QUOTES.join(_REVISIONS, _REVISIONS.c.revision == _QUOTES.c.recorded_revision)
            .outerjoin(_CONFIRMED, confirmed)
            .outerjoin(
                _BIND_REVISIONS, _BIND_REVISIONS.c.revision == _CONFIRMED.c.recorded_revision
            )
        )
        .where(_QUOTES.c.recorded_revision <= revision)
    )


def _quote(row: Row[Any]) -> Quote:
    kept = {name: getattr(row, name) for name in _KEPT}
    return Quote(
        **kept,
        quote_time=row.quote_time,
        policy_number=row.policy_number or "",
        bind_time=row.bind_time,
    )
