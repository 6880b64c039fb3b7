"""The filters of a table, as a rule: the same companies, the same contacts, or a clear refusal."""

import pytest

from tamis.app.models import Contact
from tamis.app.services import companies, custom_fields, filter_rules, lists, rules, statuses, tags
from tamis.app.services.company_filters import Filters, filtered
from tamis.app.services.contact_table import ContactFilters
from tamis.app.services.labels import put_status, put_tag
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.errors import Refused


@pytest.fixture
def town(alice, company):
    """Five companies of which much is known, or little."""
    custom_fields.add(alice, "Bio", "yes-no")
    custom_fields.add(alice, "Visité le", "date", key="visite")
    made = [
        company("Évian Bois", city="Évian-les-Bains", naf="16.10A", headcount="12", siren="732829320"),
        company("Œuvre SA", city="Lyon", naf="62.01Z", headcount="250", revenue="1200000,50", bio="oui"),
        company("L'Atelier", city="LYON", naf="62.02A", visite="2026-03-31", bio="non"),
        company("Petite", department="69", size_class="TPE"),
        company("Sans rien"),
    ]
    put_tag(alice, COMPANY, [made[0].pk, made[1].pk], tags.add(alice, "Secteur", "Industrie"))
    put_status(alice, COMPANY, [made[1].pk, made[2].pk], statuses.add(alice, "Chaud"))
    salons = lists.create(alice, lists.find_segment("client"), "salons d'été")
    companies.move(alice, salons, [made[2].pk, made[3].pk])
    return made


COMPANIES = [
    ({"city": "lyon"}, [1, 2]),
    ({"city.not": "lyon"}, [0]),
    ({"city.contains": "evian"}, [0]),
    ({"city.in": "Lyon|Évian-les-Bains"}, [0, 1, 2]),
    ({"city.missing": ""}, [3, 4]),
    ({"naf.starts-with": "62"}, [1, 2]),
    ({"headcount.between": "12..249"}, [0]),
    ({"headcount.at-least": "12", "naf": "6201Z"}, [1]),
    ({"revenue.at-least": "1200000.5"}, [1]),
    ({"size_class": "TPE"}, [3]),
    ({"siren": "732 829 320"}, [0]),
    ({"tag": "Industrie"}, [0, 1]),
    ({"status": "Chaud"}, [1, 2]),
    ({"status.not": "Chaud"}, []),
    ({"segment": "client"}, [2, 3]),
    ({"segment.in": "client|prospect"}, [0, 1, 2, 3, 4]),
    ({"list": "client-salons d'été", "city": "Lyon"}, [2]),
    ({"own.bio": "yes"}, [1]),
    ({"own.bio": "no"}, [2]),
    ({"own.visite.at-most": "2026-03-31"}, [2]),
    ({"name.contains": "œuvre"}, [1]),
]


def selects(kind, asked):
    """Those whom the rule of some filters selects, who are those of the table."""
    filters = kind.read(asked)
    found = rules.select(filter_rules.rule_of(filters)).ids.to_pylist()
    assert sorted(filtered(filters).values_list("pk", flat=True)) == found, asked
    return found


def test_a_filter_of_companies_is_a_rule(town):
    for asked, expected in COMPANIES:
        assert selects(Filters, asked) == [town[n].pk for n in expected], asked


@pytest.fixture
def people(alice, town, contact):
    """Four people, of whom one is of no company."""
    made = [
        contact("lea@a.fr", last_name="Durand", city="Lyon", phone="06 12 34 56 78"),
        contact("marc@b.fr", last_name="Petit", job_title="Acheteur"),
        contact("zoe@c.fr", first_name="Zoé"),
        contact("anne@d.fr", sector="Négoce"),
    ]
    for person, company in zip(made[:3], [town[1], town[2], town[4]], strict=True):
        Contact.objects.filter(pk=person.pk).update(company=company)
    put_status(alice, CONTACT, [made[0].pk], statuses.find("Chaud"))
    put_tag(alice, CONTACT, [made[3].pk], tags.find("Industrie"))
    return made


CONTACTS = [
    ({"city": "Lyon"}, [0]),
    ({"phone.starts-with": "06 12"}, [0]),
    ({"job_title.contains": "ach"}, [1]),
    ({"status": "Chaud"}, [0]),
    ({"tag": "Industrie"}, [3]),
    ({"company_naf.starts-with": "62"}, [0, 1]),
    ({"company_naf.missing": ""}, [2, 3]),
    ({"company_segment": "client"}, [1]),
    ({"company_status": "Chaud"}, [0, 1]),
    ({"company_tag": "Industrie"}, [0]),
    ({"company_headcount.at-least": "10", "city.known": ""}, [0]),
    ({"email": "ZOE@c.fr"}, [2]),
]


def test_a_filter_of_contacts_is_a_rule(people):
    for asked, expected in CONTACTS:
        assert selects(ContactFilters, asked) == [people[n].pk for n in expected], asked


REFUSED = [
    ({}, "filter.none"),
    ({"q": "acme"}, "filter.search"),
    ({"locked": "yes"}, "filter.unsayable"),
    ({"pinned": "yes"}, "filter.unsayable"),
    ({"claim": "prospect-default"}, "filter.unsayable"),
    ({"tag.known": ""}, "filter.unsayable"),
    ({"tag.not": "Industrie"}, "filter.unsayable"),  # it asks for another tag, whichever
    ({"city": "Lyon", "tag_rule.known": ""}, "filter.unsayable"),
]


def test_what_no_rule_says_is_refused_by_name(town):
    for asked, code in REFUSED:
        with pytest.raises(Refused) as refused:
            filter_rules.rule_of(Filters.read(asked))
        assert refused.value.code == code, asked
