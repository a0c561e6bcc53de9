"""The audit of a written plan: no figure without a source, nobody else's work, nobody else's data.

Everything a writer supplied is checked; what is wrong comes back as findings that say how to mend
it. The program's own sections need no audit of figures, and text that repeats them verbatim
(titles of signals and play steps, reasons, last quarter's promises) needs no further source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import isfinite

from agent.boundary.checks import dates_of, lane_of, owners_of, wording_of
from agent.boundary.fields import Item, items, strings
from agent.boundary.findings import MAX_FINDINGS, Finding, limited, render
from agent.boundary.grounding import Ground
from agent.boundary.holdings import of_number, readings
from agent.boundary.names import ForeignNames, odd_names, unnamed
from agent.boundary.people import Cast, RosterLike, role_ids
from agent.boundary.provenance import verify_evidence
from agent.boundary.quantities import PERCENT, Figure, Moment, Quantity, Reading, agrees
from agent.boundary.verdict import Part
from agent.boundary.wording import placeholder
from agent.success.facts import FactBook
from agent.success.plan import (
    Carried,
    ExpansionNote,
    MilestonePlan,
    Objective,
    PlanDraft,
    RiskNote,
    SuccessPlan,
)
from agent.success.promises.notes import faults

__all__ = [
    "MAX_FINDINGS",
    "Finding",
    "audit",
    "audit_text",
    "people_of",
    "render",
    "verify_evidence",
]


_PERSON = re.compile(r"(?:sponsor|stakeholder\.\d+)\.name\Z|onboarding\.admins\.untrained\.")


def audit(
    plan: SuccessPlan,
    draft: PlanDraft,
    facts: FactBook,
    *,
    foreign_names: Collection[str],
    roles: RosterLike | Collection[str],
    out_of_lane: Callable[[str], Part | None],
    as_of: date,
    known_names: Collection[str] = (),
    given: Collection[str] = (),
    instruction_like: Callable[[str], object] | None = None,
    carried: Sequence[Carried] = (),
) -> tuple[Finding, ...]:
    """Findings on `draft` and the `plan` made from it; an empty tuple means it may be published.

    Args:
        foreign_names: names of other accounts and their people.
        roles: the roster, or its role ids.
        out_of_lane: the role whose work a deed is, None when it is the success manager's.
        as_of: date of the plan.
        known_names: people of the account beside those whom the facts name.
        given: texts of the requester (the instruction), whose figures may be repeated.
        instruction_like: tells text that gives orders to a reader of the plan.
        carried: the promises of the last plan as they stood before the draft.

    At most `MAX_FINDINGS` come back, and then a note of how many more there are.
    """
    identity = (
        plan.account_name, plan.account_id, plan.instruction_id, plan.plan_id, plan.quarter,
        as_of.isoformat(), plan.as_of.isoformat(), *given,
    )  # fmt: skip
    phrases = tuple(_program_words(plan))
    ground = Ground(facts, identity, phrases)
    people = {*known_names, *people_of(facts)}
    cast = Cast(role_ids(roles), people, ground.holdings.mentions)
    found = [*_foreign(plan, ForeignNames(foreign_names, people))]
    found += _carried_notes(carried, draft, as_of)
    odd = odd_names(facts)
    for written in items(draft):
        item = replace(written, texts=tuple((at, unnamed(t, odd)) for at, t in written.texts))
        ids = _evidence(item, plan, facts)
        cited = facts.closure(ids)
        days = {r for fact in cited for r in ground.holdings.of(fact) if isinstance(r, Moment)}
        found += ground.unknown_ids(f"{item.where}.evidence", getattr(item.part, "evidence", ()))
        found += ground.check(item.texts, ids, _own_readings(item))
        found += _typed(item, ground, ids)
        found += owners_of(item, cast)
        found += lane_of(item, out_of_lane, phrases, cited)
        found += dates_of(item, as_of, days, plan.renewal.date)
        found += wording_of(item, cited, phrases)
        found += _orders(item, instruction_like)
    return limited(found)


def audit_text(
    text: str,
    ids: Sequence[str],
    *,
    facts: FactBook,
    as_of: date,
    where: str = "note",
    foreign_names: Collection[str] = (),
    instruction_like: Callable[[str], object] | None = None,
) -> tuple[Finding, ...]:
    """Findings on a single text, such as the note of a health score, against the facts `ids`."""
    text = unnamed(text, odd_names(facts))
    ground = Ground(facts, (as_of.isoformat(),))
    found = [*ground.unknown_ids(f"{where}.evidence", ids), *ground.check([(where, text)], ids)]
    for name in ForeignNames(foreign_names, {*people_of(facts)}).found_in(text):
        found.append(
            Finding("foreign_name", where, f"'{name}' belongs to another account", "leave it out")
        )
    if instruction_like is not None and instruction_like(text):
        said = "this reads like an instruction hidden in text"
        found.append(Finding("instruction_text", where, said, "say in your own words what is so"))
    if left := placeholder(text):
        message = f"the placeholder '{left}' is left over"
        found.append(Finding("placeholder", where, message, "fill it or leave it out"))
    return limited(found)


def people_of(facts: FactBook) -> Iterator[str]:
    """Names of the account's own people, as the facts have them."""
    for fact in facts:
        if _PERSON.match(fact.id) and isinstance(fact.value, str):
            yield fact.value


