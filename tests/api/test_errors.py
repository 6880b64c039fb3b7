"""Whatever goes wrong has one shape, a stable code, and a sentence in the language that was asked for."""

import json
from typing import Any

import pytest
from django.test import Client

SHAPE = {"code", "message", "field", "where", "help", "faults", "place"}


def _error(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/json")
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == SHAPE
    assert error["help"] == f"/api/docs#error-{status}"
    assert error["message"]
    return error


@pytest.fixture
def raw(editor: Any) -> Any:
    """Sends a body as it is: ``raw("/lists", b"{")``."""

    def sent(path: str, body: bytes, kind: str = "application/json", method: str = "POST") -> Any:
        client = Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {editor.secret}"})
        return client.generic(method, f"/api/v1{path}", body, content_type=kind)

    return sent


def test_an_address_that_leads_nowhere(editor: Any) -> None:
    for path in ("/nowhere", "/lists/abc", "/lists/", "/"):
        assert _error(editor("GET", path), 404)["code"] == "address.unknown"
    assert _error(editor("GET", "/../../api/nothing"), 404)["code"] == "address.unknown"


def test_a_thing_that_does_not_exist(editor: Any) -> None:
    assert _error(editor("GET", "/lists/999"), 404)["code"] == "list.gone"
    assert "999" in _error(editor("GET", "/companies/999"), 404)["message"]


def test_a_method_that_an_address_does_not_know(editor: Any) -> None:
    answer = editor("PUT", "/lists")
    assert _error(answer, 405)["code"] == "method.unknown"
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_a_missing_right(viewer: Any) -> None:
    assert _error(viewer.post("/lists", {}), 403)["code"] == "right.missing"


def test_what_is_refused_says_why(editor: Any, make_list: Any) -> None:
    make_list("prospect", "salons")
    error = _error(editor.post("/lists", {"segment": "prospect", "label": "Salons"}), 409)
    assert error["code"] == "list.taken"
    assert error["message"] == "Une liste s'appelle déjà « prospect-Salons »."


def test_every_value_that_does_not_fit_is_named(editor: Any) -> None:
    error = _error(editor.post("/lists", {"segment": "clients", "labels": "x"}), 422)
    assert (error["code"], error["field"], error["where"]) == ("invalid", "segment", "body")
    assert {fault["field"]: fault["code"] for fault in error["faults"]} == {
        "segment": "literal_error", "label": "missing", "labels": "extra_forbidden",
    }  # fmt: skip


def test_a_value_deep_in_a_body_is_named_by_its_place(editor: Any, make_list: Any) -> None:
    path = f"/lists/{make_list('prospect', 'salons').pk}/import"
    error = _error(editor.post(path, {"lines": [{"name": "Acme"}, {"name": 3}]}), 422)
    assert error["field"] == "lines.1.name"
    error = _error(editor.post("/companies/upsert", {"companies": [{"name": []}]}), 422)
    assert [fault["field"] for fault in error["faults"]] == ["companies.0.name"]


def test_a_field_of_a_company_that_cannot_be_read_is_named_by_its_key(editor: Any) -> None:
    error = _error(editor.post("/companies", {"name": "Acme", "siren": "123456789", "revenue": "beaucoup"}), 422)
    assert [(fault["field"], fault["code"]) for fault in error["faults"]] == [
        ("siren", "siren.check"),
        ("revenue", "amount.form"),
    ]


def test_a_slip_of_the_pen_in_a_parameter_is_no_filter(editor: Any) -> None:
    error = _error(editor("GET", "/companies?srot=name"), 422)
    assert (error["field"], error["where"]) == ("srot", "query")
    assert "« sort »" in error["message"]


def test_sentences_come_in_the_language_asked_for(editor: Any) -> None:
    for wished, word in (("en-GB,fr;q=0.5", "already"), ("fr", "déjà"), ("de", "déjà"), ("de,en;q=0.3", "already")):
        editor.post("/lists", {"segment": "prospect", "label": "salons"})
        answer = editor.post("/lists", {"segment": "prospect", "label": "salons"}, Accept_Language=wished)
        assert word in _error(answer, 409)["message"].lower()
        assert "Accept-Language" in answer["Vary"]
    assert _error(editor("GET", "/nowhere", Accept_Language="en"), 404)["message"].startswith(
        "Nothing is at this address"
    )


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"\xff", b"[" * 100_000, b"NaN", b'{"label": NaN}', b"1" * 5000, b'"x"', b"null", b"[1]", b"{}{}"],
)
def test_a_body_that_is_no_json_object(raw: Any, body: bytes) -> None:
    answer = raw("/lists", body)
    assert answer.status_code in (400, 422)
    _error(answer, answer.status_code)


