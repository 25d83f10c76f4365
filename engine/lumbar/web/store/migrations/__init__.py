"""How a database of any earlier form comes to the present one; Alembic runs them in order."""
