"""Small data sets with a known answer, made on the spot."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

CUTOFF = date(2026, 6, 30)


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def accounts(folder: Path, count: int = 400, *, signal: float = 1.0, seed: int = 7) -> Path:
    """One row per account; with `signal` 1 few logins and many tickets go before a loss."""
    chance = random.Random(seed)
    rows = []
    for i in range(count):
        health = chance.random()
        logins = round(100 * health + chance.gauss(0, 20), 2)
        tickets = max(0, round(6 * (1 - health) + chance.gauss(0, 2)))
        risk = 0.3 if not signal else 0.6 * (1 - health)
        plan = chance.choice(["monthly", "annual"])
        rows.append((f"A{i:04d}", logins, tickets, plan, "Yes" if chance.random() < risk else "No"))
    return table(folder / "accounts.csv", ("id", "logins", "tickets", "plan", "churned"), rows)


def months(folder: Path, count: int = 200, *, seed: int = 7) -> Path:
    """One row per account and month, with the day of the loss in every row of an account."""
    chance = random.Random(seed)
    rows = []
    for i in range(count):
        health = chance.random()
        lost = CUTOFF + timedelta(chance.randint(1, 80)) if chance.random() > health else None
        for month in range(1, 13):
            day = date(2026, month, 28)
            if lost is None or day < lost:
                rows.append((f"A{i:04d}", day, round(100 * health + month, 1), lost or ""))
    return table(folder / "months.csv", ("account", "month", "logins", "lost_on"), rows)
