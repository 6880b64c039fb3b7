"""One company: why it is there, its past, and what a person can do about it."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Company, CustomField, List


@pytest.fixture
def acme(company: Any, make_list: Any, import_lines: Any) -> Any:
    acme = company("Acme", siren="732829320", city="Lyon", revenue="1250000")
    import_lines(make_list("prospect", "salons"), "Acme;732829320;;", file_name="salon.csv")
    return Company.objects.get(pk=acme.pk)


def test_the_page_says_why_it_is_there(victor: Client, acme: Any) -> None:
    page = victor.get(f"/companies/{acme.pk}/").content.decode()
    assert "import salon.csv, ligne 2" in page
    assert "saisi par alice" in page
    assert "1\u202f250\u202f000\u00a0€" in page


def test_a_move_shows_what_claimed_it_then(edith: Client, acme: Any) -> None:
    target = List.objects.get(name="client-default")
    edith.post("/companies/move/", {"company": acme.pk, "list": target.pk, "next": f"/companies/{acme.pk}/"})
    page = edith.get(f"/companies/{acme.pk}/").content.decode()
    assert page.count("<details><summary>Ce qui la réclamait alors") == 2
    assert "à la main, par editor" in page
    assert "Retirer l'épingle" in page


def test_past_claims_and_merges_stay_in_sight(edith: Client, acme: Any, company: Any) -> None:
    target = List.objects.get(name="client-default")
    edith.post("/companies/move/", {"company": acme.pk, "list": target.pk})
    edith.post("/companies/release/", {"company": acme.pk})
    other = company("Acme Lyon", city="Lyon 3e")
    edith.post(f"/companies/{acme.pk}/merge/", {"with": other.pk})
    page = edith.get(f"/companies/{acme.pk}/").content.decode()
    assert "1 réclamation passée" in page
    assert "1 épingle retirée · editor" in page
    assert "« Acme Lyon » y a été fusionnée" in page
    edith.post(f"/merges/{acme.merges.get().pk}/split/")
    assert "« Acme Lyon » en a été séparée" in edith.get(f"/companies/{acme.pk}/").content.decode()


def test_an_edit_writes_only_what_changed(edith: Client, acme: Any) -> None:
    before = Company.objects.get(pk=acme.pk).provenance
    edith.post(f"/companies/{acme.pk}/edit/", {"name": "Acme", "city": "Villeurbanne", "revenue": "1250000"})
    after = Company.objects.get(pk=acme.pk)
    assert after.city == "Villeurbanne"
    assert after.provenance["revenue"] == before["revenue"]
    assert after.provenance["city"] != before["city"]


def test_a_field_emptied_in_the_form_is_emptied(edith: Client, acme: Any) -> None:
    edith.post(f"/companies/{acme.pk}/edit/", {"name": "Acme", "city": ""})
    assert Company.objects.get(pk=acme.pk).city == ""


def test_another_name_is_added_without_renaming(edith: Client, acme: Any) -> None:
    edith.post(f"/companies/{acme.pk}/edit/", {"name": "Acme", "brand": "Supermarque"})
    assert Company.objects.get(pk=acme.pk).name == "Acme"
    assert "Supermarque" in edith.get(f"/companies/{acme.pk}/").content.decode()


def test_a_fault_stands_beside_its_field(edith: Client, acme: Any) -> None:
    answer = edith.post(f"/companies/{acme.pk}/edit/", {"name": "Acme", "headcount": "beaucoup"})
    assert answer.status_code == 409
    assert 'id="e-headcount"' in answer.content.decode()


def test_the_users_own_fields_are_in_the_form(edith: Client, acme: Any) -> None:
    CustomField.objects.create(key="erp", label="ERP", type="choice", choices=["SAP", "Sage"])
    assert "<option>SAP</option>" in edith.get(f"/companies/{acme.pk}/edit/").content.decode()
    edith.post(f"/companies/{acme.pk}/edit/", {"name": "Acme", "erp": "Sage"})
    assert Company.objects.get(pk=acme.pk).extra == {"erp": "Sage"}


def test_two_companies_are_compared_then_merged_then_split(edith: Client, acme: Any, company: Any) -> None:
    other = company("Acme Lyon", city="Lyon 3e", website="acme.fr")
    page = edith.get(f"/companies/{acme.pk}/merge/", {"with": other.pk}).content.decode()
    assert "Acme Lyon" in page
    assert "Lyon 3e" in page
    assert Company.objects.get(pk=other.pk).merged_into is None
    edith.post(f"/companies/{acme.pk}/merge/", {"with": other.pk})
    assert Company.objects.get(pk=other.pk).merged_into_id == acme.pk
    assert edith.get(f"/companies/{other.pk}/")["Location"] == f"/companies/{acme.pk}/"
    assert "Séparer" in edith.get(f"/companies/{acme.pk}/").content.decode()
    [merged] = acme.merges.all()
    edith.post(f"/merges/{merged.pk}/split/")
    assert Company.objects.get(pk=other.pk).merged_into is None


def test_a_company_is_not_merged_with_itself(edith: Client, acme: Any) -> None:
    answer = edith.get(f"/companies/{acme.pk}/merge/", {"with": "732829320"})
    assert answer.status_code == 409


@pytest.mark.parametrize("address", ["/companies/999/", "/companies/999/edit/", "/companies/123456789/"])
def test_a_company_that_is_not_there_is_a_sentence(edith: Client, workspace: Any, address: str) -> None:
    answer = edith.get(address)
    assert answer.status_code == 404
    assert "Aucune entreprise n&#x27;a le numéro" in answer.content.decode()


def test_a_split_of_nothing_is_a_sentence(edith: Client, workspace: Any) -> None:
    assert edith.post("/merges/999/split/").status_code == 404


def test_names_are_shown_and_never_run(edith: Client, company: Any) -> None:
    made = company('<script>alert("x")</script> & Fils')
    for address in (f"/companies/{made.pk}/", "/companies/", f"/companies/{made.pk}/edit/"):
        assert "<script>alert" not in edith.get(address).content.decode()
