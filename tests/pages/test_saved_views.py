"""Views of the table under a name: one's own, shared, first to be seen."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Act, List, SavedView


@pytest.fixture
def base(company: Any) -> None:
    company("Acme", city="Lyon")
    company("Bolt", city="Brest")


def _save(client: Client, name: str = "Lyon", query: str = "city=Lyon&sort=-name", **options: str) -> Any:
    return client.post("/companies/views/new/", {"name": name, "query": query, **options})


def test_a_view_is_saved_and_found_as_a_tab(edith: Client, base: None) -> None:
    assert _save(edith)["Location"] == f"/companies/?city=Lyon&sort=-name&view={SavedView.objects.get().pk}"
    page = edith.get("/companies/?view=all").content.decode()
    assert f'<a href="/companies/?view={SavedView.objects.get().pk}">Lyon</a>' in page
    answer = edith.get(f"/companies/?view={SavedView.objects.get().pk}", follow=True)
    assert [each.name for each in answer.context["page"].companies] == ["Acme"]
    assert "Vue modifiée" not in answer.content.decode()


def test_a_private_view_is_nobody_elses(edith: Client, victor: Client, base: None) -> None:
    _save(edith)
    view = SavedView.objects.get()
    assert "Lyon</a>" not in victor.get("/companies/").content.decode()
    for address in (f"/companies/?view={view.pk}", f"/companies/views/{view.pk}/"):
        assert victor.get(address).status_code == 404
    assert victor.post(f"/companies/views/{view.pk}/delete/").status_code == 404
    assert not Act.objects.filter(kind=Act.Kind.VIEW_SHARED).exists()


def test_a_shared_view_is_seen_but_not_changed_by_others(edith: Client, victor: Client, base: None) -> None:
    _save(edith, shared="on")
    view = SavedView.objects.get()
    page = victor.get("/companies/").content.decode()
    assert "· editor</span>" in page
    victor.post(f"/companies/views/{view.pk}/", {"name": "À moi", "query": ""})
    victor.post(f"/companies/views/{view.pk}/delete/")
    assert SavedView.objects.get().name == "Lyon"
    assert str(Act.objects.get(kind=Act.Kind.VIEW_SHARED).note) == "Vue « Lyon » partagée"


def test_a_viewer_keeps_views_but_shares_none(victor: Client, base: None) -> None:
    _save(victor, shared="on")
    assert not SavedView.objects.get().shared


def test_a_view_is_renamed_updated_and_deleted(edith: Client, base: None) -> None:
    _save(edith)
    view = SavedView.objects.get()
    shown = edith.get(f"/companies/?city=Brest&view={view.pk}").content.decode()
    assert "Vue modifiée" in shown
    edith.post(f"/companies/views/{view.pk}/", {"name": "Brest", "query": "city=Brest", "update": "on"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Brest", "city=Brest")
    edith.post(f"/companies/views/{view.pk}/", {"name": "Bretagne", "query": "city=Lyon"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Bretagne", "city=Brest")
    edith.post(f"/companies/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Donnez un nom"), ("x" * 61, "Le nom dépasse"), ("LYON", "Vous avez déjà une vue « LYON »")],
)
def test_a_name_that_will_not_do_comes_back(edith: Client, base: None, name: str, sentence: str) -> None:
    _save(edith)
    answer = _save(edith, name, "city=Brest")
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert 'name="query" value="city=Brest"' in answer.content.decode()


def test_the_table_opens_with_the_view_somebody_wants_first(edith: Client, victor: Client, base: None) -> None:
    _save(edith, default="on")
    view = SavedView.objects.get()
    assert edith.get("/companies/")["Location"] == f"/companies/?city=Lyon&sort=-name&view={view.pk}"
    assert edith.get("/companies/?view=all").status_code == 200
    assert edith.get("/companies/?q=bolt").status_code == 200
    assert victor.get("/companies/").status_code == 200
    edith.post("/companies/views/default/", {})
    assert edith.get("/companies/").status_code == 200


def test_a_view_on_a_list_that_has_gone_leads_to_every_company(edith: Client, base: None, make_list: Any) -> None:
    target = make_list("prospect", "salons")
    _save(edith, query=f"list={target.pk}", default="on")
    edith.post(f"/lists/{target.pk}/delete/")
    assert not List.objects.filter(pk=target.pk, deleted_at=None).exists()
    answer = edith.get("/companies/", follow=True)
    assert answer.status_code == 200
    assert "Cette liste n&#x27;existe pas" in answer.content.decode()
