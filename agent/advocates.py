"""Advocacy across a memory: tiers of all accounts, and the case-study draft of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from agent.errors import BadInput, NeedsContext
from agent.portfolio import load_portfolio
from agent.resources import shipped
from agent.reviewing import markdown_text
from agent.success.advocacy import AdvocacyView, advocacy
from agent.success.case_study import CaseStudy, case_study
from agent.success.policy import need

_ORDER = {"champion": 0, "active_advocate": 1, "reference": 2, "": 3}


def advocates(
    memory: Path, account: str = "", *, as_of: date, personas: Path | None = None
) -> tuple[list[AdvocacyView], tuple[tuple[str, str], ...]]:
    """Views of one account or of all, the highest tier first, and the accounts left out."""
    book = load_portfolio(
        memory, as_of=as_of, personas=personas, accounts=[account] if account else None
    )
    policy = need(book.persona.policies, "advocacy")
    views = [advocacy(a, policy) for a in book.assessments]
    return sorted(views, key=lambda v: (_ORDER[v.tier], v.account_id)), book.skipped


def draft_case_study(
    memory: Path, account: str, *, as_of: date, personas: Path | None = None
) -> str:
    """The case-study draft as Markdown.

    Raises:
        NeedsContext: the account does not qualify; says what is lacking.
    """
    book = load_portfolio(memory, as_of=as_of, personas=personas, accounts=[account])
    if not book.assessments:
        raise BadInput(book.skipped[0][1], where=account)
    assessment = book.assessments[0]
    view = advocacy(assessment, need(book.persona.policies, "advocacy"))
    if not view.case_study:
        lacking = [*view.lacking, *(f"{what}: not measured" for what in view.unknown)]
        raise NeedsContext(
            f"{view.name} does not qualify for a case study (tier {view.tier or 'none'})",
            where=view.account_id,
            fix=f"For {view.next_tier}: {'; '.join(lacking)}.",
        )
    return render(case_study(assessment))


def render(draft: CaseStudy) -> str:
    """Markdown; everything from files is escaped."""
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(shipped("prompts")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown; the filter `md` escapes what is not ours
        keep_trailing_newline=True,
    )
    environment.filters["md"] = markdown_text
    return environment.get_template("case_study.md.j2").render(c=draft).rstrip("\n") + "\n"
