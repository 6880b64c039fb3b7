"""The guided import of a file that would have to be waited for: in the background, and on the same pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Job, ListLine, ListVersion
from tamis.app.services import guided_imports, jobs, list_background, list_uploads
from tamis.app.services import work as worker

ACME, BOLT, CASA = "732829320", "552100554", "440546018"


@pytest.fixture(autouse=True)
def _long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is too long to be waited for."""
    monkeypatch.setattr(list_background, "AT_ONCE", 0)


@pytest.fixture
def target(make_list: Any, company: Any) -> Any:
    company("Acme", siren=ACME)
    return make_list("prospect", "salons")


@pytest.fixture
def checked(bring: Any, edith: Client, target: Any, work: Any) -> Callable[..., Any]:
    """The editor brings lines and waits for their report; its page."""

    def waited(*lines: str) -> Any:
        progress = bring(target, *lines)
        work()
        return edith.get(progress.request["PATH_INFO"], follow=True)

    return waited


def _job() -> Job:
    return Job.objects.latest("pk")


def _here(page: Any) -> str:
    return str(page.request["PATH_INFO"])


def _poll(client: Client, job: Job) -> Any:
    """What the page of a job asks for every two seconds."""
    return client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true", "HX-Target": "job"})


def test_progress_is_shown_with_the_steps_and_leads_on_to_the_report(bring: Any, edith: Client, work: Any) -> None:
    from tamis.app.services import lists

    page = bring(lists.find("client-default"), f"Acme;{ACME};;", "Casa;12;;")
    assert page.redirect_chain == [(f"/jobs/{_job().pk}/", 302)]
    assert "Vérification d&#x27;un import « salon.csv »" in page.content.decode()
    assert 'class="guide"' in page.content.decode()
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert "HX-Redirect" not in _poll(edith, _job())
    work()
    report = edith.get(_poll(edith, _job())["HX-Redirect"])
    assert (report.context["report"]["waiting"], report.context["report"]["refused"]) == (1, 1)
    assert not ListLine.objects.exists()


def test_the_path_left_and_come_back_to_leads_where_it_has_got(
    bring: Any, edith: Client, target: Any, work: Any
) -> None:
    bring(target, f"Acme;{ACME};;")
    token = _job().arguments["upload"]
    for step in ("", "columns/"):
        answer = edith.get(f"/lists/{target.pk}/import/{token}/{step}")
        assert answer["Location"] == f"/jobs/{_job().pk}/"
    work()
    assert edith.get(f"/lists/{target.pk}/import/{token}/").context["report"]["accepted"] == 1


def test_the_end_is_told_elsewhere_with_the_way_to_the_report(
    bring: Any, edith: Client, target: Any, work: Any
) -> None:
    bring(target, f"Acme;{ACME};;")
    work()
    told = edith.get("/jobs/mine/", headers={"HX-Request": "true"}).content.decode()
    assert f'href="/lists/{target.pk}/import/{_job().arguments["upload"]}/"' in told
    page = edith.get(f"/jobs/{_job().pk}/").content.decode()  # told already: what it found stays readable here
    assert "Rien n'est encore changé" in page
    assert "Continuer l'import" in page


def test_applied_in_the_background_it_ends_at_the_same_report(
    checked: Any, edith: Client, target: Any, work: Any
) -> None:
    page = checked(f"Acme;{ACME};;", "Casa;12;;")
    assert edith.post(_here(page))["Location"] == f"/jobs/{_job().pk}/"
    assert not ListLine.objects.exists()
    work()
    done = edith.get(_poll(edith, _job())["HX-Redirect"])
    assert _here(done) == f"/lists/{target.pk}/versions/1/"
    assert "« salon.csv » importé." in done.content.decode()
    assert page.context["report"] | {"version": 1} == done.context["report"]
    assert edith.get(_here(page))["Location"] == f"/lists/{target.pk}/versions/1/"
    assert "Voir la version" in edith.get(f"/jobs/{_job().pk}/").content.decode()


def test_asked_to_apply_twice_it_is_one_job(checked: Any, edith: Client, target: Any, work: Any) -> None:
    here = _here(checked(f"Acme;{ACME};;"))
    first, again = edith.post(here), edith.post(here)
    assert first["Location"] == again["Location"]
    work()
    assert target.versions.count() == 1


