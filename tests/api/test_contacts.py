"""Contacts, statuses and tags over the API."""

from typing import Any

import pytest

from tamis.app.models import Contact


@pytest.fixture
def brought(editor: Any) -> Any:
    """Two contacts, brought at once."""
    people = [{"email": "a@gmail.com", "last_name": "Durand", "phone": "0612345678"}, {"email": "b@gmail.com"}]
    answer = editor.post("/contacts/upsert", {"contacts": people, "source": "CRM"})
    assert answer.status_code == 200
    return answer.json()


def test_contacts_are_brought_found_changed_and_never_doubled(editor: Any, brought: Any) -> None:
    assert (brought["created"], brought["refused"]) == (2, 0)
    again = editor.post("/contacts/upsert", {"contacts": [{"email": "A@gmail.com"}, {"city": "Lyon"}]}).json()
    assert (again["unchanged"], again["refused"]) == (1, 1)
    [found] = editor.get("/contacts?where=phone.starts-with=0612")["items"]
    assert (found["email"], found["phone"]) == ("a@gmail.com", "+33612345678")
    changed = editor("PATCH", f"/contacts/{found['id']}", {"city": "Lyon", "phone": None}).json()
    values = {field["key"]: field["value"] for field in changed["fields"]}
    assert values == {"email": "a@gmail.com", "last_name": "Durand", "city": "Lyon", "origin": "statique"}
    assert editor.get("/contacts/count?where=city=lyon") == {"total": 1}


def test_where_nothing_matches_the_filter_to_give_up_is_told(viewer: Any, brought: Any) -> None:
    [less] = viewer.get("/contacts/relaxed?q=durand&where=city=Lyon&where=origin=static")["items"]
    assert (less["contacts"], less["q"], less["where"]) == (1, "durand", ["origin=static"])


def test_a_contact_is_tied_to_a_company_and_let_go(editor: Any, brought: Any, company: Any) -> None:
    acme, pk = company("Acme"), Contact.objects.get(email="a@gmail.com").pk
    tied = editor.post(f"/contacts/{pk}/tie", {"company": acme.pk}).json()
    assert (tied["company"]["id"], tied["company"]["by"]) == (acme.pk, "hand")
    assert editor.post(f"/contacts/{pk}/tie", {"company": None}).json()["company"] is None


def test_labels_are_kept_by_admins_and_put_by_editors(admin: Any, editor: Any, brought: Any, company: Any) -> None:
    acme, pks = company("Acme"), [*Contact.objects.order_by("pk").values_list("pk", flat=True)]
    assert editor.post("/statuses", {"name": "Chaud"}).status_code == 403
    status = admin.post("/statuses", {"name": "Chaud"}).json()["id"]
    tag = admin.post("/tags", {"category": "Secteur", "name": "Bois"}).json()["id"]
    those = {"companies": [acme.pk], "contacts": pks}
    assert editor.post("/statuses/put", {"status": status, **those}).json() == {"changed": 3}
    assert editor.post(f"/tags/{tag}/put", those).json() == {"changed": 3}
    assert editor.post(f"/tags/{tag}/put", those).json() == {"changed": 0}
    assert editor.post(f"/tags/{tag}/remove", {"contacts": pks[:1]}).json() == {"changed": 1}
    [told] = editor.get("/tags")["items"]
    assert told == {"id": tag, "category": "Secteur", "name": "Bois", "companies": 1, "contacts": 1}
    assert editor.get(f"/companies/{acme.pk}")["status"]["name"] == "Chaud"
    assert admin("DELETE", f"/statuses/{status}").json()["contacts"] == 2
    assert editor.get(f"/companies/{acme.pk}")["status"] is None
