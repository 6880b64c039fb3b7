"""A rule as the filters of a table, and back: whatever is asked, the same companies and contacts from both."""

from itertools import pairwise
from urllib.parse import unquote

import pytest

from tamis.app.models import Contact
from tamis.app.services import (
    companies,
    company_attributes,
    contact_attributes,
    custom_fields,
    engine_tables,
    lists,
    statuses,
    tags,
)
from tamis.app.services.company_conditions import Takes, condition, operators_of
from tamis.app.services.company_filters import Filters, filtered
from tamis.app.services.contact_table import ContactFilters
from tamis.app.services.filter_rules import rule_of, says, says_the_same, told
from tamis.app.services.labels import put_status, put_tag
from tamis.app.services.rule_filters import conditions_of
from tamis.app.services.rules import ask
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.app.services.vocabulary import vocabulary
from tamis.engines.duckdb import DuckDb
from tamis.rules.parsing import parse
from tamis.rules.sql.compiling import compile_rule


@pytest.fixture
def town(alice, company, contact):
    """Companies and contacts of which much is known, or little, written as people write."""
    custom_fields.add(alice, "Bio", "yes-no")
    custom_fields.add(alice, "Visité le", "date", key="visite")
    custom_fields.add(alice, "Note", "number")
    custom_fields.add(alice, "Mot", "text")
    custom_fields.add(alice, "Gabarit", "choice", choices=["petite", "Très grande"], key="gabarit")
    custom_fields.add(alice, "Café", "text", key="cafe", subject="contact")
    made = [
        company("Évian Bois", city="Évian-les-Bains", naf="16.10A", headcount="12", siren="732829320",
                website="www.evian-bois.fr", email_domain="evian-bois.fr", usual_name="Bois d'Évian", country="FR"),
        company("Œuvre SA", city="Lyon", naf="62.01Z", headcount="250", revenue="1200000,50", bio="oui", note="12,5",
                former_name="L'Ancienne", postal_code="69001", department="69", region="Auvergne-Rhône-Alpes"),
        company("L'Atelier", city="LYON", naf="62.02A", visite="2026-03-31", bio="non", mot="Été  indien",
                founded="1999-12-31", address="3 rue de l'Été", legal_category="5710"),
        company("Petite", department="69", size_class="TPE", headcount_bracket="11", gabarit="Très grande",
                first_seen="2026-02-01", acronym="P.T.", parent_siren="732829320"),
        company("Sans rien", headcount_bracket="NN", naics="541511", note="0", revenue="0"),
        company("Évian Bois Nord", city="Saint-Étienne", siren="552100554", headcount="0", brand="L'OREAL",
                website="https://été-bois.fr/", note="0,1"),
    ]  # fmt: skip
    secteur = tags.add(alice, "Secteur", "Industrie")
    put_tag(alice, COMPANY, [made[0].pk, made[1].pk], secteur)
    put_tag(alice, COMPANY, [made[2].pk], tags.add(alice, "Métier", "Négoce"))
    put_status(alice, COMPANY, [made[1].pk, made[2].pk], statuses.add(alice, "Chaud"))
    put_status(alice, COMPANY, [made[3].pk], statuses.add(alice, "Froid"))
    salons = lists.create(alice, lists.find_segment("client"), "salons d'été")
    companies.move(alice, salons, [made[2].pk, made[3].pk])
    people = [
        contact("lea@a.fr", last_name="Durand", city="Lyon", phone="06 12 34 56 78", civility="Mme", cafe="Noir"),
        contact("marc@b.fr", last_name="Petit", job_title="Acheteur", level="direction", country="FR"),
        contact("zoe@c.fr", first_name="Zoé", company_name="Œuvre SA", function="achats"),
        contact("anne@d.fr", sector="Négoce", offer="Été", external_key="K 1", city="Œuvre-la-Ville"),
    ]
    for person, one in zip(people[:3], [made[1], made[2], made[4]], strict=True):
        Contact.objects.filter(pk=person.pk).update(company=one)
    put_status(alice, CONTACT, [people[0].pk], statuses.find("Chaud"))
    put_tag(alice, CONTACT, [people[3].pk], secteur)
    return made


@pytest.fixture
def engine(town):
    """The engine over the town as it is."""
    with DuckDb(engine_tables.current().tables) as opened:
        yield opened


def selected(engine, text):
    """Whom a rule selects."""
    question = ask(text)
    return engine.ask(compile_rule(question.rule, question.vocabulary, question.now)).column("id").to_pylist()


