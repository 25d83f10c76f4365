"""The rules as formulas over what can be answered: decided for many people at once, and proved."""
