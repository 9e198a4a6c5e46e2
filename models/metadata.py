"""Metadata that every table hangs on, and the column types that all share."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, TypeDecorator
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

NAMING_CONVENTION: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that migrations can speak of them on both databases."""

# SQLite gives a 64-bit row id to INTEGER keys only, never to BIGINT.
Int64: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit whole number: identifiers, revisions, amounts in fen."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class UtcInstant(TypeDecorator[datetime]):
    """An instant to the microsecond: aware datetimes in, UTC datetimes out.

    PostgreSQL keeps a timestamp with time zone. SQLite keeps whole microseconds
    since 1970, because its text timestamps neither order nor compare reliably.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuse naive instants; turn the others into what is kept."""
        if value is None:
            return None
        assert value.tzinfo is not None, "instants are timezone-aware"
        if dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 -- what a driver gives depends on the database.
        """Give the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + int(value) * _MICROSECOND


class Base(DeclarativeBase):
    """Base of every table.

    Each table names its one writer and says what it is for:
    ``__table_args__ = {"info": {"writer": "credit"}, "comment": "..."}``.
    """

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
