"""What the rules do to the people who might really come."""
