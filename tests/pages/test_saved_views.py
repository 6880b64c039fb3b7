"""Views of either table under a name: one's own, shared, first to be seen."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Act, List, SavedView
from tamis.app.services import contacts


@pytest.fixture(params=["/companies/", "/contacts/"])
def at(request: Any, alice: Any, company: Any) -> str:
    """The address of a table of which Acme is in Lyon and Bolt in Brest."""
    for name, city in (("Acme", "Lyon"), ("Bolt", "Brest")):
        company(name, city=city)
        contacts.add(alice, {"last_name": name, "email": f"{name.lower()}@acme-exemple.fr", "city": city})
    return str(request.param)


def _save(client: Client, at: str, name: str = "Lyon", query: str = "city=Lyon&sort=-name", **options: str) -> Any:
    return client.post(f"{at}views/new/", {"name": name, "query": query, **options})


def test_a_view_is_saved_and_found_as_a_tab(edith: Client, at: str) -> None:
    assert _save(edith, at)["Location"] == f"{at}?city=Lyon&sort=-name&view={SavedView.objects.get().pk}"
    page = edith.get(f"{at}?view=all").content.decode()
    assert f'<a href="{at}?view={SavedView.objects.get().pk}">Lyon</a>' in page
    answer = edith.get(f"{at}?view={SavedView.objects.get().pk}", follow=True)
    assert [str(each) for each in answer.context["page"].companies] == ["Acme"]
    assert "Vue modifiée" not in answer.content.decode()


def test_a_private_view_is_nobody_elses(edith: Client, victor: Client, at: str) -> None:
    _save(edith, at)
    view = SavedView.objects.get()
    assert "Lyon</a>" not in victor.get(at).content.decode()
    for address in (f"{at}?view={view.pk}", f"{at}views/{view.pk}/"):
        assert victor.get(address).status_code == 404
    assert victor.post(f"{at}views/{view.pk}/delete/").status_code == 404
    assert not Act.objects.filter(kind=Act.Kind.VIEW_SHARED).exists()


def test_a_shared_view_is_seen_but_not_changed_by_others(edith: Client, victor: Client, at: str) -> None:
    _save(edith, at, shared="on")
    view = SavedView.objects.get()
    page = victor.get(at).content.decode()
    assert "· editor</span>" in page
    victor.post(f"{at}views/{view.pk}/", {"name": "À moi", "query": ""})
    victor.post(f"{at}views/{view.pk}/delete/")
    assert SavedView.objects.get().name == "Lyon"
    assert str(Act.objects.get(kind=Act.Kind.VIEW_SHARED).note) == "Vue « Lyon » partagée"


def test_a_viewer_keeps_views_but_shares_none(victor: Client, at: str) -> None:
    _save(victor, at, shared="on")
    assert not SavedView.objects.get().shared


def test_a_view_is_renamed_updated_and_deleted(edith: Client, at: str) -> None:
    _save(edith, at)
    view = SavedView.objects.get()
    shown = edith.get(f"{at}?city=Brest&view={view.pk}").content.decode()
    assert "Vue modifiée" in shown
    edith.post(f"{at}views/{view.pk}/", {"name": "Brest", "query": "city=Brest", "update": "on"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Brest", "city=Brest")
    edith.post(f"{at}views/{view.pk}/", {"name": "Bretagne", "query": "city=Lyon"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Bretagne", "city=Brest")
    edith.post(f"{at}views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Donnez un nom"), ("x" * 61, "Le nom dépasse"), ("LYON", "Vous avez déjà une vue « LYON »")],
)
def test_a_name_that_will_not_do_comes_back(edith: Client, at: str, name: str, sentence: str) -> None:
    _save(edith, at)
    answer = _save(edith, at, name, "city=Brest")
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert 'name="query" value="city=Brest"' in answer.content.decode()


def test_the_table_opens_with_the_view_somebody_wants_first(edith: Client, victor: Client, at: str) -> None:
    _save(edith, at, default="on")
    view = SavedView.objects.get()
    assert edith.get(at)["Location"] == f"{at}?city=Lyon&sort=-name&view={view.pk}"
    assert edith.get(f"{at}?view=all").status_code == 200
    assert edith.get(f"{at}?q=bolt").status_code == 200
    assert victor.get(at).status_code == 200
    edith.post(f"{at}views/default/", {})
    assert edith.get(at).status_code == 200


def test_one_name_serves_a_view_of_each_table_and_each_opens_its_own(edith: Client, at: str) -> None:
    for table in ("/companies/", "/contacts/"):
        _save(edith, table, query="city=Lyon", default="on")
    views = {each.subject: each.pk for each in SavedView.objects.all()}
    mine, other = (views["contact"], views["company"]) if at == "/contacts/" else (views["company"], views["contact"])
    assert edith.get(at)["Location"] == f"{at}?city=Lyon&view={mine}"
    assert edith.get(f"{at}?view=all").content.decode().count(">Lyon</a>") == 1
    for address in (f"{at}?view={other}", f"{at}views/{other}/"):
        assert edith.get(address).status_code == 404
    assert edith.post(f"{at}views/{other}/delete/").status_code == 404
    edith.post(f"{at}views/default/", {})
    assert edith.get(at).status_code == 200
    assert SavedView.objects.get(default_of__isnull=False).pk == other


def test_a_view_on_a_list_that_has_gone_leads_to_everything(edith: Client, at: str, make_list: Any) -> None:
    target = make_list("prospect", "salons")
    _save(edith, at, query=f"{'company_' if at == '/contacts/' else ''}list={target.pk}", default="on")
    edith.post(f"/lists/{target.pk}/delete/")
    assert not List.objects.filter(pk=target.pk, deleted_at=None).exists()
    answer = edith.get(at, follow=True)
    assert answer.status_code == 200
    assert "Cette liste n&#x27;existe pas" in answer.content.decode()
