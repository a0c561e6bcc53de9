"""What the upkeep of a memory has to say: findings, and the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Severity = Literal["error", "warning", "note"]
"""error: a run would work with something wrong, or somebody has waited for very long; warning: a
person should act; note: worth knowing."""

Kind = Literal[
    "unreadable", "contradiction", "duplicate", "unanswered", "overdue_promise", "stale",
    "expired_override", "unknown_account", "without_insights", "too_long",
]  # fmt: skip

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Finding:
    """One thing to look at. `account_id` is "" for what belongs to no account; `file` is relative
    to the memory, `pointer` a JSON pointer inside it ("" for the whole file)."""

    severity: Severity
    kind: Kind
    account_id: str
    file: str
    pointer: str
    what: str
    fix: str


def days_ago(days: int) -> str:
    """ "1 day ago", "75 days ago"."""
    return f"{days} day{'s' if days != 1 else ''} ago"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once: by account, what belongs to none first, the gravest first."""
    return sorted(
        set(findings),
        key=lambda f: (
            f.account_id, SEVERITIES.index(f.severity), _KINDS.index(f.kind), f.file, f.pointer,
            f.what,
        ),
    )  # fmt: skip
