"""Quotes, credit statements and their keys.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    _quotes()
    _statements()


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_table("statement_keys")
    op.drop_table("statement_withdrawals")
    op.drop_index("ix_credit_statements_subject", table_name="credit_statements")
    op.drop_table("credit_statements")
    op.drop_index("uq_quote_confirmations_policy", table_name="quote_confirmations")
    op.drop_table("quote_confirmations")
    op.drop_index("ix_quotes_subject", table_name="quotes")
    op.drop_table("quotes")


# Private functions -----------------------------------------------------------


def _quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column(
            "quote_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise"),
        sa.Column(
            "insurer", sa.String(length=128), nullable=False, comment="Whom the caller acted for"
        ),
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="Rate plan"),
        sa.Column("policy_version", sa.String(length=50), nullable=False, comment="Its version"),
        sa.Column("policy_digest", sa.String(length=64), nullable=False, comment="Its digest"),
        sa.Column(
            "premium_fen", sa.BigInteger(), nullable=False, comment="Quoted annual premium in fen"
        ),
        sa.Column(
            "premium_min_fen",
            sa.BigInteger(),
            nullable=True,
            comment="Lowest premium allowed in fen; null where nothing bounds it",
        ),
        sa.Column(
            "premium_max_fen",
            sa.BigInteger(),
            nullable=True,
            comment="Highest premium allowed in fen; null where nothing bounds it",
        ),
        sa.Column(
            "transaction_kind",
            sa.SmallInteger(),
            nullable=False,
            comment="TransactionKind number",
        ),
        sa.Column("cover_start_date", sa.Date(), nullable=False, comment="First day of cover"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Rating day"),
        sa.Column("known_at", INSTANT, nullable=False, comment="Instant of knowledge, UTC"),
        sa.Column(
            "valid_until_date",
            sa.Date(),
            nullable=True,
            comment="First day on which it holds no more; null when it has no end",
        ),
        sa.Column(
            "request",
            sa.LargeBinary(),
            nullable=False,
            comment="RecommendRateRequest with days and instants filled in",
        ),
        sa.Column(
            "answer", sa.LargeBinary(), nullable=False, comment="RecommendRateResponse as given"
        ),
        sa.Column(
            "answer_digest",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the answer, hexadecimal",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that kept the quote"),
        sa.PrimaryKeyConstraint("quote_id", name=op.f("pk_quotes")),
        comment="Quotes, never changed",
    )
    op.create_index("ix_quotes_subject", "quotes", ["subject_id"])
    op.create_table(
        "quote_confirmations",
        sa.Column("quote_id", ID, autoincrement=False, nullable=False, comment="The quote"),
        sa.Column("insurer", sa.String(length=128), nullable=False, comment="Insurer of the quote"),
        sa.Column(
            "policy_number",
            sa.String(length=100),
            nullable=False,
            comment="Number of the policy bound",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that confirmed it"),
        sa.PrimaryKeyConstraint("quote_id", name=op.f("pk_quote_confirmations")),
        comment="Policies bound on quotes, one a quote",
    )
    op.create_index(
        "uq_quote_confirmations_policy",
        "quote_confirmations",
        ["insurer", "policy_number"],
        unique=True,
    )


def _statements() -> None:
    op.create_table(
        "credit_statements",
        sa.Column(
            "statement_id",
            sa.String(length=36),
            nullable=False,
            comment="Random identifier, a UUID",
        ),
        sa.Column("subject_id", ID, nullable=False, comment="The enterprise"),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day that it is about"),
        sa.Column("issue_time", INSTANT, nullable=False, comment="When it was issued, UTC"),
        sa.Column("expiry_time", INSTANT, nullable=False, comment="When it expires, UTC"),
        sa.Column("key_id", sa.String(length=64), nullable=False, comment="Key that signed it"),
        sa.Column(
            "signed_statement",
            sa.Text(),
            nullable=False,
            comment="The statement: a JSON Web Signature in compact form",
        ),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that issued it"),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_credit_statements")),
        comment="Signed credit statements, never changed",
    )
    op.create_index("ix_credit_statements_subject", "credit_statements", ["subject_id"])
    op.create_table(
        "statement_withdrawals",
        sa.Column("statement_id", sa.String(length=36), nullable=False, comment="The statement"),
        sa.Column("reason", sa.String(length=500), nullable=False, comment="Why; open to everyone"),
        sa.Column("withdraw_time", INSTANT, nullable=False, comment="When, UTC"),
        sa.Column("recorded_revision", ID, nullable=False, comment="Revision that withdrew it"),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_statement_withdrawals")),
        comment="Withdrawn credit statements",
    )
    op.create_table(
        "statement_keys",
        sa.Column(
            "key_id",
            sa.String(length=64),
            nullable=False,
            comment="Thumbprint of the key (RFC 7638)",
        ),
        sa.Column(
            "public_key",
            sa.String(length=64),
            nullable=False,
            comment="Ed25519 public key, base64url",
        ),
        sa.Column("create_time", INSTANT, nullable=False, comment="When it was made, UTC"),
        sa.Column(
            "recorded_revision",
            ID,
            nullable=False,
            comment="Revision of the first statement that it signed",
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_statement_keys")),
        comment="Public keys of credit statements",
    )
