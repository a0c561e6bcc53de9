"""Two readers of one plan: colleagues, and the customer.

The customer's view is built up from what may be shown, not cut down from what must not be: it holds
only items marked for the customer, and no health, renewal, risk, expansion, hand-off or evidence.
"""

from __future__ import annotations

from typing import Any

from agent.success.plan import SuccessPlan

_ITEM_LISTS = ("objectives", "milestones", "actions", "decision_points", "open_questions")
_KEEP = {
    "objectives": ("title", "metric", "unit", "baseline", "current", "target", "due", "owner",
                   "status"),
    "milestones": ("title", "due", "owner", "status"),
    "actions": ("title", "owner", "due"),
    "decision_points": ("date", "question", "options", "decides"),
    "open_questions": ("question", "ask"),
}  # fmt: skip


def internal_view(plan: SuccessPlan) -> dict[str, Any]:
    """The whole plan as plain data."""
    return plan.model_dump(mode="json", by_alias=True)


def customer_view(plan: SuccessPlan) -> dict[str, Any]:
    """What the customer may read, as plain data."""
    whole = plan.model_dump(mode="json", by_alias=True)
    view: dict[str, Any] = {
        "schema": "success_plan_customer/1",
        "account_name": whole["account_name"],
        "as_of": whole["as_of"],
        "quarter": whole["quarter"],
    }
    if plan.summary.visibility == "customer":
        view["summary"] = whole["summary"]["text"]
    for section in _ITEM_LISTS:
        view[section] = [
            {key: item[key] for key in _KEEP[section]}
            for item in whole[section]
            if item["visibility"] == "customer"
        ]
    review = whole["business_review"]
    if review and review["visibility"] == "customer":
        view["business_review"] = {
            "title": review["title"],
            "month_or_date": review["month_or_date"],
            "agenda": [
                {k: item[k] for k in ("minutes", "topic", "lead")} for item in review["agenda"]
            ],
        }
    view["touchpoints"] = [
        {"date": t["date"], "title": t["title"]}
        for t in whole["cadence"]
        if t["visibility"] == "customer"
    ]
    return view
