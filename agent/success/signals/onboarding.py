"""Signs in onboarding: activation, milestones, first value, administrators, integrations."""

from __future__ import annotations

from agent.success.account import Milestone
from agent.success.goals import is_done
from agent.success.signals.finder import Finder, listed, percent
from agent.success.signals.lexicon import plain
from agent.success.signals.moods import Manner, mood
from agent.success.signals.policy import word_list


def onboarding(f: Finder) -> None:
    _activation(f)
    _milestones(f)
    _people(f)
    _integrations(f)


def _activation(f: Finder) -> None:
    a, day = f.account, f.onboarding_day
    licensed = a.users_licensed or a.seats
    if day is None or not licensed or a.users_activated is None:
        return
    stated = f.facts.get("policy.onboarding.activation_target")
    target = f.policy.setting("activation_below_target", "target_percent")
    if stated is not None and isinstance(stated.value, (int, float)):
        target = float(stated.value)
    full = f.policy.setting("activation_below_target", "target_day")
    share = percent(a.users_activated, licensed)
    due = target * min(1.0, day / full)  # a straight line from nobody on day 0 to the target
    ids = (
        "onboarding.users.activated",
        "onboarding.users.licensed",
        "onboarding.activation_rate",
        "policy.onboarding.activation_target",
    )
    title = f"{a.users_activated} of {licensed} users are activated, the target is over {target:g}%"
    f.graded("activation_below_target", due - share, title, ids, at=a.usage_as_of)


def _milestones(f: Finder) -> None:
    open_ones = [m for m in f.account.milestones if not is_done(m.status)]
    blocked = [m for m in open_ones if m.blocked_by or plain(m.status) == "blocked"]
    late = [m for m in open_ones if m.due and m.due < f.as_of and m not in blocked]
    if blocked:
        first = min(blocked, key=lambda m: (m.due or f.as_of, m.n))
        title = f"Blocked: {listed(m.name for m in blocked[:3])}"
        f.fixed("milestone_blocked", title, _ids(blocked), at=first.due)
    if late:
        due = min(m.due for m in late if m.due)
        title = f"Past its date: {listed(m.name for m in late[:3])}"
        f.graded("milestone_overdue", (f.as_of - due).days, title, _ids(late), at=due)
    held_up = [*blocked, *late]
    for milestone in open_ones:
        _first_value(f, milestone, held_up)


def _first_value(f: Finder, milestone: Milestone, held_up: list[Milestone]) -> None:
    words = word_list(f.policy.first_value_words)
    if (
        milestone.due is None
        or mood(plain(milestone.name), words, Manner(own_negation=True)) is None
    ):
        return
    needed = [m for m in held_up if m is milestone or _needs(milestone, m)]
    if not needed:
        return
    left = f.days(
        f"milestone.{milestone.n}.days_left",
        f.as_of,
        milestone.due,
        f"days until {milestone.name[:80]}",
        f"milestone.{milestone.n}.due",
    )
    ids = (*_ids([milestone]), *_ids(needed), left)
    open_ones = listed(m.name for m in needed[:2])
    title = f"First value on {milestone.due} is at risk, not done: {open_ones}"
    f.graded("first_value_at_risk", (milestone.due - f.as_of).days, title, ids, at=milestone.due)


def _needs(milestone: Milestone, other: Milestone) -> bool:
    """Without a stated dependency, what is due earlier is taken to be needed."""
    if milestone.depends_on:
        return plain(other.name) in plain(milestone.depends_on) or plain(
            milestone.depends_on
        ) in plain(other.name)
    return bool(other.due and milestone.due and other.due <= milestone.due)


def _ids(milestones: list[Milestone]) -> list[str]:
    parts = ("name", "due", "status", "blocked_by", "owner", "depends_on")
    return [f"milestone.{m.n}.{part}" for m in milestones for part in parts]


def _people(f: Finder) -> None:
    a = f.account
    names = [f"onboarding.admins.untrained.{n}" for n in range(1, len(a.admins_untrained) + 1)]
    counts = ("onboarding.admins.planned", "onboarding.admins.trained")
    short = (
        a.admins_planned is not None
        and a.admins_trained is not None
        and a.admins_trained < a.admins_planned
    )
    if a.admins_untrained or short:
        who = (
            listed(a.admins_untrained[:3])
            if a.admins_untrained
            else f"{a.admins_trained} of {a.admins_planned} done"
        )
        f.fixed("admin_untrained", f"Administrators not yet trained: {who}", (*names, *counts))
    missed = [day for day in a.checkins_missed if day <= f.as_of]
    if missed and f.onboarding_day is not None:
        ids = [
            f"onboarding.weekly_checkins.missed.{n}" for n in range(1, len(a.checkins_missed) + 1)
        ]
        title = f"Weekly check-in missed on {max(missed)}"
        f.graded(
            "checkins_missed",
            len(missed),
            title,
            (*ids, "onboarding.weekly_checkins.planned"),
            at=max(missed),
        )


def _integrations(f: Finder) -> None:
    a = f.account
    start = a.kickoff_on or a.start_date
    if not a.integrations_planned or a.integrations_live != 0 or start is None:
        return
    days = (f.as_of - start).days
    title = f"None of {a.integrations_planned} planned integrations is live"
    f.graded(
        "integrations_not_live",
        days,
        title,
        ("value.integrations.planned", "value.integrations.live"),
    )
