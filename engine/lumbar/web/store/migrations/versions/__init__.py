"""A step a file, named after what it adds; none is ever changed once it was shipped."""
