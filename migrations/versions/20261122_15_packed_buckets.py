"""Bodies of buckets are packed, which is what exports of whole lists read.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from alembic import op
from zstandard import ZstdCompressor

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROWS = sa.table(
    "list_buckets",
    sa.column("kind", sa.SmallInteger()),
    sa.column("field", sa.SmallInteger()),
    sa.column("bucket", sa.SmallInteger()),
    sa.column("version", sa.BigInteger()),
    sa.column("body", sa.LargeBinary()),
)
CHANGES = sa.table(
    "list_changes",
    sa.column("kind", sa.SmallInteger()),
    sa.column("field", sa.SmallInteger()),
    sa.column("bucket", sa.SmallInteger()),
    sa.column("version", sa.BigInteger()),
    sa.column("superseded_version", sa.BigInteger()),
    sa.column("removal_reason", sa.SmallInteger()),
    sa.column("entry_id", sa.BigInteger()),
    sa.column("body", sa.LargeBinary()),
)
PLAIN = "Its entries in their canonical encoding, framed, one after the other"
PACKED = f"{PLAIN}; a Zstandard frame behind its CRC-32"
SUM_BYTES = 4
ROWS_AT_ONCE = 100
BUCKETS = 4096
ENTRIES_TAG = b"\x12"
LOW_BITS = 0x7F


def upgrade() -> None:
    """Bring the schema to this revision."""
    # PostgreSQL need not try to make smaller what is packed.
    _describe("EXTERNAL", PACKED, before=PLAIN)
    compress = ZstdCompressor(level=-1).compress

    def pack(body: bytes) -> bytes:
        frame = compress(body)
        return crc32(frame).to_bytes(SUM_BYTES, "big") + frame

    _rewrite(pack)


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    _describe("EXTENDED", PLAIN, before=PACKED)
    # The changes say what the bodies are, whatever became of these, and under whatever sums.
    _build()


# Private functions -----------------------------------------------------------


def _describe(storage: str, comment: str, *, before: str) -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    op.alter_column(
        "list_buckets",
        "body",
        comment=comment,
        existing_comment=before,
        existing_type=sa.LargeBinary(),
        existing_nullable=False,
    )
    op.execute(f"ALTER TABLE list_buckets ALTER COLUMN body SET STORAGE {storage}")


def _rewrite(change: Callable[[bytes], bytes]) -> None:
    """Change every body, some at a time: those of all lists may not fit into memory."""
    connection = op.get_bind()
    columns = ROWS.c
    place = sa.tuple_(columns.kind, columns.field, columns.bucket)
    rewritten = (
        sa.update(ROWS)
        .where(
            columns.kind == sa.bindparam("of_kind"),
            columns.field == sa.bindparam("of_field"),
            columns.bucket == sa.bindparam("of_bucket"),
        )
        .values(body=sa.bindparam("changed"))
    )
    query = (
        sa.select(columns.kind, columns.field, columns.bucket, columns.body)
        .order_by(*place)
        .limit(ROWS_AT_ONCE)
    )
    rows: Any = connection.execute(query).all()
    while rows:
        connection.execute(
            rewritten,
            [
                {"of_kind": kind, "of_field": field, "of_bucket": bucket, "changed": change(body)}
                for kind, field, bucket, body in rows
            ],
        )
        last = tuple(rows[-1][:3])
        rows = connection.execute(query.where(place > last)).all()


def _build() -> None:
    """Join the entries of every bucket anew, some buckets at a time."""
    connection = op.get_bind()
    changes = CHANGES.c
    lists: Any = connection.execute(sa.select(changes.kind, changes.field).distinct()).all()
    connection.execute(sa.delete(ROWS))
    for kind, field in lists:
        for start in range(0, BUCKETS, ROWS_AT_ONCE):
            of_list = (
                changes.kind == kind,
                changes.field == field,
                changes.bucket.between(start, start + ROWS_AT_ONCE - 1),
            )
            bodies = dict(_bodies(connection, of_list))
            versions: Any = connection.execute(
                sa.select(changes.bucket, sa.func.max(changes.version))
                .where(*of_list)
                .group_by(changes.bucket)
            )
            rows = [
                {
                    "kind": kind,
                    "field": field,
                    "bucket": bucket,
                    "version": version,
                    "body": bodies.get(bucket, b""),
                }
                for bucket, version in versions
            ]
            if rows:
                connection.execute(sa.insert(ROWS), rows)


def _bodies(
    connection: sa.Connection, of_list: Sequence[sa.ColumnElement[bool]]
) -> Iterator[tuple[int, bytes]]:
    """Give buckets, each with its current entries in order, framed."""
    changes = CHANGES.c
    entries: Any = connection.execute(
        sa.select(changes.bucket, changes.body)
        .where(*of_list, changes.superseded_version.is_(None), changes.removal_reason.is_(None))
        .order_by(changes.bucket, changes.entry_id)
    )
    for bucket, found in groupby(entries, key=itemgetter(0)):
        yield bucket, b"".join(ENTRIES_TAG + _length(body) + body for _, body in found)


def _length(body: bytes) -> bytes:
    """Write how many bytes an entry takes, seven bits a byte, the lowest first."""
    written, rest = bytearray(), len(body)
    while rest > LOW_BITS:
        written.append(rest & LOW_BITS | LOW_BITS + 1)
        rest >>= 7
    written.append(rest)
    return bytes(written)
