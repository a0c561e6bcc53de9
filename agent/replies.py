"""Answers in our inbox to messages of ours, as their senders tell them."""

from __future__ import annotations

from collections.abc import Collection

from agent.household import DEFAULT_PERSONA
from agent.memory import inbox
from agent.memory.paths import MemoryRoot
from agent.success.continuity.sent import Reply
from agent.success.continuity.values import moment, text

_REPLY_KEYS = ("response", "answer", "message", "content", "summary", "subject")


def replies_in(
    root: MemoryRoot, to: Collection[str] | None = None
) -> tuple[list[Reply], list[tuple[str, str]]]:
    """Messages to us that say what they answer; and (trouble, the message it answers or "").

    Args:
        to: ids of the messages of ours that matter; None for all.
    """
    found, unreadable = inbox.received(root, DEFAULT_PERSONA, to)
    troubles = [(f"{path}: {why}; it is passed over", "") for path, why in unreadable]
    replies = []
    for path, message in found:
        answers = text(message.get("in_reply_to"))
        if not answers:
            continue
        at = moment(message.get("timestamp"))
        if at is None:
            why = "says no time that can be read, so it counts as no answer"
            troubles.append((f"{path}: {why}", answers))
            continue
        said = next((text(message.get(key)) for key in _REPLY_KEYS if text(message.get(key))), "")
        sender = text(message.get("from")) or "somebody"
        replies.append(Reply(answers, sender, at, " ".join(said.split()), path))
    return replies, troubles
