"""What open peers make of odd files: one bad record and nothing comes out, ids count twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.peers.conftest import Book, row, table, without

Books = Callable[..., Book]
SEGMENTS = ["Mid_Market", " mid-market ", "MID MARKET", "midmarket", "Mid-Market"]


def answers(book: Book) -> list[Any]:
    return [book.health(), book.risk(), book.expansion(), book.renewals()]


@pytest.mark.parametrize("written", SEGMENTS)
def test_a_segment_in_another_spelling_is_the_same_segment(books: Books, written: str) -> None:
    other, usual = books(row(segment=written)), books(row(segment="mid_market"))
    assert answers(other) == answers(usual)
    assert other("segments").stdout == usual("segments").stdout


def test_an_unknown_segment_is_named_and_not_quietly_mid_market(books: Books) -> None:
    odd, blank = books(row(segment="gold")), books(row(segment=None))
    assert "segment, 'gold': is none of smb, mid_market, enterprise, strategic" in odd.said.stdout
    assert answers(odd) == answers(blank)


@pytest.mark.parametrize(
    ("arr", "segment"), [(12_000, "smb"), (84_000, "mid_market"), (900_000, "enterprise")]
)
def test_an_unknown_segment_falls_back_to_that_of_the_revenue_in_every_report(
    books: Books, arr: int, segment: str
) -> None:
    odd, plain = books(row(segment="gold", arr=arr)), books(row(segment=segment, arr=arr))
    found = {r["segment"]: r["accounts"] for r in odd.json("segments")["rows"]}
    assert found[segment] == 1 and sum(found.values()) == 1
    assert answers(odd) == answers(plain)


def test_a_duplicate_id_is_not_counted_twice(book: Book) -> None:
    book.take(row(arr=100), row(id="b", arr=20), row(arr=70))
    assert "stands for another row" in book.said.stdout
    assert [r["account_id"] for r in book.json("health")] == ["b"]
    assert book.renewals()["totals"][0]["due"] == 20


def test_the_same_row_twice_is_one_account(books: Books) -> None:
    twice, once = books(row(), row()), books(row())
    assert "is the same row as" in twice.said.stdout
    assert answers(twice) == answers(once)


@pytest.mark.parametrize("word", ["false", "FALSE", "No", "0", "n"])
def test_false_as_text_is_false(book: Book, word: str) -> None:
    book.take(row(auto_renew=word))
    told = book("tool", "renewal_forecast", "--account", "wren").stdout
    assert "does not renew automatically" in told


@pytest.mark.parametrize(
    ("column", "word"),
    [("sponsor_status", "very positive"), ("sponsor_status", "awful"), ("auto_renew", "monthly")],
)
def test_a_word_outside_its_list_is_named_and_has_no_default(
    books: Books, column: str, word: str
) -> None:
    odd, blank = books(row(**{column: word})), books(row(**{column: None}))
    assert f"{column}, '{word}': is n" in odd.said.stdout
    assert answers(odd) == answers(blank)


@pytest.mark.parametrize("text", ["[]", '{"customers": []}', "", "   \n"])
def test_an_empty_list_is_a_clean_refusal(book: Book, text: str) -> None:
    book.take(text=text or "\n", name="customers.json")
    assert book.said.exit_code == 2 and book.said.stdout == ""
    assert not (book.memory / "_knowledge").exists()


@pytest.mark.parametrize("text", ["this is not JSON", "{'id': 'a'}", "<html></html>"])
def test_a_file_that_is_not_json_is_a_clean_refusal(book: Book, text: str) -> None:
    book.take(text=text, name="customers.json")
    assert book.said.exit_code in (1, 2) and book.said.stderr.startswith("csm: ")
    assert not (book.memory / "_knowledge").exists()


SHAPES: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("top_level_list", lambda r: [r]),
    ("customers_wrapper", lambda r: {"customers": [r]}),
    ("accounts_by_id", lambda r: {"accounts": {r["id"]: without("id")}}),
    ("dict_of_customers", lambda r: {"customers": {r["id"]: without("id")}}),
]


@pytest.mark.parametrize("shape", [s[1] for s in SHAPES], ids=[s[0] for s in SHAPES])
def test_records_in_any_wrapper_are_accounts_and_not_one_blank_account(
    books: Books, shape: Callable[[dict[str, Any]], Any]
) -> None:
    other = books(text=json.dumps(shape(row())), name="customers.json")
    assert other.said.exit_code == 0, other.said.stderr
    assert answers(other) == answers(books(row()))


def test_a_record_that_is_a_string_spoils_itself_only(book: Book) -> None:
    book.take(text=json.dumps([row(), "wren", 5, None, [row()]]), name="customers.json")
    assert [r["account_id"] for r in book.json("health")] == ["wren"]
    assert book.said.stdout.count("is not a record") >= 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.split("\n", 1)[0].upper() + "\n" + text.split("\n", 1)[1],
        lambda text: text.split("\n", 1)[0].title().replace("_", " ") + "\n"
        + text.split("\n", 1)[1],
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: "sep=;\n" + text.replace(",", ";"),
    ],
    ids=["bom", "crlf", "upper_case_header", "spaced_header", "semicolon", "tab", "sep_line"],
)  # fmt: skip
def test_bom_header_case_and_separator_change_nothing(
    books: Books, change: Callable[[str], str]
) -> None:
    other, usual = books(text=change(table(row()))), books(row())
    assert other.said.exit_code == 0, other.said.stderr
    assert answers(other) == answers(usual)


def test_one_bad_record_never_hides_the_good_ones(book: Book) -> None:
    good = table(row(), row(id="b"), row(id="c"))
    lines = good.splitlines()
    text = "\n".join([lines[0], lines[1], "short,row", ",".join(["x y", *lines[2].split(",")[1:]]),
                      lines[2], '"open,' + lines[3]])  # fmt: skip
    book.take(text=text)
    assert {r["account_id"] for r in book.json("health")} == {"wren", "b"}
    for line in ("customers.csv:3: ", "customers.csv:4: ", "customers.csv:6: "):
        assert line in book.said.stdout
    assert len(book.json("risk")) == len(book.json("expansion")) == 2


@pytest.mark.parametrize("name", ["customers.json", "customers.csv"])
def test_deep_nesting_is_a_remark_and_no_recursion_error(book: Book, name: str) -> None:
    deep = "[" * 50_000
    text = (
        f'[{json.dumps(row())}, {{"id": "b", "notes": {deep}'
        if name[-1] == "n"
        else (table(row()) + f'b,"{deep}"\n')
    )
    book.take(text=text, name=name)
    assert [r["account_id"] for r in book.json("health")] == ["wren"]


def test_one_column_with_two_meanings_is_refused_and_not_guessed(books: Books) -> None:
    two = {"response_time": 9, "login_frequency": 9, "business_impact": 9, "nps": 9}
    odd, usual = books(row(**two)), books(row())
    assert odd.said.stdout.count("map it with an explicit 'unit'") == 4
    assert answers(odd) == answers(usual)


def test_the_order_of_records_changes_nothing(books: Books) -> None:
    rows = [row(), row(id="b", arr=7), row(id="c", active_users=20)]
    one, other = books(*rows), books(*reversed(rows))
    for words in (("health",), ("risk",), ("expansion",), ("renewals", "--period", "2027Q2")):
        assert one(*words, "--json").stdout == other(*words, "--json").stdout
