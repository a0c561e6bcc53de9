"""Checks of one item that need no evidence: owners, lanes, dates, wording."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from agent.boundary.fields import Item
from agent.boundary.findings import Finding
from agent.boundary.folding import BLANK, blank_phrases
from agent.boundary.people import CSM, Cast, is_csm
from agent.boundary.quantities import Moment, Reading
from agent.boundary.quotations import normal, without_quotations
from agent.boundary.verdict import Part
from agent.boundary.wording import done_claims, internal_words, placeholder
from agent.success.facts import Fact
from agent.success.plan import StakeholderPlan

_OWNER_FIELDS = ("owner", "decides", "lead", "ask")
_DEED_FIELDS = ("title", "comment", "next_step")
_PAST_IS_FINE = frozenset({"done", "overdue", "met", "regressed"})
_DONE_WORDS = frozenset({"done", "complete", "completed", "closed", "resolved", "live", "fixed"})
_FARTHEST_YEARS = 5


def owners_of(item: Item, cast: Cast) -> Iterator[Finding]:
    """Unknown roles and invented people among those who own, decide, lead or are asked."""
    for name in _OWNER_FIELDS:
        owner = getattr(item.part, name, None)
        if not isinstance(owner, str) or not owner.strip():
            continue
        verdict, piece = cast.judge(owner)
        where = f"{item.where}.{name}"
        if verdict == "unknown_role":
            near = cast.nearest_role(piece)
            fix = f"did you mean {near}" if near else f"use one of: {', '.join(sorted(cast.roles))}"
            yield Finding("unknown_role", where, f"'{piece}' is no role of the roster", fix)
        elif verdict == "invented":
            message = f"'{piece}' is not named in the facts of this account"
            fix = "name a role of the roster, a person of the facts, or a function of the customer"
            yield Finding("invented_person", where, message, fix)
    if isinstance(item.part, StakeholderPlan) and not cast.knows_person(item.part.name):
        message = f"'{item.part.name}' is not named in the facts of this account"
        fix = "name people of the facts only, or a function such as 'IT director'"
        yield Finding("invented_person", f"{item.where}.name", message, fix)


def lane_of(
    item: Item,
    out_of_lane: Callable[[str], Part | None],
    phrases: Sequence[str],
    cited: Sequence[Fact],
) -> Iterator[Finding]:
    """A deed of another lane given to the success manager. Quoted words, sentences of the program
    and titles taken verbatim from the record (a goal, a milestone) assign no work."""
    owner = getattr(item.part, "owner", None)
    if not isinstance(owner, str) or not is_csm(owner):
        return
    record = {normal(fact.value) for fact in cited if isinstance(fact.value, str)}
    for name in _DEED_FIELDS:
        text = getattr(item.part, name, None)
        if not isinstance(text, str) or normal(text) in record:
            continue
        own_voice = blank_phrases(without_quotations(text), phrases).replace(BLANK, " ").strip()
        part = out_of_lane(own_voice) if own_voice else None
        if part is not None and part.target != CSM:
            message = (
                f"'{part.span or own_voice[:80]}' is {part.lane} work, not the success manager's"
            )
            fix = f"its owner is {part.target}: send it with handoff and keep at most the follow-up"
            yield Finding("out_of_lane", f"{item.where}.{name}", message, fix)
            return


def dates_of(
    item: Item, as_of: date, cited: Collection[Reading], renewal: date | None
) -> Iterator[Finding]:
    """Dates in the past (unless done, overdue, or a due date of the record), or absurdly far off:
    more than five years ahead and after the renewal. `cited` holds the dates of cited facts."""
    status = getattr(item.part, "status", "")
    last_year = max(as_of.year + _FARTHEST_YEARS, renewal.year if renewal else 0)
    for name in ("due", "date", "month_or_date"):
        value = getattr(item.part, name, None)
        day = _day(value) if isinstance(value, str) else value
        where = f"{item.where}.{name}"
        if isinstance(value, str) and day is None:
            yield Finding("date", where, f"{value} is no date", "write YYYY-MM or YYYY-MM-DD")
        if not isinstance(day, date):
            continue
        of_record = name == "due" and Moment.of(day) in cited
        if day < as_of and status not in _PAST_IS_FINE and not of_record:
            message = f"{value} lies before {as_of}, the date of this plan"
            yield Finding("past_date", where, message, f"set a date from {as_of} on")
        elif day.year > last_year and not of_record:
            message = f"{value} is more than {_FARTHEST_YEARS} years ahead"
            yield Finding("far_date", where, message, "set a date within the plan's reach")


def _day(text: str) -> date | None:
    """A date, or the last day of a month; None when there is no such day."""
    try:
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            return date(year, month, monthrange(year, month)[1])
        return date.fromisoformat(text)
    except ValueError:
        return None


def wording_of(item: Item, cited: Sequence[Fact], phrases: Sequence[str]) -> Iterator[Finding]:
    """Placeholders, internal words before customers, claims of other lanes' work done."""
    told = [fact.value.casefold() for fact in cited if isinstance(fact.value, str)]
    theirs = [
        fact.value.casefold()
        for fact in cited
        if isinstance(fact.value, str)
        and fact.id.startswith(("goal.", "milestone.", "value.goals"))
    ]
    for where, text in item.texts:
        if left := placeholder(text):
            message = f"the placeholder '{left}' is left over"
            yield Finding("placeholder", where, message, "fill it from the facts or leave it out")
        if item.customer_visible:
            for word in internal_words(text):
                if not any(word.casefold() in text for text in theirs):
                    message = f"'{word}' must not be read by the customer"
                    fix = "set visibility to internal, or put it in the customer's words"
                    yield Finding("internal_words", where, message, fix)
        own_voice = blank_phrases(without_quotations(text), phrases)
        for claim, deed in done_claims(own_voice):
            if not any(deed in text or text in _DONE_WORDS for text in told):
                message = (
                    f"'{claim}' claims work as done that is another role's and is in no cited fact"
                )
                fix = "cite the fact that says so, or hand it over and state what is still open"
                yield Finding("done_claim", where, message, fix)
