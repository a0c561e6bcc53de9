"""Every dialect of persona file becomes the same kind of Persona."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import BadPersona
from agent.persona import Boundary, load_file, parse

FRONTMATTER = """\
---
name: renewal-helper
description: Helps with renewals.
tools: Read, Grep, Write
model: opus
tier: 2
capabilities: ["renewal", "risk"]
color: purple
---

# Renewal Helper

## Core Responsibilities

### 1. Watch dates
- early

### 2. Prepare terms

## Memory Ownership

**Write to**:
- `Agent_Memory/{instruction_id}/outputs/final/plan.yaml`

**Read from**:
- `Agent_Memory/{instruction_id}/instruction.yaml`
- `Agent_Memory/_knowledge/semantic/facts.yaml`

## Collaboration Protocols

- **Consult**: account-manager (prices, terms), support-analyst (usage)
- **Delegate to**: support-trainer (classes)
- **Escalate to**: executive-team (partnerships)
"""

ROLE_CARD = """\
12 lines
1.1 KiB
Markdown
12 lines
1.1 KiB
Markdown
# Renewal Helper — fleet role definition

The **renewal-helper** is a **date keeper** (`class:
renewal-helper`, `domain: customer`). It looks after
_dates_.

It stays for long (`persistent_persona:
true`): memory is the asset.

## Mandate

1. **Know the date** — and the one
   before it.
2. **Say it early**

## Boundaries

- **Does NOT answer tickets** — those belong to the
  **support-agent**; it keeps dates.
