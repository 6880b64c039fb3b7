"""The lists: seen, made, named, locked and deleted."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import List


def _said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_every_list_stands_under_its_segment(edith: Client) -> None:
    page = edith.get("/lists/").content.decode().partition("<table")[2]
    assert page.index("seg-interne") < page.index(">interne-default<") < page.index("seg-concurrent")
    assert page.count('<tr class="group">') == 9


def test_a_new_list_leads_to_its_import(edith: Client, workspace: Any) -> None:
    answer = edith.post("/lists/new/", {"segment": "prospect", "label": "salons"})
    made = List.objects.get(name="prospect-salons")
    assert answer["Location"] == f"/lists/{made.pk}/import/"


def test_a_name_that_is_taken_comes_back_with_the_reason(edith: Client, make_list: Any) -> None:
    make_list("prospect", "Salons")
    answer = edith.post("/lists/new/", {"segment": "prospect", "label": "salons"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Une liste s&#x27;appelle déjà « prospect-salons »." in page
    assert 'value="salons"' in page


def test_a_list_is_renamed(edith: Client, make_list: Any) -> None:
    target = make_list("prospect", "salons")
    edith.post(f"/lists/{target.pk}/rename/", {"label": "foires"})
    assert List.objects.get(pk=target.pk).name == "prospect-foires"


def test_renaming_a_default_list_is_refused_beside_the_form(edith: Client, workspace: Any) -> None:
    target = List.objects.get(name="client-default")
    answer = edith.post(f"/lists/{target.pk}/rename/", {"label": "x"})
    assert answer.status_code == 409
    assert List.objects.get(pk=target.pk).name == "client-default"


def test_one_list_is_locked_and_looks_different(edith: Client, make_list: Any) -> None:
    target = make_list("prospect", "salons")
    edith.post("/lists/lock/", {"list": target.pk})
    page = edith.get("/lists/").content.decode()
    assert List.objects.get(pk=target.pk).locked
    assert page.count('<tr class="locked">') == 1


def test_a_segment_s_lists_are_locked_in_one_gesture(edith: Client, workspace: Any) -> None:
    edith.post("/lists/lock/", {"segment": "prospect"})
    locked = set(List.objects.filter(locked=True).values_list("name", flat=True))
    assert locked == {"prospect-importé", "prospect-in pipe"}


def test_the_proposed_lists_are_locked_in_one_gesture(edith: Client, workspace: Any) -> None:
    from tamis.app.models.lists import PROPOSED_LOCKS

    edith.post("/lists/lock/", {"proposed": "1"})
    assert set(List.objects.filter(locked=True).values_list("name", flat=True)) == {*PROPOSED_LOCKS}


def test_locking_what_cannot_be_locked_is_a_sentence_on_the_page_one_came_from(edith: Client, workspace: Any) -> None:
    target = List.objects.get(name="prospect-default")
    answer = edith.post("/lists/lock/", {"list": target.pk}, HTTP_REFERER="http://localhost/lists/?x=1", follow=True)
    assert answer.redirect_chain == [("/lists/?x=1", 302)]
    assert "ne peut pas être verrouillée" in _said(answer)[0]


def test_unlocking_says_first_how_many_would_leave(
    edith: Client, alice: Any, company: Any, import_lines: Any, make_list: Any
) -> None:
    from tamis.app.services import lists

    company("Acme", siren="732829320")
    held = make_list("client", "or")
    import_lines(held, "Acme;732829320;;")
    lists.lock(alice, [held])
    import_lines(held, "Autre;552100554;;")
    page = edith.get(f"/lists/unlock/?list={held.pk}").content.decode()
    assert "1 entreprise partira aussitôt" in page
    assert List.objects.get(pk=held.pk).locked
    answer = edith.post("/lists/unlock/", {"list": held.pk}, follow=True)
    assert "1 entreprise est partie ailleurs" in _said(answer)[0]
    assert not List.objects.get(pk=held.pk).locked


def test_a_segment_is_unlocked_in_one_gesture(edith: Client, workspace: Any) -> None:
    edith.post("/lists/lock/", {"segment": "prospect"})
    edith.post("/lists/unlock/", {"segment": "prospect"})
    assert not List.objects.filter(locked=True).exists()


def test_deleting_says_first_where_the_companies_would_go(
    edith: Client, company: Any, import_lines: Any, make_list: Any
) -> None:
    company("Acme", siren="732829320")
    target = make_list("client", "or")
    import_lines(target, "Acme;732829320;;")
    page = edith.get(f"/lists/{target.pk}/delete/").content.decode()
    assert "1 entreprise ira ailleurs" in page
    assert "prospect-default" in page
    assert List.objects.get(pk=target.pk).deleted_at is None
    assert edith.post(f"/lists/{target.pk}/delete/")["Location"] == "/lists/"
    assert List.objects.get(pk=target.pk).deleted_at
    assert edith.get(f"/lists/{target.pk}/").status_code == 404


def test_a_default_list_s_deletion_is_refused_in_a_sentence(edith: Client, workspace: Any) -> None:
    target = List.objects.get(name="client-default")
    answer = edith.get(f"/lists/{target.pk}/delete/")
    assert answer.status_code == 409
    assert "liste par défaut" in answer.content.decode()


@pytest.mark.parametrize("given", [{}, {"list": "x"}, {"list": "999999"}, {"segment": "clients"}])
def test_a_lock_on_nothing_is_a_sentence(edith: Client, given: dict[str, str]) -> None:
    assert edith.post("/lists/lock/", given).status_code == 404


def test_the_template_can_be_imported_as_it_is(edith: Client, bring: Any, make_list: Any) -> None:
    text = edith.get("/lists/template.csv").getvalue().decode("utf-8-sig")
    headings, *lines = text.splitlines()
    page = bring(make_list("prospect", "salons"), *lines, headings=headings)
    assert page.context["report"]["accepted"] == 3


def test_every_list_that_can_be_locked_has_its_button(edith: Client, victor: Client, make_list: Any) -> None:
    target = make_list("prospect", 'sa"lons <b>')
    page = edith.get("/lists/").content.decode()
    assert page.count('<form id="lock"') == 1
    assert page.count('<button form="lock" name="list"') == List.objects.count() - 1  # but prospect-default
    assert f'<button form="lock" name="list" value="{target.pk}"' in page
    assert "Verrouiller prospect-sa&quot;lons &lt;b&gt;" in page
    assert 'form="lock"' not in victor.get("/lists/").content.decode()