def test_refused_lines_are_mended_in_the_background_and_counted(checked: Any, edith: Client, work: Any) -> None:
    here = _here(checked("Casa;12;;", "Dune;;gmail.com;", f"Acme;{ACME};;"))
    edith.post(
        here, {"action": "mend", "cell-2-0": "Casa", "cell-2-1": CASA, "cell-3-0": "Dune", "cell-3-2": "free.fr"}
    )
    work()
    page = edith.get(here, follow=True)
    assert page.redirect_chain == [(f"{here}?outcome=refused#lines", 302)]
    assert "1 ligne corrigée." in page.content.decode()
    assert "1 ligne est encore refusée" in page.content.decode()
    assert [(line.number, line.cells[2]) for line in page.context["mendable"]] == [(3, "free.fr")]
    assert "1 ligne corrigée" not in edith.get(here).content.decode()


def test_a_list_that_changed_meanwhile_is_shown_anew(
    checked: Any, edith: Client, target: Any, work: Any, import_lines: Any
) -> None:
    here = _here(checked(f"Bolt;{BOLT};;"))
    import_lines(target, f"Acme;{ACME};;")
    edith.post(here)
    work()
    page = edith.get(_poll(edith, _job())["HX-Redirect"])
    assert _here(page) == here
    assert "a reçu un autre import depuis cette vérification" in page.content.decode()
    assert page.context["report"]["released"] == 1
    edith.post(here)
    work()
    assert target.versions.count() == 2


def test_whoever_applies_second_is_told(
    checked: Any, edith: Client, admin: Any, client_as: Any, list_file: Any, target: Any, work: Any
) -> None:
    ada, here = client_as(admin), _here(checked(f"Acme;{ACME};;"))
    ada.post(f"/lists/{target.pk}/import/", {"file": list_file(f"Bolt;{BOLT};;"), "mode": "replace"})
    hers = f"/lists/{target.pk}/import/{_job().arguments['upload']}/"
    work()
    edith.post(here)
    refused = ada.post(hers, HTTP_REFERER=f"http://localhost{hers}", follow=True)
    assert refused.redirect_chain == [(hers, 302)]
    assert "editor importe déjà dans « prospect-salons »" in refused.content.decode()
    work()
    assert [*ListLine.objects.values_list("name", flat=True)] == ["Acme"]


def test_cancelled_it_changes_nothing_and_the_path_goes_on(checked: Any, edith: Client, target: Any, work: Any) -> None:
    here = _here(checked(f"Acme;{ACME};;"))
    edith.post(here)
    edith.post(f"/jobs/{_job().pk}/cancel/")
    assert work() == 0
    page = edith.get(f"/jobs/{_job().pk}/", follow=True)
    assert _here(page) == here
    assert "annulé, rien n&#x27;est changé" in page.content.decode()
    edith.post(here)
    work()
    assert target.versions.count() == 1


def test_what_refuses_the_file_stands_beside_its_columns(bring: Any, edith: Client, target: Any, work: Any) -> None:
    waiting = bring(target, f"Acme;{ACME};;")
    upload = list_uploads.find(_job().arguments["upload"], _job().user, target)
    upload.path.write_bytes(b"%PDF-1.4")
    work()
    upload.path.write_text(f"Nom;SIREN;Domaine email;Website\nAcme;{ACME};;\n")
    page = edith.get(_here(waiting), follow=True)
    assert _here(page) == f"/lists/{target.pk}/import/{upload.token}/columns/"
    assert "enregistrez le tableau en CSV" in page.content.decode()
    given = {f"column-{n}": chosen for n, _column, chosen in page.context["columns"]} | {"headed": "1"}
    edith.post(_here(page), given)
    work()
    assert edith.get(f"/lists/{target.pk}/import/{upload.token}/").context["report"]["accepted"] == 1


