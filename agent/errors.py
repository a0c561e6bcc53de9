"""Everything that can go wrong, in one tree.

    CsmError                      a person can act on it; carries an exit code and a run status
    ├── BadInput                  what was given cannot be used (exit 2)
    │   ├── BadDocument           a YAML/JSON file breaks a rule: names file, key or line, remedy
    │   ├── BadPersona            a persona or policy file cannot be loaded
    │   ├── BadPath               a path leaves the memory, or is not a regular file
    │   └── UnknownInstruction    no such instruction id in this memory
    ├── NeedsContext              somebody has to answer a question first (exit 4)
    ├── Blocked                   not ours, busy, or a stored file must be mended first (exit 4)
    │   └── Busy                  another run holds the lock
    ├── MemoryFault               the disk said no: full, read-only, lost permission (exit 1)
    ├── ModelError                the language model could not be used (exit 1)
    │   ├── ModelUnavailable      retries are spent (overloaded, network, timeout)
    │   └── ModelRefusedRequest   the endpoint rejects the request itself (4xx)
    └── LimitReached              a limit on turns, tokens, dollars or time (exit 5)

Tool errors are not in this tree: what a model gets wrong is answered to the model as a
tool result, so that it can mend it, and never ends the run by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType


class CsmError(Exception):
    """Base of all errors shown to a person: one line that says what, where and what to do.

    Args:
        what: what was wrong, with the offending value shortened and printable.
        where: file, key or line, when there is one.
        fix: what the reader can do about it.
    """

    exit_code = 1
    status = "failed"

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        super().__init__(self.__str__())

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        stop = "" if head.endswith((".", "!", "?", ":")) else "."
        return printable(f"{head}{stop} Fix: {self.fix}" if self.fix else head)


class BadInput(CsmError):
    exit_code = 2
    status = "failed"


class BadDocument(BadInput):
    pass


class BadPersona(BadInput):
    pass


class BadPath(BadInput):
    pass


class UnknownInstruction(BadInput):
    pass


class NeedsContext(CsmError):
    """Raised when a question has to be answered first; `candidates` lists possible answers."""

    exit_code = 4
    status = "needs_context"

    def __init__(
        self, what: str, *, where: str = "", fix: str = "", candidates: tuple[str, ...] = ()
    ) -> None:
        self.candidates = candidates
        super().__init__(what, where=where, fix=fix)


class Blocked(CsmError):
    exit_code = 4
    status = "blocked"


class Busy(Blocked):
    pass


class MemoryFault(CsmError):
    exit_code = 1


class ModelError(CsmError):
    """What the failed attempts were billed, as far as known, stands in `attempts`, `usage`
    (tokens by bucket) and `cost` (US dollars): a failure can have cost something."""

    attempts: int = 0
    usage: Mapping[str, int] = MappingProxyType({})
    cost: Decimal = Decimal(0)


class ModelUnavailable(ModelError):
    pass


class ModelRefusedRequest(ModelError):
    pass


class LimitReached(CsmError):
    """`limit` names the scope that was reached: turns, tokens, dollars, seconds, format_errors."""

    exit_code = 5
    status = "limit_reached"

    def __init__(self, limit: str, what: str) -> None:
        self.limit = limit
        super().__init__(what)


_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def printable(text: str, limit: int = 600) -> str:
    """`text` on one line, safe for a terminal: control, bidi and zero-width characters escaped.

    Untrusted text (names, notes, file names) reaches people through error messages and tables;
    escape sequences in it must not reach the terminal raw. Longer text is cut with an ellipsis.
    """
    start = text[: limit + 1]
    line = start if start.isprintable() else "".join(map(_shown, start))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _shown(ch: str) -> str:
    code = ord(ch)
    hidden = code in _BIDI or code in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
    if ch == "\n":
        return " "
    if code < 32 or 0x7F <= code < 0xA0 or hidden or code in (0x2028, 0x2029):
        return f"\\u{code:04x}"
    return "\ufffd" if 0xD800 <= code < 0xE000 else ch
