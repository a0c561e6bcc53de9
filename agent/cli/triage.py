"""`csm triage`: whose job is it?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.common import JsonOption, PersonasOption
from agent.errors import BadInput, printable

if TYPE_CHECKING:
    from agent.boundary.verdict import Triage


def triage(
    text: Annotated[str, typer.Argument(help="The request; - reads JSON lines from stdin.")],
    context: Annotated[str, typer.Option(help="Background handed over with it.")] = "",
    model: Annotated[
        str, typer.Option(help="policy (offline), or a model to ask where the policy is unsure.")
    ] = "policy",
    as_json: JsonOption = False,
    personas: PersonasOption = None,
) -> None:
    """Show whose job a request is, part by part, and why.

    With -, each input line is {"id", "text", "context"} and each output line
    {"id", "label", "handoffs", "sure", ...}. Where the policy is not sure it says so ("unsure").

    \b
    csm triage "Reset the password of their project lead"
    csm triage - --model haiku < requests.jsonl > decisions.jsonl
    """
    decide = _decider(model, personas)
    if text != "-":
        found = decide(text, context or None)
        typer.echo(json.dumps(_row("", found), ensure_ascii=False) if as_json else _words(found))
        return
    for row in _rows():
        background = str(row["context"]) if row.get("context") else None
        found = decide(row["text"], background)
        typer.echo(json.dumps(_row(row.get("id", ""), found), ensure_ascii=False))


def _decider(model: str, personas: Path | None) -> Callable[[str, str | None], Triage]:
    from agent.boundary.triage import ask_model, decide
    from agent.household import DEFAULT_PERSONA, open_household
    from agent.model_choice import language_model

    lanes = open_household(DEFAULT_PERSONA, personas).lanes
    small = None if model == "policy" else language_model(model, "haiku")

    def answer(text: str, context: str | None) -> Triage:
        found = decide(text, context, lanes)
        return found if found.sure or small is None else ask_model(text, context, lanes, small)

    return answer


def _rows() -> Iterator[dict[str, Any]]:
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise BadInput(
                "expected an object with a text",
                where=f"stdin:{number}",
                fix='Give lines like {"id": "r1", "text": "…"}.',
            )
        yield row


def _row(id: Any, found: Triage) -> dict[str, Any]:
    return {
        "id": id,
        "label": found.label,
        "sure": found.sure,
        "by": found.by,
        "handoffs": [
            {"target": p.target, "lane": p.lane, "span": p.span, "why": p.why} for p in found.parts
        ],
        "reasons": list(found.reasons),
    }


def _words(found: Triage) -> str:
    lines = [f"{found.label}{'' if found.sure else ' (not sure)'} — decided by {found.by}"]
    lines += [f"  {p.target}: “{printable(p.span, 200)}” — {p.why}" for p in found.parts]
    lines += [f"  because {printable(reason, 300)}" for reason in found.reasons]
    return "\n".join(lines)
