"""What came in, what was refused and why; files of events brought on the page; kinds; a person erased."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from answers import words
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

DAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()

pytestmark = pytest.mark.usefixtures("own_inbox")


def sales(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("ventes.csv", "\n".join(["Date;E-mail;Montant HT", *lines, ""]).encode())


def bring(edith: Client, file: Any, **given: str) -> Any:
    """Brings a file, confirms its columns as proposed unless said otherwise; the page of the rehearsal."""
    columns = edith.post("/events/import/", {"file": file})
    assert columns.status_code == 302
    form = {"column-0": "ts", "column-1": "contact_email", "column-2": "value", "kind": "purchase"} | given
    return edith.post(columns["Location"], form)


@pytest.fixture
def refused(workspace: Any) -> Any:
    """One event that is taken, one that is not."""
    from tamis.app.services import events
    from tamis.app.services.arrivals import From

    good = {"kind": "page_view", "ts": DAY, "visitor": "v", "path": "/"}
    bad = {"kind": "page_view", "ts": DAY, "contact": "lea chez acme", "path": "/"}
    return events.take([good, bad], From("api", "Site"))


def test_what_came_in_and_what_was_refused_without_its_words(victor: Client, refused: Any) -> None:
    page = words(victor.get("/events/"))
    assert "Site" in page
    assert "contact.form" in page
    assert "« … » : donnez une adresse e-mail" in page
    assert "lea chez acme" not in page
    figures = words(victor.get("/events/figures/"))
    assert "événement en 24 heures" in figures
    assert "Page vue" in figures
    assert victor.get("/events/figures/", {"period": "century"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_last_snapshot_is_told(victor: Client) -> None:
    from django.utils import timezone

    from tamis.app.services import snapshots

    def told() -> str:
        return words(victor.get("/events/figures/")).partition("dernier instantané")[2].partition("</dd>")[0]

    assert told().endswith("<dd>—")
    taken = timezone.localtime(snapshots.take().as_of)
    assert told().endswith(f">{taken:%d/%m/%Y %H:%M}</time>")


def test_nothing_yet_is_said(victor: Client) -> None:
    page = words(victor.get("/events/"))
    assert "Rien n&#x27;a été envoyé" in page or "Rien n'a été envoyé" in page


def test_counts_are_of_a_source_by_the_hour_and_are_forgotten(refused: Any) -> None:
    from django.utils import timezone

    from tamis.app.models import Intake, RefusalCount, RefusedEvent
    from tamis.app.services import arrivals

    [row] = Intake.objects.all()
    assert (row.via, row.source, row.accepted, row.repeated, row.refused) == ("api", "Site", 1, 0, 1)
    long_ago = timezone.now() - arrivals.KEPT - timedelta(hours=1)
    for model, column in ((Intake, "hour"), (RefusalCount, "hour"), (RefusedEvent, "at")):
        model.objects.update(**{column: long_ago})
    arrivals.forget_old()
    assert [model.objects.count() for model in (Intake, RefusalCount, RefusedEvent)] == [0, 0, 0]


def test_counts_that_cannot_be_written_now_are_written_later(workspace: Any, monkeypatch: Any, settings: Any) -> None:
    from django.db import DatabaseError

    from tamis.app.models import Intake
    from tamis.app.services import arrivals
    from tamis.app.services.arrivals import Taken

    def locked(*_given: Any) -> None:
        raise DatabaseError("locked")

    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "_write", locked)
        with pytest.raises(DatabaseError):
            arrivals.note(arrivals.From("api", "Site"), Taken(accepted=2))
    arrivals.note(arrivals.From("api", "Site"), Taken(accepted=1))
    assert Intake.objects.get().accepted == 3


def test_a_file_is_tried_line_by_line_then_taken_once(edith: Client, work: Any) -> None:
    from tamis.app.services import lake

    job = bring(edith, sales("2026-03-31;lea@acme-exemple.fr;1 234,50 €", "hier;lea@acme-exemple.fr;12"))["Location"]
    work()
    tried = words(edith.get(job))
    assert "Rien n&#x27;est encore changé" in tried or "Rien n'est encore changé" in tried
    assert "hier" in tried
    assert not lake.waits()
    for _twice in range(2):
        done = edith.post(f"/events/import/{job.strip('/').split('/')[-1]}/apply/")
        work()
    assert "événements reçus" in words(edith.get(done["Location"]))
    with lake.inbox() as inbox:
        assert inbox.waiting().events == 1
    again = bring(edith, sales("2026-03-31;lea@acme-exemple.fr;1 234,50 €"))["Location"]
    work()
    assert "Ce fichier n&#x27;apporte rien" in words(edith.get(again)) or "n'apporte rien" in words(edith.get(again))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"column-0": ""}, "quelle colonne donne"),
        ({"kind": ""}, "Choisissez le genre"),
        ({"column-1": "value"}, "Plusieurs colonnes"),
        ({"kind": "sale"}, "aucun genre"),
    ],
)
def test_columns_that_make_no_event_are_refused(edith: Client, given: Any, sentence: str) -> None:
    answer = bring(edith, sales("2026-03-31;lea@acme-exemple.fr;12"), **given)
    assert answer.status_code == 409
    assert sentence in words(answer)


def test_a_file_that_is_no_table_is_refused_beside_the_form(edith: Client) -> None:
    answer = edith.post("/events/import/", {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.4")})
    assert answer.status_code == 409


def test_a_kind_of_one_s_own_is_added(admin: Any, client_as: Any) -> None:
    from tamis.app.models import EventKind

    client, given = client_as(admin), {"label": "Question", "key": "question", "phase": "before"}
    given["properties"] = "sujet\nminutes: number\n"
    assert client.post("/settings/event-kinds/", given).status_code == 302
    assert EventKind.objects.get().properties == {"sujet": "text", "minutes": "number"}
    again = client.post("/settings/event-kinds/", given)
    assert again.status_code == 409
    assert "déjà" in words(again)
    assert client.post("/settings/event-kinds/", given | {"key": "autre", "phase": "never"}).status_code == 409


def test_an_admin_erases_a_person_and_is_told_what_went(admin: Any, alice: Any, client_as: Any, work: Any) -> None:
    from tamis.app.models import Act, Contact, Erasure
    from tamis.app.services import contacts, events
    from tamis.app.services.arrivals import From

    lea = contacts.add(alice, {"email": "lea@acme-exemple.fr", "last_name": "Martin"})
    events.take([{"kind": "page_view", "ts": DAY, "contact": "lea@acme-exemple.fr", "path": "/"}], From("api", "Site"))
    client = client_as(admin)
    assert "Effacer de partout" in words(client.get(f"/contacts/{lea.pk}/erase/"))
    followed = client.post(f"/contacts/{lea.pk}/erase/")["Location"]
    assert not Contact.objects.exists()
    assert "en cours" in words(client.get(followed))
    work()
    shown = words(client.get(followed))
    assert "événements qui attendaient</dt><dd>1</dd>" in shown
    assert "Les sauvegardes d&#x27;avant" in shown
    erasure = Erasure.objects.get()
    assert erasure.subject == {}
    assert "lea@" not in str(erasure.steps)
    assert "lea@" not in str([*Act.objects.values_list("note_stored", flat=True)])
