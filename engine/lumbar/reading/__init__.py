"""Text to checked records, with places and hints; safe writing."""
