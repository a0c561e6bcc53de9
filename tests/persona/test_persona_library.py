"""Folders, policies and local overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadPersona
from agent.persona import load_folder, load_library

ROSTER = """\
roles:
  - {id: account-manager, title: AM, domain: sales, lane: sales, remit: prices, accepts: [handoff]}
aliases: {am: account-manager}
"""


def card(name: str, more: str = "") -> str:
    return f"---\nname: {name}\ndescription: d\ntools: Read\n---\n# {name}\n{more}"


def put(root: Path, files: dict[str, str]) -> Path:
    for relative, text in files.items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return put(
        tmp_path / "personas",
        {
            "roster.yaml": ROSTER,
            "LIBRARY.md": "# index",
            "keeper/persona.md": card("keeper"),
            "keeper/signals.yaml": "silence: {days: 30}\n",
            "keeper/health_models/raw.yaml": "weights: {a: 100}\n",
            "other/persona.md": card("other"),
        },
    )


def test_policies_are_loaded_with_their_source(shipped: Path) -> None:
    keeper = load_library(shipped).load("keeper")
    assert keeper.origin == "shipped"
    assert keeper.notices == ()
    assert set(keeper.policies) == {"signals", "health_models/raw"}
    assert keeper.policy("signals").data == {"silence": {"days": 30}}
    assert keeper.policy("signals").source == "personas/keeper/signals.yaml"
    with pytest.raises(BadPersona, match=r"no policy 'lanes' \(has: health_models/raw, signals\)"):
        keeper.policy("lanes")


def test_an_unknown_class_fails_loudly_with_what_exists(shipped: Path) -> None:
    with pytest.raises(BadPersona) as caught:
        load_library(shipped).load("keeperr")
    assert "there is no persona 'keeperr'. Did you mean 'keeper'?" in str(caught.value)
    assert "choose one of: keeper, other" in str(caught.value)


def test_one_overridden_policy_is_visible(shipped: Path, tmp_path: Path) -> None:
    before = load_library(shipped).load("keeper")
    local = put(tmp_path / "personas.local", {"keeper/signals.yaml": "silence: {days: 14}\n"})
    keeper = load_library(shipped, local).load("keeper")
    assert keeper.origin == "overridden"
    assert keeper.policy("signals").data == {"silence": {"days": 14}}
    assert keeper.policy("signals").source == "personas.local/keeper/signals.yaml"
    assert keeper.policy("health_models/raw").source == "personas/keeper/health_models/raw.yaml"
    assert keeper.notices == ("signals.yaml is overridden by personas.local/keeper/signals.yaml",)
    assert keeper.hash != before.hash
    assert load_library(shipped, local).load("other").origin == "shipped"


def test_an_overridden_card_keeps_the_shipped_policies(shipped: Path, tmp_path: Path) -> None:
    local = put(tmp_path / "mine", {"keeper/persona.md": card("keeper", "Ours.\n")})
    keeper = load_library(shipped, local).load("keeper")
    assert keeper.origin == "overridden"
    assert "Ours." in keeper.body and keeper.source == "mine/keeper/persona.md"
    assert "signals" in keeper.policies


def test_an_added_policy_is_announced(shipped: Path, tmp_path: Path) -> None:
    local = put(tmp_path / "mine", {"keeper/extra.yaml": "a: 1\n"})
    keeper = load_library(shipped, local).load("keeper")
    assert keeper.notices == ("extra.yaml is added by mine/keeper/extra.yaml",)


def test_a_custom_persona_exists_only_locally(shipped: Path, tmp_path: Path) -> None:
    local = put(tmp_path / "mine", {"mender/persona.md": card("mender")})
    library = load_library(shipped, local)
    assert library.names == ("keeper", "mender", "other")
    assert library.load("mender").origin == "custom"


def test_an_override_folder_of_the_same_name_stays_apart(shipped: Path, tmp_path: Path) -> None:
    local = put(tmp_path / "acme" / "personas", {"keeper/signals.yaml": "a: 1\n"})
    keeper = load_library(shipped, local).load("keeper")
    assert keeper.policy("signals").source == "acme/personas/keeper/signals.yaml"


def test_a_local_roster_wins_visibly(shipped: Path, tmp_path: Path) -> None:
    local = put(tmp_path / "mine", {"roster.yaml": ROSTER.replace("prices", "terms")})
    library = load_library(shipped, local)
    assert library.roster.resolve("am").remit == "terms"
    assert library.notices == ("roster.yaml is overridden by mine/roster.yaml",)


def test_hash_covers_policies_and_not_the_place(shipped: Path, tmp_path: Path) -> None:
    moved = put(tmp_path / "else" / "personas", {"roster.yaml": ROSTER})
    for source in sorted((shipped / "keeper").rglob("*.*")):
        put(moved, {source.relative_to(shipped).as_posix(): source.read_text("utf-8")})
    first = load_library(shipped).load("keeper").hash
    assert load_library(moved).load("keeper").hash == first
    put(moved, {"keeper/signals.yaml": "silence: {days: 31}\n"})
    assert load_library(moved).load("keeper").hash != first


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ({"keeper/signals.yaml": "- a\n"}, "keeper", "signals.yaml: a policy file must be"),
        ({"keeper/signals.yaml": "a: 1\na: 2\n"}, "keeper", "signals.yaml:2: "),
        (
            {"keeper/persona.md": card("keepr")},
            "keeper",
            "is called 'keepr' but lies in the folder",
        ),
        ({"empty/notes.txt": "x"}, "empty", "has no persona.md"),
        ({f"keeper/p{i}.yaml": "a: 1\n" for i in range(201)}, "keeper", "more than 200 files"),
    ],
)
def test_what_a_folder_may_not_hold(
    shipped: Path, files: dict[str, str], name: str, message: str
) -> None:
    put(shipped, files)
    with pytest.raises(BadPersona) as caught:
        load_library(shipped).load(name)
    assert message in str(caught.value)


def test_yml_is_pointed_out_and_hidden_files_are_not(shipped: Path) -> None:
    put(shipped, {"keeper/cadence.yml": "a: 1\n", "keeper/.signals.yaml.swp": "x"})
    keeper = load_library(shipped).load("keeper")
    assert keeper.notices == ("cadence.yml is ignored: policy files end in .yaml",)


def test_a_library_needs_its_folders_and_a_roster(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(BadPersona, match="is not a folder of personas"):
        load_library(shipped, tmp_path / "absent")
    (shipped / "roster.yaml").unlink()
    with pytest.raises(BadPersona, match="there is no roster of hand-off targets"):
        load_library(shipped)


def test_a_folder_alone_can_be_checked(shipped: Path) -> None:
    keeper = load_folder(shipped / "keeper")
    assert keeper.origin == "custom"
    assert "signals" in keeper.policies