def _foreign(plan: SuccessPlan, names: ForeignNames) -> Iterator[Finding]:
    for where, text in strings(plan):
        for name in names.found_in(text):
            message = f"'{name}' belongs to another account"
            yield Finding(
                "foreign_name", where, message, "leave out whatever is not this account's"
            )


def _carried_notes(carried: Sequence[Carried], draft: PlanDraft, as_of: date) -> Iterator[Finding]:
    for promise, wrong, fix in faults(carried, draft, as_of):
        n = next(n for n, note in enumerate(draft.carried) if note.promise == promise)
        yield Finding("carried_note", f"carried[{n}]", f"'{promise[:80]}' {wrong}", fix)


def _program_words(plan: SuccessPlan) -> Iterator[str]:
    """Sentences and titles the program put into the plan; a writer may repeat them."""
    yield from (plan.lifecycle_reason, plan.health.reason, plan.renewal.probability_basis)
    yield from plan.renewal.reasons
    yield from (checkpoint.what for checkpoint in plan.renewal.checkpoints)
    for risk in plan.risks:
        if risk.basis != "judged":
            yield from (risk.title, risk.clears_when)
    for play in plan.playbooks:
        yield play.title
        yield from (step.title for step in play.steps)
    yield from (*plan.expansion.gate_reasons, plan.expansion.recommendation)
    yield from (signal.title for signal in plan.expansion.signals if signal.kind != "judged")
    yield from (touch.title for touch in plan.cadence)
    for old in plan.carried_forward:
        yield from (old.title, old.was_due)
        if old.basis != "proposed":  # else the writer's own words
            yield old.why
    for gap in plan.data_gaps:
        yield from (gap.message, gap.ask)


def _evidence(item: Item, plan: SuccessPlan, facts: FactBook) -> list[str]:
    """What the item cites, and what it refers to by id: its goal, the signal it comments on."""
    ids = list(item.evidence)
    part = item.part
    if isinstance(part, Objective) and part.goal:
        ids += [fact.id for fact in facts if fact.id.startswith(f"goal.{part.goal}.")]
    if isinstance(part, RiskNote):
        ids += [id for risk in plan.risks if risk.signal == part.signal for id in risk.evidence]
    if isinstance(part, ExpansionNote):
        ids += [id for s in plan.expansion.signals if s.signal == part.signal for id in s.evidence]
    return list(dict.fromkeys(ids))


