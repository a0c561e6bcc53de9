"""What a run hands back: a typed result with receipts that can be checked without a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal[
    "completed", "completed_with_concerns", "redirected", "partial", "needs_context", "blocked",
    "limit_reached", "failed", "cancelled",
]  # fmt: skip

EXIT_CODES: dict[str, int] = {
    "completed": 0,
    "completed_with_concerns": 0,
    "redirected": 3,
    "needs_context": 4,
    "blocked": 4,
    "limit_reached": 5,
    "partial": 1,
    "failed": 1,
    "cancelled": 130,
}
FINISHED = ("completed", "completed_with_concerns", "redirected")


@dataclass(frozen=True)
class Output:
    """A file the run left behind, relative to the memory root."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Sent:
    """A message to another role: its id and where it lies."""

    message_id: str
    to: str
    type: str
    about: str
    path: str


@dataclass(frozen=True)
class Result:
    """`usage` has the four disjoint token buckets; `cost_usd` is a decimal string.

    `not_done` lists what was asked and not done, with the reason; `concerns` what a person should
    look at although the run is complete; `already` is true when the instruction had been finished
    by an earlier run and nothing was done now.
    """

    instruction_id: str
    status: Status
    summary: str
    account_id: str = ""
    run: int = 0
    as_of: str = ""
    outputs: tuple[Output, ...] = ()
    handoffs: tuple[Sent, ...] = ()
    usage: dict[str, int] = field(default_factory=dict)
    cost_usd: str = "0"
    turns: int = 0
    model: str = ""
    persona: str = ""
    persona_hash: str = ""
    concerns: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    resumed: bool = False
    already: bool = False

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.status]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def from_dict(data: dict[str, Any]) -> Result:
    """The result as the journal recorded it."""
    known = {**data}
    known["outputs"] = tuple(Output(**o) for o in data.get("outputs", ()))
    known["handoffs"] = tuple(Sent(**s) for s in data.get("handoffs", ()))
    for key in ("concerns", "not_done", "candidates"):
        known[key] = tuple(data.get(key, ()))
    return Result(**known)
