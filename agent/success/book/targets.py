"""Targets of a book of business, as named profiles."""

from __future__ import annotations

import operator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from agent.errors import BadInput, BadPersona, printable
from agent.success.policy import PolicyLike

INDICATORS = (
    "average_health", "green_share", "red_share", "gross_retention", "net_retention",
    "logo_retention", "logo_churn", "review_completion", "nps", "value_realized",
    "alert_response_48h",
)  # fmt: skip


class Target(BaseModel):
    """One bound; exactly one of the four is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: float | None = None
    more_than: float | None = None
    at_most: float | None = None
    less_than: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Target:
        if len(self._bounds()) != 1:
            raise ValueError("give one of at_least, more_than, at_most, less_than")
        return self

    def _bounds(self) -> list[tuple[str, float]]:
        given = ((kind, getattr(self, kind)) for kind in _SIGNS)
        return [(kind, bound) for kind, bound in given if bound is not None]

    def met(self, value: float) -> bool:
        ((kind, bound),) = self._bounds()
        return bool(_HOLDS[kind](value, bound))

    def __str__(self) -> str:
        ((kind, bound),) = self._bounds()
        return f"{_SIGNS[kind]} {bound:g}"


_SIGNS = {"at_least": "≥", "more_than": ">", "at_most": "≤", "less_than": "<"}
_HOLDS = {
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
}


class Targets(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    default: str
    profiles: dict[str, dict[str, Target]]

    def profile(self, name: str) -> tuple[str, dict[str, Target]]:
        """(name, targets) of a profile; the default one for ""."""
        wanted = name or self.default
        if wanted not in self.profiles:
            raise BadInput(
                f"{printable(wanted, 40)!r} is no profile of targets",
                where="--targets",
                fix=f"Use one of {', '.join(self.profiles)}.",
            )
        return wanted, self.profiles[wanted]


def load_targets(policy: PolicyLike) -> Targets:
    """Validated targets; BadPersona names file and key."""
    try:
        targets = Targets.model_validate(policy.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadPersona(
            first["msg"], where=f"{policy.source}: {'.'.join(map(str, first['loc']))}"
        ) from None
    unknown: list[Any] = [k for p in targets.profiles.values() for k in p if k not in INDICATORS]
    if unknown:
        raise BadPersona(
            f"{printable(str(unknown[0]), 60)!r} is no indicator",
            where=policy.source,
            fix=f"Use {', '.join(INDICATORS)}.",
        )
    if targets.default not in targets.profiles:
        raise BadPersona(f"the default profile {targets.default!r} is missing", where=policy.source)
    return targets
