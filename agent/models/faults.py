"""What an error of the Anthropic SDK means: worth another attempt, or something a person mends.

Imported only where the SDK is. Keys never get into a message: they are cut out of everything an
endpoint says.
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anthropic
import httpx2

from agent.errors import ModelError, ModelRefusedRequest, printable
from agent.models.retry import TransientFault

_KEY = re.compile(r"sk-ant-[A-Za-z0-9_\-]{4,}|(?i:bearer)\s+\S+")

# Error events inside a stream come with status 200; their type tells the status they stand for.
_STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}

_FIX = {
    400: "the endpoint does not accept this request; check the model, or report the message.",
    401: "check ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN): the key is wrong or withdrawn.",
    402: "check the billing of the account that the key belongs to.",
    403: "the key may not use this model; ask for access or use another key or model.",
    404: "the endpoint does not know the model, or ANTHROPIC_BASE_URL is wrong (leave out `/v1`).",
    413: "the prompt is too large; shorten the notes in the account's share of memory.",
}


@dataclass(frozen=True)
class FaultReader:
    """Turns SDK errors into ours. `where` names endpoint and model; `secrets` are cut out."""

    where: str
    secrets: Sequence[str]

    def read(self, error: Exception) -> TransientFault | ModelError:
        if isinstance(error, anthropic.APIStatusError):
            return self._status(error)
        if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
            return TransientFault("the endpoint did not answer in time")
        if isinstance(error, anthropic.APIConnectionError | httpx2.TransportError):
            return TransientFault(f"the connection failed{self._cause(error)}")
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | httpx2.DecodingError):
            return TransientFault("the answer was not valid JSON")
        if isinstance(error, anthropic.AnthropicError | httpx2.HTTPError | httpx2.StreamError):
            return TransientFault(f"the answer could not be read ({type(error).__name__})")
        return self.refused(
            f"the request could not be sent: {type(error).__name__}.",
            "check that all text in it is valid Unicode and all values are plain JSON.",
        )

    def refused(self, what: str, fix: str) -> ModelRefusedRequest:
        return ModelRefusedRequest(self.redact(what), where=self.where, fix=fix)

    def redact(self, text: str) -> str:
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "[key]")
        return printable(_KEY.sub("[key]", text), 400)

    def _status(self, error: anthropic.APIStatusError) -> TransientFault | ModelError:
        kind, said = str(error.type or ""), error.api_message
        status = error.status_code
        if status < 400:
            status = _STATUS_OF.get(kind, 500)
        said = self.redact(said if isinstance(said, str) else "")
        what = f"{status} {kind or 'error'}" + (f": {said}" if said else "")
        headers = error.response.headers
        if _worth_another_try(status, str(error.error_code or ""), headers):
            return TransientFault(what, retry_after=retry_after(headers))
        request_id = error.request_id
        return self.refused(
            f"the endpoint refused the request ({what})"
            + (f", request id {request_id}." if request_id else "."),
            _fix(status, said),
        )

    def _cause(self, error: Exception) -> str:
        cause = error.__cause__ or error
        text = self.redact(str(cause))
        return f" ({text})" if text and not isinstance(cause, anthropic.AnthropicError) else ""


def _worth_another_try(status: int, code: str, headers: Mapping[str, str]) -> bool:
    told = headers.get("x-should-retry")
    if told in ("true", "false"):
        return told == "true"
    if code.endswith("spend_limit_reached"):
        return False
    return status in (408, 409, 425, 429) or (status >= 500 and status != 501)


def _fix(status: int, said: str) -> str:
    lowered = said.lower()
    if "too long" in lowered or "context window" in lowered:
        return "the prompt is too long for the model; shorten the notes or use a larger model."
    if "credit balance" in lowered:
        return _FIX[402]
    if status == 429:
        return "a spending limit is reached; raise it or wait for the next period."
    return _FIX.get(status, _FIX[400])


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait: `retry-after-ms`, or `retry-after` as seconds or date."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        raw = headers.get(name)
        if raw is None:
            continue
        try:
            seconds = float(raw) * scale
        except ValueError:
            parsed = email.utils.parsedate_tz(raw)
            if parsed is None:
                continue
            seconds = email.utils.mktime_tz(parsed) - time.time()
        if 0 <= seconds < float("inf"):
            return seconds
    return None
