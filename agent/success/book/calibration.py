"""What was forecast about renewals against what came, with the little that few outcomes say.

For a renewal decided on day D the forecast counts that stood on D - `days_before`: the newest plan
dated and recorded up to that day, and after the account's renewal before. A forecast that was
recorded later never counts, whatever day it bears: who writes it knows more. Brier score: mean of
(probability - outcome)², outcome 1 when renewed (Brier 1950); 0 is perfect, and the rate of the
outcomes itself, said of every renewal, scores rate × (1 - rate).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent.success.book.calibration_figures import CalibrationSettings, Figures, figures
from agent.success.book.forecasts import Compared, Decision, Forecasted


@dataclass(frozen=True)
class Quarter:
    """Renewals decided in one calendar quarter; `without` are those without a forecast."""

    quarter: str
    decided: int
    figures: Figures
    without: tuple[Compared, ...]


@dataclass(frozen=True)
class Calibration:
    as_of: date
    days_before: int
    outcomes_needed: int
    quarters: tuple[Quarter, ...]
    total: Figures
    lines: tuple[Compared, ...]


def calibrate(
    decisions: Iterable[Decision],
    forecasts: Mapping[str, Sequence[Forecasted]],
    settings: CalibrationSettings,
    as_of: date,
) -> Calibration:
    """Compare every decision up to `as_of` with the forecast that stood before it.

    Args:
        decisions: in the order of recording; of two about one account and day the later counts.
        forecasts: by account id, in the order of recording.
    """
    newest = {(d.on, d.account_id): d for d in decisions if d.on <= as_of}
    made = [newest[key] for key in sorted(newest)]
    lines: list[Compared] = []
    before: dict[str, date] = {}
    for decision in made:
        known = forecasts.get(decision.account_id, ())
        since = before.get(decision.account_id)
        lines.append(compare(decision, known, settings.days_before, since))
        before[decision.account_id] = decision.on
    by_quarter: dict[str, list[Compared]] = defaultdict(list)
    for line in lines:
        by_quarter[line.quarter].append(line)
    return Calibration(
        as_of=as_of,
        days_before=settings.days_before,
        outcomes_needed=settings.outcomes_needed,
        quarters=tuple(
            Quarter(
                label,
                len(own),
                figures(own, settings),
                tuple(line for line in own if not line.is_forecast),
            )
            for label, own in sorted(by_quarter.items())
        ),
        total=figures(lines, settings),
        lines=tuple(lines),
    )


def compare(
    decision: Decision, forecasts: Sequence[Forecasted], days_before: int, since: date | None
) -> Compared:
    """The decision with the forecast that stood `days_before` days earlier.

    Args:
        since: day of the account's decision before; a forecast up to then was about that one.
    """
    last = decision.on - timedelta(days=days_before)
    about = [f for f in forecasts if since is None or f.on > since]
    dated = [f for f in about if f.on <= last]
    known = [f for f in dated if f.recorded is not None and f.recorded <= last]
    if not known:
        if not about:
            return Compared(decision, None, "no plan had been made")
        if not dated:
            return Compared(decision, None, f"no plan is dated up to {last}")
        first = min((f.recorded for f in dated if f.recorded), default=None)
        when = f"on {first}" if first else "at a time that cannot be told"
        return Compared(decision, None, f"the forecast was only recorded {when}, after {last}")
    # Of one day the one recorded last; sorting keeps the order of recording.
    standing = sorted(known, key=lambda f: f.on)[-1]
    why = "" if standing.probability is not None else "the plan gave no probability"
    return Compared(decision, standing, why)
