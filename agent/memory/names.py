"""Which ids and relative paths may be used at all, decided on the text before any disk access.

Nothing is decoded, folded or normalised first: `%2e%2e`, full-width dots and other spellings
stay the literal text they are, and so simply name files that do not exist.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from agent.errors import BadPath, UnknownInstruction, printable

MAX_PATH = 1024
MAX_COMPONENT = 255

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_ID_RULE = "1 to 120 letters, digits, dots, dashes or underscores, beginning with a letter or digit"


def shown(text: object) -> str:
    """`text` in quotes for a message: printable and at most 60 characters."""
    return f"'{printable(str(text), 60)}'"


def check_instruction_id(instruction_id: str) -> str:
    """`instruction_id` unchanged when it can safely name a folder.

    Raises:
        UnknownInstruction: for anything else, so that no path is ever built from it.
    """
    if not _is_id(instruction_id):
        raise UnknownInstruction(
            f"{shown(instruction_id)} cannot be an instruction id.",
            fix=f"use the folder's name: {_ID_RULE}.",
        )
    return instruction_id


def check_account_id(account_id: str) -> str:
    """`account_id` unchanged when it can safely name a file.

    Raises:
        BadPath: for anything else.
    """
    if not _is_id(account_id):
        raise BadPath(
            f"{shown(account_id)} cannot be used as an account id.", fix=f"use {_ID_RULE}."
        )
    return account_id


def _is_id(text: object) -> bool:
    return isinstance(text, str) and _ID.fullmatch(text) is not None and ".." not in text


def split(rel: str) -> tuple[str, ...]:
    """The components of `rel`, a path relative to the memory with `/` between them.

    Raises:
        BadPath: absolute, empty, too long, or a component that `component_fault` objects to.
    """
    if not isinstance(rel, str) or not rel:
        raise BadPath("the path is empty.", fix="name a file relative to the memory folder.")
    if len(rel) > MAX_PATH:
        raise BadPath(f"the path {shown(rel)} is longer than {MAX_PATH} characters.")
    if rel.startswith("/"):
        raise BadPath(
            f"{shown(rel)} is an absolute path.", fix="give it relative to the memory folder."
        )
    parts = tuple(rel.split("/"))
    for part in parts:
        objection = component_fault(part)
        if objection:
            raise BadPath(f"the path {shown(rel)} {objection}.", fix="use the plain path.")
    return parts


@lru_cache(maxsize=4096)
def component_fault(part: str) -> str:
    """Why `part` may not be one component of a path; empty when it may."""
    if not part:
        return "has an empty component"
    if part in (".", ".."):
        return "contains a '.' or '..' component"
    if part.startswith("~"):
        return "has a component that begins with '~'"
    if part != part.strip():
        return "has a component with blanks around it"
    for char in part:
        if char == "\\":
            return "contains a backslash"
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return "contains a control or invisible character"
    if len(part.encode()) > MAX_COMPONENT:
        return f"has a component over {MAX_COMPONENT} bytes"
    return ""
