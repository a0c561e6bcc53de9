"""Which model a run uses."""

from __future__ import annotations

import os
from typing import Any

from agent.errors import BadInput, ModelError
from agent.models.base import Model


def has_key() -> bool:
    """Whether the environment holds a credential for the Messages API."""
    return bool(os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN"))


def settled(name: str) -> str:
    """`name` as ordered, with `auto` decided: Claude when there is a key, else the playbook."""
    if name != "auto":
        return name
    return "claude" if has_key() else "playbook"


def is_offline(name: str) -> bool:
    """True when `name` (as ordered) means the playbook model or a recording: no paid call."""
    return settled(name) in ("playbook", "recorded")


def language_model(name: str, persona_model: str, **options: Any) -> Model:
    """The Claude model for `name`; `claude` and `auto` mean the one the persona asks for.

    `options` are further arguments of `ClaudeModel`. Raises BadInput for an unknown or retired
    model id.
    """
    from agent.models.catalog import resolve
    from agent.models.claude import ClaudeModel

    wanted = persona_model if name in ("auto", "claude") else name
    try:
        return ClaudeModel(resolve(wanted).id, **options)
    except ModelError as error:
        raise BadInput(error.what, where=error.where or "--model", fix=error.fix) from None
