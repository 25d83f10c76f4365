"""Who shows that the rules do what they should, and who would notice if they did not."""
