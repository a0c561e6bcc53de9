"""What a clause that no rule places leans towards, and whether that can change a decision.

A piece that is not understood matters only where it shows a sign of another lane than the one
decided: "usage is growing, be ready before the budget talks" cannot turn a success plan into a
ticket, "unjam the feed" can.
"""

from __future__ import annotations

from agent.boundary.lanes import Language, Rule

OWN = "in_lane"
FOREIGN = "foreign"
BOTH = frozenset({OWN, FOREIGN})
_PRONOUNS = {"it", "that", "this", "these", "those", "them", "one"}


def leanings(norm: str, lang: Language, earlier: str) -> frozenset[str]:
    """Lanes that the words of an unplaced clause point to; `FOREIGN` when only "not ours" shows.

    Args:
        norm: the clause, as `norm_of` gives it.
        earlier: the clauses before it, to know what a pronoun may stand for.
    """
    out: set[str] = {rule.lane for rule in named_lanes(norm, lang)}
    foreign_verb = lang.foreign_verb is not None and lang.foreign_verb.match(norm) is not None
    subject = lang.has("foreign_subjects", norm) and not lang.has("impact", norm)
    if (foreign_verb or subject) and not lang.has("deliverables", norm):
        out.add(FOREIGN)
    refers = bool(set(norm.split()[1:]) & _PRONOUNS)
    if lang.has("topics", norm) or lang.has("impact", norm):
        out.add(OWN)
    elif refers and lang.has("support_signs", earlier):
        out.add("support")
    return frozenset(out)


def named_lanes(norm: str, lang: Language) -> list[Rule]:
    """Foreign rules whose verb and object both occur in a clause, in any order."""
    return [
        r
        for r in lang.rules
        if r.lane != OWN
        and r.anywhere is not None
        and r.objects is not None
        and r.party == "any"
        and r.anywhere.search(norm)
        and r.objects.search(norm)
        and not (r.unless and r.unless.search(norm))
    ]


def can_change(leaning: frozenset[str], asked: set[str]) -> bool:
    """Whether an unplaced clause of this leaning could make the label `asked` lanes give wrong."""
    foreign = asked - {OWN}
    named = leaning - BOTH
    if OWN in asked and foreign:
        return bool(named - foreign)
    if OWN in asked:
        return bool(leaning - {OWN})
    return OWN in leaning or bool(named - foreign)
