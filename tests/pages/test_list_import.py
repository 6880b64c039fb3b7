"""A file into a list by the page: checked first, then applied, or refused with the reason."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tamis.app.models import ListLine

DIRTY = ("Acme;732829320;;", "Garnier;;contact@garnier.fr;", ";;garnier.fr;", "Morel;;;")


@pytest.fixture
def target(make_list: Any, company: Any) -> Any:
    company("Acme", siren="732829320")
    return make_list("prospect", "salons")


def _uploads(settings: Any) -> list[Path]:
    folder = Path(settings.HOME) / "uploads"
    return [*folder.iterdir()] if folder.exists() else []


def test_a_dry_run_says_everything_and_changes_nothing(bring: Any, target: Any) -> None:
    page = bring(target, *DIRTY)
    assert page.context["report"]["lines"] == 4
    assert page.context["report"]["accepted"] == 1
    assert page.context["report"]["moved"] == 1
    assert [(each["line"].number, each["line"].outcome) for each in page.context["lines"]] == [
        (2, "moved"), (3, "refused"), (4, "refused"), (5, "refused"),
    ]  # fmt: skip
    assert "le nom manque" in page.content.decode()
    assert not ListLine.objects.exists()


def test_a_dry_run_says_what_it_would_repair(bring: Any, target: Any) -> None:
    page = bring(target, "Morel;;;https://www.morel.fr/contact")
    assert page.context["report"]["repaired"] == 1
    [line] = page.context["lines"]
    assert [str(each) for each in line["repairs"]] == ["« www. » enlevé", "chemin « /contact » enlevé du site"]


def test_the_refused_lines_come_back_in_five_columns(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, *DIRTY)
    address = page.request["PATH_INFO"] + "refused.csv"
    text = edith.get(address).getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "Nom,SIREN,Domaine email,Website,Motif"
    assert len(text.splitlines()) == 4


def test_applying_imports_the_very_same_file(bring: Any, edith: Client, target: Any, settings: Any) -> None:
    page = bring(target, *DIRTY)
    applied = edith.post(page.request["PATH_INFO"], follow=True)
    assert applied.redirect_chain == [(f"/lists/{target.pk}/versions/1/?imported=1", 302)]
    planned, done = page.context["report"], applied.context["report"]
    assert planned | {"version": 1} == done
    assert ListLine.objects.get().name == "Acme"
    [folder] = _uploads(settings)
    assert [path.name for path in folder.iterdir()] == ["upload.json"]


def test_applying_twice_leads_to_the_report_and_imports_once(bring: Any, edith: Client, target: Any) -> None:
    address = bring(target, *DIRTY).request["PATH_INFO"]
    edith.post(address)
    for again in (edith.post(address, follow=True), edith.get(address, follow=True)):
        assert again.redirect_chain[-1] == (f"/lists/{target.pk}/versions/1/", 302)
        assert "« salon.csv » est déjà importé" in again.content.decode()
    assert target.versions.count() == 1


def test_the_version_s_page_gives_the_refused_lines_back_too(bring: Any, edith: Client, target: Any) -> None:
    edith.post(bring(target, *DIRTY).request["PATH_INFO"])
    answer = edith.get(f"/lists/{target.pk}/versions/1/refused.csv")
    assert len(answer.getvalue().decode().splitlines()) == 4


def test_appending_keeps_what_the_list_held(bring: Any, edith: Client, target: Any) -> None:
    edith.post(bring(target, "Acme;732829320;;").request["PATH_INFO"])
    edith.post(bring(target, "Morel;;;morel.fr", mode="append").request["PATH_INFO"])
    edith.post(bring(target, "Garnier;;garnier.fr;").request["PATH_INFO"])
    assert [*ListLine.objects.filter(removed_by=None).values_list("name", flat=True)] == ["Garnier"]
    assert ListLine.objects.filter(removed_by__number=3).count() == 2


def test_five_thousand_lines_are_taken(bring: Any, edith: Client, target: Any, work: Any) -> None:
    waiting = bring(target, *(f"Société {n};;societe-{n}.fr;" for n in range(5000)))
    assert work() == 1
    page = edith.get(waiting.request["PATH_INFO"], follow=True)
    assert page.context["report"]["accepted"] == 5000


def test_one_line_more_goes_through_the_command_line(bring: Any, target: Any, settings: Any) -> None:
    page = bring(target, *(f"Société {n};;societe-{n}.fr;" for n in range(5001)))
    assert page.status_code == 409
    assert "plus de 5\u202f000 lignes" in page.content.decode()
    assert "tamis lists import &quot;prospect-salons&quot;" in page.content.decode()
    assert not ListLine.objects.exists()
    assert not _uploads(settings)


def test_a_picture_is_refused(edith: Client, target: Any, settings: Any) -> None:
    picture = SimpleUploadedFile("logo.csv", b"\x89PNG\r\n\x1a\n" + bytes(100))
    answer = edith.post(f"/lists/{target.pk}/import/", {"file": picture})
    assert answer.status_code == 409
    assert "« logo.csv » est une image" in answer.content.decode()
    assert not _uploads(settings)


def test_no_file_is_a_sentence(edith: Client, target: Any) -> None:
    assert "Choisissez un fichier" in edith.post(f"/lists/{target.pk}/import/", {}).content.decode()


def test_a_file_over_the_limit_is_refused(
    bring: Any, target: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from tamis.app.services import kept_files

    monkeypatch.setattr(kept_files, "MAX_UPLOAD", 50)
    page = bring(target, *DIRTY)
    assert page.status_code == 409
    assert "dépasse" in page.content.decode()
    assert not _uploads(settings)


def test_a_request_that_is_far_too_long_is_refused_unread(edith: Client) -> None:
    answer = edith.generic("POST", "/lists/1/import/", b"", CONTENT_LENGTH="900000000")
    assert answer.status_code == 413
    assert "ligne de commande" in answer.content.decode()


def test_what_goes_over_the_plan_is_refused(bring: Any, edith: Client, target: Any, workspace: Any, work: Any) -> None:
    workspace.plan = "starter"
    workspace.save()
    waiting = bring(target, *(f"Société {n};;societe-{n}.fr;" for n in range(1001)))
    work()
    page = edith.get(waiting.request["PATH_INFO"], follow=True)
    assert page.request["PATH_INFO"].endswith("/columns/")
    assert "L&#x27;abonnement permet 1\u202f000 lignes" in page.content.decode()


def test_nobody_applies_somebody_else_s_file(bring: Any, target: Any, admin: Any, client_as: Any) -> None:
    address = bring(target, *DIRTY).request["PATH_INFO"]
    other = client_as(admin)
    assert other.get(address).status_code == 404
    assert other.post(address).status_code == 404
    assert other.get(address + "refused.csv").status_code == 404
    assert not ListLine.objects.exists()


def test_a_file_is_applied_to_its_own_list_only(bring: Any, edith: Client, target: Any, make_list: Any) -> None:
    address = bring(target, *DIRTY).request["PATH_INFO"]
    other = make_list("client", "or")
    assert edith.post(address.replace(f"/{target.pk}/", f"/{other.pk}/", 1)).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 32, "g" * 32])
def test_a_token_that_was_never_given_leads_nowhere(edith: Client, target: Any, token: str) -> None:
    assert edith.post(f"/lists/{target.pk}/import/{token}/").status_code == 404


def test_a_checked_file_is_readable_by_its_owner_only(bring: Any, target: Any, settings: Any) -> None:
    bring(target, *DIRTY)
    [folder] = _uploads(settings)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "file").stat().st_mode & 0o777 == 0o600


def test_a_file_forgotten_for_a_day_is_swept_by_the_next(bring: Any, target: Any, settings: Any) -> None:
    bring(target, *DIRTY)
    [old] = _uploads(settings)
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    bring(target, *DIRTY)
    assert old not in _uploads(settings)
    assert len(_uploads(settings)) == 1


def test_a_file_without_any_good_line_cannot_be_applied(bring: Any, target: Any) -> None:
    page = bring(target, "Morel;;;").content.decode()
    assert "Aucune ligne n'est acceptée" in page
    assert "Appliquer" not in page


def test_a_list_being_imported_by_somebody_else_says_so(bring: Any, edith: Client, target: Any) -> None:
    from tamis.app.services.leases import lease

    address = bring(target, *DIRTY).request["PATH_INFO"]
    with lease(f"list-import:{target.pk}", "bob"):
        answer = edith.post(address, HTTP_REFERER=f"http://localhost{address}", follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert "bob" in answer.content.decode()
    assert edith.post(address).status_code == 302
