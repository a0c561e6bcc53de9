"""Detail on demand: figures behind a judgement that no brief carries, registered so that a text may
cite them.

Each function registers facts in the assessment's book and answers with their ids. The same
assessment gives the same facts, so asking twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.success.assessment import Assessment, HealthResult
from agent.success.calendar import quarter_label
from agent.success.compose import component_views
from agent.success.facts import FactBook
from agent.success.plan import Change
from agent.success.qbr import MetricRow
from agent.success.revenue.forecast import Line, forecast
from agent.success.revenue.period import Period


def health_points(health: HealthResult, facts: FactBook, prefix: str = "health") -> None:
    """`<prefix>.points.<component>` and `<prefix>.points.m.<measure>`: contributions in points,
    which add up to the shown score."""
    at = health.as_of.isoformat()
    for view in component_views(health):
        if view.contribution is None:
            continue
        share = f"the component weighs {view.weight * 100:g} %"
        for m in view.measures:
            if m.contribution is not None:
                facts.computed(
                    f"{prefix}.points.m.{m.measure}",
                    m.contribution,
                    f"points that {m.label} gives to the score",
                    inputs=[i for i in (f"{prefix}.m.{m.measure}",) if i in facts],
                    formula=f"health points of the measure × its share of the weight; {share}",
                    at=at,
                )
        facts.computed(
            f"{prefix}.points.{view.component}",
            view.contribution,
            f"points that {view.component.replace('_', ' ')} gives to the score",
            inputs=[i for i in (f"{prefix}.{view.component}",) if i in facts],
            formula=f"component score × its share of the weight that could be measured; {share}",
            at=at,
        )


def change_points(change: Change, facts: FactBook) -> list[str]:
    """`health.change` and `health.change.<n>`, one for each cause; they sum exactly."""
    inputs = [i for i in ("health.score", "health.previous.score") if i in facts]
    formula = f"score today less the score of {change.since}"
    whole = facts.computed(
        "health.change", change.points, f"change of the health score since {change.since}",
        inputs=inputs, formula=formula,
    )  # fmt: skip
    return [whole] + [
        facts.computed(
            f"health.change.{n}", cause.points, f"of it by: {cause.cause}",
            inputs=inputs, formula="points of the cause today less points then",
        )
        for n, cause in enumerate(change.causes, 1)
    ]  # fmt: skip


def renewal_line(a: Assessment) -> Line | None:
    """The account's line of the renewal forecast; None without a renewal date."""
    day = a.renewal.renewal_date
    if day is None:
        return None
    return forecast((a,), Period(quarter_label(day), day, day), a.as_of).lines[0]


def renewal_figures(a: Assessment, line: Line | None) -> list[str]:
    """`renewal.category`, `.probability` in %, `.expected_arr` and `.csm_view`, where known."""
    view, facts, out = a.renewal, a.facts, []
    tier = [i for i in ("health.tier",) if i in facts]
    if view.category != "unknown":
        out.append(
            facts.computed(
                "renewal.category", view.category.replace("_", " "), "renewal category by health",
                inputs=tier, formula="category of the tier in renewal.yaml",
            )
        )  # fmt: skip
    if view.probability is not None:
        out.append(
            facts.computed(
                "renewal.probability", _neat(round(view.probability * 100, 1)),
                f"renewal probability, {view.probability_basis}",
                inputs=tier, formula="probability of the tier in renewal.yaml", unit="%",
            )
        )  # fmt: skip
    if line is not None and line.expected is not None:
        out.append(
            facts.computed(
                "renewal.expected_arr", _neat(line.expected), "ARR × renewal probability",
                inputs=("contract.arr", "renewal.probability"), formula="ARR × probability",
                unit=line.currency,
            )
        )  # fmt: skip
    if line is not None and line.csm != "unknown":
        confidence = "relationship.renewal_confidence"
        out.append(
            facts.computed(
                "renewal.csm_view", line.csm.replace("_", " "), "category by the CSM's confidence",
                inputs=[i for i in (confidence,) if i in facts],
                formula="commit from 75, best case from 50, else at risk",
            )
        )  # fmt: skip
    return out


def expansion_points(a: Assessment) -> Mapping[str, str]:
    """`expansion.points` under the key "", and `expansion.points.<signal>` by signal."""
    out = {
        s.id: a.facts.computed(
            f"expansion.points.{s.id}", s.points, f"expansion points for: {s.title}",
            inputs=s.evidence, formula="points of the sign in expansion.yaml", unit="points",
        )
        for s in a.expansion.signals
    }  # fmt: skip
    out[""] = a.facts.computed(
        "expansion.points", a.expansion.points, "expansion points together",
        inputs=[id for s, id in out.items() if s], formula="sum over the signs", unit="points",
    )  # fmt: skip
    return out


def metric_changes(rows: Sequence[MetricRow], facts: FactBook) -> list[str]:
    """`review.<measure>.change.<from>.<to>` where two months are on record, "" elsewhere."""
    return [
        facts.computed(
            f"review.{row.id}.change.{row.from_month}.{row.as_of}", row.difference,
            f"change of {row.label.lower()} from {row.from_month} to {row.as_of}",
            inputs=metric_evidence(row), formula="last month less first month",
        )
        if row.difference is not None
        else ""
        for row in rows
    ]  # fmt: skip


def metric_evidence(row: MetricRow) -> list[str]:
    """Ids of the stored figures that a row compares."""
    return [f"usage.{month}.{row.id}" for month in dict.fromkeys((row.from_month, row.as_of))]


def _neat(value: float) -> float:
    return int(value) if value.is_integer() else value
