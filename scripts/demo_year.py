"""One line per account of what its timeline tells: scores day by day, and how the renewal ended.

.venv/bin/python scripts/demo_year.py .demo/Agent_Memory
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from agent.memory import timeline  # noqa: E402
from agent.memory.paths import MemoryRoot  # noqa: E402


def lines(memory: Path) -> Iterator[str]:
    """The accounts that have been scored more than once, sorted by id."""
    root = MemoryRoot.open(memory)
    for account_id in timeline.accounts(root):
        events = timeline.read(root, account_id)
        scores = [e for e in events if e["kind"] == "health_scored"]
        if len(scores) > 1:
            way = " → ".join(
                f"{'no score' if e['data']['score'] is None else round(e['data']['score'])} "
                f"{e['data']['tier'] or ''}".strip()
                for e in scores
            )
            ends = [
                f"; {e['data']['outcome']} on {e['at']}"
                for e in events
                if e["kind"] == "renewal_decided"
            ]
            yield f"{account_id:<22}{way}{''.join(ends)}"


if __name__ == "__main__":
    print("\n".join(lines(Path(sys.argv[1]))))  # noqa: T201
