"""Who was lost: by a flag of the row, or by what happened between the cut-off and the horizon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent.errors import BadInput, printable
from agent.success.backtest.cells import blank, day, flag
from agent.success.backtest.mapping import Outcome
from agent.success.backtest.view import ASKED, View, read_order


@dataclass(frozen=True)
class Verdicts:
    """`churned` by account; accounts that were lost before the cut-off, or whose outcome is not
    known, are in `gone` and `unknown` and not in `churned`."""

    churned: dict[str, bool]
    gone: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


def by_row(view: View, outcome: Outcome, accounts: Iterable[str]) -> dict[int, bool | None]:
    """Row → churned, for data whose outcome is a column beside the measures."""
    said = _flags(view, outcome)
    return {i: said[i] for account in accounts for i in view.by_account[account]}


def after(
    view: View, outcome: Outcome, accounts: Sequence[str], horizon: int, *, panel: bool
) -> Verdicts:
    """What happened to `accounts` in the `horizon` days after the cut-off of `view`.

    A column of dates counts as the day of the loss; a column of flags counts on the day of its row.

    Args:
        panel: the outcome stands in the rows of the accounts themselves, one per period, so an
            account without a later row has no known outcome.

    Raises:
        BadInput: a flag without a date of its own: nobody can tell when it was set.
    """
    if view.cutoff is None:
        raise ValueError("without a cut-off there is no after")
    end = view.cutoff + timedelta(horizon)
    dated = _holds_dates(view, outcome)
    losses = _dates(view, outcome) if dated else _flagged_days(view, outcome, panel)
    churned: dict[str, bool] = {}
    gone, unknown = set(), set()
    for account in accounts:
        days = losses.get(account, [])
        if any(view.cutoff < d <= end for d in days):
            churned[account] = True
        elif any(d <= view.cutoff for d in days):
            gone.add(account)
        elif panel and not dated and account not in view.later:
            unknown.add(account)
        else:
            churned[account] = False
    return Verdicts(churned, frozenset(gone), frozenset(unknown))


def _dates(view: View, outcome: Outcome) -> dict[str, list[date]]:
    cells = view.table.column(outcome.column, asked=ASKED)
    stated = view.order if view.spec.date else None
    order = read_order(cells, stated, view.table.name)
    out: dict[str, list[date]] = {}
    for account, i in _rows(view):
        if d := day(cells[i], order):
            out.setdefault(account, []).append(d)
    return out


def _flagged_days(view: View, outcome: Outcome, panel: bool) -> dict[str, list[date]]:
    said = _flags(view, outcome)
    rows = _rows(view)
    if not view.days or (panel and len({account for account, _ in rows}) == len(rows)):
        raise BadInput(
            f"{printable(outcome.column, 60)!r} is a flag that does not say when it was set, so "
            "it cannot be told whether that was before or after the cut-off",
            where=view.table.name,
            fix="name a column with the date of the loss; or leave out --cutoff and the date if "
            "the rows hold only what was known before the outcome.",
        )
    out: dict[str, list[date]] = {}
    for account, i in rows:
        d = view.days[i]
        if said[i] and d is not None:
            out.setdefault(account, []).append(d)
    return out


def _rows(view: View) -> list[tuple[str, int]]:
    """(account, row), before and after the cut-off."""
    sides = (view.by_account, view.later)
    return [(account, i) for side in sides for account, rows in side.items() for i in rows]


def _holds_dates(view: View, outcome: Outcome) -> bool:
    cells = [c for c in view.table.column(outcome.column, asked="--outcome") if not blank(c)]
    return bool(cells) and all(day(cell, "dmy") or day(cell, "mdy") for cell in cells)


def _flags(view: View, outcome: Outcome) -> list[bool | None]:
    """Each cell as churned or not; None where it is empty.

    Raises:
        BadInput: a word that is neither.
    """
    cells = view.table.column(outcome.column, asked="--outcome")
    where = f"{view.table.name}: {printable(outcome.column, 60)}"
    if outcome.churned:
        yes = {word.strip().casefold() for word in outcome.churned}
        said = [None if not c.strip() else c.strip().casefold() in yes for c in cells]
        if not any(said):
            raise BadInput(
                f"no row says {printable(', '.join(outcome.churned), 60)!r}",
                where=where,
                fix=f"use one of its own words: {_words(cells)}.",
            )
        return said
    odd = [c for c in cells if not blank(c) and flag(c) is None]
    if odd and day(odd[0], "dmy"):
        raise BadInput(
            "holds dates, so a cut-off must say what counts as after",
            where=where,
            fix="add --cutoff DATE, and --date COLUMN or date in the mapping.",
        )
    if odd:
        raise BadInput(
            f"{printable(odd[0], 40)!r} is neither churned nor stayed",
            where=where,
            fix=f"say which words mean churned with --churned WORD; the column holds "
            f"{_words(cells)}.",
        )
    return [flag(cell) for cell in cells]


def _words(cells: Sequence[str]) -> str:
    common = Counter(cell.strip() for cell in cells).most_common(8)
    return ", ".join(repr(printable(word, 30)) for word, _ in common)
