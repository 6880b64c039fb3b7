"""Signing in and out, and the language of the pages."""

from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def stranger(workspace: Any) -> Client:
    return Client(HTTP_HOST="localhost")


def test_a_wrong_password_is_said_in_a_sentence(stranger: Client, editor: Any) -> None:
    page = stranger.post("/sign-in/", {"username": "editor", "password": "faux"}).content.decode()
    assert "Ce nom et ce mot de passe ne vont pas ensemble" in page
    assert 'value="editor"' in page


def test_after_signing_in_one_is_where_one_wanted_to_go(stranger: Client, editor: Any) -> None:
    asked = stranger.get("/lists/")
    answer = stranger.post(asked["Location"], {"username": "editor", "password": "un-long-secret", "next": "/lists/"})
    assert answer["Location"] == "/lists/"


def test_nobody_is_sent_to_another_site_after_signing_in(stranger: Client, editor: Any) -> None:
    given = {"username": "editor", "password": "un-long-secret", "next": "https://mechant.example/"}
    assert stranger.post("/sign-in/", given)["Location"] == "/"


def test_signing_out_takes_a_post(edith: Client) -> None:
    assert edith.get("/sign-out/").status_code == 405
    assert edith.post("/sign-out/")["Location"] == "/sign-in/"
    assert edith.get("/").status_code == 302


def test_pages_are_french_unless_somebody_chose(stranger: Client) -> None:
    page = stranger.get("/sign-in/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert '<html lang="fr">' in page
    assert "Se connecter" in page


def test_a_language_chosen_before_signing_in_is_kept_by_the_browser(stranger: Client) -> None:
    stranger.post("/language/", {"language": "en", "next": "/sign-in/"})
    answer = stranger.get("/sign-in/")
    assert '<html lang="en">' in answer.content.decode()
    assert answer["Content-Language"] == "en"


def test_a_language_chosen_while_signed_in_follows_the_user(edith: Client, editor: Any, client_as: Any) -> None:
    edith.post("/language/", {"language": "en", "next": "/lists/"})
    assert '<html lang="en">' in client_as(editor).get("/lists/").content.decode()


def test_a_user_s_language_wins_over_the_cookie(edith: Client, editor: Any) -> None:
    editor.language = "fr"
    editor.save()
    edith.cookies["lang"] = "en"
    assert '<html lang="fr">' in edith.get("/").content.decode()


def test_the_workspace_s_language_is_for_who_chose_none(stranger: Client, workspace: Any) -> None:
    workspace.language = "en"
    workspace.save()
    assert '<html lang="en">' in stranger.get("/sign-in/").content.decode()


def test_choosing_a_language_leads_nowhere_else(stranger: Client) -> None:
    answer = stranger.post("/language/", {"language": "en", "next": "https://mechant.example/"})
    assert answer["Location"] == "/"


def test_an_unknown_language_changes_nothing(stranger: Client) -> None:
    answer = stranger.post("/language/", {"language": "xx", "next": "/sign-in/"})
    assert "lang" not in answer.cookies
