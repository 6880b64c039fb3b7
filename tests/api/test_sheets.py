"""A list follows a sheet through the API as it does on the console."""

from typing import Any

import pytest

from tamis.app.models import FollowedSheet


@pytest.fixture(autouse=True)
def _reached(settings: Any, google: Any) -> None:
    settings.GOOGLE = google.reached()


@pytest.fixture
def sheet(make_list: Any) -> str:
    """The address of the sheet of prospect-salons in the API."""
    return f"/lists/{make_list('prospect', 'salons').pk}/sheet"


def test_a_sheet_is_tried_followed_read_paused_and_left(editor: Any, sheet: str, google: Any) -> None:
    address = google.holds("Acme,732829320,,", "Sans clé,,,")
    tried = editor.post(f"{sheet}/try", {"address": address}).json()
    assert (tried["hold"], tried["report"]["accepted"], tried["report"]["refused"]) == (None, 1, 1)
    assert [line["name"] for line in tried["refused_lines"]] == ["Sans clé"]
    assert not FollowedSheet.objects.exists()

    body = {"address": address, "every": 15, "fingerprint": tried["fingerprint"]}
    read = editor("PUT", sheet, body).json()
    assert (read["list"], read["outcome"], read["report"]["accepted"]) == ("prospect-salons", "applied", 1)
    assert editor.post(f"{sheet}/fetch").json()["outcome"] == "unchanged"

    shown = editor.get(sheet)
    assert (shown["state"], shown["every"], shown["paused"], shown["message"]) == (
        "fresh", 15, False, "La feuille n'a pas changé.",
    )  # fmt: skip
    assert editor("PATCH", sheet, {"paused": True}).json()["paused"] is True
    assert editor("PATCH", sheet, {"every": 60}).json()["every"] == 60
    assert [each["list"] for each in editor.get("/sheets")["items"]] == ["prospect-salons"]
    assert editor("DELETE", sheet).json() == {"list": "prospect-salons", "following": False}
    assert editor("GET", sheet).json()["error"]["code"] == "sheet.none"


def test_what_is_held_back_is_taken_by_its_fingerprint(editor: Any, sheet: str, google: Any) -> None:
    many = [f"Société {n},,societe-{n}.fr," for n in range(20)]
    editor("PUT", sheet, {"address": google.holds(*many)})
    google.holds("Acme,732829320,,")
    assert editor.post(f"{sheet}/fetch").json()["outcome"] == "held"
    held = editor.get(sheet)["held"]
    assert editor.post(f"{sheet}/fetch", {"fingerprint": held}).json()["outcome"] == "applied"


def test_a_sheet_that_breaks_is_followed_all_the_same(editor: Any, sheet: str, google: Any) -> None:
    address = google.holds("Acme,732829320,,")
    google.documents.clear()
    read = editor("PUT", sheet, {"address": address}).json()
    assert read["outcome"] == "failed"
    assert editor.get(sheet)["state"] == "failed"


def test_an_address_that_is_no_sheet(editor: Any, sheet: str) -> None:
    refused = editor("PUT", sheet, {"address": "https://exemple.fr/feuille"})
    assert refused.status_code in (409, 422)
    assert refused.json()["error"]["code"].startswith("sheet.")
    assert editor("PATCH", sheet, {}).status_code in (404, 409)
