"""The tables, as they are now; `migrations/` makes them of every earlier form.

Nothing in them can be read without a code, and nothing tells who somebody is.
"""

from sqlalchemy import Column, Date, Integer, LargeBinary, MetaData, Table

tables = MetaData()

# What was kept for one person. `lookup` and the key that opens `sealed` both come from their code.
records = Table(
    "records",
    tables,
    Column("lookup", LargeBinary, primary_key=True),
    Column("changed_on", Date, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

# How often codes were tried in a period: by an address, of which a keyed hash stands here for
# minutes, or by all (no bytes).
tries = Table(
    "tries",
    tables,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("source", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
)
