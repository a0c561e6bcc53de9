"""One event in words: what happened, in a line that needs no knowledge of our keys.

Kinds of later versions, and data of another shape, are told as what they hold. Texts come from
people, customers and other programs; whoever prints a line makes it safe for a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.success.continuity.values import mapping, number, text

Data = Mapping[str, Any]

LISTED = 4
ID = 8
"""Characters of an event's id that people are shown; `csm record correction` takes them."""

_SHORT = 80


def sentence(kind: str, data: Data) -> str:
    """What an event of this kind says; never empty."""
    tell = _SENTENCES.get(kind)
    told = tell(data) if tell else ""
    return told or _plain(kind, data)


def figure(value: float | None) -> str:
    """A number as people write it; "none" without one."""
    return "none" if value is None else f"{value:,.10g}"


def words(slug: str) -> str:
    """`renewal_path` → "renewal path"."""
    return slug.replace("_", " ")


def value(item: Any) -> str:
    """Any value of a fact in a few words."""
    if item is None:
        return "nothing"
    if isinstance(item, bool):
        return "yes" if item else "no"
    if (found := number(item)) is not None:
        return figure(found)
    if isinstance(item, list):
        return f"a list of {len(item)}"
    if isinstance(item, Mapping):
        return f"a record of {', '.join(map(str, list(item)[:LISTED]))}"
    return _cut(str(item))


def _scored(d: Data) -> str:
    score, tier = number(d.get("score")), text(d.get("tier"))
    if score is None:
        return "Health could not be scored: not enough data" if "score" in d else ""
    coverage = number(d.get("coverage"))
    partly = f", {coverage:.0%} of it measured" if coverage is not None and coverage < 1 else ""
    return f"Health {score:.1f} {tier}".rstrip() + partly


def _planned(d: Data) -> str:
    revision, before = d.get("revision"), text(d.get("supersedes"))
    told = "Plan published"
    if type(revision) is int and revision > 1:
        told += f", revision {revision}"
    told += f" ({text(d.get('plan_id'))})" if text(d.get("plan_id")) else ""
    return told + (f"; supersedes {before}" if before else "")


def _goal_set(d: Data) -> str:
    aim = [
        f"from {figure(b)}" if (b := number(d.get("baseline"))) is not None else "",
        f"to {_measure(d, 'target')}" if number(d.get("target")) is not None else "",
        f"by {text(d.get('due'))}" if text(d.get("due")) else "",
    ]
    return _titled("Goal", d, " ".join(filter(None, aim)))


def _goal_measured(d: Data) -> str:
    return _titled("Goal", d, f"now {_measure(d, 'value')}")


def _measure(d: Data, key: str) -> str:
    unit = text(d.get("unit"))
    return f"{figure(number(d.get(key)))}{f' {unit}' if unit else ''}"


def _titled(what: str, d: Data, told: str) -> str:
    title = text(d.get("title")) or text(d.get("goal"))
    return f"{what} “{_cut(title, 120)}”{f': {told}' if told else ''}" if title else ""


def _risk_opened(d: Data) -> str:
    severity = text(d.get("severity"))
    return _named("Risk opened", d, f", {severity}" if severity else "")


def _risk_closed(d: Data) -> str:
    since = text(d.get("since"))
    return _named("Risk closed", d, f", open since {since}" if since else "")


def _named(what: str, d: Data, more: str) -> str:
    signal = text(d.get("signal"))
    return f"{what}: {words(signal)}{more}" if signal else ""


def _play(d: Data) -> str:
    title = text(d.get("title")) or words(text(d.get("playbook")))
    state = text(d.get("state")) or "started"
    by = f" by {text(d.get('by'))}" if text(d.get("by")) else ""
    because = d.get("because")
    signs = [words(text(s)) for s in because if text(s)] if isinstance(because, list) else []
    why = f" because of {_list(signs)}" if signs else ""
    known = words(text(d.get("playbook")))
    if not title:
        return ""
    return {
        "started": f"Play started: {title}{why}",
        "updated": f"Play updated: {title}{why}",
        "step_done": f"Play {known}: step {d.get('step')} done{by}: {title}",
        "snoozed": f"Play {known} rests until {text(d.get('until'))}{by}: {text(d.get('reason'))}",
        "closed": f"Play closed{by}: {title}: {text(d.get('reason'))}",
    }.get(state, f"Play {known}: {words(state)}")


def _sent(what: str) -> Callable[[Data], str]:
    def tell(d: Data) -> str:
        to, about = text(d.get("to")), text(d.get("about")) or words(text(d.get("lane")))
        return f"{what} {to}: {about} [{text(d.get('message_id'))}]" if to else ""

    return tell


