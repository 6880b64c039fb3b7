"""What sets two audiences apart: every figure is the one that its rule counts, and what differs most comes first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tamis.app.models import Company, Contact, CustomField
from tamis.app.services import companies, contrasts, custom_fields, engine_tables, labels, statuses, tags
from tamis.app.services.subjects import COMPANY, CONTACT
from tamis.app.services.vocabulary import vocabulary
from tamis.engines.duckdb import DuckDb
from tamis.errors import Refused
from tamis.rules.parsing import parse
from tamis.rules.sql.compiling import compile_count


@pytest.fixture
def fields(alice):
    """Fields of each type, for contacts and for companies."""
    for name, type in (("Budget", "number"), ("Rappel", "date"), ("Abonné", "yes-no"), ("Humeur", "text")):
        custom_fields.add(alice, name, CustomField.Type(type), subject="contact")
    custom_fields.add(alice, "Score", CustomField.Type.NUMBER)
    custom_fields.add(alice, "Canal", CustomField.Type.CHOICE, choices=["web", "salon"])


@pytest.fixture
def firms(alice, fields):
    """Acme in Lyon, and a group of which less is known."""
    acme = companies.add(alice, {"name": "Acme", "siren": "732829320", "city": "Lyon", "headcount": "12",
                                 "founded": "2012-03-01", "naf": "62.01Z", "size_class": "PME"})  # fmt: skip
    group = companies.add(alice, {"name": "Groupe", "headcount_bracket": "51", "website": "groupe.fr"})
    Company.objects.filter(pk=acme.pk).update(extra={"score": 7, "canal": "web"})
    return acme, group


@pytest.fixture
def cast(alice, contact, firms):
    """Twelve directors, all in Lyon, and eight clerks of whom half are in Albi; fifteen belong to the two firms."""
    made, today = [], timezone.localdate()
    for n in range(20):
        place = ("LYON" if n % 2 else "Lyon") if n < 12 else "Albi" if n % 2 else ""
        one = contact(
            f"c{n}@a.fr", level="Direction" if n < 12 else "Employé", city=place, last_name="Dûr" if n % 2 else ""
        )
        extra = {"rappel": str(today - timedelta(days=40 * n - 40)), "abonne": bool(n % 2),
                 "humeur": 'dit "bof" \\' if n == 3 else "gaie"}  # fmt: skip
        Contact.objects.filter(pk=one.pk).update(
            extra=extra | ({"budget": 100 * n + 0.25} if n % 5 else {}),
            company=firms[0] if n < 9 else firms[1] if n < 15 else None,
        )
        made.append(one.pk)
    return made


@pytest.fixture
def traces(alice, cast, firms, happens):
    """Tags, a status, and what some of them did."""
    now = timezone.now()
    labels.put_status(alice, CONTACT, cast[:5], statuses.add(alice, "Chaud"))
    wood, iron = tags.add(alice, "Métier", "Bois"), tags.add(alice, "Métier", "Fer")
    labels.put_tag(alice, CONTACT, cast[:6], wood)
    labels.put_tag(alice, CONTACT, [cast[0], cast[13]], iron)
    labels.put_tag(alice, COMPANY, [firms[0].pk], iron)
    for n in (1, 2, 13):
        happens("purchase", now - timedelta(days=n, minutes=5), contact_email=f"c{n}@a.fr", value=n)
    happens("page_view", now - timedelta(days=200), contact_email="c4@a.fr", path="/")
    happens("email_open", now - timedelta(minutes=5), contact_email="c5@a.fr")


@pytest.fixture
def directors(cast, audience, refresh):
    one = audience("Direction", 'contacts where level = "Direction"')
    refresh(one)
    return one


@pytest.fixture
def clerks(cast, audience, refresh):
    one = audience("Employés", 'contacts where level = "Employé"')
    refresh(one)
    return one


def by_key(told):
    return {("company." if each.trait.of_company else "") + each.trait.key: each for each in told.found.fields}


def shares(field):
    return {str(value.label): (value.a, value.b) for value in field.values}


def figures(told):
    """Every rule with the figure beside it, and with what it counts."""
    rules = {
        told.rule(value, first=first): n
        for field in told.found.fields
        for value in field.values
        for first, n in ((True, value.a), (False, value.b))
    }
    rules.pop("", None)
    known, now = vocabulary(), timezone.now()
    audiences = [each.audience.pk for each in (told.one, told.other) if each]
    with DuckDb(engine_tables.current(audiences).tables) as engine:
        counted = {rule: engine.ask(compile_count(parse(rule), known, now)).column("n")[0].as_py() for rule in rules}
    return rules, counted


def test_every_figure_is_what_its_rule_counts(directors, clerks, traces):
    told = contrasts.contrast(directors, clerks)
    assert (told.found.of_a, told.found.of_b, told.found.both) == (12, 8, 0)
    shown, counted = figures(told)
    assert len(shown) > 100
    assert shown == counted


def test_one_against_everybody_else_is_what_its_rules_count(directors, traces):
    told = contrasts.contrast(directors, None)
    assert (told.found.of_a, told.found.of_b, told.found.both) == (12, 8, 0)
    shown, counted = figures(told)
    assert shown == counted
    [city] = [each for each in told.found.fields if each.trait.key == "city" and not each.trait.of_company]
    assert told.rule(city.values[0], first=False).startswith('contacts where not in audience "Direction" and ')


def test_what_differs_most_comes_first(directors, clerks, traces):
    told = contrasts.contrast(directors, clerks)
    fields = by_key(told)
    assert [each.trait.key for each in told.found.fields][:2] in (["level", "city"], ["city", "level"])
    assert shares(fields["level"]) == {"Direction": (12, 0), "Employé": (0, 8)}
    assert shares(fields["city"]) in ({"LYON": (12, 0), "Albi": (0, 4), "inconnu": (0, 4)},
                                      {"Lyon": (12, 0), "Albi": (0, 4), "inconnu": (0, 4)})  # fmt: skip
    assert fields["level"].strength == "large"
    effects = [each.effect for each in told.found.fields]
    assert effects == sorted(effects, reverse=True)
    assert told.found.few


def test_each_shape_of_field_is_counted(directors, clerks, traces):
    fields = by_key(contrasts.contrast(directors, clerks))
    assert shares(fields["email"]) == {"connu": (12, 8)}
    assert shares(fields["own.abonne"]) == {"oui": (6, 4), "non": (6, 4)}
    assert shares(fields["status"]) == {"Chaud": (5, 0), "inconnu": (7, 8)}
    assert shares(fields["tag:Métier"]) == {"Bois": (6, 0), "Fer": (1, 1)}
    assert shares(fields["company.segment"]) == {"prospect": (12, 3), "inconnu": (0, 5)}
    assert shares(fields["company.headcount"]) == {
        "plus de 9, jusqu'à 49": (9, 0), "plus de 249, jusqu'à 4\u202f999": (3, 3), "inconnu": (0, 5),
    }  # fmt: skip
    # 0 to 11 of the directors, 40 days apart, the first 40 days from now: the second today, then 40, 80 ..
    assert shares(fields["own.rappel"]) == {
        "à venir": (1, 0), "ces 30 derniers jours": (1, 0), "il y a 30 à 90 jours": (2, 0),
        "il y a 90 à 365 jours": (7, 0), "il y a 1 à 3 ans": (1, 8),
    }  # fmt: skip
    # budgets: 100 to 1100 without 500 and 1000 (9 of them, middle 600); 1200 .. 1900 without 1500 (7, middle 1600)
    assert fields["own.budget"].medians == (600.25, 1600.25)
    assert fields["own.budget"].delta == -1


def test_activity_tells_who_did_what_and_when_last(directors, clerks, traces):
    activity = by_key(contrasts.contrast(directors, clerks))["activity"]
    assert {(each.a, each.b, each.since) for each in activity.values} == {(2, 1, (1.5, 13.0)), (1, 0, (0.0, None))}


def test_companies_are_compared_too(alice, firms, audience, refresh, happens):
    happens("page_view", company_siren="732829320", path="/tarifs")
    labels.put_tag(alice, COMPANY, [firms[0].pk], tags.add(alice, "Métier", "Fer"))
    known, other = (
        audience("Connues", "companies where siren is known"),
        audience("Autres", "companies where siren is missing"),
    )
    refresh(known)
    refresh(other)
    told = contrasts.contrast(known, other)
    assert (told.found.of_a, told.found.of_b) == (1, 1)
    assert {"activity", "tag:Métier", "headcount", "own.score", "website"} <= {*by_key(told)}
    shown, counted = figures(told)
    assert shown == counted


def test_with_nobody_there_is_nothing_to_compare(directors, audience, refresh):
    nobody = audience("Personne", 'contacts where city = "Atlantide"')
    refresh(nobody)
    told = contrasts.contrast(directors, nobody)
    assert (told.found.of_a, told.found.of_b, told.found.fields) == (12, 0, [])


def test_an_audience_is_not_compared_with_itself_nor_with_another_kind(directors, audience):
    firms = audience("Firmes", "companies where city is known")
    for other, code in ((directors, "insight.same"), (firms, "insight.subject")):
        with pytest.raises(Refused) as refused:
            contrasts.contrast(directors, other)
        assert refused.value.code == code
