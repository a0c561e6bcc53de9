"""When two spellings are the same customer, the same person, the same words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from agent.success.insights.sentences import folded

_WORD = re.compile(r"\w+")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SITES = ("domain", "website", "web", "url")


def company_key(name: str, legal_forms: Collection[str]) -> str:
    """A company's name without case, accents, punctuation and legal form; "" if nothing is left."""
    plain = " ".join(_WORD.findall(folded(name)))
    for form in sorted(legal_forms, key=len, reverse=True):
        words = " ".join(_WORD.findall(folded(form)))
        plain = re.sub(rf"(?<!^)\b{re.escape(words)}\b", " ", plain)
    return " ".join(plain.split())


def person_key(name: str, titles: Collection[str]) -> tuple[str, ...]:
    """The words of a person's name in any order, without titles."""
    left_out = {folded(title) for title in titles}
    return tuple(sorted(w for w in _WORD.findall(folded(name)) if w not in left_out))


def may_be_one(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one name is the other with initials in place of words: "I. Falkenrath"."""
    if len(a) != len(b) or len(a) < 2 or a == b:
        return False
    left_a, left_b = list(a), list(b)
    for word in {*a, *b}:
        if len(word) > 1 and word in left_a and word in left_b:
            left_a.remove(word)
            left_b.remove(word)
    if len(left_a) == len(a) or not left_a:
        return False  # not one whole word in common
    return all(
        x[0] == y[0] and min(len(x), len(y)) == 1
        for x, y in zip(sorted(left_a), sorted(left_b), strict=True)
    )


def text_key(text: Any) -> str:
    """Words without case, accents, punctuation and line breaks."""
    return " ".join(_WORD.findall(folded(text))) if isinstance(text, str) else ""


def domains(share: Mapping[str, Any], public: Collection[str]) -> dict[str, str]:
    """Internet domains of a customer → JSON pointer below the account where each stands first."""
    found: dict[str, str] = {}
    for domain, pointer in (*_sites(share), *_senders(share)):
        if domain not in public:
            found.setdefault(domain, pointer)
    return found


def _sites(share: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _SITES:
        value = share.get(key)
        if isinstance(value, str) and len(value) < 300:
            try:
                host = urlsplit(value if "//" in value else f"//{value}").hostname or ""
            except ValueError:
                continue
            host = host.removeprefix("www.")
            if _DOMAIN.fullmatch(host):
                yield host, f"/{key}"


def _senders(share: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    mails = share.get("emails")
    for n, mail in enumerate(mails if isinstance(mails, list) else ()):
        sender = mail.get("from") if isinstance(mail, Mapping) else None
        domain = sender.rpartition("@")[2].strip("> ").casefold() if isinstance(sender, str) else ""
        if "@" in str(sender) and _DOMAIN.fullmatch(domain):
            yield domain, f"/emails/{n}/from"
