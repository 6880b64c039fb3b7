"""A first visit: the lists worth filling, the locks worth setting, each step gone once it is done."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tamis.app.services import lists

ACME, BOLT = "732829320", "552100554"


def _proposed(client: Client) -> list[str]:
    steps = client.get("/").context["steps"]
    return [each.name for each, _why in steps.lists]


def test_a_first_visit_proposes_four_lists_with_their_template(edith: Client) -> None:
    assert _proposed(edith) == ["client-default", "concurrent-default", "prospect-in pipe", "interne-default"]
    page = edith.get("/").content.decode()
    assert 'href="/lists/template.csv"' in page
    for name in _proposed(edith):
        assert f'href="/lists/{lists.find(name).pk}/import/"' in page


def test_a_list_that_holds_lines_is_not_proposed_any_more(edith: Client, import_lines: Any) -> None:
    import_lines(lists.find("client-default"), f"Acme;{ACME};;")
    assert "client-default" not in _proposed(edith)
    assert edith.get("/").context["steps"].done == 1


def test_the_card_is_gone_when_every_step_is_done(edith: Client, import_lines: Any, company: Any) -> None:
    company("Acme", siren=ACME)
    for name in _proposed(edith):
        import_lines(lists.find(name), f"Acme;{ACME};;")
    assert "Pour commencer" in edith.get("/").content.decode()
    edith.post("/lists/lock/", {"proposed": "1"})
    assert "Pour commencer" not in edith.get("/").content.decode()


def test_the_card_can_be_closed_and_shown_again(edith: Client, admin: Any, client_as: Any) -> None:
    edith.post("/first-steps/")
    assert "Pour commencer" not in edith.get("/").content.decode()
    assert "Pour commencer" in client_as(admin).get("/").content.decode()
    edith.post("/first-steps/", {"shown": "1"})
    assert "Pour commencer" in edith.get("/").content.decode()


def test_a_viewer_is_not_asked_to_do_anything(victor: Client) -> None:
    assert "Pour commencer" not in victor.get("/").content.decode()


@pytest.fixture
def salons(make_list: Any) -> Any:
    return make_list("prospect", "salons")


def _attention(client: Client) -> dict[str, str]:
    return {item.concern.value: str(item.sentence) for item, _icon, _address in client.get("/").context["attention"]}


def test_nothing_wants_attention_in_a_new_base(edith: Client) -> None:
    assert _attention(edith) == {}
    assert "Rien n'attend une personne." in edith.get("/").content.decode()


def test_refused_lines_want_attention_until_they_are_mended(edith: Client, salons: Any, import_lines: Any) -> None:
    import_lines(salons, f"Acme;{ACME};;", "Bolt;12;;")
    assert _attention(edith) == {"refused": "1 ligne refusée à corriger"}
    assert edith.get(f"/lists/{salons.pk}/refused/")["Location"] == f"/lists/{salons.pk}/versions/1/#refused"
    edith.post(f"/lists/{salons.pk}/versions/1/set-aside/")
    assert _attention(edith) == {}
    assert edith.get(f"/lists/{salons.pk}/refused/")["Location"] == f"/lists/{salons.pk}/"


def test_refused_lines_of_a_replaced_import_are_past(edith: Client, salons: Any, import_lines: Any) -> None:
    import_lines(salons, f"Acme;{ACME};;", "Bolt;12;;")
    import_lines(salons, f"Bolt;{BOLT};;", append=True)
    assert "refused" in _attention(edith)
    import_lines(salons, f"Bolt;{BOLT};;")
    assert "refused" not in _attention(edith)


def test_more_lines_waiting_than_at_the_import_before(edith: Client, salons: Any, import_lines: Any) -> None:
    import_lines(salons, "Acme;;acme.fr;")
    assert "waiting" not in _attention(edith)
    import_lines(salons, "Acme;;acme.fr;", "Bolt;;bolt.fr;", "Casa;;casa.fr;")
    assert _attention(edith)["waiting"] == "3 lignes attendent leur entreprise, 2 de plus qu'à l'import précédent"


def test_a_list_left_for_half_a_year_is_stale(edith: Client, salons: Any, import_lines: Any) -> None:
    from tamis.app.models import Act

    import_lines(salons, f"Acme;{ACME};;")
    Act.objects.filter(kind="list.imported").update(at=timezone.now() - timedelta(days=215))
    assert _attention(edith) == {"stale": "pas d'import depuis 7 mois"}


def test_a_plan_that_is_nearly_full(edith: Client, salons: Any, import_lines: Any, workspace: Any) -> None:
    workspace.plan = "starter"
    workspace.save()
    import_lines(salons, *(f"Société {n};;societe-{n}.fr;" for n in range(900)))
    assert _attention(edith)["quota"] == "l'abonnement permet 1\u202f000 lignes, 900 sont prises"


def test_the_latest_imports_stand_with_their_shares(edith: Client, salons: Any, import_lines: Any) -> None:
    import_lines(salons, f"Acme;{ACME};;", "Bolt;12;;", file_name="salon.csv")
    page = edith.get("/").content.decode()
    assert 'aria-label="1 en attente, 1 refusées"' in page
    assert '<rect class="refused" x="50.00" width="50.00"' in page
