"""Forecasts of renewals against what came: golden cases by hand, and what must always hold."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent import run
from agent.cli import app
from agent.errors import BadInput, BadPersona
from agent.memory import timeline, views
from agent.memory.paths import MemoryRoot
from agent.persona import PolicyFile
from agent.renewal_book import record_decision
from agent.success.book.calibration import calibrate, compare
from agent.success.book.calibration_figures import CalibrationSettings
from agent.success.book.forecasts import Decision, Forecasted, as_forecast
from agent.success.policy import load
from tests.run import support as s

SETTINGS = CalibrationSettings(
    version="1", days_before=90, outcomes_needed=30, bands=[0.2, 0.4, 0.6, 0.8]
)
AS_OF = date(2027, 3, 31)


def said(
    probability: float | None,
    on: date = date(2026, 7, 1),
    recorded: date | None = None,
    **more: Any,
) -> Forecasted:
    tier = {0.9: "green", 0.7: "yellow", 0.35: "red"}.get(probability or 0, "")
    category = {0.9: "commit", 0.7: "best_case", 0.35: "at_risk"}.get(probability or 0, "unknown")
    return Forecasted(on, recorded or on, "p", tier, category, probability, **more)


def came(account: str, on: date, renewed: bool, after: float | None, currency: str) -> Decision:
    return Decision(account, on, renewed, None, after, currency)


Q4 = date(2026, 11, 16)
DECISIONS = [
    came("a", Q4, True, 120.0, "EUR"),
    came("b", Q4, False, 0.0, "EUR"),
    came("c", Q4, True, 40.0, "USD"),
    came("d", Q4, True, 10.0, "EUR"),
    came("e", date(2027, 2, 1), True, 70.0, "EUR"),
]
FORECASTS = {
    "a": [said(0.9, arr=100.0, currency="EUR")],
    "b": [said(0.9, arr=200.0, currency="EUR")],
    "c": [said(0.35, arr=50.0, currency="USD")],
    "d": [said(0.9, recorded=date(2026, 11, 17), arr=10.0, currency="EUR")],
    "e": [said(0.7)],
}


def test_a_quarter_worked_out_by_hand() -> None:
    found = calibrate(DECISIONS, FORECASTS, SETTINGS, AS_OF)
    first, second = found.quarters
    assert (first.quarter, first.decided, second.quarter) == ("2026Q4", 4, "2027Q1")
    f = first.figures
    assert (f.n, f.renewed) == (3, 2)
    assert f.expected == pytest.approx(0.9 + 0.9 + 0.35)
    assert f.brier == pytest.approx((0.1**2 + 0.9**2 + 0.65**2) / 3)
    assert f.brier_of_rate == pytest.approx(2 / 3 * 1 / 3)
    assert [(g.label, g.renewed, g.n) for g in f.by_tier] == [("green", 1, 2), ("red", 1, 1)]
    assert [(g.label, g.n) for g in f.by_category] == [("commit", 2), ("at_risk", 1)]
    assert [(g.label, g.n) for g in f.by_band] == [("20–40 %", 1), ("80–100 %", 2)]
    money = {m.currency: (m.due, m.expected, m.kept) for m in f.money}
    assert money["EUR"] == pytest.approx((300.0, 270.0, 100.0))  # growth of 20 is not "kept"
    assert money["USD"] == pytest.approx((50.0, 17.5, 40.0))
    (late,) = first.without
    assert late.decision.account_id == "d"
    assert late.why == "the forecast was only recorded on 2026-11-17, after 2026-08-18"
    assert (second.figures.n, second.figures.money, second.figures.without_money) == (1, (), 1)
    assert found.total.n == 4


@pytest.mark.parametrize(
    ("probability", "band"),
    [(0.0, "0–20 %"), (0.1999, "0–20 %"), (0.2, "20–40 %"), (0.8, "80–100 %"), (1.0, "80–100 %")],
)
def test_bands_are_half_open_and_the_last_is_closed(probability: float, band: str) -> None:
    found = calibrate(DECISIONS[:1], {"a": [said(probability)]}, SETTINGS, AS_OF)
    assert [g.label for g in found.total.by_band] == [band]


STANDING: dict[str, tuple[list[Forecasted], Any]] = {
    "none": ([], "no plan had been made"),
    "on the last day": ([said(0.9, date(2026, 8, 18))], 0.9),
    "a day too late": ([said(0.9, date(2026, 8, 19))], "no plan is dated up to 2026-08-18"),
    "recorded a day too late": (
        [said(0.9, date(2026, 8, 18), date(2026, 8, 19))],
        "the forecast was only recorded on 2026-08-19, after 2026-08-18",
    ),
    "recorded at no known time": (
        [replace(said(0.9), recorded=None)],
        "the forecast was only recorded at a time that cannot be told, after 2026-08-18",
    ),
    "the newest that was known": ([said(0.35, date(2026, 3, 1)), said(0.9, date(2026, 6, 1))], 0.9),
    "an older one recorded later": (
        [said(0.9, date(2026, 6, 1)), said(0.35, date(2026, 3, 1), date(2026, 7, 1))],
        0.9,
    ),
    "of one day the one recorded last": ([said(0.9), said(0.35)], 0.35),
    "a late one beside an early one": (
        [said(0.7), said(0.9, date(2026, 8, 1), date(2026, 12, 1))],
        0.7,
    ),
    "without a probability": ([said(None)], "the plan gave no probability"),
}


@pytest.mark.parametrize(("forecasts", "expected"), STANDING.values(), ids=[*STANDING])
def test_which_forecast_stood_then(forecasts: list[Forecasted], expected: Any) -> None:
    line = compare(DECISIONS[0], forecasts, 90, None)
    assert expected == (line.why or (line.forecast and line.forecast.probability))


def test_a_forecast_of_the_renewal_before_is_none_of_this_one() -> None:
    twice = [came("a", date(2026, 7, 15), True, 1, ""), came("a", Q4, True, 1, "")]
    found = calibrate(twice, {"a": [said(0.9, date(2026, 3, 1))]}, SETTINGS, AS_OF)
    assert [line.why for line in found.lines] == ["", "no plan had been made"]


def test_a_decision_recorded_again_counts_once_and_as_recorded_last() -> None:
    found = calibrate([*DECISIONS[:1], came("a", Q4, False, 0, "EUR")], FORECASTS, SETTINGS, AS_OF)
    assert [line.decision.renewed for line in found.lines] == [False]


@pytest.mark.parametrize(
    ("renewed", "n", "probability", "words"),
    [
        (0, 0, 0.9, "nothing to compare yet: 0 of 30 needed"),
        (2, 3, 0.9, "not enough outcomes: 3 of 30 needed. 2 of 3 renewed, 2.70 were expected; one "
                    "renewal more or less moves the rate by 33 points"),
        (29, 29, 0.9, "not enough outcomes: 29 of 30 needed"),
        (27, 30, 0.9, "no sign that they are off"),
        (15, 30, 0.9, "they were too hopeful"),
        (30, 30, 0.35, "they were too cautious"),
    ],
)  # fmt: skip
def test_plain_words_say_how_little_the_figures_say(
    renewed: int, n: int, probability: float, words: str
) -> None:
    decided = [came(f"a{i:02}", Q4, i < renewed, 1, "") for i in range(n)]
    forecasts = {d.account_id: [said(probability)] for d in decided}
    assert words in calibrate(decided, forecasts, SETTINGS, AS_OF).total.verdict


# What must always hold

DAYS = st.dates(date(2026, 1, 1), date(2027, 3, 1))
FORECAST = st.builds(
    Forecasted,
    on=DAYS,
    recorded=DAYS | st.none(),
    tier=st.sampled_from(["green", "yellow", "red", ""]),
    category=st.sampled_from(["commit", "best_case", "at_risk", "unknown"]),
    probability=st.none() | st.floats(0, 1),
    arr=st.none() | st.floats(0, 1e6),
    currency=st.sampled_from(["EUR", "USD"]),
)
DECISION = st.builds(
    Decision,
    account_id=st.sampled_from("abc"),
    on=DAYS,
    renewed=st.booleans(),
    arr_after=st.none() | st.floats(0, 1e6),
    currency=st.sampled_from(["EUR", "USD"]),
)
FORECASTS_OF = st.dictionaries(st.sampled_from("abc"), st.lists(FORECAST, max_size=5))


@given(st.lists(DECISION, max_size=8), FORECASTS_OF, st.integers(0, 9))
def test_the_parts_make_the_whole(
    decisions: list[Decision], forecasts: dict[str, list[Forecasted]], seed: int
) -> None:
    unique = list({(d.account_id, d.on): d for d in decisions}.values())
    found = calibrate(unique, forecasts, SETTINGS, AS_OF)
    random.Random(seed).shuffle(unique)
    assert calibrate(unique, forecasts, SETTINGS, AS_OF) == found
    assert len(found.lines) == len(unique) == sum(q.decided for q in found.quarters)
    for f, lines in [(found.total, len(unique)), *((q.figures, q.decided) for q in found.quarters)]:
        for groups in (f.by_tier, f.by_category, f.by_band):
            assert sum(g.n for g in groups) == f.n <= lines
            assert sum(g.renewed for g in groups) == f.renewed
            assert sum(g.expected for g in groups) == pytest.approx(f.expected)
        assert f.brier is None if f.n == 0 else f.brier is not None and 0 <= f.brier <= 1
        assert sum(m.renewals for m in f.money) + f.without_money == f.n
        assert all(m.kept <= m.due + 1e-6 and m.expected <= m.due + 1e-6 for m in f.money)
    for quarter in found.quarters:
        assert quarter.figures.n + len(quarter.without) == quarter.decided


@given(DECISION, st.lists(FORECAST, max_size=5), FORECAST, st.integers(0, 5))
def test_what_was_written_down_too_late_changes_nothing(
    decision: Decision, forecasts: list[Forecasted], late: Forecasted, place: int
) -> None:
    last = decision.on - timedelta(days=90)
    late = replace(late, recorded=last + timedelta(days=1 + place))
    before = compare(decision, forecasts, 90, None)
    after = compare(decision, [*forecasts[:place], late, *forecasts[place:]], 90, None)
    assert after.forecast == before.forecast


# From a memory


def csm(memory: Path, *words: str, code: int = 0) -> str:
    command = ["portfolio", "--calibration", "--memory", str(memory), *words]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == code, result.output
    return result.stdout


def test_a_plan_tells_its_forecast_and_the_decision_is_held_against_it(memory: Path) -> None:
    then = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    run(s.IID, memory=memory, model="playbook", as_of="2026-11-17", now=lambda: then)
    plan = s.load(memory, s.PLAN)
    events = timeline.read(MemoryRoot.open(memory), s.ACCOUNT)
    (published,) = [e for e in events if e["kind"] == "plan_published"]
    assert published["data"]["forecast"] == {
        "tier": plan["health"]["tier"],
        "category": plan["renewal"]["category"],
        "probability": plan["renewal"]["probability"],
        "basis": plan["renewal"]["probability_basis"],
        "renewal_date": plan["renewal"]["date"],
        "arr": plan["renewal"]["arr"],
        "currency": plan["renewal"]["currency"],
    }
    day = date(2027, 3, 12)
    record_decision(memory, s.ACCOUNT, outcome="renewed", arr_after=150000, on=day, by="V. B.",
                    as_of=day, now=lambda: datetime(2027, 3, 12, 9, tzinfo=UTC))  # fmt: skip
    found = json.loads(csm(memory, "--json", "--as-of", "2027-03-31"))
    assert found["total"]["n"] == 1
    (line,) = found["lines"]
    assert line["forecast"]["probability"] == plan["renewal"]["probability"] == 0.9
    shown = csm(memory, "--as-of", "2027-03-31")
    assert "2027Q1  1 decided" in shown and "not enough outcomes: 1 of 30 needed" in shown
    assert "EUR due 148,000: expected 133,200, kept 148,000" in shown
    assert "no renewal has been decided yet" in csm(memory, "--as-of", "2027-03-11")


def test_a_forecast_that_was_written_afterwards_is_listed_as_none(memory: Path) -> None:
    late = datetime(2027, 3, 13, tzinfo=UTC)
    run(s.IID, memory=memory, model="playbook", as_of="2026-11-17", now=lambda: late)
    day = date(2027, 3, 12)
    record_decision(memory, s.ACCOUNT, outcome="churned", arr_after=None, on=day, by="x", as_of=day)
    shown = csm(memory, "--as-of", "2027-03-31")
    assert "no forecast: tarnholt-rail, churned on 2027-03-12: the forecast was only" in shown
    assert "nothing to compare yet: 0 of 30" in shown
    assert (
        csm(memory, "--csv", "--as-of", "2027-03-31")
        .splitlines()[1]
        .startswith("2027Q1,tarnholt-rail,2027-03-12,churned,")
    )


def test_an_event_of_an_earlier_version_falls_back_to_the_plan_it_stands_for(memory: Path) -> None:
    then = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
    run(s.IID, memory=memory, model="playbook", as_of="2026-11-17", now=lambda: then)
    root = MemoryRoot.open(memory)
    (new,) = [e for e in timeline.read(root, s.ACCOUNT) if e["kind"] == "plan_published"]
    (memory / s.TIMELINE).unlink()
    old = {**new, "data": {k: v for k, v in new["data"].items() if k != "forecast"}}
    timeline.append(root, s.ACCOUNT, [old])
    day = date(2027, 3, 12)
    record_decision(memory, s.ACCOUNT, outcome="renewed", arr_after=None, on=day, by="x", as_of=day)
    (line,) = json.loads(csm(memory, "--json", "--as-of", "2027-03-31"))["lines"]
    told = as_forecast(new)
    assert told is not None
    assert line["forecast"]["probability"] == told.probability
    assert line["forecast"]["tier"] == told.tier != ""
    assert line["forecast"]["arr"] == 148000.0


def test_neither_a_former_customer_nor_a_damaged_plan_is_left_out(memory: Path) -> None:
    root = MemoryRoot.open(memory)

    def tell(kind: str, at: str, view: Any = None, **data: Any) -> str:
        event = {"account_id": "gone", "at": at, "recorded_at": f"{at}T08:00:00Z", "kind": kind,
                 "instruction_id": "", "data": data, "source": "x"}  # fmt: skip
        return timeline.append(root, "gone", [event | ({"view": view} if view else {})])[0]

    tell("plan_published", "2026-01-10", views.plan_view("p", "renewal: [", "k"), plan_id="p")
    wrong = tell("renewal_decided", "2026-10-01", outcome="renewed", arr_after=1.0)
    tell("renewal_decided", "2026-10-02", outcome="churned", arr_after=0.0)
    tell("corrected", "2026-10-02", corrects=wrong, withdrawn=True)
    (line,) = json.loads(csm(memory, "--json", "--as-of", "2026-12-31"))["lines"]
    assert (line["decision"]["renewed"], line["why"]) == (False, "the plan gave no probability")


def test_options_of_the_book_do_not_go_with_it(memory: Path) -> None:
    command = ["portfolio", "--calibration", "--fail-on", "red", "--memory", str(memory)]
    assert isinstance(CliRunner().invoke(app, command).exception, BadInput)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days_before": -1},
        {"outcomes_needed": 0},
        {"bands": [0.5, 0.5]},
        {"bands": [0.0]},
        {"x": 1},
    ],
    ids=["days", "outcomes", "bands", "edge", "unknown key"],
)
def test_a_faulty_policy_file_is_refused_by_name(wrong: dict[str, Any]) -> None:
    data = {"version": "1", "days_before": 90, "outcomes_needed": 30, "bands": [0.5]} | wrong
    with pytest.raises(BadPersona, match=r"calibration\.yaml"):
        load(CalibrationSettings, PolicyFile(data, "calibration.yaml"))
