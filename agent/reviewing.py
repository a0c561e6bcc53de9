"""Business reviews from a memory: collect, render, and say where they lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from agent.case import find_priors
from agent.errors import BadInput, printable
from agent.memory import timeline
from agent.memory.paths import MemoryRoot
from agent.portfolio import load_portfolio
from agent.resources import shipped
from agent.success.calendar import quarter_start
from agent.success.carry import PriorPlan, carry
from agent.success.plan import Carried
from agent.success.plays.carried import carried_on
from agent.success.plays.settled import settled
from agent.success.plays.state import fold
from agent.success.qbr import Audience, Review, quarter_of, review

Format = Literal["md", "html"]


def build_review(
    memory: Path,
    account: str,
    *,
    quarter: str,
    audience: str,
    as_of: date,
    personas: Path | None = None,
) -> Review:
    """The review of one account and quarter.

    Args:
        quarter: 2026Q4, Q4 (of the year of `as_of`), or "" for the quarter of `as_of`.

    Raises:
        BadInput: quarter or audience cannot be used; NeedsContext: the account is not known.
    """
    label = quarter_of(quarter, as_of)
    readers = check_audience(audience)
    book = load_portfolio(memory, as_of=as_of, personas=personas, accounts=[account])
    if not book.assessments:
        raise BadInput(book.skipped[0][1], where=account)
    assessment = book.assessments[0]
    root = MemoryRoot.open(memory)
    before = quarter_start(label)
    priors = find_priors(root, assessment.account.id, assessment.account.name, "", as_of)
    earlier = [p for p in priors if p["as_of"] and date.fromisoformat(p["as_of"]) < before]
    carried: tuple[Carried, ...] = ()
    if earlier:
        last = earlier[-1]
        prior = PriorPlan(
            last["path"], last["instruction_id"], last["instruction_id"],
            date.fromisoformat(last["as_of"]), last["document"],
        )  # fmt: skip
        events = timeline.read(root, assessment.account.id)
        plays = carried_on(assessment, fold(events, as_of))
        known = settled(events, plays, prior.as_of, as_of)
        carried = carry(prior, assessment.goals, assessment.facts, as_of, known)
    return review(
        assessment,
        label,
        readers,
        earlier=_earlier_values(earlier[-1]["document"] if earlier else {}),
        carried=carried,
    )


def check_audience(audience: str) -> Audience:
    """Raises BadInput for readers that no version is made for."""
    if audience not in get_args(Audience):
        raise BadInput(
            f"{printable(audience, 40)!r} is not an audience",
            where="--audience",
            fix="Use internal or customer.",
        )
    return audience  # type: ignore[return-value]  # checked above


def render(found: Review, form: Format) -> str:
    """Markdown or a self-contained HTML page; everything from files is escaped."""
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(shipped("prompts")),
        undefined=jinja2.StrictUndefined,
        autoescape=form == "html",
        keep_trailing_newline=True,
    )
    environment.filters["md"] = markdown_text
    return environment.get_template(f"qbr.{form}.j2").render(r=found)


def markdown_text(value: object) -> str:
    """Text that stays text in Markdown: one line, no markup, no HTML."""
    line = printable(" ".join(str(value).split()), 2000)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]|#!~])", r"\\\1", line)


def _earlier_values(document: Mapping[str, Any]) -> dict[str, float]:
    """Value of each goal in an earlier plan of ours, by goal id."""
    objectives = document.get("objectives")
    out = {}
    for item in objectives if isinstance(objectives, list) else ():
        if isinstance(item, Mapping) and isinstance(item.get("current"), (int, float)):
            out[str(item.get("goal") or "")] = float(item["current"])
    out.pop("", None)
    return out
