"""Mappings by name (shipped, or beside a local persona) or by path."""

from __future__ import annotations

from pathlib import Path

from agent.errors import BadInput, printable
from agent.importing.mapping import Mapping, parse
from agent.importing.mapping_checks import check
from agent.importing.sources import open_regular
from agent.memory import strict_yaml
from agent.resources import shipped

FOLDER = "customer-success-manager/imports"
DEFAULT = "flat"
_LIMIT = 1_000_000


def find(name: str, personas: Path | None = None) -> Mapping:
    """The mapping called `name`, else the one in the file of that path.

    Local files under `<personas>/customer-success-manager/imports/` win over shipped ones.

    Raises:
        BadInput: there is none, or it cannot be used (file and key are named).
    """
    folders = [folder / FOLDER for folder in (personas, shipped("personas")) if folder]
    path = Path(name)
    if "/" not in name and path.suffix not in (".yaml", ".yml"):
        known = {f.stem: f for folder in reversed(folders) for f in sorted(folder.glob("*.yaml"))}
        if name not in known:
            raise BadInput(
                f"there is no mapping '{printable(name, 60)}'.",
                where="--mapping",
                fix=f"use {', '.join(sorted(known))}, or the path of a YAML file.",
            )
        path = known[name]
    with open_regular(path) as file:
        data = file.read(_LIMIT + 1)
    where = printable(path.name, 120)
    document = strict_yaml.load(data, where=where, max_bytes=_LIMIT)
    return check(parse(document, where=where), where=where)
