"""Triage, and what happens when the work is somebody else's: a decision, a message, no plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agent.boundary.triage import ask_model, decide
from agent.boundary.verdict import Part, Triage
from agent.errors import CsmError, LimitReached, ModelError, NeedsContext
from agent.model_choice import is_offline
from agent.models.base import Model, Reply, Request, Usage
from agent.outbox import Envelope, Outbox
from agent.publication import Publication
from agent.records import decision_record, status_record
from agent.result import Result
from agent.success.events import event

if TYPE_CHECKING:
    from agent.runtime import Run

DEFAULT_TARGET = {
    "support": "customer-support-rep",
    "sales": "account-executive",
    "product": "product-owner",
}


@dataclass(frozen=True)
class Verdict:
    """What triage decided. `concern` says what a person should check when it was not sure;
    `unplaced` are asks of a mixed request that nobody was found for."""

    label: str
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]
    by: str
    concern: str = ""
    unplaced: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)

    @property
    def redirects(self) -> bool:
        return self.label in ("support", "sales", "product")

    @property
    def foreign(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.lane != "in_lane")


@dataclass(frozen=True)
class Opinion:
    """What a small model said, and what that cost. `trouble` says why it could not be asked; then
    `found` is None."""

    found: Triage | None
    usage: Usage
    cost: Decimal
    trouble: str = ""


class Metered:
    """A model that remembers what its calls cost and refuses those that could pass the budget."""

    def __init__(self, model: Model, dollars: Decimal) -> None:
        self._model, self._dollars = model, dollars
        self.usage, self.cost = Usage(), Decimal(0)

    @property
    def id(self) -> str:
        return self._model.id

    @property
    def uses_language_model(self) -> bool:
        return self._model.uses_language_model

    def price_ceiling(self, request: Request) -> Decimal:
        return self._model.price_ceiling(request)

    def reply(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        if self.cost + self.price_ceiling(request) > self._dollars:
            raise LimitReached("dollars", f"triage may cost more than ${self._dollars:.2f}")
        try:
            reply = self._model.reply(request, on_text)
        except ModelError as error:
            self.usage, self.cost = self.usage + Usage(**error.usage), self.cost + error.cost
            raise
        self.usage, self.cost = self.usage + reply.usage, self.cost + reply.cost
        return reply


def triage(run: Run) -> Verdict:
    """Whose job is it? Policy first; a small model only where policy is not sure, and only when the
    run uses a language model. The answer is in the journal before anything follows from it."""
    record = run.past.first("triaged")
    if record is None:
        record = run.note("triaged", **_decide(run))
    return recorded_verdict(record)


def recorded_verdict(record: Mapping[str, Any]) -> Verdict:
    """The decision that a `triaged` record holds."""
    return Verdict(
        label=record["label"],
        parts=tuple(Part(**part) for part in record["parts"]),
        reasons=tuple(record["reasons"]),
        by=record["by"],
        concern=record["concern"],
        unplaced=tuple(record.get("unplaced", ())),
        usage=Usage(**record["usage"]),
        cost=Decimal(record["cost"]),
    )


def _decide(run: Run) -> dict[str, Any]:
    text, context = run.instruction.objective, run.instruction.context or None
    found, usage, cost, concern = (
        decide(text, context, run.household.lanes),
        Usage(),
        Decimal(0),
        "",
    )
    if not found.sure and not is_offline(run.model_name):
        asked = run.second_opinion()
        found, usage, cost, concern = asked.found or found, asked.usage, asked.cost, asked.trouble
    if not found.sure and not found.recognised:
        raise NeedsContext(
            "nothing that is asked could be understood, so there is nothing to plan",
            where=f"{run.instruction.id}/instruction.yaml: objective",
            fix="say in a sentence what is to be done for the customer.",
        )
    if not found.sure:
        concern = (concern + "; " if concern else "") + _doubt(found)
    return {
        "label": found.label,
        "parts": [part.__dict__ for part in found.parts],
        "reasons": list(found.reasons),
        "by": found.by,
        "concern": concern,
        "unplaced": list(found.unplaced) if found.label == "mixed" else [],
        "usage": usage.as_dict(),
        "cost": str(cost),
    }


def ask_small_model(run: Run) -> Opinion:
    """One call with a closed set of answers, within the run's budget."""
    text, context = run.instruction.objective, run.instruction.context or None
    metered = Metered(run.claude("haiku"), run.order.limits.dollars)
    try:
        found, trouble = ask_model(text, context, run.household.lanes, metered), ""
    except ModelError as error:
        found, trouble = None, f"the triage model could not be asked ({error.what})"
    return Opinion(found, metered.usage, metered.cost, trouble)


