"""Events over the API: durable when answered, each bad one told with its place."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tamis.app.services import lake, work


def view(id: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "ts": timezone.now().isoformat(), "kind": "page_view", "visitor": "v1", "path": "/"} | values


def ids(program: Any, query: str = "") -> list[str]:
    return sorted(each["id"] for each in program.get(f"/events{query}")["items"])


def test_one_event_and_the_same_again(editor: Any) -> None:
    sent = view("e1")
    first = editor.post("/events", sent).json()
    assert (first["accepted"], first["repeated"], first["refused"]) == (1, 0, 0)
    assert editor.post("/events", sent).json()["repeated"] == 1
    assert ids(editor) == ["e1"]


def test_a_batch_takes_the_good_ones_and_tells_the_bad_ones(editor: Any) -> None:
    ahead = (timezone.now() + timedelta(hours=1)).isoformat()
    batch = [view("e1"), view("e2", kind="pageview"), view("e3", ts=ahead), view("e4"), "e5", view("e1", path="/x")]
    answer = editor.post("/events", {"events": batch})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (2, 4)
    assert [(each["index"], each["code"]) for each in told["faults"]] == [
        (1, "kind.unknown"), (2, "ts.future"), (4, "event.form"), (5, "id.conflict"),
    ]  # fmt: skip
    assert ids(editor) == ["e1", "e4"]


def test_when_none_is_taken_it_is_an_error_in_the_shape_of_all_errors(editor: Any) -> None:
    answer = editor.post("/events", view("e1", company="gmail.com"))
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], error["field"], error["where"]) == ("domain.free", "company", "body")
    both = editor.post("/events", {"events": [{}, view("e1", currency="USD")]})
    assert [each["field"] for each in both.json()["error"]["faults"]] == ["events.0.kind", "events.1.currency"]


def test_an_event_without_id_gets_one_from_its_content(editor: Any) -> None:
    sent = {"ts": "2026-03-31T10:00:00", "kind": "form", "contact": "Lea@Acme-Exemple.fr", "form": "démo"}
    first, second = (editor.post("/events", sent).json() for _ in range(2))
    assert first["derived"] == second["derived"] != []
    assert (first["accepted"], first["without_zone"], second["repeated"]) == (1, 1, 1)
    [read] = editor.get("/events?contact=lea@acme-exemple.fr")["items"]
    assert read["ts"] == "2026-03-31T08:00:00Z"


@pytest.mark.parametrize("body", [{"events": []}, {"events": "e1"}, {"events": [{}], "x": 1}, []])
def test_a_body_of_another_form_is_refused(editor: Any, body: Any) -> None:
    assert editor.post("/events", body).status_code == 422


def test_too_many_at_once(editor: Any) -> None:
    assert editor.post("/events", {"events": [{}] * 5001}).json()["error"]["code"] == "events.form"


SALES = (
    "Date;E-mail;Total HT;Réf\n31/03/2026;lea@acme.fr;1 234,50;A-1\nhier;lea@acme.fr;12;\n01/02/2026;lea@acme.fr;9;\n"
)
HOW = {"kind": "purchase", "map": ["Total HT=value", "Réf="]}


def test_a_file_is_tried_out_then_taken_once(editor: Any) -> None:
    tried = editor.upload("/events/import-file", SALES, "ventes.csv", **HOW, dry_run="true")
    assert tried.status_code == 200
    report = tried.json()
    assert {key: report[key] for key in ("file", "dry_run", "lines", "accepted", "repeated", "refused")} == {
        "file": "ventes.csv", "dry_run": True, "lines": 3, "accepted": 2, "repeated": 0, "refused": 1,
    }  # fmt: skip
    assert report["columns"] == {"Date": "ts", "E-mail": "contact_email", "Total HT": "value"}
    [problem] = report["problems"]
    assert (problem["line"], problem["what"], problem["field"], problem["code"]) == (3, "refused", "ts", "ts.form")
    assert ids(editor) == []
    assert "events.appended" not in [each["kind"] for each in editor.get("/acts")["items"]]
    taken = editor.upload("/events/import-file", SALES, "ventes.csv", **HOW).json()
    assert taken == report | {"dry_run": False}
    again = editor.upload("/events/import-file", SALES, "ventes.csv", **HOW, dry_run="true").json()
    assert (again["accepted"], again["repeated"], len(ids(editor))) == (0, 2, 2)


def test_a_file_that_cannot_be_read_is_refused_whole(editor: Any) -> None:
    answer = editor.upload("/events/import-file", SALES, "ventes.csv", kind="purchse")
    assert answer.json()["error"]["code"] == "kind.unknown"
    answer = editor.upload("/events/import-file", SALES, "ventes.csv", **HOW | {"map": "Total HT"})
    assert answer.json()["error"]["code"] == "map"
    assert ids(editor) == []


@pytest.mark.django_db(transaction=True)
def test_a_file_of_any_length_is_tried_out_and_taken_in_the_background(editor: Any) -> None:
    tried = editor.upload("/events/import-job", SALES, "ventes.csv", **HOW, dry_run="true")
    assert (tried.status_code, tried.json()["kind"]) == (202, "event-rehearsal")
    work.run_next(lambda: False)
    result = editor.get(f"/jobs/{tried.json()['id']}")["result"]
    assert (result["dry_run"], result["accepted"], result["refused"], ids(editor)) == (True, 2, 1, [])
    taken = editor.upload("/events/import-job", SALES, "ventes.csv", **HOW).json()
    work.run_next(lambda: False)
    done = editor.get(f"/jobs/{taken['id']}")
    assert (done["kind"], done["result"]["dry_run"], done["result"]["accepted"]) == ("event-import", False, 2)
    assert done["files"] == {"problems.csv": "ventes-motifs.csv"}
    assert len(ids(editor)) == 2


def test_a_viewer_reads_and_does_not_write(viewer: Any, editor: Any) -> None:
    editor.post("/events", view("e1"))
    assert viewer.post("/events", view("e2")).status_code == 403
    assert ids(viewer) == ["e1"]


def test_the_address_that_collectors_know(editor: Any) -> None:
    from django.test import Client

    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    body = view("e1")
    assert client.post("/api/events", body, content_type="application/json").status_code == 401
    headers = {"Authorization": f"Bearer {editor.secret}"}
    answer = client.post("/api/events", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


def test_events_before_a_moment_and_of_a_kind(editor: Any) -> None:
    for n in range(4):
        editor.post("/events", view(f"e{n}", ts=f"2026-03-0{n + 1}T00:00:00Z"))
    assert ids(editor, "?before=2026-03-03T00:00:00Z") == ["e0", "e1"]
    assert [each["id"] for each in editor.get("/events?limit=1")["items"]] == ["e3"]
    assert ids(editor, "?kind=purchase") == []
    assert editor("GET", "/events?kind=pageview").status_code == 422
    assert editor("GET", "/events?company=99").status_code == 404
    assert editor("GET", "/events?before=2026-03-03T00:00:00").status_code == 422


def test_kinds_are_listed_and_added(editor: Any) -> None:
    made = editor.post(
        "/event-kinds", {"key": "visite_usine", "label": "Visite d'usine", "properties": {"n": "number"}}
    )
    assert made.status_code == 201
    known = {each["key"]: each for each in editor.get("/event-kinds")["items"]}
    assert known["visite_usine"]["properties"] == {"n": "number"}
    assert known["purchase"]["required"] == ["value"]
    assert editor.post("/events", view("e1", kind="visite_usine", n="trois")).status_code == 422
    assert editor.post("/events", view("e1", kind="visite_usine", n=3)).json()["accepted"] == 1
    assert editor.post("/event-kinds", {"key": "purchase", "label": "x"}).status_code == 409


def test_an_inbox_that_does_not_answer_says_that_nothing_was_taken(editor: Any, monkeypatch: Any) -> None:
    import sqlite3

    import psycopg
    from django.db import connection

    def locked(*_given: Any) -> None:
        raise (sqlite3 if connection.vendor == "sqlite" else psycopg).OperationalError("database is locked")

    monkeypatch.setattr(lake.shared_inbox(), "append", locked)
    answer = editor.post("/events", view("e1"))
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    monkeypatch.undo()
    assert ids(editor) == []


@pytest.mark.skipif("not __import__('os').environ.get('TAMIS_DATABASE_URL')", reason="asks PostgreSQL")
def test_a_connection_that_was_lost_is_made_anew(editor: Any) -> None:
    editor.post("/events", view("e1"))
    lake.shared_inbox().inbox.close()
    assert editor.post("/events", view("e2")).status_code == 409
    assert editor.post("/events", view("e2")).json()["accepted"] == 1
    assert ids(editor) == ["e1", "e2"]
