"""Tables and a mapping → accounts with their measures before the cut-off and the outcome after."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import date, timedelta

from agent.errors import BadInput, printable
from agent.success.backtest.mapping import Mapping, guard
from agent.success.backtest.outcomes import after, by_row
from agent.success.backtest.table import Table
from agent.success.backtest.taking import Taken, gated, take
from agent.success.backtest.view import View, owners_of, view


@dataclass(frozen=True)
class Population:
    """Parallel over accounts, sorted by account.

    Attributes:
        accounts: which account each entry belongs to; an account with several rows of its own
            outcome occurs several times and is never split between fitting and testing.
        taken: measure id → raw values.
        notes: what was left out, and why.
    """

    accounts: tuple[str, ...]
    churned: tuple[bool, ...]
    taken: Map[str, Taken]
    notes: tuple[str, ...]

    @property
    def repeated(self) -> bool:
        return len(set(self.accounts)) < len(self.accounts)


def populate(
    tables: Map[str, Table], mapping: Mapping, cutoff: date | None, horizon: int
) -> Population:
    """Who is scored, on what, and what became of them.

    Raises:
        BadInput: a cut-off without dates or dates without a cut-off, an unknown column, an outcome
            that cannot be dated, a measure that knows the outcome.
    """
    guard(mapping)
    dated = any(spec.date for spec in mapping.tables.values())
    if dated and cutoff is None:
        raise BadInput("the rows are dated, so a cut-off must say what was known when",
                       where=mapping.id, fix="add --cutoff DATE.")  # fmt: skip
    if cutoff is not None and not dated:
        raise BadInput("there is no date column, so nothing can be cut at the cut-off",
                       where=mapping.id,
                       fix="name one (--date COLUMN, or date in the mapping) or leave out "
                       "--cutoff.")  # fmt: skip
    views = _views(tables, mapping, cutoff)
    if cutoff is None:
        return _by_row(views, mapping)
    return _by_account(views, mapping, cutoff, horizon)


def _views(tables: Map[str, Table], mapping: Mapping, cutoff: date | None) -> dict[str, View]:
    views = {}
    for name, spec in mapping.tables.items():
        owners = None
        if spec.through:
            owners = owners_of(tables[spec.through], mapping.tables[spec.through])
        views[name] = view(tables[name], spec, cutoff, mapping.date_order, owners)
    return views


def _by_row(views: dict[str, View], mapping: Mapping) -> Population:
    """Every row is one case with its own outcome."""
    main = views[mapping.accounts]
    said = by_row(main, mapping.outcome, main.by_account)
    known = sorted(i for i, churned in said.items() if churned is not None)
    owner = {i: account for account, rows in main.by_account.items() for i in rows}
    single = View(main.table, main.spec, None, main.order, {str(i): [i] for i in known})
    cases = [str(i) for i in known]
    taken = {}
    for m in mapping.measures:
        if mapping.table_of(m) != mapping.accounts:
            raise BadInput(f"measure {m.id} comes from another table, which needs dates and a "
                           "cut-off", where=mapping.id,
                           fix="give the tables a date and the command --cutoff.")  # fmt: skip
        taken[m.id] = take(m, single, cases)
    notes = _left_out(main)
    if len(known) < len(said):
        notes.append(f"{len(said) - len(known):,} rows without an outcome are left out")
    return Population(
        tuple(owner[i] for i in known),
        tuple(bool(said[i]) for i in known),
        _gate(mapping, taken),
        tuple(notes),
    )


def _by_account(views: dict[str, View], mapping: Mapping, cutoff: date, horizon: int) -> Population:
    main = views[mapping.accounts]
    there = sorted(main.by_account)
    notes = [note for v in views.values() for note in _left_out(v)]
    if not there:
        raise BadInput(f"no account is known on or before {cutoff}", where=main.table.name,
                       fix="choose a later --cutoff.")  # fmt: skip
    if mapping.open:
        closed = [a for a in there if not views[mapping.open].is_open(a)]
        there = [a for a in there if views[mapping.open].is_open(a)]
        if closed:
            notes.append(f"{len(closed):,} accounts had nothing open at the cut-off: left out")
    told_in = mapping.outcome.table or mapping.accounts
    verdicts = after(
        views[told_in], mapping.outcome, there, horizon, panel=told_in == mapping.accounts
    )
    churned = dict(verdicts.churned)
    if mapping.open:  # an earlier loss was followed by a return: the account is there again
        churned |= dict.fromkeys(verdicts.gone, False)
    elif verdicts.gone:
        notes.append(f"{len(verdicts.gone):,} accounts were lost before the cut-off: left out")
    if verdicts.unknown:
        notes.append(f"{len(verdicts.unknown):,} accounts have no row after the cut-off, so their "
                     "outcome is not known: left out")  # fmt: skip
    notes += _ends_early(views, cutoff + timedelta(horizon))
    cases = sorted(churned)
    taken = {m.id: take(m, views[mapping.table_of(m)], cases) for m in mapping.measures}
    return Population(
        tuple(cases), tuple(churned[a] for a in cases), _gate(mapping, taken), tuple(notes)
    )


def _left_out(view: View) -> list[str]:
    what = (("account", view.unowned), ("date", view.unreadable))
    return [
        f"{printable(view.table.name, 80)}: {count:,} rows without a known {word} are left out"
        for word, count in what
        if count
    ]


def _ends_early(views: dict[str, View], end: date) -> list[str]:
    days = [d for v in views.values() for d in v.days if d is not None]
    if days and max(days) < end:
        return [f"the data end on {max(days)}, before the horizon ends on {end}: later losses are "
                "not seen"]  # fmt: skip
    return []


def _gate(mapping: Mapping, taken: dict[str, Taken]) -> dict[str, Taken]:
    return {
        m.id: gated(taken[m.id], taken[m.needs]) if m.needs else taken[m.id]
        for m in mapping.measures
    }