def _answered(d: Data) -> str:
    by, said = text(d.get("by")), text(d.get("answer"))
    which = text(d.get("message_id"))
    told = f"Answer from {by}" if by else "Answered"
    return f"{told} to {which}{f': {said}' if said else ''}" if which else ""


def _reviewed(d: Data) -> str:
    decision, why = text(d.get("decision")), text(d.get("why"))
    plan, by = text(d.get("plan_id")), text(d.get("by"))
    told = {"approved": "approved", "sent_back": "sent back"}.get(decision, words(decision))
    by_whom = f" by {by}" if by else ""
    return f"Plan {told}{by_whom} ({plan}){f': {why}' if why else ''}" if decision else ""


def _renewed(d: Data) -> str:
    outcome, currency = text(d.get("outcome")), text(d.get("currency"))
    before, after = number(d.get("arr_before")), number(d.get("arr_after"))
    if outcome == "churned":
        lost = f", {currency} {figure(before)} a year lost" if before is not None else ""
        return f"Churned{lost}"
    if outcome == "renewed" and before is not None and after is not None:
        if before == after:
            return f"Renewed at {currency} {figure(after)} a year"
        return f"Renewed at {currency} {figure(after)} a year, before {figure(before)}"
    return f"Renewal decided: {outcome}" if outcome else ""


def _override(d: Data) -> str:
    score = number(d.get("value"))
    if score is None:
        return ""
    return (
        f"Score set by hand to {figure(score)} by {text(d.get('by'))} until "
        f"{text(d.get('expires'))}: {text(d.get('reason'))}"
    )


def _imported(d: Data) -> str:
    changes = [mapping(c) for c in found] if isinstance(found := d.get("changes"), list) else []
    left = number(d.get("not_listed")) or 0
    told = [
        f"{text(c.get('pointer')).lstrip('/').replace('/', '.')} "
        f"{value(c.get('from'))} → {value(c.get('to'))}"
        for c in changes[:LISTED]
    ]
    more = len(changes) - len(told) + int(left)
    rest = f" and {more} more" if more else ""
    source = text(d.get("file")) or "a file"
    return f"Facts imported from {source}: {'; '.join(told)}{rest}" if told or more else ""


def _noted(d: Data) -> str:
    key, start = text(d.get("key")), text(d.get("valid_from"))
    if not key:
        return ""
    source = text(d.get("source")) or text(d.get("quote"))
    since = f", from {start} on" if start else ""
    by = f", noted by {text(d.get('by'))}" if text(d.get("by")) else ""
    return f"Fact: {key} is {value(d.get('value'))}{since}{by}{f' ({source})' if source else ''}"


def _settled(d: Data) -> str:
    outcome, why, to, by = (text(d.get(key)) for key in ("outcome", "why", "to", "by"))
    told = f"{outcome}{f' to {to}' if to else ''}{f' by {by}' if by else ''}"
    return _titled("Promise", d, told + (f", {why}" if why else "")) if outcome else ""


def _corrected(d: Data) -> str:
    target, why, by = (text(d.get(key)) for key in ("corrects", "why", "by"))
    if d.get("withdrawn") is True:
        told = f"Withdrawn: {target[:ID]}"
    else:
        keys = [*mapping(d.get("data")), *(["at"] if text(d.get("at")) else [])]
        told = f"Corrected: {target[:ID]} ({_list([str(key) for key in keys]) or 'no key'})"
    return f"{told}{f' by {by}' if by else ''}{f': {why}' if why else ''}" if target else ""


def _plain(kind: str, data: Data) -> str:
    """What an event holds, in a row."""
    told = ", ".join(f"{words(str(k))} {value(v)}" for k, v in list(data.items())[:8])
    return f"{words(kind).capitalize()}{f': {told}' if told else ''}" or "An event without a kind"


def _list(items: list[str]) -> str:
    more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def _cut(told: str, limit: int = _SHORT) -> str:
    return told if len(told) <= limit else told[: limit - 1] + "…"


_SENTENCES: dict[str, Callable[[Data], str]] = {
    "health_scored": _scored,
    "plan_published": _planned,
    "goal_set": _goal_set,
    "goal_measured": _goal_measured,
    "risk_opened": _risk_opened,
    "risk_closed": _risk_closed,
    "playbook_started": _play,
    "handoff_sent": _sent("Handed over to"),
    "escalated": _sent("Escalated to"),
    "redirected": _sent("Redirected to"),
    "review_decided": _reviewed,
    "renewal_decided": _renewed,
    "override_set": _override,
    "facts_imported": _imported,
    "fact_noted": _noted,
    "promise_settled": _settled,
    "handoff_answered": _answered,
    "corrected": _corrected,
}
