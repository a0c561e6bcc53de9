"""`csm show`: the plan for a colleague, for the customer, and for programs."""

from __future__ import annotations

from pathlib import Path

from agent.success.plan import SuccessPlan
from tests.cli.conftest import PLAN, Csm, files


def test_the_internal_view_reads_like_a_plan(finished: Path, csm: Csm) -> None:
    text = csm("show", PLAN).stdout
    assert text.startswith("Tarnholt Rail Services — success plan 2026Q4, as of 2026-11-17\n")
    assert "No language model was used" in text
    order = ["\nHealth\n", "\nObjectives\n", "\nRisks\n", "\nPlaybook: ", "\nRoom to grow",
             "\nActions\n", "\nDecisions\n", "\nTouchpoints\n", "\nPeople\n",
             "\nHanded over\n"]  # fmt: skip
    at = [text.index(title) for title in order]
    assert at == sorted(at)
    assert "Renewal 2027-03-15, in 118 days, EUR 148,000 ARR" in text


def test_piped_text_is_plain_and_fits_its_lines(finished: Path, csm: Csm) -> None:
    text = csm("show", PLAN).stdout
    assert "\x1b" not in text
    assert all(len(line) <= 100 and line == line.rstrip() for line in text.splitlines())


def test_json_is_the_plan_itself(finished: Path, csm: Csm) -> None:
    document = csm("show", PLAN, "--json").json
    plan = SuccessPlan.model_validate(document)
    assert (plan.instruction_id, plan.revision) == (PLAN, 1)
    assert document["renewal"]["days_left"] == 118


def test_the_customer_sees_goals_and_dates_and_nothing_internal(finished: Path, csm: Csm) -> None:
    text = csm("show", PLAN, "--audience", "customer").stdout
    assert "Fewer unplanned track possessions" in text
    assert "Quarterly business review" in text
    for hidden in ("Health", "Risks", "Room to grow", "Handed over", "Renewal", "plan_inst"):
        assert hidden not in text
    view = csm("show", PLAN, "--audience", "customer", "--json").json
    assert view["schema"] == "success_plan_customer/1"
    assert not view.keys() & {"health", "renewal", "risks", "evidence", "expansion", "handoffs"}


def test_marks_and_escapes_in_a_plan_are_shown_not_obeyed(finished: Path, csm: Csm) -> None:
    path = finished / PLAN / "outputs/final/success_plan.yaml"
    text = path.read_text("utf-8")
    odd = '"[red]Tarnholt[/] \\e[31m:smile: Rail"'
    path.write_text(text.replace("account_name: Tarnholt Rail Services", f"account_name: {odd}"))
    first = csm("show", PLAN).stdout.splitlines()[0]
    assert first.startswith("[red]Tarnholt[/] \\u001b[31m:smile: Rail —")


def test_what_cannot_be_shown_says_why(finished: Path, csm: Csm) -> None:
    before = files(finished)
    for args, told in [
        (["inst_20261117_002"], "no success plan"),
        (["inst_nobody"], "no success plan"),
        (["../etc"], "cannot be an instruction id"),
        (["inst_20260519_002"], "not a success_plan/1 document"),
        ([PLAN, "--audience", "boss"], "--audience"),
    ]:
        said = csm("show", *args)
        assert said.exit_code == 2 and said.stdout == ""
        assert told in said.stderr and len(said.stderr.splitlines()) == 1
    assert files(finished) == before


def test_a_redirected_instruction_says_where_it_went(finished: Path, csm: Csm) -> None:
    assert "Run it: csm run" in csm("show", "inst_20261117_004").stderr
    csm("run", "inst_20261117_004", "--model", "playbook", "--as-of", "2026-11-17")
    assert "redirected to account-executive" in csm("show", "inst_20261117_004").stderr
    assert "no such instruction" in csm("show", "inst_nobody").stderr
