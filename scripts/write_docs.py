"""Documentation that is made from the program itself, so that it cannot go stale.

docs/cli.md is every command's `--help`. README.md has two marked blocks: what the demo prints, and
one risk of its plan with the evidence it rests on. Both come from an offline run on a copy of the
demo memory with a fixed business date; moments of the run are replaced, since they vary.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from agent.memory import strict_yaml  # noqa: E402

INSTRUCTION, AS_OF = "inst_20261117_001", "2026-11-17"
RUN = ["run", INSTRUCTION, "--model", "playbook", "--as-of", AS_OF]
SHOW = ["show", INSTRUCTION]
SHOWN_LINES = 31
MOMENT = re.compile(r"\d{8}T\d{6}Z")
ABOUT = """# The command line

Made from the program's own help by `scripts/docs`; do not edit. `python -m agent` is the same
program. Results go to stdout; progress (only when a person watches), remarks and errors go to
stderr. A setting that is not in the help: with `CSM_TRACEBACK=1` an unforeseen fault shows where in
the program it arose.
"""


def commands(names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command by its words, groups before their members, in the order of the help."""
    from typer.main import get_command

    from agent.cli import app

    found: Any = get_command(app)
    for name in names:
        found = found.commands[name]
    yield names
    for name in getattr(found, "commands", {}):
        yield from commands((*names, name))


def cli_page() -> str:
    parts = [ABOUT]
    for words in commands():
        if not words:
            continue
        parts.append(f"## csm {' '.join(words)}\n\n```\n{_help(*words)}\n```\n")
    parts.insert(1, f"```\n{_help()}\n```\n")
    made_with = f"<!-- drawn with typer {version('typer')} -->\n"
    return "\n".join([*parts, made_with])


def readme_page(current: str) -> str:
    """`current` with its marked blocks made anew."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copytree(ROOT / "Agent_Memory", folder / "Agent_Memory")
        ran, shown = _csm(*RUN, cwd=folder), _csm(*SHOW, cwd=folder)
        plan = folder / f"Agent_Memory/{INSTRUCTION}/outputs/final/success_plan.yaml"
        excerpt = _excerpt(yaml.safe_load(plan.read_text("utf-8")))
    lines = shown.splitlines()[:SHOWN_LINES]
    session = "\n".join([f"$ csm {' '.join(RUN)}", ran, "", f"$ csm {' '.join(SHOW)}", *lines, "…"])
    current = _replaced(current, "demo", f"```\n{session}\n```")
    return _replaced(current, "evidence", f"```yaml\n{excerpt}```")


def _help(*words: str) -> str:
    """The help of a command, drawn for 80 columns."""
    from typer.testing import CliRunner

    from agent.cli import app

    drawn = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*words, "--help"], prog_name="csm")
    return drawn.output.rstrip()


def _csm(*args: str, cwd: Path = ROOT) -> str:
    """What the program prints on stdout, without the settings of this machine."""
    own = ("CSM_", "ANTHROPIC_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(  # noqa: S603  # our own program with our own arguments
        [sys.executable, "-m", "agent", *args],
        cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"docs: csm {' '.join(args)} failed: {done.stderr.strip()}")
    return MOMENT.sub("20261117T090000Z", done.stdout).rstrip()


def _excerpt(plan: dict[str, Any]) -> str:
    """The first risk that rests on a computed fact, and all that it cites."""
    known = {item["id"]: item for item in plan["evidence"]}
    risk = next(
        risk
        for risk in plan["risks"]
        if {"computed", "stored"} <= {known[id]["kind"] for id in risk["evidence"]}
    )
    cited = [known[id] for id in risk["evidence"]]
    return strict_yaml.dump({"risks": [risk], "evidence": cited})


def _replaced(page: str, block: str, content: str) -> str:
    begin, end = f"<!-- {block}:begin -->", f"<!-- {block}:end -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise SystemExit(f"docs: README.md needs the marks {begin} and {end} once each")
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n{content}\n{end}{tail}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    check = parser.parse_args().check
    readme, cli = ROOT / "README.md", ROOT / "docs/cli.md"
    stale = []
    for path, made in ((readme, readme_page(readme.read_text("utf-8"))), (cli, cli_page())):
        if not path.exists() or path.read_text("utf-8") != made:
            stale.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(made, "utf-8")
    word = "stale" if check else "written"
    sys.stdout.write(f"docs: {word}: {', '.join(stale)}\n" if stale else "docs: up to date\n")
    sys.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
