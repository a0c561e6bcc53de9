"""Which model a run uses."""

from __future__ import annotations

import os

from agent.errors import BadInput, ModelError
from agent.models.base import Model


def has_key() -> bool:
    """Whether the environment holds a credential for the Messages API."""
    return bool(os.environ.get("ANTHROPIC_API_KEY") or os.environ.get("ANTHROPIC_AUTH_TOKEN"))


def is_offline(name: str) -> bool:
    """True when `name` (as ordered) means the playbook model or a recording: no paid call."""
    return name in ("playbook", "recorded") or (name == "auto" and not has_key())


def language_model(name: str, persona_model: str) -> Model:
    """The Claude model for `name`; `claude` and `auto` mean the one the persona asks for.

    Raises BadInput for an unknown or retired model id.
    """
    from agent.models.catalog import resolve
    from agent.models.claude import ClaudeModel

    wanted = persona_model if name in ("auto", "claude") else name
    try:
        return ClaudeModel(resolve(wanted).id)
    except ModelError as error:
        raise BadInput(error.what, where=error.where or "--model", fix=error.fix) from None


def triage_model(name: str) -> Model | None:
    """The small model that is asked when the policy is not sure; None offline."""
    if is_offline(name):
        return None
    return language_model("haiku", "haiku")
