"""People by the table: read by Arrow, decided for by the formulas here or on Spark, or in SQL."""
