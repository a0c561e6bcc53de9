"""Nothing after the cut-off reaches a score; nothing before it counts as outcome."""

from __future__ import annotations

from collections.abc import Mapping as Map
from datetime import date
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="needs the extra `backtest`")

import numpy as np

from agent.errors import BadInput
from agent.success.backtest.evaluate import Settings, backtest
from agent.success.backtest.leaks import alone
from agent.success.backtest.mapping import Mapping, from_features, guard
from agent.success.backtest.population import Population, populate
from agent.success.backtest.scoring import part
from agent.success.backtest.table import Table, without_duplicates

CUTOFF = date(2026, 6, 30)


def of(name: str, header: str, *rows: str) -> Table:
    cells = [row.split() for row in rows]
    columns = zip(*[["" if c == "." else c for c in row] for row in cells], strict=True)
    return Table(f"{name}.csv", dict(zip(header.split(), map(list, columns), strict=True)))


def three_tables(*measures: dict[str, Any], **more: Any) -> Mapping:
    base: dict[str, Any] = {
        "id": "own", "version": "1", "title": "own", "accounts": "accounts",
        "tables": {
            "accounts": {"key": "id", "account": "id", "date": "since"},
            "contracts": {"key": "c", "account": "id", "date": "begin", "until": "end"},
            "use": {"account": "c", "through": "contracts", "date": "day"},
            "tickets": {"account": "id", "date": "opened", "known_from": {"rating": "closed"}},
            "losses": {"account": "id", "date": "on"},
        },
        "outcome": {"table": "losses", "column": "on"},
        "measures": [{"label": "measure", "direction": "higher_is_better"} | m for m in measures],
    }  # fmt: skip
    return Mapping.model_validate(base | more)


TABLES = {
    "accounts": of("accounts", "id since", "A 2026-01-01", "B 2026-01-01", "C 2026-07-01"),
    "contracts": of(
        "contracts",
        "c id begin end",
        "c1 A 2026-01-01 .",
        "c2 B 2026-01-01 2026-05-01",
        "c3 C 2026-07-01 .",
        "c4 A 2026-07-02 .",
    ),
    "use": of(
        "use", "c day n", "c1 2026-06-30 5", "c1 2026-06-01 10", "c1 2026-04-15 30",
        "c1 2026-07-01 999", "c2 2026-04-01 4", "c9 2026-04-01 4",
    ),
    "tickets": of(
        "tickets", "id opened closed rating", "A 2026-06-10 2026-06-20 4",
        "A 2026-06-25 2026-07-05 1", "A 2026-07-20 2026-07-21 1",
    ),
    "losses": of("losses", "id on", "A 2026-09-01", "B 2026-05-01"),
}  # fmt: skip


def people(own: Mapping, tables: Map[str, Table] = TABLES, horizon: int = 90) -> Population:
    return populate(tables, own, CUTOFF, horizon)


def test_measures_see_only_rows_up_to_the_cut_off() -> None:
    own = three_tables(
        {"id": "uses", "table": "use", "take": "sum", "column": "n", "days": 30},
        {"id": "trend", "table": "use", "take": "trend", "column": "n", "days": 45},
        {"id": "tickets", "table": "tickets", "take": "count"},
        {"id": "contracts", "table": "contracts", "take": "count"},
    )
    kept = dict(TABLES) | {"losses": of("losses", "id on", "A 2026-09-01")}
    taken = people(own, kept).taken
    assert taken["uses"].values == (15.0, 0.0)
    assert taken["trend"].values[0] == 15 / 30 - 1 and taken["trend"].states[1] == "not_applicable"
    assert taken["tickets"].values == (2.0, 0.0)
    assert taken["contracts"].values == (1.0, 1.0)


def test_a_cell_is_not_known_before_its_day() -> None:
    own = three_tables({"id": "rating", "table": "tickets", "take": "mean", "column": "Rating"})
    assert people(own).taken["rating"].values == (4.0,)


def test_accounts_to_come_are_not_scored_and_lost_ones_neither() -> None:
    own = three_tables({"id": "uses", "table": "use", "take": "sum", "column": "n"})
    found = people(own)
    assert (found.accounts, found.churned) == (("A",), (True,))
    assert "1 accounts were lost before the cut-off: left out" in found.notes


def test_only_open_accounts_when_the_mapping_says_so() -> None:
    own = three_tables(
        {"id": "uses", "table": "use", "take": "sum", "column": "n"}, open="contracts"
    )
    found = people(own)
    assert found.accounts == ("A",) and found.churned == (True,)
    assert "1 accounts had nothing open at the cut-off: left out" in found.notes


def test_the_outcome_lies_within_the_horizon() -> None:
    own = three_tables(
        {"id": "uses", "table": "use", "take": "sum", "column": "n"}, open="contracts"
    )
    assert people(own, horizon=63).churned == (True,)
    assert people(own, horizon=62).churned == (False,)


def test_rows_of_nobody_are_reported() -> None:
    own = three_tables({"id": "uses", "table": "use", "take": "sum", "column": "n"})
    assert "use.csv: 1 rows without a known account are left out" in people(own).notes


