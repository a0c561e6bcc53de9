"""What stands twice: customers, people, words, messages, instructions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any

from agent.success.insights.values import shown
from agent.success.upkeep.findings import Finding
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import INSIGHTS, AccountRecord, Asked, MemoryRecord, MessageFile
from agent.success.upkeep.same import company_key, domains, may_be_one, person_key, text_key

_MOST_PEOPLE = 200


def duplicates(memory: MemoryRecord, policy: Upkeep) -> Iterator[Finding]:
    """Everything in the memory that stands there twice."""
    known = [a for a in memory.accounts if a.share is not None]
    yield from _names(known, policy)
    yield from _domains(known, policy)
    for account in known:
        yield from _people(account, policy)
        yield from _own_words(account, policy)
    yield from _foreign_words(known, policy)
    yield from _messages(memory.messages, policy)
    yield from _instructions(memory.asked, policy)


def _names(accounts: Sequence[AccountRecord], policy: Upkeep) -> Iterator[Finding]:
    by_name: dict[str, list[AccountRecord]] = defaultdict(list)
    for account in accounts:
        if key := company_key(account.name, policy.legal_forms):
            by_name[key].append(account)
    for group in by_name.values():
        first = min(group, key=lambda a: a.account_id)
        for other in group:
            if other is not first:
                yield Finding(
                    "error", "duplicate", other.account_id, INSIGHTS, other.pointer,
                    f"{shown(other.name)} has the name of {first.account_id} "
                    f"({shown(first.name)}): one customer under two ids splits its history",
                    "Merge them under one id, or make the names tell them apart.",
                )  # fmt: skip


def _domains(accounts: Sequence[AccountRecord], policy: Upkeep) -> Iterator[Finding]:
    by_domain: dict[str, list[tuple[AccountRecord, str]]] = defaultdict(list)
    for account in accounts:
        for domain, pointer in domains(account.share or {}, policy.public_mail_domains).items():
            by_domain[domain].append((account, pointer))
    for domain, found in by_domain.items():
        if not 1 < len(found) <= policy.shared_domain_accounts:
            continue
        first = min((a for a, _ in found), key=lambda a: a.account_id)
        for other, pointer in found:
            if other is not first:
                yield Finding(
                    "warning", "duplicate", other.account_id, INSIGHTS, other.pointer + pointer,
                    f"the domain {shown(domain)} is also that of {first.account_id}",
                    "Check whether both are one customer, or whose the mail is.",
                )  # fmt: skip


def _people(account: AccountRecord, policy: Upkeep) -> Iterator[Finding]:
    people = _listed(_at(account.share, "relationship", "stakeholders"))[:_MOST_PEOPLE]
    where = f"{account.pointer}/relationship/stakeholders"
    for (n, one), (m, other) in combinations(people, 2):
        a, b = (person_key(str(p.get("name") or ""), policy.titles) for p in (one, other))
        mails = [str(p.get("email") or "").strip().casefold() for p in (one, other)]
        same_mail = mails[0] == mails[1] != ""
        if not (a and b) or not (a == b or same_mail or may_be_one(a, b)):
            continue
        names = f"{shown(one.get('name'))} and {shown(other.get('name'))}"
        sure = a == b or same_mail
        why = "share a mail address" if same_mail and a != b else "are one person"
        yield Finding(
            "warning" if sure else "note", "duplicate", account.account_id, INSIGHTS,
            f"{where}/{m}",
            f"{names} {why if sure else 'may be one person'} (also {where}/{n})",
            "Keep one of the two with what is known of both.",
        )  # fmt: skip


def _own_words(account: AccountRecord, policy: Upkeep) -> Iterator[Finding]:
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for pointer, day, key in _words(account):
        long = len(key) >= policy.same_text_chars
        same = seen.get((key, "")) if long else seen.get((key, day))
        if same is not None:
            earlier, then = same
            when = (
                "on the same day"
                if day == then
                else f"dated {day or 'never'} and {then or 'never'}"
            )
            yield Finding(
                "warning" if day == then else "note", "duplicate", account.account_id, INSIGHTS,
                account.pointer + pointer,
                f"the same words stand at {account.pointer}{earlier}, {when}",
                "Remove one of the two, so that it does not count twice.",
            )  # fmt: skip
        seen.setdefault((key, "") if long else (key, day), (pointer, day))


def _foreign_words(accounts: Sequence[AccountRecord], policy: Upkeep) -> Iterator[Finding]:
    """Long words that stand in the records of several customers: one got the other's mail."""
    by_text: dict[str, dict[str, tuple[AccountRecord, str]]] = defaultdict(dict)
    for account in accounts:
        for pointer, _, key in _words(account):
            if len(key) >= policy.same_text_chars:
                by_text[key].setdefault(account.account_id, (account, pointer))
    for found in by_text.values():
        if not 1 < len(found) <= policy.shared_domain_accounts:
            continue  # what stands with very many is a circular
        ids = sorted(found)
        for id in ids[1:]:
            account, pointer = found[id]
            yield Finding(
                "error", "duplicate", id, INSIGHTS, account.pointer + pointer,
                f"the same words stand with {ids[0]}: a note of one customer lies with another",
                "Find out whose they are and remove them from the other.",
            )  # fmt: skip


