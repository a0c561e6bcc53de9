"""What a check has to say: what is wrong, where, and how it is mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.errors import printable

MAX_FINDINGS = 40


@dataclass(frozen=True)
class Finding:
    """`code` is stable and for programs; `where` is a field path such as `actions[2].title`."""

    code: str
    where: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return printable(f"{place}{self.message}. Fix: {self.fix}.", 900)


def limited(findings: Iterable[Finding], limit: int = MAX_FINDINGS) -> tuple[Finding, ...]:
    """The first `limit` findings without repetitions, and a note of how many more there are."""
    unique = list(dict.fromkeys(findings))
    left = len(unique) - limit
    if left <= 0:
        return tuple(unique)
    note = Finding("more", "", f"{left} further findings are not shown", "mend these first")
    return (*unique[:limit], note)


def render(findings: Sequence[Finding], head: str = "") -> str:
    """One line for each finding under `head`, for the writer to mend all of them in one go."""
    return "\n".join([head] * bool(head) + [f"- {finding}" for finding in findings])
