"""What the parts of our documents are made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Day = date  # for models with a field named `date`
Visibility = Literal["internal", "customer"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
FactIds = Annotated[
    list[str],
    Field(description="ids of facts from the brief that this item rests on", max_length=40),
]


class Part(BaseModel):
    """Base of all parts: unknown keys are refused with their name."""

    model_config = ConfigDict(extra="forbid")
