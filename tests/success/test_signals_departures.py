"""Who is said to leave: the writer, the sponsor, a champion; dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from signs import detect, detect_with_facts, mail, note

from agent.success.signals.dates_said import first_date

SENDER_SPONSOR = "h.varga@alder.example"
SAID_ON = date(2026, 11, 12)


@pytest.mark.parametrize(
    ("text", "sender", "sign"),
    [
        ("My last day is 11 December.", SENDER_SPONSOR, "sponsor_departure_said"),
        ("My last day is 11 December.", "j.brand@alder.example", "contact_departure_said"),
        ("Dr. Varga has left the company.", "i.calvo@alder.example", "sponsor_departure_said"),
        ("Our executive sponsor is leaving.", "i.calvo@alder.example", "sponsor_departure_said"),
        ("I heard that Helena Varga resigned.", "j.brand@alder.example", "sponsor_departure_said"),
        ("Je quitte l'entreprise le 15 janvier.", SENDER_SPONSOR, "sponsor_departure_said"),
        ("Ich verlasse die Firma Ende Januar.", SENDER_SPONSOR, "sponsor_departure_said"),
        ("Joris is leaving us in March.", SENDER_SPONSOR, "contact_departure_said"),
    ],
)
def test_the_leaver_is_the_writer_or_the_person_named(text: str, sender: str, sign: str) -> None:
    found = detect(mail(text, sender=sender))
    assert sign in found
    other = {"sponsor_departure_said", "contact_departure_said"} - {sign}
    assert not other & found.keys()


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Varga is not leaving.",
        "Dr. Varga left the meeting early.",
        "Dr. Varga is on parental leave from Monday.",
        "Our intern is leaving on Friday.",
        "I left you a message yesterday.",
    ],
)
def test_no_departure_no_sign(text: str) -> None:
    found = detect(mail(text, sender="i.calvo@alder.example"))
    assert not {"sponsor_departure_said", "contact_departure_said"} & found.keys()


def test_the_date_in_the_words_becomes_a_fact_and_the_day_of_the_sign() -> None:
    found, facts = detect_with_facts(mail("My last day is 11 December.", sender=SENDER_SPONSOR))
    signal = found["sponsor_departure_said"]
    assert signal.at == date(2026, 12, 11)
    fact = facts["email.1.s1.date"]
    assert (fact.kind, fact.value, fact.inputs) == ("computed", "2026-12-11", ("email.1.s1",))
    assert fact.id in signal.evidence


def test_a_champion_weighs_more_than_another_contact() -> None:
    champion = detect(note("Joris Brand is leaving in March."))["contact_departure_said"]
    other = detect(note("Ines Calvo is leaving in March."))["contact_departure_said"]
    assert (champion.severity, other.severity) == ("high", "medium")
    assert "Joris Brand" in champion.title


def test_what_the_figures_know_gains_the_quote_and_no_second_sign() -> None:
    data = mail("My last day is 11 December.", sender=SENDER_SPONSOR)
    data["relationship"]["executive_sponsor"] |= {"status": "leaving", "leaves_on": "2026-12-11"}
    found = detect(data)
    assert "email.1.s1" in found["sponsor_leaving"].evidence
    assert "sponsor_departure_said" not in found


def test_the_figures_may_lack_the_date_that_the_words_have() -> None:
    data = mail("My last day is 11 December.", sender=SENDER_SPONSOR)
    data["relationship"]["executive_sponsor"]["status"] = "leaving"
    assert detect(data)["sponsor_leaving"].at == date(2026, 12, 11)


def test_a_departure_in_confidence_is_marked() -> None:
    text = "Between us: my last day is 11 December. Nobody knows yet."
    found = detect(mail(text, sender=SENDER_SPONSOR))
    assert found["departure_confidential"].playbook == "discreet_departure"
    assert "departure_confidential" not in detect(mail("The price list is confidential."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my last day is 11 December", date(2026, 12, 11)),
        ("on December 11th", date(2026, 12, 11)),
        ("on the 3rd of March", date(2027, 3, 3)),
        ("am 5. Januar", date(2027, 1, 5)),
        ("le 1er février", date(2027, 2, 1)),
        ("el 15 de enero", date(2027, 1, 15)),
        ("per 15 januari", date(2027, 1, 15)),
        ("em 15 de março de 2028", date(2028, 3, 15)),
        ("until the end of February", date(2027, 2, 28)),
        ("Ende Januar", date(2027, 1, 31)),
        ("it was 31 October", date(2026, 10, 31)),
        ("2027-02-01", date(2027, 2, 1)),
        ("on 31 June", None),
        ("on 11/12", None),
        ("next Friday", None),
    ],
)
def test_dates_as_people_write_them(text: str, expected: date | None) -> None:
    assert first_date(text, SAID_ON) == expected


def test_without_a_day_of_writing_the_year_stays_unknown() -> None:
    assert first_date("11 December", None) is None
    assert first_date("11 December 2026", None) == date(2026, 12, 11)
