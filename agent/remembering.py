"""What memory says of an account's past, made ready for one run: what became of earlier promises,
the past in short, and the questions it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from agent.boundary.audit import people_of
from agent.boundary.injection import instruction_like
from agent.boundary.lanes import Lanes
from agent.boundary.names import ForeignNames
from agent.case import INSIGHTS, Snapshot, latest_prior, prior_plan
from agent.success.assessment import Assessment
from agent.success.carry import PriorPlan, carry_all
from agent.success.continuity.reading import read
from agent.success.continuity.sent import Reply
from agent.success.events import timeline_source
from agent.success.plan import Carried, Question
from agent.success.plays.settled import settled
from agent.success.policy import Policies, load, need
from agent.success.promises.previous import LastValues, last_values
from agent.success.remembered.digest import Digest, digest
from agent.success.remembered.history import history
from agent.success.remembered.questions import questions
from agent.success.upkeep.policy import Upkeep

KeepsOut = Callable[[str], bool]


@dataclass(frozen=True)
class Remembered:
    """`prior` is the last plan that another instruction left, `carried` what became of what it and
    an earlier revision of this plan promised, `before` the values of its objectives. `hidden` are
    ids of promises that a brief does not tell: those of a revision of the same day, which would
    make the same request another one."""

    prior: PriorPlan | None
    carried: tuple[Carried, ...]
    before: LastValues
    digest: Digest
    questions: tuple[Question, ...]
    hidden: frozenset[str] = frozenset()

    @property
    def told(self) -> list[Carried]:
        """The promises that a brief tells."""
        return [item for item in self.carried if item.id not in self.hidden]

    @property
    def supersedes(self) -> str | None:
        return self.prior.plan_id if self.prior else None


def remember(
    loaded: Snapshot, assessment: Assessment, policies: Policies, keeps_out: KeepsOut,
    instruction_id: str,
) -> Remembered:  # fmt: skip
    """Everything a run takes from the account's past. Registers its facts in the assessment's book.

    Args:
        assessment: with the plays that are under way.
        keeps_out: see `kept_out`.
        instruction_id: what an earlier run of this same instruction left today is not its past.
    """
    prior = latest_prior(loaded)
    priors = [prior] if prior else []
    if loaded.own_plan is not None:
        priors.append(prior_plan(loaded.own_plan))
    as_of = assessment.as_of
    known = {
        p.plan_id: settled(loaded.events, assessment.plays, p.as_of, as_of) for p in priors
    }  # fmt: skip
    carried = carry_all(
        priors, assessment.goals, assessment.facts, as_of, known, keeps_out=keeps_out
    )
    past = history(
        loaded.account_id,
        [e for e in loaded.events if not _by_revision_of_today(e, instruction_id, as_of)],
        as_of,
        since=prior.as_of if prior else None,
        replies=[_reply(reply) for reply in loaded.replies],
        keeps_out=keeps_out,
    )
    return Remembered(
        prior=prior,
        carried=carried,
        before=last_values(prior, assessment.facts),
        digest=digest(assessment, past),
        questions=tuple(
            questions(
                assessment, past, loaded.share, source=INSIGHTS,
                within=load(Upkeep, need(policies, "upkeep")).answer_within_days, carried=carried,
            )
        ),
        hidden=_of_today(carried, loaded.own_plan, as_of),
    )  # fmt: skip


def kept_out(assessment: Assessment, foreign_names: Collection[str], lanes: Lanes) -> KeepsOut:
    """Tells words that no document repeats: orders to a reader, and names of other accounts."""
    foreign = ForeignNames(foreign_names, set(people_of(assessment.facts)))

    def keeps_out(words: str) -> bool:
        return instruction_like(words, lanes) or any(foreign.found_in(words))

    return keeps_out


def timeline_document(loaded: Snapshot) -> dict[str, Mapping[str, Any]]:
    """The account's timeline as a document by its path: events by id, as they count today."""
    events = {t.id: t.event for t in read(loaded.events).told}
    return {timeline_source(loaded.account_id): events}


def _by_revision_of_today(event: Mapping[str, Any], instruction_id: str, as_of: date) -> bool:
    own = event.get("instruction_id") == instruction_id and event.get("kind") != "review_decided"
    return own and str(event.get("at"))[:10] == as_of.isoformat()


def _of_today(
    carried: Iterable[Carried], own: Mapping[str, Any] | None, as_of: date
) -> frozenset[str]:
    if own is None or own["as_of"] != as_of.isoformat():
        return frozenset()
    plan_id = prior_plan(own).plan_id
    return frozenset(item.id for item in carried if item.from_plan == plan_id)


def _reply(told: Mapping[str, Any]) -> Reply:
    return Reply(**{**told, "sent_at": datetime.fromisoformat(told["sent_at"])})
