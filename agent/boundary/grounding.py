"""One text against the evidence it cites: figures, identifiers, quotations."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.boundary.figures import extract
from agent.boundary.findings import MAX_FINDINGS, Finding
from agent.boundary.folding import blank_phrases
from agent.boundary.holdings import Holdings
from agent.boundary.quantities import Figure, Reading
from agent.boundary.quotations import counts, is_verbatim, passages, quotations
from agent.success.facts import FactBook

_NO_FACT = (
    "no stored or computed fact has this value: leave it out or put a proposal in a typed field"
)
_PHRASE = 8  # characters; anything shorter is a word, not a sentence


@dataclass
class Ground:
    """What texts of one run may rest on. `phrases` are sentences of the program itself, which may
    be repeated verbatim; so may the label of a cited fact ("note of 22 October by the CSM")."""

    facts: FactBook
    identity: Iterable[str] = ()
    phrases: Iterable[str] = ()
    holdings: Holdings = field(init=False)
    _suggested: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.holdings = Holdings(self.facts, self.identity)
        self.phrases = tuple(
            {p.strip().rstrip(".") for p in self.phrases if len(p.strip()) >= _PHRASE}
        )

    def check(
        self, texts: Sequence[tuple[str, str]], ids: Sequence[str], own: Iterable[Reading] = ()
    ) -> Iterator[Finding]:
        """Findings on texts (field path, text) that rest on the facts `ids` and the typed values
        `own` of the same item."""
        borne_out = self.holdings.cited(ids, own)
        labels = [fact.label for fact in self.facts.closure(ids) if len(fact.label) >= _PHRASE]
        for where, text in texts:
            told = blank_phrases(text, [*self.phrases, *labels])
            stated = {(figure.text, figure.options): figure for figure in extract(told)}
            for figure in stated.values():
                if not borne_out(figure):
                    yield self._unsourced(where, figure)
            yield from self._misquoted(where, told, ids)

    def unknown_ids(self, where: str, ids: Iterable[str]) -> Iterator[Finding]:
        """Cited ids that no fact has, with the closest ones there are."""
        for id in dict.fromkeys(ids):
            if id in self.facts:
                continue
            near: list[str] = []
            if self._may_suggest():
                near = difflib.get_close_matches(id[:120], [f.id for f in self.facts], 3, 0.6)
            fix = f"did you mean {' or '.join(near)}" if near else "cite ids of the brief only"
            yield Finding("unknown_evidence", where, f"there is no fact '{id[:120]}'", fix)

    def _unsourced(self, where: str, figure: Figure) -> Finding:
        if figure.kind == "identifier":
            message = f"'{figure.text}' stands in no fact of this account"
            return Finding("identifier", where, message, "leave it out, or name it as the facts do")
        message = f"'{figure.text}' has no source in the evidence of this item"
        holders = self.holdings.holders(figure) if self._may_suggest() else []
        joint = " and " if len(figure.options[0]) > 1 else " or "
        return Finding(
            "figure", where, message, f"cite {joint.join(holders)}" if holders else _NO_FACT
        )

    def _misquoted(self, where: str, text: str, ids: Sequence[str]) -> Iterator[Finding]:
        said = [quotation for quotation in quotations(text) if counts(quotation)]
        if not said:
            return
        cited = passages(self.facts.closure(ids))
        for quotation in said:
            if "\x00" in quotation.text or is_verbatim(quotation.text, cited):
                continue
            holders = self._holders_of(quotation.text) if self._may_suggest() else []
            shown = quotation.text if len(quotation.text) <= 80 else f"{quotation.text[:77]}…"
            message = f'the quotation "{shown}" does not stand verbatim in the cited evidence'
            fix = "quote word for word from a cited fact, or drop the quotation marks"
            yield Finding(
                "quotation", where, message, f"cite {' or '.join(holders)}" if holders else fix
            )

    def _holders_of(self, quotation: str) -> list[str]:
        return [fact.id for fact in self.facts if is_verbatim(quotation, passages([fact]))][:3]

    def _may_suggest(self) -> bool:
        """Looking for suggestions is slow, and more of them than findings shown are not read."""
        self._suggested += 1
        return self._suggested <= 2 * MAX_FINDINGS
