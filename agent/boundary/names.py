"""Names of other accounts and their people in a text, however many accounts there are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from agent.boundary.folding import word_set
from agent.success.facts import FactBook

_WORD = re.compile(r"\w+")
# Names made of these words alone (other accounts' milestones, job titles) identify nobody.
_COMMON = word_set("""
    access account admin administrator adoption analytics api assistant business chief ceo cfo cio
    coo cto customer dashboard dashboards data department director executive finance first go head
    hr import integration integrations it kick kickoff launch lead live manager managing migration
    of off officer on onboarding operations owner pilot plan production project quality review
    rollout roll out service setup set up sign single sponsor sso support system team test testing
    the training user users value workflow workflows
""")


class ForeignNames:
    """Finds any of `names` in texts as whole words, whatever their case or composition.

    Names that consist of common words only, and names in `known`, are nobody's secret.
    """

    def __init__(self, names: Iterable[str], known: Collection[str] = ()) -> None:
        own = {self._words(name) for name in known}
        self._by_first: dict[str, set[tuple[str, ...]]] = {}
        for name in names:
            words = self._words(name)
            if words and words not in own and not _COMMON.issuperset(words):
                self._by_first.setdefault(words[0], set()).add(words)

    @staticmethod
    def _words(text: str) -> tuple[str, ...]:
        return tuple(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))

    def found_in(self, text: str) -> Iterator[str]:
        """Every foreign name in `text`, once, in its compared form."""
        words = self._words(text)
        seen: set[tuple[str, ...]] = set()
        for at, word in enumerate(words):
            for name in self._by_first.get(word, ()):
                if name not in seen and words[at : at + len(name)] == name:
                    seen.add(name)
                    yield " ".join(name)


_ODD = re.compile(r"[^\w\s.,;:&'’()/+-]")


def odd_names(facts: FactBook) -> tuple[str, ...]:
    """Stored names of the account with characters that checks of prose would take for something
    else (braces, brackets, quotation marks, control characters), longest first.

    A customer may be called anything; what it is called is data and no wording of the writer.
    """
    names = {
        fact.value
        for fact in facts
        if fact.kind == "stored"
        and isinstance(fact.value, str)
        and (fact.id.endswith(".name") or fact.id.endswith((".title", ".role", ".statement")))
        and _ODD.search(fact.value)
    }
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


def unnamed(text: str, names: Iterable[str]) -> str:
    """`text` with those names replaced by a plain word."""
    for name in names:
        text = text.replace(name, "name").replace(" ".join(name.split()), "name")
    return text
