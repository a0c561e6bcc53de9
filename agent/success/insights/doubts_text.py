"""Notes and e-mails that say something else than the figures. Read for doubts only: a figure in a
text never replaces a stored one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from agent.success.account import Account, Problem, Sentence
from agent.success.insights.sentences import folded, mentions
from agent.success.insights.values import read_date

_GOING = re.compile(
    r"\b(last (working )?day|has left|have left|is leaving|"
    r"(am|i'm|he's|she's|they're) leaving|"
    r"will leave|leaves (us|the company|on|in|at)|"
    r"left (the )?(company|organi[sz]ation|firm|us|in|on)|"
    r"resign(ed|s|ing)?|retir(es?|ed|ing)|no longer (with|at|works?|there|employed)|"
    r"moved on|stepp(ed|ing) down|handed in (his|her|their) notice|been replaced|"
    r"let go|laid off)\b",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(i|i'm|i'll|my)\b", re.I)
_NOT_RENEWING = re.compile(
    r"\b((not|won'?t|don'?t|never) "
    r"(going to |be |want to |plan to |intend to )?renew(ing)?|"
    r"(cancel|terminate|end) (our|the|this|their) (contract|subscription|agreement|licen[cs]e)|"
    r"will (leave|switch)|how to cancel|"
    r"switch(ing)? to (a |an |another )?(competitor|vendor|other))\b",
    re.I,
)
_GROWTH = re.compile(
    r"\b(more|additional|another|extra|add|adding|want|wants|need|needs|ask(s|ed|ing)?|expand|"
    r"grow|would like|in future|plan(s|ned)? to|up to|per|each|trial|of our|of the)\b",
    re.I,
)
_NUMBER = r"(?P<n>\d{1,3}(?:[,.]\d{3})+|\d{1,9})"
_FIGURES = (
    (
        "active users",
        re.compile(
            rf"\b(?:only |just )?{_NUMBER} (?:active users|users active|are active)\b", re.I
        ),
    ),
    (
        "seats",
        re.compile(rf"\b{_NUMBER} (?:licensed )?(?:seats|licen[cs]es|licensed users)\b", re.I),
    ),
    (
        "ARR",
        re.compile(
            rf"\b(?:arr|contract value|annual fee)\b[^\d.;]{{0,24}}{_NUMBER}(?![\d%])", re.I
        ),
    ),
    ("NPS", re.compile(r"\bnps\b[^\d.;-]{0,16}(?P<n>-?\d{1,3})(?!\d)", re.I)),
    (
        "notice period",
        re.compile(r"\bnotice(?: period)?(?: is| of|:)? (?P<n>\d{1,3})[ -]days?\b", re.I),
    ),
)
_RENEWAL = re.compile(
    r"\b(renewals?( date)?|renews?|(contract|term|agreement) (ends|end|runs out|expires))\b", re.I
)
_MEETING = re.compile(
    r"\b(meet\w*|call|review|talk|discuss\w*|before|decision|decide|by|offer)\b", re.I
)
_MONTHS = {
    m: n
    for n, m in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    re.compile(r"\b(?P<d>\d{1,2})\.? (?P<m>[A-Z][a-z]{2,8})\.?,? (?P<y>\d{4})"),
    re.compile(r"\b(?P<m>[A-Z][a-z]{2,8})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})"),
)


def from_text(account: Account) -> Iterator[Problem]:
    """Doubts raised by single sentences; each names the sentence's fact id."""
    for sentence in account.sentences:
        yield from _sponsor(account, sentence)
        yield from _figures(account, sentence)
        yield from _renewal(account, sentence)


