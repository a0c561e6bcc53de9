"""An invented book of business: one row per account, as CSV, JSON lines, JSON or Parquet.

    python -m benchmarks.make_book 100000 --out book.csv --seed 7 --dirty 0.05 --as-of 2026-11-17

One latent quality per account (beta 4, 2) drives all its fields, so that health, risk and growth
hang together as they do in life. Rows are streamed, and the same arguments give the same bytes.
`--dirty` is the share of accounts with one defect: a blank block, text for a number, NaN, nothing
licensed, a negative count, a bad date, the id of another account.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]

AS_OF = date(2026, 11, 17)
SEGMENTS = (("enterprise", 0.20, 80_000, 600_000), ("mid_market", 0.35, 20_000, 120_000),
            ("smb", 0.45, 1_200, 25_000))  # fmt: skip
INDUSTRIES = ("logistics", "health", "energy", "retail", "banking", "education")
SLICE = 50_000


def rows(count: int, *, seed: int = 7, dirty: float = 0.0, as_of: date = AS_OF) -> Iterator[Row]:
    """`count` accounts, each made from the seed and its own number alone."""
    for n in range(count):
        rng = random.Random(f"{seed}/{n}")
        row = _account(rng, n, as_of)
        if rng.random() < dirty:
            _DEFECTS[rng.randrange(len(_DEFECTS))](row, rng, n)
        yield row


def _account(rng: random.Random, n: int, as_of: date) -> Row:
    quality = rng.betavariate(4, 2)

    def of(whole: int, spread: float = 0.15) -> int:
        """A part of `whole` that goes with the quality of the account."""
        return max(0, min(whole, round(whole * (quality + rng.gauss(0, spread)))))

    def ago(most: float) -> str:
        """A day the nearer the better the account is."""
        return (as_of - timedelta(days=round(rng.uniform(0, most) * (1.6 - quality)))).isoformat()

    segment, arr = _segment(rng)
    seats = max(5, round(arr / rng.uniform(150, 400)))
    active = of(seats)
    before = max(1, round(active * (1.5 - 0.6 * quality + rng.gauss(0, 0.08))))
    calls = rng.randint(20, 400) * max(1, active)
    people = rng.randint(1, 8)
    sent, reviews, places = rng.randint(3, 20), rng.randint(1, 4), rng.randint(2, 20)
    integrations, workflows, rated = rng.randint(1, 6), rng.randint(1, 10), rng.randint(0, 15)
    glad = of(rated)
    since = as_of - timedelta(days=rng.randint(20, 2200))
    ends = as_of + timedelta(days=rng.randint(-20, 540))
    return {
        "id": f"acct-{n:07d}",
        "name": f"Customer {n} {'GmbH' if n % 3 else 'Ltd'}",
        "segment": segment,
        "industry": rng.choice(INDUSTRIES),
        "customer_since": since.isoformat(),
        "arr": arr,
        "currency": "USD",
        "contract_start": max(since, ends - timedelta(days=365)).isoformat(),
        "renewal_date": ends.isoformat(),
        "notice_period_days": rng.choice((30, 60, 90)),
        "seats": seats,
        "api_calls_per_month": 300 * seats,
        "usage_date": (as_of.replace(day=1) - timedelta(days=1)).isoformat(),
        "active_users": active,
        "licensed_users": seats,
        "logins": round(active * rng.uniform(4, 22) * (0.4 + quality)),
        "api_calls": calls,
        "features_used": of(20),
        "features_available": 20,
        "active_users_3m_ago": min(seats, before),
        "logins_3m_ago": before * 12,
        "api_calls_3m_ago": round(calls * (1.5 - 0.6 * quality)),
        "power_users": round(active * rng.uniform(0, 0.25)),
        "outreach_sent": sent,
        "outreach_replied": of(sent),
        "last_reply_on": ago(60),
        "qbr_scheduled": reviews,
        "qbr_attended": of(reviews),
        "qbr_last_held_on": ago(200),
        "training_offered": places,
        "training_attended": of(places),
        "open_tickets": round(rng.expovariate(0.4) * (1.4 - quality)),
        "tickets_positive": glad,
        "tickets_neutral": (rated - glad) // 2,
        "tickets_negative": rated - glad - (rated - glad) // 2,
        "goals_progress": of(100, 0.25),
        "roi_annual_value": round(arr * rng.uniform(0.5, 3) * quality),
        "roi_annual_cost": arr,
        "integrations_planned": integrations,
        "integrations_live": of(integrations),
        "workflows_planned": workflows,
        "workflows_optimised": of(workflows),
        "sponsor": f"Sponsor {n}",
        "sponsor_status": _sponsor(rng, quality),
        "sponsor_last_contact": ago(120),
        "contacts": people,
        "engaged_contacts": of(people),
        "nps_company": round(200 * quality - 100 + rng.gauss(0, 15)) // 2,
        "nps_collected_on": ago(300),
        "advocacy": ";".join(("reference", "case study", "talk")[: of(3, 0.3)]),
        "renewal_confidence": of(100),
    }


def _segment(rng: random.Random) -> tuple[str, int]:
    draw = rng.random()
    for name, share, low, high in SEGMENTS:
        if draw < share:
            return name, rng.randint(low, high)
        draw -= share
    return SEGMENTS[-1][0], rng.randint(*SEGMENTS[-1][2:])


def _sponsor(rng: random.Random, quality: float) -> str:
    draw = quality + rng.gauss(0, 0.15)
    if draw > 0.55:
        return "active"
    return "passive" if draw > 0.35 else rng.choice(("changed", "leaving", "left"))


def _blank_block(row: Row, rng: random.Random, _n: int) -> None:
    prefix = rng.choice(("outreach", "qbr", "training", "sponsor", "nps", "active"))
    for name in row:
        if name.startswith(prefix):
            row[name] = None


def _set(name: str, value: Any) -> Callable[[Row, random.Random, int], None]:
    def defect(row: Row, _rng: random.Random, _n: int) -> None:
        row[name] = value

    return defect


def _repeat(row: Row, _rng: random.Random, n: int) -> None:
    row["id"] = f"acct-{max(0, n - 1):07d}"


_DEFECTS: tuple[Callable[[Row, random.Random, int], None], ...] = (
    _blank_block,
    _repeat,
    _set("active_users", None),
    _set("renewal_confidence", "72%"),
    _set("nps_company", "NaN"),
    _set("licensed_users", 0),
    _set("logins", -5),
    _set("segment", "platinum"),
    _set("renewal_date", "31/12/26"),
)


def write(out: Path, accounts: Iterator[Row]) -> None:
    """Writes `accounts` to `out`, in the format of its ending."""
    if out.suffix == ".parquet":
        _write_parquet(out, accounts)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        if out.suffix == ".csv":
            first = next(accounts)
            writer = csv.DictWriter(file, first.keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerow(first)
            writer.writerows(accounts)
        elif out.suffix == ".jsonl":
            file.writelines(json.dumps(row) + "\n" for row in accounts)
        elif out.suffix == ".json":
            for n, row in enumerate(accounts):
                file.write(("[\n" if n == 0 else ",\n") + json.dumps(row))
            file.write("\n]\n")
        else:
            raise SystemExit(f"{out}: end the name in .csv, .json, .jsonl or .parquet")


def _write_parquet(out: Path, accounts: Iterator[Row]) -> None:
    """By way of CSV beside it: a column with one bad cell is a column of text."""
    import polars as pl

    middle = out.with_suffix(".tmp.csv")
    write(middle, accounts)
    pl.scan_csv(middle, infer_schema_length=SLICE).sink_parquet(out, row_group_size=SLICE)
    middle.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make an invented book of business.")
    parser.add_argument("count", type=int)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--dirty", type=float, default=0.0)
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF)
    given = parser.parse_args()
    write(given.out, rows(given.count, seed=given.seed, dirty=given.dirty, as_of=given.as_of))


if __name__ == "__main__":
    main()
