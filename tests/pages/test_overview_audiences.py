"""The first page tells of audiences: which moved lately, and which want a person."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

LYON = 'contacts where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture
def lea(transactional_db: None, alice: Any) -> Any:
    from tamis.app.services import contacts

    return contacts.add(alice, {"email": "lea@a.fr", "city": "Lyon"})


@pytest.fixture
def define(alice: Any) -> Any:
    """Defines an audience of contacts and fills it."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing

    def defined(name: str, rule: str, **how: Any) -> Any:
        made = audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC), **how)
        assert refreshing.refresh(alice, [made])[0].ok
        return made

    return defined


def moves(alice: Any, contact: Any, city: str) -> None:
    from tamis.app.services import contacts, refreshing

    contacts.edit(alice, contact, {"city": city})
    refreshing.refresh_all(alice)


def attention(client: Client) -> list[tuple[str, str, str, str]]:
    """What wants attention: concern, sentence, name, address."""
    found = client.get("/").context["attention"]
    return [(item.concern.value, str(item.sentence), item.audience.name, address) for item, _icon, address in found]


def test_no_audience_yet(edith: Client, victor: Client, workspace: Any) -> None:
    assert "Définir la première" in edith.get("/").content.decode()
    page = victor.get("/").content.decode()
    assert "Aucune audience pour l'instant" in page
    assert "Définir la première" not in page


def test_those_in_which_most_moved_in_seven_days_come_first(victor: Client, alice: Any, lea: Any, define: Any) -> None:
    from tamis.app.models import AudienceRun
    from tamis.app.services import contacts

    contacts.add(alice, {"email": "zoe@a.fr", "city": "Albi"})
    define("Tous", "contacts where email is known")
    define("Lyonnais", LYON)
    AudienceRun.objects.update(now=timezone.now() - timedelta(days=8))
    moves(alice, lea, "Albi")
    moves(alice, lea, "Lyon")
    answer = victor.get("/")
    found = [(each.fresh.audience.name, each.fresh.size, each.entered, each.left)
             for each, _spark in answer.context["audiences"]]  # fmt: skip
    assert found == [("Lyonnais", 1, 1, 1), ("Tous", 2, 0, 0)]
    page = " ".join(answer.content.decode().split())
    assert '+1<span class="sr"> entrés</span>' in page
    assert '−1<span class="sr"> sortis</span>' in page


def test_a_held_refresh_waits_for_a_person(edith: Client, alice: Any, lea: Any, define: Any) -> None:
    lyon = define("Lyonnais", LYON, most_leaving=20)
    assert attention(edith) == []
    moves(alice, lea, "Albi")
    held = ("held", "1 sortie attend votre confirmation", "Lyonnais", f"/audiences/{lyon.pk}/")
    assert attention(edith) == [held]


def test_a_refresh_that_fails_is_told(edith: Client, alice: Any, lea: Any, define: Any) -> None:
    from tamis.app.services import tags

    vip = tags.add(alice, "Secteur", "Industrie")
    broken = define("Industrie", 'contacts where has tag "Industrie" or city = "Lyon"')
    tags.delete(alice, vip)
    moves(alice, lea, "Albi")
    failed = ("failed", "le rafraîchissement échoue", "Industrie", f"/audiences/{broken.pk}/")
    assert attention(edith) == [failed]


def test_what_was_given_up_is_told_of_its_audience(edith: Client, alice: Any, lea: Any, define: Any) -> None:
    from tamis.app.services import audience_actions, tags
    from tamis.app.services.audience_actions import Edge, Kind, Wanted

    vip = tags.add(alice, "Secteur", "Industrie")
    lyon = define("Lyonnais", LYON)
    audience_actions.add(alice, lyon, Wanted(Kind.TAG, "Industrie", Edge.ENTER))
    tags.delete(alice, vip)
    moves(alice, lea, "Lyon")
    given_up = ("given-up", "1 envoi ou effet abandonné", "Lyonnais", f"/audiences/{lyon.pk}/actions/")
    assert attention(edith) == [given_up]
