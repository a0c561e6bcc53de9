"""Severities as numbers in a column: 0 low, 1 medium, 2 high, 3 critical, null for no sign."""

from __future__ import annotations

import polars as pl

from agent.success.signals.policy import MeasuredSign
from agent.success.signals.severity import SEVERITIES


def graded(sign: MeasuredSign, value: pl.Expr, worse: pl.Expr | None = None) -> pl.Expr:
    """Severity by the thresholds of a sign, `worse` steps graver; null where nothing is reached."""
    out: pl.Expr = pl.lit(None, dtype=pl.Int8)
    for step, name in enumerate(SEVERITIES):
        for limits, falling in ((sign.at_least, False), (sign.below, True)):
            if limits is not None and name in limits:
                limit = limits[name]
                reached = value < limit if falling else value >= limit
                out = pl.when(reached).then(pl.lit(step, dtype=pl.Int8)).otherwise(out)
    return out if worse is None else _moved(out, worse)


def fixed(sign: MeasuredSign, there: pl.Expr, worse: pl.Expr | None = None) -> pl.Expr:
    """Severity of a sign that is there or not."""
    step = SEVERITIES.index(sign.severity or "medium")
    out = pl.when(there).then(pl.lit(step, dtype=pl.Int8))
    return out if worse is None else _moved(out, worse)


def _moved(severity: pl.Expr, worse: pl.Expr) -> pl.Expr:
    return (severity + worse.cast(pl.Int8)).clip(0, len(SEVERITIES) - 1)
