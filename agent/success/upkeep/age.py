"""What has grown old or too big in a memory: measures, overrides, notes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from agent.success.insights.values import read_date, shown
from agent.success.upkeep.findings import Finding, days_ago
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import INSIGHTS, SCORES, AccountRecord


def stale(account: AccountRecord, ask: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """Figures past their age, each with its age and whom to ask for a new one.

    Args:
        ask: field of the insights and role to ask, by measure of the health model.
    """
    if account.look is None:
        return
    old = [p for p in account.look.account.problems if p.state == "stale"]
    for problem in old:
        yield _stale(account, problem.field, problem.message, problem.ask)
    for component in account.look.health.components:
        for measure in component.measures:
            field, role = ask.get(measure.id, ("", ""))
            named = any(_within(field, problem.field) for problem in old)
            if measure.state == "stale" and not named:
                yield _stale(account, field, f"{measure.label}: {measure.note}", role)


def _within(field: str, other: str) -> bool:
    """Whether one field lies in the other; the rows of the usage are as old as their block."""
    a, b = (("usage" if f.startswith("usage.") else f) + "." for f in (field, other))
    return bool(field) and (a.startswith(b) or b.startswith(a))


def _stale(account: AccountRecord, field: str, what: str, ask: str) -> Finding:
    fix = f"Ask {ask}." if ":" in ask else f"Ask {ask or 'the owner'} for newer data."
    where = account.pointer_to(field)
    return Finding("warning", "stale", account.account_id, INSIGHTS, where, what, fix)


def expired_override(account: AccountRecord, as_of: date) -> Iterator[Finding]:
    """A person's own score that has ended and still stands in the file."""
    override = (account.entry or {}).get("override")
    if not isinstance(override, Mapping):
        return
    expires, _ = read_date(override.get("expires"))
    where = f"{account.pointer}/override"
    if expires is None:
        yield Finding(
            "warning", "expired_override", account.account_id, SCORES, where,
            "an override of the score without an end that can be read",
            "Set it anew with an end: csm health ACCOUNT --override.",
        )  # fmt: skip
    elif expires < as_of:
        yield Finding(
            "warning", "expired_override", account.account_id, SCORES, where,
            f"the override to {shown(override.get('value'))} by {shown(override.get('by'))} ended "
            f"on {expires}, {days_ago((as_of - expires).days)}",
            "Run a plan, which drops it, or set a new one.",
        )  # fmt: skip


def too_long(account: AccountRecord, policy: Upkeep) -> Iterator[Finding]:
    """Words and records so long that a reader, or a model, would drown in them."""
    share = account.share or {}
    count = 0
    for block, field in (("notes", "text"), ("emails", "body")):
        items = share.get(block)
        for n, item in enumerate(items if isinstance(items, list) else ()):
            count += 1
            text = item.get(field, item.get("text")) if isinstance(item, Mapping) else item
            if isinstance(text, str) and len(text) > policy.note_chars:
                yield Finding(
                    "warning", "too_long", account.account_id, INSIGHTS,
                    f"{account.pointer}/{block}/{n}",
                    f"{len(text):,} characters; up to {policy.note_chars:,} are read with care",
                    "Say in a few sentences what matters and keep the original elsewhere.",
                )  # fmt: skip
    if count > policy.notes:
        yield Finding(
            "warning", "too_long", account.account_id, INSIGHTS, f"{account.pointer}/notes",
            f"{count} notes and mails; a run reads the newest {policy.notes}",
            "Move older ones to an archive.",
        )  # fmt: skip
    size = len(json.dumps(share, default=str)) if account.share is not None else 0
    if size > policy.share_bytes:
        yield Finding(
            "warning", "too_long", account.account_id, INSIGHTS, account.pointer,
            f"the record has {size:,} bytes, more than {policy.share_bytes:,}",
            "Move what no plan needs to an archive.",
        )  # fmt: skip
