"""What a run may spend, checked and reserved before it is spent.

A limit is a normal way for a run to end: what was accepted by then is kept and the result says
which limit it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from agent.errors import LimitReached, ModelError
from agent.models.base import Reply, Usage


@dataclass(frozen=True)
class Limits:
    """Ceilings of one run. `dollars` in USD, `seconds` of wall clock, `tokens` over all four
    buckets, `format_errors` counts replies the loop could not use."""

    turns: int = 12
    tokens: int = 600_000
    dollars: Decimal = Decimal("2.00")
    seconds: float = 900.0
    tool_calls: int = 80
    format_errors: int = 4


@dataclass
class Meter:
    """Spending so far. Replayed turns count too: a resumed run does not get its budget anew."""

    limits: Limits
    clock: Callable[[], float]
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    turns: int = 0
    tool_calls: int = 0
    format_errors: int = 0

    def __post_init__(self) -> None:
        self._started = self.clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self._started

    def reserve_turn(self, ceiling: Decimal, tokens: int) -> None:
        """Raise LimitReached unless a request of at most `ceiling` dollars and `tokens` fits."""
        limits = self.limits
        if self.turns >= limits.turns:
            raise LimitReached("turns", f"the limit of {limits.turns} turns is reached")
        if self.usage.total + tokens > limits.tokens:
            raise LimitReached(
                "tokens",
                f"the next turn may take {tokens} tokens; {self.usage.total} of "
                f"{limits.tokens} are used",
            )
        if self.cost + ceiling > limits.dollars:
            raise LimitReached(
                "dollars",
                f"the next turn may cost ${ceiling:.4f}; ${self.cost:.4f} of "
                f"${limits.dollars:.2f} are spent",
            )
        self.check_clock()

    def check_clock(self) -> None:
        if self.seconds > self.limits.seconds:
            raise LimitReached(
                "seconds", f"the limit of {self.limits.seconds:g} seconds is reached"
            )

    def reserve_tools(self, count: int) -> None:
        """Reserve a whole batch of tool calls before any of them runs."""
        if self.tool_calls + count > self.limits.tool_calls:
            raise LimitReached(
                "tool_calls",
                f"the model asked for {count} tool calls at once; {self.tool_calls} of "
                f"{self.limits.tool_calls} are used, so none of them ran",
            )
        self.tool_calls += count

    def charge(self, reply: Reply) -> None:
        self.turns += 1
        self.spend(reply.usage, reply.cost)

    def charge_failure(self, error: ModelError) -> None:
        self.spend(Usage(**error.usage), error.cost)

    def spend(self, usage: Usage, cost: Decimal) -> None:
        self.usage += usage
        self.cost += cost

    def count_format_error(self, what: str) -> None:
        self.format_errors += 1
        if self.format_errors > self.limits.format_errors:
            raise LimitReached(
                "format_errors",
                f"{self.format_errors} replies could not be used, the last because {what}",
            )
