"""When a failed model call is tried again, and what all its attempts were billed.

Waits follow the server's `retry-after`; without one they double with jitter. Attempts, each wait
and the whole affair are bounded, so that no fault of an endpoint can hold a run for ever.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from agent.errors import ModelError, ModelUnavailable
from agent.models.base import Usage

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")
RANDOM = random.SystemRandom()


@dataclass(frozen=True)
class RetryPolicy:
    """Bounds of one reply. All times in seconds; `deadline` spans attempts and waits together.

    A `retry-after` beyond `longest_wait` ends the attempts at once: asking earlier is in vain.
    """

    attempts: int = 5
    first_wait: float = 1.0
    longest_backoff: float = 30.0
    longest_wait: float = 120.0
    deadline: float = 600.0


class TransientFault(Exception):
    """One attempt failed in a way that the next may not; carries what it was billed."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        usage: Usage | None = None,
        cost: Decimal = Decimal(0),
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after
        self.usage, self.cost = usage or Usage(), cost


@dataclass
class Bill:
    """Attempts made so far and what the failed ones among them were billed."""

    attempts: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)

    def attach(self, error: ModelError) -> ModelError:
        error.attempts, error.usage, error.cost = self.attempts, self.usage.as_dict(), self.cost
        return error


@dataclass(frozen=True)
class Retrier:
    """Calls until it works; `sleep`, `clock` (monotonic seconds), `jitter` (0 to 1) are seams."""

    policy: RetryPolicy = RetryPolicy()
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = RANDOM.random

    def run(self, attempt: Callable[[float], T], *, where: str = "") -> tuple[T, Bill]:
        """The first result of `attempt(deadline)`, with the bill of the failures before it.

        Raises:
            ModelUnavailable: attempts or time are spent; names the last reason.
            ModelError: `attempt` met something that no repetition mends.
        """
        from tenacity import Retrying, retry_if_exception_type

        bill = Bill()
        end = self.clock() + self.policy.deadline

        def call() -> T:
            bill.attempts += 1
            try:
                return attempt(end)
            except TransientFault as fault:
                bill.usage += fault.usage
                bill.cost += fault.cost
                raise

        retrying = Retrying(
            sleep=self.sleep,
            wait=self._wait,
            stop=lambda state: self._spent(state, end),
            retry=retry_if_exception_type(TransientFault),
            reraise=True,
        )
        try:
            return retrying(call), bill
        except TransientFault as fault:
            raise bill.attach(self._give_up(fault, bill, where)) from None
        except ModelError as error:
            raise bill.attach(error) from None

    def _wait(self, state: RetryCallState) -> float:
        fault = _fault(state)
        if fault is not None and fault.retry_after is not None:
            return fault.retry_after + self.jitter() * min(1.0, fault.retry_after / 10)
        doubled = self.policy.first_wait * 2.0 ** min(state.attempt_number - 1, 20)
        return min(self.policy.longest_backoff, doubled) * (0.5 + self.jitter() / 2)

    def _spent(self, state: RetryCallState, end: float) -> bool:
        fault = _fault(state)
        asked = fault.retry_after if fault is not None else None
        return (
            state.attempt_number >= self.policy.attempts
            or (asked or 0) > self.policy.longest_wait
            or self.clock() + state.upcoming_sleep >= end
        )

    def _give_up(self, fault: TransientFault, bill: Bill, where: str) -> ModelUnavailable:
        asked = fault.retry_after
        tries = f"after {bill.attempts} attempt{'s' if bill.attempts != 1 else ''}"
        if asked is not None and asked > self.policy.longest_wait:
            what = f"{fault.reason}; the server asks to wait {asked:.0f} s."
        elif bill.attempts < self.policy.attempts:
            what = f"no complete answer within {self.policy.deadline:g} s {tries}: {fault.reason}."
        else:
            what = f"no answer {tries}: {fault.reason}."
        return ModelUnavailable(
            what, where=where, fix="resume the run later; what was paid for is in its journal."
        )


def _fault(state: RetryCallState) -> TransientFault | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, TransientFault) else None
