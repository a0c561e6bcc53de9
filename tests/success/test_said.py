"""How well people's words are read: sentences with the signs a person would see in them.

`said.jsonl` (160) was written before the word lists were widened and then used to widen them, so
its level says that nothing got lost. `said2.jsonl` (60) was written afterwards and never used to
change a phrase: its level is the one to expect of words nobody has seen. Whoever widens a list
from a sentence of `said2` spends that sentence and owes a new one.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from signs import EXPANSION, SIGNALS, detect, expand, mail, note

from agent.success.signals.lexicon import BadPhrase, WordList, check, named

READ: set[str] = set(SIGNALS.data["read"]) | set(EXPANSION.data["read"])


def heard(text: str, voice: str = "mail") -> set[str]:
    """Ids of the signs and the expansion signs read in one sentence."""
    data = note(text) if voice == "note" else mail(text)
    return READ & (detect(data).keys() | {s.id for s in expand(data).signals})


@cache
def counts(name: str) -> tuple[int, int, int, int]:
    """Labelled signs found, labelled signs, negatives with a false alarm, negatives."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    found = labelled = false = negatives = 0
    for row in rows:
        expected = set(row["expect"])
        assert expected <= READ, row
        got = heard(row["text"], row["voice"])
        found += len(expected & got)
        labelled += len(expected)
        negatives += not expected
        false += bool(got) and not expected
    return found, labelled, false, negatives


@pytest.mark.parametrize(
    ("name", "size", "recall"),
    [("said.jsonl", 160, 0.97), ("said2.jsonl", 60, 0.48)],
)
def test_each_set_keeps_its_measured_level(name: str, size: int, recall: float) -> None:
    found, labelled, false, negatives = counts(name)
    assert negatives >= size / 3
    assert found / labelled >= recall
    assert false / negatives <= 0.05


def test_both_sets_together() -> None:
    both = [sum(pair) for pair in zip(counts("said.jsonl"), counts("said2.jsonl"), strict=True)]
    assert both[0] / both[1] >= 0.85
    assert both[2] / both[3] <= 0.05


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("competitor_evaluation", "We had a demo from Instrulog last week and the team liked it."),
        ("competitor_evaluation", "They are evaluating Brightline as a replacement."),
        ("competitor_evaluation", "IT has set up a trial of Brightline next to ours."),
        ("competitor_evaluation", "Our CFO wants to know what else is on the market."),
        ("merger", "The two companies will merge in spring and only one system will survive."),
        ("contact_departure_said", "My last day is Friday."),
        ("contact_departure_said", "Since Karen went, nobody here has taken over her role."),
        ("budget_cuts", "The budget for software has been frozen until June."),
        ("leadership_questions", "Management is asking whether we still need the tool."),
        ("new_department", "Two more departments would like to join in the new year."),
        ("feature_requests", "Is single sign-on part of the Enterprise plan?"),
    ],
)
def test_once_missed_and_now_heard(sign: str, text: str) -> None:
    assert sign in heard(text)


@pytest.mark.parametrize(
    "text",
    [
        "We will not be renewing unless this gets sorted.",
        "If the export still fails in March we will cancel our contract.",
        "Fix this, otherwise we will terminate the agreement.",
        "Wenn sich nichts ändert, kündigen wir den Vertrag.",
    ],
)
def test_a_notice_under_a_condition_is_a_threat(text: str) -> None:
    found = detect(mail(text))
    assert found["termination_threat"].severity == "high"
    assert "termination_notice" not in found


@pytest.mark.parametrize(
    "text",
    [
        "We will not be renewing.",
        "We will not be renewing, please tell me if you need a form.",
        "We hereby terminate the agreement as of 30 April.",
    ],
)
def test_a_notice_without_a_condition_stays_critical(text: str) -> None:
    found = detect(mail(text))
    assert found["termination_notice"].severity == "critical"
    assert "termination_threat" not in found


def test_people_and_days_are_no_products() -> None:
    assert "competitor_evaluation" not in heard("We had a quote from Joris last week.")
    assert "competitor_evaluation" not in heard("We had a demo from Monday to Friday.")
    assert "competitor_evaluation" in heard("We had a quote from Brightline last week.")


@pytest.mark.parametrize(
    "text",
    [
        "Back in 2021 we were looking at alternatives.",
        "We would have gone to another vendor.",
        "We never compared you with other vendors.",
    ],
)
def test_the_long_past_and_the_unreal_are_no_news(text: str) -> None:
    assert "competitor_evaluation" not in heard(text)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("trial of <name>", "a trial of Brightline", True),
        ("trial of <name>", "a trial of the new version", False),
        ("<number> seats", "twelve seats", True),
        ("<number> seats", "many seats", False),
        ("single_sign-on|sso included", "is Single Sign-On included", True),
        ("single_sign-on|sso included", "is a single price included", False),
        ("cut . budget", "cut the whole budget", True),
        ("cut . budget", "cut flowers for the table and the budget", False),
    ],
)
def test_what_a_phrase_can_say(phrase: str, text: str, found: bool) -> None:
    assert bool(WordList({"en": [phrase]}).spans(named(text))) is found


@pytest.mark.parametrize("phrase", ["_", "a .", ". a", "<thing> seats"])
def test_a_phrase_outside_the_language_is_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        check(phrase)


def test_a_phrase_with_its_own_not_is_not_silenced_by_it() -> None:
    assert "security_concern" in heard("Your hosting is not compliant with our policy.")
    assert "security_concern" not in heard("There is no security concern.")
