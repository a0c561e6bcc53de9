"""Names in people's words: a capitalised word that is nobody and nothing familiar.

Who wrote "a trial of Brightline" means a product that no list can hold, so it is known by its
capital letter. German writes every noun so; its phrases ask for more around a name.
"""

from __future__ import annotations

from collections.abc import Callable

import re2

MARK = "\x1f"
"""Stands behind every word of a name; no text of people holds it."""

NAME = rf"(?:[\w.]+{MARK}(?:[\s&\-]+[\w.]+{MARK})*)"

_WORD = re2.compile(r"[\p{L}\p{N}_]+")
_CALENDAR = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec q1 q2 q3 q4 h1 h2 montag dienstag mittwoch donnerstag freitag samstag sonntag januar
    februar marz mai juni juli oktober dezember easter christmas ostern weihnachten
"""
_ROLES = """
    i mr mrs ms dr prof herr frau mme monsieur madame sr sra senhor senhora ceo cfo coo cio cto cmo
    cso cpo ciso md vp svp it hr qa qm pm csm am kam dpo finance procurement purchasing legal
    operations sales marketing support management board kollegen kolleginnen kunden kundin ihnen
    ihrem ihrer ihr sie uns euch team
"""
_TALK = """
    qbr ebr roi kpi kpis sla sso api gdpr dsgvo rgpd avg lgpd iso pdf csv pos rfp faq excel word
    outlook powerpoint enterprise premium business professional basic starter pro plan
"""
_PLACES = """
    english german french spanish dutch danish italian polish portuguese american british european
    europe germany france spain italy poland portugal belgium austria switzerland netherlands uk us
    usa eu asia london paris berlin madrid
"""
_FAMILIAR = frozenset(f"{_CALENDAR}{_ROLES}{_TALK}{_PLACES}".split())


def marked(text: str, fold: Callable[[str], str], familiar: frozenset[str]) -> str:
    """`text` folded, with `MARK` behind every word that can be the name of something unknown.

    The first word of a text counts only when it has a capital inside ("DataSpring").
    """
    out, last, first = "", 0, True
    for match in _WORD.finditer(text):
        word = match.group()
        out += fold(text[last : match.end()])
        last = match.end()
        inner = any(ch.isupper() for ch in word[1:])
        if (word[0].isupper() and not first) or (inner and not word.isupper()):
            known = fold(word)
            if len(known) > 1 and known not in _FAMILIAR and known not in familiar:
                out += MARK
        first = False
    return out + fold(text[last:])
