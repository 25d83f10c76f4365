"""How urgent, what in, what out, what would change it."""
