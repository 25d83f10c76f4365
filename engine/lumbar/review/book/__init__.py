"""The rule book: every rule, number, hazard and source as pages."""
