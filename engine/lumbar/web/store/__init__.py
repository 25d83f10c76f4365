"""What is kept for who wants to come back: sealed, found by a code alone, and not for ever."""
