"""What two lists of a plan have in common, and one difference in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agent.success.continuity.sentences import figure, words
from agent.success.continuity.values import day, mapping, number, text

Item = Mapping[str, Any]
Change = Literal["added", "gone", "changed"]
_LONG = 60
Pair = tuple[Item | None, Item | None]


@dataclass(frozen=True)
class Difference:
    """`subject` is what it is about (a title, a signal, a name); `before` and `after` are the
    values that differ, by field."""

    section: str
    change: Change
    subject: str
    says: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "before": dict(self.before), "after": dict(self.after)}


def items(document: Item, section: str) -> list[Item]:
    """The mappings of a list section; anything else is passed over."""
    found = document.get(section)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def matched(
    before: Iterable[Item], after: Iterable[Item], key: Callable[[Item], str]
) -> list[Pair]:
    """Pairs of items with the same key, those of `after` first; None where one has no partner.

    Of several items with one key the first meets the first, the second the second.
    """
    old, new = _numbered(before, key), _numbered(after, key)
    pairs: list[Pair] = [(old.get(id), item) for id, item in new.items()]
    return pairs + [(item, None) for id, item in old.items() if id not in new]


def _numbered(found: Iterable[Item], key: Callable[[Item], str]) -> dict[tuple[str, int], Item]:
    count: Counter[str] = Counter()
    out = {}
    for item in found:
        id = " ".join(key(item).split()).casefold()
        count[id] += 1
        out[id, count[id]] = item
    return out


def changed(
    section: str,
    subject: str,
    before: Item,
    after: Item,
    fields: Mapping[str, str],
    heading: str,
) -> list[Difference]:
    """At most one difference that names every field (key → word for it) that moved."""
    moved = [key for key in fields if before.get(key) != after.get(key)]
    if not moved:
        return []
    told = "; ".join(moves(before, after, fields))
    return [
        Difference(
            section,
            "changed",
            subject,
            f"{heading}: {told}",
            {key: before.get(key) for key in moved},
            {key: after.get(key) for key in moved},
        )
    ]


def moves(before: Item, after: Item, fields: Mapping[str, str]) -> list[str]:
    """What has become of each field (key → word for it) that differs."""
    moved = [key for key in fields if before.get(key) != after.get(key)]
    return [_moved(fields[key], before.get(key), after.get(key)) for key in moved]


def _moved(field: str, before: Any, after: Any) -> str:
    was, now = shown(before), shown(after)
    if max(len(was), len(now)) > _LONG:
        return f"{field} is now “{now}”"
    told = f"{field} from {was} to {now}"
    days = (end - start).days if (start := day(before)) and (end := day(after)) else 0
    if not days:
        return told
    unit, way = "day" if abs(days) == 1 else "days", "later" if days > 0 else "earlier"
    return f"{told}, {abs(days)} {unit} {way}"


def listed(
    section: str,
    before: Item,
    after: Item,
    key: Callable[[Item], str],
    *,
    added: Callable[[Item], str],
    gone: Callable[[Item], str],
    both: Callable[[Item, Item], Iterable[Difference]],
) -> Iterator[Difference]:
    """Differences of a list section, item by item. `key` gives the subject and finds partners;
    `added` and `gone` put an item without one into words, `both` compares two."""
    for was, now in matched(items(before, section), items(after, section), key):
        if was is not None and now is not None:
            yield from both(was, now)
        elif now is not None:
            yield Difference(section, "added", key(now), added(now), {}, now)
        elif was is not None:
            yield Difference(section, "gone", key(was), gone(was), was, {})


def shown(item: Any) -> str:
    """A value of a plan in words."""
    if item is None or item == "":
        return "none"
    if isinstance(item, bool):
        return "yes" if item else "no"
    found = number(item)
    return figure(found) if found is not None else words(str(item))[:300]


def title(item: Item) -> str:
    return text(item.get("title"))


def became(after: Item, plan_id: str, title: str) -> str:
    """What the later plan says has become of a promise of the earlier one; "" if nothing."""
    for item in items(after, "carried_forward"):
        if text(item.get("from_plan")) == plan_id and text(item.get("title")) == title:
            why = text(item.get("why"))
            return f" ({text(item.get('outcome'))}{f': {why}' if why else ''})"
    return ""


def part(document: Item, section: str) -> Item:
    """A section that is a mapping; an empty one for anything else."""
    return mapping(document.get(section))
