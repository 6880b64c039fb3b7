"""Companies that are in the base twice: proposed with evidence, merged by a person or above a set score, undoable."""

import pytest

from tamis.app.models import Company, Double
from tamis.app.services import doubles, merging
from tamis.errors import Busy, Refused
from tamis.messages import speaking

VIEUVILLE, CASTELNAU = "732829320", "552100554"


@pytest.fixture
def twice(company):
    """Vieuville is there with its SIREN, and again, badly written, without."""
    return (
        company("Menuiserie Vieuville et Fils", siren=VIEUVILLE, website="vieuville.fr", postal_code="69003"),
        company("MENUIS VIEUVILLE & FILS", website="www.vieuville.fr", postal_code="69003"),
    )


def pairs() -> set[tuple[str, str]]:
    return {(double.one.name, double.other.name) for double in doubles.proposed()}


def test_a_double_is_proposed_with_its_evidence(alice, twice):
    found = doubles.search(alice)
    assert (found.companies, found.proposed, found.new, found.merged) == (1, 1, 1, 0)
    [double] = doubles.proposed()
    assert (double.one, double.other) == twice
    for part in ("menuis = menuiserie", "même hôte : ", "même code postal : 69003"):
        assert part in str(double.evidence)
    with speaking("en"):
        assert "same host: " in str(double.evidence)


def test_the_score_is_what_the_signs_leave_open(alice, company):
    company("Transports Castelnau"), company("Transports Castelnau SARL")
    doubles.search(alice)
    assert Double.objects.get().score == pytest.approx(0.8, abs=0.05)  # a like name alone: 0.8
    company("Cabinet Roquebrune", website="roquebrune.fr"), company("Cabinet Roquebrune SAS", website="roquebrune.fr")
    doubles.search(alice)
    surest = doubles.proposed()[0]
    assert surest.one.name == "Cabinet Roquebrune"
    assert surest.score == pytest.approx(1 - 0.2 * 0.5, abs=0.03)  # … and the host: 1 − (1 − 0.8)(1 − 0.5)


def test_two_sirens_are_two_companies(alice, company):
    company("Transports Castelnau", siren=VIEUVILLE, website="castelnau.fr")
    company("Transports Castelnau", siren=CASTELNAU, website="castelnau.fr")
    doubles.search(alice)
    assert not pairs()


def test_a_shared_site_alone_says_too_little(alice, company):
    company("Transports Castelnau", website="groupe.fr"), company("Cabinet Roquebrune", website="groupe.fr")
    doubles.search(alice)
    assert not pairs()


def test_what_a_person_kept_apart_is_not_proposed_again(alice, twice):
    doubles.search(alice)
    doubles.keep_apart(alice, doubles.proposed()[0])
    assert not pairs()
    doubles.search(alice)
    assert not pairs()
    [refused] = doubles.kept_apart()
    with pytest.raises(Refused):
        doubles.keep_apart(alice, refused)
    doubles.propose_again(alice, refused)
    assert len(pairs()) == 1


def test_merging_keeps_the_one_with_a_siren_and_can_be_undone(alice, twice, make_list, import_lines):
    known, again = twice
    import_lines(make_list("client", "or"), "Menuis Vieuville & Fils;;;")
    doubles.search(alice)
    [double] = doubles.proposed()
    merged = doubles.merge(alice, double)
    assert (merged.kept, merged.absorbed) == (known, again)
    assert not pairs()
    merging.split(alice, merged)
    assert {company.name for company in Company.objects.filter(merged_into=None)} == {known.name, again.name}


def test_a_person_may_keep_the_other_one(alice, twice, company):
    doubles.search(alice)
    [double] = doubles.proposed()
    with pytest.raises(Refused):
        doubles.merge(alice, double, company("Autre"))
    assert doubles.merge(alice, double, twice[1]).kept == twice[1]
    assert Company.objects.get(pk=twice[1].pk).siren == VIEUVILLE


def test_above_a_set_score_they_are_merged_at_once(alice, twice, company):
    company("Transports Castelnau"), company("Transports Castelnau SARL")
    found = doubles.search(alice, merge_above=0.85)
    assert (found.proposed, found.merged) == (2, 1)
    assert pairs() == {("Transports Castelnau", "Transports Castelnau SARL")}
    with pytest.raises(Refused):
        doubles.search(alice, merge_above=0.3)


def test_three_of_one_company_become_one(alice, twice, company):
    company("Menuiserie Vieuville et Fils", website="vieuville.fr", postal_code="69003")
    assert doubles.search(alice, merge_above=0.85).merged == 2
    assert Company.objects.filter(merged_into=None).count() == 1
    assert not pairs()


def test_a_pair_that_is_none_any_more_goes(alice, twice):
    doubles.search(alice)
    Company.objects.filter(pk=twice[1].pk).update(siren=CASTELNAU)
    assert not pairs()
    doubles.search(alice)
    assert not Double.objects.exists()


def test_one_search_at_a_time(alice, twice):
    from tamis.app.services.leases import lease

    with lease("doubles", "bob"), pytest.raises(Busy, match="bob"):
        doubles.search(alice)


def test_a_domain_that_many_share_pairs_nobody(alice, company):
    for n in range(doubles.SHARED_BY + 1):
        company(f"Mutuelle {n} {'abcdefgh'[n] * 6}", website="mutuelles.fr")
    assert [*doubles._sharing(doubles.CompanyDomain)] == []
