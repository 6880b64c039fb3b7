"""Undoing a move by hand, and a merge: what comes back, what is left alone, and what the trail says of it."""

import pytest
from cast import list_of
from django.test import Client

from tamis.app.models import Act, Claim, Company, List
from tamis.app.services import companies, lists, merging, undoing
from tamis.errors import Refused

ACME, BOLT, CLOU = "732829320", "552100554", "440546018"


@pytest.fixture
def three(company):
    return [company("Acme", siren=ACME), company("Bolt", siren=BOLT), company("Clou", siren=CLOU)]


@pytest.fixture
def move(alice):
    def moved(target, *who):
        return companies.move(alice, target, [each.pk for each in who]).act

    return moved


def places(*who):
    return [list_of(each) for each in who]


def test_companies_go_back_where_they_were(alice, three, make_list, import_lines, move):
    fair, vip = make_list("prospect", "salons"), make_list("client", "vip")
    import_lines(fair, f"Acme;{ACME};;")
    act = move(vip, *three)
    done = undoing.undo(alice, act)
    assert places(*three) == ["prospect-salons", "prospect-default", "prospect-default"]
    assert (done.back, done.left) == (3, 0)
    assert not Claim.objects.filter(kind=1, withdrawn_by=None).exists()


def test_a_pin_that_the_move_took_off_is_back_with_its_author_and_date(alice, three, make_list, move):
    acme, first, second = three[0], make_list("client", "vip"), make_list("prospect", "salons")
    before = move(first, acme)
    undoing.undo(alice, move(second, acme))
    pin = Claim.objects.get(company=acme, withdrawn_by=None)
    assert (pin.list, pin.made_by, pin.at) == (first, before, before.at)
    assert list_of(acme) == "client-vip"


def test_one_can_go_back_step_by_step(alice, three, make_list, move):
    acme = three[0]
    acts = [move(make_list("client", name), acme) for name in ("a", "b", "c")]
    seen = []
    for act in reversed(acts):
        undoing.undo(alice, act)
        seen.append(list_of(acme))
    assert seen == ["client-b", "client-a", "prospect-default"]


def test_those_moved_or_released_since_are_left_alone_and_counted(alice, three, make_list, move):
    acme, bolt, _clou = three
    first, second = make_list("client", "vip"), make_list("prospect", "salons")
    act = move(first, *three)
    move(second, acme)
    companies.release(alice, [bolt.pk])
    done = undoing.undo(alice, act)
    assert (done.back, done.left) == (1, 2)
    assert places(*three) == ["prospect-salons", "prospect-default", "prospect-default"]
    assert "2 ont été déplacées ou relâchées depuis" in str(done.sentence())


def test_a_move_is_undone_once(alice, three, make_list, move):
    act = move(make_list("client", "vip"), *three)
    undoing.undo(alice, act)
    with pytest.raises(Refused, match="déjà annulé"):
        undoing.undo(alice, act)


def test_when_all_were_moved_since_there_is_nothing_to_undo_and_nothing_is_written(alice, three, make_list, move):
    act = move(make_list("client", "vip"), three[0])
    move(make_list("client", "or"), three[0])
    rows = Act.objects.count()
    with pytest.raises(Refused, match="Plus rien à annuler"):
        undoing.undo(alice, act)
    assert Act.objects.count() == rows


def test_an_undo_takes_companies_out_of_a_locked_list(alice, three, make_list, move):
    vip = make_list("client", "vip")
    lists.lock(alice, [vip])
    undoing.undo(alice, move(vip, *three))
    assert places(*three) == ["prospect-default"] * 3


def test_what_a_lock_held_against_its_claims_is_back_under_the_lock(alice, three, make_list, import_lines, move):
    acme, fair = three[0], make_list("prospect", "salons")
    import_lines(fair, f"Acme;{ACME};;")
    lists.lock(alice, [fair])
    import_lines(fair, f"Bolt;{BOLT};;")  # nothing claims Acme any more: the lock keeps it
    act = move(make_list("client", "vip"), acme)
    undoing.undo(alice, act)
    assert list_of(acme) == "prospect-salons"


def test_what_a_hand_only_pinned_where_a_lock_held_it_stays_there(alice, three, make_list, import_lines, move):
    acme, *_ = three
    fair, vip = make_list("prospect", "salons"), make_list("client", "vip")
    import_lines(fair, f"Acme;{ACME};;")
    lists.lock(alice, [fair])
    import_lines(vip, f"Acme;{ACME};;")
    undoing.undo(alice, move(fair, acme))
    assert places(acme) == ["prospect-salons"]
    lists.unlock(alice, [fair])
    assert places(acme) == ["client-vip"]


def test_a_pin_of_a_list_that_is_gone_stays_off(alice, three, make_list, move):
    gone = make_list("client", "vip")
    move(gone, three[0])
    act = move(make_list("client", "or"), three[0])
    lists.delete(alice, List.objects.get(pk=gone.pk))
    undoing.undo(alice, act)
    assert list_of(three[0]) == "prospect-default"


def test_the_past_says_what_claimed_a_company_then(alice, three, make_list, move):
    acme = three[0]
    move(make_list("client", "a"), acme)
    undoing.undo(alice, move(make_list("client", "b"), acme))
    back, away, first = companies.past_moves(acme)
    then = [[claim.list.name for claim in companies.claims_at(each)] for each in (first, away, back)]
    assert then == [["client-a"], ["client-b"], ["client-a"]]
    assert str(companies.reason_of(back)) == "déplacement annulé, par alice"


def test_a_merge_is_undone_by_its_act(alice, three):
    act = merging.merge(alice, three[0], three[1]).act
    assert undoing.undoable([act]) == {act.pk}
    undoing.undo(alice, act)
    assert Company.objects.get(pk=three[1].pk).merged_into is None
    assert undoing.undoable([act]) == set()
    with pytest.raises(Refused, match="déjà défaite"):
        undoing.undo(alice, act)


def test_nothing_else_can_be_undone(alice, three):
    with pytest.raises(Refused, match="Seuls un déplacement"):
        undoing.undo(alice, Act.objects.filter(kind="company.added").first())


@pytest.fixture
def edith(workspace):
    from tamis.app.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_user("edith", password="un-long-secret", role="editor"))
    return client


def test_the_notice_after_a_move_takes_it_back(edith, three, make_list):
    vip = make_list("client", "vip")
    given = {"company": [each.pk for each in three[:2]], "list": vip.pk, "next": "/companies/?q=o"}
    page = edith.post("/companies/move/", given, follow=True).content.decode()
    act = Act.objects.get(kind="companies.moved")
    assert f'action="/audit/{act.pk}/undo/"' in page
    answer = edith.post(f"/audit/{act.pk}/undo/", {"next": "/companies/?q=o"}, follow=True)
    assert answer.redirect_chain == [("/companies/?q=o", 302)]
    assert "2 entreprises remises où elles étaient." in answer.content.decode()
    assert places(*three) == ["prospect-default"] * 3


def test_the_notice_after_a_merge_takes_it_back(edith, three):
    page = edith.post(f"/companies/{three[0].pk}/merge/", {"with": three[1].pk}, follow=True).content.decode()
    act = Act.objects.get(kind="companies.merged")
    assert f'action="/audit/{act.pk}/undo/"' in page
    edith.post(f"/audit/{act.pk}/undo/")
    assert Company.objects.get(pk=three[1].pk).merged_into is None
