"""Groups of accounts: weighted by ARR, nothing added across currencies, every odd parent named."""

from __future__ import annotations

import copy
import json
import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.cli import app
from agent.success.health.family import MAX_DEPTH, FamilyFault, Member
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import load_model
from agent.success.health.roll_up import RollUp, roll_up
from tests.success.accounts import healthy, policy, problem, put, read

MODEL = load_model(policy("health_models/adoption-30-25-25-20"), KNOWN)


def member(
    id: str,
    parent: str = "",
    score: float | None = None,
    arr: float | None = None,
    currency: str = "EUR",
) -> Member:
    tier = "" if score is None else MODEL.tier_of(Fraction(score))
    return Member(id, id.upper(), parent, score, tier, arr, currency, MODEL)


def group(*members: Member, id: str = "top") -> RollUp:
    found, _ = roll_up(members, {m.id for m in members})
    return next(r for r in found if r.id == id)


def faults(*members: Member, known: set[str] = frozenset()) -> list[FamilyFault]:  # type: ignore[assignment]
    return list(roll_up(members, {m.id for m in members} | known)[1])


def test_by_hand_weighted_by_arr() -> None:
    found = group(
        member("top", "", 90, 500_000),
        member("a", "top", 80, 100_000),
        member("b", "top", 50, 300_000),
    )
    assert (found.score, found.tier) == (57.5, "red")  # (80 × 100 + 50 × 300) / 400
    assert (found.coverage, found.weights, found.worst) == (1.0, "arr", "b")
    assert [(b.id, b.share, b.points) for b in found.below] == [
        ("a", 0.25, 20.0),
        ("b", 0.75, 37.5),
    ]
    assert (found.own_score, found.own_tier) == (90, "green")  # beside it, and no part of it
    assert found.notes == ()


def test_an_account_without_a_score_leaves_the_mean_and_lowers_the_coverage() -> None:
    found = group(
        member("top"),
        member("a", "top", 80, 100),
        member("b", "top", None, 25),
        member("c", "top", 60, 75),
    )
    assert found.score == round((80 * 100 + 60 * 75) / 175, 2)
    assert found.coverage == 0.875
    assert found.notes == ("without a score, which lowers the coverage: b",)
    assert [(b.id, b.points is None, b.note) for b in found.below][1] == ("b", True, "no score")


def test_under_the_floor_of_the_parents_model_there_is_no_score() -> None:
    found = group(member("top"), member("a", "top", 80, 39), member("b", "top", None, 61))
    assert (found.score, found.tier, found.coverage) == (None, "", 0.39)
    assert "no score: 39% of the ARR below has one, 40% is needed" in found.notes
    found = group(member("top"), member("a", "top", 80, 40), member("b", "top", None, 60))
    assert found.score == 80


def test_an_account_without_arr_is_stated_and_weighs_nothing() -> None:
    found = group(
        member("top"),
        member("a", "top", 80, 100),
        member("b", "top", 10, None),
        member("c", "top", 20, 0),
    )
    assert found.score == 80
    assert found.notes == ("without an ARR and so without weight: b, c",)
    assert found.worst == "b"  # named all the same
    assert [b.note for b in found.below] == ["", "no ARR", "no ARR"]


def test_equal_weights_only_when_none_has_an_arr() -> None:
    found = group(member("top", arr=9), member("a", "top", 80), member("b", "top", 41))
    assert (found.score, found.weights, found.by_currency) == (60.5, "equal", ())
    assert found.notes == ("no account below has an ARR: each counts the same",)


def test_arr_in_several_currencies_is_never_added() -> None:
    found = group(
        member("top"),
        member("a", "top", 80, 100, "EUR"),
        member("b", "top", 40, 300, "EUR"),
        member("c", "top", 90, 1_000_000, "JPY"),
        member("d", "top", 10, 5, ""),
    )
    assert (found.score, found.tier, found.coverage) == (None, "", None)
    assert [(p.currency, p.arr, p.score, p.accounts) for p in found.by_currency] == [
        ("", 5, 10, 1), ("EUR", 400, 50, 2), ("JPY", 1_000_000, 90, 1)
    ]  # fmt: skip
    assert "(no currency, EUR, JPY) is not added" in found.notes[-1]
    assert found.worst == "d"
    assert {b.points for b in found.below} == {None}


def test_nothing_below_has_a_score() -> None:
    found = group(member("top", "", 70), member("a", "top", None, 10))
    assert (found.score, found.coverage, found.worst) == (None, 0.0, "")


def test_children_of_children_count_once_each() -> None:
    tree = (
        member("top"),
        member("mid", "top", 60, 100),
        member("leaf", "mid", 90, 100),
        member("other", "top", 30, 100),
    )
    found = group(*tree)
    assert found.score == 60
    assert [(b.id, b.depth) for b in found.below] == [("mid", 1), ("leaf", 2), ("other", 1)]
    assert group(*tree, id="mid").score == 90


