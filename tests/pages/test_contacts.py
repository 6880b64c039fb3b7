"""The contact table and sheet, and what is ticked there."""

from typing import Any

import pytest

from tamis.app.models import Contact
from tamis.app.services import contacts, statuses, tags


@pytest.fixture
def people(alice: Any) -> Any:
    """Two contacts, a status and a tag."""
    made = [contacts.add(alice, {"email": f"{name}@gmail.com", "last_name": name}) for name in ("Durand", "Petit")]
    return made, statuses.add(alice, "Chaud"), tags.add(alice, "Secteur", "Bois")


def test_what_is_ticked_gets_a_status_and_a_tag_and_loses_it(edith: Any, people: Any) -> None:
    [durand, petit], chaud, bois = people
    both = {"ticked": f"{durand.pk},{petit.pk}"}
    edith.post("/contacts/label/", {"do": "status", "status": chaud.pk, "contact": durand.pk})
    edith.post("/contacts/label/", {"do": "put", "tag": bois.pk} | both)
    assert [each.status for each in Contact.objects.order_by("pk")] == [chaud, None]
    assert "2 contacts" in edith.get("/contacts/?tag=Bois").content.decode()
    edith.post("/contacts/label/", {"do": "remove", "tag": bois.pk, "contact": petit.pk})
    assert "1 contact<" in edith.get("/contacts/?tag=Bois").content.decode()


def test_all_that_matches_is_labelled_only_if_it_is_as_many_as_told(edith: Any, people: Any) -> None:
    _, chaud, _ = people
    given = {"do": "status", "status": chaud.pk, "matching": "q=durand"}
    assert edith.post("/contacts/label/", given | {"n": 2}).status_code == 409
    assert not Contact.objects.exclude(status=None).exists()
    edith.post("/contacts/label/", given | {"n": 1})
    assert [each.last_name for each in Contact.objects.filter(status=chaud)] == ["Durand"]


def test_where_nothing_matches_the_filter_to_give_up_is_named(victor: Any, people: Any) -> None:
    asked = "q=petit&status=Chaud&origin=static"
    page = victor.get(f"/contacts/?{asked}").content.decode()
    told = page.split('class="relax" hx-get="')[1].split('"')[0].replace("&amp;", "&")
    less = victor.get(told).content.decode()
    assert "Sans « Statut est Chaud » :" in less
    assert "1 contact<" in less
    assert "Sans la recherche" not in less  # nobody has the status


def test_a_bad_value_comes_back_with_its_reason_and_nothing_is_lost(edith: Any, people: Any) -> None:
    answer = edith.post("/contacts/new/", {"email": "x@gmail.com", "phone": "12", "city": "Lyon"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "n&#x27;est pas un numéro de téléphone" in page
    assert 'value="Lyon"' in page


def test_statuses_go_up_and_down(client_as: Any, admin: Any, alice: Any) -> None:
    browser = client_as(admin)
    for name in ("Froid", "Chaud"):
        browser.post("/settings/statuses/", {"name": name, "use": "both"})
    browser.post(f"/settings/statuses/{statuses.find('Chaud').pk}/move/", {"to": "up"})
    assert [each.name for each in statuses.statuses_of()] == ["Chaud", "Froid"]
    browser.post("/settings/tags/", {"category": "Salon", "names": "Lyon\nParis\n"})
    assert [str(each) for each in tags.every_tag()] == ["Lyon", "Paris"]
