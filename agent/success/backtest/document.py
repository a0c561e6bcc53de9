"""The backtest as plain data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agent.success.backtest.evaluate import NOT_SAAS, Backtest, HeldOut
from agent.success.backtest.ranking import Ranking
from agent.success.backtest.rates import Band


def as_dict(result: Backtest) -> dict[str, Any]:
    """Ready for JSON. Rates, AUCs and coverage are shares 0-1, scores 0-100."""
    m, s = result.mapping, result.settings
    return {
        "mapping": {"id": m.id, "version": m.version, "title": m.title, "b2b_saas": m.b2b_saas},
        "settings": asdict(s) | {"cutoff": s.cutoff and s.cutoff.isoformat()},
        "verdict": result.ranking.verdict,
        "headline": result.headline,
        "ranking": _ranking(result.ranking),
        "tiers": _bands(result.tiers),
        "rate_rises_from_green_to_red": result.rising,
        "calibration": _bands(result.tenths),
        "churned_while_green": result.watermelons,
        "not_scored": {"accounts": result.unscored, "churned": result.unscored_events},
        "mean_coverage": result.mean_coverage,
        "measures": [asdict(measure) for measure in result.measures],
        "held_out": _held_out(result.held_out),
        "roc": result.roc,
        "warnings": result.warnings(),
        "notes": [*result.notes, NOT_SAAS],
    }


def _ranking(ranking: Ranking) -> dict[str, Any]:
    return asdict(ranking) | {"base_rate": ranking.base_rate, "verdict": ranking.verdict}


def _bands(bands: list[Band]) -> list[dict[str, Any]]:
    return [asdict(band) | {"rate": band.rate} for band in bands]


def _held_out(held: HeldOut | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "fitted_on": held.fitted_on,
        "weights": held.weights,
        "fitted": _ranking(held.fitted),
        "mapping": _ranking(held.mapping),
        "brier": held.brier,
        "calibration": _bands(held.calibration),
        "against_their_direction": held.against,
    }
