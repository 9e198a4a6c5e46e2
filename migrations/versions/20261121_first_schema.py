"""First schema: the store itself, facts of enterprises and persons, derived grades.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "enterprises",
        sa.Column(
            "enterprise_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "credit_code",
            sa.String(length=18),
            nullable=True,
            comment="Unified social credit code, upper case (GB 32100-2015)",
        ),
        sa.Column(
            "local_scheme",
            sa.String(length=64),
            nullable=True,
            comment="Scheme of an identity without a credit code",
        ),
        sa.Column(
            "local_value",
            sa.String(length=200),
            nullable=True,
            comment="Value in that scheme, compared exactly",
        ),
        sa.Column(
            "recorded_revision",
            ID,
            nullable=False,
            comment="Revision that registered the enterprise",
        ),
        sa.CheckConstraint(
            "(credit_code IS NULL) <> (local_value IS NULL)",
            name=op.f("ck_enterprises_exactly_one_identity"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
        comment="Identity of every enterprise; what is true of it stands in its versions",
    )
    op.create_index("ix_enterprises_recorded", "enterprises", ["recorded_revision"], unique=False)
    op.create_index("uq_enterprises_credit_code", "enterprises", ["credit_code"], unique=True)
    op.create_index(
        "uq_enterprises_local", "enterprises", ["local_scheme", "local_value"], unique=True
    )

    op.create_table(
        "grade_refreshes",
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="The policy"),
        sa.Column("version", sa.String(length=50), nullable=False, comment="Version evaluated"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="Digest of that version"),
        sa.Column("as_of", sa.Date(), nullable=False, comment="Day the grades are for"),
        sa.Column("revision", ID, nullable=False, comment="Revision the grades stand at"),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_grade_refreshes")),
        comment="Up to where the grades of each policy are right; derived",
    )
    op.create_table(
        "grades",
        sa.Column("policy_id", sa.String(length=100), nullable=False, comment="The policy"),
        sa.Column("subject_id", ID, autoincrement=False, nullable=False, comment="The enterprise"),
        sa.Column("status", sa.SmallInteger(), nullable=False, comment="ResultStatus number"),
        sa.Column("grade", sa.String(length=50), nullable=False, comment="Grade; empty when none"),
        sa.Column(
            "grade_rank", sa.SmallInteger(), nullable=False, comment="Place on the ladder, 1 best"
        ),
        sa.Column(
            "score",
            sa.BigInteger(),
            nullable=True,
            comment="Score as a whole number of the policy's smallest unit",
        ),
        sa.Column(
            "valid_until_date",
            sa.Date(),
            nullable=True,
            comment="First day on which it would change with nothing new; null when never",
        ),
        sa.PrimaryKeyConstraint("policy_id", "subject_id", name=op.f("pk_grades")),
        comment="Grades as last evaluated; derived",
    )
    op.create_index("ix_grades_due", "grades", ["policy_id", "valid_until_date"], unique=False)
    op.create_index(
        "ix_grades_grade", "grades", ["policy_id", "grade_rank", "subject_id"], unique=False
    )

    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=100), nullable=False, comment="The work"),
        sa.Column(
            "holder", sa.String(length=100), nullable=False, comment="Replica that holds the lease"
        ),
        sa.Column("expiry_time", INSTANT, nullable=False, comment="When it ends by itself, UTC"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
        comment="Leases on periodic work",
    )
    op.create_table(
        "persons",
        sa.Column(
            "person_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "name",
            sa.String(length=100),
            nullable=False,
            comment="Name; masked in every log and answer",
        ),
        sa.Column(
            "identity_cipher",
            sa.LargeBinary(),
            nullable=False,
            comment="Identity number, encrypted (GB 11643-1999)",
        ),
        sa.Column(
            "identity_lookup",
            sa.String(length=64),
            nullable=False,
            comment="Keyed digest of the identity number, to find equal ones",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that registered the person"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_persons")),
        comment="Responsible persons",
    )
    op.create_index("uq_persons_lookup", "persons", ["identity_lookup"], unique=True)

    op.create_table(
        "records",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "record_id",
            ID,
            nullable=False,
            comment="Identifier of the record: the row identifier of its first edition",
        ),
        sa.Column("edition", sa.Integer(), nullable=False, comment="Edition, from 1"),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="RecordKind number"),
        sa.Column(
            "subject_id",
            ID,
            nullable=False,
            comment="The enterprise or person (identifiers never collide)",
        ),
        sa.Column(
            "person", sa.Boolean(), nullable=False, comment="Whether the subject is a person"
        ),
        sa.Column("field", sa.SmallInteger(), nullable=False, comment="Field number"),
        sa.Column("authority", sa.String(length=100), nullable=False, comment="Issuing authority"),
        sa.Column(
            "authority_code",
            sa.String(length=18),
            nullable=False,
            comment="Credit code of the authority; empty when unknown",
        ),
        sa.Column(
            "document_number", sa.String(length=100), nullable=False, comment="Number as printed"
        ),
        sa.Column(
            "document_item",
            sa.String(length=100),
            nullable=False,
            comment="Part of the document that the record is",
        ),
        sa.Column("event_date", sa.Date(), nullable=False, comment="Civil day of the fact"),
        sa.Column("publish_date", sa.Date(), nullable=True, comment="Day it was made public"),
        sa.Column("division", sa.Integer(), nullable=True, comment="Where it happened (GB/T 2260)"),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the edition"
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that revised or revoked it; null while it is current",
        ),
        sa.Column(
            "superseding_row_id",
            ID,
            nullable=True,
            comment="The next edition; null when current or revoked",
        ),
        sa.Column(
            "superseded_reason",
            sa.String(length=1000),
            nullable=False,
            comment="Why it was revised or revoked",
        ),
        sa.Column(
            "superseded_document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document that ordered that",
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_records")),
        comment="Editions of records, whatever their kind",
    )
    op.create_index("ix_records_event_date", "records", ["event_date", "record_id"], unique=False)
    op.create_index("ix_records_recorded", "records", ["recorded_revision"], unique=False)
    op.create_index("ix_records_subject", "records", ["subject_id", "kind"], unique=False)
    op.create_index("ix_records_superseded", "records", ["superseded_revision"], unique=False)
    op.create_index(
        "uq_records_business_key",
        "records",
        ["kind", "authority", "document_number", "document_item", "edition"],
        unique=True,
    )
    op.create_index("uq_records_edition", "records", ["record_id", "edition"], unique=True)

    op.create_table(
        "requests",
        sa.Column(
            "caller", sa.String(length=128), nullable=False, comment="Identity of the caller"
        ),
        sa.Column(
            "request_id",
            sa.String(length=64),
            nullable=False,
            comment="The caller's own id of the request",
        ),
        sa.Column(
            "method",
            sa.String(length=200),
            nullable=False,
            comment="Full name of the RPC that was called",
        ),
        sa.Column(
            "body_digest",
            sa.LargeBinary(length=32),
            nullable=False,
            comment="SHA-256 of the request's canonical bytes",
        ),
        sa.Column(
            "response", sa.LargeBinary(), nullable=False, comment="The first answer, serialised"
        ),
        sa.Column("revision", ID, nullable=False, comment="Revision that the request took"),
        sa.PrimaryKeyConstraint("caller", "request_id", name=op.f("pk_requests")),
        comment="Answered write requests, so that a repeat changes nothing",
    )
    op.create_table(
        "revisions",
        sa.Column(
            "revision", ID, autoincrement=False, nullable=False, comment="1, 2, 3 … without gaps"
        ),
        sa.Column(
            "recorded_time",
            INSTANT,
            nullable=False,
            comment="Strictly increasing with the revision; UTC",
        ),
        sa.Column(
            "caller",
            sa.String(length=128),
            nullable=False,
            comment="Identity of the caller that wrote",
        ),
        sa.Column(
            "method",
            sa.String(length=200),
            nullable=False,
            comment="Full name of the RPC, or of the command that wrote",
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_revisions")),
        sa.UniqueConstraint("recorded_time", name=op.f("uq_revisions_recorded_time")),
        comment="Write transactions in the order of their commits",
    )
    op.create_table(
        "store",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Always 1"),
        sa.Column(
            "store_id",
            sa.String(length=32),
            nullable=False,
            comment="Random identity, 32 hexadecimal digits; binds tokens",
        ),
        sa.Column(
            "revision",
            ID,
            nullable=False,
            comment="Last committed revision; 0 before the first write",
        ),
        sa.Column(
            "recorded_time",
            INSTANT,
            nullable=False,
            comment="Instant of that revision, or of the store's making; UTC",
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_store_single_row")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_store_revision_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        comment="The store itself: one row, locked by every write transaction",
    )
    op.create_table(
        "accidents",
        sa.Column("deaths", sa.Integer(), nullable=False, comment="Deaths"),
        sa.Column("serious_injuries", sa.Integer(), nullable=False, comment="Serious injuries"),
        sa.Column("direct_loss_fen", sa.BigInteger(), nullable=False, comment="Direct loss in fen"),
        sa.Column(
            "level",
            sa.SmallInteger(),
            nullable=False,
            comment="AccidentLevel number, derived when recorded",
        ),
        sa.Column("liability", sa.SmallInteger(), nullable=False, comment="Liability number"),
        sa.Column("reporting", sa.SmallInteger(), nullable=False, comment="Reporting number"),
        sa.Column(
            "misconduct", sa.Integer(), nullable=False, comment="Misconduct, bit n for number n"
        ),
        sa.Column("occurrence_time", INSTANT, nullable=True, comment="Instant, UTC"),
        sa.Column("report_time", INSTANT, nullable=True, comment="When reported, UTC"),
        sa.Column(
            "investigation_approval_date",
            sa.Date(),
            nullable=True,
            comment="Day the investigation report was approved",
        ),
        sa.Column("description", sa.Text(), nullable=False, comment="What happened"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_accidents_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_accidents")),
        comment="Accidents",
    )
    op.create_table(
        "enterprise_versions",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("enterprise_id", ID, nullable=False, comment="The enterprise"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="Registered name"),
        sa.Column(
            "division",
            sa.Integer(),
            nullable=True,
            comment="Division of supervision, six digits as a number (GB/T 2260)",
        ),
        sa.Column(
            "industry",
            sa.String(length=5),
            nullable=True,
            comment="Industry, a letter and up to four digits (GB/T 4754-2017)",
        ),
        sa.Column(
            "fields",
            sa.Integer(),
            nullable=False,
            comment="Fields of supervision, bit n for field number n",
        ),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="EnterpriseKind number"),
        sa.Column("state", sa.SmallInteger(), nullable=False, comment="EnterpriseState number"),
        sa.Column("headcount", sa.Integer(), nullable=True, comment="Employees"),
        sa.Column("founding_date", sa.Date(), nullable=True, comment="Day of founding"),
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day of the period"),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="Day after the last day of the period; null while it lasts",
        ),
        sa.Column(
            "document_number",
            sa.String(length=100),
            nullable=False,
            comment="Document that ordered the change; empty for the registration",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that replaced the row; null while it is current",
        ),
        sa.CheckConstraint(
            "end_date IS NULL OR end_date > start_date",
            name=op.f("ck_enterprise_versions_period_not_empty"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_enterprise_versions_enterprise_id_enterprises"),
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_enterprise_versions")),
        comment="Periods of an enterprise's history on both axes of time",
    )
    op.create_index(
        "ix_enterprise_versions_division", "enterprise_versions", ["division"], unique=False
    )
    op.create_index(
        "ix_enterprise_versions_enterprise",
        "enterprise_versions",
        ["enterprise_id", "start_date"],
        unique=False,
    )
    op.create_index(
        "ix_enterprise_versions_recorded",
        "enterprise_versions",
        ["recorded_revision"],
        unique=False,
    )
    op.create_index(
        "ix_enterprise_versions_superseded",
        "enterprise_versions",
        ["superseded_revision"],
        unique=False,
    )

    op.create_table(
        "hazards",
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="Hazard level number"),
        sa.Column("supervision", sa.SmallInteger(), nullable=False, comment="Supervision number"),
        sa.Column("description", sa.Text(), nullable=False, comment="What the hazard is"),
        sa.Column("due_date", sa.Date(), nullable=True, comment="Last day for its removal"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_hazards_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_hazards")),
        comment="Hazards",
    )
    op.create_table(
        "honours",
        sa.Column("honour_kind", sa.SmallInteger(), nullable=False, comment="Honour kind number"),
        sa.Column("standardisation_level", sa.SmallInteger(), nullable=False, comment="1–3, or 0"),
        sa.Column("award_rank", sa.SmallInteger(), nullable=False, comment="AwardRank number"),
        sa.Column("commitment", sa.SmallInteger(), nullable=False, comment="Commitment number"),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="Day after the last day of validity; null when it has no end",
        ),
        sa.Column("title", sa.String(length=1000), nullable=False, comment="Title or text"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_honours_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_honours")),
        comment="Honours and commitments",
    )
    op.create_table(
        "inspections",
        sa.Column("occasion", sa.SmallInteger(), nullable=False, comment="Occasion number"),
        sa.Column(
            "problems_found", sa.Boolean(), nullable=False, comment="Whether problems were found"
        ),
        sa.Column("report_record_id", ID, nullable=True, comment="Report that led to it"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_inspections_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_inspections")),
        comment="Inspections",
    )
    op.create_table(
        "penalties",
        sa.Column(
            "sanctions", sa.Integer(), nullable=False, comment="Sanctions, bit n for Sanction n"
        ),
        sa.Column("fine_fen", sa.BigInteger(), nullable=False, comment="Fine in fen"),
        sa.Column(
            "confiscated_fen", sa.BigInteger(), nullable=False, comment="Confiscated, in fen"
        ),
        sa.Column("procedure", sa.SmallInteger(), nullable=False, comment="Procedure number"),
        sa.Column(
            "violation_code",
            sa.SmallInteger(),
            nullable=False,
            comment="Number of the code in policies/vocabulary.yaml",
        ),
        sa.Column(
            "violation_text", sa.String(length=1000), nullable=False, comment="Kind as printed"
        ),
        sa.Column("facts", sa.Text(), nullable=False, comment="Facts found"),
        sa.Column("basis", sa.Text(), nullable=False, comment="Legal basis"),
        sa.Column("content", sa.Text(), nullable=False, comment="Content of the penalty"),
        sa.Column("final_date", sa.Date(), nullable=True, comment="Day it became final"),
        sa.Column(
            "performed_date", sa.Date(), nullable=True, comment="Day every duty was performed"
        ),
        sa.Column("valid_until_date", sa.Date(), nullable=True, comment="Last day of validity"),
        sa.Column(
            "publicity_end_date", sa.Date(), nullable=True, comment="Last day of publication"
        ),
        sa.Column("major", sa.Boolean(), nullable=False, comment="Whether found major or vile"),
        sa.Column(
            "fine_multiple_hundredths",
            sa.Integer(),
            nullable=True,
            comment="Times the fine was multiplied, in hundredths",
        ),
        sa.Column("violation_record_id", ID, nullable=True, comment="Violation punished"),
        sa.Column("accident_record_id", ID, nullable=True, comment="Accident punished"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_penalties_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_penalties")),
        comment="Administrative penalties",
    )
    op.create_table(
        "rectifications",
        sa.Column("target_record_id", ID, nullable=False, comment="Violation or hazard rectified"),
        sa.Column("outcome", sa.SmallInteger(), nullable=False, comment="Outcome number"),
        sa.Column("due_date", sa.Date(), nullable=True, comment="Last day for it"),
        sa.Column(
            "recheck_level", sa.SmallInteger(), nullable=False, comment="Level of the re-check, 0–3"
        ),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_rectifications_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_rectifications")),
        comment="Steps of rectifications",
    )
    op.create_index(
        "ix_rectifications_target", "rectifications", ["target_record_id"], unique=False
    )

    op.create_table(
        "reports",
        sa.Column("description", sa.Text(), nullable=False, comment="What was reported"),
        sa.Column("finding", sa.SmallInteger(), nullable=False, comment="Finding number"),
        sa.Column("handled_date", sa.Date(), nullable=True, comment="Day it was dealt with"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_reports_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_reports")),
        comment="Reports to 12350 and the like",
    )
    op.create_table(
        "roles",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column(
            "role_id",
            ID,
            nullable=False,
            comment="Identifier of the role: the row identifier of its first row",
        ),
        sa.Column("person_id", ID, nullable=False, comment="The person"),
        sa.Column("enterprise_id", ID, nullable=False, comment="The enterprise"),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="RoleKind number"),
        sa.Column("start_date", sa.Date(), nullable=False, comment="First day of the role"),
        sa.Column(
            "end_date",
            sa.Date(),
            nullable=True,
            comment="Day after the last day of the role; null while it lasts",
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.Column(
            "superseded_revision",
            ID,
            nullable=True,
            comment="Revision that replaced the row; null while it is current",
        ),
        sa.CheckConstraint(
            "end_date IS NULL OR end_date > start_date", name=op.f("ck_roles_period_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_roles_enterprise_id_enterprises"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.person_id"], name=op.f("fk_roles_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_roles")),
        comment="Roles of persons in enterprises on both axes of time",
    )
    op.create_index("ix_roles_enterprise", "roles", ["enterprise_id"], unique=False)
    op.create_index("ix_roles_person", "roles", ["person_id"], unique=False)
    op.create_index("ix_roles_role", "roles", ["role_id"], unique=False)

    op.create_table(
        "successions",
        sa.Column(
            "row_id",
            ID,
            autoincrement=False,
            nullable=False,
            comment="Identifier, from the store's revision",
        ),
        sa.Column("predecessor_id", ID, nullable=False, comment="Enterprise that ends or is split"),
        sa.Column("successor_id", ID, nullable=False, comment="Enterprise that goes on"),
        sa.Column(
            "kind",
            sa.SmallInteger(),
            nullable=False,
            comment="EnterpriseState number: merged or split",
        ),
        sa.Column(
            "effective_date", sa.Date(), nullable=False, comment="First day of the successor"
        ),
        sa.Column(
            "recorded_revision", ID, nullable=False, comment="Revision that recorded the row"
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_successions_predecessor_id_enterprises"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["enterprises.enterprise_id"],
            name=op.f("fk_successions_successor_id_enterprises"),
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_successions")),
        comment="Mergers and splits",
    )
    op.create_index("ix_successions_predecessor", "successions", ["predecessor_id"], unique=False)
    op.create_index("ix_successions_successor", "successions", ["successor_id"], unique=False)

    op.create_table(
        "violations",
        sa.Column(
            "violation_code",
            sa.SmallInteger(),
            nullable=False,
            comment="Number of the code in policies/vocabulary.yaml",
        ),
        sa.Column("severity", sa.SmallInteger(), nullable=False, comment="Severity number"),
        sa.Column("article", sa.String(length=1000), nullable=False, comment="Article violated"),
        sa.Column("description", sa.Text(), nullable=False, comment="What was found"),
        sa.Column("inspection_record_id", ID, nullable=True, comment="Inspection that found it"),
        sa.Column("row_id", ID, autoincrement=False, nullable=False, comment="The header's row"),
        sa.ForeignKeyConstraint(
            ["row_id"], ["records.row_id"], name=op.f("fk_violations_row_id_records")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_violations")),
        comment="Violations",
    )


def downgrade() -> None:
    """Bring the schema back to the revision before."""
    op.drop_table("violations")
    op.drop_index("ix_successions_successor", "successions")
    op.drop_index("ix_successions_predecessor", "successions")

    op.drop_table("successions")
    op.drop_index("ix_roles_role", "roles")
    op.drop_index("ix_roles_person", "roles")
    op.drop_index("ix_roles_enterprise", "roles")

    op.drop_table("roles")
    op.drop_table("reports")
    op.drop_index("ix_rectifications_target", "rectifications")

    op.drop_table("rectifications")
    op.drop_table("penalties")
    op.drop_table("inspections")
    op.drop_table("honours")
    op.drop_table("hazards")
    op.drop_index("ix_enterprise_versions_superseded", "enterprise_versions")
    op.drop_index("ix_enterprise_versions_recorded", "enterprise_versions")
    op.drop_index("ix_enterprise_versions_enterprise", "enterprise_versions")
    op.drop_index("ix_enterprise_versions_division", "enterprise_versions")

    op.drop_table("enterprise_versions")
    op.drop_table("accidents")
    op.drop_table("store")
    op.drop_table("revisions")
    op.drop_table("requests")
    op.drop_index("uq_records_edition", "records")
    op.drop_index("uq_records_business_key", "records")
    op.drop_index("ix_records_superseded", "records")
    op.drop_index("ix_records_subject", "records")
    op.drop_index("ix_records_recorded", "records")
    op.drop_index("ix_records_event_date", "records")

    op.drop_table("records")
    op.drop_index("uq_persons_lookup", "persons")

    op.drop_table("persons")
    op.drop_table("leases")
    op.drop_index("ix_grades_grade", "grades")
    op.drop_index("ix_grades_due", "grades")

    op.drop_table("grades")
    op.drop_table("grade_refreshes")
    op.drop_index("uq_enterprises_local", "enterprises")
    op.drop_index("uq_enterprises_credit_code", "enterprises")
    op.drop_index("ix_enterprises_recorded", "enterprises")

    op.drop_table("enterprises")
