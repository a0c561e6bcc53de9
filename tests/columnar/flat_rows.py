"""Flat rows of every kind, and the same facts as a share of the insights."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from agent.success.calendar import add_months
from agent.success.columnar.cells import BLANK
from agent.success.columnar.columns import COLUMNS, EARLIER, FIGURES, MONTHS_AGO, SPONSOR_STATUS
from agent.success.insights.parsing import SEGMENTS

DIRTY = ("-3", "NaN", "inf", "12.5", "72%", "1,200", "1.234", "12,5", "abc", "n/a", " 7 ", "true",
         "1e5", "", "-", "0", "１２", "+4", "-0", "0.0000000000001", "9" * 19, "7.")  # fmt: skip
DIRTY_DATES = ("31/12/26", "2026-13-01", "2026-02-30", "soon", "1969-12-31", "2121-01-01", "",
               "2026-11-01T09:00:00Z", " 2026-10-31 ", "2026-1-5", "n/a")  # fmt: skip
DIRTY_WORDS = ("Active", " LEFT ", "unknown", "", "n/a", "pas sive")


def row(rng: random.Random, n: int, as_of: date, dirty: float) -> dict[str, str | None]:
    """A row of text cells: some blank, some at the edges of thresholds, some nonsense."""
    blank = rng.choice((0.0, 0.1, 0.1, 0.4, 0.8))
    out: dict[str, str | None] = {"id": f"acc-{n}", "name": f"Account {n}"}
    for column in COLUMNS[2:]:
        if rng.random() < blank:
            out[column.name] = rng.choice((None, ""))
        elif rng.random() < dirty:
            pool = {"past": DIRTY_DATES, "date": DIRTY_DATES, "word": DIRTY_WORDS}
            if column.kind not in ("text", "list"):
                out[column.name] = rng.choice(pool.get(column.kind, DIRTY))
        else:
            out[column.name] = _clean(rng, column.name, column.kind, as_of)
    return out


def _clean(rng: random.Random, name: str, kind: str, as_of: date) -> str:
    if kind in ("past", "date"):
        near = rng.choice((10, 70, 120, 400, 900))
        ahead = near if kind == "date" or rng.random() < 0.05 else 0
        day = as_of + timedelta(days=rng.randint(-near, ahead))
        if name == "usage_date" and rng.random() < 0.5:
            day = day.replace(day=1) - timedelta(days=1)
        return day.isoformat()
    if kind == "word":
        return rng.choice(SEGMENTS if name == "segment" else SPONSOR_STATUS)
    if kind == "text":
        return {"currency": "EUR"}.get(name, "Robin Vale")
    if kind == "list":
        return rng.choice(("one", "one; two", "one|two;three", " ; "))
    if kind in ("measure", "percent"):
        low = -40 if kind == "measure" else 0
        return str(rng.choice((rng.randint(low, 100), round(rng.uniform(low, 120), 2))))
    if name in ("contacts", "engaged_contacts"):
        return str(rng.randint(0, 4))
    if kind == "amount":
        return str(rng.choice((0, 1000, 90_000, rng.randint(1, 400_000))))
    top = rng.choice((3, 10, 10, 100))
    return str(rng.choice((0, top, rng.randint(0, top), rng.randint(0, top))))


def share(row: dict[str, str | None], as_of: date) -> dict[str, Any]:
    """The row as an account's block of `customer_insights.yaml`, cells as they are."""
    cells = {
        column.name: value
        for column in COLUMNS
        if (value := row.get(column.name)) is not None
        and value.strip().lower() not in (("",) if column.kind == "text" else BLANK)
    }
    out: dict[str, Any] = {}
    for column in COLUMNS:
        if column.name not in cells or "." not in column.field:
            if column.name in cells and column.field and column.name not in FIGURES:
                out[column.field] = cells[column.name]
            continue
        block = out
        *path, leaf = column.field.split(".")
        for step in path:
            block = block.setdefault(step, {})
        value = cells[column.name]
        block[leaf] = _texts(value) if column.kind == "list" else value
    _months(out, cells, as_of)
    if "goals_progress" in cells:
        goal = {"id": "G-1", "statement": "a goal", "baseline": 0, "target": 100}
        out.setdefault("value", {})["goals"] = [goal | {"actual": cells["goals_progress"]}]
    _people(out, cells)
    return out


def _texts(value: str) -> list[str]:
    return [part.strip() for part in value.replace("|", ";").split(";") if part.strip()]


def _months(out: dict[str, Any], cells: dict[str, str], as_of: date) -> None:
    try:
        day = date.fromisoformat(cells.get("usage_date", "").strip()[:10])
        day = day if date(1970, 1, 1) <= day <= as_of else as_of
    except ValueError:
        day = as_of
    now = {name: cells[name] for name in FIGURES if name in cells}
    before = {name[:-7]: cells[name] for name in EARLIER if name in cells}
    rows = []
    if before:
        rows.append({"month": f"{add_months(day.replace(day=1), -MONTHS_AGO):%Y-%m}", **before})
    if now:
        rows.append({"month": f"{day:%Y-%m}", **now})
    if rows:
        out.setdefault("usage", {})["monthly"] = rows


def _people(out: dict[str, Any], cells: dict[str, str]) -> None:
    """Contacts by name: the sponsor is the first of them, or stands apart once gone."""
    counts = {name: _count(cells.get(name)) for name in ("contacts", "engaged_contacts")}
    engaged = counts["engaged_contacts"]
    total = max((n for n in counts.values() if n is not None), default=0)
    sponsor = cells.get("sponsor", "")
    gone = cells.get("sponsor_status", "").strip().lower() == "left"
    people = [{"name": f"Person {chr(65 + n)}"} for n in range(total)]
    if sponsor and people and not gone:
        people[0]["name"] = sponsor
    for n, person in enumerate(people):
        if engaged is not None:
            person["engagement"] = "high" if n < engaged else "low"
    if sponsor and people and gone:
        people.append({"name": sponsor, **({"engagement": "none"} if engaged is not None else {})})
    if people:
        out.setdefault("relationship", {})["stakeholders"] = people


def _count(text: str | None) -> int | None:
    from agent.success.insights.values import read_number

    number = read_number(text, "count")[0] if text is not None else None
    fits = number is not None and number >= 0 and float(number).is_integer() and number <= 500
    return int(number) if fits and number is not None else None
