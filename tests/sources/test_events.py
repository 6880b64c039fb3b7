"""One event checked: what it must say, how each value is read, what is refused and why."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from tamis.sources.event_values import Setting
from tamis.sources.events import BadEvent, check

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
VIEW = {"id": "e1", "ts": "2026-03-31T10:00:00+02:00", "kind": "page_view", "visitor": "v1", "path": "/tarifs"}


def stored(setting=None, **values):
    return orjson.loads(check(VIEW | values, setting or Setting(NOW)).body)


def refusal(setting=None, **values):
    with pytest.raises(BadEvent) as caught:
        check(VIEW | values, setting or Setting(NOW))
    return caught.value.field, caught.value.code


def test_the_stored_form():
    assert stored(channel=" google ", couleur="rouge", vide="", rien=None) == {
        "id": "e1", "ts": 1774944000000000, "kind": "page_view", "visitor": "v1", "path": "/tarifs",
        "channel": "google", "more": [{"key": "couleur", "value": "rouge"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "microseconds"),
    [
        ("2026-03-31T08:00:00Z", 1774944000000000),
        ("2026-03-31 08:00:00.000001+00:00", 1774944000000001),
        ("2026-03-31T10:00:00", 1774944000000000),  # Paris, in summer
        ("2026-03-31", 1774908000000000),
        ("2026-04-01T12:04:59Z", 1775045099000000),  # within five minutes of now
    ],
)
def test_moments(given, microseconds):
    assert stored(ts=given)["ts"] == microseconds


def test_a_moment_without_zone_is_the_workspace_s_and_says_so():
    event = check(VIEW | {"ts": "2026-03-31T10:00:00"}, Setting(NOW, ZoneInfo("America/Montreal")))
    assert (event.ts, event.naive) == (1774965600000000, True)
    assert check(VIEW, Setting(NOW)).naive is False


@pytest.mark.parametrize("given", ["hier", "31/03/2026", "2026-02-30", 1774944000, True, "2026-W14", "20260331"])
def test_what_is_no_moment(given):
    assert refusal(ts=given) == ("ts", "ts.form")


def test_the_future_and_what_is_long_past():
    assert refusal(ts="2026-04-01T12:05:01Z") == ("ts", "ts.future")
    assert refusal(ts="1969-12-31T23:00:00Z") == ("ts", "ts.old")
    assert refusal(ts="9999-12-31T23:59:59-23:59") == ("ts", "ts.future")


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (12, "12.0000"), (12.5, "12.5000"), (0.1 + 0.2, "0.3000"), ("12345678901234.5678", "12345678901234.5678"),
        (-3, "-3.0000"), (1e-9, "0.0000"), ("0.00005", "0.0000"), ("0.00015", "0.0002"),
        (10**14 - 1, "99999999999999.0000"),
    ],
)  # fmt: skip
def test_numbers(given, number):
    assert stored(value=given)["value"] == number


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("1 234", "number.form"), ("12,5", "number.form"), (True, "number.form"), ([], "number.form"),
        (10**14, "number.large"), (123456789012.5, "number.inexact"), (float("inf"), "number.inexact"),
        (float("nan"), "number.form"),
    ],
)  # fmt: skip
def test_what_is_no_number(given, code):
    assert refusal(value=given) == ("value", code)


@pytest.mark.parametrize(
    ("cell", "number"), [("1 234,50 €", "1234.5000"), ("12.3456", "12.3456"), ("1,2 k€", "1200.0000"), ("7", "7.0000")]
)
def test_numbers_in_cells(cell, number):
    assert stored(Setting(NOW, cells=True), value=cell)["value"] == number


def test_a_cell_with_two_readings_is_refused():
    assert refusal(Setting(NOW, cells=True), value="1.234") == ("value", "amount.ambiguous")


@pytest.mark.parametrize(
    ("given", "column", "text"),
    [
        ({"contact": "Léa.Martin@ACME.fr"}, "contact_email", "léa.martin@acme.fr"),
        ({"contact": "id:12"}, "contact_id", "12"),
        ({"contact_id": 12}, "contact_id", "12"),
        ({"company": "732 829 320"}, "company_siren", "732829320"),
        ({"company": "73282932000074"}, "company_siren", "732829320"),
        ({"company": "https://www.acme.fr/contact"}, "company_domain", "acme.fr"),
        ({"company": "société.fr"}, "company_domain", "xn--socit-esab.fr"),
        ({"company": "id:7"}, "company_id", "7"),
        ({"company_siren": 732829320}, "company_siren", "732829320"),
    ],
)
def test_whom_it_is_about(given, column, text):
    assert stored(**given)[column] == text


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"contact": "lea"}, "contact", "contact.form"),
        ({"contact": "lea@acme"}, "contact", "domain.form"),
        ({"contact": "a b@acme.fr"}, "contact", "email.form"),
        ({"company": "732829321"}, "company", "siren.check"),
        ({"company": "gmail.com"}, "company", "domain.free"),
        ({"company": "acme.fr", "company_domain": "bolt.fr"}, "company_domain", "subject.two"),
        ({"visitor": None}, "", "subject.missing"),
        ({"visitor": {"id": 1}}, "visitor", "value.nested"),
        ({"visitor": "v" * 201}, "visitor", "value.long"),
        ({"kind": "identify"}, "visitor", "identify.incomplete"),
        ({"kind": "pageview"}, "kind", "kind.unknown"),
        ({"kind": None}, "kind", "field.missing"),
        ({"kind": "form"}, "form", "field.missing"),
        ({"path": "/" * 2001}, "path", "value.long"),
        ({"title": "a\0b"}, "title", "value.unreadable"),
        ({"Couleur": "x"}, "Couleur", "property.name"),
        ({"couleur": ["x"]}, "couleur", "value.nested"),
        ({"currency": "USD"}, "currency", "currency.other"),
        ({f"p{n}": n for n in range(41)}, "", "event.wide"),
        ({f"p{n}": "x" * 1000 for n in range(40)}, "", "event.large"),
    ],
)
def test_refusals(given, field, code):
    assert refusal(**given) == (field, code)


def test_what_is_no_object():
    for given in (None, 1, "x", [VIEW]):
        with pytest.raises(BadEvent):
            check(given, Setting(NOW))


def test_an_id_is_derived_from_the_content_whatever_its_order():
    without = {name: value for name, value in VIEW.items() if name != "id"}
    first, second = check(without, Setting(NOW)), check(dict(reversed(without.items())), Setting(NOW))
    assert first == second
    assert first.derived
    assert check(without | {"path": "/autre"}, Setting(NOW)).id != first.id


def test_amounts_are_in_the_workspace_s_currency():
    assert stored(value=1)["currency"] == "EUR"
    assert stored(Setting(NOW, currency="CHF"), value=1, currency="chf")["currency"] == "CHF"
    assert "currency" not in stored(quantity=1)