def test_the_tier_is_decided_on_the_unrounded_mean() -> None:
    found = group(member("top"), member("a", "top", 79.998, 1), member("b", "top", 80, 1))
    assert (found.score, found.tier) == (80.0, "yellow")


@pytest.mark.parametrize(
    ("members", "kind", "told"),
    [
        ([member("a", "a")], "own_parent", "a is named as its own parent"),
        ([member("a", "zz")], "unknown_parent", "the parent of a is no account here: 'zz'"),
        ([member("a", "b"), member("b", "a")], "cycle", "a circle of parents: a → b → a;"),
        ([member("b", "c"), member("c", "a"), member("a", "b")], "cycle", "a → b → c → a;"),
    ],
    ids=["self", "unknown", "two", "three"],
)
def test_parents_that_cannot_be_followed(members: list[Member], kind: str, told: str) -> None:
    (found,) = faults(*members)
    assert found.kind == kind and told in found.message
    assert roll_up(members, {m.id for m in members})[0] == ()


def test_a_parent_that_could_not_be_read_is_not_called_unknown() -> None:
    (found,) = faults(member("a", "top"), known={"top"})
    assert (found.kind, found.message) == (
        "unread_parent", "the parent of a, top, could not be read"
    )  # fmt: skip


def test_a_customer_who_left_counts_no_more_and_is_no_parent(tmp_path: Path) -> None:
    lost = account("Lost", "holding", 900)
    put(lost, "contract.renewal_date", "2026-09-30")
    put(lost, "contract.ended_on", "2026-09-30")
    where = write(
        tmp_path,
        {"holding": account("Group"), "kept": account("Kept", "holding", 100), "lost": lost,
         "orphan": account("Orphan", "lost")},
    )  # fmt: skip
    told = "the parent of orphan, lost, is a former customer"
    for words in (["--roll-up"], ["holding", "--explain"]):
        shown = csm(*words, *where)
        assert "by ARR (EUR 100), 100% scored, accounts below: 1" in shown.stdout, words
        assert told in shown.stderr


def test_what_hangs_on_a_circle_is_still_counted_below_its_parent() -> None:
    members = (member("a", "b", 50), member("b", "a", 60), member("leaf", "a", 70, 10))
    assert [r.id for r in roll_up(members, {"a", "b", "leaf"})[0]] == ["a"]
    assert group(*members, id="a").score == 70


def test_a_very_deep_family_is_cut_and_said() -> None:
    chain = [member("n0000")]
    chain += [member(f"n{n:04}", f"n{n - 1:04}", 50, 1) for n in range(1, 1500)]
    found = group(*chain, id="n0000")
    assert len(found.below) == MAX_DEPTH
    assert f"accounts more than {MAX_DEPTH} levels below are left out" in found.notes


IDS = "abcdefgh"
PEOPLE = st.lists(
    st.builds(
        member,
        id=st.sampled_from(IDS),
        parent=st.sampled_from(["", "", "zz", *IDS]),
        score=st.none() | st.floats(0, 100).map(lambda x: round(x, 6)),
        arr=st.none() | st.integers(0, 10**6),
        currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    ),
    unique_by=lambda m: m.id,
    max_size=8,
)


@settings(deadline=None)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_whatever_the_family(members: list[Member], rng: random.Random) -> None:
    known = {m.id for m in members}
    found, wrong = roll_up(members, known)
    shuffled = members[:]
    rng.shuffle(shuffled)
    assert roll_up(shuffled, known) == (found, wrong)  # order does not matter
    for group in found:
        ids = [b.id for b in group.below]
        assert group.id not in ids and len(set(ids)) == len(ids)
        if group.score is None:
            assert all(b.points is None for b in group.below) and group.tier == ""
            continue
        points = [Decimal(repr(b.points)) for b in group.below if b.points is not None]
        assert sum(points, Decimal(0)) == Decimal(repr(group.score))
        scores = [b.score for b in group.below if b.points is not None and b.score is not None]
        assert min(scores) - 0.01 <= group.score <= max(scores) + 0.01
        assert group.coverage is not None and 0.4 <= group.coverage <= 1
    followed = {b.id for group in found for b in group.below}
    named = " ".join(f.message for f in wrong)
    for m in members:
        assert not m.parent or m.id in followed or m.id in named


# ---- on files, as a person sees it ------------------------------------------------------------


def write(tmp_path: Path, accounts: dict[str, Any]) -> list[str]:
    folder = tmp_path / "Agent_Memory/_knowledge/semantic"
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"schema": "customer_insights/1", "accounts": accounts}, sort_keys=False)
    (folder / "customer_insights.yaml").write_text(text, "utf-8")
    return ["--memory", str(tmp_path / "Agent_Memory"), "--as-of", "2026-11-17"]


def account(name: str, parent: Any = None, arr: float | None = 100, **more: Any) -> dict[str, Any]:
    share = put(healthy(), "name", name) | more
    put(share, "contract.arr", arr)
    return share if parent is None else share | {"parent": parent}


