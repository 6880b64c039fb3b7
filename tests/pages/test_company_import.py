"""A file of companies on the page: its columns confirmed, tried out, then imported."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tamis.app.models import Company, CustomField, Job
from tamis.app.services import custom_fields, jobs, work

ACME, BOLT = "732829320", "552100554"
TEXT = f"Client;SIREN;Humeur;Effectif\nAcme;{ACME};bonne;12\nBolt;{BOLT};vive;environ\n;1;;\n"


def run():
    return work.run_queued(lambda: False)


@pytest.fixture
def bring(edith):
    """The editor brings a file; the address of its columns."""

    def brought(text=TEXT, name="base.csv", client=edith):
        answer = client.post("/companies/import/", {"file": SimpleUploadedFile(name, text.encode())})
        return answer["Location"] if answer.status_code == 302 else answer.content.decode()

    return brought


def chosen(client, address, **changes):
    """What the columns page proposes, as its form would send it, with changes."""
    page = client.get(address).content.decode()
    form = {"as_of": re.search(r'name="as_of"[^>]*value="([^"]*)"', page)[1]}
    for name, options in re.findall(r'<select name="(column-\d+)".*?>(.*?)</select>', page, re.S):
        picked = re.search(r'value="([^"]*)" selected', options)
        form[name] = picked[1] if picked else ""
    return form | changes


def the_job(answer):
    return jobs.find(int(answer["Location"].split("/")[2]))


def test_columns_are_recognised_and_shown_with_their_cells(edith, bring):
    address = bring()
    assert chosen(edith, address) | {"as_of": ""} == {
        "column-0": "", "column-1": "siren", "column-2": "", "column-3": "headcount", "as_of": "",
    }  # fmt: skip
    page = edith.get(address).content.decode()
    for cell in ("Acme", "bonne", "environ"):
        assert f'<span class="sample">{cell}</span>' in page


def test_from_file_to_companies(edith, bring, workspace):
    custom_fields.add(jobs_actor(), "Humeur", CustomField.Type.TEXT)
    address = bring()
    form = chosen(edith, address, **{"column-0": "name", "as_of": "2026-01-31"})
    assert form["column-2"] == "humeur"
    rehearsal = the_job(edith.post(address, form))
    assert run() == 1
    page = edith.get(f"/jobs/{rehearsal.pk}/").content.decode()
    assert "Rien n&#x27;est encore changé" in page or "Rien n'est encore changé" in page
    assert not Company.objects.exists()
    imported = the_job(edith.post(f"/companies/import/{rehearsal.pk}/apply/"))
    run()
    acme = Company.objects.get(siren=ACME)
    assert (acme.name, acme.headcount, acme.extra) == ("Acme", 12, {"humeur": "bonne"})
    assert acme.first_seen.isoformat() == "2026-01-31"
    page = edith.get(f"/jobs/{imported.pk}/").content.decode()
    assert f"/jobs/{imported.pk}/files/refused.csv/" in page
    assert "a été importé depuis" in edith.get(f"/jobs/{rehearsal.pk}/").content.decode()


def jobs_actor():
    from tamis.app.services.acting import Actor

    return Actor("alice", "cli")


def test_asked_twice_it_is_imported_once(edith, bring):
    address = bring()
    rehearsal = the_job(edith.post(address, chosen(edith, address)))
    run()
    first, second = (edith.post(f"/companies/import/{rehearsal.pk}/apply/")["Location"] for _ in range(2))
    assert first == second
    assert Job.objects.filter(kind="company-import").count() == 1


def test_after_a_cancelled_import_it_can_be_asked_again(edith, bring):
    address = bring()
    rehearsal = the_job(edith.post(address, chosen(edith, address)))
    run()
    first = the_job(edith.post(f"/companies/import/{rehearsal.pk}/apply/"))
    edith.post(f"/jobs/{first.pk}/cancel/")
    second = the_job(edith.post(f"/companies/import/{rehearsal.pk}/apply/"))
    assert second.pk != first.pk


def test_an_admin_makes_a_field_of_a_column_and_an_editor_may_not(edith, admin, client_as, bring):
    boss = client_as(admin)
    theirs, ours = bring(client=boss), bring()
    assert 'value="new:text"' in boss.get(theirs).content.decode()
    assert 'value="new:text"' not in edith.get(ours).content.decode()
    refused = edith.post(ours, chosen(edith, ours, **{"column-2": "new:text"}))
    assert refused.status_code == 409
    assert "Seul un administrateur" in refused.content.decode()
    rehearsal = the_job(boss.post(theirs, chosen(boss, theirs, **{"column-2": "new:text", "column-0": "name"})))
    run()
    assert not CustomField.objects.exists()
    assert edith.post(f"/companies/import/{rehearsal.pk}/apply/").status_code == 409
    boss.post(f"/companies/import/{rehearsal.pk}/apply/")
    run()
    assert CustomField.objects.get().label == "Humeur"
    assert Company.objects.get(siren=ACME).extra == {"humeur": "bonne"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"column-0": "headcount"}, "vont au même champ"),
        ({"column-0": "nimporte"}, "Aucun champ ne s&#x27;appelle"),
        ({"column-1": "", "column-3": ""}, "Toutes les colonnes sont écartées"),
        ({"as_of": "2999-01-01"}, "jour à venir"),
        ({"as_of": "hier"}, "n&#x27;est pas un jour"),
        ({"column-2": "new:choice"}, "Seul un administrateur"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_the_form_and_nothing_starts(edith, bring, changes, said):
    address = bring()
    answer = edith.post(address, chosen(edith, address, **changes))
    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert not Job.objects.exists()


def test_coming_back_to_the_columns_finds_them_as_they_were(edith, bring):
    address = bring()
    rehearsal = the_job(edith.post(address, chosen(edith, address, **{"column-0": "name", "column-3": ""})))
    run()
    assert f"{address}?from={rehearsal.pk}" in edith.get(f"/jobs/{rehearsal.pk}/").content.decode()
    again = chosen(edith, f"{address}?from={rehearsal.pk}")
    assert (again["column-0"], again["column-3"]) == ("name", "")


@pytest.mark.parametrize(
    ("text", "name", "said"), [("", "vide.csv", "est vide"), ("%PDF-1.4", "facture.pdf", "enregistrez le tableau")]
)
def test_a_file_that_is_no_table_is_refused_beside_the_form(bring, settings, text, name, said):
    assert said in bring(text, name)
    assert [*(settings.HOME / "company-files").iterdir()] == []


def test_no_file_at_all(edith):
    answer = edith.post("/companies/import/")
    assert answer.status_code == 409
    assert "Choisissez un fichier" in answer.content.decode()


def test_somebody_elses_file_is_not_found(admin, client_as, bring):
    address = bring()
    assert client_as(admin).get(address).status_code == 404


def test_a_rehearsal_that_is_not_done_cannot_be_applied(edith, bring):
    address = bring()
    rehearsal = the_job(edith.post(address, chosen(edith, address)))
    edith.post(f"/companies/import/{rehearsal.pk}/apply/")
    assert not Job.objects.filter(kind="company-import").exists()


def test_a_file_that_changes_nothing_offers_no_import(edith, bring):
    address = bring("Nom;Effectif\n;3\n")
    rehearsal = the_job(edith.post(address, chosen(edith, address)))
    run()
    page = edith.get(f"/jobs/{rehearsal.pk}/").content.decode()
    assert "Ce fichier ne change rien" in page
    assert "Import en cours" not in page


def test_what_was_brought_and_left_is_swept_away_after_a_day(bring, settings):
    import os
    import time

    bring()
    [left] = (settings.HOME / "company-files").iterdir()
    os.utime(left, (time.time() - 90_000,) * 2)
    bring()
    assert not left.exists()
