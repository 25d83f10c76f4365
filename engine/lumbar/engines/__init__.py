"""Which rules hold."""