def test_what_comes_after_the_cut_off_changes_no_score() -> None:
    own = three_tables(
        {"id": "uses", "table": "use", "take": "sum", "column": "n"},
        {"id": "rating", "table": "tickets", "take": "mean", "column": "rating"},
    )
    shorter = dict(TABLES)
    shorter["use"] = TABLES["use"].take([0, 1, 2, 4, 5])
    shorter["tickets"] = TABLES["tickets"].take([0, 1])
    assert people(own, shorter).taken == people(own).taken


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        ({"table": "losses", "column": "ON", "take": "count"}, "is the outcome itself"),
        ({"table": "contracts", "column": "end"}, "may lie after the cut-off"),
        ({"table": "tickets", "column": "Rating"}, "known only after the fact"),
    ],
)
def test_a_measure_that_knows_the_outcome_is_refused(measure: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        guard(three_tables({"id": "mm"} | measure, after_the_fact=["tickets.rating"]))


def test_a_flag_without_a_date_cannot_follow_a_cut_off() -> None:
    own = from_features("n:+", key="id", date="since")
    own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
    table = of("t", "id since n lost", "A 2026-01-01 5 yes", "B 2026-02-01 5 no")
    with pytest.raises(BadInput, match="does not say when it was set"):
        populate({"data": table}, own, CUTOFF, 90)


def test_flags_in_later_rows_are_the_outcome() -> None:
    own = from_features("n:+", account="id", date="month")
    own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
    table = of(
        "t", "id month n lost",
        "A 2026-06 5 no", "A 2026-07 5 yes",
        "B 2026-05 7 no", "B 2026-06 8 no", "B 2026-07 9 no",
        "C 2026-05 7 yes", "C 2026-06 1 yes",
        "D 2026-06 7 no",
        "E 2026-06 7 no", "E 2026-07 7 no", "E 2027-01 7 yes",
    )  # fmt: skip
    found = populate({"data": table}, own, CUTOFF, 90)
    assert dict(zip(found.accounts, found.churned, strict=True)) == {
        "A": True, "B": False, "E": False,
    }  # fmt: skip
    assert found.taken["f1"].values == (5.0, 8.0, 7.0)
    assert any("1 accounts were lost before" in note for note in found.notes)
    assert any("1 accounts have no row after" in note for note in found.notes)


def test_dates_that_can_be_read_in_two_ways_are_asked_about() -> None:
    own = from_features("n:+", account="id", date="day")
    own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
    table = of("t", "id day n lost", "A 03-04-2026 5 no", "A 05-07-2026 5 yes")
    with pytest.raises(BadInput, match="two ways"):
        populate({"data": table}, own, CUTOFF, 90)
    clear = of("t", "id day n lost", "A 03-04-2026 5 no", "A 25-07-2026 5 yes")
    assert populate({"data": clear}, own, CUTOFF, 90).churned == (True,)


def test_data_that_end_before_the_horizon_say_so() -> None:
    own = three_tables({"id": "uses", "table": "use", "take": "sum", "column": "n"})
    assert any("the data end on 2026-09-01" in n for n in people(own, horizon=365).notes)


def test_duplicates_by_row_and_by_id() -> None:
    table = of("t", "id n", "B 1", "A 2", "B 1", "A 3")
    rows, removed = without_duplicates(table, [])
    assert (len(rows), removed.exact, removed.conflicting) == (3, 1, 0)
    rows, removed = without_duplicates(table, ["ID"])
    assert rows.columns == {"id": ["A", "B"], "n": ["2", "1"]}
    assert (removed.exact, removed.conflicting) == (1, 1)
    assert removed.text == (
        "t.csv: removed 1 exact duplicate rows and 1 rows with an id seen before and other content"
    )


def cases(lost: int, kept: int, header: str = "score") -> tuple[Population, Mapping]:
    own = from_features(f"{header}:+,noise:+")
    own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
    flags = [i < lost for i in range(lost + kept)]
    columns = {
        header: [str(i if flag else 500 + i) for i, flag in enumerate(flags)],
        "noise": [str(i * 37 % 101) for i in range(lost + kept)],
        "lost": ["yes" if flag else "no" for flag in flags],
    }
    return populate({"data": Table("t.csv", columns)}, own, None, 90), own


@pytest.mark.parametrize(("lost", "kept"), [(29, 300), (300, 29), (0, 60)])
def test_few_losses_or_few_kept_accounts_are_refused(lost: int, kept: int) -> None:
    with pytest.raises(BadInput, match="fewer than 30 of either"):
        backtest(*cases(lost, kept), Settings(resamples=100))


def test_thirty_of_each_are_enough_but_not_for_fitting() -> None:
    assert backtest(*cases(30, 30), Settings(resamples=100)).ranking.n == 60
    with pytest.raises(BadInput, match="or leave out --fit"):
        backtest(*cases(30, 30), Settings(resamples=100, fit=True))


def test_a_measure_that_tells_everything_is_a_suspected_leak() -> None:
    found = backtest(*cases(40, 60), Settings(resamples=100))
    assert [bool(m.leak) for m in found.measures] == [True, False]
    assert any("suspected leak" in w and "AUC 1.000" in w for w in found.warnings())


def test_a_value_that_only_the_lost_have_is_a_suspected_leak() -> None:
    own = from_features("score:+")
    columns = {"score": ["5"] * 40 + [""] * 60, "lost": ["1"] * 40 + ["0"] * 60}
    own = own.model_copy(update={"outcome": own.outcome.model_copy(update={"column": "lost"})})
    found = populate({"data": Table("t.csv", columns)}, own, None, 90)
    measure, taken = own.measures[0], found.taken["f1"]
    told = alone(measure, taken, part(measure, taken), np.array(found.churned))
    assert told.leak == "whether it has a value at all tells the outcome"


def test_a_column_named_after_the_outcome_is_suspect() -> None:
    found = backtest(*cases(40, 60, "churn_reason_code"), Settings(resamples=100))
    assert "suspected leak" in found.warnings()[0]
