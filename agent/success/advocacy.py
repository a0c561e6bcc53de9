"""Advocacy: which accounts may be asked to speak for us, for what, and what is lacking.

Three tiers (casual reference, active advocate, champion) by the conditions of advocacy.yaml. A
condition whose figure is not on record does not hold: nobody is shown to prospects on a guess.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from agent.success.account import Account
from agent.success.assessment import Assessment, Severity
from agent.success.calendar import full_months
from agent.success.policy import PolicyLike, Settings, Title, load
from agent.success.signals.lexicon import plain
from agent.success.signals.policy import Phrases, word_list
from agent.success.signals.severity import rank

TierId = Literal["reference", "active_advocate", "champion"]
Count = Annotated[int, Field(ge=0, le=100)]


class TierRule(Settings):
    """All conditions given must hold; those left out do not matter."""

    id: TierId
    title: Title
    may_be_asked: Annotated[list[Title], Field(min_length=1)]
    health: list[Literal["green", "yellow", "red"]] = Field(default_factory=list)
    nps_from: Annotated[float, Field(ge=-100, le=100)] | None = None
    months_from: Count | None = None
    goals_met: Count | None = None
    acts_from: Count | None = None
    sponsor: list[Literal["active", "passive", "changed"]] = Field(default_factory=list)
    no_risk_at: Severity | None = None


class AdvocacyPolicy(Settings):
    version: str
    tiers: Annotated[list[TierRule], Field(min_length=1)]
    no_act: Phrases
    case_study_from: TierId

    @model_validator(mode="after")
    def _ordered(self) -> AdvocacyPolicy:
        ids = [tier.id for tier in self.tiers]
        if len(set(ids)) != len(ids):
            raise ValueError("a tier is listed twice")
        if self.case_study_from not in ids:
            raise ValueError(f"case_study_from {self.case_study_from!r} is not among the tiers")
        return self


@dataclass(frozen=True)
class Condition:
    """One condition of a tier: what it asks, what is on record, and whether it holds. `holds` is
    None when the figure is not on record."""

    asks: str
    found: str
    holds: bool | None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class TierView:
    id: str
    title: str
    reached: bool
    conditions: tuple[Condition, ...]
    may_be_asked: tuple[str, ...]


@dataclass(frozen=True)
class AdvocacyView:
    """`tier` is "" when not even the first tier is reached; `lacking` is what keeps the account
    from the next one; `acts` are verbatim entries of the record."""

    account_id: str
    name: str
    as_of: date
    tier: str
    title: str
    next_tier: str
    lacking: tuple[str, ...]
    unknown: tuple[str, ...]
    may_be_asked: tuple[str, ...]
    acts: tuple[str, ...]
    case_study: bool
    tiers: tuple[TierView, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def advocacy(a: Assessment, policy: PolicyLike) -> AdvocacyView:
    """The account's tier and what is lacking for the next.

    Args:
        policy: advocacy.yaml.

    Raises:
        BadPersona: the policy file is wrong; names file and key.
    """
    settings = load(AdvocacyPolicy, policy)
    acts = _acts(a.account, settings.no_act)
    tiers = []
    for rule in settings.tiers:
        conditions = tuple(_conditions(rule, a, acts))
        reached = all(c.holds for c in conditions)
        tiers.append(TierView(rule.id, rule.title, reached, conditions, tuple(rule.may_be_asked)))
    held = max((n for n, tier in enumerate(tiers) if tier.reached), default=-1)
    following = tiers[held + 1] if held + 1 < len(tiers) else None
    open_conditions = [c for c in following.conditions if not c.holds] if following else []
    from_rank = [tier.id for tier in tiers].index(settings.case_study_from)
    return AdvocacyView(
        account_id=a.account.id,
        name=a.account.name,
        as_of=a.as_of,
        tier=tiers[held].id if held >= 0 else "",
        title=tiers[held].title if held >= 0 else "",
        next_tier=following.id if following else "",
        lacking=tuple(f"{c.asks}; {c.found}" for c in open_conditions if c.holds is False),
        unknown=tuple(c.asks for c in open_conditions if c.holds is None),
        may_be_asked=tuple(ask for tier in tiers[: held + 1] for ask in tier.may_be_asked),
        acts=acts,
        case_study=held >= from_rank,
        tiers=tuple(tiers),
    )


def _acts(account: Account, no_act: Phrases) -> tuple[str, ...]:
    words = word_list(no_act)
    return tuple(act for act in account.advocacy if not words.spans(plain(act)))


def _conditions(rule: TierRule, a: Assessment, acts: tuple[str, ...]) -> list[Condition]:
    account, out = a.account, []
    if rule.health:
        tier = a.health.tier
        out.append(Condition(f"health {' or '.join(rule.health)}", f"it is {tier or 'not scored'}",
                             tier in rule.health if tier else None, ("health.score",)))  # fmt: skip
    if rule.nps_from is not None:
        out.append(
            _from("net promoter score", rule.nps_from, account.nps, "relationship.nps.score")
        )
    if rule.months_from is not None:
        since = account.customer_since or account.start_date
        months = None if since is None else full_months(since, a.as_of)
        fact = "account.customer_since" if account.customer_since else "contract.start_date"
        out.append(_from("full months as a customer", rule.months_from, months, fact))
    if rule.goals_met is not None:
        met = [view for view in a.goals if view.status == "met"]
        known = len(met) if any(view.status != "not_measured" for view in a.goals) else None
        evidence = tuple(id for view in met for id in view.evidence)
        out.append(_from("goals reached", rule.goals_met, known, *evidence))
    if rule.acts_from is not None:
        stated = not any(p.field == "relationship.advocacy" and p.state == "missing"
                         for p in account.problems)  # fmt: skip
        known = len(acts) if stated or acts else None
        out.append(_from("acts of advocacy on record", rule.acts_from, known))
    if rule.sponsor:
        status = account.sponsor.status if account.sponsor else ""
        holds = status in rule.sponsor if status else None
        asks = f"executive sponsor {' or '.join(rule.sponsor)}"
        found = f"status {status or 'not on record'}"
        out.append(Condition(asks, found, holds, ("sponsor.status",)))
    if rule.no_risk_at is not None:
        grave = [s for s in a.signals if rank(s.severity) >= rank(rule.no_risk_at)]
        found = f"{len(grave)} fire: {', '.join(s.id for s in grave)}" if grave else "none fires"
        out.append(Condition(f"no warning sign of severity {rule.no_risk_at} or graver", found,
                             not grave, tuple(id for s in grave for id in s.evidence)))  # fmt: skip
    return out


def _from(what: str, least: float, found: float | None, *evidence: str) -> Condition:
    if found is None:
        return Condition(f"{what} from {least:g}", "not measured", None, evidence)
    return Condition(f"{what} from {least:g}", f"it is {found:g}", found >= least, evidence)
