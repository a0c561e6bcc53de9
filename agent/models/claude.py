"""Claude over the Messages API, at Anthropic or any endpoint that `ANTHROPIC_BASE_URL` names.

Plain `messages.create`, streamed where a person watches or the reply may be long. Retries are
ours (`retry`), the SDK's are off; every attempt that was billed is in the bill of the reply.
Replies are taken as the JSON they are: the SDK's models would only be turned back into it.
"""

from __future__ import annotations

import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.errors import ModelError
from agent.models.base import Reply, Request, Usage
from agent.models.catalog import resolve
from agent.models.retry import RANDOM, Retrier, RetryPolicy, TransientFault
from agent.models.streaming import MessageAssembler
from agent.models.wire import (
    BYTES_PER_TOKEN,
    CacheTtl,
    content_blocks,
    payload,
    prompt_tokens_at_most,
    usage_of,
)

if TYPE_CHECKING:
    import anthropic

    from agent.models.faults import FaultReader

DEFAULT_BASE_URL = "https://api.anthropic.com"
STREAM_ABOVE = 8_192  # output tokens; longer replies can outlast idle connections
_CREDENTIALS = ("api_key", "auth_token", "credentials", "config", "profile")
_BROKEN_OFF = "\n[the stream broke off; asking again]\n"


