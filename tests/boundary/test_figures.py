"""Figures in text: how they are read, and which facts bear them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.boundary.figures import extract
from agent.boundary.grounding import Ground
from agent.boundary.quantities import Clock, Moment, Quantity, Token
from agent.success.facts import Fact, FactBook


def quote(id: str, text: str, at: str = "2026-11-18") -> Fact:
    return Fact(id, "quote", text, "e-mail", source="i.yaml", pointer="/e", at=at)


def stored(id: str, value: object, unit: str = "", label: str = "", at: str = "") -> Fact:
    return Fact(id, "stored", value, label or id, unit, "i.yaml", "/p", at=at)  # type: ignore[arg-type]


BOOK = FactBook(
    [
        stored("usage.2026-10.active_users", 118, "users", "active users in 2026-10", "2026-10-31"),
        stored("contract.plan_limits.seats", 120, "seats"),
        Fact("usage.active_ratio", "computed", 98.3333, "active share", "%",
             inputs=("usage.2026-10.active_users", "contract.plan_limits.seats")),
        stored("contract.arr", 96000, "EUR"),
        stored("value.roi.annual_value", 310000, "EUR"),
        Fact("roi.ratio", "computed", 3.229, "value over cost", inputs=("value.roi.annual_value",)),
        stored("contract.renewal_date", "2027-04-30", at="2027-04-30"),
        Fact("renewal.days_left", "computed", 164, "days to renewal", "days",
             inputs=("contract.renewal_date",)),
        Fact("usage.active_trend", "computed", -5.0, "change of active users", "%"),
        Fact("usage.share", "computed", 0.42, "share of power users", "ratio"),
        stored("goal.G-1.actual", 22, "hours"),
        stored("ticket.ZD-20417.subject", "M365 sign-in fails for 17 users"),
        quote("email.1.s1", "My last day is 11 December."),
        quote("email.1.s2", "Two schools, thirty-five people, move to the new site in March."),
        quote("note.1.s1", "They pay about 12.500 € for it; call on 3/12/2026 at 14:30."),
        stored("policy.floor", float("nan")),
    ]
)  # fmt: skip


def unsourced(text: str, *ids: str) -> list[str]:
    ground = Ground(BOOK, ("Halden Freight", "inst_20261117_halden", "2026Q4", "2026-11-17"))
    return [f.message.split("'")[1] for f in ground.check([("text", text)], ids)]


def shown(text: str) -> list[tuple[str, str]]:
    return [(figure.text, figure.kind) for figure in extract(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("118 of 120", ["118", "120"]),
        ("96,000", ["96000"]), ("96.000", ["96000"]), ("96 000", ["96000"]),
        ("96'000", ["96000"]), ("96’000", ["96000"]), ("96\u202f000", ["96000"]),
        ("96\u00a0000", ["96000"]), ("1,234,567.8", ["1234567.8"]), ("1.234.567,8", ["1234567.8"]),
        ("€96k", ["96000"]), ("EUR 1.2m", ["1200000"]), ("$3bn", ["3000000000"]),
        ("12 million", ["12000000"]), ("96k€", ["96000"]), ("USD500", ["500"]),
        ("98.3 %", ["98.3"]), ("98,3%", ["98.3"]), ("98 per cent", ["98"]), ("−5 %", ["-5"]),
        ("10-15", ["10", "15"]), ("3.2x", ["3.2"]), ("a 30-day plan", ["30"]), ("day 20", ["20"]),
        ("the 3rd time", ["3"]), ("day-20", ["20"]), ("0.983", ["0.983"]), ("3½", ["3.5"]),
        ("ninety-eight percent", ["98"]), ("a dozen", ["12"]), ("two weeks", ["2"]),
        ("one hundred and five", ["105"]), ("two hundred thousand", ["200000"]),
        ("half of the users", ["50"]), ("two thirds of users", ["66.67"]), ("٩٦", ["96"]),
        ("用户118人", ["118"]), ("seats (5)", ["5"]),
    ],
)  # fmt: skip
def test_numbers_in_many_notations(text: str, values: list[str]) -> None:
    first = [r for f in extract(text) for r in f.options[0] if isinstance(r, Quantity)]
    assert [reading.value for reading in first] == [Decimal(v) for v in values]


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("2026-12-11", [Moment(2026, 12, 11)]),
        ("2026-12-11T09:30:00Z", [Moment(2026, 12, 11)]),
        ("11 December 2026", [Moment(2026, 12, 11)]),
        ("11. Dezember 2026", [Moment(2026, 12, 11)]),
        ("December 11th, 2026", [Moment(2026, 12, 11)]),
        ("Dec 11", [Moment(None, 12, 11)]),
        ("11.12.2026", [Moment(2026, 12, 11), Moment(2026, 11, 12)]),
        ("12/11/2026", [Moment(2026, 11, 12), Moment(2026, 12, 11)]),
        ("25/12/26", [Moment(2026, 12, 25)]),
        ("11-13 December 2026", [Moment(2026, 12, 11), Moment(2026, 12, 13), Moment(2026, 12, 13)]),
        ("October 2026", [Moment(2026, 10)]),
        ("2026-10", [Moment(2026, 10)]),
        ("Q1 2027", [Moment(2027, quarter=1)]),
        ("2027Q1", [Moment(2027, quarter=1)]),
        ("Q4'26", [Moment(2026, quarter=4)]),
        ("H1 2027", [Moment(2027, half=1)]),
        ("2026-W47", [Moment(2026, week=47)]),
        ("FY26", [Moment(2026)]),
    ],
)
def test_dates_in_many_notations(text: str, moments: list[Moment]) -> None:
    (figure,) = extract(text)
    found = [r for option in figure.options for r in option if isinstance(r, Moment)]
    assert found == moments


def test_times_of_day() -> None:
    assert [extract(t)[0].options[0] for t in ("3pm", "14:30", "9.15 am")] == [
        (Clock(15, 0),), (Clock(14, 30),), (Clock(9, 15),)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "no figure here", "the first quarter, a third party, one of them, two integrations",
        "support 24/7, B2B, a 1:1 with the sponsor", "1. Agree goals\n2) Train admins",
        "(1) agree goals and (2) train admins", "Step 2: the rollout", "dozens of users",
        "in the second half of the year", "tender, weight, often", "one-off", "",
    ],
)  # fmt: skip
def test_what_states_no_figure(text: str) -> None:
    assert extract(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see ZD-20417.", "ZD-20417"), ("goal FD-1", "FD-1"), ("via M365", "M365"),
        ("since v2.1.3", "v2.1.3"), ("needs ISO 27001", "ISO 27001"), ("build 2.1.3", "2.1.3"),
        ("write to a.b+c@halden.example!", "a.b+c@halden.example"),
        ("https://status.example/q?id=7", "https://status.example/q?id=7"),
        ("inst_20261117_halden", "inst_20261117_halden"), ("4f9a2c", "4f9a2c"), ("#17", "17"),
        ("9" * 40, "9" * 40),
    ],
)  # fmt: skip
def test_identifiers_are_not_figures(text: str, name: str) -> None:
    (figure,) = extract(text)
    assert figure.kind == "identifier"
    assert figure.options[0] == (Token(name),)


def test_positions_are_those_of_the_text() -> None:
    text = "  Ａt 98,3 % — of €96k"
    assert [text[f.start : f.end] for f in extract(text)] == ["98,3 %", "€96k"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("118 of 120 seats are used (98.3 %, or 98%)", ["usage.active_ratio"]),
        ("118/120 users in October 2026", ["usage.active_ratio"]),
        ("€96k a year; EUR 96,000; 96 000 €", ["contract.arr"]),
        ("a return of 310k, 3.2x the cost, 3.2:1", ["roi.ratio"]),
        ("renews on 30 April 2027, in 164 days, in Q2 2027", ["renewal.days_left"]),
        ("30.04.2027 or 4/30/2027 or Apr 30", ["contract.renewal_date"]),
        ("active users fell by 5 % (-5%)", ["usage.active_trend"]),
        ("42% are power users (0.42)", ["usage.share"]),
        ("22 hours", ["goal.G-1.actual"]),
        ("her last day is 11 December 2026, 2026-12-11", ["email.1.s1"]),
        ("2 schools with 35 people move in March 2027", ["email.1.s2"]),
        ("12,500 EUR; call 3 December 2026, 2:30 pm", ["note.1.s1"]),
        ("ZD-20417 is about M365", []),
        ("Halden's plan inst_20261117_halden of 17 November 2026, Q4", []),
        ("between 22 and 118", ["goal.G-1.actual", "usage.active_ratio"]),
    ],
)
def test_borne_out_by_what_is_cited(text: str, ids: list[str]) -> None:
    assert unsourced(text, *ids) == []


@pytest.mark.parametrize(
    ("text", "ids", "refused"),
    [
        ("97 % and 98.4%", ["usage.active_ratio"], ["97 %", "98.4%"]),
        ("118 users", [], ["118 users"]),
        ("118 %", ["usage.active_ratio"], ["118 %"]),
        ("98 seats", ["usage.active_ratio"], ["98 seats"]),
        ("$96,000", ["contract.arr"], ["$96,000"]),
        ("96,000 users", ["contract.arr"], ["96,000 users"]),
        ("22 days", ["goal.G-1.actual"], ["22 days"]),
        ("rose by +5%", ["usage.active_trend"], ["+5%"]),
        ("on 11 December 2027", ["email.1.s1"], ["11 December 2027"]),
        ("in November 2026 and Q1 2027", ["email.1.s1"], ["Q1 2027"]),
        ("ticket ZD-20418, S500", ["ticket.ZD-20417.subject"], ["ZD-20418", "S500"]),
        ("thirty-six people, three weeks", ["email.1.s2"], ["thirty-six people", "three weeks"]),
        ("1.2 million", ["contract.arr"], ["1.2 million"]),
        ("96,000,000", ["contract.arr"], ["96,000,000"]),
    ],
)
def test_refused_without_a_source(text: str, ids: list[str], refused: list[str]) -> None:
    left = unsourced(text, *ids)
    assert len(left) == len(refused)
    assert all(full.startswith(found) for found, full in zip(left, refused, strict=True))


def test_a_year_is_taken_from_the_date_of_the_words() -> None:
    assert unsourced("since 3 November 2026", "email.1.s1") == ["3 November 2026"]
    recent = FactBook([quote("note.9.s1", "We met on 3 November.", at="2026-11-18")])
    ground = Ground(recent)
    assert not list(ground.check([("t", "met on 2026-11-03")], ["note.9.s1"]))
    assert list(ground.check([("t", "met on 2025-11-03")], ["note.9.s1"]))


NOTATIONS = (
    "{:,}", "{}", "{:_}", "EUR {:,}", "about {:,} now", "{:,}/{:,}", "({:,})", "{:,}.", "+{:,}",
)  # fmt: skip


def written(value: int, notation: str) -> str:
    return notation.format(value, value).replace("_", "'")


@settings(deadline=None, max_examples=150)
@given(
    value=st.integers(2300, 10**9), notation=st.sampled_from(NOTATIONS), other=st.integers(0, 10**9)
)
def test_a_rendered_value_needs_its_fact(value: int, notation: str, other: int) -> None:
    book = FactBook([stored("a", value), stored("b", other)])
    ground, text = Ground(book), written(value, notation)
    assert not list(ground.check([("t", text)], ["a"]))
    assert bool(list(ground.check([("t", text)], ["b"]))) == (other != value)
    (finding, *_) = list(ground.check([("t", text)], [])) or [None]
    assert finding is not None and "cite a" in finding.fix


@settings(deadline=None, max_examples=100)
@given(value=st.decimals(0, 10**6, places=4), places=st.integers(0, 3), mark=st.sampled_from(".,"))
def test_rounding_is_to_the_stated_digits(value: Decimal, places: int, mark: str) -> None:
    book = FactBook([Fact("a", "computed", float(value), "a", "%")])
    rounded = round(value, places)
    off = rounded + Decimal(2).scaleb(-places)
    texts = [f"{v:.{places}f}".replace(".", mark) + " %" for v in (rounded, off)]
    if mark == "," and places == 3:
        return  # reads as thousands
    assert not list(Ground(book).check([("t", texts[0])], ["a"]))
    assert list(Ground(book).check([("t", texts[1])], ["a"])) or places == 3


def test_a_decimal_comma_before_a_percent_sign_is_no_list() -> None:
    ground = Ground(FactBook([Fact("a", "computed", 0.8501, "a", "%")]))
    assert list(ground.check([("t", "1,1 %")], ["a"]))
    assert not list(ground.check([("t", "0,9 %")], ["a"]))


DAY_FORMS = ("{d.day} {d:%B} {d.year}", "{d:%B} {d.day}, {d.year}", "{d:%d.%m.%Y}", "{d:%m/%d/%Y}",
             "{d:%Y-%m-%d}", "{d:%b} {d.day} {d.year}", "{d:%B} {d.year}", "{d.year}")  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(day=st.dates(date(2001, 1, 1), date(2099, 12, 31)), form=st.sampled_from(DAY_FORMS))
def test_a_written_date_matches_its_iso_fact(day: date, form: str) -> None:
    book = FactBook([stored("a", day.isoformat()), stored("b", date(2150, 1, 1).isoformat())])
    text = form.format(d=day)
    assert not list(Ground(book).check([("t", text)], ["a"]))
    assert list(Ground(book).check([("t", text)], ["b"]))


@settings(deadline=None, max_examples=200)
@given(
    st.text(
        st.sampled_from("0123456789.,'-–/:%€$ kKmMQWD#()x½\n\x00") | st.characters(), max_size=200
    )
)
def test_arbitrary_text_never_raises(text: str) -> None:
    for liberal in (False, True):
        figures = extract(text, liberal=liberal)
        assert all(0 <= f.start < f.end <= len(text) and f.options for f in figures)


@pytest.mark.parametrize(
    "piece",
    ["9", "1,", "111,", "1.1.", "1 ", "1/", "a@", "a.", "two ", "hundred and ", "-", "a-1",
     "jan 1-", "10:", "(1) ", "€1", "version 1.", "http://", "'a ", "“a",
     "118 of 120 (98 %) by 1 May 2026. "],
)  # fmt: skip
def test_long_texts_are_read_in_one_go(piece: str) -> None:
    text = (piece * (20_000 // len(piece)))[:20_000]
    figures = extract(text, liberal=True)
    assert len(figures) <= len(text)
