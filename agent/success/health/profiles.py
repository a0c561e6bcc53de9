"""Which health model scores which customer: ordered rules by segment and phase, as policy.

The phase comes from dates (`lifecycle.phase`) and the segment from the record or the ARR, so the
choice never depends on the score that it leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Literal, get_args

from pydantic import Field

from agent.errors import BadPersona
from agent.success.health.model import HealthModel, load_model
from agent.success.policy import Phase, Policies, PolicyLike, Settings, Title, load, need

FILE = "health_profiles"
FOLDER = "health_models/"
SegmentId = Literal["smb", "mid_market", "enterprise", "strategic", "unknown"]
ModelName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
Cell = tuple[str, str]
"""A segment and a phase."""


class Rule(Settings):
    """`model` scores the customers of these segments in these phases; an empty list means all."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    segments: list[SegmentId] = Field(default_factory=list)
    phases: list[Phase] = Field(default_factory=list)
    model: ModelName
    because: Title

    @property
    def cells(self) -> set[Cell]:
        segments = self.segments or get_args(SegmentId)
        return set(product(segments, self.phases or get_args(Phase)))


class ProfileMap(Settings):
    """Rules in order, the first that matches counts; `default` where none does."""

    default: ModelName
    rules: list[Rule]


class Profiles(Settings):
    """`use` names the map in force."""

    version: str
    use: str
    maps: Annotated[dict[str, ProfileMap], Field(min_length=1)]


@dataclass(frozen=True)
class ModelChoice:
    """The model that scores a customer. `profile`: id of the rule, or "default"; `why`: a sentence
    for people."""

    model: HealthModel
    map: str
    profile: str
    why: str


@dataclass(frozen=True)
class ModelMap:
    """The map in force with its models, by file name; the default's is first."""

    name: str
    rules: ProfileMap
    models: Mapping[str, HealthModel]

    @property
    def default(self) -> HealthModel:
        return self.models[self.rules.default]

    def choose(self, segment: str, phase: Phase) -> ModelChoice:
        """The model for a segment ("" is unknown) and a phase."""
        cell = (segment or "unknown", phase)
        seen = f"segment {cell[0].replace('_', ' ')}, phase {phase}"
        for rule in self.rules.rules:
            if cell in rule.cells:
                why = f"map {self.name}, rule {rule.id} ({seen}): {rule.because}"
                return ModelChoice(self.models[rule.model], self.name, rule.id, why)
        no_rule = "has no rules" if not self.rules.rules else f"has no rule for {seen}"
        why = f"the default of map {self.name}, which {no_rule}"
        return ModelChoice(self.default, self.name, "default", why)


def load_map(policies: Policies, known_figures: Collection[str]) -> ModelMap:
    """Validates `health_profiles.yaml` and the models of the map in force.

    Raises:
        BadPersona: an unknown segment, phase or model, a model of ratings, a rule that says nothing
            or can never apply; a model file that `load_model` refuses.
    """
    policy = need(policies, FILE)
    profiles = load(Profiles, policy)
    if profiles.use not in profiles.maps:
        fix = f"use one of {', '.join(profiles.maps)}"
        raise BadPersona(f"use: there is no map {profiles.use!r}", where=policy.source, fix=fix)
    for name, rules in profiles.maps.items():
        _check_map(policy, f"maps.{name}", rules, policies)
    chosen = profiles.maps[profiles.use]
    names = dict.fromkeys([chosen.default, *(rule.model for rule in chosen.rules)])
    models = {name: load_model(policies[FOLDER + name], known_figures) for name in names}
    return ModelMap(profiles.use, chosen, models)


def find_model(
    policies: Policies, named: str, known_figures: Collection[str]
) -> HealthModel | None:
    """The model "id version" among the persona's files, None when it is not kept any more.

    Raises:
        BadPersona: two different files claim to be it, or the one that is it is refused.
    """
    found = [
        policy
        for name, policy in policies.items()
        if name.startswith(FOLDER)
        and f"{policy.data.get('id')} {policy.data.get('version')}" == named
    ]
    if len(found) > 1 and any(other.data != found[0].data for other in found[1:]):
        raise BadPersona(
            f"id, version: {found[1].source} says {named!r} too and differs",
            where=found[0].source,
            fix="give the changed model another version",
        )
    model = load_model(found[0], known_figures) if found else None
    return model if model is not None and model.input == "insights" else None


def _check_map(policy: PolicyLike, key: str, rules: ProfileMap, policies: Policies) -> None:
    _check_model(policy, f"{key}.default", rules.default, policies)
    ids: set[str] = set()
    covered: set[Cell] = set()
    for n, rule in enumerate(rules.rules):
        here = f"{key}.rules.{n}"
        _check_model(policy, f"{here}.model", rule.model, policies)
        fault = ""
        if rule.id in ids or rule.id == "default":
            fault = f"{here}.id: {rule.id!r} is taken"
        elif not rule.segments and not rule.phases:
            fault = f"{here}: names neither segments nor phases; that is the default"
        elif rule.cells <= covered:
            fault = f"{here}: rule {rule.id!r} can never apply, earlier rules cover all of it"
        if fault:
            raise BadPersona(fault, where=policy.source, fix="correct, move or remove this rule")
        ids.add(rule.id)
        covered |= rule.cells


def _check_model(policy: PolicyLike, key: str, name: str, policies: Policies) -> None:
    model = policies.get(FOLDER + name)
    known = sorted(
        n.removeprefix(FOLDER)
        for n, p in policies.items()
        if n.startswith(FOLDER) and p.data.get("input") == "insights"
    )
    fix = f"use one of {', '.join(known) or 'none there is'} (files of {FOLDER})"
    if model is None:
        raise BadPersona(f"{key}: there is no health model {name!r}", where=policy.source, fix=fix)
    if model.data.get("input") == "ratings":
        what = f"{key}: {name!r} takes ratings given by people, which the insights do not hold"
        raise BadPersona(what, where=policy.source, fix=fix)
