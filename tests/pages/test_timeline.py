"""The events of a contact and of a company on their pages: what, when, and what makes each theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

NOW = datetime.now(UTC).replace(microsecond=0)
HTMX = {"HTTP_HX_REQUEST": "true"}

pytestmark = pytest.mark.usefixtures("own_inbox")


@pytest.fixture
def take(workspace: Any) -> Any:
    """Takes events, two days ago unless said otherwise."""
    from tamis.app.services import events, identities
    from tamis.app.services.arrivals import From

    def taken(*raws: dict[str, Any]) -> Any:
        made = [{"ts": (NOW - timedelta(days=2)).isoformat(), "kind": "page_view", "path": "/"} | raw for raw in raws]
        done = events.take(made, From("api", "Site"))
        identities.refresh(waiting=True)
        return done

    return taken


@pytest.fixture
def lea(alice: Any, company: Any) -> Any:
    """Léa of Acme."""
    from tamis.app.services import contacts

    company("Acme", siren="732829320", website="acme-exemple.fr")
    return contacts.add(alice, {"email": "lea@acme-exemple.fr", "first_name": "Léa", "company_siren": "732829320"})


def timeline(client: Client, address: str, **given: str) -> str:
    return " ".join(client.get(address, given, **HTMX).content.decode().split())


def test_a_contact_s_page_asks_for_its_events_once_it_is_shown(victor: Client, lea: Any) -> None:
    page = victor.get(f"/contacts/{lea.pk}/").content.decode()
    assert f'hx-get="/contacts/{lea.pk}/events/"' in page
    assert f'href="/contacts/{lea.pk}/events/"' in page  # without scripts


def test_without_events_it_says_how_they_come_in(victor: Client, lea: Any) -> None:
    shown = timeline(victor, f"/contacts/{lea.pk}/events/")
    assert "Aucun événement pour l'instant" in shown
    assert "POST /api/events" in shown


def test_each_event_says_what_it_is_and_what_makes_it_hers(victor: Client, lea: Any, take: Any) -> None:
    identified = NOW - timedelta(days=1)
    take(
        {"contact": "lea@acme-exemple.fr", "kind": "deal_stage", "deal": "A-1", "stage": "devis", "value": "12500.5"},
        {"visitor": "v", "path": "/tarifs", "campaign": "<b>été</b>"},
        {"visitor": "v", "kind": "identify", "contact": "lea@acme-exemple.fr", "ts": identified.isoformat()},
        {"visitor": "other", "path": "/autre"},
    )
    shown = timeline(victor, f"/contacts/{lea.pk}/events/")
    assert "Affaire : changement d&#x27;étape" in shown
    assert "12 500,50 EUR" in shown
    assert "par l&#x27;e-mail" in shown
    assert "/tarifs" in shown
    assert "visiteur identifié le" in shown
    assert "&lt;b&gt;été&lt;/b&gt;" in shown
    assert "/autre" not in shown
    assert "3 événements en douze mois" in shown


def test_a_company_s_are_its_own_its_contacts_and_its_visitors_each_once(victor: Client, lea: Any, take: Any) -> None:
    take(
        {"id": "a", "company": "732829320", "contact": "lea@acme-exemple.fr", "path": "/deux-fois"},
        {"id": "b", "company": "www.acme-exemple.fr", "path": "/domaine"},
        {"id": "c", "contact": "lea@acme-exemple.fr", "path": "/chez-lea"},
    )
    shown = timeline(victor, f"/companies/{lea.company_id}/events/")
    assert [shown.count(path) for path in ("/deux-fois", "/domaine", "/chez-lea")] == [1, 1, 1]
    assert "par le domaine" in shown
    assert f'<a href="/contacts/{lea.pk}/">Léa</a>' in shown


def test_a_kind_or_a_phase_is_chosen(victor: Client, lea: Any, take: Any) -> None:
    who = {"contact": "lea@acme-exemple.fr"}
    take(who | {"path": "/vue"}, who | {"kind": "purchase", "value": "10", "product": "Étau"})
    address = f"/contacts/{lea.pk}/events/"
    assert "/vue" not in timeline(victor, address, what="purchase")
    assert "Étau" not in timeline(victor, address, what="phase:before")
    assert "Étau" in timeline(victor, address, what="phase:during")
    assert "Aucun événement de ce genre" in timeline(victor, address, what="phase:after")
    for wrong in ("pageview", "phase:never"):
        assert victor.get(address, {"what": wrong}, **HTMX).status_code == 400


def test_older_ones_come_on_demand_and_a_day_is_said_once(victor: Client, lea: Any, take: Any) -> None:
    from tamis.app.services import timelines

    many = timelines.PAGE + 2
    take(*({"id": f"e{n}", "contact": "lea@acme-exemple.fr", "path": f"/page-{n:03}"} for n in range(many)))
    address = f"/contacts/{lea.pk}/events/"
    first = timeline(victor, address)
    assert first.count("<li") == timelines.PAGE
    after = timelines.of_contact(lea).next
    second = timeline(victor, address, after=after)
    assert second.count("<li") == 2
    assert "<h3>" not in second  # the same day goes on
    assert "Plus anciens" not in second
    assert victor.get(address, {"after": "hier~x"}, **HTMX).status_code == 400


def test_a_lake_that_cannot_be_read_is_said_and_the_page_stays(victor: Client, lea: Any, take: Any) -> None:
    from tamis.app.services import lake

    take({"contact": "lea@acme-exemple.fr"})
    lake.flush()
    [file] = lake.folder().rglob("*.parquet")
    file.write_bytes(b"not a table")
    answer = victor.get(f"/contacts/{lea.pk}/events/", **HTMX)
    assert answer.status_code == 503
    assert "Le lac des événements ne se lit pas" in answer.content.decode()
    assert victor.get(f"/contacts/{lea.pk}/").status_code == 200


def test_without_scripts_it_is_a_page_of_its_own(victor: Client, lea: Any) -> None:
    assert "<h1>" in victor.get(f"/contacts/{lea.pk}/events/").content.decode()
