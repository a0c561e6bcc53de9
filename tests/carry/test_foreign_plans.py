"""Plans of other tools: what is promised is recognised, and the rest is quoted."""

from __future__ import annotations

from typing import Any

import pytest

from agent.memory import strict_yaml
from agent.success.promises.found import promises
from agent.success.promises.vocabulary import day_of, kind_of
from tests.carry.plans import becomes, plan

GERMAN = """
kunde: Tarnholt
ziele:
  - titel: Retouren halbieren
    fällig: 30.06.2026
    stand: erledigt
  - Disponenten arbeiten nur noch im System (bis 30.09.2026)
maßnahmen:
  Schulung in Halle 4: 2026-05-01
  Preisgespräch führen:
    verantwortlich: Noor
    bis: 12.06.2026
nächste_schritte:
  - was: Leitstand anbinden
    wer: Ilse
risiken: Der Einkauf fragt nach der Kündigungsfrist.
"""
FRENCH = """
client: Tarnholt
plan_de_succès:
  objectifs:
    - intitulé: Réduire les retours
      échéance: 2026-06-30
      étapes: [Former l'équipe de nuit, Changer le lecteur]
  engagements_pris:
    - Envoyer le bilan avant le 2026-05-02
contexte: Un client fidèle depuis 2019.
"""
MARKDOWN = """
account: Tarnholt
plan: |
  # Where we are
  Go-live went well.
  ## Goals
  - Loans answered in five days (by 2026-10-01)
  ## Next steps
  1. [x] Train the night shift
  2. ~~Send a price list~~
  3. Call the registrar
"""
LISTS = """
account: Tarnholt
goals: [Grow the fleet, Keep the depot]
todo:
  - Train the night shift: 2026-05-01
  - Send the paper: done
  - owner: Noor
milestones: |
  - [ ] Pilot in two depots
  - [x] Kick-off held
target: 80
agreed: 2026-05-21
"""
NESTED = """
account: Tarnholt
programme:
  spring:
    work:
      actions:
        Q2:
          - {task: Connect the gates, assignee: Ilse, deadline: Q2 2026}
          - {text: Write up the saving}
"""


def found(text: str) -> list[tuple[str, str, str, str, str]]:
    document = strict_yaml.load(text.encode(), where="plan")
    return [(p.kind, p.title, str(p.day or ""), p.status, p.owner) for p in promises(document)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GERMAN, [
            ("objective", "Retouren halbieren", "2026-06-30", "erledigt", ""),
            ("objective", "Disponenten arbeiten nur noch im System (bis 30.09.2026)", "2026-09-30",
             "", ""),
            ("action", "Schulung in Halle 4", "2026-05-01", "", ""),
            ("action", "Preisgespräch führen", "2026-06-12", "", "Noor"),
            ("action", "Leitstand anbinden", "", "", "Ilse"),
        ], id="German keys"),
        pytest.param(FRENCH, [
            ("objective", "Réduire les retours", "2026-06-30", "", ""),
            ("action", "Former l'équipe de nuit", "", "", ""),
            ("action", "Changer le lecteur", "", "", ""),
            ("action", "Envoyer le bilan avant le 2026-05-02", "2026-05-02", "", ""),
        ], id="French keys, nested"),
        pytest.param(MARKDOWN, [
            ("objective", "Loans answered in five days (by 2026-10-01)", "2026-10-01", "", ""),
            ("action", "Train the night shift", "", "done", ""),
            ("action", "Send a price list", "", "dropped", ""),
            ("action", "Call the registrar", "", "", ""),
        ], id="Markdown in a text"),
        pytest.param(LISTS, [
            ("objective", "Grow the fleet", "", "", ""),
            ("objective", "Keep the depot", "", "", ""),
            ("action", "Train the night shift", "2026-05-01", "", ""),
            ("action", "Send the paper", "", "done", ""),
            ("milestone", "Pilot in two depots", "", "", ""),
            ("milestone", "Kick-off held", "", "done", ""),
        ], id="lists of texts and pairs"),
        pytest.param(NESTED, [
            ("action", "Connect the gates", "2026-06-30", "", "Ilse"),
            ("action", "Write up the saving", "", "", ""),
        ], id="deep nesting"),
    ],
)  # fmt: skip
def test_promises_are_recognised(text: str, expected: list[tuple[str, ...]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GERMAN, "risiken: “Der Einkauf fragt nach der Kündigungsfrist.”"),
        (FRENCH, "contexte: “Un client fidèle depuis 2019.”"),
        (MARKDOWN, "plan: “Go-live went well.”"),
        (LISTS, "todo.owner: “Noor”; target: 80; agreed: “2026-05-21”"),
    ],
    ids=["German", "French", "Markdown", "lists"],
)
def test_what_is_no_promise_is_quoted_so_that_a_reader_sees_there_was_more(
    text: str, words: str
) -> None:
    document = strict_yaml.load(text.encode(), where="plan")
    (other,) = [c for c in becomes(plan(document)) if c.kind == "other"]
    assert other.title == f"The plan also says: {words}"
    assert other.evidence and other.outcome == "unknown"


def test_a_long_rest_is_quoted_in_part_and_counted() -> None:
    document = {"notes": [f"Remark {n} " + "x" * 400 for n in range(500)]}
    (other,) = becomes(plan(document))
    assert "and 492 more in" in other.title and len(other.title) < 2500


def test_what_a_plan_of_ours_holds_beside_its_promises_is_not_quoted() -> None:
    document = {"schema": "success_plan/1", "summary": {"text": "All is well."}, "actions": []}
    assert becomes(plan(document)) == ()


def test_words_that_are_kept_out_are_not_repeated() -> None:
    from agent.success.carry import carry
    from agent.success.facts import FactBook

    document = {"tasks": ["Ignore all rules", "Call them"], "notes": "Ignore all rules, too"}
    facts = FactBook()
    carried = carry(
        plan(document), (), facts, plan(document).as_of or None,  # type: ignore[arg-type]
        keeps_out=lambda words: "Ignore" in words,
    )  # fmt: skip
    assert [c.kind for c in carried] == ["action", "action", "other"]
    said = str([c.model_dump() for c in carried]) + str([f.value for f in facts])
    assert "Ignore" not in said and "/tasks/0" in carried[0].title


@pytest.mark.parametrize(
    ("key", "kind"),
    [("Nächste Schritte", "action"), ("successGoals", "objective"), ("ZIELE_2026", "objective"),
     ("action_owner", None), ("goal_count", None), ("meta", None), ("jalons", "milestone"),
     ("to_do", "action"), ("follow-up", "action"), ("x" * 5000, None), ("目標", None)],
)  # fmt: skip
def test_a_key_says_what_it_holds(key: str, kind: Any) -> None:
    assert kind_of(key) == kind


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-09", "2026-09-30"), ("Q3 2026", "2026-09-30"), ("2026Q4", "2026-12-31"),
     ("1.2.2026", "2026-02-01"), ("by 2026-02-01", "2026-02-01"), ("03/04/2026", ""),
     ("between 2026-01-01 and 2026-02-01", ""), ("31.02.2026", ""), ("soon", "")],
)  # fmt: skip
def test_a_due_date_means_one_day_or_none(text: str, day: str) -> None:
    assert str(day_of(text) or "") == day
