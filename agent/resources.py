"""Where the files that ship with the product lie: in a wheel beside the code, else in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from agent.errors import BadPath

Shipped = Literal["personas", "prompts", "Agent_Memory"]


def shipped(name: Shipped) -> Path:
    """The folder `name`: the one of the installed package, or of the checkout around it.

    Raises:
        BadPath: neither holds it, so the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise BadPath(
        f"the folder '{name}' that ships with the program is missing.",
        where=str(package.parent / name),
        fix="install the package again.",
    )
