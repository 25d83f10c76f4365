"""People to try the rules on: named, of examples, and made up."""
