"""Keep records, and count how often codes are tried."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "records",
        sa.Column("lookup", sa.LargeBinary, primary_key=True),
        sa.Column("changed_on", sa.Date, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_records_changed_on", "records", ["changed_on"])
    op.create_table(
        "tries",
        sa.Column("period", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", sa.LargeBinary, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
