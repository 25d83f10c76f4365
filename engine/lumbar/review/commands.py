"""The commands of the review: thin, each over one function of this package. Heavy imports wait for their command."""

from collections.abc import Callable
from typing import Any

COMMANDS: tuple[Callable[..., Any], ...] = ()