def _words(account: AccountRecord) -> Iterator[tuple[str, str, str]]:
    """(pointer below the account, day, words to compare) of each note and mail."""
    for block, field in (("notes", "text"), ("emails", "body")):
        items = (account.share or {}).get(block)
        for n, item in enumerate(items if isinstance(items, list) else ()):
            text = item.get(field, item.get("text")) if isinstance(item, Mapping) else item
            day = str(item.get("date") or "")[:10] if isinstance(item, Mapping) else ""
            if key := text_key(text):
                yield f"/{block}/{n}", day, key


def _messages(messages: Sequence[MessageFile], policy: Upkeep) -> Iterator[Finding]:
    groups: dict[tuple[str, ...], list[MessageFile]] = defaultdict(list)
    for message in messages:
        words = text_key(message.subject), text_key(message.text)
        groups[message.to, message.type, message.account_id, *words].append(message)
    for group in groups.values():
        earlier: MessageFile | None = None
        for message in sorted(group, key=lambda m: (m.sent or date.min, m.path)):
            near = earlier is not None and _near(
                earlier.sent, message.sent, policy.same_message_within_days
            )
            if earlier is not None and near:
                yield Finding(
                    "warning", "duplicate", message.account_id, message.path, "",
                    f"{shown(message.subject)} went to {message.to} twice (also {earlier.path})",
                    "Take one of them back, and tell the receiver.",
                )  # fmt: skip
            earlier = message


def _instructions(asked: Sequence[Asked], policy: Upkeep) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for one in asked:
        if one.account_id and (key := text_key(one.objective)):
            groups[one.account_id, key].append(one)
    for group in groups.values():
        earlier: Asked | None = None
        for one in sorted(group, key=lambda a: (a.on or date.min, a.id)):
            near = earlier is not None and _near(
                earlier.on, one.on, policy.same_instruction_within_days
            )
            if earlier is not None and near:
                yield Finding(
                    "warning", "duplicate", one.account_id, one.path, "",
                    f"{one.id} asks in the same words as {earlier.id} ({_state(earlier)})",
                    "Withdraw one of them; `csm run ID --again` makes a new revision.",
                )  # fmt: skip
            earlier = one


def _state(asked: Asked) -> str:
    return asked.status.replace("_", " ") or "not run yet"


def _near(a: date | None, b: date | None, days: int) -> bool:
    """Two days are near; so is what has no day."""
    return a is None or b is None or abs((b - a).days) <= days


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _listed(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    items = enumerate(value) if isinstance(value, list) else ()
    return [(n, item) for n, item in items if isinstance(item, Mapping)]
