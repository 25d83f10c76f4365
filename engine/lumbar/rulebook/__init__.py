"""What clinicians and writers write, loaded and checked against each other."""
