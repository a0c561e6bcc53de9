"""The usual way, as a yardstick: one script per question, each over the whole JSON file.

    python benchmarks/naive_book.py health book.json > health.json

Each question loads all accounts, walks over dictionaries and prints JSON. The questions are those
of `csm score`, asked with the same fields and plain arithmetic; nothing of the product is imported.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

AS_OF = date(2026, 11, 17)
Account = dict[str, Any]


def number(account: Account, name: str) -> float | None:
    value = account.get(name)
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(str(value).rstrip("%"))
    except ValueError:
        return None
    return found if found == found and found >= (-100 if name == "nps_company" else 0) else None


def day(account: Account, name: str) -> date | None:
    try:
        return date.fromisoformat(str(account.get(name)))
    except ValueError:
        return None


def days(account: Account, name: str) -> int | None:
    found = day(account, name)
    return (AS_OF - found).days if found else None


def share(account: Account, part: str, whole: str) -> float | None:
    a, b = number(account, part), number(account, whole)
    return None if a is None or not b else min(100.0, 100 * a / b)


def mean(parts: list[tuple[float, float | None]]) -> float | None:
    known = [(weight, value) for weight, value in parts if value is not None]
    whole = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / whole if whole else None


def scaled(value: float | None, low: float, high: float) -> float | None:
    return None if value is None else max(0.0, min(100.0, 100 * (value - low) / (high - low)))


def tone(account: Account) -> float | None:
    glad, fair, cross = (
        number(account, f"tickets_{x}") or 0 for x in ("positive", "neutral", "negative")
    )
    rated = glad + fair + cross
    return (100 * glad + 50 * fair) / rated if rated else None


def groups(account: Account) -> dict[str, float | None]:
    logins, active = number(account, "logins"), number(account, "active_users")
    trend = share(account, "api_calls", "api_calls_3m_ago")
    contact = days(account, "sponsor_last_contact") or 0
    sponsor = {"active": 100, "passive": 50, "changed": 25, "leaving": 20, "left": 0}.get(
        str(account.get("sponsor_status"))
    )
    if sponsor is not None and contact > 60:
        sponsor *= 1 - 0.5 * min(1, (contact - 60) / 120)
    value, cost = number(account, "roi_annual_value"), number(account, "roi_annual_cost")
    advocacy = account.get("advocacy")
    return {
        "product_adoption": mean([
            (1, share(account, "active_users", "licensed_users")),
            (1, share(account, "features_used", "features_available")),
            (1, scaled(logins / active if logins is not None and active else None, 0, 20)),
            (1, scaled(trend, 50, 100)),
        ]),
        "engagement": mean([
            (1, share(account, "outreach_replied", "outreach_sent")),
            (1, share(account, "qbr_attended", "qbr_scheduled")),
            (1, share(account, "training_attended", "training_offered")),
            (1, tone(account)),
        ]),
        "value_realization": mean([
            (1, scaled(number(account, "goals_progress"), 0, 100)),
            (1, scaled(value / cost if value is not None and cost else None, 0, 1)),
            (1, share(account, "integrations_live", "integrations_planned")),
            (1, share(account, "workflows_optimised", "workflows_planned")),
        ]),
        "relationship": mean([
            (2, sponsor),
            (2, scaled(number(account, "engaged_contacts"), 0, 3)),
            (2, None if advocacy is None else scaled(len(advocacy.split(";")), 0, 1)),
            (2, scaled(number(account, "renewal_confidence"), 0, 100)),
            (1, scaled(number(account, "nps_company"), -100, 100)),
        ]),
    }  # fmt: skip


WEIGHTS = {"product_adoption": 30, "engagement": 25, "value_realization": 25, "relationship": 20}


def scored(account: Account) -> tuple[float | None, str]:
    found = groups(account)
    score = mean([(weight, found[name]) for name, weight in WEIGHTS.items()])
    if score is None:
        return None, ""
    return score, "green" if score >= 80 else "yellow" if score >= 60 else "red"


def health(account: Account) -> Account:
    score, tier = scored(account)
    return {"id": account["id"], "score": score, "tier": tier, "groups": groups(account)}


RISKS: tuple[tuple[str, Callable[[Account], float | None], bool, tuple[float, ...]], ...] = (
    ("low_adoption", lambda a: share(a, "active_users", "licensed_users"), False, (70, 60, 40)),
    ("active_users_declining", lambda a: drop(a, "active_users"), True, (5, 10, 25)),
    ("logins_declining", lambda a: drop(a, "logins"), True, (8, 18, 35)),
    ("api_calls_falling", lambda a: drop(a, "api_calls"), True, (10, 20, 40)),
    (
        "low_reply_rate",
        lambda a: share(a, "outreach_replied", "outreach_sent"),
        False,
        (60, 50, 25),
    ),
    ("no_reply", lambda a: days(a, "last_reply_on"), True, (21, 35, 60)),
    ("qbr_overdue", lambda a: days(a, "qbr_last_held_on"), True, (120, 200)),
    ("training", lambda a: share(a, "training_attended", "training_offered"), False, (55, 35)),
    ("tickets_many_open", lambda a: number(a, "open_tickets"), True, (5, 10, 20)),
    ("sponsor_silent", lambda a: days(a, "sponsor_last_contact"), True, (45, 90, 180)),
    ("confidence", lambda a: number(a, "renewal_confidence"), False, (70, 60, 40)),
    ("nps_low", lambda a: number(a, "nps_company"), False, (20, 0, -30)),
)


def drop(account: Account, name: str) -> float | None:
    before, now = number(account, f"{name}_3m_ago"), number(account, name)
    return 100 * (before - now) / before if before and now is not None and now < before else None


def churn(account: Account) -> Account:
    found = []
    for name, measure, rising, steps in RISKS:
        value = measure(account)
        if value is None:
            continue
        grade = sum(value >= step if rising else value < step for step in steps)
        if grade:
            found.append({"sign": name, "grade": grade, "value": value})
    if account.get("sponsor_status") in ("changed", "leaving", "left"):
        found.append({"sign": "sponsor", "grade": 3, "value": account["sponsor_status"]})
    level = max((sign["grade"] for sign in found), default=0)
    return {"id": account["id"], "level": ("none", "low", "medium", "high")[level], "signs": found}


def expansion(account: Account) -> Account:
    points = 0
    used = share(account, "active_users", "seats")
    points += 3 if used is not None and used >= 80 else 0
    contact, left = days(account, "sponsor_last_contact"), days(account, "renewal_date")
    if account.get("sponsor_status") == "active" and contact is not None and contact <= 45:
        points += 2
    points += 2 if left is not None and 0 <= -left <= 120 else 0
    _, tier = scored(account)
    is_open = tier == "green" and churn(account)["level"] != "high"
    return {"id": account["id"], "points": points, "gate": "open" if is_open else "gated"}


OUTLOOK = {"green": ("commit", 0.9), "yellow": ("best_case", 0.7), "red": ("at_risk", 0.35)}


def renewals(account: Account) -> Account:
    _, tier = scored(account)
    left, arr = days(account, "renewal_date"), number(account, "arr")
    category, chance = (
        OUTLOOK.get(tier, ("unknown", None)) if left is not None else ("unknown", None)
    )
    expected = arr * chance if arr is not None and chance is not None else None
    return {"id": account["id"], "days_left": None if left is None else -left, "category": category,
            "probability": chance, "expected_arr": expected}  # fmt: skip


QUESTIONS = {"health": health, "churn": churn, "expansion": expansion, "renewals": renewals}


def main() -> None:
    with open(sys.argv[2], encoding="utf-8") as file:  # noqa: PTH123
        accounts = json.load(file)
    answers = [QUESTIONS[sys.argv[1]](account) for account in accounts]
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
