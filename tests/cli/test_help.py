"""`--help` teaches: what a command does, an example to copy, every option."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from agent.cli import app
from tests.cli.conftest import Csm

LIMITS = {"--max-turns", "--max-dollars", "--max-tokens", "--max-seconds"}
COMMANDS = {
    "run": {"--memory", "--model", "--as-of", "--again", "--json", "--stream", "--personas"}
    | LIMITS,
    "resume": {"--memory", "--json", "--personas"} | LIMITS,
    "new": {"--memory", "--context", "--requested-by", "--priority", "--deadline", "--json"},
    "list": {"--memory", "--json"},
    "status": {"--memory", "--json"},
    "show": {"--memory", "--audience", "--json"},
    "triage": {"--context", "--model", "--json", "--personas"},
    "tool": {"--account", "--json", "--instruction", "--memory", "--as-of", "--personas"},
    "doctor": {"--memory", "--json", "--personas"},
    "persona list": {"--personas", "--json"},
    "persona show": {"--personas", "--json", "--body"},
    "persona check": {"--json"},
}


def every_command(group: Any = None, words: str = "") -> Iterator[str]:
    found: Any = group or get_command(app)
    for name, command in found.commands.items():
        path = f"{words} {name}".strip()
        if hasattr(command, "commands"):
            yield from every_command(command, path)
        else:
            yield path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(command: str, csm: Csm) -> None:
    said = csm(*command.split(), "--help")
    listed = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", said.stdout, re.M))
    assert listed - {"--help"} == COMMANDS[command]


@pytest.mark.parametrize("command", list(every_command()))
def test_help_has_an_example_and_explains_every_option(command: str, csm: Csm) -> None:
    said = csm(*command.split(), "--help")
    assert said.exit_code == 0 and said.stderr == ""
    assert re.search(rf"^  csm {command}\b", said.stdout, re.M)
    options = said.stdout[said.stdout.index("Options:") :]
    unexplained = re.findall(r"^  (?:-\w, )?--\S+(?: [^ ]+)?$(?!\n {10})", options, re.M)
    assert unexplained == []


def test_the_first_screen_shows_how_to_begin(csm: Csm) -> None:
    said = csm("--help").stdout
    assert "csm run inst_20261117_001 --model playbook --as-of 2026-11-17" in said
    assert "Exit codes: 0 done" in said
    for command in every_command():
        assert re.search(rf"^  {command.split()[0]} +\S", said, re.M)


def test_no_command_at_all_shows_the_same_screen(csm: Csm) -> None:
    said = csm()
    assert said.exit_code == 2
    assert "Usage: csm" in said.stdout + said.stderr


@pytest.mark.parametrize("wrong", [["rnu"], ["run"], ["run", "a", "--agian"], ["show", "a", "b"]])
def test_wrong_usage_is_exit_2_and_says_how_to_get_help(wrong: list[str], csm: Csm) -> None:
    said = csm(*wrong)
    assert said.exit_code == 2 and said.stdout == ""
    assert "--help' for help" in said.stderr
