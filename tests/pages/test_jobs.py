"""Jobs on the page: how far they are, how they ended, told once to whoever started them."""

import io

import pytest

from tamis.app.models import Job
from tamis.app.services import jobs, work
from tamis.app.services.acting import Actor

ACME = "732829320"


def run():
    return work.run_queued(lambda: False)


@pytest.fixture
def start(editor):
    """The editor starts an import of companies."""

    def started(text=f"Nom;SIREN;Effectif\nAcme;{ACME};environ\n;12;\n", name="base.csv", kind="company-import"):
        actor = Actor("editor", "page", editor)
        return jobs.start(actor, kind, {"file_name": name}, {"file": io.BytesIO(text.encode())})

    return started


def page(client, address, **headers):
    return client.get(address, headers=headers).content.decode()


def test_without_a_job_the_page_says_what_will_be_there(edith, victor):
    assert "Aucun travail pour l'instant" in page(edith, "/jobs/")
    assert "/companies/import/" in page(edith, "/jobs/")
    assert "/companies/import/" not in page(victor, "/jobs/")


def test_what_waits_is_polled_and_can_be_cancelled(edith, victor, start):
    job = start()
    shown = page(edith, "/jobs/")
    assert "« base.csv »" in shown
    assert 'hx-trigger="every 3s"' in shown
    assert f"/jobs/{job.pk}/cancel/" in shown
    assert f"/jobs/{job.pk}/cancel/" not in page(victor, "/jobs/")
    answer = edith.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert "Travail annulé." in answer
    assert "annulé par editor" in answer
    assert run() == 0


def test_what_runs_shows_how_far_it_is(edith, start):
    job = start()
    Job.objects.filter(pk=job.pk).update(state="running", done=1500, total=6000)
    shown = page(edith, f"/jobs/{job.pk}/")
    assert '<progress max="6000" value="1500"' in shown
    assert "1\u202f500 sur environ 6\u202f000" in shown
    assert 'hx-trigger="every 2s"' in shown


def test_a_report_with_its_lines_and_its_files(edith, victor, start):
    job = start()
    run()
    for reader in (edith, victor):
        shown = page(reader, f"/jobs/{job.pk}/")
        assert "hx-trigger" not in shown.split('id="job"')[1]
        assert "« environ » n&#x27;est pas un nombre entier" in shown
        answer = reader.get(f"/jobs/{job.pk}/files/refused.csv/")
        assert "base-refus.csv" in answer["Content-Disposition"]
        assert b"".join(answer).decode("utf-8-sig").startswith("Nom,SIREN,Effectif,Motif")


@pytest.mark.parametrize("name", ["file", "../file", "..%2ffile", "autre.csv"])
def test_only_what_a_job_produced_can_be_taken_away(edith, start, name):
    job = start()
    run()
    assert edith.get(f"/jobs/{job.pk}/files/{name}/").status_code == 404


def test_files_that_were_swept_away_are_no_longer_offered(edith, start):
    job = start()
    run()
    jobs.find(job.pk).produced("refused.csv").unlink()
    jobs.find(job.pk).produced("problems.csv").unlink()
    assert "ont été effacés" in page(edith, f"/jobs/{job.pk}/")
    answer = edith.get(f"/jobs/{job.pk}/files/refused.csv/")
    assert answer.status_code == 404
    assert "gardé 7 jours" in answer.content.decode()


def test_a_failure_says_why(edith, start):
    job = start("%PDF-1.4", "facture.pdf")
    run()
    for address in ("/jobs/", f"/jobs/{job.pk}/"):
        shown = page(edith, address)
        assert "échoué" in shown
        assert "facture.pdf" in shown
        assert "enregistrez le tableau en CSV" in shown


def test_the_top_bar_tells_of_the_readers_own_jobs(edith, victor, start):
    assert '<span id="my-jobs"></span>' in page(edith, "/lists/")
    start()
    assert "1 travail en cours" in page(edith, "/lists/")
    assert 'hx-trigger="every 4s"' in page(edith, "/lists/")
    assert "travail en cours" not in page(victor, "/lists/")


def test_the_end_is_told_once_wherever_they_are(edith, victor, start):
    job = start()
    run()
    assert 'hx-trigger="load"' in page(edith, "/lists/")  # whoever comes back later is told too
    assert "terminé" not in page(victor, "/jobs/mine/", **{"HX-Request": "true"})
    told = page(edith, "/jobs/mine/", **{"HX-Request": "true"})
    assert 'hx-swap-oob="beforeend:#flash"' in told
    assert "« base.csv » : terminé." in told
    assert f'href="/jobs/{job.pk}/"' in told
    assert "terminé" not in page(edith, "/jobs/mine/", **{"HX-Request": "true"})
    assert '<span id="my-jobs"></span>' in page(edith, "/lists/")


def test_a_failure_is_told_as_one(edith, start):
    start("%PDF-1.4", "facture.pdf")
    run()
    told = page(edith, "/jobs/mine/")
    assert 'class="flash error" role="alert"' in told
    assert "Voir pourquoi" in told


def test_whoever_saw_the_report_is_not_told_again(edith, start):
    job = start()
    run()
    page(edith, f"/jobs/{job.pk}/")
    assert '<span id="my-jobs"></span>' in page(edith, "/lists/")


def test_a_job_of_yesterdays_program_is_still_shown(edith, editor, start):
    job = start()
    Job.objects.filter(pk=job.pk).update(kind="gone-kind", state="done", result={"figure": 1})
    assert "gone-kind" in page(edith, f"/jobs/{job.pk}/")


def test_a_list_import_is_reported(edith, editor, make_list):
    target = make_list("prospect", "salons")
    given = {"list": target.pk, "file_name": "salon.csv"}
    text = f"Nom;SIREN;Domaine email;Website\nAcme;{ACME};;\nX;1;;\n"
    job = jobs.start(Actor("editor", "page", editor), "list-import", given, {"file": io.BytesIO(text.encode())})
    run()
    shown = page(edith, f"/jobs/{job.pk}/")
    assert "prospect-salons" in shown
    assert f"/lists/{target.pk}/versions/1/" in shown
    assert f"/jobs/{job.pk}/files/refused.csv/" in shown


def test_a_job_that_is_not_there(edith):
    assert edith.get("/jobs/99/").status_code == 404
    assert edith.post("/jobs/99/cancel/").status_code in (302, 404)


def test_a_large_export_is_made_in_the_background(victor, company, monkeypatch):
    from tamis.app.services import table_orders

    monkeypatch.setattr(table_orders, "FEW", 1)
    company("Acme", siren=ACME, city="Lyon")
    assert 'action="/companies/export/job/' not in page(victor, "/companies/")
    company("Bolt", website="bolt.fr", city="Lyon")
    company("Cargo", website="cargo.fr", city="Paris")
    shown = page(victor, "/companies/?city=Lyon")
    assert 'action="/companies/export/job/"' in shown
    assert 'name="filters" value="city=Lyon"' in shown
    answer = victor.post("/companies/export/job/", {"filters": "city=Lyon", "format": "csv"})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    run()
    assert "2 entreprises dans le fichier" in page(victor, f"/jobs/{job.pk}/")
    text = b"".join(victor.get(f"/jobs/{job.pk}/files/companies.csv/")).decode("utf-8-sig")
    assert text.count("Lyon") == 2
    assert "Cargo" not in text


def test_english(edith, editor, start):
    editor.language = "en"
    editor.save()
    job = start()
    run()
    shown = page(edith, f"/jobs/{job.pk}/")
    assert "Import of companies" in shown
    assert "is not a whole number" in shown
