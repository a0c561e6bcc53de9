"""Replays the replies of a journal, and says precisely where today's request differs.

A request is known by one hash over the hashes of its parts. Short ones, kept beside it, tell
system, tools and each message apart without storing the prompt a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from agent.errors import ModelError
from agent.models.base import Reply, Request, Usage
from agent.models.encoding import canonical

_RESUME = "start a new run with `--again`, or replay without strictness to list all differences."


def request_hash(request: Request) -> str:
    """SHA-256 over those of system, tools, each message, and the settings."""
    return hashlib.sha256(canonical(_hashes(request, 64))).hexdigest()


def part_hashes(request: Request) -> dict[str, Any]:
    """Short hashes of the parts: `system`, `tools`, `messages` (one each) and the settings."""
    return _hashes(request, 16)


def _hashes(request: Request, length: int) -> dict[str, Any]:
    encoded = request.encodings.of
    settings = canonical([request.max_tokens, request.tool_choice])
    return {
        "system": encoded(request.system).sha256[:length],
        "tools": encoded(request.tools).sha256[:length],
        "messages": [encoded(message).sha256[:length] for message in request.messages],
        "settings": hashlib.sha256(settings).hexdigest()[:length],
    }


class RecordedModel:
    """A model that answers from `model_reply` records, in their order.

    Records of other kinds are passed over; `model_request` records lend their `parts`. With
    `strict=False` differences are collected in `drift` and the recorded reply is given anyway.
    `skip` replies were given out before, by a replay that stopped and now goes on.

    Raises:
        ModelError: from `reply`, when the request differs (strict) or the recording is at its end.
    """

    def __init__(
        self, records: Iterable[Mapping[str, Any]], *, strict: bool = True, skip: int = 0
    ) -> None:
        self._replies: list[tuple[int, Mapping[str, Any]]] = []
        self._parts: dict[str, Mapping[str, Any]] = {}
        for n, record in enumerate(records, start=1):
            if isinstance(record.get("parts"), Mapping):
                self._parts[str(record.get("request_sha256"))] = record["parts"]
            if record.get("kind") == "model_reply":
                self._replies.append((int(record.get("seq", n)), record))
        self._strict, self._next = strict, skip
        self.drift: list[str] = []

    @property
    def id(self) -> str:
        models = [str(record.get("model") or "") for _, record in self._replies]
        return next((model for model in models if model), "recorded")

    @property
    def uses_language_model(self) -> bool:
        """Whether the recorded replies came from one; the offline playbook's did not."""
        return not self.id.startswith("playbook")

    @property
    def left(self) -> int:
        """Recorded replies that were not asked for yet."""
        return len(self._replies) - self._next

    def price_ceiling(self, request: Request) -> Decimal:  # noqa: ARG002 - the protocol's
        """Zero: nothing is spent on a replay."""
        return Decimal(0)

    def reply(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        if self._next >= len(self._replies):
            raise ModelError(
                f"the recording ends after {len(self._replies)} replies, and one more was asked "
                f"for ({len(request.messages)} messages).",
                where="journal",
                fix=_RESUME,
            )
        seq, record = self._replies[self._next]
        self._next += 1
        recorded = record.get("request_sha256")
        if recorded is not None and recorded != request_hash(request):
            self._differs(f"reply {self._next} (record {seq})", str(recorded), request)
        reply = reply_from(record, where=f"journal record {seq}")
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    def _differs(self, which: str, recorded: str, request: Request) -> None:
        parts = self._parts.get(recorded)
        what = f"{which}: the request differs from the recorded one in " + (
            ", ".join(differing_parts(parts, part_hashes(request)))
            if parts
            else "an unknown part (the recording has no part hashes)"
        )
        if self._strict:
            raise ModelError(f"{what}.", where="journal", fix=_RESUME)
        self.drift.append(what)


def differing_parts(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Names of the parts whose hashes differ: `system`, `tools`, `message 3`, `settings`."""
    names = [
        name for name in ("system", "tools", "settings") if recorded.get(name) != now.get(name)
    ]
    before, after = list(recorded.get("messages", [])), list(now.get("messages", []))
    for n in range(max(len(before), len(after))):
        if n >= len(after):
            names.append(f"message {n + 1} (missing now)")
        elif n >= len(before):
            names.append(f"message {n + 1} (not in the recording)")
        elif before[n] != after[n]:
            names.append(f"message {n + 1}")
    return names or ["no part that is hashed on its own"]


def reply_from(record: Mapping[str, Any], *, where: str) -> Reply:
    """The reply a `model_reply` record holds. Raises ModelError when it is not whole."""
    try:
        return Reply(
            content=list(record["content"]),
            stop_reason=str(record["stop_reason"]),
            usage=Usage(**record.get("usage", {})),
            model=str(record.get("model", "")),
            request_id=str(record.get("request_id", "")),
            cost=Decimal(str(record.get("cost", "0"))),
            attempts=int(record.get("attempts", 1)),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ModelError(
            f"the recorded reply is damaged ({type(error).__name__}: {error}).",
            where=where,
            fix="restore the journal from a backup, or start a new run with `--again`.",
        ) from None