def _doubt(found: Triage) -> str:
    doubtful = [r for r in found.reasons if r.startswith(("not placed", "perhaps"))]
    why = f": {'; '.join(doubtful or found.reasons[:1])}" if found.reasons else ""
    return (
        "triage was not sure whose job all of this is, so the success manager's part was done and "
        f"nothing was handed over for the rest{why}"
    )


def foreign_messages(
    instruction_id: str, parts: Sequence[Part], outbox: Outbox, known: str
) -> None:
    """Stage one message for each part of the request that is another role's."""
    for part in parts:
        target = part.target or DEFAULT_TARGET[part.lane]
        about = f"Part of {instruction_id} for {known}"
        outbox.pass_on(replace(part, target=target), about)


def redirection(run: Run, verdict: Verdict) -> tuple[Publication, Result]:
    """Everything a redirect leaves behind; no success plan is among it."""
    account_id, name = _quiet_account(run)
    outbox = Outbox(envelope(run, account_id, name), run.household.roster)
    lane, parts = verdict.label, verdict.foreign or (_whole(run, verdict),)
    known = name or run.instruction.account or "an unknown account"
    foreign_messages(run.instruction.id, parts, outbox, known)
    targets = ", ".join(dict.fromkeys(record.to for record in outbox.handoffs))
    reason = parts[0].why or f"this is {lane} work"
    summary = f"redirected to {targets}: {reason}"
    result = run.result(
        "redirected", summary, account_id=account_id, model=run.model_name,
        usage=verdict.usage.as_dict(), cost_usd=str(verdict.cost),
        not_done=tuple(f"{part.span} → {part.target}" for part in parts),
    )  # fmt: skip
    chosen = {"redirect_to": targets, "lane": lane, "by": verdict.by}
    records = {
        **decision_record(run, "triage", "Whose job is this instruction?", chosen, verdict.reasons),
        **status_record(run, "completed", "redirected", summary),
    }
    events = [
        event(account_id, "redirected", run.instruction.id, run.as_of, run.started_at,
              {"to": r.to, "message_id": r.message_id, "lane": lane}, source="triage")
        for r in outbox.handoffs if account_id
    ]  # fmt: skip
    return (
        Publication(
            account_id=account_id, messages=outbox.messages, events=events, records=records
        ),
        result,
    )


def _whole(run: Run, verdict: Verdict) -> Part:
    """The request as one part, where triage named the lane but no span."""
    lane: Any = verdict.label
    why = verdict.reasons[0] if verdict.reasons else ""
    return Part(run.instruction.objective[:500], lane, DEFAULT_TARGET[verdict.label], why)


def envelope(run: Run, account_id: str, account_name: str) -> Envelope:
    return Envelope(
        sender=run.household.persona.name,
        instruction_id=run.instruction.id,
        account_id=account_id,
        account_name=account_name,
        timestamp=run.started_at,
        priority=run.instruction.priority,
    )


def _quiet_account(run: Run) -> tuple[str, str]:
    """The account if it can be told; a redirect does not need one (a prospect has none)."""
    try:
        return run.account()
    except CsmError:
        return "", ""
