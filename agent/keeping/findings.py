"""What was found wrong in a memory, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["timeline", "journal", "scores", "plan", "publication", "file", "leftover", "memory"]
Progress = Callable[[str, int, int], None]
"""Called with what is being looked at, how many are done, and of how many (0: not known)."""


def silent(_what: str, _done: int, _of: int) -> None:
    """The default: nobody watches."""


@dataclass(frozen=True)
class Finding:
    """`where` is a path in the memory, with a line number where that helps. A `note` is worth
    knowing and harms nothing; everything else is damage."""

    kind: Kind
    where: str
    what: str
    fix: str = ""
    account_id: str = ""
    is_note: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "level": "note" if self.is_note else "damaged",
            "kind": self.kind,
            "where": self.where,
            "what": self.what,
            "fix": self.fix,
            "account_id": self.account_id,
        }


@dataclass
class Report:
    """All findings, and how many of each thing were looked at."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return all(finding.is_note for finding in self.findings)

    def count(self, what: str, number: int = 1) -> None:
        self.checked[what] = self.checked.get(what, 0) + number

    def as_dict(self) -> dict[str, Any]:
        return {
            "clean": self.is_clean,
            "checked": self.checked,
            "findings": [finding.as_dict() for finding in self.findings],
        }
