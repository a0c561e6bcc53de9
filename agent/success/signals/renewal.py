"""Signs in time: a renewal or notice date that comes near while something graver is open."""

from __future__ import annotations

from datetime import timedelta

from agent.success.signals.finder import Finder
from agent.success.signals.severity import rank

_NO_RISK = frozenset({"data_contradictory", "usage_missing", "usage_stale"})
"""Doubts about data: a reason to ask, not a reason to fear for the renewal."""


def renewal(f: Finder) -> None:
    """Looks at what the other detectors have found, so it runs after them."""
    a = f.account
    if a.renewal_date is None:
        return
    left = (a.renewal_date - f.as_of).days
    days = f.days(
        "renewal.days_left", f.as_of, a.renewal_date, "days to the renewal", "contract.renewal_date"
    )
    if left < 0:
        title = f"The contract ended on {a.renewal_date} and no renewal is recorded"
        f.fixed("renewal_overdue", title, (days, "contract.renewal_date"), at=a.renewal_date)
        return
    open_risks = [s for s in f.found if rank(s.severity) >= rank("high") and s.id not in _NO_RISK]
    if open_risks:
        title = f"The renewal is on {a.renewal_date} and a high risk is open"
        evidence = (days, "contract.renewal_date", *(s.evidence[0] for s in open_risks[:4]))
        f.graded("renewal_at_risk", left, title, evidence, at=a.renewal_date)
    if a.notice_period_days:
        deadline = a.renewal_date - timedelta(days=a.notice_period_days)
        if deadline >= f.as_of:
            if "renewal.notice_deadline" not in f.facts:
                f.facts.computed(
                    "renewal.notice_deadline",
                    deadline.isoformat(),
                    "last day for giving notice",
                    inputs=f.known("contract.renewal_date", "contract.notice_period_days"),
                    formula=f"{a.renewal_date} - {a.notice_period_days} days",
                )
            ids = (
                "renewal.notice_deadline",
                "contract.notice_period_days",
                "contract.renewal_date",
            )
            title = f"Notice can be given until {deadline}"
            f.graded("notice_deadline_near", (deadline - f.as_of).days, title, ids, at=deadline)
