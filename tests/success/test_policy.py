"""Policy files are refused with file, key and fault; the shipped ones load."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from accounts import policy

from agent.errors import BadPersona
from agent.persona import PolicyFile
from agent.success.health.figure_book import KNOWN
from agent.success.health.model import load_model
from agent.success.policy import Cadence, Lifecycle, Renewal, Segments, load, need

MODEL = "health_models/adoption-30-25-25-20"


def model_data() -> dict[str, Any]:
    return copy.deepcopy(dict(policy(MODEL).data))


def refusal(data: dict[str, Any]) -> str:
    with pytest.raises(BadPersona) as caught:
        load_model(PolicyFile(data, "personas/x/health_models/m.yaml"), KNOWN)
    text = str(caught.value)
    assert text.startswith("personas/x/health_models/m.yaml")
    return text


def test_the_shipped_files_load() -> None:
    for name in (MODEL, "health_models/product-40-30-30"):
        assert [t.id for t in load_model(policy(name), KNOWN).tiers] == ["red", "yellow", "green"]
    load(Lifecycle, policy("lifecycle"))
    load(Renewal, policy("renewal"))
    load(Cadence, policy("cadence"))
    load(Segments, policy("segments"))


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ([("red", 0, 60), ("yellow", 61, 80), ("green", 80, None)], "gap: nothing covers 60 to 61"),
        ([("red", 0, 65), ("yellow", 60, 80), ("green", 80, None)], "red and yellow overlap"),
        ([("red", 5, 60), ("yellow", 60, 80), ("green", 80, None)], "gap: nothing covers 0 to 5"),
        ([("red", 0, 60), ("yellow", 60, 80), ("green", 80, 100)], "must be open to 100"),
        ([("green", 0, 60), ("yellow", 60, 80), ("red", 80, None)], "must rise from red"),
        ([("red", 0, 60), ("red", 60, None)], "listed twice"),
        ([("red", 0, None), ("green", 80, None)], "no upper edge"),
        ([("red", 0, 60), ("yellow", 60, 160), ("green", 160, None)], "less than or equal to 100"),
        ([], "at least 1 item"),
    ],
)
def test_tiers_with_gaps_or_overlaps_are_refused(tiers: list[Any], message: str) -> None:
    data = model_data()
    data["tiers"] = [
        {"id": id, "from": low} | ({} if below is None else {"below": below})
        for id, low, below in tiers
    ]
    assert message in refusal(data)


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "30", None])
def test_bad_weights_are_refused(weight: Any) -> None:
    data = model_data()
    data["components"][1]["weight"] = weight
    assert "components.1.weight" in refusal(data)


def test_weights_that_sum_to_nothing_are_refused() -> None:
    data = model_data()
    for component in data["components"]:
        component["weight"] = 0
    assert "all weigh nothing" in refusal(data)
    data = model_data()
    for measure in data["components"][0]["measures"]:
        measure["weight"] = 0
    assert "measures of product_adoption all weigh nothing" in refusal(data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "components.0.measures.0.colour"),
        ({"values": ["usage.moon_phase"]}, "unknown figure 'usage.moon_phase'"),
        ({"values": []}, "values is empty"),
        ({"curve": [[0, 0]]}, "at least two points"),
        ({"curve": [[0, 0], [0, 100]]}, "rising values"),
        ({"curve": [[0, 0], [100, 140]]}, "between 0 and 100"),
        ({"curve": [[0, 100], [100, 0]]}, "the curve is not higher_is_better"),
        ({"levels": {"a": 1}}, "either a curve or levels"),
        ({"direction": "sideways"}, "direction"),
        ({"max_age_days": None}, "go together"),
        ({"dated_by": "nobody.knows"}, "unknown figure 'nobody.knows'"),
        ({"id": "features"}, "features is listed twice"),
        ({"range": [100, 0]}, "low to high"),
    ],
)
def test_bad_measures_are_refused(change: dict[str, Any], message: str) -> None:
    data = model_data()
    data["components"][0]["measures"][0].update(change)
    assert message in refusal(data)


def test_a_rated_model_takes_no_figures() -> None:
    data = model_data() | {"input": "ratings"}
    assert "takes no figures" in refusal(data)


@pytest.mark.parametrize(
    ("kind", "name", "change", "message"),
    [
        (Lifecycle, "lifecycle", {"profile": "none"}, "profile 'none' is not among"),
        (Lifecycle, "lifecycle", {"stages": []}, "stages"),
        (Renewal, "renewal", {"by_tier": {}}, "by_tier lacks green, red, yellow"),
        (
            Renewal,
            "renewal",
            {"path": [{"days_before": 30, "what": "a"}, {"days_before": 60, "what": "b"}]},
            "from many days before",
        ),
        (Renewal, "renewal", {"due_within_days": "30"}, "due_within_days"),
        (
            Cadence,
            "cadence",
            {"phases": {"x": [{"kind": "call", "title": "Call"}]}},
            "exactly one of",
        ),
        (
            Segments,
            "segments",
            {
                "segments": [
                    {
                        "id": "smb",
                        "label": "S",
                        "engagement": "e",
                        "accounts_per_csm": [1, 2],
                        "arr_from": 5,
                    }
                ]
            },
            "must start at 0",
        ),
    ],
)
def test_other_files_are_refused_with_key(
    kind: type[Any], name: str, change: dict[str, Any], message: str
) -> None:
    data = dict(policy(name).data) | change
    with pytest.raises(BadPersona) as caught:
        load(kind, PolicyFile(data, f"personas/x/{name}.yaml"))
    assert f"personas/x/{name}.yaml" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadPersona, match=r"no policy file renewal\.yaml"):
        need({}, "renewal")
