"""What a clinician reviews the rules with: prove, cover, mutate, compare, sign, and the rule book.

Nothing here takes part in a decision, and nothing outside imports what only this needs (the extra
`lumbar[review]`).
"""
