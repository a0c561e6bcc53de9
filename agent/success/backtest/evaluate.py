"""The backtest itself: score, compare with what happened, say what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from agent.errors import BadInput
from agent.success.backtest.fitting import fit, split
from agent.success.backtest.leaks import Alone, alone
from agent.success.backtest.mapping import Mapping
from agent.success.backtest.population import Population
from agent.success.backtest.ranking import Flags, Floats, Ranking, curve, rank
from agent.success.backtest.rates import Band, rises, tenths, tiers
from agent.success.backtest.scoring import score

LEAST = 30
NOT_SAAS = (
    "None of the data sets with a shipped mapping is B2B SaaS with seats and renewals from the "
    "field (two are consumer telecoms, one is synthetic): a number from them shows that the "
    "arithmetic works, not how well it foresees your renewals."
)


@dataclass(frozen=True)
class Settings:
    """`horizon` in days after `cutoff`; both unused where the data have no dates."""

    cutoff: date | None = None
    horizon: int = 90
    resamples: int = 1000
    seed: int = 1
    fit: bool = False


@dataclass(frozen=True)
class HeldOut:
    """Fitted weights against those of the mapping, both on accounts not used for fitting.
    `calibration` compares predicted with observed; `brier` is the mean squared error."""

    fitted_on: int
    weights: dict[str, float]
    fitted: Ranking
    mapping: Ranking
    calibration: list[Band]
    brier: float
    against: list[str]


@dataclass(frozen=True)
class Backtest:
    mapping: Mapping
    settings: Settings
    ranking: Ranking
    tiers: list[Band]
    tenths: list[Band]
    measures: list[Alone]
    watermelons: int
    unscored: int
    unscored_events: int
    mean_coverage: float
    roc: list[tuple[float, float]]
    held_out: HeldOut | None
    notes: list[str]

    @property
    def rising(self) -> bool:
        return rises(self.tiers)

    @property
    def headline(self) -> str:
        r = self.ranking
        told = f"AUC {r.auc:.3f}, 95 % interval {r.low:.3f}-{r.high:.3f}"
        if r.verdict == "no evidence":
            return f"NO EVIDENCE that this score tells who leaves: {told}, which includes 0.5."
        if r.verdict == "wrong way":
            return f"WRONG WAY ROUND: healthy accounts leave more often than others: {told}."
        return f"The score tells something: {told}."

    def warnings(self) -> list[str]:
        """What a reader must know before using a number from this backtest."""
        out = [f"suspected leak: {m.label}: {m.leak}" for m in self.measures if m.leak]
        if not self.rising:
            out.append("the churn rate does not rise from green to red")
        return out


def backtest(population: Population, mapping: Mapping, settings: Settings) -> Backtest:
    """Scores the accounts and compares with the outcome.

    Raises:
        BadInput: fewer than 30 accounts were lost, or kept: no statement would hold.
    """
    everyone = np.array(population.churned, dtype=bool)
    _enough(everyone, "accounts", population.notes)
    scored = score(mapping, population.taken)
    known = ~np.isnan(scored.scores)
    scores, churned = scored.scores[known], everyone[known]
    _enough(churned, "accounts with a score", population.notes)
    accounts = [a for a, k in zip(population.accounts, known.tolist(), strict=True) if k]
    groups = accounts if population.repeated else None
    labels = [t for t in scored.tiers if t]
    order = [t.id for t in reversed(mapping.tiers)]
    measures = [
        alone(m, population.taken[m.id], scored.parts[:, i], everyone)
        for i, m in enumerate(mapping.measures)
    ]
    ranking = rank(scores, churned, groups=groups, resamples=settings.resamples, seed=settings.seed)
    held = None
    if settings.fit:
        held = _held_out(
            population, mapping, settings, accounts, scored.parts[known], scores, churned
        )
    return Backtest(
        mapping=mapping,
        settings=settings,
        ranking=ranking,
        tiers=tiers(order, labels, scores, churned),
        tenths=tenths(scores, churned),
        measures=measures,
        watermelons=sum(c and t == "green" for c, t in zip(churned.tolist(), labels, strict=True)),
        unscored=int((~known).sum()),
        unscored_events=int(everyone[~known].sum()),
        mean_coverage=float(scored.coverage.mean()),
        roc=curve(scores, churned),
        held_out=held,
        notes=list(population.notes),
    )


def _held_out(
    population: Population,
    mapping: Mapping,
    settings: Settings,
    accounts: list[str],
    parts: Floats,
    scores: Floats,
    churned: Flags,
) -> HeldOut:
    train, test = split(accounts, churned, seed=settings.seed)
    for side, name in ((train, "accounts to fit on"), (test, "held-out accounts")):
        _enough(churned[side], name, population.notes)
    fitted = fit(parts, churned, train)
    groups = [a for a, t in zip(accounts, test.tolist(), strict=True) if t]
    weights = dict(zip([m.id for m in mapping.measures], fitted.weights, strict=True))
    risk, lost = fitted.risk[test], churned[test]

    def ranked(by: Floats) -> Ranking:
        return rank(by, lost, groups=groups if population.repeated else None,
                    resamples=settings.resamples, seed=settings.seed)  # fmt: skip

    return HeldOut(
        fitted_on=int(train.sum()),
        weights=weights,
        fitted=ranked(-risk),
        mapping=ranked(scores[test]),
        calibration=tenths(risk, lost, 3),
        brier=float(np.mean((risk - lost) ** 2)),
        against=[m.label for m in mapping.measures if weights[m.id] < 0],
    )


def _enough(churned: Flags, who: str, notes: tuple[str, ...]) -> None:
    lost, kept = int(churned.sum()), int((~churned).sum())
    if min(lost, kept) >= LEAST:
        return
    few = f"only {lost:,} were lost" if lost < LEAST else f"only {kept:,} were kept"
    left = f" ({'; '.join(notes)})" if notes else ""
    unfit = ", or leave out --fit, which holds out 30 %" if "fit" in who or "held" in who else ""
    raise BadInput(
        f"of {churned.size:,} {who} {few}; with fewer than {LEAST} of either, chance alone makes "
        f"any score look good or bad{left}",
        where="backtest",
        fix=f"take more accounts or a longer --horizon{unfit}.",
    )