class ClaudeModel:
    """A Claude model by alias or full id.

    Args:
        name: alias or id, see `catalog.resolve`.
        retry: bounds on attempts, waits and wall-clock time of one reply.
        idle_timeout: seconds of silence after which an attempt counts as lost.
        cache_ttl: how long the prompt cache keeps this persona's prefix.
        effort: the API's `output_config.effort` (low to max); None leaves the model's default.
        sleep, clock, jitter: seams for tests.
        client_options: passed to `anthropic.Anthropic` (api_key, base_url, middleware, ...).

    Raises:
        ModelError: the model is unknown, withdrawn or without a price.
    """

    def __init__(
        self,
        name: str = "sonnet",
        *,
        retry: RetryPolicy | None = None,
        idle_timeout: float = 180.0,
        cache_ttl: CacheTtl = "5m",
        effort: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = RANDOM.random,
        **client_options: Any,
    ) -> None:
        self.info = resolve(name)
        self._retrier = Retrier(retry or RetryPolicy(), sleep, clock, jitter)
        self._idle_timeout, self._cache_ttl, self._effort = idle_timeout, cache_ttl, effort
        self._options = client_options
        self._client: anthropic.Anthropic | None = None
        self._faults: FaultReader | None = None
        self._closer: Callable[[], object] = lambda: None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"ClaudeModel({self.info.id!r})"

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def uses_language_model(self) -> bool:
        return True

    def price_ceiling(self, request: Request) -> Decimal:
        """Dollars of one billed attempt at most: prompt estimated high and newly cached."""
        return self.info.ceiling(
            prompt_tokens_at_most(request), request.max_tokens, one_hour=self._cache_ttl == "1h"
        )

    def prepare(self) -> None:
        """Check the key and load the SDK, without any network; `reply` does it when needed.

        Loading takes a second or two, so a caller may do it in a thread meanwhile.

        Raises:
            ModelError: no usable key, or a base URL that is none.
        """
        with self._lock:
            if self._client is not None:
                return
            options, secrets = _client_options(self._options)
            import anthropic

            from agent.models.deadline import deadline_hook
            from agent.models.faults import FaultReader

            host = urlsplit(options["base_url"]).hostname or "endpoint"
            self._faults = FaultReader(f"{host} ({self.id})", secrets)
            hook = deadline_hook(self._retrier.clock)
            http = options.pop("http_client", None)
            if http is None:
                http = anthropic.DefaultHttpxClient(event_hooks={"response": [hook]})
            else:
                http.event_hooks["response"].append(hook)
            self._client = anthropic.Anthropic(http_client=http, max_retries=0, **options)
            self._closer = weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Close the connections; a later `reply` opens new ones."""
        with self._lock:
            self._closer()
            self._client = None

    def reply(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Send one request; usage and cost include failed attempts as far as they are known.

        When a stream breaks off after text was shown, `on_text` gets a line that says so before
        the text starts anew.

        Raises:
            ModelUnavailable: attempts or the deadline are spent.
            ModelRefusedRequest: the endpoint rejects the request; says what to do.
            ModelError: no usable key.
        """
        self.prepare()
        shown = False

        def watch(piece: str) -> None:
            nonlocal shown
            shown = True
            if on_text is not None:
                on_text(piece)

        def attempt(end: float) -> Reply:
            nonlocal shown
            if shown and on_text is not None:
                on_text(_BROKEN_OFF)
                shown = False
            return self._attempt(request, end, watch if on_text else None)

        reply, bill = self._retrier.run(attempt, where=self.faults.where)
        return Reply(
            content=reply.content,
            stop_reason=reply.stop_reason,
            usage=reply.usage + bill.usage,
            model=reply.model,
            request_id=reply.request_id,
            cost=reply.cost + bill.cost,
            attempts=bill.attempts,
        )

    @property
    def faults(self) -> FaultReader:
        if self._faults is None:
            raise ModelError("the model is not prepared.", fix="call prepare() first.")
        return self._faults

    def _attempt(
        self, request: Request, end: float, on_text: Callable[[str], None] | None
    ) -> Reply:
        from agent.models.deadline import DEADLINE, timeouts

        body = payload(request, self.info, ttl=self._cache_ttl)
        if self._effort is not None:
            body["output_config"] = {"effort": self._effort}
        body["timeout"] = timeouts(self._idle_timeout, end - self._retrier.clock())
        token = DEADLINE.set(end)
        try:
            if on_text is not None or request.max_tokens > STREAM_ABOVE:
                return self._streamed(request, body, on_text)
            return self._plain(request, body)
        finally:
            DEADLINE.reset(token)

    def _plain(self, request: Request, body: dict[str, Any]) -> Reply:
        assert self._client is not None
        try:
            response = self._client.messages.with_raw_response.create(**body)
            raw = response.json() if _is(response, "json") else None
        except Exception as error:
            raise self.faults.read(error) from None
        if not isinstance(raw, dict):
            raise self._not_a_message()
        return self._reply(request, raw, response.request_id)

    def _streamed(
        self, request: Request, body: dict[str, Any], on_text: Callable[[str], None] | None
    ) -> Reply:
        assert self._client is not None
        try:
            response = self._client.messages.with_raw_response.create(**body, stream=True)
        except Exception as error:
            raise self.faults.read(error) from None
        so_far = MessageAssembler()
        with closing(response):
            for event in self._events(response, so_far):
                piece = so_far.add(event)
                if piece and on_text is not None:
                    on_text(piece)
            if not so_far.usage and not _is(response, "text/event-stream"):
                raise self._not_a_message()
            if not so_far.complete:
                raise self._billed(TransientFault("the stream ended too early"), so_far)
            return self._reply(request, so_far.message, response.request_id)

    def _events(
        self, response: anthropic.APIResponse[Any], so_far: MessageAssembler
    ) -> Iterator[dict[str, Any]]:
        """Events as dicts; a fault of the stream becomes ours, with the bill up to it."""
        from agent.models.events import events

        iterator = events(response.http_response)
        while True:
            try:
                event = next(iterator)
            except StopIteration:
                return
            except Exception as error:
                if so_far.complete:
                    return  # only the farewell was lost
                raise self._billed(self.faults.read(error), so_far) from None
            yield event

    def _billed(self, fault: Exception, so_far: MessageAssembler) -> Exception:
        if isinstance(fault, TransientFault) and so_far.usage:
            usage, write_1h = usage_of(so_far.usage)
            fault.usage, fault.cost = usage, self.info.cost(usage, write_1h=write_1h)
        return fault

    def _reply(self, request: Request, raw: dict[str, Any], request_id: str | None) -> Reply:
        content, stop_reason = raw.get("content"), raw.get("stop_reason")
        if raw.get("type") == "error":
            raise TransientFault("the endpoint sent an error with status 200")
        if not isinstance(content, list) or not isinstance(stop_reason, str):
            raise self._not_a_message()
        usage, write_1h = usage_of(raw.get("usage"))
        if not usage.total:  # an endpoint that does not count; guessed high rather than free
            size = len(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
            usage = Usage(prompt_tokens_at_most(request), ceil(size / BYTES_PER_TOKEN))
        return Reply(
            content=content_blocks(content),
            stop_reason=stop_reason,
            usage=usage,
            model=str(raw.get("model") or self.id),
            request_id=request_id or "",
            cost=self.info.cost(usage, write_1h=write_1h),
        )

    def _not_a_message(self) -> ModelError:
        return self.faults.refused(
            "the endpoint does not answer in the shape of the Messages API.",
            "check ANTHROPIC_BASE_URL: it must name a server that speaks the Messages API.",
        )


def _is(response: anthropic.APIResponse[Any], kind: str) -> bool:
    return kind in response.headers.get("content-type", "")


def _client_options(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Options of the SDK client with key and base URL settled, and the secrets among them."""
    options = dict(given)
    base_url = str(options.get("base_url") or os.environ.get("ANTHROPIC_BASE_URL", "")).strip()
    options["base_url"] = base_url or DEFAULT_BASE_URL
    parts = urlsplit(options["base_url"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ModelError(
            "the base URL of the model endpoint is not an http(s) address.",
            where="ANTHROPIC_BASE_URL",
            fix="write it like https://host:port, without `/v1`.",
        )
    if not any(options.get(name) is not None for name in _CREDENTIALS):
        for name in ("api_key", "auth_token"):
            value = os.environ.get(f"ANTHROPIC_{name.upper()}", "").strip()
            if value:
                options[name] = value
                break
        else:
            raise ModelError(
                "there is no key for the language model.",
                where="ANTHROPIC_API_KEY",
                fix="set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN), or use `--model playbook`, "
                "which needs no key.",
            )
    secrets = [str(options[name]) for name in ("api_key", "auth_token") if options.get(name)]
    if parts.password:
        secrets.append(parts.password)
    if not all(secret.isascii() and secret.isprintable() for secret in secrets):
        raise ModelError(
            "the key holds characters that no HTTP header can carry.",
            where="ANTHROPIC_API_KEY",
            fix="copy the key again, without line breaks or quotes of a word processor.",
        )
    return options, secrets
