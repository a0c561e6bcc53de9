"""A table as columns of text, and the removal of what stands in it twice."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.errors import BadInput, printable


@dataclass(frozen=True)
class Table:
    """`columns` by header (spaces collapsed); every column has the same number of cells."""

    name: str
    columns: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def find(self, header: str, *, asked: str) -> str:
        """The header as the table spells it; case and spacing do not matter.

        Raises:
            BadInput: there is none such; lists near ones. `asked` says who named it.
        """
        if header in self.columns:
            return header
        wanted = folded(header)
        for own in self.columns:
            if folded(own) == wanted:
                return own
        near = difflib.get_close_matches(wanted, [folded(h) for h in self.columns], n=1)
        hint = next((h for h in self.columns if near and folded(h) == near[0]), "")
        raise BadInput(
            f"{asked} names the column {printable(header, 60)!r}, which {self.name} does not have",
            where=self.name,
            fix=(f"did you mean {printable(hint, 60)!r}? " if hint else "")
            + "The columns are: "
            + ", ".join(printable(h, 40) for h in list(self.columns)[:40])
            + ".",
        )

    def column(self, header: str, *, asked: str) -> Sequence[str]:
        return self.columns[self.find(header, asked=asked)]

    def rows(self) -> Iterator[tuple[str, ...]]:
        return zip(*self.columns.values(), strict=True)

    def take(self, positions: Sequence[int]) -> Table:
        return Table(self.name, {h: [c[i] for i in positions] for h, c in self.columns.items()})


@dataclass(frozen=True)
class Duplicates:
    """What was removed from a table: rows repeated as a whole, and further rows of an id that had
    been seen with other content (the first one in the file is kept)."""

    table: str
    exact: int = 0
    conflicting: int = 0

    @property
    def text(self) -> str:
        parts = []
        if self.exact:
            parts.append(f"{self.exact:,} exact duplicate rows")
        if self.conflicting:
            parts.append(f"{self.conflicting:,} rows with an id seen before and other content")
        return f"{self.table}: removed {' and '.join(parts)}" if parts else ""


def without_duplicates(table: Table, keys: Sequence[str]) -> tuple[Table, Duplicates]:
    """Removes repeated rows, and where `keys` are given further rows with the same key.

    The rows come back sorted by key, or by content without one, so that nothing computed from
    them depends on their order in the file.
    """
    seen_rows: set[tuple[str, ...]] = set()
    seen_keys: set[tuple[str, ...]] = set()
    kept: list[tuple[tuple[str, ...], int]] = []
    exact = conflicting = 0
    cells = [table.column(key, asked="the mapping") for key in keys]
    for position, row in enumerate(table.rows()):
        key = tuple(column[position].strip() for column in cells) if keys else row
        if row in seen_rows:
            exact += 1
        elif keys and key in seen_keys:
            conflicting += 1
        else:
            kept.append((key, position))
        seen_rows.add(row)
        seen_keys.add(key)
    table = table.take([position for _, position in sorted(kept)])
    return table, Duplicates(table.name, exact, conflicting)


def folded(header: str) -> str:
    """A header as it is compared: case and spacing do not matter."""
    return " ".join(header.split()).casefold()
