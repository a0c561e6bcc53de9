"""Signs of expansion that stand in figures. Each answers with its evidence, empty for "no"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from agent.success.account import Account
from agent.success.calendar import month_end
from agent.success.goals import progress
from agent.success.signals.finder import percent
from agent.success.signals.lexicon import compiled, plain


@dataclass(frozen=True)
class Look:
    """What the measures look at."""

    account: Account
    as_of: date
    executive_titles: tuple[str, ...]


@dataclass(frozen=True)
class SeatUse:
    """Active users of the newest month against the seats under contract, else the licences."""

    active: int
    seats: int
    evidence: tuple[str, str]

    @property
    def percent(self) -> float:
        return percent(self.active, self.seats)


def seat_use(a: Account) -> SeatUse | None:
    """None where one of the two is not known or 0, or the figures are stale."""
    month = next((m for m in reversed(a.months) if m.active_users is not None), None)
    if month is None or a.usage_stale or month.active_users is None:
        return None
    seats, seats_id = month.licensed_users, f"usage.{month.period}.licensed_users"
    if a.seats is not None:
        seats, seats_id = a.seats, "contract.plan_limits.seats"
    if not seats:
        return None
    return SeatUse(month.active_users, seats, (f"usage.{month.period}.active_users", seats_id))


def _seats(look: Look, least: float) -> list[str]:
    use = seat_use(look.account)
    if use is None or use.percent < least:
        return []
    return ["usage.active_ratio", *use.evidence]


def _api(look: Look, least: float) -> list[str]:
    a = look.account
    until = min(a.usage_as_of or look.as_of, look.as_of)
    month = next(
        (m for m in reversed(a.months) if m.api_calls is not None and month_end(m.period) <= until),
        None,
    )
    if month is None or month.api_calls is None or not a.api_limit or a.usage_stale:
        return []
    near = percent(month.api_calls, a.api_limit) >= least
    limit = "contract.plan_limits.api_calls_per_month"
    return ["usage.api_ratio", f"usage.{month.period}.api_calls", limit] if near else []


def _power(look: Look, least: float) -> list[str]:
    a = look.account
    month = next((m for m in reversed(a.months) if m.active_users), None)
    if month is None or not month.active_users or a.power_users is None or a.usage_stale:
        return []
    many = percent(a.power_users, month.active_users) >= least
    return ["usage.power_users", f"usage.{month.period}.active_users"] if many else []


def _executive(look: Look, days: float) -> list[str]:
    a = look.account
    sponsor, out = a.sponsor, []
    met = sponsor.last_contact if sponsor and sponsor.status == "active" else None
    if met is not None and (look.as_of - met).days <= days:
        out += ["sponsor.status", "sponsor.last_contact", "sponsor.name"]
    titles = compiled(look.executive_titles)
    gone = sponsor.name if sponsor and sponsor.status in ("left", "leaving") else None
    for s in a.stakeholders:
        if s.engagement == "high" and s.name != gone and titles.search(plain(s.role)):
            out += [f"stakeholder.{s.n}.role", f"stakeholder.{s.n}.engagement"]
    return out


def _renewal(look: Look, within: float) -> list[str]:
    a = look.account
    left = (a.renewal_date - look.as_of).days if a.renewal_date else -1
    return ["renewal.days_left", "contract.renewal_date"] if 0 <= left <= within else []


def _implemented(look: Look, least: float) -> list[str]:
    a = look.account
    if not a.integrations_planned or a.integrations_live is None:
        return []
    met = [g for g in a.goals if (p := progress(g)) is not None and p >= 1]
    if not met or percent(a.integrations_live, a.integrations_planned) < least:
        return []
    return [
        "value.integrations.planned",
        "value.integrations.live",
        f"goal.{met[0].id}.progress",
        f"goal.{met[0].id}.actual",
    ]


def _advocacy(look: Look, least: float) -> list[str]:
    a = look.account
    acts = [f"relationship.advocacy.{n}" for n in range(1, len(a.advocacy) + 1)]
    return acts if len(acts) >= least else []


MEASURES: Mapping[str, Callable[[Look, float], list[str]]] = {
    "high_adoption": _seats,
    "seat_limit": _seats,
    "api_limit": _api,
    "power_users": _power,
    "executive_engagement": _executive,
    "contract_renewal": _renewal,
    "implementation_done": _implemented,
    "advocacy": _advocacy,
}
"""Each compares with its threshold as the comment in the policy file says."""
