"""What a person says, and what to ask next."""
