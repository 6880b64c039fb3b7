"""The audit trail: what it says, to whom, filtered and paged; and as a file."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Act
from tamis.app.services import audit, companies
from tamis.app.services.audit import Filters

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def acts(workspace: Any) -> list[Act]:
    """A hundred and twenty acts, one an hour; of each three at the same instant."""
    from tamis.messages import say

    return Act.objects.bulk_create(
        Act(
            kind="user.signed-in" if n % 10 == 0 else "list.created", at=START + timedelta(hours=n // 3), via="page",
            by="alice" if n % 2 else "bob", note_stored=say("Acte {id}", id=n).stored(),
        )
        for n in range(120)
    )  # fmt: skip


def shown(client: Client, address: str = "/audit/") -> list[int]:
    return [int(n) for n in re.findall(r'<th scope="row">Acte (\d+)', client.get(address).content.decode())]


@pytest.fixture
def ada(admin: Any, client_as: Any) -> Client:
    """The admin's browser."""
    return client_as(admin)


def test_pages_follow_each_other_without_gap_or_double(acts: list[Act], ada: Client) -> None:
    seen, address = [], "/audit/"
    while address:
        page = ada.get(address).content.decode()
        seen += [int(n) for n in re.findall(r'<th scope="row">Acte (\d+)', page)]
        after = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"/audit/{after[1]}".replace("&amp;", "&") if after else ""
    assert seen == [*range(119, -1, -1)]


def test_a_page_stays_the_same_while_others_act(acts: list[Act], ada: Client, make_list: Any) -> None:
    address = re.search(r'rel="next" href="([^"]+)"', ada.get("/audit/").content.decode())[1]
    before = shown(ada, f"/audit/{address}")
    make_list("prospect", "salons")
    assert shown(ada, f"/audit/{address}") == before


def test_filters_narrow_together(acts: list[Act], ada: Client) -> None:
    assert shown(ada, "/audit/?kind=user.signed-in") == [110, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0]
    assert shown(ada, "/audit/?by=alice&since=2026-03-02&until=2026-03-02")[-1] == 33  # 0:00 in Paris is 23:00 UTC
    assert shown(ada, "/audit/?until=2026-03-01") == [*range(32, -1, -1)]
    assert shown(ada, "/audit/?list=999999") == []


def test_a_day_that_cannot_be_read_is_said(acts: list[Act], ada: Client) -> None:
    assert "n'est pas une date" in ada.get("/audit/?since=hier").content.decode().replace("&#x27;", "'")


def test_others_than_admins_do_not_see_accounts_and_sign_ins(
    acts: list[Act], edith: Client, victor: Client, ada: Client
) -> None:
    hidden = Act.objects.get(note_stored__values__id=110)
    for client in (edith, victor):
        assert shown(client, "/audit/?kind=user.signed-in") == []
        assert 110 not in shown(client)
        assert client.get(f"/audit/{hidden.pk}/").status_code == 404
        assert "connexion" not in client.get("/audit/export/").getvalue().decode()
    assert ada.get(f"/audit/{hidden.pk}/").status_code == 200


def test_an_act_shows_its_moves_and_a_viewer_no_button(
    alice: Any, company: Any, make_list: Any, edith: Client, victor: Client
) -> None:
    acme, vip = company("Acme"), make_list("client", "vip")
    act = companies.move(alice, vip, [acme.pk]).act
    for client, offered in ((edith, True), (victor, False)):
        for address in (f"/audit/{act.pk}/", "/audit/"):
            page = client.get(address).content.decode()
            assert (f'action="/audit/{act.pk}/undo/"' in page) is offered
        assert "Acme" in client.get(f"/audit/{act.pk}/").content.decode()
    edith.post(f"/audit/{act.pk}/undo/")
    page = victor.get(f"/audit/{act.pk}/").content.decode()
    assert "Annulé par editor" in page
    assert "annulé</span>" in victor.get("/audit/").content.decode()


def test_an_exported_trail_carries_no_formula(alice: Any, company: Any, ada: Client) -> None:
    company("Acme")
    act = Act.objects.get(kind="company.added")
    act.by, act.note_stored = "=cmd()", {"text": "+1+1"}
    act.save()
    text = ada.get("/audit/export/?kind=company.added").getvalue().decode("utf-8-sig")
    [headings, row] = csv.reader(io.StringIO(text))
    assert headings == ["Numéro", "Quand", "Qui", "Comment", "Acte", "Quoi", "Liste"]
    assert (row[2], row[5]) == ("'=cmd()", "'+1+1")


def test_every_question_has_an_index(acts: list[Act]) -> None:
    """A page of the trail reads its own rows, not a sorted copy of all of them."""
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's plan; PostgreSQL chooses by statistics that a small table has not")
    for asked in ({}, {"kind": "list.created"}, {"by": "alice"}, {"list": "1"}, {"since": "2026-03-01"}):
        plan = audit.acts(Filters(**asked), everything=True)[:51].explain()
        assert "TEMP B-TREE" not in plan, (asked, plan)
        assert "SCAN tamis_act\n" not in plan + "\n", (asked, plan)


def test_the_command_line_reads_and_undoes(shell: Any) -> None:
    shell("companies", "add", "name=Acme")
    shell("companies", "move", "client-default", "1")
    [moved] = shell.json("audit", "ls", "--kind", "companies.moved")
    assert moved["what"] == "1 entreprise vers « client-default »"
    assert shell.json("audit", "undo", moved["id"]) == {"undone": moved["id"], "back": 1, "left": 0}
    assert "déjà annulé" in shell("audit", "undo", moved["id"], ok=False).err
    file = shell.home.parent / "journal.csv"
    assert shell.json("audit", "export", file)["acts"] == len(shell.json("audit", "ls"))
