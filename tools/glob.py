"""`glob`: which readable files there are."""

from __future__ import annotations

from pydantic import Field

from tools.base import Desk, Tool, ToolInput, ToolResult

MAX_PATHS = 300


class GlobInput(ToolInput):
    pattern: str = Field(
        "**", max_length=300, description="e.g. `**/*.yaml`; * stays in one folder"
    )


def run(desk: Desk, ask: GlobInput) -> ToolResult:
    if ask.pattern.startswith(("/", "~")) or ".." in ask.pattern.split("/"):
        return ToolResult(
            "glob: patterns stay inside the memory: no leading / or ~ and no ..", True
        )
    import re2

    compiled = re2.compile(translate(ask.pattern))
    found = [path for path in desk.view.paths() if compiled.fullmatch(path)]
    more = f"\n[cut: {len(found) - MAX_PATHS} more]" if len(found) > MAX_PATHS else ""
    return ToolResult("\n".join(found[:MAX_PATHS]) + more if found else "no files")


def translate(pattern: str) -> str:
    """Glob → regular expression: `**` crosses folders, `*` and `?` do not, all else is literal."""
    import re2

    out, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out, i = out + "(?:.*/)?", i + 3
        elif pattern.startswith("**", i):
            out, i = out + ".*", i + 2
        else:
            char = pattern[i]
            out += {"*": "[^/]*", "?": "[^/]"}.get(char) or re2.escape(char)
            i += 1
    return out


TOOL = Tool(
    "glob",
    "List the files you may read, by pattern. Everything else of the memory is out of reach.",
    GlobInput,
    run,
)
