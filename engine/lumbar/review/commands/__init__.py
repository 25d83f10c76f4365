"""The commands of the review: thin, each over one function of this package. Heavy imports wait for
their command.
"""

from collections.abc import Callable
from typing import Any

from lumbar.review.commands.auditing import audit
from lumbar.review.commands.book import book
from lumbar.review.commands.comparing import diff, impact
from lumbar.review.commands.proving import boundary, check, coverage, mutate, prove
from lumbar.review.commands.signing import dispute, review, sign

COMMANDS: tuple[Callable[..., Any], ...] = (
    check, prove, audit, coverage, mutate, boundary, sign, dispute, review, book, diff, impact,
)  # fmt: skip
