"""What everything that is read from a file has in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """The one base of everything read from a file: frozen, strict, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
