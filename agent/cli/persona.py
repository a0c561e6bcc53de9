"""`csm persona`: which personas there are, what one says, whether a file can be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.common import JsonOption, PersonasOption, print_json
from agent.errors import CsmError, printable

if TYPE_CHECKING:
    from agent.persona import Library, Persona

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at personas and check persona files.",
)


@app.command("list")
def list_personas(personas: PersonasOption = None, as_json: JsonOption = False) -> None:
    """List the personas that can be loaded; exit code 2 if one of them is broken.

    \b
    csm persona list
    csm persona list --personas ./personas.local --json
    """
    library = _library(personas)
    rows: list[dict[str, Any]] = []
    failed = False
    for name in library.names:
        try:
            rows.append(_summary(library.load(name)))
        except CsmError as error:
            failed = True
            rows.append({"name": name, "error": str(error)})
    if as_json:
        print_json({"personas": rows, "notices": list(library.notices)})
    else:
        _print_table([_cells(row) for row in rows], ("NAME", "ORIGIN", "DOMAIN", "TOOLS", "TITLE"))
        for notice in library.notices:
            typer.echo(f"note: {printable(notice)}", err=True)
        for row in rows:
            if "error" in row:
                typer.echo(f"error: {row['error']}", err=True)
    if failed:
        raise typer.Exit(2)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name as `csm persona list` prints it.")],
    personas: PersonasOption = None,
    as_json: JsonOption = False,
    body: Annotated[bool, typer.Option("--body", help="Print the text the model gets.")] = False,
) -> None:
    """Show what one persona says, where each policy comes from, and what was overridden.

    \b
    csm persona show customer-success-manager
    csm persona show customer-success-manager --body
    """
    persona = _library(personas).load(name)
    if as_json:
        print_json(_summary(persona) | _details(persona))
    elif body:
        typer.echo(persona.body, nl=False)
    else:
        _print_persona(persona)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Persona files.")],
    as_json: JsonOption = False,
) -> None:
    """Check persona files: one line each, "OK" with notices or what is wrong and how to mend it.

    For a file called persona.md the policies beside it are read as well. Exit code 0 if all can
    be loaded, 2 if any cannot.

    \b
    csm persona check personas.local/renewal-specialist/persona.md
    csm persona check agents/*.md --json
    """
    from agent.persona import load_file, load_folder

    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            # Only a folder with a card has policies; anything else is read, or refused, by itself.
            beside = file.name == "persona.md" and file.is_file()
            persona = load_folder(file.resolve().parent) if beside else load_file(file)
        except CsmError as error:
            rows.append({"file": str(file), "ok": False, "error": str(error)})
        else:
            notices = list(persona.notices)
            rows.append({"file": str(file), "ok": True, "name": persona.name, "notices": notices})
    if as_json:
        print_json({"files": rows})
    else:
        for row in rows:
            typer.echo(_verdict(row))
    if not all(row["ok"] for row in rows):
        raise typer.Exit(2)


def _verdict(row: dict[str, Any]) -> str:
    if not row["ok"]:
        return f"BAD  {row['error']}"
    remarks = "; ".join(row["notices"])
    return printable(f"OK   {row['file']}: {row['name']}" + (f" ({remarks})" if remarks else ""))


def _library(local: Path | None) -> Library:
    from agent.persona import load_library
    from agent.resources import shipped

    return load_library(shipped("personas"), local)


def _summary(persona: Persona) -> dict[str, Any]:
    return {
        "name": persona.name,
        "title": persona.title,
        "description": persona.description,
        "domain": persona.domain,
        "origin": persona.origin,
        "persistent": persona.persistent,
        "tools": list(persona.tools),
        "model": persona.model,
        "hash": persona.hash,
        "source": persona.source,
        "notices": list(persona.notices),
    }


def _details(persona: Persona) -> dict[str, Any]:
    held = persona.collaboration
    return {
        "mandate": list(persona.mandate),
        "boundaries": [{"text": b.text, "owner": b.owner} for b in persona.boundaries],
        "memory": {"write": list(persona.memory.write), "read": list(persona.memory.read)},
        "collaboration": {
            "consult": list(held.consult),
            "delegate": list(held.delegate),
            "escalate": list(held.escalate),
            "receive": list(held.receive),
        },
        "policies": {name: policy.source for name, policy in persona.policies.items()},
        "body": persona.body,
    }


def _print_persona(persona: Persona) -> None:
    held = persona.collaboration
    facts = [
        ("name", persona.name),
        ("title", persona.title),
        ("about", persona.description),
        ("domain", persona.domain or "-"),
        ("origin", f"{persona.origin} ({persona.source})"),
        ("persistent", "yes" if persona.persistent else "no"),
        ("tools", ", ".join(persona.tools) or "none"),
        ("model", persona.model),
        ("hash", persona.hash),
    ]
    for key, value in facts:
        typer.echo(f"{key:<11}{printable(value)}")
    _print_list("mandate", persona.mandate)
    _print_list(
        "not its job", [f"{b.text} [{b.owner or 'no owner named'}]" for b in persona.boundaries]
    )
    _print_list("writes", persona.memory.write)
    _print_list("reads", persona.memory.read)
    edges = {"consults": held.consult, "delegates to": held.delegate, "escalates to": held.escalate}
    _print_list("works with", [f"{edge}: {', '.join(r)}" for edge, r in edges.items() if r])
    _print_list("policies", [f"{name}: {p.source}" for name, p in persona.policies.items()])
    _print_list("notices", persona.notices)


def _print_list(title: str, lines: Sequence[str]) -> None:
    if lines:
        typer.echo(f"\n{title}")
        for line in lines:
            typer.echo(f"  - {printable(line)}")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if "error" in row:
        return (printable(row["name"]), "broken", "-", "-", "-")
    tools = ",".join(row["tools"]) or "-"
    return (row["name"], row["origin"], row["domain"] or "-", tools, printable(row["title"], 60))


def _print_table(rows: list[tuple[str, ...]], head: tuple[str, ...]) -> None:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
