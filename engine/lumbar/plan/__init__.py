"""A decision in words for a person."""
