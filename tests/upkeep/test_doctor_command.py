"""The command around the rules: choosing, ordering, exit codes, refusals; it only looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import BadInput, BadPersona, NeedsContext
from agent.household import DEFAULT_PERSONA, open_household
from agent.memory import views
from agent.memory.timeline import KINDS
from agent.resources import shipped
from agent.success.continuity.reading import read
from agent.success.policy import load
from agent.success.upkeep.examine import examine
from agent.success.upkeep.findings import SEVERITIES, Finding, ordered
from agent.success.upkeep.look import Glasses
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import AccountRecord, MemoryRecord
from agent.success.upkeep.same import company_key, may_be_one, person_key
from tests.upkeep.conftest import Kept

PERSONA = open_household(DEFAULT_PERSONA).persona
GLASSES = Glasses.of(PERSONA.policies)
POLICY = load(Upkeep, PERSONA.policy("upkeep"))
DAY = date(2026, 11, 17)


def test_the_demo_has_its_deliberate_contradiction(demo: Kept) -> None:
    said = demo.doctor()
    assert "45 seats in the contract but 60 licensed users in 2026-06" in said
    assert said.index("The memory") < said.index("fonderie-valtrebbia") < said.index("osterby")
    found = demo.found()
    counts = [sum(f["severity"] == severity for f in found) for severity in SEVERITIES]
    assert counts[0] >= 4 and counts[1] >= 5
    errors, warnings, notes = counts
    assert said.splitlines()[-1].startswith(f"{errors} errors, {warnings} warnings, {notes} note")


def test_one_account_by_id_or_name(demo: Kept) -> None:
    by_id, by_name = demo.found("lomax-birch"), demo.found("Lomax & Birch Textiles")
    assert by_id == by_name != []
    assert {f["account_id"] for f in by_id} == {"lomax-birch"}


def test_fail_on_has_the_exit_code_of_every_fail_on(demo: Kept) -> None:
    for account, severity, code in (
        ("osterby-museums", "error", 6),
        ("lomax-birch", "error", 0),
        ("lomax-birch", "warning", 6),
        ("tarnholt-rail", "note", 0),
    ):
        demo.doctor(account, "--fail-on", severity, code=code)


@pytest.mark.parametrize(
    ("words", "error"),
    [(["--fail-on", "red"], BadInput), (["nobody"], NeedsContext), (["--as-of", "soon"], BadInput)],
    ids=["severity", "account", "day"],
)
def test_what_cannot_be_meant_is_refused(
    demo: Kept, words: list[str], error: type[Exception]
) -> None:
    command = ["memory", "doctor", "--memory", str(demo.path), *words]
    assert isinstance(CliRunner().invoke(app, command).exception, error)


def test_it_changes_nothing(demo: Kept) -> None:
    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in sorted(demo.path.rglob("*")) if p.is_file()}

    before = state()
    demo.doctor()
    assert state() == before


def test_words_of_customers_reach_the_terminal_as_text(demo: Kept) -> None:
    demo.message("m1", subject="\x1b[31m[bold]red[/]", timestamp="2026-10-01T00:00:00Z")
    said = demo.doctor("tarnholt-rail")
    assert "\x1b" not in said and "[bold]red[/]" in said


def test_the_thresholds_are_policy_and_a_wrong_one_is_named(demo: Kept, tmp_path: Path) -> None:
    policy = yaml.safe_load(
        (shipped("personas") / "customer-success-manager/upkeep.yaml").read_text()
    )
    policy["long_overdue_days"] = 60
    own = tmp_path / "own/customer-success-manager/upkeep.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(yaml.safe_dump(policy))
    where = ("--personas", str(tmp_path / "own"))
    found = demo.found("osterby-museums", *where, kind="overdue_promise")
    assert [f["severity"] for f in found] == ["error"] * 3 + ["warning"] * 2
    own.write_text(yaml.safe_dump(policy | {"answer_within_days": {"escalation": -1}}))
    command = ["memory", "doctor", "--memory", str(demo.path), *where]
    refusal = CliRunner().invoke(app, command).exception
    assert isinstance(refusal, BadPersona)
    assert "upkeep.yaml" in str(refusal) and "answer_within_days" in str(refusal)


FORMS = ["gmbh", "ltd", "sp zoo", "a/s"]
WORD = st.text("abcxyzäéøß-&. ", min_size=1, max_size=12)


@given(WORD, st.sampled_from(FORMS))
def test_a_name_is_the_same_with_and_without_its_legal_form(name: str, form: str) -> None:
    key = company_key(name, FORMS)
    if key and not any(key.endswith(f) for f in ("gmbh", "ltd")):
        assert company_key(f"{name} {form.upper()}.", FORMS) == key
        assert company_key(key, FORMS) == key


NAMES = st.lists(st.text("abcdé", min_size=1, max_size=4), min_size=1, max_size=3)


@given(NAMES, NAMES)
def test_being_one_person_does_not_depend_on_the_order(a: list[str], b: list[str]) -> None:
    one, other = person_key(" ".join(a), ["dr"]), person_key(" ".join(b), ["dr"])
    assert person_key(" ".join(reversed(a)), ["dr"]) == one
    assert may_be_one(one, other) == may_be_one(other, one)


FINDINGS = st.lists(
    st.builds(
        Finding,
        severity=st.sampled_from(SEVERITIES),
        kind=st.sampled_from(("stale", "duplicate", "unreadable")),
        account_id=st.sampled_from(("", "a", "b")),
        file=st.sampled_from(("x", "y")),
        pointer=st.just(""),
        what=st.text(max_size=3),
        fix=st.just(""),
    ),
    max_size=12,
)


@given(FINDINGS, st.randoms())
def test_the_order_of_findings_is_that_of_their_content(
    found: list[Finding], random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ordered(shuffled) == ordered(found)
    assert set(ordered(found)) == set(found)
    assert len(ordered(found)) == len(set(found))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["name", "text", "body", "date", "from", "key", "value", "facts", "outcome", "score",
             "message_id", "title", "contract", "arr", "entry", "renewal", "stakeholders", "state"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip
EVENT = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["e1", "e2"]),
        "kind": st.sampled_from(KINDS),
        "at": st.sampled_from(["2026-01-01", "soon", ""]),
    },
    optional={"data": JUNK, "view": JUNK, "source": JUNK},
)


@given(st.lists(EVENT, max_size=4), JUNK, JUNK)
def test_no_event_score_or_record_breaks_the_rules(
    events: list[dict[str, Any]], entry: Any, share: Any
) -> None:
    held = share if isinstance(share, dict) else {}
    blocks = {"notes": share, "emails": entry, "relationship": share, **held}
    record = AccountRecord(
        "a",
        "A",
        "a.jsonl",
        share=blocks,
        look=GLASSES.look(
            blocks, account_id="a", source="i", as_of=DAY, is_instruction=lambda _text: False
        ),
        told=read(events, as_of=DAY).standing,
        entry=entry if isinstance(entry, dict) else None,
        told_entry=views.score_entry(events),
    )
    examine(MemoryRecord([record], ask=GLASSES.ask), POLICY, DAY)
    examine(MemoryRecord([replace(record, share=None, look=None)]), POLICY, DAY)
