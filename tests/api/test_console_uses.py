"""What the console does, over the API: mending, comparing, acting on all that matches, long imports, fields."""

import json
from typing import Any
from urllib.parse import quote, unquote

import pytest

from tamis.app.services import work


@pytest.fixture
def salons(make_list: Any) -> Any:
    return make_list("prospect", "salons")


def test_refused_lines_are_mended_in_place(editor: Any, salons: Any, import_lines: Any) -> None:
    import_lines(salons, "Acme;732829320;;", "Bolt;123;;", "Crin;;gmail.com;")
    first, second = editor.get(f"/lists/{salons.pk}/refused")["items"]
    assert (first["name"], first["version"], first["faults"][0]["code"]) == ("Bolt", 1, "siren.length")
    typed = [{"id": first["id"], "name": "Bolt", "siren": "552100554"}, {"id": second["id"], "name": "Crin"}]
    done = editor.post(f"/lists/{salons.pk}/versions/1/mend", {"lines": typed}).json()
    assert done == {"version": 2, "accepted": 1, "wrong": 1}
    assert [each["name"] for each in editor.get(f"/lists/{salons.pk}/lines")["items"]] == ["Acme", "Bolt"]
    [left] = editor.get(f"/lists/{salons.pk}/versions/1/refused")["items"]
    assert (left["name"], left["email_domain"]) == ("Crin", "")  # as it was typed last
    assert editor.post(f"/lists/{salons.pk}/versions/1/set-aside").json() == {"lines": 1}
    assert editor.get(f"/lists/{salons.pk}/refused")["items"] == []
    settled = editor.post(f"/lists/{salons.pk}/versions/1/mend", {"lines": typed})
    assert settled.json()["error"]["code"] == "line.settled"


def test_two_versions_side_by_side(viewer: Any, salons: Any, import_lines: Any) -> None:
    import_lines(salons, "Acme;732829320;;", "Bolt;;bolt.fr;", "Crin;;;crin.fr")
    assert viewer("GET", f"/lists/{salons.pk}/compare").json()["error"]["code"] == "versions.few"
    import_lines(salons, "Acme;732829320;;", "Bolt;;bolt.com;", "Dune;;;dune.fr")
    found = viewer.get(f"/lists/{salons.pk}/compare")
    figures = {key: found[key] for key in ("older", "newer", "unchanged", "added", "removed", "changed")}
    assert figures == {"older": 1, "newer": 2, "unchanged": 1, "added": 1, "removed": 1, "changed": 1}
    assert [(each["what"], (each["after"] or each["before"])["name"]) for each in found["items"]] == [
        ("changed", "Bolt"), ("removed", "Crin"), ("added", "Dune"),
    ]  # fmt: skip
    assert found["items"][0]["columns"] == ["Domaine email"]
    page = viewer.get(f"/lists/{salons.pk}/compare?older=2&newer=1&limit=2")
    rest = viewer.get(f"/lists/{salons.pk}/compare?older=2&newer=1&limit=2&cursor={page['next']}")
    assert [each["what"] for each in (*page["items"], *rest["items"])] == ["changed", "added", "removed"]
    assert rest["next"] is None
    assert viewer("GET", f"/lists/{salons.pk}/compare?cursor={page['next']}").status_code == 422
    file = viewer("GET", f"/lists/{salons.pk}/compare/export").getvalue().decode()
    assert "Dune" in file
    assert "Acme" not in file


def test_everything_that_matches_is_moved_if_it_is_still_as_many(editor: Any, salons: Any, company: Any) -> None:
    for name in ("Acme", "Bolt", "Crin"):
        company(name, city="Lyon" if name != "Crin" else "Albi")
    seen = editor.get("/companies/selection?where=city=Lyon")
    assert seen == {
        "companies": 2, "by_list": [{"list": "prospect-default", "companies": 2}], "locked": 0, "pinned": 0,
    }  # fmt: skip
    wanted = {"list": salons.pk, "where": ["city=Lyon"], "expected": 3}
    assert editor.post("/companies/move-matching", wanted).json()["error"]["code"] == "selection.changed"
    assert editor.post("/companies/move-matching", wanted | {"expected": 2}).json()["moved"] == 2
    assert editor.get("/companies/selection?where=city=Lyon")["pinned"] == 2
    released = editor.post("/companies/release-matching", {"where": ["city=Lyon"], "expected": 2})
    assert released.json() == {"moved": 2}


