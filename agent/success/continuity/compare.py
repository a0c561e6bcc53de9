"""Plan against plan, in words: what a reader of both would tell somebody who has read neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from agent.success.continuity.compare_score import score
from agent.success.continuity.difference import (
    Change,
    Difference,
    Item,
    became,
    changed,
    items,
    listed,
    moves,
    part,
    shown,
    title,
)
from agent.success.continuity.values import number, text

_Section = Callable[[Item, Item], Iterable[Difference]]

_IDENTITY = {"schema", "plan_id", "instruction_id", "account_id", "account_name", "revision",
             "supersedes", "as_of", "quarter", "segment", "written_by", "lifecycle_reason",
             "carried_forward"}  # fmt: skip
_OBJECTIVE = {"target": "target", "due": "due", "current": "value", "baseline": "baseline",
              "owner": "owner", "status": "status", "title": "title"}  # fmt: skip
_GAPS = 6
_DATED = {"due": "date", "owner": "owner", "status": "status"}
_PLAY = {"severity": "severity", "snoozed_until": "rests until"}
_RENEWAL = {"date": "date", "category": "category", "probability": "probability", "arr": "ARR",
            "notice_deadline": "notice deadline", "status": "status"}  # fmt: skip
_CONTACT = {"stance": "stance", "engagement": "engagement", "role": "role",
            "next_step": "next step"}  # fmt: skip


def compare(before: Item, after: Item) -> list[Difference]:
    """Differences between two `success_plan/1` documents, section by section.

    Objectives are the same when they are one goal of the customer, else when their titles agree;
    risks by signal, plays by playbook, people by name, everything else by title.
    """
    return [found for section in _SECTIONS for found in section(before, after)]


def also_differs(before: Item, after: Item, found: Iterable[Difference]) -> list[str]:
    """Sections that differ in something that none of the differences `found` tells."""
    told = _IDENTITY | {difference.section for difference in found}
    keys = [key for key in dict.fromkeys([*before, *after]) if key not in told]
    return [key for key in keys if before.get(key) != after.get(key)]


def _account(before: Item, after: Item) -> list[Difference]:
    names = {"lifecycle_stage": "stage", "segment": "segment"}
    return changed("lifecycle_stage", "account", before, after, names, "Account")


def _renewal(before: Item, after: Item) -> list[Difference]:
    old, new = dict(part(before, "renewal")), dict(part(after, "renewal"))
    for side in (old, new):
        chance = number(side.get("probability"))
        side["probability"] = None if chance is None else f"{chance:.0%}"
    return changed("renewal", "renewal", old, new, _RENEWAL, "Renewal")


def _objectives(before: Item, after: Item) -> Iterator[Difference]:
    def added(now: Item) -> str:
        way = f"{shown(now.get('current'))} → {shown(now.get('target'))}"
        due = f" by {now['due']}" if now.get("due") else ""
        return f"New objective “{title(now)}”, {way}{due}"

    return listed(
        "objectives", before, after, lambda o: text(o.get("goal")) or title(o),
        added=added,
        gone=lambda was: f"Objective dropped: “{title(was)}”{_became(before, after, was)}",
        both=lambda was, now: changed(
            "objectives", title(now), was, now, _OBJECTIVE, f"Objective “{title(now)}”"
        ),
    )  # fmt: skip


def _risks(before: Item, after: Item) -> Iterator[Difference]:
    fields = {"severity": "severity", "owner": "owner", "due": "date"}
    return listed(
        "risks", before, after, lambda r: text(r.get("signal")),
        added=lambda now: f"Risk opened: {title(now)} ({text(now.get('severity'))})",
        gone=lambda was: f"Risk closed: {title(was)} (was {text(was.get('severity'))})",
        both=lambda was, now: changed(
            "risks", text(now.get("signal")), was, now, fields, f"Risk {title(now)}"
        ),
    )  # fmt: skip


def _plays(before: Item, after: Item) -> Iterator[Difference]:
    def gone(was: Item) -> str:
        return f"Play ended: {title(was)}, {_done(was)} of {len(items(was, 'steps'))} steps done"

    return listed(
        "playbooks", before, after, lambda p: text(p.get("playbook")),
        added=lambda now: f"Play started: {title(now)} ({text(now.get('severity'))})",
        gone=gone,
        both=_play,
    )  # fmt: skip


def _play(was: Item, now: Item) -> Iterator[Difference]:
    """One difference for a play: what moved of itself, then its steps."""
    subject = text(now.get("playbook"))
    told = moves(was, now, _PLAY)
    before, after = items(was, "steps"), items(now, "steps")
    for n, step in enumerate(after, 1):
        earlier: Item = before[n - 1] if n <= len(before) else {}
        if step.get("done_on") and not earlier.get("done_on"):
            told.append(f"step {n} of {len(after)} done {step['done_on']}: {title(step)}")
        elif earlier.get("due") and earlier["due"] != step.get("due"):
            told.append(f"step {n} from {earlier['due']} to {step.get('due')}: {title(step)}")
    if told:
        yield Difference(
            "playbooks", "changed", subject, f"Play {title(now)}: {'; '.join(told)}", was, now
        )


def _done(play: Item) -> int:
    return sum(bool(step.get("done_on")) for step in items(play, "steps"))


def _dated(section: str, name: str) -> _Section:
    """Things with a title, an owner and a date."""

    what = name.capitalize()

    def tell(before: Item, after: Item) -> Iterator[Difference]:
        def added(now: Item) -> str:
            return f"New {name} by {now.get('due')} ({text(now.get('owner'))}): {title(now)}"

        return listed(
            section, before, after, title,
            added=added,
            gone=lambda was: f"{what} gone: {title(was)}{_became(before, after, was)}",
            both=lambda was, now: changed(
                section, title(now), was, now, _DATED, f"{what} “{title(now)}”"
            ),
        )  # fmt: skip

    return tell


def _named(section: str, name: str, key: str, fields: dict[str, str]) -> _Section:
    """Things that are known by one text of theirs."""

    def subject(item: Item) -> str:
        return text(item.get(key))

    def tell(before: Item, after: Item) -> Iterator[Difference]:
        return listed(
            section, before, after, subject,
            added=lambda now: f"New {name}: {subject(now)}",
            gone=lambda was: f"{name.capitalize()} gone: {subject(was)}",
            both=lambda was, now: changed(
                section, subject(now), was, now, fields, f"{name.capitalize()} {subject(now)}"
            ),
        )  # fmt: skip

    return tell


def _sent(section: str, what: str) -> _Section:
    """Messages: the later plan's are new, and the earlier's stay sent."""

    def tell(before: Item, after: Item) -> Iterator[Difference]:
        sent = {text(m.get("message_id")) for m in items(before, section)}
        for message in items(after, section):
            id = text(message.get("message_id"))
            if id not in sent:
                told = f"{what} {text(message.get('to'))}: {text(message.get('about'))}"
                yield Difference(section, "added", id, told, {}, message)

    return tell


def _gaps(before: Item, after: Item) -> Iterator[Difference]:
    """All together: they come and go by the dozen with one source."""
    old, new = ([text(g.get("field")) for g in items(p, "data_gaps")] for p in (before, after))
    changes: tuple[tuple[Change, str, list[str]], ...] = (
        ("added", "New gaps in the data", [field for field in new if field not in old]),
        ("gone", "Gaps closed", [field for field in old if field not in new]),
    )
    for change, what, fields in changes:
        if fields:
            more = f" and {len(fields) - _GAPS} more" if len(fields) > _GAPS else ""
            told = f"{what}: {', '.join(fields[:_GAPS])}{more}"
            known = {"fields": fields}
            sides = ({}, known) if change == "added" else (known, {})
            yield Difference("data_gaps", change, "data gaps", told, *sides)


def _expansion(before: Item, after: Item) -> list[Difference]:
    fields = {"gate": "gate", "points": "points"}
    old, new = part(before, "expansion"), part(after, "expansion")
    return changed("expansion", "expansion", old, new, fields, "Room to grow")


def _summary(before: Item, after: Item) -> Iterator[Difference]:
    old, new = ({"text": part(plan, "summary").get("text")} for plan in (before, after))
    if old != new:
        yield Difference("summary", "changed", "summary", "The summary was rewritten", old, new)


def _became(before: Item, after: Item, item: Item) -> str:
    return became(after, text(before.get("plan_id")), title(item))


_SECTIONS: tuple[_Section, ...] = (
    score,
    _account,
    _renewal,
    _objectives,
    _risks,
    _plays,
    _dated("actions", "action"),
    _dated("milestones", "milestone"),
    _named("stakeholders", "contact", "name", _CONTACT),
    _named("decision_points", "decision", "question", {"date": "date", "decides": "who decides"}),
    _sent("handoffs", "Handed over to"),
    _sent("escalations", "Escalated to"),
    _expansion,
    _named("diagnosis", "root cause", "cause", {"confidence": "confidence", "kind": "kind"}),
    _named("open_questions", "question", "question", {"ask": "to ask"}),
    _gaps,
    _summary,
)
