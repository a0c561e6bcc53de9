"""A batch of flat rows → their judgement, with the persona's own policy files.

Every rule is an expression over columns, so a row costs the same whoever its neighbours are.
Results equal those of `agent.success.assess` on the same facts: scores and coverage to nine
decimals, words and whole numbers exactly, for the signs in `signs.COVERED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from agent.success.columnar import cells, choice, derived, figures, growth, health, renewal, signs
from agent.success.columnar.columns import COLUMNS
from agent.success.expansion.policy import ExpansionPolicy
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import HealthModel
from agent.success.health.profiles import ModelMap, load_map
from agent.success.policy import Lifecycle, Policies, Renewal, Segments, load, need
from agent.success.signals.policy import SignalPolicy, read_policy
from agent.success.signals.severity import SEVERITIES


@dataclass(frozen=True)
class Rules:
    """The policy files that decide, typed."""

    models: ModelMap
    segments: Segments
    lifecycle: Lifecycle
    renewal: Renewal
    signals: SignalPolicy
    expansion: ExpansionPolicy


def rules(policies: Policies) -> Rules:
    """Raises BadPersona when a policy file is missing or wrong."""
    return Rules(
        models=load_map(policies, KNOWN),
        segments=load(Segments, need(policies, "segments")),
        lifecycle=load(Lifecycle, need(policies, "lifecycle")),
        renewal=load(Renewal, need(policies, "renewal")),
        signals=read_policy(need(policies, "signals")),
        expansion=load(ExpansionPolicy, need(policies, "expansion")),
    )


class Judge:
    """The rules as of a day, made into expressions once for any number of batches."""

    def __init__(self, given: Rules, as_of: date) -> None:
        self.as_of = as_of
        self._models = given.models.models
        self._choice = _choice(given, as_of)
        self._layers = {name: _layers(given, m, as_of) for name, m in self._models.items()}
        self._kept = [
            *result_columns(list(self._models.values())),
            *(f"bad.{column.name}" for column in COLUMNS),
        ]

    def judge(self, batch: pl.DataFrame) -> pl.DataFrame:
        """One row per row of `batch`, in order: `result_columns`, and `bad.<column>`.

        Args:
            batch: columns named as in `columns.COLUMNS`, any absent; text, numbers or dates.
        """
        frame = cells.read(batch, self.as_of).with_row_index("row").lazy()
        for layer in self._choice:
            frame = frame.with_columns(layer)
        if len(self._models) == 1:
            return self._judged(frame, *self._models).drop("row").collect()
        chosen = frame.collect()
        parts = [
            self._judged(chosen.lazy().filter(pl.col("chosen") == name), name)
            for name in self._models
        ]
        return pl.concat([part.collect() for part in parts]).sort("row").drop("row")

    def _judged(self, frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
        """Rows of one model; components of the other models are null."""
        for layer in self._layers[name]:
            frame = frame.with_columns(layer)
        own = {f"c.{c.id}" for c in self._models[name].components}
        foreign = [k for k in self._kept if k.startswith("c.") and k not in own]
        nothing = [pl.lit(None, dtype=pl.Float64()).alias(k) for k in foreign]
        # rounded, because the last bit of a float depends on how many rows are worked on at once
        exact = pl.col("score", "coverage", "^c\\..*$").round(health.SCORE_DIGITS)
        return frame.with_columns(nothing).select("row", *self._kept).with_columns(exact)


def result_columns(models: Sequence[HealthModel]) -> list[str]:
    """Columns of the result; the components of all models, each once."""
    components = dict.fromkeys(c.id for model in models for c in model.components)
    return [
        "id", "name", "score", "tier", "coverage", "confidence", "model",
        *(f"c.{component}" for component in components),
        "risk", "signs", "expansion_points", "expansion_gate", "renewal_date", "days_left",
        "renewal_status", "renewal_category", "renewal_probability", "currency", "arr",
        "expected_arr",
    ]  # fmt: skip


def _choice(given: Rules, as_of: date) -> list[list[pl.Expr]]:
    """Layers that end in `chosen`, the file name of the model of each row."""
    limit = given.lifecycle.rules.onboarding_days
    return [
        derived.dates(as_of, limit),
        [
            choice.segment(given.segments).alias("seg"),
            choice.phase(given.lifecycle.rules, as_of).alias("phase"),
        ],
        [choice.chosen(given.models).alias("chosen")],
    ]


def _layers(given: Rules, model: HealthModel, as_of: date) -> list[list[pl.Expr]]:
    """Columns in the order in which they build on each other."""
    target = given.lifecycle.onboarding.activation_target
    wanted = {id for m in model.measures for id in (*m.values, m.dated_by)}
    wanted |= {m.fades.by for m in model.measures if m.fades}
    wanted.add("relationship.nps.age_days")
    known = figures.figures(as_of)
    found = signs.signs(given.signals, as_of, target)
    return [
        *derived.periods(as_of),
        [pl.lit(model.named).alias("model")],
        *derived.standing(as_of, model.usage_max_age_days),
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
