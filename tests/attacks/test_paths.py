"""A: ids, names and links that try to lead out of the memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from memory import ACCOUNT, CANARY, FOREIGN, IID, Memory

from agent import run
from agent.errors import BadInput, CsmError

BAD_IDS = {
    "A01-parent": "../x",
    "A01-deeper": "../../etc/passwd",
    "A01-within": f"{IID}/../../outside",
    "A02-absolute": "/etc",
    "A02-absolute-file": "/tmp/outside.txt",
    "A03-empty": "",
    "A03-dot": ".",
    "A03-dots": "..",
    "A03-blank": " ",
    "A03-dot-slash": "./",
    "A03-trailing-slash": f"{IID}/",
    "A03-trailing-dot": f"{IID}/.",
    "A04-newline": "inst\nx",
    "A04-percent-nul": "inst%00x",
    "A05-percent": "..%2f..%2fx",
    "A05-percent-dots": "%2e%2e/x",
    "A05-twice": "..%252fx",
    "A05-overlong-utf8": "..\udcc0\udcafx",
    "A06-two-dot-leader": "‥/x",
    "A06-fullwidth": "．．／x",
    "A06-division-slash": "..∕x",
    "A06-cyrillic-i": "inst_20261117_lаrkspur",
    "A07-other-case": IID.upper(),
    "A07-decomposed": "inst_e\u0301",
    "A08-long": "a" * 300,
    "A08-longer": "a" * 70_000,
    "A09-help": "--help",
    "A09-flags": "-rf",
    "A09-substitution": "$(touch pwned)",
    "A09-semicolon": ";touch pwned",
    "A11-reserved": "_knowledge",
    "A11-reserved-deeper": "_knowledge/semantic",
}


@pytest.mark.parametrize("iid", BAD_IDS.values(), ids=BAD_IDS)
def test_an_id_that_names_no_instruction_folder_is_refused(memory: Memory, iid: str) -> None:
    before = memory.everything()
    outcome = memory.run(iid)
    assert outcome.code == 2 and outcome.out == ""
    assert outcome.err.count("\n") == 1 and len(outcome.err) < 400
    assert memory.everything() == before


@pytest.mark.parametrize("command", ["show", "status", "resume"], ids="A01-{}".format)
@pytest.mark.parametrize("iid", ["../x", "/etc", "", "_knowledge", "a" * 300], ids="{:.9}".format)
def test_every_command_checks_the_id(memory: Memory, command: str, iid: str) -> None:
    before = memory.everything()
    outcome = memory.csm(command, "--memory", str(memory.path), "--", iid)
    assert outcome.code == 2 and outcome.err.count("\n") == 1 and len(outcome.err) < 400
    assert memory.everything() == before


def test_a_memory_whose_path_is_no_text_can_be_used_A06(memory: Memory) -> None:
    odd = memory.base / os.fsdecode(b"caf\xe9 \xff")
    odd.mkdir()
    moved = Memory(odd)
    memory.path.rename(moved.path)
    command = [sys.executable, "-c", "from agent.cli import main; main()", *moved.command()]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0 and moved.plan_file.exists(), done.stderr


def test_an_id_with_a_nul_is_refused_from_python_too_A04(memory: Memory) -> None:
    with pytest.raises(BadInput, match="cannot be an instruction id"):
        run("inst\0x", memory=memory.path, model="playbook")


def test_a_nul_in_the_stored_id_is_refused_A04(memory: Memory) -> None:
    memory.instruction.write_text('instruction_id: "inst\\0x"\n')
    memory.refused("instruction.yaml:1", "NUL")


def test_the_folder_and_not_the_file_says_which_instruction_it_is_A10(memory: Memory) -> None:
    memory.ask(instruction_id="../evil")
    memory.refused("instruction.yaml: instruction_id", "../evil", IID)


@pytest.mark.parametrize(
    "account", ["../../../etc/passwd", f"{ACCOUNT}/../tamsin-ceramics"], ids=["A12-out", "A12-over"]
)
def test_an_account_is_a_key_and_never_a_path(memory: Memory, account: str) -> None:
    outcome = memory.ask(account=account).run()
    assert outcome.code == 4 and account in outcome.err and ACCOUNT in outcome.err
    assert not memory.plan_file.exists() and not memory.scores.exists()


def test_an_instruction_folder_that_leads_out_is_refused_A13(memory: Memory) -> None:
    away = memory.base / "away"
    memory.folder.rename(away)
    memory.folder.symlink_to(away)
    memory.refused(IID, "link")
    assert list(away.iterdir()) == [away / "instruction.yaml"]


def test_a_plan_that_is_a_link_is_not_written_through_A14(memory: Memory) -> None:
    memory.plan_file.parent.mkdir(parents=True)
    memory.plan_file.symlink_to(memory.canary)
    memory.refused("success_plan.yaml", "symbolic link")
    assert memory.canary.read_text() == CANARY


@pytest.mark.parametrize(
    "folder",
    [f"{IID}/outputs/final", f"{IID}/decisions", f"{IID}/episodic", "_communication/inbox",
     "_knowledge/episodic/accounts"],
    ids=["A15-outputs", "A15-decisions", "A15-journal", "A15-inbox", "A15-timeline"],
)  # fmt: skip
def test_a_linked_output_folder_stays_empty(memory: Memory, folder: str) -> None:
    away = memory.base / "away"
    away.mkdir()
    link = memory.path / folder
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(away)
    memory.refused(folder.rpartition("/")[2], "link")
    assert list(away.iterdir()) == []


def test_a_health_file_that_is_a_link_is_refused_A16(memory: Memory) -> None:
    memory.scores.symlink_to("customer_insights.yaml")
    memory.refused("customer_health_scores.yaml", "symbolic link")


@pytest.mark.parametrize("name", ["insights", "instruction"], ids=["A17-insights", "A17-order"])
def test_an_input_that_is_a_link_to_a_secret_is_refused(memory: Memory, name: str) -> None:
    secret = memory.base / "secret.yaml"
    secret.write_text("password: quince-marmalade\n")
    file: Path = getattr(memory, name)
    file.unlink()
    file.symlink_to(secret)
    assert "quince" not in memory.refused(file.name, "symbolic link")


@pytest.mark.parametrize("target", ["customer_insights.yaml", "nowhere"], ids=["A18-loop", "A18"])
def test_a_link_to_itself_or_to_nothing_is_refused(memory: Memory, target: str) -> None:
    memory.insights.unlink()
    memory.insights.symlink_to(target)
    memory.refused("customer_insights.yaml", "symbolic link")


@contextmanager
def swapping(memory: Memory, away: Path) -> Iterator[None]:
    """All the while, the output folder is now a folder, now a link that leads away."""
    final, aside = memory.plan_file.parent, memory.base / "aside"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            with suppress(OSError):
                final.rename(aside)
            with suppress(OSError):
                final.symlink_to(away)
            with suppress(OSError):
                final.unlink()
            with suppress(OSError):
                aside.rename(final)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_folder_swapped_for_a_link_in_mid_run_leads_nowhere_A19(memory: Memory) -> None:
    away = memory.base / "away"
    away.mkdir()
    memory.plan_file.parent.mkdir(parents=True)
    with swapping(memory, away):
        for _ in range(3):
            with suppress(CsmError):
                run(IID, memory=memory.path, model="playbook", as_of="2026-11-17", again=True)
    assert list(away.iterdir()) == []


def test_a_hard_link_is_replaced_by_name_and_its_other_name_keeps_its_text_A20(
    memory: Memory,
) -> None:
    other = memory.base / "other.yaml"
    other.write_text("accounts: {}\n")
    os.link(other, memory.scores)
    memory.planned()
    assert other.read_text() == "accounts: {}\n"


def test_a_hard_link_to_something_else_is_not_overwritten_A20(memory: Memory) -> None:
    os.link(memory.canary, memory.scores)
    memory.refused("customer_health_scores.yaml")
    assert memory.canary.read_text() == CANARY


@pytest.mark.parametrize(
    ("name", "given"),
    [
        pytest.param("read", {"path": "../outside.txt"}, id="A21-read-parent"),
        pytest.param("read", {"path": "/etc/passwd"}, id="A21-read-absolute"),
        pytest.param("read", {"path": "_knowledge/../../outside.txt"}, id="A21-read-within"),
        pytest.param("glob", {"pattern": "../**"}, id="A21-glob-parent"),
        pytest.param("glob", {"pattern": "/etc/*"}, id="A21-glob-absolute"),
        pytest.param("glob", {"pattern": "**/../*"}, id="A21-glob-within"),
        pytest.param("grep", {"pattern": "root", "path": "/etc"}, id="A21-grep-absolute"),
    ],
)
def test_tools_see_nothing_outside_the_memory(
    memory: Memory, name: str, given: dict[str, str]
) -> None:
    outcome = memory.tool(name, **given)
    shown = outcome.out + outcome.err
    assert CANARY.strip() not in shown and "root:" not in shown and "hostname" not in shown
    assert outcome.code == 2 or outcome.out.strip() in ("no files", "no hits")


def earlier_plan(memory: Memory, iid: str, account: str) -> str:
    memory.copy_instruction(iid, account=account)
    file = memory.path / iid / "outputs/final/success_plan.yaml"
    memory.write(file, {"account_id": account, "as_of": "2026-08-17", "remark": "apricot"})
    (memory.path / iid / "notes.yaml").write_text("secret: damson\n")
    return f"{iid}/outputs/final/success_plan.yaml"


def test_earlier_plans_of_this_account_are_readable_and_of_others_never_A22(
    memory: Memory,
) -> None:
    own = earlier_plan(memory, "inst_20260817_a", ACCOUNT)
    other = earlier_plan(memory, "inst_20260817_b", "tamsin-ceramics")
    assert "apricot" in memory.tool("read", path=own).out
    for path in (other, f"{IID}/../{other}", "inst_20260817_a/notes.yaml",
                 "inst_20260817_b/instruction.yaml"):  # fmt: skip
        outcome = memory.tool("read", path=path)
        assert outcome.code == 2 and outcome.out == "" and "damson" not in outcome.err
    assert other not in memory.tool("glob").out


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(f"{IID}/instruction.yaml", id="A23-instruction"),
        pytest.param("_knowledge/semantic/customer_insights.yaml", id="A23-insights"),
        pytest.param("_knowledge/semantic/pricing_policy.yaml", id="A23-pricing"),
        pytest.param("inst_other/outputs/final/success_plan.yaml", id="A23-other"),
        pytest.param(f"{IID}/outputs/final/../../instruction.yaml", id="A23-dots"),
        pytest.param(f"{IID}/outputs/final/success_plan.yaml/../x", id="A23-below"),
        pytest.param(f"{IID}/Instruction.YAML", id="A24-case"),
        pytest.param(f"{IID}/outputs/final/success_plan.yaml ", id="A24-blank"),
        pytest.param(f"{IID}/outputs/final/success_plan.yаml", id="A24-cyrillic"),
    ],
)
def test_only_the_two_owned_paths_can_be_written(memory: Memory, path: str) -> None:
    before = memory.everything()
    outcome = memory.tool("write", path=path, document={"x": 1})
    assert outcome.code == 2 and "not yours to write" in outcome.err
    assert memory.everything() == before


def test_a_listing_is_bounded_and_says_so_A25(memory: Memory) -> None:
    deep = memory.folder / "d"
    deep.mkdir()
    for n in range(3000):
        (deep / f"f{n:04}").touch()
    for _ in range(40):
        deep = deep / "x"
        deep.mkdir()
    outcome = memory.tool("glob", pattern="**/**/**/*")
    lines = outcome.out.splitlines()
    assert outcome.code == 0 and len(lines) < 400 and "cut" in lines[-1]


def test_nothing_of_another_customer_is_in_anything_that_a_run_writes_A22(memory: Memory) -> None:
    earlier_plan(memory, "inst_20260817_b", "tamsin-ceramics")
    memory.planned()
    written = memory.written()
    assert [word for word in FOREIGN if word in written] == []