def test_killed_after_the_list_has_changed_it_is_done_and_not_done_twice(
    checked: Any, edith: Client, target: Any, work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = _here(checked(f"Acme;{ACME};;"))
    edith.post(here)

    class Killed(BaseException):
        """The end of a process."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(list_uploads.Upload, "applied", die)
        with pytest.raises(Killed):
            work()
    assert (_job().state, target.versions.count()) == ("running", 1)
    work()
    assert (_job().state, _job().result["version"], target.versions.count()) == ("done", 1, 1)
    assert edith.get(here)["Location"] == f"/lists/{target.pk}/versions/1/"


def test_somebody_else_sees_how_far_it_is_and_no_way_into_the_path(
    bring: Any, target: Any, victor: Client, work: Any
) -> None:
    bring(target, f"Acme;{ACME};;")
    for _ in range(2):
        page = victor.get(f"/jobs/{_job().pk}/")
        assert page.status_code == 200
        assert "/import/" not in page.content.decode().split('id="job"')[1]
        work()


def test_a_few_lines_stay_in_the_request(bring: Any, target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_background, "AT_ONCE", 500)
    assert bring(target, f"Acme;{ACME};;").context["report"]["accepted"] == 1
    assert not Job.objects.exists()


def test_far_too_many_lines_are_refused_before_anything_is_started(
    bring: Any, target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guided_imports, "MAX_LINES", 60)
    page = bring(target, *(f"Société {n};;societe-{n}.fr;" for n in range(61)))
    assert page.status_code == 409
    assert "plus de 60 lignes" in page.content.decode()
    assert not Job.objects.exists()


@pytest.fixture
def history(target: Any, import_lines: Any) -> Any:
    """A list with two versions."""
    import_lines(target, f"Acme;{ACME};;", file_name="mars.csv")
    import_lines(target, f"Bolt;{BOLT};;", file_name="avril.csv")
    return target


def test_a_long_version_is_brought_back_after_a_rehearsal_in_the_background(
    history: Any, edith: Client, work: Any
) -> None:
    here = f"/lists/{history.pk}/versions/1/restore/"
    assert "Voir ce que cela ferait" in edith.get(here).content.decode()
    assert edith.post(here, {"action": "rehearse"})["Location"] == f"/jobs/{_job().pk}/"
    assert edith.get(here)["Location"] == f"/jobs/{_job().pk}/"
    work()
    page = edith.get(_poll(edith, _job())["HX-Redirect"])
    assert _here(page) == here
    assert (page.context["report"]["accepted"], page.context["report"]["moved"]) == (1, 1)
    assert ListVersion.objects.count() == 2
    edith.post(here)
    work()
    done = edith.get(_poll(edith, _job())["HX-Redirect"])
    assert _here(done) == f"/lists/{history.pk}/versions/3/"
    assert "Version 1 rétablie." in done.content.decode()
    assert ListLine.objects.get(removed_by=None).name == "Acme"


def test_a_rehearsal_of_a_list_that_changed_since_is_asked_for_anew(
    history: Any, edith: Client, work: Any, import_lines: Any
) -> None:
    here = f"/lists/{history.pk}/versions/1/restore/"
    edith.post(here, {"action": "rehearse"})
    work()
    import_lines(history, f"Casa;{CASA};;")
    assert edith.get(here).context["report"] is None


def test_work_that_was_cancelled_too_late_is_done(kind_of: Any, alice: Any) -> None:
    def work(_actor: Any, job: Job, progress: Any) -> dict[str, Any]:
        progress.settle({"n": 1})
        jobs.cancel(alice, job)
        return {"n": 1}

    kind_of("late", work)
    job = jobs.start(alice, "late")
    worker.run_queued(lambda: False)
    job.refresh_from_db()
    assert (job.state, job.result, job.cancelled_by) == ("done", {"n": 1}, "")


def test_work_that_was_cancelled_in_time_settles_nothing(kind_of: Any, alice: Any) -> None:
    def work(_actor: Any, job: Job, progress: Any) -> dict[str, Any]:
        jobs.cancel(alice, job)
        progress.settle({"n": 1})
        return {"n": 1}

    kind_of("early", work)
    job = jobs.start(alice, "early")
    worker.run_queued(lambda: False)
    job.refresh_from_db()
    assert (job.state, job.result, job.cancelled_by) == ("cancelled", {}, "alice")


@pytest.fixture
def kind_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Registers a kind of job for the length of a test."""
    known = dict(jobs.kinds())
    monkeypatch.setattr(jobs, "_kinds", known)
    return lambda name, function: known.update({name: jobs.Kind(name, name, True, function)})
