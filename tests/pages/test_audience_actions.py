"""The page of what entering and leaving an audience sets off: added, refused in place, deleted, sent, tried anew."""

import uuid
from typing import Any

import pytest
from answers import words
from django.test import Client
from receiver import Receiver, status

from tamis.app.models import AudienceAction, AudienceDelivery, CompanyTag
from tamis.app.services.audience_actions import Wanted

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
LYON = 'companies where city = "Lyon"'

pytestmark = pytest.mark.usefixtures("transactional_db", "own_inbox")


@pytest.fixture
def define(transactional_db: None, alice: Any) -> Any:
    """Defines an audience: ``define("Lyonnaises", 'companies where city = "Lyon"')``."""
    from tamis.app.models import Mode
    from tamis.app.services import audiences

    return lambda name, rule=LYON: audiences.create(alice, name, audiences.Definition(rule, Mode.DYNAMIC))


@pytest.fixture
def refresh(alice: Any) -> Any:
    """Refreshes an audience."""
    from tamis.app.services import refreshing

    def refreshed(audience: Any) -> None:
        assert refreshing.refresh(alice, [audience])[-1].ok

    return refreshed


@pytest.fixture
def lyon(alice: Any, define: Any, refresh: Any) -> Any:
    """Acme is in Lyon: the one member."""
    from tamis.app.services import companies

    companies.add(alice, {"name": "Acme", "siren": "732829320", "city": "Lyon"})
    made = define("Lyonnaises")
    refresh(made)
    return made


@pytest.fixture
def labels(alice: Any) -> None:
    """A tag, and two statuses of which only one is for companies."""
    from tamis.app.services import statuses, tags

    tags.add(alice, "Ville", "Lyonnaise")
    statuses.add(alice, "Chaud")
    statuses.add(alice, "Abonné", companies=False)


@pytest.fixture
def act(alice: Any) -> Any:
    """Adds an action as the service does."""
    from tamis.app.services import audience_actions

    return lambda audience, kind, target, edge=Edge.ENTER: audience_actions.add(
        alice, audience, Wanted(kind, target, edge)
    )


@pytest.fixture
def dead(alice: Any, lyon: Any, act: Any, refresh: Any, settings: Any) -> Any:
    """A webhook whose machine says that it is gone for good: the delivery that was given up."""
    from tamis.app.services import audience_effects, companies

    receiver = Receiver(answers=[status(410)])
    settings.WEBHOOK_HOSTS = frozenset([receiver.host])
    act(lyon, Kind.WEBHOOK, receiver.url)
    companies.add(alice, {"name": "Bolt", "siren": "552100554", "city": "Lyon"})
    refresh(lyon)
    assert audience_effects.deliver(60).ended == 1
    yield AudienceDelivery.objects.get()
    receiver.close()


def at(audience: Any, rest: str = "") -> str:
    return f"/audiences/{audience.pk}/actions/{rest}"


def add(browser: Client, audience: Any, kind: str, target: str, **more: str) -> Any:
    return browser.post(at(audience, "add/"), {"kind": kind, "target": target, **more})


def test_without_actions_the_page_says_so(edith: Client, lyon: Any) -> None:
    page = words(edith.get(at(lyon)))
    assert "Entrer ou sortir ne déclenche rien." in page
    assert "Rien n'est parti d'ici" in page
    assert f'href="{at(lyon)}" aria-current="page"' in page
    assert "Aucun tag pour l&#x27;instant" in page
    assert "Aucune autre audience n&#x27;est faite des mêmes." in page


def test_what_may_be_chosen_suits_the_subject(edith: Client, lyon: Any, labels: None, define: Any) -> None:
    define("Parisiennes", 'companies where city = "Paris"')
    people = define("Gens", 'contacts where city = "Lyon"')
    page = words(edith.get(at(lyon)))
    assert '<optgroup label="Ville"><option value="Ville: Lyonnaise">Lyonnaise</option></optgroup>' in page
    assert '<option value="prospect-default">' in page
    assert '<option value="Chaud">' in page
    assert '<option value="Parisiennes">' in page
    for absent in ("Abonné", "Gens", "Lyonnaises"):
        assert f'<option value="{absent}">' not in page
    of_people = words(edith.get(at(people)))
    assert '<option value="Abonné">' in of_people
    assert 'id="target-list"' not in of_people
    assert '<option value="Parisiennes">' not in of_people


