"""Which column of a file is which column of the mapping, and which table the file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import BadInput, printable
from agent.importing.fields import AMBIGUOUS, squashed
from agent.importing.mapping import Mapping, Table


@dataclass(frozen=True)
class Layout:
    """Positions of the mapped columns, by name; headings that are left out, and why."""

    table: str
    positions: dict[str, int]
    unmapped: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def recognise(header: Sequence[str], mapping: Mapping, *, where: str) -> Layout:
    """The table that a file is, by its headings: all required columns, and the most of the rest.

    Raises:
        BadInput: no table fits, two fit equally well, or two headings mean the same column.
    """
    fits: list[tuple[int, str, dict[str, int]]] = []
    lacks: list[tuple[int, str, list[str]]] = []
    for name, table in mapping.tables.items():
        positions = _positions(header, table, where)
        missing = [key for key, c in table.columns.items() if c.required and key not in positions]
        if missing:
            lacks.append((len(positions), name, missing))
        else:
            fits.append((len(positions), name, positions))
    if not fits:
        raise _unrecognised(header, mapping, lacks, where)
    fits.sort(key=lambda fit: -fit[0])
    if len(fits) > 1 and fits[0][0] == fits[1][0]:
        raise BadInput(
            f"fits the tables '{fits[0][1]}' and '{fits[1][1]}' equally well.",
            where=where,
            fix="give the mapping's tables columns that tell them apart.",
        )
    _, name, positions = fits[0]
    left = [text for at, text in enumerate(header) if at not in positions.values() and text.strip()]
    refused = tuple(
        (text, AMBIGUOUS[squashed(text)]) for text in left if squashed(text) in AMBIGUOUS
    )
    unmapped = tuple(text for text in left if squashed(text) not in AMBIGUOUS)
    return Layout(name, positions, unmapped, refused)


def _positions(header: Sequence[str], table: Table, where: str) -> dict[str, int]:
    spellings = {
        squashed(spelling): name
        for name, column in table.columns.items()
        for spelling in (*column.names, column.field)
        if spelling
    }
    found: dict[str, int] = {}
    for at, text in enumerate(header):
        name = spellings.get(squashed(text), "")
        if name in found:
            raise BadInput(
                f"columns {found[name] + 1} ('{printable(header[found[name]], 60)}') and {at + 1} "
                f"('{printable(text, 60)}') both mean '{name}'.",
                where=where,
                fix="remove or rename one of them.",
            )
        if name:
            found[name] = at
    return found


def _unrecognised(
    header: Sequence[str],
    mapping: Mapping,
    lacks: list[tuple[int, str, list[str]]],
    where: str,
) -> BadInput:
    _, name, missing = max(lacks, key=lambda lack: lack[0])
    columns = mapping.tables[name].columns
    wanted = " and ".join(f"'{columns[key].names[0]}'" for key in missing)
    seen = ", ".join(printable(text, 30) for text in header[:12] if text.strip())
    return BadInput(
        f"the first line has no column {wanted}; it reads: {seen or '(nothing)'}.",
        where=where,
        fix="check that the first line holds the headings, or choose another --mapping.",
    )