- **Does NOT sell** — closing is sales' lane.
- **Does NOT build** what customers ask for.
- Is always polite.
|"""


def with_tools(line: str) -> str:
    return f"---\nname: a\ndescription: b\n{line}\n---\n# A\n"


def test_frontmatter_agent() -> None:
    persona = parse(FRONTMATTER.encode(), source="x/persona.md")
    assert (persona.name, persona.title, persona.model) == (
        "renewal-helper",
        "Renewal Helper",
        "opus",
    )
    assert persona.tools == ("read", "grep", "write")
    assert persona.tier == "2"
    assert persona.capabilities == ("renewal", "risk")
    assert persona.extra == {"color": "purple"}
    assert persona.mandate == ("Watch dates", "Prepare terms")
    assert persona.memory.write_paths("inst_1") == ("inst_1/outputs/final/plan.yaml",)
    assert persona.memory.read_paths("inst_1") == (
        "inst_1/instruction.yaml",
        "_knowledge/semantic/facts.yaml",
    )
    assert persona.collaboration.consult == ("account-manager", "support-analyst")
    assert persona.collaboration.delegate == ("support-trainer",)
    assert persona.collaboration.escalate == ("executive-team",)
    assert persona.body.startswith("# Renewal Helper\n")
    assert persona.notices == ()


def test_role_card_with_page_chrome_and_wrapped_markers() -> None:
    persona = parse(ROLE_CARD.encode(), source="x/persona.md")
    assert persona.name == persona.persona_class == "renewal-helper"
    assert persona.title == "Renewal Helper"
    assert persona.domain == "customer"
    assert persona.persistent
    assert persona.description.startswith("The renewal-helper is a date keeper")
    assert persona.mandate == ("Know the date — and the one before it.", "Say it early")
    assert persona.boundaries == (
        Boundary(
            "Does NOT answer tickets — those belong to the support-agent; it keeps dates.",
            "support-agent",
        ),
        Boundary("Does NOT sell — closing is sales' lane.", "sales"),
        Boundary("Does NOT build what customers ask for.", ""),
    )
    assert persona.body.startswith("# Renewal Helper") and persona.body.endswith("polite.\n")
    assert persona.notices == (
        "1 line of only '|' (a table view of the file) left out",
        "lines 1-6: page chrome before the text was left out",
        "declares no tools, so none are offered",
    )


def test_a_file_view_copied_as_a_table_reads_the_same() -> None:
    plain = parse(ROLE_CARD.encode(), source="x/persona.md")
    table = parse(ROLE_CARD.replace("\n", "\n|\n|\n").encode(), source="x/persona.md")
    assert table.body == plain.body
    assert (table.mandate, table.boundaries) == (plain.mandate, plain.boundaries)


def test_lines_stay_true_under_page_chrome_and_table_residue() -> None:
    text = "3 lines\n\n# A\n|\n|\n## Memory\n|\n|\nWrite to `/etc/passwd`\n"
    with pytest.raises(BadPersona, match=r"^x:9: '/etc/passwd' is not a path"):
        parse(text.encode(), source="x")
    text = "3 lines\n---\n|\n|\nname: a\n|\n|\nname: b\n|\n|\n---\n# A\n"
    with pytest.raises(BadPersona, match=r"^x:8: the frontmatter cannot be read"):
        parse(text.encode(), source="x")


def test_plain_document_is_named_by_its_heading() -> None:
    persona = parse(b"# Renewal Team (EMEA)\n\nWe renew.\n", source="x")
    assert persona.name == "renewal-team"
    assert persona.description == "We renew."
    assert "the name comes from the heading in line 1" in persona.notices[0]


@pytest.mark.parametrize(
    "line",
    [
        "tools: Read, Grep",
        "tools: Read Grep",
        "tools: read,grep",
        "tools: [Read, Grep]",
        'tools: ["Read", "Grep"]',
        "tools: \"['Read', 'Grep']\"",
        "tools:\n  - Read\n  - Grep",
        "tools:\n- Read\n- Grep\n- READ",
        "allowed-tools: Read Grep",
    ],
)
def test_every_spelling_of_a_tool_list(line: str) -> None:
    assert parse(with_tools(line).encode(), source="x").tools == ("read", "grep")


def test_aliases_of_tools() -> None:
    text = with_tools("tools: TodoWrite, todowrite, todo_write, Handoff, GLOB, Write")
    assert parse(text.encode(), source="x").tools == ("todo_write", "handoff", "glob", "write")


def test_tools_that_do_not_exist_here_are_reported_and_not_offered() -> None:
    text = with_tools("tools: Read, Bash(git log:*, git diff:*), WebFetch, Task, Read(./docs/**)")
    persona = parse(text.encode(), source="x")
    assert persona.tools == ("read",)
    assert persona.notices == (
        "declares tools this runtime does not have: Bash(git log:*, git diff:*), WebFetch, Task, "
        "Read(./docs/**); they are not offered",
    )


def test_disallowed_tools_are_taken_away() -> None:
    text = with_tools("tools: Read, Write\ndisallowedTools: Write")
    assert parse(text.encode(), source="x").tools == ("read",)


def test_only_unavailable_tools_means_none() -> None:
    persona = parse(with_tools("tools: Bash").encode(), source="x")
    assert persona.tools == ()
    assert persona.notices[-1] == "no declared tool exists here, so none are offered"


def test_unquoted_colon_in_description_is_read_and_reported() -> None:
    text = (
        "---\nname: a\ndescription: Use it: when a term ends\n  and: before\nmodel: haiku\n---\n# A"
    )
    persona = parse(text.encode(), source="x")
    assert persona.description == "Use it: when a term ends and: before"
    assert persona.model == "haiku"
    assert persona.notices[0].startswith("line 3: 'description' is not valid YAML")


def test_quoted_start_with_text_after_it_is_read_too() -> None:
    text = '---\nname: a\ndescription: "Renew" them: all\ntools: Read\n---\n# A'
    persona = parse(text.encode(), source="x")
    assert persona.description == '"Renew" them: all'


def test_tier_may_be_a_word() -> None:
    assert parse(with_tools("tier: controller").encode(), source="x").tier == "controller"


def test_bom_and_crlf_change_nothing() -> None:
    plain = parse(FRONTMATTER.encode(), source="x")
    windows = parse(b"\xef\xbb\xbf" + FRONTMATTER.replace("\n", "\r\n").encode(), source="x")
    assert (windows.body, windows.tools, windows.memory) == (
        plain.body,
        plain.tools,
        plain.memory,
    )


def test_mojibake_is_mended_and_reported() -> None:
    damaged = "# Café — keeper 🟢\n\nTime → value, 3 × faster.\n".encode().decode(
        "cp1252", "replace"
    )
    persona = parse(damaged.encode(), source="x")
    assert "Time → value, 3 × faster." in persona.body
    assert any("mended in" in notice for notice in persona.notices)


def test_characters_that_cannot_be_mended_are_pointed_out() -> None:
    persona = parse("# Keeper\n\nA line of â” here.\n".encode(), source="x")
    assert "line 3: some characters stay damaged; retype them" in persona.notices


def test_accents_are_not_mojibake() -> None:
    persona = parse("# Gâteau über São Paulo\n\nâme, Ãgua, été “x”\n".encode(), source="x")
    assert "âme, Ãgua, été “x”" in persona.body
    assert not any("mended" in notice for notice in persona.notices)


def test_a_word_like_history_is_not_chrome_by_itself() -> None:
    persona = parse(b"\nHistory\n\n# Keeper\n", source="x")
    assert persona.body.startswith("History")


def test_markers_and_headings_inside_code_or_later_sections_do_not_count() -> None:
    text = "# Keeper\n\nIntro.\n\n```\n# not a heading\n```\n\n## Notes\n\n`class: other`\n"
    persona = parse(text.encode(), source="x")
    assert persona.name == "keeper"
    assert persona.persona_class == ""


def test_yaml_looking_prose_in_the_body_is_prose() -> None:
    body = "# Keeper\n\n```yaml\nparts:\n  use: 30%\n    - active / licensed\n```\n"
    assert "use: 30%" in parse(body.encode(), source="x").body


def test_frontmatter_wins_over_markers() -> None:
    text = "---\nname: a\ndomain: grow\n---\n# A\n\n(`class: b`, `domain: customer`)\n"
    persona = parse(text.encode(), source="x")
    assert (persona.name, persona.domain, persona.persona_class) == ("a", "grow", "b")


def test_a_name_that_is_no_slug_is_made_one_with_a_notice() -> None:
    persona = parse(b"---\nname: Customer Success (CSM)\n---\n# A\n", source="x")
    assert persona.name == "customer-success"
    assert "name 'Customer Success (CSM)' is read as 'customer-success'" in persona.notices


def test_hash_follows_the_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.write_text(FRONTMATTER, "utf-8")
    two.write_text(FRONTMATTER, "utf-8")
    assert load_file(one).hash == load_file(two).hash
    two.write_text(FRONTMATTER + "More.\n", "utf-8")
    assert load_file(one).hash != load_file(two).hash
