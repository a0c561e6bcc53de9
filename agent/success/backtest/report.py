"""The backtest as Markdown, and as the rows that tables on a terminal show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import printable
from agent.success.backtest.evaluate import NOT_SAAS, Backtest
from agent.success.backtest.ranking import Ranking
from agent.success.backtest.rates import Band

NOT_A_CHANCE = (
    "The score is no probability of loss; the rate beside it is what was observed in that band."
)


@dataclass(frozen=True)
class Sheet:
    """A titled table of text; numbers stand right."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


def sheets(result: Backtest) -> list[Sheet]:
    """All tables of a backtest, in reading order."""
    return [
        _summary(result),
        _bands("Churn rate per tier", "tier", result.tiers, _tier_note(result)),
        _bands("Calibration", "score", result.tenths, NOT_A_CHANCE),
        _measures(result),
        *_held_out(result),
    ]


def markdown(result: Backtest) -> str:
    """A report that stands on its own."""
    m = result.mapping
    out = [f"# Backtest: {_cell(m.title)}", "", f"**{_cell(result.headline)}**", ""]
    out += [f"> {_cell(line)}" for line in (m.about, m.observed) if line]
    out += ["", *(f"- Warning: {_cell(w)}" for w in result.warnings())]
    for sheet in sheets(result):
        out += ["", f"## {sheet.title}", ""]
        out.append("| " + " | ".join(sheet.header) + " |")
        out.append("|" + "|".join(["---", *["---:"] * (len(sheet.header) - 1)]) + "|")
        out += ["| " + " | ".join(map(_cell, row)) + " |" for row in sheet.rows]
        if sheet.note:
            out += ["", _cell(sheet.note)]
    out += ["", "## Notes", "", *(f"- {_cell(note)}" for note in (*result.notes, NOT_SAAS))]
    return "\n".join(out) + "\n"


def _summary(result: Backtest) -> Sheet:
    r, s = result.ranking, result.settings
    rows = [
        ("mapping", f"{result.mapping.id}, version {result.mapping.version}"),
        ("accounts scored", f"{r.n:,}"),
        ("lost", f"{r.events:,} (base rate {r.base_rate:.1%})"),
        ("AUC", _auc(r)),
        ("average precision", f"{r.average_precision:.3f} (chance: {r.base_rate:.3f})"),
        ("riskiest 20 %: precision", f"{r.precision:.3f}"),
        ("riskiest 20 %: recall", f"{r.recall:.3f}"),
        ("riskiest 20 %: lift", f"{r.lift:.2f}"),
        ("lost while green", _watermelons(result)),
        ("mean coverage", f"{result.mean_coverage:.0%}"),
    ]
    if result.unscored:
        rows.append(
            ("too little data for a score", f"{result.unscored:,}, {result.unscored_events:,} lost")
        )
    if s.cutoff:
        rows.insert(1, ("cut-off", f"{s.cutoff}, outcome in the {s.horizon} days after it"))
    rows.append(("bootstrap", f"{s.resamples:,} resamples, seed {s.seed}"))
    return Sheet("Result", ("what", "value"), rows)


def _watermelons(result: Backtest) -> str:
    share = result.watermelons / result.ranking.events
    return f"{result.watermelons:,} of {result.ranking.events:,} lost ({share:.1%})"


def _auc(r: Ranking) -> str:
    return f"{r.auc:.3f} (95 % interval {r.low:.3f}-{r.high:.3f})"


def _tier_note(result: Backtest) -> str:
    if result.rising:
        return "The rate rises from green to red."
    return "The rate does NOT rise from green to red: these tiers do not order the risk."


def _bands(title: str, what: str, bands: Sequence[Band], note: str) -> Sheet:
    rows = [
        (b.label, f"{b.n:,}", f"{b.events:,}", "-" if b.rate is None else f"{b.rate:.1%}",
         f"{b.low:.1%}-{b.high:.1%}" if b.n else "-")
        for b in bands
    ]  # fmt: skip
    return Sheet(title, (what, "accounts", "lost", "rate", "95 % interval"), rows, note)


def _measures(result: Backtest) -> Sheet:
    rows = [
        (printable(m.label, 60), f"{m.weight:g}", "-" if m.auc is None else f"{m.auc:.3f}",
         f"{m.present:,}", f"{m.not_applicable:,}", f"{m.missing:,}", f"{m.invalid:,}")
        for m in result.measures
    ]  # fmt: skip
    header = ("measure", "weight", "AUC alone", "present", "n/a", "missing", "invalid")
    wrong = [m.label for m in result.measures if m.auc is not None and m.auc < 0.5]
    note = f"Below 0.5 alone, so against its direction: {', '.join(wrong)}." if wrong else ""
    return Sheet("Measures", header, rows, note)


def _held_out(result: Backtest) -> list[Sheet]:
    held = result.held_out
    if held is None:
        return []
    labels = {m.id: printable(m.label, 60) for m in result.mapping.measures}
    kinds = (("weights of the mapping", held.mapping), ("fitted weights", held.fitted))
    compared = [
        (name, f"{r.n:,}", f"{r.events:,}", _auc(r), f"{r.average_precision:.3f}", f"{r.lift:.2f}")
        for name, r in kinds
    ]
    against = f" Fitted against their direction: {', '.join(held.against)}." if held.against else ""
    return [
        Sheet(
            "Fitted weights, on held-out accounts only",
            ("", "accounts", "lost", "AUC", "average precision", "lift"),
            compared,
            f"Fitted on {held.fitted_on:,} other accounts. Brier score {held.brier:.3f}.",
        ),
        Sheet(
            "Weights",
            ("measure", "log-odds per 100 points"),
            [(labels[id], f"{weight:+.2f}") for id, weight in held.weights.items()],
            f"How much 100 points lower the log-odds of loss.{against}",
        ),
        _bands("Calibration of the fitted probability, held out", "probability",
               held.calibration, ""),
    ]  # fmt: skip


def _cell(text: str) -> str:
    plain = printable(text, 1000)
    for mark in "\\|<>*_`[]#":
        plain = plain.replace(mark, f"\\{mark}" if mark not in "<>" else f"&{'lg'[mark == '>']}t;")
    return plain
