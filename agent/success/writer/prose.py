"""Sentences that remember which facts they used."""

from __future__ import annotations

from collections.abc import Iterable

from agent.success.facts import Fact, FactBook


class Prose:
    """Formats facts into text and collects their ids as the evidence of that text."""

    def __init__(self, facts: FactBook, cited: Iterable[str] = ()) -> None:
        self._facts = facts
        self.cited: list[str] = list(dict.fromkeys(cited))

    def has(self, *ids: str) -> bool:
        return all((f := self._facts.get(id)) is not None and f.value is not None for id in ids)

    def __call__(self, id: str) -> str:
        """The fact's value for people, cited. The fact must exist (`has` tells)."""
        self.cite(id)
        return shown(self._facts[id])

    def cite(self, *ids: str) -> None:
        self.cited += [id for id in ids if id in self._facts and id not in self.cited]

    def quote(self, id: str, limit: int = 240) -> str:
        """Verbatim words in quotation marks, cut at a word when long (a cut stays verbatim)."""
        self.cite(id)
        text = " ".join(str(self._facts[id].value).split())
        if len(text) > limit:
            text = text[:limit].rsplit(" ", 1)[0]
        return f"“{text}”"

    def statement(self, text: str, **extra: object) -> dict[str, object]:
        return {"text": text, "evidence": list(self.cited), **extra}


def shown(fact: Fact) -> str:
    """A value as people write it: 585,400; 98.3%; 2027-04-30; EUR 96,000."""
    value, unit = fact.value, fact.unit
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "unknown"}[value]
    if isinstance(value, (int, float)):
        number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
        if isinstance(value, float) and not value.is_integer() and abs(value) < 10:
            number = f"{value:,.2f}".rstrip("0").rstrip(".")
        if unit == "%":
            return f"{number}%"
        if len(unit) == 3 and unit.isupper():
            return f"{unit} {number}"
        return number
    return str(value)
