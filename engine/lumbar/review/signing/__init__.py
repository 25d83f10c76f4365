"""Signing rules, disagreeing with them, and where each stands."""
