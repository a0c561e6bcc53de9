"""Counts that do not fit each other: a part above the whole, two counts of one thing."""

from __future__ import annotations

from collections.abc import Iterator

from agent.success.account import Account, Problem

ANALYST, SUPPORT = "support-analyst", "customer-support-rep"

# path, attribute of the part, attribute of the whole, what is counted, what it is a part of
_PARTS = (
    ("engagement.outreach.replied", "outreach_replied", "outreach_sent",
     "replies", "messages sent"),
    ("engagement.qbr.attended_by_customer", "qbr_attended", "qbr_scheduled",
     "business reviews attended", "scheduled"),
    ("engagement.training.attended", "training_attended", "training_offered",
     "training places taken", "offered"),
    ("value.integrations.live", "integrations_live", "integrations_planned",
     "integrations live", "planned"),
    ("value.workflows.optimised", "workflows_optimised", "workflows_planned",
     "workflows optimised", "planned"),
    ("onboarding.users.activated", "users_activated", "users_licensed",
     "users activated", "licensed"),
    ("onboarding.users.invited", "users_activated", "users_invited", "users activated", "invited"),
    ("onboarding.admins.trained", "admins_trained", "admins_planned", "admins trained", "planned"),
    ("onboarding.weekly_checkins.held", "checkins_held", "checkins_planned",
     "check-ins held", "planned"),
)  # fmt: skip


def counts(account: Account) -> Iterator[Problem]:
    """Doubts about counts of the account."""
    for path, part_name, whole_name, what, of in _PARTS:
        part, whole = getattr(account, part_name), getattr(account, whole_name)
        if part is None or whole is None:
            continue
        if whole == 0 and part == 0:
            yield Problem(path, "not_due", f"0 {of}: no ratio of {what} can be computed")
        elif part > whole:
            effect = "counted as 100 %" if whole else "no ratio can be computed"
            message = f"{part} {what} but only {whole} {of}; {effect}"
            yield Problem(path, "contradictory", message, ANALYST)
    listed, counted = len(account.tickets), account.tickets_open_now
    if listed and counted is not None and listed != counted:
        yield Problem(
            "engagement.support_tickets.open_now",
            "contradictory",
            f"{counted} tickets counted as open but {listed} listed",
            SUPPORT,
        )