def _sponsor(account: Account, sentence: Sentence) -> Iterator[Problem]:
    sponsor = account.sponsor
    if sponsor is None or sponsor.status not in ("active", "passive"):
        return
    if not _GOING.search(sentence.text):
        return
    about = bool(sponsor.name) and mentions(sentence.text, sponsor.name)
    about = about or re.search(r"\bsponsor\b", sentence.text, re.I) is not None
    own_words = bool(sponsor.name) and mentions(
        re.sub(r"[@._-]", " ", sentence.author), sponsor.name
    )
    about = about or (own_words and _FIRST_PERSON.search(sentence.text) is not None)
    if about:
        yield Problem(
            "relationship.executive_sponsor.status",
            "contradictory",
            f"the sponsor is marked {sponsor.status} but {_called(sentence)} says otherwise",
            "customer",
        )


def _figures(account: Account, sentence: Sentence) -> Iterator[Problem]:
    for name, pattern in _FIGURES:
        match = pattern.search(sentence.text)
        if match is None or (name in ("seats", "active users") and _GROWTH.search(sentence.text)):
            continue
        stated = int(re.sub(r"[,.]", "", match.group("n")))
        known, path = _known(account, name)
        if known and stated not in known:
            yield Problem(
                path,
                "contradictory",
                f"{name} is {known[-1]:g} in the data but {_called(sentence)} says {stated}",
                "account-manager" if name not in ("active users", "NPS") else "support-analyst",
            )


def _known(account: Account, name: str) -> tuple[list[float], str]:
    """Values that the data know under this name, the current one last, and their field."""
    if name == "active users":
        periods = (*account.weeks, *account.months)
        return [m.active_users for m in periods if m.active_users is not None], "usage.active_users"
    if name == "seats":
        licensed = [m.licensed_users for m in account.months if m.licensed_users is not None]
        free = [
            m.licensed_users - m.active_users
            for m in account.months
            if m.licensed_users is not None and m.active_users is not None
        ]
        used = [m.active_users for m in account.months if m.active_users is not None]
        seats = [account.seats] if account.seats is not None else []
        everything = [*free, *used, *licensed, *seats]
        return list(everything) if licensed or seats else [], "contract.plan_limits.seats"
    single = {
        "ARR": (account.arr, "contract.arr"),
        "NPS": (account.nps, "relationship.nps.score"),
        "notice period": (account.notice_period_days, "contract.notice_period_days"),
    }
    value, path = single[name]
    return ([] if value is None else [value]), path


def _renewal(account: Account, sentence: Sentence) -> Iterator[Problem]:
    sure = account.renewal_confidence is not None and account.renewal_confidence >= 70
    if sure and _NOT_RENEWING.search(sentence.text):
        yield Problem(
            "relationship.renewal_confidence",
            "contradictory",
            f"renewal confidence is {account.renewal_confidence:g} % but {_called(sentence)} "
            "speaks of leaving",
            "customer-success-manager",
        )
    if account.renewal_date is None:
        return
    for day in _renewal_dates(sentence.text):
        if day != account.start_date and abs((day - account.renewal_date).days) > 1:
            yield Problem(
                "contract.renewal_date",
                "contradictory",
                f"the contract renews on {account.renewal_date} but {_called(sentence)} says {day}",
                "account-manager",
            )


def _renewal_dates(text: str) -> Iterator[date]:
    """Dates that follow closely on a word for renewal; dates of meetings about it are not meant."""
    words = [match.end() for match in _RENEWAL.finditer(text)]
    for pattern in _DATES:
        for match in pattern.finditer(text):
            before = [end for end in words if 0 <= match.start() - end <= 30]
            if not before or _MEETING.search(text[before[-1] : match.start()]):
                continue
            month = match.group("m")
            number = int(month) if month.isdigit() else _MONTHS.get(folded(month)[:3], 0)
            day, _ = read_date(f"{match.group('y')}-{number:02d}-{int(match.group('d')):02d}")
            if day is not None:
                yield day


def _called(sentence: Sentence) -> str:
    day = f" of {sentence.at}" if sentence.at else ""
    return f"the {'e-mail' if sentence.channel == 'email' else 'note'}{day} ({sentence.fact_id})"
