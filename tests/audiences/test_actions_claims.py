"""An audience of companies claims a list [A9]: whoever enters is claimed, whoever leaves no more; rules have ranks."""

import pytest
from cast import company, list_of, make_list  # noqa: F401

from tamis.app.models import Act, AudienceAction, AudienceEffect, Claim, Move
from tamis.app.services import audience_actions, audience_effects, audiences, companies, lists, merging
from tamis.app.services.audience_actions import Wanted
from tamis.errors import Refused

Kind, Edge = AudienceAction.Kind, AudienceAction.Edge
LYON = 'companies where city = "Lyon"'


@pytest.fixture
def claims(alice):
    """Lets an audience claim a list."""
    return lambda audience, target: audience_actions.add(alice, audience, Wanted(Kind.LIST, target.name))


@pytest.fixture
def salons(make_list):  # noqa: F811
    return make_list("prospect", "salons")


@pytest.fixture
def clients(make_list):  # noqa: F811
    return make_list("client", "or")


def reasons(company):  # noqa: F811
    return [(claim.list.name, str(companies.reason(claim))) for claim in companies.standing_claims(company)]


def test_who_enters_is_claimed_and_who_leaves_no_more(alice, company, audience, refresh, claims, salons):  # noqa: F811
    acme, bolt = company("Acme", city="Lyon"), company("Bolt", city="Albi")
    one = audience("Lyonnaises", LYON)
    claims(one, salons)
    run = refresh(one)
    assert (list_of(acme), list_of(bolt)) == ("prospect-salons", "prospect-default")
    assert reasons(acme) == [("prospect-salons", "règle de l'audience « Lyonnaises »")]
    companies.edit(alice, acme, {"city": "Albi"})
    companies.edit(alice, bolt, {"city": "Lyon"})
    refresh(one)
    assert (list_of(acme), list_of(bolt)) == ("prospect-default", "prospect-salons")
    assert reasons(acme) == []
    moves = Move.objects.filter(company=acme).order_by("pk")
    assert [(each.to_list.name, each.act.kind) for each in moves] == [
        ("prospect-salons", "audience.acted"), ("prospect-default", "audience.acted"),
    ]  # fmt: skip
    assert Act.objects.filter(kind="audience.acted").count() == 2  # one for each run and action
    assert moves[0].act.by == run.by == "alice"