@pytest.mark.django_db(transaction=True)
def test_a_rule_filters_beside_the_conditions(viewer: Any, editor: Any, salons: Any, company: Any) -> None:
    for name, city in (("Acme", "Lyon"), ("Bolt", "Lille"), ("Crin", "Albi")):
        company(name, city=city, headcount="12")
    rule = quote('companies where city starts with "l" and headcount > 10')
    found = viewer.get(f"/companies?rule={rule}&limit=1")
    assert [each["name"] for each in found["items"]] == ["Acme"]
    rest = viewer.get(f"/companies?rule={rule}&limit=1&cursor={found['next']}")
    assert [each["name"] for each in rest["items"]] == ["Bolt"]
    assert viewer.get(f"/companies/count?rule={rule}&where=city=Lille") == {"total": 1}
    [less] = viewer.get(f"/companies/relaxed?rule={rule}&where=city=Albi")["items"][1:]
    assert (less["companies"], less["where"], less["rule"]) == (1, ["city=Albi"], "")
    wanted = {"list": salons.pk, "rule": unquote(rule), "expected": 1}
    assert editor.post("/companies/move-matching", wanted).json()["error"]["code"] == "selection.changed"
    assert editor.post("/companies/move-matching", wanted | {"expected": 2}).json()["moved"] == 2


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_is_none_is_refused_with_its_place(viewer: Any, company: Any) -> None:
    answer = viewer("GET", f"/companies?rule={quote('companies where hedcount > 3')}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["place"]["column"]) == (422, "rule.field", 17)
    other = viewer("GET", f"/companies?rule={quote('contacts where city is known')}")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "filter.subject")
    assert viewer("GET", f"/contacts?rule={quote('contacts where city is known')}").json()["items"] == []
    kept = viewer.post("/views", {"name": "Lyon", "rule": "companies where city is missing or headcount>3"}).json()
    assert kept["rule"] == "companies where city is missing or headcount > 3"
    assert viewer.post("/views", {"name": "x", "rule": "companies where"}).status_code == 422


def test_what_can_be_filtered_on_is_told_with_its_values(viewer: Any, company: Any) -> None:
    company("Acme", city="Lyon")
    company("Bolt", city="Lille")
    attributes = {each["key"]: each for each in viewer.get("/companies/attributes")["items"]}
    assert [each["key"] for each in attributes["headcount"]["operators"]] == [
        "is", "not", "at-least", "at-most", "between", "known", "missing",
    ]  # fmt: skip
    assert {"value": "PME", "label": "PME"} in attributes["size_class"]["choices"]
    assert viewer.get("/companies/values?attribute=city&start=li")["items"] == ["Lille"]
    [less] = viewer.get("/companies/relaxed?where=city=Lyon&where=headcount.at-least=10")["items"]
    assert (less["companies"], less["where"]) == (1, ["city=Lyon"])


def test_ticked_companies_are_taken_away(viewer: Any, company: Any) -> None:
    acme, _bolt = company("Acme"), company("Bolt")
    file = viewer("GET", f"/companies/export?id={acme.pk}").getvalue().decode()
    assert "Acme" in file
    assert "Bolt" not in file


