"""Doubts and a person's word: final, remembered for every later import of the same line, and undoable."""

import pytest
from cast import list_of

from tamis.app.models import Claim, Company, ListLine
from tamis.app.services import merging, review
from tamis.errors import NotFound, Refused

ACME, BOLT = "732829320", "552100554"
GROUP = "Groupe;;groupe.fr;"


@pytest.fixture
def doubt(company, make_list, import_lines):
    """Lyon and Lille share a domain; a line of client-or names it."""
    lyon, lille = company("Groupe Lyon", website="groupe.fr"), company("Groupe Lille", website="groupe.fr")
    gold = make_list("client", "or")
    import_lines(gold, GROUP)
    return lyon, lille, gold


def only_line():
    [line] = review.queue()
    return line


def test_the_queue_shows_the_line_beside_its_candidates_with_evidence(doubt):
    lyon, lille, _ = doubt
    found = review.choices(only_line())
    assert [choice.company for choice in found] == [lyon, lille]
    assert {str(choice.evidence) for choice in found} == {"même hôte : groupe.fr"}


def test_an_accepted_company_is_sorted_at_once(alice, doubt):
    _, lille, gold = doubt
    assert review.accept(alice, only_line(), lille) == 1
    assert list_of(lille) == gold.name
    assert not review.queue().exists()


def test_the_answer_holds_for_every_later_import_of_the_same_line(alice, doubt, make_list, import_lines):
    _, lille, gold = doubt
    review.accept(alice, only_line(), lille)
    report = import_lines(gold, "GROUPE;;www.groupe.fr;", "Autre;;autre-exemple.fr;")
    assert (report.matched, report.review) == (1, 0)
    report = import_lines(make_list("prospect", "salon"), GROUP)
    assert (report.matched, report.moved) == (1, 1)
    assert list_of(lille) == "prospect-salon"


def test_the_answer_decides_the_same_line_of_other_lists_too(alice, doubt, make_list, import_lines):
    _, lille, _ = doubt
    import_lines(make_list("prospect", "salon"), GROUP)
    assert review.queue().count() == 2
    assert review.accept(alice, review.queue()[0], lille) == 2
    assert {claim.list.name for claim in Claim.objects.filter(company=lille)} == {"client-or", "prospect-salon"}


def test_a_refused_company_is_not_proposed_again(alice, doubt, import_lines):
    lyon, lille, gold = doubt
    review.refuse(alice, only_line(), lyon)
    assert [choice.company for choice in review.choices(only_line())] == [lille]
    import_lines(gold, GROUP)
    assert [choice.company for choice in review.choices(only_line())] == [lille]


def test_none_of_these_waits_for_a_company_not_known_yet(alice, doubt, company):
    _, _, _gold = doubt
    review.none_of_these(alice, only_line())
    assert not review.queue().exists()
    assert ListLine.objects.get().status == "waiting"
    nice = company("Groupe Nice", website="groupe.fr")
    assert [choice.company for choice in review.choices(only_line())] == [nice]


def test_an_automatic_match_can_be_refused(alice, company, make_list, import_lines):
    acme = company("Acme", website="acme.fr")
    import_lines(make_list("client", "or"), "Autre chose;;acme.fr;")
    line = ListLine.objects.get()
    review.refuse(alice, line, acme)
    assert list_of(acme) == "prospect-default"
    assert ListLine.objects.get().status == "waiting"
    assert not Claim.objects.filter(withdrawn_by=None).exists()
    assert review.quality().automatic_refused == 1


def test_a_refused_match_leaves_the_claim_that_another_line_makes(alice, company, make_list, import_lines):
    acme, gold = company("Acme", siren=ACME, website="acme.fr"), make_list("client", "or")
    import_lines(gold, f"Acme;{ACME};;", "Autre chose;;acme.fr;")
    review.refuse(alice, ListLine.objects.get(name="Autre chose"), acme)
    assert list_of(acme) == gold.name


def test_any_company_can_be_the_answer(alice, doubt, company):
    bolt = company("Bolt", siren=BOLT)
    review.accept(alice, only_line(), bolt)
    assert list_of(bolt) == "client-or"
    assert review.quality().accepted_elsewhere == 1


def test_a_changed_mind_replaces_the_answer(alice, doubt):
    lyon, lille, gold = doubt
    review.accept(alice, only_line(), lille)
    review.accept(alice, ListLine.objects.get(), lyon)
    assert (list_of(lyon), list_of(lille)) == (gold.name, "prospect-default")
    assert [(each.company, each.same) for each in review.judgements()] == [(lyon, True)]


def test_an_answer_can_be_looked_up_and_undone(alice, doubt):
    _, lille, _gold = doubt
    review.accept(alice, only_line(), lille)
    [said] = review.judgements()
    assert (said.name, said.company, said.made_by.by) == ("Groupe", lille, "alice")
    review.undo(alice, said)
    assert list_of(lille) == "prospect-default"
    assert len(review.choices(only_line())) == 2
    with pytest.raises(Refused, match="déjà retirée"):
        review.undo(alice, said)


def test_the_answer_follows_a_merge_and_comes_back_with_the_split(alice, doubt, import_lines):
    lyon, lille, gold = doubt
    review.accept(alice, only_line(), lille)
    merged = merging.merge(alice, lyon, lille)
    import_lines(gold, GROUP)
    assert list_of(lyon) == gold.name
    merging.split(alice, merged)
    assert (list_of(lyon), list_of(Company.objects.get(pk=lille.pk))) == ("prospect-default", gold.name)


def test_the_report_says_how_good_matching_was(alice, company, make_list, import_lines, doubt):
    lyon, _, _ = doubt
    company("Acme", siren=ACME)
    import_lines(make_list("prospect", "salon"), f"Acme;{ACME};;")
    review.accept(alice, only_line(), lyon)
    quality = review.quality()
    assert quality.automatic == {"siren": 1}
    assert (quality.accepted, quality.accepted_first, quality.automatic_refused) == (1, 1, 0)


def test_a_line_that_is_gone_is_told(alice, doubt, import_lines):
    _, _lille, gold = doubt
    line = only_line()
    import_lines(gold, "Autre;;autre-exemple.fr;")
    with pytest.raises(NotFound, match="n'existe pas ou plus"):
        review.find_line(line.pk)
