"""The persona library: shipped folders, and a local folder that may replace single files of them.

    <library>/roster.yaml
    <library>/<name>/persona.md
    <library>/<name>/*.yaml, <name>/*/*.yaml       policies, by path without the ending

What the local folder replaces is reported on the persona: nobody should wonder why a tier moved.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from agent.errors import BadDocument, BadPersona
from agent.memory import strict_yaml
from agent.persona.load import hash_of, parse, read_regular
from agent.persona.model import Origin, Persona, PolicyFile
from agent.persona.roster import Roster

_CARD = "persona.md"
_ROSTER = "roster.yaml"
_MAX_FILES = 200
_APART = frozenset({"imports", "backtests"})
"""Folders whose files are no policies: they shape what comes into the memory, not a run."""


@dataclass(frozen=True)
class _Layer:
    """A library folder and the name its files go by in evidence."""

    folder: Path
    label: str


@dataclass(frozen=True)
class Library:
    """Personas by name. Nothing is parsed before `load` asks for it, except the roster."""

    layers: tuple[_Layer, ...]
    names: tuple[str, ...]
    roster: Roster
    notices: tuple[str, ...] = ()

    def load(self, name: str) -> Persona:
        """The persona called `name`, with its policies.

        Raises:
            BadPersona: there is none of that name (lists those there are), or a file of it is bad.
        """
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise BadPersona(
                f"there is no persona '{name[:80]}'.{hint}",
                where=" + ".join(layer.label for layer in self.layers),
                fix=f"choose one of: {', '.join(self.names) or '(the library is empty)'}.",
            )
        persona = _from_layers(self.layers, name)
        if persona.name != name:
            raise BadPersona(
                f"is called '{persona.name}' but lies in the folder '{name}'.",
                where=persona.source,
                fix="give the folder and the 'name' in the file the same name.",
            )
        return persona


def load_library(shipped: Path, override: Path | None = None) -> Library:
    """The library of `shipped`, with files of `override` in front.

    Raises:
        BadPersona: a folder does not exist, there is no roster, or the roster is bad.
    """
    layers = [_Layer(shipped, shipped.name)]
    if override is not None:
        same = override.name == shipped.name
        label = f"{override.parent.name}/{override.name}" if same else override.name
        layers.append(_Layer(override, label))
    names: set[str] = set()
    for layer in layers:
        if not layer.folder.is_dir():
            raise BadPersona(
                "is not a folder of personas.",
                where=str(layer.folder),
                fix="it holds one folder per persona, each with a persona.md.",
            )
        names.update(entry.name for entry in _visible(layer.folder) if entry.is_dir())
    roster, notices = _roster(tuple(layers))
    return Library(tuple(layers), tuple(sorted(names)), roster, notices)


def load_folder(folder: Path) -> Persona:
    """The persona of one folder with its policies, outside any library."""
    found = _from_layers((_Layer(folder.parent, folder.parent.name or "."),), folder.name)
    return replace(found, origin="custom")


def _roster(layers: tuple[_Layer, ...]) -> tuple[Roster, tuple[str, ...]]:
    holders = [layer for layer in layers if (layer.folder / _ROSTER).exists()]
    if not holders:
        raise BadPersona(
            "there is no roster of hand-off targets.",
            where=str(layers[0].folder / _ROSTER),
            fix="add roster.yaml with 'roles' and 'aliases'.",
        )
    chosen = holders[-1]
    source = f"{chosen.label}/{_ROSTER}"
    data = _yaml(read_regular(chosen.folder / _ROSTER), source)
    notices = (f"roster.yaml is overridden by {source}",) if len(holders) > 1 else ()
    return Roster.load(data, source), notices


def _from_layers(layers: tuple[_Layer, ...], name: str) -> Persona:
    """Later layers win file by file."""
    chosen: dict[str, tuple[_Layer, Path]] = {}
    notices: list[str] = []
    for depth, layer in enumerate(layers):
        folder = layer.folder / name
        if not folder.is_dir():
            continue
        for relative in _files(folder, notices):
            if depth:
                verb = "overridden by" if relative in chosen else "added by"
                notices.append(f"{relative} is {verb} {layer.label}/{name}/{relative}")
            chosen[relative] = (layer, folder / relative)
    if _CARD not in chosen:
        raise BadPersona(
            f"has no {_CARD}.",
            where=str(layers[-1].folder / name),
            fix=f"write {_CARD}, or remove the folder.",
        )
    data = {relative: read_regular(path) for relative, (_, path) in chosen.items()}
    sources = {r: f"{layer.label}/{name}/{r}" for r, (layer, _) in chosen.items()}
    policies = {
        relative.removesuffix(".yaml"): _policy(data[relative], sources[relative])
        for relative in sorted(data)
        if relative != _CARD
    }
    persona = parse(data[_CARD], source=sources[_CARD])
    used = {layer.folder for layer, _ in chosen.values()}
    origin: Origin = "custom"
    if (layers[0].folder / name / _CARD).exists():
        origin = "shipped" if used <= {layers[0].folder} else "overridden"
    return replace(
        persona,
        hash=hash_of(data),
        files=MappingProxyType({sources[r]: sha256(data[r]).hexdigest()[:16] for r in data}),
        policies=MappingProxyType(policies),
        origin=origin,
        notices=(*persona.notices, *notices),
    )


def _files(folder: Path, notices: list[str]) -> Iterator[str]:
    """The card and the policies of a persona folder, two levels deep, in sorted order."""
    count = 0
    for entry in _visible(folder):
        if entry.name in _APART:
            continue
        inside = _visible(entry) if entry.is_dir() else [entry]
        for path in inside:
            relative = path.relative_to(folder).as_posix()
            count += 1
            if count > _MAX_FILES:
                raise BadPersona(
                    f"holds more than {_MAX_FILES} files.",
                    where=str(folder),
                    fix="keep only persona.md and its policies there.",
                )
            if relative == _CARD or path.suffix == ".yaml":
                yield relative
            elif path.suffix == ".yml":
                notices.append(f"{relative} is ignored: policy files end in .yaml")


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith((".", "_")))
    except OSError as error:
        raise BadPersona(
            f"cannot be listed: {error.strerror}.", where=str(folder), fix="check its permissions."
        ) from None


def _policy(data: bytes, source: str) -> PolicyFile:
    value = _yaml(data, source)
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise BadPersona(
            "a policy file must be a mapping.", where=source, fix="write 'key: value' lines."
        )
    return PolicyFile(value, source)


def _yaml(data: bytes, source: str) -> object:
    try:
        value: object = strict_yaml.load(data, where=source)
    except BadDocument as error:
        raise BadPersona(error.what, where=error.where, fix=error.fix) from None
    return value
