"""Where two places of a memory cannot both be right: insights, timeline, plan, scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from agent.success.continuity.facts import facts
from agent.success.continuity.values import day
from agent.success.insights.values import read_date, shown
from agent.success.upkeep.findings import Finding
from agent.success.upkeep.policy import Upkeep
from agent.success.upkeep.records import INSIGHTS, SCORES, AccountRecord

_MEND_INSIGHTS = "Ask the account-manager which holds, and correct the insights."


def contradictions(account: AccountRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """All contradictions about one account."""
    if account.look is not None:
        yield from _inside(account)
        yield from _decided(account, policy)
        yield from _plan(account)
    if account.share is not None:
        yield from _facts(account, policy, as_of)
    yield from _score(account)


def _inside(account: AccountRecord) -> Iterator[Finding]:
    """Figures of the insights that do not fit each other."""
    assert account.look is not None
    for problem in account.look.account.problems:
        if problem.state == "contradictory":
            yield Finding(
                "warning", "contradiction", account.account_id, INSIGHTS,
                account.pointer_to(problem.field), problem.message,
                f"Ask {problem.ask}." if problem.ask else "Find out which holds.",
            )  # fmt: skip


def _facts(account: AccountRecord, policy: Upkeep, as_of: date) -> Iterator[Finding]:
    """Facts of the timeline that contradict each other, or the insights."""
    for key, fact in facts(account.told, as_of).items():
        if not key.startswith(tuple(policy.compared_facts)) or not fact.valid:
            continue
        since, values = fact.valid[0].valid_from, " and ".join(shown(n.value) for n in fact.valid)
        if fact.contradictory:
            yield Finding(
                "warning", "contradiction", account.account_id, account.timeline, "",
                f"{key} is both {values} since {since} by the timeline",
                "Withdraw the wrong one: csm record correction.",
            )  # fmt: skip
            continue
        found, known = _at(account.share, key)
        if known and not _same(found, fact.valid[0].value):
            yield Finding(
                "warning", "contradiction", account.account_id, INSIGHTS, account.pointer_to(key),
                f"{key} is {shown(found)} in the insights, but {shown(fact.valid[0].value)} since "
                f"{since} by the timeline",
                "Find out which holds; correct the insights, or record it: csm record fact.",
            )  # fmt: skip


def _decided(account: AccountRecord, policy: Upkeep) -> Iterator[Finding]:
    """The last renewal that was decided, against the contract as the insights have it."""
    assert account.look is not None
    terms, as_of = account.look.account, account.look.as_of
    last = account.last("renewal_decided")
    if last is None:
        return
    data, on = last.data, last.on
    if data.get("outcome") == "churned":
        end = _term_end(account, on) or on + timedelta(days=policy.decided_ahead_days)
        if terms.renewal_date is not None and terms.renewal_date > end:
            yield _clash(
                account, "/contract/renewal_date",
                f"they left by a decision of {on} on the timeline, but the insights have a "
                f"contract until {terms.renewal_date}",
                _MEND_INSIGHTS,
            )  # fmt: skip
        return
    after = data.get("arr_after")
    if terms.arr is not None and isinstance(after, (int, float)) and not _same(after, terms.arr):
        yield _clash(
            account, "/contract/arr",
            f"renewed on {on} at {after:,.10g} by the timeline, but the insights say "
            f"{terms.arr:,.10g}",
            _MEND_INSIGHTS,
        )  # fmt: skip
    if terms.renewal_date is not None and terms.renewal_date <= as_of:
        yield _clash(
            account, "/contract/renewal_date",
            f"renewed on {on} by the timeline, but the insights still have the renewal date "
            f"{terms.renewal_date}, which has passed",
            "Put the new term into the insights.",
        )  # fmt: skip


def _term_end(account: AccountRecord, decided: date) -> date | None:
    """The end of the term that was decided about, as the plan before it had it."""
    for told in reversed(account.told):
        forecast = told.data.get("forecast")
        if told.kind == "plan_published" and told.on <= decided and isinstance(forecast, Mapping):
            return day(forecast.get("renewal_date"))
    return None


def _plan(account: AccountRecord) -> Iterator[Finding]:
    """Renewal date and ARR of the newest plan, which deadlines were counted from."""
    plan, look = account.plan, account.look
    if plan is None or look is None:
        return
    decided = account.last("renewal_decided")
    if decided is not None and plan.as_of and decided.on >= plan.as_of:
        return  # a renewal moves both, and the plan is from before it
    said = plan.document.get("renewal")
    renewal = said if isinstance(said, Mapping) else {}
    terms = look.account
    planned, _ = read_date(renewal.get("date"))
    fix = "Ask the account-manager which holds, then run a new plan."
    if planned and terms.renewal_date and planned != terms.renewal_date:
        yield Finding(
            "error", "contradiction", account.account_id, plan.path, "/renewal/date",
            f"the newest plan counts to a renewal on {planned}, the insights say "
            f"{terms.renewal_date}",
            fix,
        )  # fmt: skip
    arr = renewal.get("arr")
    if isinstance(arr, (int, float)) and terms.arr is not None and not _same(arr, terms.arr):
        yield Finding(
            "error", "contradiction", account.account_id, plan.path, "/renewal/arr",
            f"the newest plan has an ARR of {arr:,.10g}, the insights say {terms.arr:,.10g}",
            fix,
        )  # fmt: skip


def _score(account: AccountRecord) -> Iterator[Finding]:
    """The scores file against the newest score on the timeline."""
    told, entry = account.told_entry, account.entry
    if told is None:
        return
    if entry is None:
        yield Finding(
            "error", "contradiction", account.account_id, SCORES, account.pointer,
            f"the timeline tells of a score of {_score_words(told)}, the scores file has none",
            "Rebuild the file from the timeline: csm memory rebuild.",
        )  # fmt: skip
        return
    differing = [
        key
        for key in ("score", "tier", "as_of", "override")
        if not _same(entry.get(key), told.get(key))
    ]
    if differing:
        yield Finding(
            "error", "contradiction", account.account_id, SCORES,
            f"{account.pointer}/{differing[0]}",
            f"the scores file says {_score_words(entry)}, the newest score on the timeline is "
            f"{_score_words(told)} (differs: {', '.join(differing)})",
            "Rebuild the file from the timeline: csm memory rebuild.",
        )  # fmt: skip


def _score_words(entry: Mapping[str, Any]) -> str:
    score, tier = entry.get("score"), entry.get("tier")
    return f"{shown(score)} {shown(tier) if tier else ''} of {shown(entry.get('as_of'))}".replace(
        "'", ""
    )


def _clash(account: AccountRecord, pointer: str, what: str, fix: str) -> Finding:
    where = account.pointer + pointer
    return Finding("error", "contradiction", account.account_id, INSIGHTS, where, what, fix)


def _at(share: Mapping[str, Any] | None, key: str) -> tuple[Any, bool]:
    """(value, whether there is one) at a dotted path of the insights."""
    value: Any = share
    for step in key.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None, False
        value = value[step]
    return value, value is not None


def _same(a: Any, b: Any) -> bool:
    """Equal for a person: 200 and 200.0, a date and its text, words in any case."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1.0)
    return bool(_plain(a) == _plain(b))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.strip().casefold() if isinstance(value, str) else value
