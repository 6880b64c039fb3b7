"""Statuses and tags: the users' own, put on companies and contacts, remembered by whose hand."""

import pytest

from tamis.app.models import Company, CompanyTag, Contact, Source, Tagged
from tamis.app.services import company_imports, contacts, labels, merging, statuses, tags
from tamis.app.services.company_filters import Filters, count
from tamis.app.services.company_sheet import sheet
from tamis.app.services.contact_table import ContactFilters, page
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.errors import NotFound, Refused


@pytest.fixture
def contact(alice):
    return contacts.add(alice, {"email": "a@gmail.com", "last_name": "Durand", "first_name": "Alice"})


def test_statuses_have_the_order_that_their_users_gave(alice):
    for name in ("Froid", "Chaud", "Client"):
        statuses.add(alice, name)
    statuses.move(alice, statuses.find("client"), 1)
    assert [each.name for each in statuses.statuses_of()] == ["Client", "Froid", "Chaud"]
    statuses.move(alice, statuses.find("client"), 99)
    assert [each.name for each in statuses.statuses_of()] == ["Froid", "Chaud", "Client"]


def test_a_status_is_for_companies_for_contacts_or_for_both(alice, company, contact):
    lead = statuses.add(alice, "Lead", companies=False)
    with pytest.raises(Refused):
        labels.put_status(alice, COMPANY, [company("Acme").pk], lead)
    assert labels.put_status(alice, CONTACT, [contact.pk], lead) == 1
    with pytest.raises(Refused):
        statuses.change(alice, lead, companies=True, contacts=False)


def test_a_deleted_status_is_nobodys(alice, company):
    acme, chaud = company("Acme"), statuses.add(alice, "Chaud")
    labels.put_status(alice, COMPANY, [acme.pk], chaud)
    assert statuses.delete(alice, chaud) == {"company": 1, "contact": 0}
    acme.refresh_from_db()
    assert (acme.status, acme.status_source, acme.status_since) == (None, None, None)


def test_a_status_says_where_it_came_from(alice, company):
    acme, chaud = company("Acme"), statuses.add(alice, "Chaud")
    labels.put_status(alice, COMPANY, [acme.pk], chaud)
    status = sheet(Company.objects.get(pk=acme.pk))["status"]
    assert (status["name"], str(status["source"])) == ("Chaud", "saisi par alice")
    assert labels.put_status(alice, COMPANY, [acme.pk], chaud) == 0
    assert labels.put_status(alice, COMPANY, [acme.pk], None) == 1


def test_nothing_happens_when_one_of_many_does_not_exist(alice, company):
    acme, chaud = company("Acme"), statuses.add(alice, "Chaud")
    with pytest.raises(NotFound):
        labels.put_status(alice, COMPANY, [acme.pk, 999], chaud)
    assert Company.objects.get().status is None


def test_a_hand_makes_a_rules_tag_its_own(alice, company):
    acme, bois = company("Acme"), tags.add(alice, "Secteur", "Bois")
    source = Source.objects.create(
        kind=Source.Kind.RULE, label="Scieries", as_of="2026-03-31", act=_any_act()
    )  # fmt: skip
    CompanyTag.objects.create(company=acme, tag=bois, by=Tagged.By.RULE, source=source, at="2026-03-31T08:00Z")
    assert count(Filters.read({"tag_rule": "Bois"})) == 1
    assert labels.put_tag(alice, COMPANY, [acme.pk], bois) == 0
    assert CompanyTag.objects.get().by == Tagged.By.HAND
    assert count(Filters.read({"tag_rule": "Bois"})) == 0


def _any_act():
    from tamis.app.models import Act

    return Act.objects.latest("pk")


def test_a_tag_of_two_categories_has_to_be_told_apart(alice):
    tags.add(alice, "Secteur", "Bois")
    tags.add(alice, "Salon", "Bois")
    with pytest.raises(Refused, match="plusieurs catégories"):
        tags.find("bois")
    assert tags.find("salon: bois").category.name == "Salon"


def test_companies_get_labels_by_import_column(alice, tmp_path, workspace):
    statuses.add(alice, "Client")
    file = tmp_path / "base.csv"
    file.write_text("Nom;SIREN;Statut;Tag:Secteur\nAcme;732829320;client;Bois\nBolt;552100554;perdu;\n")
    report = company_imports.import_file(alice, file, create_tags=True)
    assert (report.created, report.refused) == (1, 1)
    acme = Company.objects.get()
    assert (acme.status.name, [each.tag.name for each in acme.tags.all()]) == ("Client", ["Bois"])
    assert company_imports.import_file(alice, file, create_tags=True).unchanged == 1


def test_a_merge_takes_contacts_tags_and_status_along_and_a_split_gives_them_back(alice, company, contact):
    acme, bolt, bois = company("Acme"), company("Bolt"), tags.add(alice, "Secteur", "Bois")
    labels.put_tag(alice, COMPANY, [bolt.pk], bois)
    labels.put_status(alice, COMPANY, [bolt.pk], statuses.add(alice, "Chaud"))
    contacts.tie_to(alice, contact, bolt)
    merged = merging.merge(alice, acme, bolt)
    assert Contact.objects.get().company == acme
    assert [each.company for each in CompanyTag.objects.all()] == [acme]
    assert Company.objects.get(pk=acme.pk).status.name == "Chaud"
    merging.split(alice, merged)
    assert Contact.objects.get().company == bolt
    assert [each.company for each in CompanyTag.objects.all()] == [bolt]
    assert Company.objects.get(pk=acme.pk).status is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "durand alice"}, 1), ({"q": "dupont"}, 0), ({"q": "a@gmail"}, 1), ({"q": "06 12 34"}, 1),
        ({"status": "Chaud"}, 1), ({"status.missing": ""}, 0), ({"tag": "Bois"}, 1), ({"tag.not": "Bois"}, 0),
        ({"company": "acme"}, 1), ({"company.missing": ""}, 0), ({"company_segment": "prospect"}, 1),
        ({"company_segment": "client"}, 0), ({"phone.starts-with": "06 12"}, 1), ({"origin": "statique"}, 1),
        ({"company_tag.missing": ""}, 1), ({"city.known": ""}, 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["name", "-email", "company", "status"])
def test_the_contact_table_is_filtered_and_sorted(alice, company, contact, asked, found, sort):
    contacts.edit(alice, contact, {"phone": "0612345678", "company_name": "Acme"})
    labels.put_status(alice, CONTACT, [contact.pk], statuses.add(alice, "Chaud"))
    labels.put_tag(alice, CONTACT, [contact.pk], tags.add(alice, "Secteur", "Bois"))
    company("Acme")
    assert len(page(ContactFilters.read(asked | {"sort": sort})).companies) == found


def test_typing_in_an_address_that_somebody_has_is_refused(alice, contact):
    with pytest.raises(Refused, match=f"contact n° {contact.pk}"):
        contacts.add(alice, {"email": "A@gmail.com"})
    with pytest.raises(Refused, match="adresse e-mail ou une clé"):
        contacts.edit(alice, contact, {"email": ""})
    assert Contact.objects.get().email == "a@gmail.com"