@pytest.mark.parametrize(
    "text", ['"a\\u0000b"', '"\\ud800"', '"' + "x" * 5000 + '"', "1e400", "-1", "true", "[]", "{}"]
)
def test_a_text_that_is_none(raw: Any, text: str) -> None:
    _error(raw("/lists", f'{{"segment": "client", "label": {text}}}'.encode()), 422)
    _error(raw("/lists", f'{{"segment": {text}, "label": "x"}}'.encode()), 422)


@pytest.mark.parametrize("number", ["0", "-1", "1e3", "9223372036854775808", "1" * 400, "1.5", '"1"', "null", "true"])
def test_a_number_that_is_none(raw: Any, number: str) -> None:
    _error(raw("/companies/move", f'{{"list": {number}, "companies": [1]}}'.encode()), 422)


@pytest.mark.parametrize(
    "query", ["q=%00", "limit=0", "limit=501", "limit=x", "limit=1_0", "cursor=x", "headcount_min=x"]
)
def test_a_parameter_that_is_none(editor: Any, query: str) -> None:
    _error(editor("GET", f"/companies?{query}"), 422)


def test_a_number_too_large_for_an_address(editor: Any) -> None:
    for path in ("/lists/99999999999999999999", "/companies/99999999999999999999/moves"):
        _error(editor("GET", path), 422)


def test_another_kind_of_body(raw: Any) -> None:
    assert (
        _error(raw("/lists", b"segment=client&label=x", "application/x-www-form-urlencoded"), 415)["code"]
        == "body.kind"
    )


def test_a_body_over_the_limit(raw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app.api import reading

    monkeypatch.setattr(reading, "MAX_JSON", 100)
    assert _error(raw("/lists", json.dumps({"label": "x" * 200}).encode()), 413)["code"] == "request.large"


def test_a_file_over_the_limit(editor: Any, make_list: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app import middleware

    monkeypatch.setattr(middleware, "_MAX_BODY", 100)
    _error(editor.upload(f"/lists/{make_list('prospect', 'salons').pk}/import-file", "x" * 200), 413)


def test_a_file_of_too_many_lines(editor: Any, make_list: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app.api import list_content

    monkeypatch.setattr(list_content, "MAX_LINES", 2)
    text = "Nom;SIREN;Domaine email;Website\n" + "Acme;732829320;;\n" * 3
    target = make_list("prospect", "salons")
    assert _error(editor.upload(f"/lists/{target.pk}/import-file", text), 413)["code"] == "file.long"
    assert not target.versions.exists()


def test_a_file_that_is_no_table(editor: Any, make_list: Any) -> None:
    error = _error(editor.upload(f"/lists/{make_list('prospect', 'salons').pk}/import-file", "Nom;Ville\na;b\n"), 422)
    assert error["code"] == "heading.missing"


def test_more_requests_than_a_token_has_a_minute(editor: Any, viewer: Any, settings: Any) -> None:
    settings.API_RATE = 2
    assert [editor("GET", "/me").status_code for _ in range(3)] == [200, 200, 429]
    answer = editor("GET", "/me")
    assert _error(answer, 429)["code"] == "rate"
    assert 0 < int(answer["Retry-After"]) <= 60
    assert viewer("GET", "/me").status_code == 200


def test_somebody_at_work(editor: Any, make_list: Any) -> None:
    from tamis.app.services.leases import lease
    from tamis.app.services.list_staging import LEASE

    target = make_list("prospect", "salons")
    with lease(f"{LEASE}{target.pk}", "bob"):
        answer = editor.post(f"/lists/{target.pk}/import", {"lines": [{"name": "Acme", "siren": "732829320"}]})
    error = _error(answer, 409)
    assert error["code"] == "busy"
    assert "bob" in error["message"]
    assert answer["Retry-After"] == "1"


def test_a_fault_of_ours_shows_no_trace(editor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tamis.app.services import overview

    def broken() -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(overview, "overview", broken)
    answer = editor("GET", "/overview")
    assert _error(answer, 500)["code"] == "fault"
    assert b"secret" not in answer.content


def test_a_host_that_is_not_ours(editor: Any) -> None:
    answer = Client(HTTP_HOST="mechant.example").get("/api/v1/me")
    assert _error(answer, 400)["code"] == "request.unreadable"


def test_an_answer_is_kept_by_no_cache_and_is_no_page(viewer: Any) -> None:
    for path in ("/companies", "/nowhere", "/lists/999", "/openapi.json"):
        answer = viewer("GET", path)
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Disposition"] == 'attachment; filename="api.json"'
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert "entreprises.csv" in viewer("GET", "/companies/export")["Content-Disposition"]
