"""Who may be named as owner: roles, people the facts name, and phrases such as "customer IT"."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from agent.boundary.folding import word_set

CSM = "customer-success-manager"
_CSM_NAMES = frozenset(
    {"csm", "the csm", "our csm", "me", "i", "we", "us", "ourselves", "customer success",
     "customer success manager", "customer success management", "customer success team"}
)  # fmt: skip
_HONORIFICS = word_set("mr mrs ms mx dr prof professor sir dame herr frau mme m dipl ing")
_PARTICLES = word_set("de van von der den la le di da del dos al bin ibn y of the")
_ROLE_WORDS = word_set("""
    account accounts admin administrator administrators advocacy ai analyst analysts analytics api
    application applications architect assistant associate assurance audit authority billing board
    business ceo cfo chair champion change chief cio ciso client clinical cloud cmo commercial
    committee communications community compliance contact controller controlling coo coordinator
    corporate council country cpo cro cto customer customers customer's data delivery department
    deputy design developer developers development devops digital director directors dispatch
    division education employee engineer engineering engineers enterprise estates executive
    executives facilities field finance financial first fleet founder general global governance
    group head hr human information infrastructure innovation integration integrations interim
    internal it key lab laboratory lead leader leaders leadership learning legal line logistics
    management manager managers managing marketing medical member migration network new office
    officer onboarding operations operational ops organisation organization our owner owners
    partner partners partnership payroll people performance plant platform portfolio power
    president principal process procurement product production professional program programme
    project protection purchasing quality region regional reporting representative representatives
    research resources revenue risk safety sales science scientist scrum security senior service
    services shift site sites software solution solutions specialist sponsor staff stakeholder
    stakeholders steering store strategic strategy success successor supervisor supply support
    system systems task team teams technical technology their trainer trainers training transport
    treasurer user users vendor vice vp warehouse work workforce working works workstream
""")
_SEPARATORS = re.compile(r"\s*(?:[,/&+;|()\[\]]|\s-\s|\band\b|\bund\b|\bet\b|\bwith\b)\s*", re.I)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
Verdict = Literal["ok", "unknown_role", "invented"]


class RosterLike(Protocol):
    """Anything that keeps its roles by id, as `agent.persona.Roster` does."""

    @property
    def roles(self) -> Mapping[str, Any]: ...


def role_ids(roles: RosterLike | Collection[str]) -> Collection[str]:
    """Role ids of a roster, or the ids themselves."""
    return roles if isinstance(roles, Collection) else roles.roles.keys()


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))


def is_csm(owner: str) -> bool:
    """Whether the success manager is (one of) the owner(s)."""
    names = [_key(owner), *(_key(piece) for piece in _SEPARATORS.split(owner))]
    return any(name in _CSM_NAMES or name.replace(" ", "-") == CSM for name in names)


@dataclass(frozen=True)
class Cast:
    """Everybody an item may name.

    Args:
        roles: role ids of the roster.
        known_names: people named in the account's facts.
        mentioned: whether a text stands in the account's facts.
    """

    roles: Collection[str]
    known_names: Collection[str]
    mentioned: Callable[[str], bool]

    def judge(self, owner: str) -> tuple[Verdict, str]:
        """Verdict on an owner and the piece of it that is unknown. Tolerant: a phrase is doubted
        only when it looks like a role id or like a person's name that the facts do not have."""
        if self._known(owner):
            return "ok", ""
        for piece in (p for p in _SEPARATORS.split(owner) if p):
            if self._known(piece):
                continue
            if re.fullmatch(r"[a-z]+(?:[-_][a-z]+)+", piece):
                words = set(re.split("[-_]", piece))
                if not words & {"customer", "client"} or "success" in words:
                    return "unknown_role", piece
            elif self._names_a_stranger(piece):
                return "invented", piece
        return "ok", ""

    def knows_person(self, name: str) -> bool:
        """Whether a stakeholder stands in the facts, or is named by role words only."""
        if self._known(name):
            return True
        words = [w for w in _words(name) if w.casefold() not in _PARTICLES]
        return bool(words) and all(self._role_word(w) for w in words)

    def nearest_role(self, piece: str) -> str:
        near = difflib.get_close_matches(piece[:80].replace("_", "-"), list(self.roles), 1, 0.5)
        return near[0] if near else ""

    def _known(self, text: str) -> bool:
        key = _key(text)
        slug = key.replace(" ", "-").replace("_", "-")
        if slug in self.roles or key in self.roles or is_csm(text):
            return True
        words = {w.casefold().rstrip(".") for w in _words(text)} - _HONORIFICS
        if words and any(words <= self._parts(name) for name in self.known_names):
            return True
        return len(key) >= 3 and self.mentioned(text.strip())

    def _parts(self, name: str) -> set[str]:
        return {w.casefold().rstrip(".") for w in _words(name)} - _HONORIFICS

    def _role_word(self, word: str) -> bool:
        return word.casefold() in _ROLE_WORDS or (word.isupper() and 2 <= len(word) <= 4)

    def _names_a_stranger(self, piece: str) -> bool:
        """Two capitalised words in a row that are no role words and are not both words of the
        facts, or a title such as "Dr" before one."""
        names = {w for name in self.known_names for w in self._parts(name)}
        run = 0
        titled = False
        for word in _words(piece):
            low = word.casefold().rstrip(".")
            if low in _HONORIFICS:
                titled = True
                continue
            if low in _PARTICLES:
                continue
            personal = word[0].isupper() and not self._role_word(word)
            if personal and low not in names and self.mentioned(word):
                personal = False  # the account's own vocabulary, such as its name or a product
            run = run + 1 if personal else 0
            if run >= 2 or (titled and personal):
                return True
        return False
