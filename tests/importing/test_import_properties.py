"""Whatever a file holds, an import ends with a report or with an error that a person can act on."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import CsmError
from agent.importing.catalogue import find
from agent.importing.cells import Manner, read_cell
from agent.importing.mapping import Column
from agent.importing.numerals import read_numeral
from agent.memory import strict_yaml
from agent.memory.insights_file import PATH, InsightsFile
from agent.memory.paths import MemoryRoot
from tests.importing.tables import bring_in, memory_in, put

HEADINGS = sorted(
    {name for column in find("flat").tables["accounts"].columns.values() for name in column.names}
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "acme", "1", "-1", "1,234.5", "1.234,5", "95%", "$5", "NaN", "2026-12-31",
         "31/12/2026", "true", "smb", "=1+1", "\x00", "\ud800", "no", "a\nb", '"', "1e400", "٣"]
    ),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELLS, inner, max_size=3)),
    max_leaves=8,
)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def survives(data: bytes, name: str) -> None:
    """The import raises nothing but a CsmError, and what it wrote can be read again."""
    with folder() as place:
        memory = memory_in(place)
        try:
            report, accounts = bring_in(place, put(place, data, name))
        except CsmError:
            assert not (memory / PATH).exists()
            return
        table = report.tables["accounts"]
        assert table.used == len(accounts) == report.accounts["imported"]
        assert table.used <= table.rows
        json.dumps(report.as_dict()).encode(errors="strict")
        if accounts:
            assert list(InsightsFile.read(MemoryRoot.open(memory)).names) == list(accounts)


@settings(deadline=None, max_examples=120)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    survives(data, "x.csv")


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.sampled_from(HEADINGS), st.text(max_size=8)), max_size=7),
    st.lists(st.lists(CELLS, min_size=6, max_size=9), max_size=6),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_table(headings: list[str], rows: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["id", *headings])
    writer.writerows([row[: len(headings) + 1] for row in rows])
    survives(text.getvalue().encode(errors="surrogatepass"), "x.csv")


@settings(deadline=None, max_examples=120)
@given(st.lists(st.dictionaries(st.one_of(st.sampled_from(["id", *HEADINGS]), CELLS), VALUES,
                                max_size=5), max_size=5))  # fmt: skip
def test_any_records(records: list[dict[str, object]]) -> None:
    survives(json.dumps(records).encode(errors="surrogatepass"), "x.json")


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet='[]{}":,\n \\ax1', max_size=60))
def test_any_almost_json(text: str) -> None:
    survives(b'[{"id": "a"}, ' + text.encode(), "x.json")


@given(
    st.text(alphabet="0123456789.,-+%$€ e()'", max_size=14), st.sampled_from(["count", "amount"])
)
def test_a_numeral_is_a_number_or_a_fault(text: str, kind: str) -> None:
    for decimal in ("auto", "point", "comma"):
        found = read_numeral(text, kind, decimal)  # type: ignore[arg-type]
        assert (found.number is None) == bool(found.fault)


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_both_ways_of_writing_an_amount_give_the_same(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02}"
    continental = english.translate(str.maketrans(",.", ".,"))
    assert read_numeral(english, "amount", "point").number == float(f"{whole}.{cents:02}")
    assert read_numeral(continental, "amount", "comma").number == float(f"{whole}.{cents:02}")
    assert read_numeral(english, "amount", "auto") == read_numeral(continental, "amount", "auto")


@settings(deadline=None, max_examples=40)
@given(st.permutations(["a,1", "b,2", "c,x", "d,4", "a,9", "d,4"]))
def test_the_order_of_rows_does_not_matter(rows: list[str]) -> None:
    with folder() as place:
        _, accounts = bring_in(place, put(place, "id,arr\n" + "\n".join(rows)))
        assert accounts == {"b": {"contract": {"arr": 2}}, "c": {}, "d": {"contract": {"arr": 4}}}


@given(st.text(min_size=1, max_size=30))
def test_any_name_survives_in_the_file(name: str) -> None:
    column = Column(names=("x",), kind="text")

    value = read_cell(column, name, Manner()).value
    if value is not None:
        text = strict_yaml.dump({"name": value})
        assert strict_yaml.load(text.encode(), where="x")["name"] == value