TABLES = [(Filters, company_attributes, "companies"), (ContactFilters, contact_attributes, "contacts")]


def samples(attribute):
    """Texts to ask an attribute for: those its rows hold, the same written otherwise, and one that is nowhere."""
    if attribute.choices():
        return [each.value for each in attribute.choices()]
    return SAMPLES.get(attribute.key.removeprefix("company_"), SAMPLES[attribute.kind.value])


SAMPLES = {
    "number": ["0", "0.1", "12", "250", "1200000.50", "10"],
    "headcount": ["0", "10", "12", "250"],
    "date": ["2026-03-31", "1999-12-31", "2026-11-22"],
    "name": ["évian bois", "OEUVRE SA", "l'atelier", "L ATELIER", "P.T."], "company": ["Œuvre SA", "sans rien"],
    "naf": ["6201Z", "16.10a", "99.99Z"], "siren": ["732 829 320", "552100554"], "siret": ["73282932000074"],
    "department": ["69", "1"], "country": ["FR", "be"], "email": ["LEA@a.fr", "zoe@c.fr"], "phone": ["0612345678"],
    "website": ["https://www.evian-bois.fr/x", "evian-bois.fr", "été-bois.fr", "ete-bois.fr"],
    "email_domain": ["evian-bois.fr"],
    "naics": ["541511"], "legal_category": ["5710"], "postal_code": ["69001"], "vat": ["FR44732829320"],
    "neq": ["1166000000"], "lei": ["HWUPKR0MPOU8FGXBT394"], "parent_siren": ["732829320"], "naf_2025": ["62.10Y"],
    "city": ["lyon", "ÉVIAN-les-bains", "evian les bains", "oeuvre-la-ville"], "region": ["auvergne-rhone-alpes"],
    "address": ["3 RUE de l'ete"], "own.mot": ["ete indien", "Été"], "own.cafe": ["noir"],
    "text": ["l'ancienne", "BOIS", "l'oreal", "p.t.", "Zoé", "négoce", "achats", "acheteur", "direction", "été"],
    "code": ["K 1", "k 1"],
}  # fmt: skip


def asked(attributes, subject):
    """Every condition that a rule can say of every attribute, with each sample, where both read it the same."""
    known = vocabulary()
    for attribute in attributes.attributes():
        for operator in operators_of(attribute):
            if says(attribute, operator, subject, known):
                for text in texts(attribute, operator):
                    made = condition(attribute.key, operator.key, text, attributes)
                    if says_the_same(made):
                        yield made


def texts(attribute, operator):
    """What an operator of an attribute is tried with."""
    some = samples(attribute)
    if operator.takes is Takes.NOTHING:
        return [""]
    if operator.takes is Takes.ANY:
        return ["|".join(some)]
    if operator.takes is Takes.TWO:
        some = sorted(some, key=float if attribute.kind == "number" else str)
        return ["..".join(pair) for pair in pairwise(some)]
    return [*some, *(text[:3] for text in some)] if operator.parts else some


@pytest.mark.parametrize(("kind", "attributes", "subject"), TABLES, ids=["companies", "contacts"])
def test_every_condition_and_its_rule_let_the_same_through_and_come_back(engine, kind, attributes, subject):
    known, some = vocabulary(), 0
    for made in asked(attributes, subject):
        filters = kind(conditions=(made,))
        text = rule_of(filters)
        there = sorted(filtered(filters).values_list("pk", flat=True))
        assert sorted(selected(engine, text)) == there, text
        back = conditions_of(parse(text), attributes, known)
        assert back is not None, text
        assert kind(conditions=back).query() == filters.query(), text
        some += bool(there)
    assert some > 60  # of most questions there is somebody


