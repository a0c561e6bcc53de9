"""Other processes, as real as they come."""

from __future__ import annotations

import subprocess
import sys
import textwrap

_OPENING = """
import sys
from pathlib import Path
args = sys.argv[1:]
"""


def _command(code: str, args: tuple[object, ...]) -> list[str]:
    return [sys.executable, "-c", _OPENING + textwrap.dedent(code), *map(str, args)]


def run(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own to its end; `args` are its arguments."""
    return subprocess.run(
        _command(code, args), capture_output=True, text=True, timeout=60, check=False
    )


def start(code: str, *args: object) -> subprocess.Popen[str]:
    """Start Python code in a process of its own, with pipes for input and output."""
    return subprocess.Popen(
        _command(code, args),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
