"""The page of tokens: made, shown once, revoked; one's own, everybody's for an admin."""

import re
from typing import Any

from django.test import Client

from tamis.app.models import Token

PAGE = "/settings/tokens/"
NEW = {"name": "export du CRM", "right": "read", "days": "30"}


def _secret(page: str) -> str:
    found = re.search(r'value="(tamis_[\w-]{43})"', page)
    assert found
    return found[1]


def test_a_secret_is_shown_once_and_opens_the_api(edith: Client) -> None:
    answer = edith.post(PAGE, NEW)
    secret = _secret(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert secret not in edith.get(PAGE).content.decode()
    program = Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json()["username"] == "editor"


def test_a_token_is_offered_no_wider_than_the_role(victor: Client) -> None:
    page = victor.get(PAGE).content.decode()
    assert re.findall(r'<option value="(\w+)"', page) == ["read"]
    refused = victor.post(PAGE, NEW | {"right": "sort"})
    assert refused.status_code == 409
    assert "ne permet pas" in refused.content.decode()
    assert not Token.objects.exists()


def test_what_is_refused_comes_back_with_what_was_typed(edith: Client) -> None:
    for wrong in ({"days": "1000"}, {"days": "x"}, {"name": " "}):
        refused = edith.post(PAGE, NEW | wrong)
        assert refused.status_code == 409
        assert 'role="alert"' in refused.content.decode()
    assert "export du CRM" in edith.post(PAGE, NEW | {"days": "0"}).content.decode()


def test_everybody_sees_their_own_and_an_admin_sees_all(edith: Client, admin: Any, client_as: Any, viewer: Any) -> None:
    edith.post(PAGE, NEW)
    client_as(viewer).post(PAGE, NEW | {"name": "tableau de bord"})
    assert "tableau de bord" not in edith.get(PAGE).content.decode()
    page = client_as(admin).get(PAGE).content.decode()
    assert "tableau de bord" in page
    assert "export du CRM" in page


def test_revoking_ones_own_token_and_nobody_elses(edith: Client, victor: Client, admin: Any, client_as: Any) -> None:
    edith.post(PAGE, NEW)
    token = Token.objects.get()
    assert victor.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert "révoqué" in edith.post(f"{PAGE}{token.pk}/revoke/", follow=True).content.decode()
    token.refresh_from_db()
    assert token.state == "revoked"


def test_an_admin_revokes_anybodys(edith: Client, admin: Any, client_as: Any) -> None:
    edith.post(PAGE, NEW)
    client_as(admin).post(f"{PAGE}{Token.objects.get().pk}/revoke/")
    assert Token.objects.get().state == "revoked"


def test_the_documentation_names_every_operation(edith: Client) -> None:
    from tamis.app.api import v1

    page = edith.get("/api/docs").content.decode()
    for path, methods in v1.description()["paths"].items():
        assert f"<code>{path}</code>" in page
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
            assert operation["summary"]
    for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503):
        assert f'id="error-{status}"' in page
