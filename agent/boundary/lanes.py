"""The boundary policy: boundaries.yaml as checked values and compiled patterns.

The file is written by CS-ops people. Every mistake in it is reported with file and key, because
a rule that silently never fires is a boundary that silently is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol, get_args

from agent.boundary.phrases import BadPhrase, Phrases, check_phrase, checked_phrases
from agent.boundary.verdict import LANES, Lane
from agent.errors import BadPersona

MAX_CHARS = 20_000
Party = Literal["any", "new"]
_RULE_KEYS = {"id", "lang", "lane", "target", "why", "party", "generic"}
_RULE_GROUPS = ("where", "where_not")
_RULE_LISTS = ("verbs", "objects", "nouns", "unless")
_LANGUAGE_KEYS = {"function_words", "spaced", "verb_first", "capitals_are_names", "words"}
_HEAD_GROUPS = {
    "openers",
    "np_openers",
    "indirect_questions",
    "lead_in",
    "subjects",
    "question_words",
    "safe_heads",
    "causatives",
    "courtesy",
    "negations",
}


class PolicyLike(Protocol):
    """A parsed policy file: `agent.persona.PolicyFile` is one."""

    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def source(self) -> str: ...


@dataclass(frozen=True)
class Rule:
    """One line of policy. With `objects`, a verb only counts together with one of them; with
    `where` only in a text that shows every named word group, with `where_not` in one without."""

    id: str
    lang: str
    lane: Lane
    target: str
    why: str
    party: Party
    generic: bool
    verbs: Phrases | None
    done: Phrases | None
    anywhere: Phrases | None
    objects: Phrases | None
    nouns: Phrases | None
    unless: Phrases | None
    where: tuple[str, ...] = ()
    where_not: tuple[str, ...] = ()


@dataclass(frozen=True)
class Language:
    """Words of one language: how it asks, states, quotes, and what its key terms are.
    `foreign_verb` matches verbs that only rules of other lanes know."""

    code: str
    function_words: frozenset[str]
    spaced: bool
    verb_first: bool
    capitals_are_names: bool
    groups: Mapping[str, Phrases | None]
    sets: Mapping[str, frozenset[str]]
    any_verb: Phrases | None
    foreign_verb: Phrases | None
    rules: tuple[Rule, ...]

    def has(self, group: str, norm: str) -> bool:
        """Whether a phrase of `group` occurs in `norm`; an absent group never occurs."""
        pattern = self.groups.get(group)
        return pattern is not None and pattern.search(norm) is not None


@dataclass(frozen=True)
class Lanes:
    """The whole policy. `targets` maps each role that may receive a hand-off to its lane."""

    own_role: str
    targets: Mapping[str, Lane]
    languages: Mapping[str, Language]
    injection: Mapping[str, Phrases | None]
    layout: Mapping[str, frozenset[str]]
    source: str

    @classmethod
    def load(cls, policy: PolicyLike) -> Lanes:
        """Check and compile a boundaries file.

        Raises:
            BadPersona: naming the file and the key that is missing, unknown or malformed.
        """
        return _Loader(policy.data, policy.source).lanes()


class _Loader:
    def __init__(self, data: Mapping[str, Any], source: str) -> None:
        self.data, self.source = data, source

    def bad(self, key: str, what: str, fix: str = "") -> BadPersona:
        return BadPersona(what, where=f"{self.source}: {key}", fix=fix)

    def mapping(self, value: Any, key: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self.bad(key, f"expected a mapping, found {type(value).__name__}")
        for name in value:
            if not isinstance(name, str):
                raise self.bad(key, f"key {name!r} is not text", "put it in quotes")
        return value

    def text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, "expected a non-empty text")
        return value

    def phrases(self, value: Any, key: str) -> list[str]:
        if not isinstance(value, list):
            raise self.bad(key, f"expected a list of phrases, found {type(value).__name__}")
        for n, phrase in enumerate(value):
            if not isinstance(phrase, str):
                raise self.bad(f"{key}[{n}]", f"{phrase!r} is not text", "put it in quotes")
        return value

    def compiled(self, value: Any, key: str, **how: Any) -> Phrases | None:
        return checked_phrases(self.checked(value, key, how.get("spaced", True)), **how)

    def checked(self, value: Any, key: str, spaced: bool) -> list[str]:
        phrases = self.phrases(value, key)
        for n, phrase in enumerate(phrases):
            try:
                check_phrase(phrase, spaced)
            except BadPhrase as fault:
                raise self.bad(f"{key}[{n}]", f"{phrase!r}: {fault}") from None
        return phrases

    def only(self, mapping: Mapping[str, Any], allowed: set[str], key: str) -> None:
        unknown = sorted(set(mapping) - allowed)
        if unknown:
            raise self.bad(
                f"{key}.{unknown[0]}" if key else unknown[0],
                "unknown key",
                f"use one of {', '.join(sorted(allowed))}",
            )

    def lanes(self) -> Lanes:
        top = self.mapping(self.data, "(top)")
        allowed = {"schema", "own_role", "targets", "languages", "rules", "injection", "layout"}
        self.only(top, allowed, "")
        for key in sorted(allowed - set(top)):
            raise self.bad(key, "missing", "add the section")
        if top["schema"] != "boundaries/1":
            raise self.bad("schema", f"{top['schema']!r} is not known", "write boundaries/1")
        targets = self.targets(top["targets"])
        languages = self.mapping(top["languages"], "languages")
        rules = self.rules(top["rules"], targets, languages)
        return Lanes(
            own_role=self.text(top["own_role"], "own_role"),
            targets=MappingProxyType(targets),
            languages=MappingProxyType(
                {c: self.language(c, v, rules) for c, v in languages.items()}
            ),
            injection=MappingProxyType(self.injection(top["injection"])),
            layout=MappingProxyType(
                {
                    k: frozenset(p.lower() for p in self.phrases(v, f"layout.{k}"))
                    for k, v in self.mapping(top["layout"], "layout").items()
                }
            ),
            source=self.source,
        )

    def targets(self, value: Any) -> dict[str, Lane]:
        out: dict[str, Lane] = {}
        for role, lane in self.mapping(value, "targets").items():
            out[role] = self.lane(lane, f"targets.{role}")
        return out

    def lane(self, value: Any, key: str) -> Lane:
        for lane in LANES:
            if value == lane:
                return lane
        raise self.bad(key, f"{value!r} is not a lane", f"use one of {', '.join(LANES)}")

    def injection(self, value: Any) -> dict[str, Phrases | None]:
        groups = self.mapping(value, "injection")
        return {k: self.compiled(v, f"injection.{k}") for k, v in groups.items()}

    def language(self, code: str, value: Any, rules: list[tuple[Rule, list[str]]]) -> Language:
        key = f"languages.{code}"
        lang = self.mapping(value, key)
        self.only(lang, _LANGUAGE_KEYS, key)
        flags = {}
        for name, default in (("spaced", True), ("verb_first", True), ("capitals_are_names", True)):
            flags[name] = lang.get(name, default)
            if not isinstance(flags[name], bool):
                raise self.bad(f"{key}.{name}", "expected true or false")
        groups, sets = {}, {}
        for name, words in self.mapping(lang.get("words", {}), f"{key}.words").items():
            where = f"{key}.words.{name}"
            groups[name] = self.compiled(
                words, where, head=name in _HEAD_GROUPS, spaced=flags["spaced"]
            )
            sets[name] = frozenset(w.lower() for w in self.phrases(words, where))
        mine = [(r, verbs) for r, verbs in rules if r.lang == code]
        form = "any" if code == "en" else "plain"
        every = [v for _, verbs in mine for v in verbs]
        ours = {v for r, verbs in mine if r.lane == "in_lane" for v in verbs}
        foreign = dict.fromkeys(v for v in every if v not in ours and v.split()[0] not in ours)
        return Language(
            code=code,
            function_words=frozenset(
                self.phrases(lang.get("function_words", []), f"{key}.function_words")
            ),
            groups=MappingProxyType(groups),
            sets=MappingProxyType(sets),
            any_verb=checked_phrases(every, head=True, form=form, spaced=flags["spaced"]),
            foreign_verb=checked_phrases(foreign, head=True, form=form, spaced=flags["spaced"]),
            rules=tuple(r for r, _ in mine),
            **flags,
        )

    def rules(
        self, value: Any, targets: Mapping[str, Lane], languages: Mapping[str, Any]
    ) -> list[tuple[Rule, list[str]]]:
        if not isinstance(value, list):
            raise self.bad("rules", "expected a list of rules")
        out: list[tuple[Rule, list[str]]] = []
        seen: set[str] = set()
        for n, item in enumerate(value):
            rule, verbs = self.rule(self.mapping(item, f"rules[{n}]"), n, targets, languages)
            if rule.id in seen:
                raise self.bad(f"rules[{n}].id", f"{rule.id!r} is used twice", "rename one")
            seen.add(rule.id)
            out.append((rule, verbs))
        return out

    def rule(
        self,
        item: Mapping[str, Any],
        n: int,
        targets: Mapping[str, Lane],
        languages: Mapping[str, Any],
    ) -> tuple[Rule, list[str]]:
        rule_id = self.text(item.get("id"), f"rules[{n}].id")
        key = f"rules[{rule_id}]"
        self.only(item, _RULE_KEYS | {*_RULE_LISTS, *_RULE_GROUPS}, key)
        lane = self.lane(item.get("lane"), f"{key}.lane")
        target = item.get("target", "")
        if lane != "in_lane" and targets.get(target) != lane:
            raise self.bad(
                f"{key}.target", f"{target!r} is no role of lane {lane}", "see `targets`"
            )
        lang = item.get("lang", "en")
        if lang not in languages:
            raise self.bad(f"{key}.lang", f"{lang!r} is not in `languages`", "describe it there")
        party = item.get("party", "any")
        if party not in get_args(Party):
            raise self.bad(f"{key}.party", f"{party!r} is not known", "use any or new")
        generic = item.get("generic", False)
        if not isinstance(generic, bool):
            raise self.bad(f"{key}.generic", "expected true or false")
        spec = self.mapping(languages[lang], f"languages.{lang}")
        spaced = spec.get("spaced", True)
        lists = {k: self.checked(item.get(k, []), f"{key}.{k}", spaced) for k in _RULE_LISTS}
        if not lists["verbs"] and not lists["nouns"]:
            raise self.bad(key, "has neither verbs nor nouns, so it never fires", "add `verbs`")
        verb_first, english = spec.get("verb_first", True), lang == "en"
        where, where_not = (self.named_groups(item, k, key, lang, spec) for k in _RULE_GROUPS)
        gap = 8 if verb_first else 14

        def made(name: str, **how: Any) -> Phrases | None:
            return checked_phrases(lists[name], spaced=spaced, gap=gap, **how)

        rule = Rule(
            id=rule_id,
            lang=lang,
            lane=lane,
            target=target,
            why=self.text(item.get("why"), f"{key}.why") if lane != "in_lane" else rule_id,
            party="new" if party == "new" else "any",
            generic=generic,
            verbs=made("verbs", head=verb_first, form="any" if english else "plain"),
            done=made("verbs", form="participle") if english else None,
            anywhere=made("verbs", form="any" if english else "plain"),
            objects=made("objects"),
            nouns=made("nouns"),
            unless=made("unless"),
            where=where,
            where_not=where_not,
        )
        return rule, lists["verbs"]

    def named_groups(
        self, item: Mapping[str, Any], name: str, key: str, lang: str, spec: Mapping[str, Any]
    ) -> tuple[str, ...]:
        known = self.mapping(spec.get("words", {}), f"languages.{lang}.words")
        groups = self.phrases(item.get(name, []), f"{key}.{name}")
        for n, group in enumerate(groups):
            if group not in known:
                raise self.bad(
                    f"{key}.{name}[{n}]",
                    f"{group!r} is no word group of {lang}",
                    f"use one of {', '.join(sorted(known))}",
                )
        return tuple(groups)
