"""No promise vanishes, whatever the plan looks like and however many quarters go by."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.success.carry import MAX_ITEMS
from agent.success.promises.found import matter, promises
from tests.carry.plans import MAY, becomes, ours, plan, settle

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(str)
DUE = st.one_of(DAYS, WORDS, st.none(), st.integers(), st.booleans())
SEEDS = st.integers(0, 10**6)


def entries(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    title = st.text("abcdef ", min_size=1, max_size=12).filter(str.strip)
    keys = {"title": title, "due": DUE, "status": WORDS, "owner": WORDS, "goal": WORDS}
    return st.fixed_dictionaries({}, optional=keys).map(
        lambda item: {k: v for k, v in item.items() if kind == "objectives" or k != "goal"}
    )


OURS = st.fixed_dictionaries(
    {"schema": st.just("success_plan/1")},
    optional={k: st.lists(entries(k), max_size=8) for k in ("objectives", "milestones", "actions")},
)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, DAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(
                WORDS,
                st.sampled_from(["goals", "Aufgaben", "étapes", "title", "due", "status", "owner"]),
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(OURS)
def test_each_promise_of_a_plan_of_ours_comes_out_once(document: dict[str, Any]) -> None:
    promised = promises(document)
    titled = sum(
        isinstance(item.get("title"), str)
        for key in ("objectives", "milestones", "actions")
        for item in document.get(key, ())
    )
    assert len(promised) == titled
    carried = becomes(plan(document))
    assert [(c.kind, c.title) for c in carried] == [(p.kind, p.title) for p in promised]
    assert all(c.why for c in carried)


def foreign(rng: random.Random) -> tuple[dict[str, Any], list[str]]:
    """A plan in one of many shapes, and the words that it promises."""
    titles: list[str] = []

    def promise() -> str:
        titles.append(f"Promise number {len(titles)} of this plan")
        return titles[-1]

    def some(n: int = 4) -> range:
        return range(rng.randint(0, n))

    shapes = [
        lambda: [promise() for _ in some()],
        lambda: [{rng.choice(["titel", "what", "libellé"]): promise(), "bis": "2026-09-01"}
                 for _ in some()],
        lambda: [{promise(): "2026-09-01"} for _ in some()],
        lambda: {promise(): rng.choice(["2026-09-01", "done", True, None]) for _ in some()},
        lambda: {promise(): {"owner": "Noor", "due": "Q3 2026"} for _ in some()},
        lambda: "\n".join(f"- [ ] {promise()}" for _ in range(rng.randint(2, 4))),
        lambda: {"Q2": [promise()], "Q3": [{"task": promise(), "steps": [promise()]}]},
    ]  # fmt: skip
    keys = ["goals", "Maßnahmen", "prochaines_étapes", "promised", "milestones 2026", "toDo"]
    rng.shuffle(keys)
    body: dict[str, Any] = {key: rng.choice(shapes)() for key in keys[: rng.randint(1, 5)]}
    if rng.random() < 0.4:
        body = {"programme": {"spring": body}}
    if rng.random() < 0.4:
        lines = "\n".join(f"* {promise()}" for _ in some())
        body["overview"] = f"# Background\nWent well.\n## Next steps\n{lines}"
    return {"customer": "Tarnholt", "remarks": ["one", 2], **body}, titles


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_each_promise_of_another_tools_plan_comes_out_once(seed: int) -> None:
    document, titles = foreign(random.Random(seed))
    carried = becomes(plan(document))
    assert Counter(c.title for c in carried if c.kind != "other") == Counter(titles)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(WORDS, JUNK, max_size=6))
def test_any_yaml_is_read_and_every_quote_stands_in_it(document: dict[str, Any]) -> None:
    carried = becomes(plan(document))  # checks the evidence
    assert len(carried) - any(c.kind == "other" for c in carried) == len(promises(document))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_a_promise_is_carried_until_it_is_settled_and_no_longer(seed: int) -> None:
    """Eight quarters in which some promises are made, made again, settled or forgotten."""
    rng = random.Random(seed)
    day, known, alive = MAY, list[Any](), dict[str, str]()
    document = ours()
    made = 0
    for n in range(8):
        prior = plan(document, day, f"plan_{n}")
        day += timedelta(days=91)
        carried = becomes(prior, *known, on=day)
        assert Counter(c.title for c in carried) == Counter(alive.keys())
        for item in carried:
            assert (item.first_plan or item.from_plan) == alive[item.title]
        actions = []
        for number, item in enumerate(carried):
            if rng.random() < 0.3:  # promised again in the new plan
                actions.append({"title": item.title, "due": str(day + timedelta(days=30))})
            elif item.outcome not in ("done", "dropped") and rng.random() < 0.3:
                pointer = prior_pointer(prior.document, item.title, number)
                outcome = rng.choice(["done", "dropped"])
                at = str(day - timedelta(days=rng.randint(0, 80)))
                known.append(settle(outcome, item.title, at, plan_id=f"plan_{n}", pointer=pointer,
                                    kind=item.kind))  # fmt: skip
                del alive[item.title]
        carried = becomes(prior, *known, on=day)
        for _ in range(rng.randint(0, 3)):
            made += 1
            actions.append({"title": f"Promise {made}", "due": str(day + timedelta(days=20))})
            alive[f"Promise {made}"] = f"plan_{n + 1}"
        document = ours(carried, actions=actions)


def prior_pointer(document: Any, title: str, _number: int) -> str:
    for section in ("actions", "carried_forward"):
        for n, item in enumerate(document[section]):
            if matter(item["title"]) == matter(title):
                return f"/{section}/{n}/title"
    raise AssertionError(title)


def test_very_many_promises_are_told_one_by_one_or_counted_and_stay_counted() -> None:
    document = {"tasks": [f"Promise {n}" for n in range(MAX_ITEMS + 34)]}
    carried = becomes(plan(document))
    assert len(carried) == MAX_ITEMS + 1
    assert carried[-1].title.startswith("34 more promises") and "/tasks/400" in carried[-1].title
    again = becomes(plan(ours(carried), id="plan_b"))
    assert (
        again[-1].title == f"1 more promises of plan_b, from /carried_forward/{MAX_ITEMS}/title on"
    )
