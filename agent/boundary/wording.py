"""Words that must not stand in a plan: placeholders, internal terms before customers, and claims
that work of other lanes has been done."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLACEHOLDER = re.compile(
    r"\[(?!\s?(?:sic|…|\.\.\.)\s?\])[a-z][a-z _/-]{1,40}\]|\{\{|\}\}|\{%"
    r"|<(?:insert|name|date|target|tbd)\b"
    r"|\b(?:TBD|TBC|TODO|FIXME)\b|(?<![\w-])X{2,}(?![\w-])|\?{3,}|_{3,}|(?i:\blorem ipsum\b)"
    r"|\b[Ii]nsert [\w ]{1,30} here\b|(?<!\w)\[(?:TBD|X+|NAME|DATE|TARGET|NUMBER)\]"
)
_INTERNAL = re.compile(
    r"\b(?:churn(?:s|ed|ing)?|attrition risk"
    r"|risk of (?:leaving|loss|losing|cancellation|non-renewal)"
    r"|flight risk|health (?:score|tier|rating|label|status)"
    r"|(?:red|yellow|amber) (?:account|tier|health)"
    r"|at[- ]risk|upsell(?:s|ing)?|up-sell(?:s|ing)?|cross-?sell(?:s|ing)?"
    r"|expansion (?:opportunit(?:y|ies)|potential|revenue|signals?|pipeline)"
    r"|negotiat(?:e|es|ed|ing|ion|ions)|save (?:plan|play|strategy)"
    r"|renewal (?:risk|forecast|probability)"
    r"|internally|internal(?: |-)(?:only|notes?|use|view|discussion|assessment|strategy|alignment)"
    r"|for internal|[\[(]internal[\])]|internal:)",
    re.I,
)
_OBJECT = (
    r"(?:tickets?|cases?|incidents?|bugs?|defects?|outages?|faults?|errors?|passwords?|log-?ins?|"
    r"access|accounts?|permissions?|invoices?|refunds?|credit notes?|integrations?|connectors?|"
    r"features?|patch(?:es)?|hot-?fix(?:es)?|api keys?|sso|(?-i:[A-Z]{2,6}-\d{2,}))"
)
_DONE = (
    r"(resolved|fixed|closed|reset|re-set|repaired|patched|restored|unlocked|reinstated|refunded|"
    r"reissued|corrected|debugged|deployed|released|shipped|configured|set up|reconfigured)"
)
_PASSIVE = re.compile(
    rf"\b{_OBJECT}\b(?: \S+){{0,5}}? (?:(?:has|have)(?: already| now| since)? been|was|were"
    rf"|is now|are now|got)(?: \w+ly| now| already)? {_DONE}\b",
    re.I,
)
_ACTIVE = re.compile(
    rf"\b(?:I|we|CSM|customer success)(?:'ve| have| has)?(?: already| now)? {_DONE}\b"
    rf"(?: \S+){{0,4}}? {_OBJECT}\b",
    re.I,
)
_UNREAL = re.compile(
    r"\b(?:until|once|when|whenever|if|unless|after|as soon as|before|whether|not|never|hardly|"
    r"confirm(?:s|ed)?|check|ask|verify|make sure|ensure|that)\b",
    re.I,
)
_CLAUSE = re.compile(r"[^.!?;\n]{1,2000}[.!?;\n]?")


def placeholder(text: str) -> str:
    """The first placeholder left in `text`, "" when there is none."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else ""


def internal_words(text: str) -> Iterator[str]:
    """Terms that are ours alone: a customer must not read them about himself."""
    seen = set()
    for match in _INTERNAL.finditer(text):
        if (word := match[0].casefold()) not in seen:
            seen.add(word)
            yield match[0]


def done_claims(text: str) -> Iterator[tuple[str, str]]:
    """(the claim, what is said to have been done) where `text` states that a ticket, a fault, an
    access and the like has been dealt with; conditions, negations and questions claim nothing."""
    for clause in _CLAUSE.findall(text):
        if clause.endswith("?"):
            continue
        for pattern in (_PASSIVE, _ACTIVE):
            match = pattern.search(clause)
            if match and not _UNREAL.search(clause[: match.end()]):
                yield match[0], match[1].lower()
                break
