"""A wrong policy file is refused with file and key; a right one can be changed freely."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from accounts import AS_OF, healthy, put, read
from signs import EXPANSION, PLAYBOOKS, SIGNALS, graded, mail

from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.success.expansion import view as expansion
from agent.success.health.figures import figures
from agent.success.plays import start as plays
from agent.success.signals import detect as signals
from agent.success.signals.lexicon import BadPhrase, compiled, plain


def changed(policy: Any, path: str, value: Any) -> PolicyFile:
    return PolicyFile(put(copy.deepcopy(dict(policy.data)), path, value), policy.source)


def detect(policy: Any, data: Any) -> set[str]:
    account, facts = read(data)
    figures(account, facts, AS_OF)
    return {s.id for s in signals.detect(account, facts, policy, AS_OF)}


NEW_SIGN = {"family": "usage", "playbook": "xx", "clears_when": "x", "severity": "low"}


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("measured.low_adoption.below", {"low": 40, "high": 70}, "one way"),
        ("measured.low_adoption.at_least", {"low": 1}, "exactly one"),
        ("measured.low_adoption.below", {"severe": 1}, "measured.low_adoption.below"),
        ("measured.low_adoption.below", {"low": "70"}, "measured.low_adoption.below.low"),
        ("measured.no_such_sign", NEW_SIGN, "no_such_sign"),
        ("measured.nps_low.settings", {}, "max_age_days"),
        ("read.layoffs.severity", "huge", "read.layoffs.severity"),
        ("read.layoffs.words", {"xx": ["a"]}, "read.layoffs.words"),
        ("read.layoffs.words", {"en": ["(bad"]}, "read.layoffs.words.en"),
        ("read.layoffs.words", {"en": [".. gap"]}, "gap"),
        ("read.layoffs.colour", "red", "read.layoffs.colour"),
        ("text_max_age_days", "long", "text_max_age_days"),
    ],
)  # fmt: skip
def test_a_wrong_signs_file_is_refused_with_its_key(path: str, value: Any, names: str) -> None:
    with pytest.raises(BadPersona) as caught:
        detect(changed(SIGNALS, path, value), healthy())
    assert "signals.yaml" in str(caught.value)
    assert names in str(caught.value)


def test_a_sign_must_not_just_be_missing() -> None:
    data = copy.deepcopy(dict(SIGNALS.data))
    del data["measured"]["low_adoption"]
    with pytest.raises(BadPersona, match=r"low_adoption.*enabled: false"):
        detect(PolicyFile(data, SIGNALS.source), healthy())


def test_a_sign_can_be_switched_off_and_given_another_threshold() -> None:
    data = put(healthy(), "relationship.renewal_confidence", 50)
    assert "low_renewal_confidence" in detect(SIGNALS, data)
    off = changed(SIGNALS, "measured.low_renewal_confidence.enabled", False)
    assert "low_renewal_confidence" not in detect(off, data)
    lower = changed(SIGNALS, "measured.low_renewal_confidence.below", {"low": 30})
    assert "low_renewal_confidence" not in detect(lower, data)


def test_a_new_read_sign_needs_no_code() -> None:
    sign = {"family": "business", "severity": "high", "title": "Strike at the customer",
            "playbook": "merger",
            "clears_when": "work goes on", "words": {"en": ["strike|strikes"]}}  # fmt: skip
    assert "strike" in detect(changed(SIGNALS, "read.strike", sign), mail("There is a strike."))


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("plays.low_adoption.steps.0.owner", "somebody", "owner 'somebody'"),
        ("plays.low_adoption.steps.0.before_renewal", 30, "exactly one of day"),
        ("plays.low_adoption.steps.0.do", "Reset the password of the user", "not the work of"),
        ("plays.low_adoption.steps.0.do", "Negotiate the contract", "not the work of"),
        ("plays.low_adoption.starts_at", "soon", "plays.low_adoption.starts_at"),
        ("escalations.0.at", None, "any_of needs at|needs signs"),
        ("handoffs.0.type", "escalation", "handoffs.0.type"),
    ],
)
def test_a_wrong_playbooks_file_is_refused_with_its_key(path: str, value: Any, names: str) -> None:
    account, _ = read(healthy())
    with pytest.raises(BadPersona, match=names) as caught:
        plays.start((), account, changed(PLAYBOOKS, path, value), AS_OF)
    assert "playbooks.yaml" in str(caught.value)


def test_a_sign_with_a_playbook_that_is_not_there_is_an_error() -> None:
    account, facts = read(put(healthy(), "relationship.renewal_confidence", 50))
    policy = changed(SIGNALS, "measured.low_renewal_confidence.playbook", "no_such_play")
    found = signals.detect(account, facts, policy, AS_OF)
    with pytest.raises(BadPersona, match="no_such_play"):
        plays.start(found, account, PLAYBOOKS, AS_OF)


def test_every_sign_of_the_file_names_a_playbook_of_the_other() -> None:
    known = PLAYBOOKS.data["plays"].keys()
    for part in ("measured", "read"):
        for id, sign in SIGNALS.data[part].items():
            assert sign["playbook"] in known, id


def test_every_sign_named_by_a_rule_exists() -> None:
    known = SIGNALS.data["measured"].keys() | SIGNALS.data["read"].keys()
    for rule in PLAYBOOKS.data["escalations"]:
        assert set(rule.get("any_of", [])) | set(rule.get("and_any_of", [])) <= known
    for rule in PLAYBOOKS.data["handoffs"]:
        assert set(rule.get("signals", [])) <= known
    for play in PLAYBOOKS.data["plays"].values():
        for combination in play.get("combinations", []):
            assert {s for group in combination["groups"] for s in group} <= known
    assert set(EXPANSION.data["gate"]["signs"]) <= known


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("measured.high_adoption.points", -1, "measured.high_adoption.points"),
        (
            "measured.no_such",
            {"points": 1, "kind": "seats", "title": "x", "threshold": 1},
            "no_such",
        ),
        ("read.funding.kind", "money", "read.funding.kind"),
        ("gate.tiers", "green", "gate.tiers"),
    ],
)
def test_a_wrong_expansion_file_is_refused_with_its_key(path: str, value: Any, names: str) -> None:
    account, facts = read(healthy())
    with pytest.raises(BadPersona, match=names) as caught:
        expansion.view(account, facts, graded(), (), changed(EXPANSION, path, value), AS_OF)
    assert "expansion.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("phrase", "text", "matches"),
    [
        ("merger", "The merger is on", True),
        ("merger", "The mergers are on", False),
        ("restructur*", "Restructuring!", True),
        ("*abbau", "Der Stellenabbau kommt", True),
        ("tender|rfp", "an RFP came", True),
        ("price increase", "a price-increase", True),
        ("leave (the) company", "leave company", True),
        ("leave (the) company", "leave the company", True),
        ("looking .. vendor*", "looking, sadly, at other vendors", True),
        ("looking .. vendor*", "looking " + "very " * 9 + "at vendors", False),
        ("kundigen", "Wir KÜNDIGEN", True),
        ("bol", "Bøl", True),
    ],
)
def test_the_phrase_language(phrase: str, text: str, matches: bool) -> None:
    assert (compiled((phrase,)).search(plain(text)) is not None) is matches


@pytest.mark.parametrize(
    "phrase", ["", "  ", ".. x", "x ..", "*", "a||b", "(the) x", "x[yz]", "a|*"]
)
def test_phrases_without_meaning_are_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        compiled((phrase,))