@pytest.mark.django_db(transaction=True)
def test_long_files_are_imported_in_the_background(editor: Any, salons: Any) -> None:
    text = "Société;SIREN;Domaine email;Website\nAcme;732829320;;\nBolt;123;;\n"
    job = editor.upload(f"/lists/{salons.pk}/import-job", text, map="Société=Nom")
    assert job.status_code == 202
    assert editor.get("/jobs?active=true&mine=true")["items"][0]["id"] == job.json()["id"]
    companies = editor.upload("/companies/import-job", "Raison sociale;Ville\nCrin;Albi\n").json()
    people = "E-mail;Réf\na@gmail.com;7\n"
    tried = editor.upload("/contacts/import-job", people, dry_run="true").json()
    contacts = editor.upload("/contacts/import-job", people, key="Réf").json()
    export = editor.post("/companies/export-job", {"where": ["city=Albi"]}).json()
    while work.run_next(lambda: False):
        pass
    done = editor.get(f"/jobs/{job.json()['id']}")
    assert (done["state"], done["result"]["accepted"], done["files"]) == ("done", 1, {"refused.csv": "salon-refus.csv"})
    refused = editor("GET", f"/jobs/{done['id']}/files/refused.csv").getvalue().decode()
    assert "Bolt" in refused
    assert editor.get(f"/jobs/{companies['id']}")["result"]["created"] == 1
    assert editor.get(f"/jobs/{tried['id']}")["result"]["dry_run"] is True
    assert editor.get(f"/jobs/{contacts['id']}")["result"]["created"] == 1
    assert [each["external_key"] for each in editor.get("/contacts")["items"]] == ["7"]
    exported = editor("GET", f"/jobs/{export['id']}/files/companies.csv").getvalue().decode()
    assert "Crin" in exported
    assert editor("GET", f"/jobs/{export['id']}/files/..%2F..%2Fsecret.key").status_code == 404
    assert editor.get("/jobs?active=true")["items"] == []


def test_columns_are_sent_where_they_belong(editor: Any, salons: Any) -> None:
    text = "Société;Clé;Domaine email;Website\nAcme;732829320;;\n"
    path = f"/lists/{salons.pk}/import-file"
    assert editor.upload(path, text, map="Société").json()["error"]["code"] == "map"
    assert editor.upload(path, text, map=["Société=Nom", "Clé=SIREN"]).json()["accepted"] == 1


def test_fields_are_made_by_those_who_may_on_the_console(admin: Any, editor: Any, company: Any) -> None:
    assert editor.post("/fields", {"label": "Score"}).status_code == 403
    made = admin.post("/fields", {"label": "Potentiel", "type": "choice", "choices": ["fort"]}).json()
    assert admin("PATCH", f"/fields/{made['key']}", {"label": "Potentiel 2026"}).json()["label"] == "Potentiel 2026"
    added = admin.post(f"/fields/{made['key']}/choices", {"choices": ["faible"]}).json()
    assert added["choices"] == ["fort", "faible"]
    company("Acme", potentiel="fort")
    assert admin("DELETE", f"/fields/{made['key']}?dry_run=true").json() == {
        "key": "potentiel", "deleted": False, "holders": 1,
    }  # fmt: skip
    assert admin("DELETE", f"/fields/{made['key']}").json()["deleted"] is True
    assert admin.get("/fields")["own"] == []


def test_pairs_are_answered_together_or_not_at_all(editor: Any, company: Any, alice: Any) -> None:
    from tamis.app.models import Double

    one, two, three = (company(name) for name in ("Acme", "Acme SA", "Bolt"))
    pairs = [
        Double.objects.create(one=one, other=two, score=0.9, evidence_stored={"text": "même nom"}),
        Double.objects.create(one=one, other=three, score=0.7, evidence_stored={"text": "même nom"}),
    ]
    answers = [{"double": pairs[0].pk, "verdict": "merge"}, {"double": 999, "verdict": "apart"}]
    assert editor.post("/doubles/answers", {"answers": answers}).status_code == 404
    assert len(editor.get("/doubles")["items"]) == 2
    answers[1]["double"] = pairs[1].pk
    assert editor.post("/doubles/answers", {"answers": answers[1:]}).json() == {"merged": 0, "kept_apart": 1}
    assert editor.post("/doubles/answers", {"answers": answers[:1]}).json() == {"merged": 1, "kept_apart": 0}


def test_what_to_do_first_and_what_wants_attention(viewer: Any, salons: Any, import_lines: Any) -> None:
    steps = viewer.get("/first-steps")
    assert (steps["companies"], len(steps["lists"]), steps["done"], steps["total"]) == (True, 4, 0, 6)
    assert "client-default" in steps["locks"]
    import_lines(salons, "Acme;732829320;;", "Bolt;123;;")
    [item] = viewer.get("/attention")["items"]
    assert (item["concern"], item["list"], item["sentence"]) == (
        "refused", "prospect-salons", "1 ligne refusée à corriger",
    )  # fmt: skip


def test_nothing_is_read_of_an_upload_that_is_no_file(editor: Any, salons: Any) -> None:
    assert json.loads(editor.post(f"/lists/{salons.pk}/import-job").content)["error"]["code"] == "invalid"