def test_a_list_and_a_tag_have_no_edge_to_choose(edith: Client, lyon: Any, labels: None) -> None:
    page = words(edith.get(at(lyon)))
    assert [kind for kind in Kind.values if f'id="edge-{kind}"' in page] == ["untag", "status", "webhook", "mail"]


def test_a_tag_that_is_added_is_on_the_members_at_once_and_goes_with_the_action(
    edith: Client, lyon: Any, labels: None
) -> None:
    answer = add(edith, lyon, "tag", "Ville: Lyonnaise")
    assert answer.url == at(lyon)
    page = words(edith.get(answer.url))
    assert "Action ajoutée : tant qu&#x27;on est membre, tag « Ville: Lyonnaise »." in page
    assert '<span class="tag">tant qu&#x27;on est membre</span>' in page
    assert CompanyTag.objects.count() == 1
    [action] = lyon.actions.all()
    assert "Le tag est retiré, sauf à qui une personne, un import ou une autre audience l&#x27;a donné." in page
    gone = edith.post(at(lyon, f"{action.pk}/delete/"), follow=True)
    assert "Action supprimée : tant qu&#x27;on est membre, tag « Ville: Lyonnaise »." in words(gone)
    assert (lyon.actions.count(), CompanyTag.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("list", "prospect-default", "« prospect-default » réclame l&#x27;entreprise"),
        ("untag", "Ville: Lyonnaise", "le tag « Ville: Lyonnaise » est retiré"),
        ("status", "Chaud", "le statut devient « Chaud »"),
        ("add", "Parisiennes", "on est ajouté à « Parisiennes »"),
        ("remove", "Parisiennes", "on est retiré de « Parisiennes »"),
        ("webhook", "https://exemple.fr/tamis", "webhook vers https://exemple.fr/tamis"),
        ("mail", "lea@exemple.fr", "e-mail à lea@exemple.fr"),
    ],
)
def test_each_kind_is_added_from_its_own_form(
    edith: Client, lyon: Any, labels: None, define: Any, kind: str, target: str, said: str
) -> None:
    define("Parisiennes", 'companies where city = "Paris"')
    edge = {} if kind == "list" else {"edge": "leave"}
    page = words(edith.get(add(edith, lyon, kind, target, **edge).url))
    when = "tant qu&#x27;on est membre" if kind == "list" else "en sortant"
    assert f'<span class="tag">{when}</span>' in page
    assert f'<span class="name">{said}</span>' in page
    assert lyon.actions.get().kind == kind


def test_what_is_refused_comes_back_in_its_form_with_what_was_typed(edith: Client, lyon: Any) -> None:
    answer = add(edith, lyon, "webhook", "http://10.0.0.1/<b>", edge="leave")
    assert answer.status_code == 409
    form = words(answer).partition("<details open>")[2].partition("</details>")[0]
    assert "Un webhook va vers une adresse https://" in form
    assert 'value="http://10.0.0.1/&lt;b&gt;"' in form
    assert '<option value="leave" selected>' in form
    assert lyon.actions.count() == 0
    mail = add(edith, lyon, "mail", "personne")
    assert "« personne » n&#x27;est ni un compte ni une adresse de courriel." in words(mail)
    assert 'value="personne"' in words(mail)


def test_a_kind_or_a_target_that_is_not_is_refused(edith: Client, lyon: Any) -> None:
    unknown = add(edith, lyon, "dance", "tango")
    assert (unknown.status_code, "« dance » n&#x27;est pas une action" in words(unknown)) == (409, True)
    gone = add(edith, lyon, "status", "Parti")
    assert (gone.status_code, "Aucun statut ne s&#x27;appelle « Parti »" in words(gone)) == (409, True)
    assert lyon.actions.count() == 0


def test_a_cycle_is_refused_in_place_and_named(edith: Client, lyon: Any, define: Any, act: Any) -> None:
    other = define("Parisiennes", 'companies where city = "Paris"')
    act(other, Kind.ADD, "Lyonnaises")
    answer = add(edith, lyon, "remove", "Parisiennes")
    assert answer.status_code == 409
    form = words(answer).partition("<details open>")[2].partition("</details>")[0]
    assert "« Lyonnaises » dépendrait d&#x27;elle-même" in form
    assert '<option value="Parisiennes" selected>' in form
    assert lyon.actions.count() == 0


