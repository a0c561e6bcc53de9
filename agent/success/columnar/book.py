"""A batch of flat rows → their judgement, with the persona's own policy files.

Every rule is an expression over columns, so a row costs the same whoever its neighbours are.
Results equal those of `agent.success.assess` on the same facts: scores and coverage to nine
decimals, words and whole numbers exactly, for the signs in `signs.COVERED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from agent.success.assess import HEALTH_MODEL
from agent.success.columnar import cells, derived, figures, growth, health, renewal, signs
from agent.success.columnar.columns import COLUMNS
from agent.success.expansion.policy import ExpansionPolicy
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import HealthModel, load_model
from agent.success.insights.parsing import USAGE_MAX_AGE_DAYS
from agent.success.policy import Lifecycle, Policies, Renewal, load, need
from agent.success.signals.policy import SignalPolicy, read_policy
from agent.success.signals.severity import SEVERITIES


@dataclass(frozen=True)
class Rules:
    """The policy files that decide, typed."""

    model: HealthModel
    lifecycle: Lifecycle
    renewal: Renewal
    signals: SignalPolicy
    expansion: ExpansionPolicy

    @property
    def usage_max_age(self) -> int:
        """Days after which usage is stale: the strictest limit of the model."""
        ages = [m.max_age_days for m in self.model.measures if m.dated_by == "usage.age_days"]
        return min((age for age in ages if age is not None), default=USAGE_MAX_AGE_DAYS)


def rules(policies: Policies) -> Rules:
    """Raises BadPersona when a policy file is missing or wrong."""
    return Rules(
        model=load_model(need(policies, HEALTH_MODEL), KNOWN),
        lifecycle=load(Lifecycle, need(policies, "lifecycle")),
        renewal=load(Renewal, need(policies, "renewal")),
        signals=read_policy(need(policies, "signals")),
        expansion=load(ExpansionPolicy, need(policies, "expansion")),
    )


class Judge:
    """The rules as of a day, made into expressions once for any number of batches."""

    def __init__(self, given: Rules, as_of: date) -> None:
        self.as_of = as_of
        self._layers = _layers(given, as_of)
        self._kept = [*result_columns(given.model), *(f"bad.{column.name}" for column in COLUMNS)]

    def judge(self, batch: pl.DataFrame) -> pl.DataFrame:
        """One row per row of `batch`, in order: `result_columns`, and `bad.<column>`.

        Args:
            batch: columns named as in `columns.COLUMNS`, any absent; text, numbers or dates.
        """
        frame = cells.read(batch, self.as_of).lazy()
        for layer in self._layers:
            frame = frame.with_columns(layer)
        # rounded, because the last bit of a float depends on how many rows are worked on at once
        exact = pl.col("score", "coverage", "^c\\..*$").round(health.SCORE_DIGITS)
        return frame.select(self._kept).with_columns(exact).collect()


def result_columns(model: HealthModel) -> list[str]:
    return [
        "id", "name", "score", "tier", "coverage", "confidence",
        *(f"c.{component.id}" for component in model.components),
        "risk", "signs", "expansion_points", "expansion_gate", "renewal_date", "days_left",
        "renewal_status", "renewal_category", "renewal_probability", "currency", "arr",
        "expected_arr",
    ]  # fmt: skip


def _layers(given: Rules, as_of: date) -> list[list[pl.Expr]]:
    """Columns in the order in which they build on each other."""
    model, target = given.model, given.lifecycle.onboarding.activation_target
    limit = given.lifecycle.rules.onboarding_days
    wanted = {id for m in model.measures for id in (*m.values, m.dated_by)}
    wanted |= {m.fades.by for m in model.measures if m.fades}
    wanted.add("relationship.nps.age_days")
    known = figures.figures(as_of)
    found = signs.signs(given.signals, as_of, target)
    return [
        *derived.periods(as_of),
        *derived.standing(as_of, limit, given.usage_max_age),
        [known[id].alias(f"fig.{id}") for id in sorted(wanted - {""})],
        health.measures(model),
        health.components(model),
        *health.overall(model),
        [severity.alias(f"s.{id}") for id, severity in found.items()],
        [e.alias(f"s.{id}") for id, e in signs.renewal_signs(given.signals).items()],
        [e.alias(f"x.{id}") for id, e in growth.openings(given.expansion, as_of).items()],
        _risk(),
        *growth.outcome(given.expansion, signs.COVERED),
        *renewal.renewal(given.renewal),
        [pl.col("days_left").cast(pl.Int32)],
    ]


def _risk() -> list[pl.Expr]:
    """`risk`: the worst severity; "none" when no sign fires, "unknown" when too little is known to
    say so. `signs`: `id:severity` of each, in the order of `signs.COVERED`."""
    worst = pl.max_horizontal(*(f"s.{id}" for id in signs.COVERED))
    level: pl.Expr = (
        pl.when(pl.col("score").is_null()).then(pl.lit("unknown")).otherwise(pl.lit("none"))
    )
    for step, word in enumerate(SEVERITIES):
        level = pl.when(worst == step).then(pl.lit(word)).otherwise(level)
    return [
        level.alias("risk"),
        pl.concat_str(*map(_spelled, signs.COVERED), separator=" ", ignore_nulls=True).alias(
            "signs"
        ),
    ]


def _spelled(id: str) -> pl.Expr:
    out: pl.Expr = pl.lit(None, dtype=pl.String)
    for step, word in enumerate(SEVERITIES):
        out = pl.when(pl.col(f"s.{id}") == step).then(pl.lit(f"{id}:{word}")).otherwise(out)
    return out
