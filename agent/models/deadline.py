"""A wall-clock deadline on response bodies: a drip of pings renews every read timeout, not this.

Imported only where the Anthropic SDK is, because it needs the SDK's HTTP library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar

import httpx2

DEADLINE: ContextVar[float | None] = ContextVar("model_deadline", default=None)


class _TimedStream(httpx2.SyncByteStream):
    def __init__(
        self, stream: httpx2.SyncByteStream, end: float, clock: Callable[[], float]
    ) -> None:
        self._stream, self._end, self._clock = stream, end, clock

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if self._clock() >= self._end:
                raise httpx2.ReadTimeout("the deadline of the reply has passed")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def deadline_hook(clock: Callable[[], float]) -> Callable[[httpx2.Response], None]:
    """A response hook that ends the body at the deadline set in `DEADLINE`."""

    def hook(response: httpx2.Response) -> None:
        end = DEADLINE.get()
        if end is not None and isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _TimedStream(response.stream, end, clock)

    return hook


def timeouts(idle: float, left: float) -> httpx2.Timeout:
    """Timeouts of one attempt with `left` seconds to the deadline; `idle` bounds any silence."""
    left = max(left, 0.001)
    return httpx2.Timeout(
        connect=min(10.0, left), read=min(idle, left), write=min(60.0, left), pool=min(10.0, left)
    )
