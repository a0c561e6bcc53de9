"""`grep`: lines that hold a text or match a pattern, over the readable files only.

Patterns run on RE2, whose time is linear in the text, so no pattern can hang a run; nothing is
handed to an outside program.
"""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from agent.errors import CsmError
from tools.base import Desk, Tool, ToolInput, ToolResult

MAX_HITS = 200
MAX_LINE = 300


class GrepInput(ToolInput):
    pattern: str = Field(min_length=1, max_length=500, description="text to look for")
    regex: bool = Field(False, description="true: `pattern` is an RE2 regular expression")
    ignore_case: bool = False
    path: str = Field("", max_length=1024, description="only this file, or files below this folder")


def run(desk: Desk, ask: GrepInput) -> ToolResult:
    try:
        matches = _matcher(ask)
    except ValueError as error:
        return ToolResult(f"grep: {error}", True)
    hits: list[str] = []
    for path in desk.view.paths():
        if ask.path and path != ask.path and not path.startswith(ask.path.rstrip("/") + "/"):
            continue
        try:
            text = desk.view.read(path)
        except CsmError:
            continue  # a file that cannot be read has no lines to offer
        for number, line in enumerate(text.splitlines(), 1):
            if matches(line):
                hits.append(f"{path}:{number}: {line[:MAX_LINE]}")
                if len(hits) == MAX_HITS:
                    return ToolResult("\n".join(hits) + f"\n[cut after {MAX_HITS} hits]")
    return ToolResult("\n".join(hits) or "no hits")


def _matcher(ask: GrepInput) -> Callable[[str], bool]:
    if not ask.regex:
        needle = ask.pattern.casefold() if ask.ignore_case else ask.pattern
        return lambda line: needle in (line.casefold() if ask.ignore_case else line)
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ask.ignore_case
    options.max_mem = 8 << 20
    try:
        compiled = re2.compile(ask.pattern, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else "unknown"
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"not a valid RE2 pattern: {reason[:200]}") from None
    return lambda line: compiled.search(line) is not None


TOOL = Tool(
    "grep",
    "Find lines in the readable files. Literal text by default; set regex for an RE2 expression. "
    "Answers `path:line: text`.",
    GrepInput,
    run,
)
