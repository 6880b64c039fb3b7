"""The pages of audiences: found, defined after seeing what that would do, refreshed, read, kept by hand, explained."""

import re
from typing import Any

import pytest
from answers import words
from django.test import Client

LYON = 'contacts where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture
def cast(transactional_db: None, alice: Any) -> list[Any]:
    """Léa and somebody whose name is markup live in Lyon, Zoé in Albi."""
    from tamis.app.services import contacts

    who = (("lea", "Léa", "Lyon"), ("b", "<b>Marc</b>", "Lyon"), ("zoe", "Zoé", "Albi"))
    return [contacts.add(alice, {"email": f"{key}@a.fr", "last_name": name, "city": city}) for key, name, city in who]


@pytest.fixture
def lyon(alice: Any, cast: list[Any]) -> Any:
    """An audience of those in Lyon, filled."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences, refreshing

    made = audiences.create(alice, "Les Lyonnais", audiences.Definition(LYON, Mode.DYNAMIC), most_leaving=20)
    assert refreshing.refresh(alice, [made])[0].ok
    return made


def test_without_audiences_the_page_says_what_one_is(edith: Client) -> None:
    page = words(edith.get("/audiences/"))
    assert "Aucune audience pour l'instant" in page
    assert "Définir la première" in page


def test_audiences_are_found_with_their_size_and_freshness(victor: Client, lyon: Any) -> None:
    page = words(victor.get("/audiences/"))
    assert f'href="/audiences/{lyon.pk}/">Les Lyonnais</a>' in page
    assert '>2<span class="sr"> membres</span></a></td>' in page
    assert "à jour" in page
    assert "Nouvelle audience" not in page  # a viewer looks
    assert "Les Lyonnais" in words(victor.get("/audiences/?q=LYONNAIS"))
    assert "Aucune audience ne s'appelle « zz »" in words(victor.get("/audiences/?q=zz"))


def test_what_saving_would_do_is_shown_first(edith: Client, lyon: Any) -> None:
    from tamis.app.models import Audience

    given = {"name": "Albi", "rule": 'contacts where city in ("Albi", "Lyon")', "mode": "dynamic", "do": "preview"}
    page = words(edith.post("/audiences/new/", given))
    assert "<dd>+3</dd>" in page
    assert "&lt;b&gt;Marc&lt;/b&gt;" in page
    assert '<td class="num">2</td><td class="num">1</td><td class="num">0</td>' in page  # with Les Lyonnais
    assert "<dd>+3</dd>" in words(edith.post("/audiences/new/", given | {"name": " "}))  # it is named at the end
    part = edith.post("/audiences/new/", given, headers={"HX-Request": "true"})
    assert "<form" not in words(part)
    assert Audience.objects.count() == 1


def test_a_saved_audience_is_filled_in_the_background(edith: Client, work: Any, cast: Any) -> None:
    from tamis.app.models import Audience

    given = {"name": "Albi", "rule": 'contacts where city = "Albi"', "mode": "static", "every": "1d",
             "most_leaving": "20", "do": "save", "refresh": "1"}  # fmt: skip
    answer = edith.post("/audiences/new/", given)
    made = Audience.objects.get()
    assert (made.every, made.most_leaving, made.version.mode) == (1440, 20, "static")
    assert answer["Location"].startswith("/jobs/")
    assert work() == 1
    page = words(edith.get(answer["Location"], follow=True))
    assert "« Albi » : 1 en plus, 0 en moins, 1 en tout." in page
    assert "Zoé" in words(edith.get(f"/audiences/{made.pk}/members/"))


def test_what_is_refused_comes_back_with_all_that_was_typed(edith: Client, lyon: Any) -> None:
    given = {"name": "les lyonnais", "rule": LYON, "mode": "add-only", "do": "save"}
    answer = edith.post("/audiences/new/", given)
    assert answer.status_code == 409
    page = words(answer)
    assert "s&#x27;appelle déjà « Les Lyonnais »" in page
    assert 'value="les lyonnais"' in page
    assert 'value="add-only" checked' in page
    wrong = words(edith.post("/audiences/new/", given | {"rule": "contacts where citi = 1"}))
    assert "Ligne 1, colonne 16" in wrong
    share = edith.post("/audiences/new/", given | {"name": "X", "most_leaving": "beaucoup"})
    assert (share.status_code, "pourcentage" in words(share)) == (409, True)


def test_an_edit_is_a_version_with_its_differences(edith: Client, lyon: Any) -> None:
    given = {"name": "Les Lyonnais", "rule": 'contacts where city = "Albi"', "mode": "dynamic", "do": "save"}
    assert edith.post(f"/audiences/{lyon.pk}/edit/", given)["Location"] == f"/audiences/{lyon.pk}/"
    page = words(edith.get(f"/audiences/{lyon.pk}/history/"))
    assert "<del><code>contacts where city = &quot;Lyon&quot;</code></del>" in page
    assert "<ins><code>contacts where city = &quot;Albi&quot;</code></ins>" in page
    assert "définition changée" in page


def test_who_saves_a_page_opened_before_somebody_elses_change_is_asked_first(
    edith: Client, alice: Any, lyon: Any
) -> None:
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    address = f"/audiences/{lyon.pk}/edit/"

    def seen() -> str:
        return re.search('name="seen" value="([^"]+)"', edith.get(address).content.decode())[1]  # type: ignore[index]

    nice = {"name": "Les Lyonnais", "rule": 'contacts where city = "Nice"', "mode": "dynamic", "do": "save"}
    given = nice | {"seen": seen()}
    audiences.edit(alice, lyon, definition=audiences.Definition('contacts where city = "Albi"', Mode.DYNAMIC))
    refused = edith.post(address, given)
    page = refused.content.decode()
    assert (refused.status_code, "(version 2, par alice)" in page, "Nice" in page) == (409, True, True)
    assert audiences.definition_of(lyon).rule == 'contacts where city = "Albi"'
    assert edith.post(address, given | {"seen": seen()})["Location"] == f"/audiences/{lyon.pk}/"
    assert audiences.definition_of(lyon).rule == 'contacts where city = "Nice"'


def test_what_is_held_is_asked_on_the_page_and_goes_on_when_confirmed(edith: Client, alice: Any, lyon: Any, cast: Any,
                                                                      work: Any) -> None:  # fmt: skip
    from tamis.app.services import contacts, refreshing

    contacts.edit(alice, cast[0], {"city": "Albi"})
    refreshing.refresh(alice, [lyon])
    page = words(edith.get(f"/audiences/{lyon.pk}/"))
    assert "Un rafraîchissement ferait sortir 1 membre : faut-il ?" in page
    assert "Léa" in words(edith.get(f"/audiences/{lyon.pk}/waiting/"))
    answer = edith.post(f"/audiences/{lyon.pk}/refresh/", {"confirm": "1"})
    assert work() == 1
    assert "« Les Lyonnais » : 0 en plus, 1 en moins, 1 en tout." in words(edith.get(answer["Location"], follow=True))
    again = edith.post(f"/audiences/{lyon.pk}/refresh/", {"confirm": "1"})
    assert work() == 1
    assert "n&#x27;attend" in words(edith.get(again["Location"], follow=True))


def test_members_stand_with_when_and_why_and_hands_decide(edith: Client, lyon: Any, cast: Any) -> None:
    address = f"/audiences/{lyon.pk}"
    page = words(edith.get(f"{address}/members/"))
    assert "<strong>2</strong> membres" in page
    assert "la règle, version 1" in page
    assert "&lt;b&gt;Marc&lt;/b&gt;" in page
    assert edith.post(f"{address}/pins/", {"who": "zoe@a.fr", "do": "add"})["Location"] == f"{address}/members/"
    page = words(edith.get(f"{address}/members/"))
    assert "Noté : 1 en plus, 0 en moins." in page
    assert "à la main, par editor" in page
    why = words(edith.get(f"{address}/explain/", {"who": "zoe@a.fr"}))
    assert "Zoé est dans « Les Lyonnais »" in why
    assert "Ajouté à la main par editor le" in why
    assert "<strong>« Albi »</strong>" in why
    assert "Les Lyonnais" in words(edith.get(f"/contacts/{cast[2].pk}/audiences/"))
    edith.post(f"{address}/pins/", {"who": str(cast[2].pk), "do": "release"})
    assert "Dans aucune audience" in words(edith.get(f"/contacts/{cast[2].pk}/audiences/"))
    nobody = edith.post(f"{address}/pins/", {"who": "", "do": "add"})
    assert nobody.status_code == 409


def test_who_was_in_then_and_what_changed_since(edith: Client, alice: Any, lyon: Any, cast: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from tamis.app.services import audiences, contacts, refreshing

    audiences.edit(alice, lyon, most_leaving=None)
    then = timezone.localtime() + timedelta(seconds=1)
    contacts.edit(alice, cast[0], {"city": "Albi"})
    refreshing.refresh(alice, [lyon], then + timedelta(days=2))
    address, moment = f"/audiences/{lyon.pk}", (then + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "Léa" in words(edith.get(f"{address}/members/", {"as_of": moment}))
    assert "Léa" not in words(edith.get(f"{address}/members/"))
    later = (then + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    page = words(edith.get(f"{address}/diff/", {"from": moment, "to": later}))
    assert "−1</a>" in page
    assert "Léa" in page
    assert edith.get(f"{address}/diff/", {"from": later, "to": moment}).status_code == 400
    assert edith.get(f"{address}/members/", {"as_of": "hier"}).status_code == 400
    edith.post(f"{address}/freeze/", {"name": "Copie", "as_of": moment})
    assert "Copie" in words(edith.get("/audiences/"))


def test_members_are_taken_away_as_a_file(victor: Client, lyon: Any) -> None:
    answer = victor.get(f"/audiences/{lyon.pk}/members/export/?format=csv-fr")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "id;name;email;entered"
    assert len(lines) == 3


def test_a_deletion_says_what_goes_and_what_forbids_it(edith: Client, alice: Any, lyon: Any) -> None:
    from tamis.app.models import Audience, Mode
    from tamis.app.services import audiences

    two = audiences.create(
        alice, "Deux", audiences.Definition('contacts where in audience "Les Lyonnais"', Mode.DYNAMIC)
    )
    assert "Ses 2 membres" in words(edith.get(f"/audiences/{lyon.pk}/delete/"))
    refused = edith.post(f"/audiences/{lyon.pk}/delete/")
    assert (refused.status_code, "« Deux »" in words(refused)) == (409, True)
    edith.post(f"/audiences/{two.pk}/delete/")
    edith.post(f"/audiences/{lyon.pk}/delete/")
    assert Audience.objects.count() == 0


def test_exclusions_say_what_each_takes_away(victor: Client, alice: Any, lyon: Any) -> None:
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    every = audiences.Definition("contacts where email is known", Mode.DYNAMIC, [lyon])
    all_but = audiences.create(alice, "Les autres", every)
    assert "retire 2 membres à elle seule" in words(victor.get(f"/audiences/{all_but.pk}/exclusions/"))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([None, None], ""),
        ([0, 2, 1], "0.0,9.0 50.0,1.0 100.0,5.0"),
        ([None, 4], "98.9,1.0 100.0,1.0"),  # a dash
        ([4], "0.0,1.0 1.1,1.0"),
    ],
)
def test_a_line_goes_through_what_is_known(values: list[int | None], line: str) -> None:
    from tamis.app.views.audiences import points

    assert points(values, 100, 10) == line
