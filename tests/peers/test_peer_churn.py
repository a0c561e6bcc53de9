"""What open peers make of churn risk: one text per tier, scores that contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.peers.conftest import Book, row

Books = Callable[..., Book]


def note(text: str) -> list[dict[str, str]]:
    return [{"date": "2026-11-10", "author": "csm", "text": text}]


def plays(book: Book) -> dict[str, list[str]]:
    """Playbooks that the signals start, with the signals of each."""
    out: dict[str, list[str]] = {}
    for line in book.risk()["lines"]:
        if line["playbook"]:
            out.setdefault(line["playbook"], []).append(line["signal"])
    return out


def test_playbooks_follow_the_signals_and_not_the_tier(books: Books) -> None:
    gone = books(row(sponsor_status="left"))
    idle = books(row(active_users=12, logins=150))
    assert gone.risk()["level"] == idle.risk()["level"] == "high"
    assert plays(gone).keys() != plays(idle).keys()
    assert any("sponsor_left" in signals for signals in plays(gone).values())
    assert any("low_adoption" in signals for signals in plays(idle).values())


def test_every_signal_says_what_it_rests_on_and_what_clears_it(book: Book) -> None:
    book.take(row(sponsor_status="left", open_tickets=90, active_users=12))
    for line in book.risk()["lines"]:
        assert line["evidence"] and line["clears_when"]


def test_health_risk_and_growth_do_not_contradict_each_other(books: Books) -> None:
    """A peer calls one account yellow, critical, and worth three times its ARR."""
    sick = books(row(active_users=30, logins=200, features_used=3, sponsor_status="left",
                     nps_company=-40, outreach_replied=1, renewal_confidence=20))  # fmt: skip
    assert sick.health()["tier"] == "red"
    assert sick.risk()["level"] in ("high", "critical")
    assert sick.expansion()["gate"] != "open" and sick.expansion()["recommendation"] == ""
    (line,) = sick.renewals()["lines"]
    assert line["computed"] == "at_risk"


@pytest.mark.parametrize("mentions", [1, 3])
def test_a_green_account_with_a_grave_sign_is_not_called_safe(book: Book, mentions: int) -> None:
    text = "They are evaluating a competitor. " * mentions
    book.take(row(notes=note(text)), name="customers.json")
    assert book.health()["tier"] == "green"
    assert book.risk()["level"] in ("high", "critical", "medium")
    assert "competitor_evaluation" in book.signals()
    assert book.expansion()["gate"] != "open"


@pytest.mark.parametrize("left", [400, 181, 90, 31, 30, 0])
def test_a_healthy_account_gets_no_riskier_by_the_calendar(book: Book, left: int) -> None:
    """A peer multiplies all risk by 1.0 to 1.5 at fixed days before the end."""
    day = date(2026, 11, 17) + timedelta(days=left)
    book.take(row(renewal_date=day.isoformat()))
    assert book.signals() == {"no_goals": "medium", "single_threaded": "medium"}
    assert book.risk()["days_to_renewal"] == left


def test_a_near_end_is_a_sign_of_its_own_where_risk_is_open(books: Books) -> None:
    sick = {"sponsor_status": "left", "active_users": 12}
    far, near = (books(row(renewal_date=day, **sick)) for day in ("2027-11-30", "2026-12-20"))
    assert near.signals().keys() - far.signals().keys() == {"renewal_at_risk"}


def test_a_perfect_account_is_told_apart_from_an_unknown_one(book: Book) -> None:
    book.take(row(), {"id": "two"})
    levels = {r["account_id"]: r["level"] for r in book.json("risk")}
    assert levels == {"wren": "medium", "two": "unknown"}
    text = book("risk").stdout
    assert "unknown" in text


def test_a_score_that_is_always_green_proves_nothing(book: Book, tmp_path: Path) -> None:
    """A peer counts it a success when 80 % of green accounts renew; with 90 % retention a score
    that is always green reaches that."""
    pytest.importorskip("sklearn", reason="needs the extra `backtest`")
    lines = ["id,grade,churned", *(f"A{n:04},5,{'Yes' if n % 10 == 0 else 'No'}"
                                   for n in range(600))]  # fmt: skip
    path = tmp_path / "always.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = book.csm("backtest", path, "--outcome", "churned", "--features", "grade:+", "--key",
                    "id", "--bootstrap", "100")  # fmt: skip
    text = " ".join((said.stdout + said.stderr).split())
    assert said.exit_code == 0
    assert "NO EVIDENCE that this score tells who leaves: AUC 0.500" in text
    assert "chance: 0.100" in text and "lift 1.00" in text


def test_output_is_equal_for_equal_input(books: Books) -> None:
    one, other = books(row(sponsor_status="left")), books(row(sponsor_status="left"))
    asked: list[tuple[str, ...]] = [("health", "wren", "--explain"), ("risk", "wren"),
                                    ("expansion", "wren"), ("qbr", "wren")]  # fmt: skip
    for words in asked:
        assert one(*words).stdout == other(*words).stdout


def test_a_risk_list_is_ranked_and_red_accounts_are_at_its_head(book: Book) -> None:
    bad: dict[str, Any] = {"active_users": 5, "sponsor_status": "left", "nps_company": -70}
    book.take(row(), row(id="z", name="Zed", **bad), {"id": "a"})
    assert [r["account_id"] for r in book.json("risk")] == ["z", "wren", "a"]
