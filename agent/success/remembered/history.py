"""An account's past as a run sees it: events as they count on its day, and the state they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.success.carry import KEPT_OUT
from agent.success.continuity.reading import Event, Told, read
from agent.success.continuity.sent import Reply
from agent.success.continuity.state import AccountState, account_state
from agent.success.events import timeline_source
from agent.success.facts import FactBook

WORDS = 120
"""Characters of somebody's words that are repeated; the timeline holds the rest."""


def _nothing(_text: str) -> bool:
    return False


@dataclass(frozen=True)
class History:
    """`told` are the events up to the run's day, corrected and without those withdrawn; `since` is
    the day of the last plan. `keeps_out` tells words that no document of a run repeats: orders to
    a reader, names of other accounts."""

    state: AccountState
    told: tuple[Told, ...]
    since: date | None = None
    keeps_out: Callable[[str], bool] = _nothing

    @property
    def source(self) -> str:
        return timeline_source(self.state.account_id)

    @property
    def fresh(self) -> tuple[Told, ...]:
        """Events since the day of the last plan; all of them without one."""
        return tuple(t for t in self.told if self.since is None or t.on >= self.since)

    def words(self, text: str, most: int = WORDS) -> str:
        """Somebody's words: verbatim, short, on one line as far as they go; or a note instead."""
        if self.keeps_out(text):
            return KEPT_OUT
        return text if len(text) <= most else text[:most].rsplit(None, 1)[0]

    def fact(self, facts: FactBook, id: str, t: Told, key: str, label: str) -> str:
        """A fact for one key of an event's data: a quote of a text, a stored figure of a number.
        Where its words are kept out, the kind of the event stands for them."""
        value = t.data.get(key)
        where = {"source": self.source, "at": t.on.isoformat()}
        if isinstance(value, str) and value.strip():
            said = self.words(value.strip())
            if said == KEPT_OUT:
                pointer = f"/{t.id}/kind"
                return facts.stored(id, t.kind, label, pointer=pointer, **where)
            return facts.quote(id, said, label, pointer=f"/{t.id}/data/{key}", **where)
        if isinstance(value, (int, float)):
            return facts.stored(id, value, label, pointer=f"/{t.id}/data/{key}", **where)
        return facts.stored(id, t.kind, label, pointer=f"/{t.id}/kind", **where)


def history(
    account_id: str,
    events: Sequence[Event],
    as_of: date,
    *,
    since: date | None = None,
    replies: Sequence[Reply] = (),
    keeps_out: Callable[[str], bool] = _nothing,
) -> History:
    """The past of an account.

    Args:
        events: its timeline, in the order of its lines.
        since: the day of the last plan.
        replies: messages in our inbox that answer ours.
    """
    state = account_state(account_id, events, as_of, replies=replies)
    return History(state, read(events, as_of=as_of).standing, since, keeps_out)
