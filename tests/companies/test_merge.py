"""Two companies made one and one made two again, without loss."""

import pytest
from cast import list_of

from tamis.app.models import Claim, Company, ListLine, Merge
from tamis.app.services import companies, merging
from tamis.app.services.company_sheet import sheet
from tamis.errors import Refused

ACME, BOLT = "732829320", "552100554"


def state(*made):
    """All that is known of companies, but for when they were touched."""
    found = []
    for each in made:
        company = Company.objects.get(pk=each.pk)
        described = sheet(company)
        for row in described["fields"]:
            row["source"] = str(row["source"])
        for claim in described["claims"]:
            claim["reason"] = str(claim["reason"])
        del described["moves"]
        found.append((described, company.provenance, company.extra))
    return found


@pytest.fixture
def two(company, make_list, import_lines):
    """Acme, in client-or; Acme Lyon, in concurrent-veille; each with its own names, domains and fields."""
    acme = company("Acme", siren=ACME, website="acme.fr", city="Paris", acronym="AC")
    lyon = company("Acme Lyon", siren=BOLT, website="acme-lyon.fr", headcount="12", acronym="AC")
    import_lines(make_list("client", "or"), f"Acme;{ACME};;")
    import_lines(make_list("concurrent", "veille"), f"Acme Lyon;{BOLT};;")
    return acme, lyon


def test_the_one_kept_has_it_all(alice, two):
    acme, lyon = two
    merging.merge(alice, acme, lyon)
    kept = Company.objects.get(pk=acme.pk)
    assert (kept.city, kept.headcount, kept.siren) == ("Paris", 12, ACME)
    assert {name.text for name in kept.names.all()} == {"Acme", "Acme Lyon", "AC"}
    assert {domain.host for domain in kept.domains.all()} == {"acme.fr", "acme-lyon.fr"}
    assert companies.find(BOLT).pk == companies.find(str(lyon.pk)).pk == acme.pk
    assert list_of(acme) == "concurrent-veille"  # the latest of both companies' claims
    assert companies.existing().count() == 1


def test_splitting_gives_back_exactly_what_each_had(alice, two):
    before = state(*two)
    merged = merging.merge(alice, *two)
    assert state(*two) != before
    merging.split(alice, merged)
    assert state(*two) == before
    assert {list_of(each) for each in two} == {"client-or", "concurrent-veille"}
    assert Claim.objects.filter(withdrawn_by=None).count() == 2


def test_what_came_since_the_merge_stays_with_the_one_kept(alice, two):
    acme, lyon = two
    merged = merging.merge(alice, acme, lyon)
    companies.edit(alice, Company.objects.get(pk=acme.pk), {"headcount": "20", "brand": "Acmé+"})
    merging.split(alice, merged)
    kept, back = Company.objects.get(pk=acme.pk), Company.objects.get(pk=lyon.pk)
    assert (kept.headcount, back.headcount) == (20, 12)
    assert "Acmé+" in {name.text for name in kept.names.all()}


def test_lines_imported_since_go_to_the_company_they_name(alice, two, make_list, import_lines):
    acme, lyon = two
    merged = merging.merge(alice, acme, lyon)
    import_lines(make_list("partenaire", "tous"), f"A;{ACME};;", f"L;{BOLT};;")
    assert list_of(acme) == "partenaire-tous"
    merging.split(alice, merged)
    assert {list_of(each) for each in two} == {"partenaire-tous"}
    assert {line.company_id for line in ListLine.objects.filter(version__list__label="tous")} == {acme.pk, lyon.pk}


def test_an_import_since_renews_claims_and_the_split_keeps_them_right(alice, two, import_lines):
    from tamis.app.services import lists

    acme, lyon = two
    merged = merging.merge(alice, acme, lyon)
    import_lines(lists.find("concurrent-veille"), f"Acme Lyon;{BOLT};;")
    merging.split(alice, merged)
    assert (list_of(acme), list_of(lyon)) == ("client-or", "concurrent-veille")


def test_a_split_is_done_once(alice, two):
    merged = merging.merge(alice, *two)
    merging.split(alice, merged)
    with pytest.raises(Refused, match="déjà défaite"):
        merging.split(alice, merged)


def test_merges_are_undone_from_the_last_one_back(alice, two, company):
    acme, lyon = two
    first = merging.merge(alice, acme, lyon)
    group = company("Groupe", siren="440546018")
    before = state(acme, group)
    second = merging.merge(alice, group, Company.objects.get(pk=acme.pk))
    assert companies.find(BOLT).pk == group.pk
    with pytest.raises(Refused, match="défaites d'abord"):
        merging.split(alice, first)
    merging.split(alice, second)
    assert state(acme, group) == before
    merging.split(alice, Merge.objects.get(pk=first.pk))
    assert companies.find(BOLT).pk == lyon.pk


def test_a_company_is_not_merged_with_itself_nor_twice(alice, two):
    acme, lyon = two
    with pytest.raises(Refused, match="elle-même"):
        merging.merge(alice, acme, acme)
    merging.merge(alice, acme, lyon)
    with pytest.raises(Refused, match="rechargez"):
        merging.merge(alice, lyon, acme)