READ = [
    ('companies where city = "Lyon"', "city=Lyon"),
    ('companies where city = "  lyon " and naf starts with "62"', "naf.starts-with=62&city=lyon"),
    (
        'companies where city = "Lyon" and (naf = "6201Z" and headcount >= 10)',
        "naf=62.01Z&headcount.at-least=10&city=Lyon",
    ),
    ("companies where headcount between 10 and 49.5", None),  # whole numbers, says the table
    ("companies where headcount > 10", None),
    ("companies where headcount between 49 and 10", None),  # nobody, and a mistake for the table
    ('companies where city in ("Lyon", "Albi", "LYON")', "city.in=Lyon|Albi|LYON"),
    ('companies where city in ("Lyon | Albi", "Paris")', None),  # the bar would part it
    ('companies where city = "Lyon" or city = "Albi"', None),
    ('companies where not city = "Lyon"', None),  # those without a city too
    ('companies where city != "Lyon"', "city.not=Lyon"),
    ("companies where city is missing", "city.missing="),
    ('companies where city ends with "on"', None),
    ('companies where city is exactly "Lyon"', None),
    ('companies where siren = "732 829 320"', "siren=732829320"),
    ("companies where in segment client", "segment=client"),
    ("companies where not in segment client", "segment.not=client"),
    ("companies where in segment client or in segment prospect", "segment.in=client|prospect"),
    ('companies where in segment client or city = "Lyon"', None),
    ('companies where in segment client or in list "prospect-default"', None),
    ('companies where in list "CLIENT-salons d\'ete"', "list={salons}"),
    ('companies where not in list "client-salons d\'été"', "list.not={salons}"),
    ('companies where has tag "industrie"', "tag={industrie}"),
    ('companies where has tag "Négoce" in "Métier" or has tag "Industrie"', "tag.in={negoce}|{industrie}"),
    ('companies where not has tag "Industrie"', None),  # of the table: another tag
    ('companies where has tag "Double"', None),  # a tag of two categories
    ('companies where has tag "Double" in "Secteur"', "tag={double}"),
    ('companies where status = "chaud"', "status={chaud}"),
    ("companies where bio = yes", "own.bio=oui"),
    ("companies where own.visite >= 2026-03-31", "own.visite.at-least=2026-03-31"),
    ('companies where name contains "œuvre"', "name.contains=œuvre"),
    ('companies where name contains "jean dupont"', None),  # the table takes "Jean-Dupont" too
    ('companies where name = "Acme"', None),  # the table takes "Acme." too
    ("companies where did purchase", None),
    ('companies where city = "Lyon" and did purchase', None),
    ("companies where has contact", None),
    ("companies where revenue in top 20%", None),
    ("companies where updated in last 3 days", None),
    ("companies where created >= 2026-01-01", None),  # no filter of the table
    ('contacts where city = "Lyon"', "city=Lyon"),
    ('contacts where company.city = "Lyon"', None),  # no filter of the table
    ('contacts where company.naf starts with "62"', "company_naf.starts-with=62"),
    ('contacts where company.name contains "acme"', "company.contains=acme"),
    ('contacts where company_siren = "732829320"', None),  # what the contact says, not its company's
    ("contacts where company.siren is missing", "company_siren.missing="),
    ("contacts where in segment client", "company_segment=client"),
    ("contacts where not in segment client", None),  # those without a company too
    ('contacts where company (has tag "Industrie")', "company_tag={industrie}"),
    ('contacts where has tag "Industrie"', "tag={industrie}"),
    ('contacts where last_name = "Durand"', None),
    ('contacts where external_key = "k 1"', None),  # the table does not take "K 1"
]


def test_what_a_rule_is_as_filters(alice, town):
    for category in ("Secteur", "Métier"):
        tags.add(alice, category, "Double")
    known = vocabulary()
    names = {
        "salons": lists.find("client-salons d'été").pk, "industrie": tags.find("Industrie").pk,
        "negoce": tags.find("Négoce").pk, "double": tags.find("Secteur: Double").pk, "chaud": statuses.find("Chaud").pk,
    }  # fmt: skip
    tables = {subject: (kind, attributes) for kind, attributes, subject in TABLES}
    for text, expected in READ:
        rule = ask(text).rule
        kind, attributes = tables[rule.subject]
        found = conditions_of(rule, attributes, known)
        query = None if found is None else unquote(kind(conditions=found).query())
        assert query == (expected and expected.format(**names)), text


def test_twenty_conditions_are_filters_and_one_more_is_a_rule(town):
    conditions = [f'city != "Ville {n}"' for n in range(21)]
    for n, some in ((20, True), (21, False)):
        rule = ask(f"companies where {' and '.join(conditions[:n])}").rule
        assert (conditions_of(rule, company_attributes, vocabulary()) is not None) is some


def test_what_only_the_table_says_is_left_beside_the_rule(town):
    filters = Filters.read(
        {"city": "Lyon", "name": "Acme", "pinned": "yes", "q": "bois", "rule": "companies where revenue > 3"}
    )
    text, left = told(filters)
    assert text == 'companies where city = "Lyon" and revenue > 3'
    assert left.query() == "q=bois&name=Acme&pinned=yes"
