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
FILE = "personas/x/health_models/m.yaml"


def model_data() -> dict[str, Any]:
    return copy.deepcopy(dict(policy(MODEL).data))


def refusal(data: dict[str, Any]) -> str:
    with pytest.raises(BadPersona) as caught:
        load_model(PolicyFile(data, FILE), KNOWN)
    return str(caught.value)


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
        ([("red", 0, 60), ("yellow", 61, 80), ("green", 80, None)],
         "tiers: tiers leave a gap: nothing covers 60 to 61"),
        ([("red", 0, 65), ("yellow", 60, 80), ("green", 80, None)],
         "tiers: tiers red and yellow overlap"),
        ([("red", 5, 60), ("yellow", 60, 80), ("green", 80, None)],
         "tiers: tiers leave a gap: nothing covers 0 to 5"),
        ([("red", 0, 60), ("yellow", 60, 80), ("green", 80, 100)],
         "tiers: the last tier, green, must be open to 100"),
        ([("green", 0, 60), ("yellow", 60, 80), ("red", 80, None)],
         "tiers: tiers must rise from red"),
        ([("red", 0, 60), ("red", 60, None)], "tiers: a tier is listed twice"),
        ([("red", 0, None), ("green", 80, None)], "tiers: tier red has no upper edge"),
        ([("red", 0, 60), ("yellow", 60, 160), ("green", 160, None)],
         "tiers.1.below: Input should be less than or equal to 100"),
        ([("red", 0, 60), ("blue", 60, None)], "tiers.1.id: "),
        ([("red", 0, float("nan")), ("green", 60, None)], "tiers.0.below: "),
        ([], "tiers: List should have at least 1 item"),
    ],
    ids=["gap", "overlap", "gap-at-0", "closed", "order", "twice", "open", "beyond", "unknown",
         "nan", "none"],
)  # fmt: skip
def test_tiers_with_gaps_or_overlaps_are_refused(tiers: list[Any], message: str) -> None:
    data = model_data()
    data["tiers"] = [
        {"id": id, "from": low} | ({} if below is None else {"below": below})
        for id, low, below in tiers
    ]
    assert refusal(data).startswith(f"{FILE}: {message}")


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "30", None])
def test_bad_weights_are_refused(weight: Any) -> None:
    data = model_data()
    data["components"][1]["weight"] = weight
    assert refusal(data).startswith(f"{FILE}: components.1.weight: ")
    data = model_data()
    data["components"][2]["measures"][3]["weight"] = weight
    assert refusal(data).startswith(f"{FILE}: components.2.measures.3.weight: ")


def test_weights_that_sum_to_nothing_are_refused() -> None:
    data = model_data()
    for component in data["components"]:
        component["weight"] = 0
    assert refusal(data).startswith(f"{FILE}: components: the components all weigh nothing")
    data = model_data()
    for measure in data["components"][3]["measures"]:
        measure["weight"] = 0
    told = refusal(data)
    assert told.startswith(f"{FILE}: components.3.measures: the measures all weigh nothing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, ".colour: "),
        ({"values": ["usage.moon_phase"]}, ".values.0: unknown figure 'usage.moon_phase'"),
        ({"values": ["usage.active_ratio", "moon"]}, ".values.1: unknown figure 'moon'"),
        ({"values": []}, ".values: values is empty"),
        ({"curve": [[0, 0]]}, ".curve: a curve needs at least two points"),
        ({"curve": [[0, 0], [0, 100]]}, ".curve: a curve needs at least two points with rising"),
        ({"curve": [[0, 0], [100, 140]]}, ".curve: scores of a curve must lie between 0 and 100"),
        ({"curve": [[0, 100], [100, 0]]}, ".curve: the curve is not higher_is_better"),
        ({"curve": [[0, 0], [float("nan"), 100]]}, ".curve.1.0: "),
        ({"levels": {"a": 1}}, ": give either a curve or levels"),
        ({"direction": "levels"}, ": direction levels does not fit the scale"),
        ({"direction": "sideways"}, ".direction: "),
        ({"max_age_days": None}, ": dated_by and max_age_days go together"),
        ({"dated_by": "nobody.knows"}, ".dated_by: unknown figure 'nobody.knows'"),
        ({"dated_by": "sponsor.status"}, ".dated_by: 'sponsor.status' is a word"),
        ({"fades": {"by": "gone", "full_until": 1, "low_from": 2, "share": 0.5}},
         ".fades.by: unknown figure 'gone'"),
        ({"fades": {"by": "usage.age_days", "full_until": 2, "low_from": 2, "share": 0.5}},
         ".fades: low_from must be later"),
        ({"values": ["sponsor.status"]}, ".values.0: 'sponsor.status' is a word and needs levels"),
        ({"direction": "levels", "curve": [], "levels": {"a": 1}},
         ".values.0: 'usage.active_ratio' is a number"),
        ({"range": [100, 0]}, ".range: range must go from low to high"),
    ],
    ids=["key", "figure", "second-figure", "no-figure", "one-point", "not-rising", "beyond",
         "direction", "nan", "both", "no-levels", "no-direction", "no-date", "date", "word-date",
         "fade-figure", "fade-order", "word-on-curve", "number-on-levels", "range"],
)  # fmt: skip
def test_bad_measures_are_refused(change: dict[str, Any], message: str) -> None:
    data = model_data()
    data["components"][0]["measures"][0].update(change)
    assert refusal(data).startswith(f"{FILE}: components.0.measures.0{message}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"confidence": {"high": 0.5, "medium": 0.6}}, "confidence: medium is above high"),
        ({"coverage_floor": float("nan")}, "coverage_floor: "),
        ({"coverage_floor": 40}, "coverage_floor: "),
        ({"components": []}, "components: "),
        ({"version": ""}, "version: "),
        ({"version": 2}, "version: "),
        ({"id": "two words"}, "id: "),
    ],
    ids=["confidence", "nan", "percent", "empty", "no-version", "number", "id"],
)
def test_a_bad_model_is_refused_with_its_key(change: dict[str, Any], message: str) -> None:
    assert refusal(model_data() | change).startswith(f"{FILE}: {message}")


def test_a_name_that_stands_twice_is_refused() -> None:
    data = model_data()
    data["components"][0]["measures"][0]["id"] = "sponsor"
    assert refusal(data).startswith(f"{FILE}: components: sponsor is listed twice")
    data = model_data()
    data["components"][0]["id"] = "engagement"
    assert refusal(data).startswith(f"{FILE}: components: engagement is listed twice")


def test_a_rated_model_takes_no_figures() -> None:
    data = model_data() | {"input": "ratings"}
    key = "components.0.measures.0.values.0"
    assert refusal(data).startswith(f"{FILE}: {key}: a model of ratings takes no figures")


def test_a_rated_model_takes_no_words() -> None:
    data = copy.deepcopy(dict(policy("health_models/product-40-30-30").data))
    measure = data["components"][0]["measures"][1]
    del measure["curve"], measure["range"]
    measure |= {"direction": "levels", "levels": {"good": 100}}
    assert refusal(data).startswith(f"{FILE}: components.0.measures.1.levels: a rating is a number")


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
