"""What the model is given: a stable prefix for the persona and one brief for the run.

The prefix holds nothing of an account, a date or a run, so that it is the same bytes for every run
of a persona and can be cached. Text from files is framed with a tag that it cannot close.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel

from agent.errors import printable
from agent.instruction import Instruction
from agent.models.base import Request
from agent.persona import Persona, Roster
from agent.remembering import Remembered
from agent.resources import shipped
from agent.success.assessment import Assessment
from agent.success.facts import Fact, Scalar
from agent.success.plan import Carried, Change, PlanDraft
from agent.success.plays.handoffs import SuggestedHandoff
from agent.success.promises.previous import LastValues
from agent.success.remembered.digest import Digest
from tools.base import Tool

MOST_PROMISES, MOST_GOALS = 60, 12
_NEED = {"overdue": 0, "unknown": 1, "moved": 2, "open": 3, "dropped": 4, "done": 5}
# Told in sections of their own, with their ids.
_TOLD_ELSEWHERE = ("memory.", "prior.", "prior2.")
_LITTLE = frozenset({"", "a", "by", "for", "in", "is", "of", "on", "s", "the", "to"})
_USAGE = ("active_users", "licensed_users", "logins", "api_calls", "features_used",
          "features_available")  # fmt: skip


def stable_prefix(
    persona: Persona, roster: Roster, tools: Iterable[Tool], *, max_tokens: int = 16_000
) -> Request:
    """System prompt and tool definitions of a persona; no messages."""
    offered = list(tools)
    text = (
        _environment(shipped("prompts"))
        .get_template("system.md.j2")
        .render(
            persona_body=persona.body,
            calculators=[tool.name for tool in offered if tool.calculates],
            draft_outline=outline(PlanDraft),
            roles=[r for r in roster.roles.values() if r.id != persona.name],
        )
    )
    system = [{"type": "text", "text": text}]
    return Request(system, [tool.definition() for tool in offered], [], max_tokens)


def write_brief(
    assessment: Assessment,
    instruction: Instruction,
    *,
    owned: Sequence[str],
    sent: Sequence[Any] = (),
    past: Remembered | None = None,
    change: Change | None = None,
    suggested: Sequence[SuggestedHandoff] = (),
) -> str:
    """The opening message. Deterministic: the frame's nonce comes from the content it frames."""
    facts = list(assessment.facts)
    told = [f for f in facts if not f.id.startswith(_TOLD_ELSEWHERE)]
    plain_facts = [f for f in told if f.kind != "quote" and not _in_usage_table(f)]
    quotes = [f for f in told if f.kind == "quote"]
    carried = past.told if past else []
    return (
        _environment(shipped("prompts"))
        .get_template("brief.md.j2")
        .render(
            instruction=instruction,
            account=assessment.account,
            as_of=assessment.as_of.isoformat(),
            as_of_day=assessment.as_of,
            quarter=assessment.quarter,
            owned=owned,
            sent=sent,
            health=assessment.health,
            stage=assessment.stage,
            renewal=assessment.renewal,
            change=change,
            signals=assessment.signals,
            plays=assessment.plays,
            expansion=assessment.expansion,
            problems=assessment.problems,
            promised=_promised(carried),
            more_promised=max(0, len(carried) - MOST_PROMISES),
            goals=_goal_lines(assessment, past.before if past else LastValues()),
            digest=past.digest if past else Digest(),
            questions=past.questions if past else (),
            todo=suggested,
            usage_table=_usage_table(assessment),
            facts=[_line(f, assessment.as_of.isoformat()) for f in plain_facts],
            quotes=[(label, list(said)) for label, said in groupby(quotes, lambda q: q.label)],
            nonce=_nonce(instruction, [f for f in facts if not (past and f.id in past.hidden)]),
        )
    )


def _promised(carried: Sequence[Carried]) -> list[Carried]:
    """Promises for the brief: those that want something first, each in the order of their plan."""
    by_need = sorted(carried, key=lambda item: _NEED[item.outcome])
    return by_need[:MOST_PROMISES]


