"""Bodies of buckets are packed, which is what exports of whole lists read.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Callable
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from alembic import op
from zstandard import ZstdCompressor, ZstdDecompressor

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BUCKETS = sa.table(
    "list_buckets",
    sa.column("kind", sa.SmallInteger()),
    sa.column("field", sa.SmallInteger()),
    sa.column("bucket", sa.SmallInteger()),
    sa.column("body", sa.LargeBinary()),
)
PLAIN = "Its entries in their canonical encoding, framed, one after the other"
PACKED = f"{PLAIN}; a Zstandard frame behind its CRC-32"
SUM_BYTES = 4
ROWS_AT_ONCE = 100


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
    decompress = ZstdDecompressor().decompress
    _rewrite(lambda body: decompress(body[SUM_BYTES:]))


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
    columns = BUCKETS.c
    place = sa.tuple_(columns.kind, columns.field, columns.bucket)
    rewritten = (
        sa.update(BUCKETS)
        .where(
            columns.kind == sa.bindparam("of_kind"),
            columns.field == sa.bindparam("of_field"),
            columns.bucket == sa.bindparam("of_bucket"),
        )
        .values(body=sa.bindparam("changed"))
    )
    query = sa.select(BUCKETS).order_by(*place).limit(ROWS_AT_ONCE)
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
