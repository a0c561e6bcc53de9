"""The events of a streamed reply as plain dicts, without the models that the SDK makes of them.

Imported only where the Anthropic SDK is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2


def events(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """Events with content, in their order.

    Raises:
        anthropic.APIStatusError: the endpoint reports an error in mid-stream.
        ValueError: an event that is not JSON.
    """
    for sent in anthropic.Stream.raw_events(response):
        if sent.event is None or sent.event == "ping" or not sent.data:
            continue
        event = sent.json()
        if sent.event == "error":
            raise anthropic.APIStatusError(sent.data, response=response, body=event)
        if isinstance(event, dict):
            yield event
