"""What is written for other programs: models of pydantic, which give the JSON and its JSON Schema."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Contract"]


class Contract(BaseModel):
    """A model that crosses the border as JSON: frozen, and with no key that it does not name."""

    # the validator and the serializer of each are built when it is first used: a form needs few of them
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
