"""What is configured, what is wrong and how to fix it: the findings behind `csm doctor`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from agent.case import SCORES, read_insights
from agent.errors import CsmError
from agent.household import open_household
from agent.memory import scores_file
from agent.memory.paths import MemoryRoot
from agent.model_choice import has_key
from agent.models.catalog import resolve
from agent.overview import instructions

Level = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """`level`: ok; note (works, but worth knowing); wrong (some command will refuse)."""

    level: Level
    what: str
    detail: str


def examine(memory: Path, personas: Path | None, persona: str) -> list[Finding]:
    """Look at the machine, the persona, the model and the memory. Changes nothing."""
    out: list[Finding] = []
    for name, check in (
        ("python", _python),
        ("persona", lambda: _persona(persona, personas)),
        ("model", lambda: _model(persona, personas)),
        ("memory", lambda: _memory(memory)),
    ):
        out += _guarded(name, check)
    return out


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except CsmError as error:
        return [Finding("wrong", name, str(error))]


def _python() -> Iterator[Finding]:
    version = ".".join(str(n) for n in sys.version_info[:3])
    yield Finding("ok", "python", version)


def _persona(name: str, override: Path | None) -> Iterator[Finding]:
    household = open_household(name, override)
    persona = household.persona
    tools = ", ".join(persona.tools) or "none"
    what = (
        f"{persona.name} ({persona.origin}), {len(persona.policies)} policy files, tools: {tools}"
    )
    yield Finding("ok", "persona", what)
    for notice in persona.notices:
        yield Finding("note", "persona", notice)
    yield Finding("ok", "roster", f"{len(household.roster.roles)} roles to hand work to")


def _model(name: str, override: Path | None) -> Iterator[Finding]:
    wanted = open_household(name, override).persona.model
    info = resolve(wanted)
    yield Finding("ok", "model", f"{wanted} means {info.id}")
    if has_key():
        base = os.environ.get("ANTHROPIC_BASE_URL")
        where = f" for {_place(base)}" if base else ""
        yield Finding("ok", "key", f"a credential is set{where}; --model auto uses Claude")
    else:
        yield Finding("note", "key", "no ANTHROPIC_API_KEY: --model auto uses the offline playbook")


def _place(url: str) -> str:
    """Scheme, host and path of an address; user, password and query can be secrets."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "an address that cannot be read"


def _memory(memory: Path) -> Iterator[Finding]:
    root = MemoryRoot.open(memory)
    if not os.access(memory, os.W_OK):
        yield Finding("wrong", "memory", f"{memory} cannot be written; runs will be refused")
    insights = read_insights(root)
    if insights is None:
        yield Finding("note", "insights", "no customer_insights.yaml: every run will need context")
    else:
        yield Finding(
            "ok", "insights", f"{len(insights.names)} accounts, generated {insights.generated_at}"
        )
    if root.exists(SCORES):
        scores_file.read_entry(root, "")
        yield Finding("ok", "scores", "customer_health_scores.yaml can be read")
    rows = instructions(memory)
    counts = {status: sum(r.status == status for r in rows) for status in {r.status for r in rows}}
    told = ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "none"
    yield Finding("ok", "instructions", told)
    for row in rows:
        if row.status == "unreadable":
            yield Finding("wrong", "instruction", row.objective)
        elif row.status == "stopped":
            yield Finding(
                "note",
                "instruction",
                f"{row.instruction_id} was stopped: csm resume {row.instruction_id}",
            )
