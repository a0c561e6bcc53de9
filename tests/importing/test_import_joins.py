"""Tables joined by key, added up by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from agent.importing.report import Report
from tests.importing.tables import bring_in, mapping_of, put, reasons

MAPPING = mapping_of("""\
schema: import_mapping/1
title: a small warehouse
dates: [DD-MM-YYYY]
tables:
  accounts:
    key: id
    columns:
      id: {names: [account_id], kind: id, required: true}
      name: {names: [account_name], kind: text, field: name, required: true}
      since: {names: [signup], kind: date, field: customer_since}
      churned: {names: [churned], kind: flag, field: custom.churned}
    constants: {contract.currency: USD}
    checks: [{check: agrees, column: churned, table: events, say: flag and events}]
  subscriptions:
    key: id
    parent: {table: accounts, column: account}
    dated: start
    columns:
      id: {names: [subscription_id], kind: id, required: true}
      account: {names: [account_id], kind: id, required: true}
      start: {names: [start], kind: date, required: true}
      end: {names: [end], kind: date}
      arr: {names: [arr], kind: amount}
      renews: {names: [renews], kind: flag}
    gives:
      - {field: contract.arr, take: sum, column: arr, where: [{column: end, test: open}]}
      - {field: contract.auto_renew, take: same, column: renews}
      - {field: contract.start_date, take: oldest, column: start}
      - {field: custom.largest, take: largest, column: arr}
  usage:
    parent: {table: subscriptions, column: subscription}
    dated: day
    columns:
      subscription: {names: [subscription_id], kind: id, required: true}
      day: {names: [day], kind: date, required: true}
      feature: {names: [feature], kind: text}
      logins: {names: [logins], kind: count}
    checks: [{check: within, column: day, start: start, end: end, say: outside its subscription}]
    gives: [{field: usage.as_of, take: reach, column: day}]
    monthly:
      month_of: day
      figures:
        logins: {take: sum, column: logins}
        features_used: {take: distinct, column: feature}
  events:
    key: id
    parent: {table: accounts, column: account}
    columns:
      id: {names: [event_id], kind: id, required: true}
      account: {names: [account_id], kind: id, required: true}
      day: {names: [left_on], kind: date, required: true}
      words: {names: [words], kind: text}
    lists:
      - {field: notes, item: {date: day, text: words}, newest_by: day, limit: 2}
""")
ACCOUNTS = (
    "account_id,account_name,signup,churned\na,A,01-01-2026,false\nb,B,01-01-2026,true\nc,C,,\n"
)
SUBSCRIPTIONS = """\
subscription_id,account_id,start,end,arr,renews
s1,a,01-02-2026,,100.10,true
s2,a,01-03-2026,30-06-2026,50,true
s3,a,01-04-2026,,200.20,true
s4,b,01-02-2026,,,true
s5,b,02-02-2026,,10,false
s6,ghost,01-02-2026,,10,true
s7,a,01-12-2026,,999,true
"""
USAGE = """\
subscription_id,day,feature,logins
s1,05-10-2026,map,3
s1,06-10-2026,map,4
s3,07-10-2026,chat,5
s1,01-11-2026,map,
s2,01-07-2026,map,9
s2,01-02-2026,map,9
s6,01-03-2026,map,9
nope,01-03-2026,map,9
s5,16-11-2026,chat,0
"""
EVENTS = """\
event_id,account_id,left_on,words
e1,a,01-05-2026,Old
e2,a,02-05-2026,
e3,a,03-05-2026,New
"""


def loaded(folder: Path, **options: Any) -> tuple[Report, dict[str, Any]]:
    # Given in any order: what a file is, its headings say.
    files = [
        put(folder, USAGE, "u.csv"), put(folder, EVENTS, "e.csv"),
        put(folder, SUBSCRIPTIONS, "s.csv"), put(folder, ACCOUNTS, "a.csv"),
    ]  # fmt: skip
    return bring_in(folder, *files, mapping=MAPPING, **options)


def test_rows_become_the_figures_of_their_account(tmp_path: Path) -> None:
    _, accounts = loaded(tmp_path)
    assert accounts["a"] == {
        "name": "A",
        "customer_since": "2026-01-01",
        "contract": {
            "arr": 300.3, "currency": "USD", "start_date": "2026-02-01", "auto_renew": True,
        },
        "usage": {
            "as_of": "2026-11-16",
            "monthly": [
                {"month": "2026-10", "logins": 12, "features_used": 2},
                {"month": "2026-11", "features_used": 1},
            ],
        },
        "notes": [{"date": "2026-05-03", "text": "New"}, {"date": "2026-05-02"}],
        "custom": {"churned": False, "largest": 200.2},
    }  # fmt: skip


def test_a_sum_with_a_gap_and_a_disagreement_are_unknown(tmp_path: Path) -> None:
    report, accounts = loaded(tmp_path)
    assert accounts["b"]["contract"] == {"currency": "USD", "start_date": "2026-02-01"}
    assert "contract.arr: unknown for 1 accounts, a row lacks the figure" in report.facts


def test_an_account_without_rows_has_no_zeros(tmp_path: Path) -> None:
    assert loaded(tmp_path)[1]["c"] == {"name": "C", "contract": {"currency": "USD"}}


def test_orphans_and_rows_outside_their_parent_are_named(tmp_path: Path) -> None:
    report, _ = loaded(tmp_path)
    found = [reason for reason in reasons(report) if "row left out" in reason]
    assert found == [
        "s.csv:7: account_id, 'ghost': names no usable row of table 'accounts' (row left out)",
        "s.csv:8: start, '01-12-2026': lies after 2026-11-17 (row left out)",
        "u.csv:6: day, '01-07-2026': outside its subscription (row left out)",
        "u.csv:7: day, '01-02-2026': outside its subscription (row left out)",
        "u.csv:8: subscription_id, 's6': names no usable row of table 'subscriptions' "
        "(row left out)",
        "u.csv:9: subscription_id, 'nope': names no usable row of table 'subscriptions' "
        "(row left out)",
    ]
    assert (report.tables["usage"].rows, report.tables["usage"].used) == (9, 5)


def test_a_flag_that_events_do_not_bear_out(tmp_path: Path) -> None:
    report, _ = loaded(tmp_path)
    assert report.facts[0] == (
        "flag and events: 0 accounts have both, 1 only 'churned', 1 only rows in 'events'"
    )
    assert report.count("disagreement") == 2


def test_later_rows_do_not_count_before_their_day(tmp_path: Path) -> None:
    _, accounts = loaded(tmp_path, as_of=date(2026, 5, 1))
    assert accounts["a"]["contract"]["arr"] == 350.3
    assert "usage" not in accounts["a"]


def test_other_tables_may_be_absent_but_not_the_accounts(tmp_path: Path) -> None:
    report, accounts = bring_in(tmp_path, put(tmp_path, ACCOUNTS), mapping=MAPPING)
    assert list(accounts) == ["a", "b", "c"]
    assert report.facts == ["tables not given: subscriptions, usage, events"]