def _goal_lines(assessment: Assessment, before: LastValues) -> list[str]:
    """Each goal from its baseline over the last plan's value and today's to its target."""
    lines = []
    for view in assessment.goals[:MOST_GOALS]:
        goal, last = view.goal, before.of(view.goal.id, view.goal.statement)
        way = [f"baseline {cell(goal.baseline)}"]
        if last is not None:
            on = f" on {last.value.as_of}" if last.value.as_of else ""
            way.append(f"{last.value.value:g}{on} ({last.fact})")
        way += [f"now {cell(goal.actual)}", f"target {cell(goal.target)}"]
        due = f", due {goal.due}" if goal.due else ""
        lines.append(f"{plain(goal.id)}: {' → '.join(way)}{due}, {view.status.replace('_', ' ')}")
    return lines


def _nonce(instruction: Instruction, facts: Sequence[Fact]) -> str:
    seed = "\x00".join(
        [instruction.id, instruction.objective, *(f"{f.id}={f.value}" for f in facts)]
    )
    return hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _in_usage_table(fact: Fact) -> bool:
    parts = fact.id.split(".")
    return parts[0] == "usage" and len(parts) == 3 and parts[2] in _USAGE


def _line(fact: Fact, as_of: str) -> str:
    """A fact on one line, without a label or a date that would only repeat what stands there."""
    unit = f" {plain(fact.unit)}" if fact.unit else ""
    said = set(re.split(r"[\W_]+", f"{fact.id} {unit}".lower()))
    label = plain(fact.label)
    if set(re.split(r"[\W_]+", label.lower())) - _LITTLE <= said:
        label = ""
    if fact.at not in ("", as_of, str(fact.value)) and fact.at not in fact.label:
        label += f" ({fact.at})"
    return f"{fact.id} = {cell(fact.value)}{unit}" + (f" | {label.strip()}" if label else "")


def _usage_table(assessment: Assessment) -> str:
    periods = [*assessment.account.months, *assessment.account.weeks]
    if not periods:
        return "(no usage on record)"
    columns = [c for c in _USAGE if any(getattr(m, c) is not None for m in periods)]
    rows = ["period | " + " | ".join(columns)]
    for month in periods:
        cells = (getattr(month, c) for c in columns)
        rows.append(f"{month.period} | " + " | ".join("-" if v is None else str(v) for v in cells))
    return "\n".join(rows)


def framed(value: object) -> str:
    """Untrusted text that cannot open or close a tag and shows its control characters."""
    lines = str(value).splitlines() or [""]
    text = "\n".join(printable(line, 4000) for line in lines)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(value: object) -> str:
    return framed(" ".join(str(value).split()))


def cell(value: Scalar) -> str:
    return (
        plain(value) if isinstance(value, str) else repr(value) if value is not None else "unknown"
    )


@lru_cache(maxsize=4)
def _environment(folder: Path) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # plain text; `framed` escapes what is not ours
        keep_trailing_newline=True,
    )
    environment.filters.update(framed=framed, plain=plain, cell=cell)
    return environment


def outline(model: type[BaseModel]) -> str:
    """A schema as a short outline: a third of the tokens of its JSON Schema, same information."""
    schema = model.model_json_schema()
    return _outline(schema, schema.get("$defs", {}), 0)


def _outline(schema: dict[str, Any], defs: dict[str, Any], depth: int) -> str:
    lines = []
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        optional = "" if name in required else "?"
        kind, nested = _kind(field, defs)
        hint = f" — {field['description']}" if "description" in field and name != "evidence" else ""
        lines.append(f"{'  ' * depth}- {name}{optional}: {kind}{hint}")
        if nested:
            lines.append(_outline(nested, defs, depth + 1))
    return "\n".join(lines)


def _kind(field: dict[str, Any], defs: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    if "$ref" in field:
        return "object", defs[field["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in field:
        options = [o for o in field["anyOf"] if o.get("type") != "null"]
        kind, nested = _kind(options[0], defs)
        return f"{kind} or null", nested
    if "enum" in field:
        return " | ".join(str(v) for v in field["enum"]), None
    if field.get("type") == "array":
        kind, nested = _kind(field.get("items", {}), defs)
        return f"list of {kind}", nested
    kind = {"string": "text", "number": "number", "integer": "whole number"}.get(
        str(field.get("type")), str(field.get("type"))
    )
    if field.get("format") == "date":
        kind = "date"
    size = f", at most {field['maxLength']}" if "maxLength" in field else ""
    return kind + size, None