def _own_readings(item: Item) -> list[Reading]:
    """Typed fields of the item, which its texts may repeat."""
    out: list[Reading] = []
    for value in item.typed:
        if isinstance(value, date):
            out.append(Moment.of(value))
        elif isinstance(value, str):
            out += readings(value)
        else:
            out += [*of_number(value), *of_number(value, PERCENT)]
    return out


def _typed(item: Item, ground: Ground, ids: list[str]) -> Iterator[Finding]:
    """Typed fields that state facts: a goal's figures, work done, a risk of the writer's own."""
    part = item.part
    if isinstance(part, Objective):
        yield from _objective(item.where, part, ground, ids)
    if isinstance(part, MilestonePlan) and part.status == "done" and not part.evidence:
        message = "a milestone is called done without evidence"
        yield Finding("done_claim", f"{item.where}.status", message, "cite the fact that says so")
    if isinstance(part, RiskNote) and not ids:
        message = (
            f"'{part.signal}' is no signal of the brief, and a risk of your own needs evidence"
        )
        yield Finding("no_evidence", f"{item.where}.evidence", message, "cite what it rests on")


def _objective(where: str, part: Objective, ground: Ground, ids: list[str]) -> Iterator[Finding]:
    facts = ground.facts
    if part.goal and not any(fact.id.startswith(f"goal.{part.goal}.") for fact in facts):
        known = sorted({fact.id.split(".")[1] for fact in facts if fact.id.startswith("goal.")})
        fix = f"use one of {', '.join(known)} or leave it empty" if known else "leave it empty"
        yield Finding("unknown_goal", f"{where}.goal", f"no goal '{part.goal}' in the facts", fix)
    for name in ("baseline", "current", "target"):
        if not isfinite(getattr(part, name) or 0):
            message = f"{getattr(part, name)} is no number to plan with"
            yield Finding(
                "not_finite", f"{where}.{name}", message, "give a number or leave it null"
            )
    for name, value, twin in (
        ("baseline", part.baseline, f"goal.{part.goal}.baseline"),
        ("current", part.current, f"goal.{part.goal}.actual"),
    ):
        if value is None or not isfinite(value):
            continue
        fact = facts.get(twin) if part.goal else None
        fixed = fact is not None and name == "baseline"  # agreed once; `current` may be newer
        sources = (
            [fact]
            if fixed and fact
            else [f for f in facts.closure(ids) if not f.id.startswith("previous.")]
        )  # what the last plan had as current is not so today
        stated = _stated(value)
        if any(_is(stated, known, fact.kind == "computed") for fact in sources
               for known in ground.holdings.of(fact)):  # fmt: skip
            continue
        message = f"{value:g} is not the value of a cited fact"
        figure = Figure(f"{value:g}", 0, 0, "number", ((stated,),))
        holders = [twin] if fact is not None else ground.holdings.holders(figure)
        fix = f"take the value of {' or '.join(holders)} and cite it" if holders else (
            "no fact has this value: leave it null"
        )  # fmt: skip
        yield Finding(name, f"{where}.{name}", message, fix)


def _stated(value: float) -> Quantity:
    exact = Decimal(repr(value))
    places = max(1, -int(exact.normalize().as_tuple().exponent))
    return Quantity(exact, Decimal(1).scaleb(-places), signed=1 if value >= 0 else -1)


def _is(stated: Quantity, known: Reading, computed: bool) -> bool:
    """Equal for stored figures; rounded to the stated digits (one at least) for computed ones."""
    if not isinstance(known, Quantity):
        return False
    if computed:
        return agrees(stated, known)
    return abs(stated.value - known.value) <= abs(known.value) * Decimal("1e-9")


def _orders(item: Item, instruction_like: Callable[[str], object] | None) -> Iterator[Finding]:
    if instruction_like is None:
        return
    for where, text in item.texts:
        if instruction_like(text):
            message = "this reads like an instruction to whoever reads the plan"
            yield Finding("instruction_text", where, message, "state what is so, give no orders")
