"""What was ordered: an instruction, and how to run it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.clock import utc_now
from agent.household import DEFAULT_PERSONA
from agent.limits import Limits
from agent.loop import Progress


def silent(_kind: str, _data: Mapping[str, Any]) -> None:
    """The default listener: nobody watches."""


@dataclass(frozen=True)
class Order:
    """What was ordered: an instruction, and how to run it.

    `model` is auto, claude, playbook, recorded, an alias (sonnet, opus, haiku) or a full id.
    `again` makes a new revision of a finished instruction; `resume` never starts a new run.
    `model_options` are further arguments of `ClaudeModel`; `now` (UTC) and `clock` (monotonic
    seconds) are the run's clocks.
    """

    instruction_id: str
    memory: Path
    model: str = "auto"
    model_options: Mapping[str, Any] = field(default_factory=dict)
    as_of: str = ""
    again: bool = False
    resume: bool = False
    limits: Limits = field(default_factory=Limits)
    persona: str = DEFAULT_PERSONA
    personas: Path | None = None
    progress: Progress = silent
    on_text: Callable[[str], None] | None = None
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
