"""Figures about onboarding: users activated, milestones and check-ins kept, days left to each."""

from __future__ import annotations

from fractions import Fraction

from agent.success.goals import is_done
from agent.success.health.figure_book import Figures


def onboarding(book: Figures) -> None:
    _activation(book)
    _kept(book)
    _milestones(book)


def _activation(book: Figures) -> None:
    a = book.account
    if a.users_licensed is None and a.users_activated is None:
        book.blank("onboarding.activation_rate", "no users of the onboarding are known")
        return
    ids = ("onboarding.users.activated", "onboarding.users.licensed")
    book.ratio(
        "onboarding.activation_rate",
        a.users_activated,
        a.users_licensed,
        "users activated of licensed",
        ids=ids,
    )
    if a.users_activated is not None and a.users_licensed:
        book.put(
            "onboarding.not_activated",
            Fraction(max(0, a.users_licensed - a.users_activated)),
            "licensed users not yet activated",
            inputs=ids,
            formula=f"{a.users_licensed} - {a.users_activated}",
            unit="users",
        )


def _kept(book: Figures) -> None:
    """What was done of what was due by now; a milestone with no date counts once it is done."""
    a, id = book.account, "onboarding.milestones_ratio"
    done = [m for m in a.milestones if is_done(m.status)]
    late = [m for m in a.milestones if m not in done and m.due and m.due <= book.as_of]
    if not a.milestones:
        book.blank(id, "no milestones on record")
    elif not done and not late:
        book.blank(id, "no milestone is due yet", "not_applicable")
    else:
        count, whole = len(done), len(done) + len(late)
        book.put(
            id,
            Fraction(count * 100, whole),
            "milestones done of those due by now",
            inputs=tuple(f"milestone.{m.n}.status" for m in (*done, *late)),
            formula=f"{count} / {whole} × 100",
            unit="%",
        )
    if a.checkins_held is None and a.checkins_planned is None:
        book.blank("onboarding.checkins_ratio", "no check-ins on record")
        return
    book.ratio(
        "onboarding.checkins_ratio",
        a.checkins_held,
        a.checkins_planned,
        "weekly check-ins held of planned",
        ids=("onboarding.weekly_checkins.held", "onboarding.weekly_checkins.planned"),
    )


def _milestones(book: Figures) -> None:
    """Days to every unfinished milestone; first value is the one so called, else the next one."""
    unfinished = [m for m in book.account.milestones if m.due and not is_done(m.status)]
    for milestone in unfinished:
        book.days(
            f"milestone.{milestone.n}.days_left",
            book.as_of,
            milestone.due,
            f"days until milestone '{milestone.name[:80]}' is due",
            inputs=(f"milestone.{milestone.n}.due",),
        )
    valued = [m for m in unfinished if "first value" in m.name.casefold()] or unfinished
    if valued:
        target = min(valued, key=lambda m: (m.due or book.as_of, m.n))
        book.days(
            "onboarding.days_to_first_value",
            book.as_of,
            target.due,
            f"days until '{target.name[:80]}' is due",
            inputs=(f"milestone.{target.n}.due",),
        )