def csm(*words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["health", *words], env={"COLUMNS": "140"})
    assert result.exit_code == code, result.output
    return result


def test_explaining_a_parent_shows_the_group_and_a_child_does_not(tmp_path: Path) -> None:
    poor = {"usage": copy.deepcopy(healthy()["usage"])}
    for row in poor["usage"]["monthly"]:
        row["active_users"] = 12
    where = write(
        tmp_path,
        {"north": account("Nordhaus North", "holding", 300, **poor),
         "holding": account("Nordhaus Group"),
         "south": account("Nordhaus South", "holding", 100),
         "stranger": account("Stranger")},
    )  # fmt: skip
    shown = csm("holding", "--explain", *where).stdout
    assert "Nordhaus Group  roll-up" in shown and "by ARR (EUR 400), 100% scored" in shown
    assert "worst: Nordhaus North (north)" in shown
    assert "Stranger" not in shown
    assert "roll-up" not in csm("north", "--explain", *where).stdout
    (report,) = json.loads(csm("holding", "--json", *where).stdout)
    scores = {b["id"]: b["score"] for b in report["roll_up"]["below"]}
    assert report["roll_up"]["score"] == pytest.approx(
        (3 * scores["north"] + scores["south"]) / 4, abs=0.011
    )
    assert json.loads(csm("north", "--json", *where).stdout)[0]["roll_up"] is None


def test_all_groups_in_three_forms(tmp_path: Path) -> None:
    where = write(
        tmp_path,
        {"holding": account("Group", arr=None), "a": account("A", "holding"),
         "b": {"name": "B", "parent": "holding", "contract": {"arr": 100, "currency": "EUR"}},
         "c": account("C", "holding", currency="EUR")},
    )  # fmt: skip
    text = csm("--roll-up", *where).stdout
    assert "without a score, which lowers the coverage: b" in text
    found = json.loads(csm("--roll-up", "--json", *where).stdout)
    assert [r["id"] for r in found["roll_ups"]] == ["holding"]
    assert (found["roll_ups"][0]["coverage"], found["faults"]) == (0.667, [])
    rows = csm("--roll-up", "--csv", *where).stdout.splitlines()
    assert rows[0].startswith("group,account,name,score") and len(rows) == 4


def test_faults_are_told_apart_from_what_is_printed(tmp_path: Path) -> None:
    where = write(
        tmp_path,
        {"a": account("A", "a"), "b": account("B", "gone\x1b[31m"), "c": account("C", "d"),
         "d": account("D", "c"), "e": account("E", ["a"])},
    )  # fmt: skip
    result = csm("--roll-up", *where)
    assert "no account has others below it" in result.stdout
    assert "a is named as its own parent" in result.stderr
    assert "the parent of b is no account here: 'gone" in result.stderr
    assert "\x1b" not in result.stderr
    assert "c → d → c" in result.stderr
    assert [f["kind"] for f in json.loads(csm("--roll-up", "--json", *where).stdout)["faults"]] == [
        "own_parent", "unknown_parent", "cycle"
    ]  # fmt: skip


def test_a_faulty_account_of_the_family_does_not_hide_the_others(tmp_path: Path) -> None:
    where = write(
        tmp_path,
        {"holding": account("Group"), "a": account("A", "holding"), "b": ["parent", "holding"]},
    )
    shown = csm("holding", "--explain", *where)
    assert "accounts below: 1" in shown.stdout


@pytest.mark.parametrize("parent", [["a"], {"id": "a"}, True, 1.5, "x" * 200])
def test_a_parent_that_is_no_id_is_named_and_not_used(parent: Any) -> None:
    found, _ = read(healthy() | {"parent": parent})
    assert found.parent == ""
    assert problem(found, "parent").endswith("is not an account id; not used")


def test_the_parent_is_no_fact_of_the_account() -> None:
    found, facts = read(healthy() | {"parent": "holding"})
    assert found.parent == "holding"
    assert not [f.id for f in facts if f.value == "holding"]


def test_a_red_group_has_the_exit_code_of_red(tmp_path: Path) -> None:
    poor = account("Poor", "holding")
    for path, value in (
        ("usage.monthly.2.active_users", 6), ("usage.monthly.2.logins", 12),
        ("usage.monthly.2.api_calls", 9), ("engagement.outreach.replied", 0),
        ("engagement.qbr.attended_by_customer", 0), ("engagement.training.attended", 1),
        ("relationship.executive_sponsor.status", "left"), ("relationship.renewal_confidence", 5),
        ("value.integrations.live", 0), ("value.workflows.optimised", 0),
    ):  # fmt: skip
        put(poor, path, value)
    where = write(tmp_path, {"holding": account("Group"), "poor": poor})
    csm("--roll-up", "--fail-on", "red", *where, code=6)
    csm("holding", "--fail-on", "red", *where)
