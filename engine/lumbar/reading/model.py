"""What only the review and the pictures read: pydantic models, which know what was said of them.

Whoever makes a plan loads none: pydantic alone takes longer to load than a plan takes to be made.
"""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """The base of these: frozen, strict, unknown keys refused, as with a Record."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
