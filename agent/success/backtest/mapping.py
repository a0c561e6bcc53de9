"""A mapping: which columns of a data set are measures of health, which one is the outcome."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from agent.errors import BadInput, printable
from agent.success.backtest.cells import DateOrder
from agent.success.backtest.table import folded
from agent.success.health.measure import Measure, Number, Slug, Weight
from agent.success.health.model import Tier, whole_scale
from agent.success.policy import Percent, Settings, Title

ONLY = "data"  # the name of the table when there is just one
Take = Literal["value", "count", "sum", "mean", "distinct", "share", "trend"]


class Signal(Settings):
    """One measure taken from a data set. The head of `iranian.yaml` explains each key."""

    id: Slug
    label: Title
    unit: str = ""
    why: str = ""
    table: str = ""
    take: Take = "value"
    column: str = ""
    columns: list[str] = Field(default_factory=list)
    equals: list[str] = Field(default_factory=list)
    per: str = ""
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    not_applicable: list[str] = Field(default_factory=list)
    needs: str = ""
    direction: Literal["higher_is_better", "lower_is_better", "levels"]
    weight: Weight = 1
    curve: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list
    )
    levels: dict[str, Percent] = Field(default_factory=dict)
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Signal:
        if self.column and self.columns:
            raise ValueError("give column or columns, not both")
        if not (self.column or self.columns or self.take in ("count", "trend")):
            raise ValueError(f"take {self.take} needs a column")
        if self.columns and (self.take != "value" or not self.equals):
            raise ValueError("columns go with take value and with equals")
        if self.take == "share" and not self.equals:
            raise ValueError("take share needs equals")
        if self.take == "trend" and self.days is None:
            raise ValueError("take trend needs days")
        if self.per and self.take not in ("value", "sum"):
            raise ValueError("per goes with take value or sum")
        if self.needs == self.id:
            raise ValueError("needs names the measure itself")
        if self.direction == "levels" and (self.take != "value" or self.per or self.columns):
            raise ValueError("levels go with the value of one column")
        if self.curve or self.levels or self.direction == "levels":
            _ = self.scale
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("range must go from low to high")
        return self

    @cached_property
    def scale(self) -> Measure | None:
        """The same curve or levels as in a health model; None for a percentile rank."""
        if not self.curve and self.direction != "levels":
            return None
        return Measure(id=self.id, label=self.label, direction=self.direction, weight=1,
                       curve=self.curve, levels=self.levels)  # fmt: skip

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(h for h in (self.column, self.per, *self.columns) if h)


class TableSpec(Settings):
    """A file of a data set.

    Attributes:
        key: column that tells rows apart; without one, only whole repeated rows are removed.
        account: column with the account's id, or of the row in `through` that knows the account.
        date: from when the row is known; rows after the cut-off are not seen.
        until: end of the row; whether it is still open at the cut-off, and nothing else.
        known_from: column → date column; before that date the cell is not known yet.
    """

    file: str = ""
    key: str = ""
    account: str = ""
    through: str = ""
    date: str = ""
    until: str = ""
    known_from: dict[str, str] = Field(default_factory=dict)


# Percentile ranks centre on 50, unlike the figures of a health model: hence lower edges.
DEFAULT_TIERS: tuple[Tier, ...] = (
    Tier.model_validate({"id": "red", "from": 0.0, "below": 40.0}),
    Tier.model_validate({"id": "yellow", "from": 40.0, "below": 60.0}),
    Tier.model_validate({"id": "green", "from": 60.0}),
)


class Outcome(Settings):
    """`column` holds a flag, or with a cut-off the date of the loss. `churned`: the words that
    mean lost, where yes/no, true/false or 1/0 are not used."""

    column: str = ""
    table: str = ""
    churned: list[str] = Field(default_factory=list)


class Mapping(Settings):
    id: Annotated[str, Field(min_length=1, max_length=60)]
    version: str
    title: Title
    about: str = ""
    observed: str = ""
    b2b_saas: bool = False
    tables: Annotated[dict[str, TableSpec], Field(min_length=1, max_length=20)]
    accounts: str = ONLY
    open: str = ""
    date_order: DateOrder | None = None
    outcome: Outcome = Outcome()
    after_the_fact: list[str] = Field(default_factory=list)
    coverage_floor: Annotated[float, Field(ge=0, le=1)] = 0.4
    tiers: list[Tier] = Field(default_factory=lambda: list(DEFAULT_TIERS))
    measures: Annotated[list[Signal], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _whole(self) -> Mapping:
        whole_scale(self.tiers)
        ids = [m.id for m in self.measures]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"measure {twice[0]} is listed twice")
        if not any(m.weight for m in self.measures):
            raise ValueError("the measures all weigh nothing")
        named = {"accounts": self.accounts, "open": self.open, "outcome": self.outcome.table}
        named |= {f"measure {m.id}": m.table for m in self.measures}
        named |= {f"table {n}: through": t.through for n, t in self.tables.items()}
        for who, table in named.items():
            if table and table not in self.tables:
                raise ValueError(f"{who} names the table {table!r}, which is not among the tables")
        for m in self.measures:
            if m.needs and m.needs not in ids:
                raise ValueError(f"measure {m.id}: needs names {m.needs!r}, which is no measure")
        if self.open and not self.tables[self.open].until:
            raise ValueError("open names a table without until")
        return self

    def table_of(self, measure: Signal) -> str:
        return measure.table or self.accounts


def guard(mapping: Mapping) -> None:
    """Refuses measures that know the outcome.

    Raises:
        BadInput: a measure uses the outcome, an end date or what is known only after the fact.
    """
    told = {folded(column) for column in mapping.after_the_fact}
    for measure in mapping.measures:
        name = mapping.table_of(measure)
        spec = mapping.tables[name]
        outcome_here = name == (mapping.outcome.table or mapping.accounts)
        for header in measure.headers:
            word = folded(header)
            why = ""
            if outcome_here and word == folded(mapping.outcome.column):
                why = "is the outcome itself"
            elif word in told or f"{name}.{word}" in told:
                why = "is known only after the fact"
            elif spec.until and word == folded(spec.until):
                why = "is the end of the row, which may lie after the cut-off"
            if why:
                raise BadInput(
                    f"measure {printable(measure.id, 60)} uses {printable(header, 60)!r}, which "
                    f"{why}",
                    where=mapping.id,
                    fix="leave this column out of the measures.",
                )


def from_features(
    text: str,
    *,
    key: str = "",
    account: str = "",
    date: str = "",
    date_order: DateOrder | None = None,
) -> Mapping:
    """A mapping from `logins:+,tickets:-,plan:annual>monthly` for one table.

    `+` higher is better, `-` lower is better (percentile ranks), `a>b>c` words from best to worst
    in even steps.

    Raises:
        BadInput: a feature that cannot be read, or a column given twice.
    """
    measures: list[Signal] = []
    for part in next(csv.reader(io.StringIO(text), skipinitialspace=True), []):
        column, colon, direction = (piece.strip() for piece in part.rpartition(":"))
        words = [word.strip() for word in direction.split(">")]
        if not colon or not column or not (direction in ("+", "-") or len(words) > 1):
            raise BadInput(
                f"{printable(part, 60)!r} is no feature",
                where="--features",
                fix="write column:+ (more is better), column:- (less is better) or "
                "column:best>middle>worst, separated by commas.",
            )
        if any(folded(column) == folded(m.column) for m in measures):
            raise BadInput(f"{printable(column, 60)!r} is given twice", where="--features",
                           fix="name each column once.")  # fmt: skip
        measures.append(_feature(len(measures) + 1, column, direction, words))
    if not measures:
        raise BadInput("no feature is given", where="--features", fix="write column:+,column:-.")
    # With dates an id comes back in every period, so it names the account, not the row.
    spec = TableSpec(key="" if date else key, account=account or key, date=date)
    return Mapping(id="--features", version="1", title="Features given on the command line",
                   tables={ONLY: spec}, date_order=date_order, measures=measures)  # fmt: skip


def _feature(position: int, column: str, direction: str, words: Sequence[str]) -> Signal:
    id, label = f"f{position}", printable(column, 200)
    if direction in ("+", "-"):
        way = "higher_is_better" if direction == "+" else "lower_is_better"
        return Signal(id=id, label=label, column=column, direction=way)  # type: ignore[arg-type]
    if len({w.casefold() for w in words}) != len(words) or not all(words):
        raise BadInput(f"the words of {printable(column, 60)!r} must differ", where="--features",
                       fix="name each word once, from best to worst.")  # fmt: skip
    steps = {word: 100 - 100 * i / (len(words) - 1) for i, word in enumerate(words)}
    return Signal(id=id, label=label, column=column, direction="levels", levels=steps)
