"""Where things lie in a memory: accounts, instruction folders, plans that events may name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent.case import read_insights
from agent.errors import BadPath, NeedsContext, UnknownInstruction
from agent.memory import timeline
from agent.memory.paths import MemoryRoot, MissingFile, check_account_id, check_instruction_id
from agent.portfolio import resolve

_PLAN = re.compile(r"([^/]+)/outputs/(?:final|revisions)/[^/]+\.yaml")


def accounts(root: MemoryRoot) -> Iterator[str]:
    """Ids that have a timeline, or what is kept beside one, sorted."""
    try:
        names = root.list_dir(timeline.FOLDER)
    except MissingFile:
        return
    ends = (".jsonl", ".head", ".torn")
    stems = {name.removesuffix(end) for name in names for end in ends if name.endswith(end)}
    for stem in sorted(stems):
        if is_account_id(stem):
            yield stem


def account_named(root: MemoryRoot, text: str) -> str:
    """The account that an id or a name means; its timeline is enough to be known.

    Raises NeedsContext when nobody is called like that.
    """
    if is_account_id(text) and any(
        root.exists(path(text)) for path in (timeline.path_of, timeline.head_path)
    ):
        return text
    insights = read_insights(root)
    if insights is None:
        raise NeedsContext(f"there is no account {text[:80]!r} in this memory", fix="give its id.")
    return resolve(insights, text)


def instruction_folders(root: MemoryRoot) -> list[str]:
    """Names of the folders that an instruction or a plan can lie in, sorted."""
    handle = root.open_folder("")
    try:
        with os.scandir(handle) as entries:
            names = [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    finally:
        os.close(handle)
    return sorted(name for name in names if not name.startswith("_") and _is_folder_id(name))


def is_plan_place(path: object, event: Mapping[str, Any]) -> bool:
    """Whether a plan that `event` tells may lie at `path`: in the folder of its instruction. An
    event is only data, and must not lead a writer anywhere else."""
    found = _PLAN.fullmatch(path) if isinstance(path, str) else None
    return found is not None and found[1] == event.get("instruction_id") and _is_folder_id(found[1])


def is_account_id(text: str) -> bool:
    try:
        check_account_id(text)
    except BadPath:
        return False
    return True


def _is_folder_id(text: str) -> bool:
    try:
        check_instruction_id(text)
    except UnknownInstruction:
        return False
    return True
