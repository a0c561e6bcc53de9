from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import agent.resources
from agent.resources import shipped


def test_a_checkout_uses_its_own_folders() -> None:
    assert (shipped("personas") / "roster.yaml").is_file()


def copy_of_the_code(tmp_path: Path) -> Path:
    code = Path(agent.resources.__file__).parent
    (tmp_path / "agent").mkdir()
    for name in ("__init__.py", "errors.py", "resources.py"):
        shutil.copy(code / name, tmp_path / "agent" / name)
    return tmp_path


def ask(site: Path) -> subprocess.CompletedProcess[str]:
    code = "from agent.resources import shipped; print(shipped('personas'))"
    return subprocess.run([sys.executable, "-c", code], cwd=site, capture_output=True, text=True)


def test_an_installed_package_uses_what_lies_inside_it(tmp_path: Path) -> None:
    site = copy_of_the_code(tmp_path)
    (site / "personas").mkdir()
    (site / "agent" / "_shipped" / "personas").mkdir(parents=True)
    assert ask(site).stdout.strip().endswith("agent/_shipped/personas")


def test_an_incomplete_installation_says_so(tmp_path: Path) -> None:
    result = ask(copy_of_the_code(tmp_path))
    assert "the folder 'personas' that ships with the program is missing" in result.stderr
