"""Where entries lie in a small YAML file whose `accounts:` is not in block style.

Uses the parser's marks over the whole file, so it is exact for flow style (and JSON), and meant
for files of a few megabytes at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from agent.memory.slices import TOP

Kind = Literal["flow", "block", "scalar", "absent"]


@dataclass
class Marks:
    """Character offsets in the decoded text (without a byte-order mark).

    `kind` says what the value of `accounts` is; `start` and `end` are where that value lies,
    `values` where the value of each entry does; `in_flow` tells that the whole document is in
    flow style.
    """

    kind: Kind = "absent"
    start: int = 0
    end: int = 0
    in_flow: bool = False
    values: dict[str, tuple[int, int]] = field(default_factory=dict)


def marks(text: str) -> Marks:
    """The marks of a text that `strict_yaml.load` has accepted."""
    found = Marks()
    parser = CParser(text)
    depth, expects_key, key = 0, False, ""
    while (event := parser.get_event()) is not None:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            if depth == 1:
                found.in_flow, expects_key = bool(event.flow_style), is_mapping
            elif depth == 2 and key == TOP:
                found.kind = "flow" if event.flow_style and is_mapping else "block"
                found.start = _start(event)
                _entries(parser, found)
                depth, expects_key = 1, True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            expects_key = depth == 1
        elif isinstance(event, yaml.ScalarEvent) and depth == 1:
            if expects_key:
                key = event.value
            elif key == TOP:
                found.kind = "scalar"
                found.start, found.end = _start(event), _end(event)
            expects_key = not expects_key
    return found


def _entries(parser: Any, found: Marks) -> None:
    """Note the values inside the collection that has just begun, up to its end."""
    depth, key, begins = 1, "", -1
    expects_key = True
    while depth:
        event = parser.get_event()
        if isinstance(event, yaml.CollectionStartEvent):
            if depth == 1:
                begins = _start(event)
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 1:
                found.values[key] = (begins, _end(event))
                expects_key = True
        elif depth == 1 and isinstance(event, yaml.ScalarEvent):
            if expects_key:
                key = event.value
            else:
                found.values[key] = (_start(event), _end(event))
            expects_key = not expects_key
    found.end = _end(event)


def _start(event: Any) -> int:
    return int(event.start_mark.index)


def _end(event: Any) -> int:
    return int(event.end_mark.index)
