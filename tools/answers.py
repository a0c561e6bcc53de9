"""How the calculating tools answer: facts by id, so that whoever reads can cite them."""

from __future__ import annotations

from collections.abc import Iterable

from agent.errors import printable
from agent.success.facts import Fact, FactBook

CITE = "Cite these ids (left of =) in the `evidence` of whatever uses their figures."


def fact_line(fact: Fact) -> str:
    """`id = value unit | what it is`; what people wrote stands in quotation marks."""
    if fact.kind == "quote":
        return f"{fact.id} = “{printable(str(fact.value), 600)}” ({printable(fact.label, 160)})"
    unit = f" {printable(fact.unit, 40)}" if fact.unit else ""
    value = printable(str(fact.value), 300)
    return f"{fact.id} = {value}{unit} | {printable(fact.label, 240)}"


def fact_lines(facts: FactBook, ids: Iterable[str]) -> list[str]:
    """The facts that exist among `ids`, each once."""
    found = (facts.get(id) for id in dict.fromkeys(ids))
    return [fact_line(fact) for fact in found if fact is not None]


def short(facts: FactBook, ids: Iterable[str]) -> str:
    """The same on one line, without saying what each is."""
    found = (facts.get(id) for id in ids)
    return ", ".join(f"{f.id} = {printable(str(f.value), 80)}" for f in found if f is not None)
