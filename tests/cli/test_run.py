"""`csm run` and `csm resume`: what they say and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import OFFLINE, PLAN, TICKET, Csm, files, instruct


def test_a_run_says_what_it_wrote_and_sent(memory: Path, csm: Csm) -> None:
    said = csm("run", PLAN, *OFFLINE)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0].startswith(f"completed: success plan plan_{PLAN}_r1 for Tarnholt Rail Services")
    written = [line.split("wrote  ")[1] for line in lines if line.startswith("  wrote  ")]
    assert written == [
        f"{memory}/{PLAN}/outputs/final/success_plan.yaml",
        f"{memory}/_knowledge/semantic/customer_health_scores.yaml",
    ]
    sent = [line.strip() for line in lines if "/_communication/inbox/" in line]
    assert sent and all(Path(path).is_file() for path in [*written, *sent])


def test_nobody_watches_so_only_the_result_is_printed(memory: Path, csm: Csm) -> None:
    said = csm("run", PLAN, *OFFLINE)
    kinds = {line.split()[0] for line in said.stdout.splitlines()[1:]}
    assert kinds <= {"wrote", "sent", "look", f"{memory}"} | {
        line.strip() for line in said.stdout.splitlines() if "/inbox/" in line
    }
    assert said.stderr == ""
    assert "\x1b" not in said.stdout + said.stderr


def test_json_is_one_document_with_receipts(memory: Path, csm: Csm) -> None:
    said = csm("run", PLAN, *OFFLINE, "--json")
    assert said.exit_code == said.json["exit_code"] == 0
    assert said.stderr == ""
    assert said.json["status"] == "completed" and said.json["account_id"] == "tarnholt-rail"
    assert [len(output["sha256"]) for output in said.json["outputs"]] == [64, 64]
    assert set(said.json["usage"]) == {"input", "output", "cache_read", "cache_write"}
    assert {sent["to"] for sent in said.json["handoffs"]} >= {"account-manager"}
    assert said.json["model"] == "playbook" and said.json["cost_usd"] == "0"
    assert len(said.json["persona_hash"]) == 64


def test_running_it_again_does_nothing_and_says_so(finished: Path, csm: Csm) -> None:
    before = files(finished)
    said = csm("run", PLAN, *OFFLINE)
    assert said.exit_code == 0
    assert "already done by an earlier run; --again makes a new revision" in said.stdout
    assert files(finished) == before


def test_again_makes_a_revision_and_keeps_the_old_one(finished: Path, csm: Csm) -> None:
    plan = finished / PLAN / "outputs/final/success_plan.yaml"
    first = plan.read_bytes()
    assert csm("run", PLAN, *OFFLINE, "--again").exit_code == 0
    assert f"plan_{PLAN}_r2" in csm("show", PLAN).stdout
    assert (finished / PLAN / "outputs/revisions/success_plan.r1.yaml").read_bytes() == first


def test_foreign_work_is_redirected_with_exit_3_and_no_plan(memory: Path, csm: Csm) -> None:
    said = csm("run", TICKET, *OFFLINE)
    assert said.exit_code == 3
    told = said.stdout + said.stderr
    assert "redirected to " in told and "customer-support-rep" in told
    assert "not done here:" in said.stdout
    assert not (memory / TICKET / "outputs").exists()
    assert csm("run", TICKET, *OFFLINE, "--json").json["already"]


def test_an_account_that_cannot_be_told_is_exit_4_with_candidates(memory: Path, csm: Csm) -> None:
    iid = instruct(memory, "inst_x", "Write the success plan, please.")
    said = csm("run", iid, *OFFLINE)
    assert said.exit_code == 4
    assert "candidate: osterby-museums" in said.stdout and "(4 more)" in said.stderr
    assert csm("run", iid, *OFFLINE, "--json").json["candidates"][0] == "bergvik-coldchain"


def test_a_limit_is_exit_5_and_resume_goes_on(memory: Path, csm: Csm) -> None:
    said = csm("run", PLAN, *OFFLINE, "--max-turns", "1")
    assert said.exit_code == 5
    assert "limit of 1 turns" in said.stdout + said.stderr
    assert not (memory / PLAN / "outputs/final/success_plan.yaml").exists()
    went_on = csm("resume", PLAN, "--json")
    assert went_on.exit_code == 0
    assert went_on.json["resumed"] and went_on.json["run"] == 1 and went_on.json["turns"] == 2


def test_resume_never_starts_a_run(memory: Path, csm: Csm) -> None:
    said = csm("resume", PLAN)
    assert said.exit_code == 4
    assert "no stopped run" in said.stderr and f"csm run {PLAN}" in said.stderr
    assert not (memory / PLAN / "outputs").exists()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["inst_20261117_999"], "there is no instruction"),
        (["../outside"], "cannot be an instruction id"),
        ([PLAN, "--as-of", "yesterday"], "--as-of"),
        ([PLAN, "--max-dollars", "lots"], "--max-dollars"),
        ([PLAN, "--max-dollars", "-1"], "--max-dollars"),
        ([PLAN, "--max-turns", "0"], "--max-turns"),
        ([PLAN, "--model", "gpt-0"], "gpt-0"),
        ([PLAN, "--memory", "/nowhere/at/all"], "there is no memory folder"),
        ([PLAN, "--personas", "/nowhere/at/all"], "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_used_is_exit_2_and_writes_nothing(
    args: list[str], told: str, memory: Path, csm: Csm
) -> None:
    before = files(memory)
    said = csm("run", *args)
    assert said.exit_code == 2
    assert told in said.stderr and said.stdout == ""
    assert files(memory) == before


def test_a_broken_instruction_names_file_and_line(memory: Path, csm: Csm) -> None:
    iid = instruct(memory, "inst_x", "Plan")
    (memory / iid / "instruction.yaml").write_text("id: inst_x\nid: inst_x\n", "utf-8")
    said = csm("run", iid, *OFFLINE)
    assert said.exit_code == 2
    assert "inst_x/instruction.yaml:2" in said.stderr and len(said.stderr.splitlines()) == 1


def test_a_name_that_draws_on_the_terminal_is_shown_escaped(memory: Path, csm: Csm) -> None:
    iid = instruct(memory, "inst_x", "Success plan.", account="\x1b[31mRed\x1b[0m GmbH")
    said = csm("run", iid, *OFFLINE)
    assert said.exit_code == 4
    assert "\x1b" not in said.stdout + said.stderr
    assert "\x1b" not in csm("list").stdout