def test_the_secret_is_for_those_who_sort(edith: Client, victor: Client, lyon: Any, act: Any) -> None:
    from tamis.app.services import audience_webhooks

    secret = audience_webhooks.secret(act(lyon, Kind.WEBHOOK, "https://exemple.fr/tamis"))
    assert f"<code>{secret}</code>" in words(edith.get(at(lyon))).replace(' class="name"', "")
    page = words(victor.get(at(lyon)))
    assert "webhook vers https://exemple.fr/tamis" in page
    assert "whsec_" not in page


def test_a_viewer_sees_and_changes_nothing(victor: Client, lyon: Any, dead: Any) -> None:
    page = words(victor.get(at(lyon)))
    assert "abandonné" in page
    for offered in ("Ajouter une action", "Supprimer…", "Relancer", "Tout relancer"):
        assert offered not in page
    assert add(victor, lyon, "mail", "lea@exemple.fr").status_code == 403
    assert victor.post(at(lyon, f"{dead.action_id}/delete/")).status_code == 403
    assert victor.post(f"/audiences/{lyon.pk}/deliveries/replay/").status_code == 403
    assert victor.post(f"/audiences/{lyon.pk}/deliveries/{dead.pk}/replay/").status_code == 403


def test_what_was_given_up_says_why_and_is_tried_anew(edith: Client, lyon: Any, dead: Any) -> None:
    page = words(edith.get(at(lyon)))
    assert "1 effet ou envoi a été abandonné" in page
    assert '<span class="tag bad">1 abandonné</span> <span class="name">La machine a répondu 410.</span>' in page
    assert '<td class="why">La machine a répondu 410.</td>' in page
    answer = edith.post(f"/audiences/{lyon.pk}/deliveries/{dead.pk}/replay/", follow=True)
    assert "1 relancé : il repart dans la minute." in words(answer)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("waiting", 0)
    assert '<span class="tag warn">1 en attente</span>' in words(answer)
    again = words(edith.post(f"/audiences/{lyon.pk}/deliveries/{dead.pk}/replay/", follow=True))
    assert "Rien à relancer : aucun envoi abandonné." in again


def test_all_that_was_given_up_is_tried_anew(edith: Client, lyon: Any, dead: Any) -> None:
    answer = edith.post(f"/audiences/{lyon.pk}/deliveries/replay/", follow=True)
    assert "1 relancé : il repart dans la minute." in words(answer)
    dead.refresh_from_db()
    assert dead.state == "waiting"
    assert "Tout relancer" not in words(answer)


def test_an_action_that_somebody_else_deleted_is_told_of(edith: Client, lyon: Any, act: Any) -> None:
    action = act(lyon, Kind.MAIL, "lea@exemple.fr")
    assert edith.post(at(lyon, f"{action.pk}/delete/"))["Location"] == at(lyon)
    page = words(edith.post(at(lyon, f"{action.pk}/delete/"), follow=True))
    assert f"« Lyonnaises » n&#x27;a pas d&#x27;action n° {action.pk}." in page


def test_only_the_latest_deliveries_are_shown(edith: Client, lyon: Any, dead: Any) -> None:
    for _ in range(50):
        dead.pk, dead.key = None, uuid.uuid4()
        dead.save(force_insert=True)
    numbers = [*AudienceDelivery.objects.order_by("-pk").values_list("pk", flat=True)]
    page = words(edith.get(at(lyon)))
    shown = [number for number in numbers if f'<th scope="row" class="num">{number}</th>' in page]
    assert shown == numbers[:50]
    assert "Les 50 derniers." in page


def test_the_page_speaks_english(edith: Client, lyon: Any, act: Any) -> None:
    act(lyon, Kind.MAIL, "lea@exemple.fr", Edge.LEAVE)
    edith.post("/language/", {"language": "en", "next": "/"})
    page = words(edith.get(at(lyon)))
    assert '<span class="tag">on leaving</span>' in page
    assert "What entering and leaving sets off" in page