def test_those_who_are_in_already_are_claimed_and_let_go_with_the_action(
    alice, company, audience, refresh, claims, salons,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", city="Lyon")
    one = audience("Lyonnaises", LYON)
    run = refresh(one)
    action = claims(one, salons)
    assert list_of(acme) == "prospect-default"  # it waits
    assert audience_effects.perform(run) is True
    assert list_of(acme) == "prospect-salons"
    assert audience_effects.perform(run) is False
    audience_actions.delete(alice, action)
    assert list_of(acme) == "prospect-default"
    assert Claim.objects.get(company=acme).withdrawn_by is not None


def test_an_audience_that_is_deleted_lets_go_and_history_keeps_why(
    alice, company, audience, refresh, claims, salons,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", city="Lyon")
    one = audience("Lyonnaises", LYON)
    claims(one, salons)
    refresh(one)
    audiences.delete(alice, one)
    assert list_of(acme) == "prospect-default"
    [past] = companies.past_claims(acme)
    assert "supprimée : « Lyonnaises » : tant qu'on est membre, « prospect-salons »" in str(companies.reason(past))
    assert past.withdrawn_by.kind == "audience.deleted"


def test_two_audiences_claim_one_list_and_the_company_stays_while_either_does(
    alice, company, audience, refresh, claims, salons,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", city="Lyon", country="FR")
    one, two = audience("Lyonnaises", LYON), audience("Françaises", 'companies where country = "FR"')
    claims(one, salons)
    claims(two, salons)
    refresh(one)
    refresh(two)
    assert len(reasons(acme)) == 2
    companies.edit(alice, acme, {"city": "Albi"})
    refresh(one)
    assert reasons(acme) == [("prospect-salons", "règle de l'audience « Françaises »")]
    assert list_of(acme) == "prospect-salons"


def test_rules_rank_in_the_order_that_the_user_set(
    alice, company, audience, refresh, claims, salons, clients,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", city="Lyon")
    one, two = audience("Un", LYON), audience("Deux", LYON)
    claims(one, salons)
    claims(two, clients)
    refresh(two)
    refresh(one)  # later, and ranked first: of rules the rank counts, not the date
    assert list_of(acme) == "prospect-salons"
    refresh(two)
    assert list_of(acme) == "prospect-salons"
    audiences.put_in_order(alice, [two])
    assert list_of(acme) == "client-or"  # at once
    assert [name for name, _why in reasons(acme)] == ["client-or", "prospect-salons"]


def test_a_rule_is_weaker_than_an_import_and_a_hand(
    alice, company, audience, refresh, claims, salons, clients, import_lines, make_list,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", siren="732829320", city="Lyon")
    one = audience("Lyonnaises", LYON)
    claims(one, salons)
    refresh(one)
    import_lines(clients, "Acme;732829320;;")
    assert list_of(acme) == "client-or"
    refresh(one)
    assert list_of(acme) == "client-or"
    companies.move(alice, make_list("prospect", "main"), [acme.pk])
    assert list_of(acme) == "prospect-main"
    companies.release(alice, [acme.pk])
    import_lines(clients, "Autre;552100554;;")
    assert list_of(acme) == "prospect-salons"


def test_a_locked_list_keeps_whom_a_rule_claims_no_more(
    alice, company, audience, refresh, claims, salons,  # noqa: F811
):  # fmt: skip
    acme = company("Acme", city="Lyon")
    one = audience("Lyonnaises", LYON)
    claims(one, salons)
    refresh(one)
    lists.lock(alice, [salons])
    companies.edit(alice, acme, {"city": "Albi"})
    refresh(one)
    assert reasons(acme) == []
    assert list_of(acme) == "prospect-salons"
    lists.unlock(alice, [salons])
    assert list_of(acme) == "prospect-default"


def test_what_cannot_be_done_is_dead_with_its_reason_and_holds_up_nothing_else(
    alice, company, audience, refresh, claims, salons, clients,  # noqa: F811
):  # fmt: skip
    one, two = audience("Un", LYON), audience("Deux", LYON)
    claims(one, salons)
    claims(two, clients)
    lists.delete(alice, salons)
    acme = company("Acme", city="Lyon")
    refresh(one)
    refresh(two)
    assert list_of(acme) == "client-or"
    [dead] = AudienceEffect.objects.filter(state="dead")
    assert "a été supprimée" in str(dead.why)
    [told] = [audience_actions.as_json(each) for each in audience_actions.of(one)]
    assert (told["target"], told["dead"]) == (None, 1)


def test_a_merged_company_keeps_its_own_rules(alice, company, audience, refresh, claims, salons):  # noqa: F811
    acme, bolt = company("Acme", city="Lyon"), company("Bolt", city="Albi")
    one = audience("Lyonnaises", LYON)
    claims(one, salons)
    refresh(one)
    merged = merging.merge(alice, bolt, acme)
    assert list_of(bolt) == "prospect-default"  # a member claims for itself
    refresh(one)  # Acme is no more
    merging.split(alice, merged)
    refresh(one)
    assert (list_of(acme), list_of(bolt)) == ("prospect-salons", "prospect-default")


def test_what_makes_no_sense_is_refused(alice, company, audience, claims, salons, clients):  # noqa: F811
    one = audience("Lyonnaises", LYON)
    people = audience("Gens", 'contacts where city = "Lyon"')
    claims(one, salons)
    for named, wanted, code in (
        (one, Wanted(Kind.LIST, "prospect-salons"), "action.taken"),
        (one, Wanted(Kind.LIST, "client-or"), "action.list"),
        (one, Wanted(Kind.LIST, "client-or", Edge.LEAVE), "action.edge"),
        (people, Wanted(Kind.LIST, "client-or"), "action.subject"),
        (one, Wanted(Kind.ADD, "Gens"), "action.subject"),
        (one, Wanted(Kind.WEBHOOK, "http://exemple.fr/"), "webhook.scheme"),
        (one, Wanted(Kind.WEBHOOK, "https://10.0.0.7/"), "webhook.private"),
        (one, Wanted(Kind.MAIL, "personne"), "action.mail"),
    ):
        with pytest.raises(Refused) as refused:
            audience_actions.add(alice, named, wanted)
        assert refused.value.code == code
    assert len(audience_actions.of(one)) == 1


def test_what_reads_lists_may_claim_none(alice, company, audience, claims, salons):  # noqa: F811
    one = audience("Salons", 'companies where in list "prospect-salons"')
    with pytest.raises(Refused) as refused:
        claims(one, salons)
    assert refused.value.code == "audience.cycle"
    assert audience_actions.of(one) == []
    two = audience("Lyonnaises", LYON)
    claims(two, salons)
    with pytest.raises(Refused) as refused:
        audiences.edit(alice, two, definition=audiences.Definition("companies where in segment client", "dynamic"))
    assert refused.value.code == "audience.cycle"
