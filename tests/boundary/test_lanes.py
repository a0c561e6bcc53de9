"""The boundary policy file: what CS-ops people may write, and what a mistake in it says."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.boundary.lanes import Lanes
from agent.boundary.phrases import BadPhrase, compile_phrases
from agent.boundary.triage import decide
from agent.errors import BadPersona
from agent.memory import strict_yaml

SHIPPED = Path(__file__).parents[2] / "personas/customer-success-manager/boundaries.yaml"
DATA = strict_yaml.load(SHIPPED.read_bytes(), where=SHIPPED.name)


@dataclass(frozen=True)
class Policy:
    data: dict[str, Any]
    source: str = "boundaries.yaml"


def small() -> dict[str, Any]:
    return {
        "schema": "boundaries/1",
        "own_role": "customer-success-manager",
        "targets": {"customer-support-rep": "support"},
        "languages": {"en": {"function_words": ["the"], "words": {}}},
        "rules": [
            {
                "id": "access",
                "lane": "support",
                "target": "customer-support-rep",
                "why": "one person's access is front-line support",
                "verbs": ["reset"],
                "objects": ["password*"],
            }
        ],
        "injection": {},
        "layout": {},
    }


def test_the_shipped_policy_loads_with_nine_languages_and_the_known_roles() -> None:
    lanes = Lanes.load(Policy(DATA))
    assert set(lanes.languages) == {"en", "de", "fr", "es", "pt", "it", "nl", "ja", "sv"}
    assert lanes.targets["support-trainer"] == "support"
    assert lanes.targets["vp-customer-support"] == "in_lane"


def test_a_new_word_in_the_file_is_enough_to_decide_a_new_request() -> None:
    request = "Defenestrate the password of Mr Holt."
    assert decide(request, None, Lanes.load(Policy(small()))).label == "unsure"
    taught = small()
    taught["rules"][0]["verbs"].append("defenestrate")
    assert decide(request, None, Lanes.load(Policy(taught))).label == "support"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda d: d.pop("rules"), "rules"),
        (lambda d: d.update(schema="boundaries/9"), "schema"),
        (lambda d: d.update(colour="red"), "colour"),
        (lambda d: d["targets"].update({"a-role": "marketing"}), "targets.a-role"),
        (lambda d: d["rules"][0].update(lane="marketing"), "rules[access].lane"),
        (lambda d: d["rules"][0].update(target="nobody"), "rules[access].target"),
        (lambda d: d["rules"][0].update(verb=["x"]), "rules[access].verb"),
        (lambda d: d["rules"][0].update(verbs="reset"), "rules[access].verbs"),
        (lambda d: d["rules"][0].update(verbs=[]), "rules[access]"),
        (lambda d: d["rules"][0].update(verbs=[False]), "rules[access].verbs[0]"),
        (lambda d: d["rules"][0].update(verbs=["(a+)+$"]), "rules[access].verbs[0]"),
        (lambda d: d["rules"][0].update(where=["moods"]), "rules[access].where[0]"),
        (lambda d: d["rules"][0].update(lang="tlh"), "rules[access].lang"),
        (lambda d: d["rules"].append(copy.deepcopy(d["rules"][0])), "rules[1].id"),
        (lambda d: d["languages"]["en"].update(spaced="yes"), "languages.en.spaced"),
        (lambda d: d["languages"]["en"]["words"].update(topics=["*"]), "languages.en.words.topics"),
    ],
)
def test_a_mistake_is_reported_with_file_and_key(change: Any, key: str) -> None:
    data = small()
    change(data)
    with pytest.raises(BadPersona) as caught:
        Lanes.load(Policy(data))
    assert caught.value.where.startswith(f"boundaries.yaml: {key}")


def test_phrases_know_inflections_gaps_and_optional_words() -> None:
    pattern = compile_phrases(["reset (the) password*", "let .. back in"], head=True, form="any")
    assert pattern is not None
    assert pattern.match(" resetting the passwords ")
    assert pattern.match(" reset password ")
    assert pattern.match(" let the receptionist back in ")
    assert not pattern.match(" please reset the password ")


def test_a_rule_may_want_a_word_group_elsewhere_in_the_text() -> None:
    data = small()
    data["languages"]["en"]["words"]["faults"] = ["broken"]
    mend = {"id": "mend", "verbs": ["sort it out"], "objects": [], "where": ["faults"]}
    data["rules"].append(data["rules"][0] | mend)
    lanes = Lanes.load(Policy(data))
    assert decide("The till is broken. Sort it out.", None, lanes).label == "support"
    assert decide("The tour is long. Sort it out.", None, lanes).label == "unsure"


def test_a_hash_stands_for_the_number_of_a_ticket() -> None:
    data = small()
    data["rules"][0]["objects"] = ["#"]
    lanes = Lanes.load(Policy(data))
    assert decide("Reset ZD-311 for the customer.", None, lanes).label == "support"
    assert decide("Reset the mood for the customer.", None, lanes).label == "unsure"


@pytest.mark.parametrize("phrase", ["", "  ", "*", "(maybe) ..", "a=b", "x|"])
def test_a_phrase_that_matches_everything_or_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        compile_phrases([phrase])
