"""What the columns of somebody's tables mean: a YAML document, checked before any row is read.

The format is described at the head of the shipped `flat.yaml`.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import BadDocument, printable
from agent.importing.fields import (
    AMBIGUOUS,
    MONTH_FIGURES,
    Kind,
    field_fault,
    squashed,
)

SCHEMA = "import_mapping/1"
Take = Literal[
    "sum", "count", "distinct", "newest", "oldest", "largest", "smallest", "same", "reach"
]
Test = Literal["is", "blank", "filled", "at_least", "at_most", "open", "last_days"]
Decimal = Literal["auto", "point", "comma"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column. `unit` is "fraction" for a percentage stored as 0 to 1."""

    names: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    field: str = ""
    snapshot: str = ""
    unit: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: dict[str, tuple[str, ...]] = {}
    default: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.field and (fault := field_fault(self.field, self.kind)):
            raise ValueError(fault)
        if self.snapshot and (self.snapshot not in MONTH_FIGURES or self.kind != "count"):
            raise ValueError(f"snapshot: one of {', '.join(MONTH_FIGURES)}, of kind 'count'")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("'choices' belongs to kind 'choice', and has to be there for it")
        if self.default is not None and self.default not in self.choices:
            raise ValueError("'default' has to be one of 'choices'")
        if self.kind in ("percent", "measure") and not self.unit:
            raise ValueError(f"kind '{self.kind}' needs a 'unit'")
        if self.kind == "percent" and self.unit not in ("percent", "fraction"):
            raise ValueError("unit: 'percent' (0 to 100) or 'fraction' (0 to 1)")
        for name in self.names:
            if not squashed(name):
                raise ValueError("a name without letters or digits")
            if squashed(name) in AMBIGUOUS and not self.unit:
                raise ValueError(
                    f"'{name}' can be {AMBIGUOUS[squashed(name)]}; say which with 'unit'"
                )
        return self


class Condition(_Strict):
    """A test on one column. `open`: blank or after the as-of date; `last_days`: no older."""

    column: str
    test: Test
    value: str | bool | float | None = None

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        number = isinstance(self.value, float) and not isinstance(self.value, bool)
        if self.test in ("at_least", "at_most", "last_days") and not number:
            raise ValueError(f"'{self.test}' needs a number as 'value'")
        if self.test == "is" and self.value is None:
            raise ValueError("'is' needs a 'value'")
        return self


class Measure(_Strict):
    """How many rows become one value.

    `same` is the value on which all rows agree, else nothing; `reach` the newest date of the whole
    table, of all accounts.
    """

    take: Take
    column: str = ""
    where: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _has_column(self) -> Self:
        if (self.take == "count") == bool(self.column):
            raise ValueError("every 'take' but 'count' needs a 'column'")
        return self


class Give(Measure):
    """A measure that becomes the field of an account."""

    field: str


class Monthly(_Strict):
    """Rows of one calendar month become one row of `usage.monthly`."""

    month_of: str
    figures: dict[str, Measure] = Field(min_length=1)


class Listing(_Strict):
    """Rows become a list of records, newest first, at most `limit` of them."""

    field: str
    item: dict[str, str] = Field(min_length=1)
    newest_by: str
    where: tuple[Condition, ...] = ()
    limit: int = Field(50, ge=1, le=500)


class Check(_Strict):
    """What has to hold for a row.

    `within`: a date column lies between the parent row's `start` and `end` (either may be left
    out); `ordered`: the first column is not above the second; `agrees`: a flag of the account is
    true exactly when rows of `table` exist. `on_fault` says whether the row is used all the same.
    """

    check: Literal["within", "ordered", "agrees"]
    say: str
    column: str = ""
    start: str = ""
    end: str = ""
    columns: tuple[str, ...] = ()
    table: str = ""
    on_fault: Literal["leave_out", "keep"] = "leave_out"


class Parent(_Strict):
    table: str
    column: str


class Table(_Strict):
    """One kind of table. Without `parent` its rows are accounts, one each."""

    columns: dict[str, Column] = Field(min_length=1)
    key: str = ""
    parent: Parent | None = None
    dated: str = ""
    snapshot_dated: str = ""
    checks: tuple[Check, ...] = ()
    gives: tuple[Give, ...] = ()
    monthly: Monthly | None = None
    lists: tuple[Listing, ...] = ()
    constants: dict[str, str | bool] = {}


class Mapping(_Strict):
    """Tables by name, the accounts first."""

    schema_: Literal["import_mapping/1"] = Field(alias="schema")
    title: str = Field(max_length=200)
    dates: tuple[str, ...] = ("YYYY-MM-DD",)
    decimal: Decimal = "auto"
    tables: dict[str, Table] = Field(min_length=1)

    @property
    def accounts(self) -> str:
        """Name of the table whose rows are accounts."""
        return next(name for name, table in self.tables.items() if table.parent is None)

    def lineage(self, name: str) -> list[str]:
        """`name`, its parent, …, up to the accounts."""
        out = [name]
        while (parent := self.tables[out[-1]].parent) is not None:
            out.append(parent.table)
        return out


def parse(document: Any, *, where: str) -> Mapping:
    """The mapping of a document, key by key; `mapping_checks.check` sees whether they fit.

    Raises:
        BadDocument: names the key that is wrong.
    """
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadDocument(
            f"{printable(key, 120)}: {printable(message, 300)}.",
            where=where,
            fix="the format is described at the head of the shipped mapping 'flat'.",
        ) from None
    return mapping
