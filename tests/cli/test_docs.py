"""The documentation says what the program does: made pages are current, named tests exist."""

from __future__ import annotations

import ast
import importlib.util
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

from tests.cli.conftest import ROOT

DOCS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
MEND = "run scripts/docs and look at what it changes"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts/write_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_blocks_of_the_readme_show_what_the_demo_prints(maker: ModuleType) -> None:
    current = (ROOT / "README.md").read_text("utf-8")
    assert maker.readme_page(current) == current, MEND


def test_the_page_of_the_command_line_is_its_help(maker: ModuleType) -> None:
    current, made = (ROOT / "docs/cli.md").read_text("utf-8"), maker.cli_page()
    if f"typer {version('typer')} " in current:
        assert current == made, MEND
    else:  # another version draws the same options in other frames
        assert _options(current) == _options(made), MEND


def _options(page: str) -> list[str]:
    return re.findall(r"^## .*|--[a-z][a-z-]+", page, re.M)


def test_every_test_named_in_the_threat_model_exists() -> None:
    text = (ROOT / "docs/threat-model.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 60
    gone = [f"{file}::{test}" for file, test in named if test not in _tests(ROOT / file)]
    assert gone == []


def test_every_threat_has_a_defence_and_a_test_or_is_named_as_a_residual_risk() -> None:
    text = (ROOT / "docs/threat-model.md").read_text("utf-8")
    threats = re.split(r"^### ", text, flags=re.M)[1:]
    numbers = [threat.split(".")[0] for threat in threats]
    assert numbers == [f"T{n}" for n in range(1, len(threats) + 1)]
    for threat in threats:
        title = threat.splitlines()[0]
        assert "**Defence.**" in threat and "::test_" in threat, title
        assert "**What remains.**" in threat, title


@pytest.mark.parametrize("page", DOCS, ids=lambda path: path.name)
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    files = re.findall(r"`((?:agent|tools|personas|prompts|scripts|docs)/[\w/.-]+\w)`", text)
    assert [file for file in files if not (ROOT / file).exists()] == []


def _tests(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
