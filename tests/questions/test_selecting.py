"""Which companies and contacts a rule selects, in chunks, in pages, and as rows."""

from datetime import UTC, datetime

import pytest

from tamis.app.models import Company, Contact
from tamis.app.services import exports, rules
from tamis.errors import NotFound, Refused
from tamis.rules.errors import RuleError

LYON = 'companies where city = "Lyon"'


def test_companies_come_in_the_order_of_their_numbers_with_where_they_stand(company):
    company("Acme", siren="732829320", city="Lyon")
    company("Bolt", city="Albi")
    company("Crin", city="LYON ")
    found = rules.select(LYON)
    assert found.count == 2
    rows = [*found.rows()]
    assert [(row["name"], row["siren"], row["list"], row["segment"]) for row in rows] == [
        ("Acme", "732829320", "prospect-default", "prospect"), ("Crin", None, "prospect-default", "prospect"),
    ]  # fmt: skip
    assert rows[0]["id"] < rows[1]["id"]


def test_contacts_come_with_their_company(company, contact):
    company("Acme", website="acme-exemple.fr")
    contact("lea@acme-exemple.fr", last_name="Morel", first_name="Léa")
    contact("marc@autre-exemple.fr")
    [lea, marc] = rules.select("contacts where email is known").rows()
    assert (lea["name"], lea["email"], lea["company"]) == ("Léa Morel", "lea@acme-exemple.fr", "Acme")
    assert (marc["name"], marc["company"]) == ("marc@autre-exemple.fr", None)


def test_a_selection_goes_on_after_a_number_and_ends_where_it_is_told(company):
    made = [company(name, city="Lyon").pk for name in ("Acme", "Bolt", "Crin", "Dune")]
    assert rules.select(LYON, most=2).ids.to_pylist() == made[:2]
    assert rules.select(LYON, after=made[1]).ids.to_pylist() == made[2:]
    assert rules.select(LYON, after=made[3]).count == 0


def test_rows_are_read_a_chunk_at_a_time(company, monkeypatch):
    made = [company(name, city="Lyon").pk for name in ("Acme", "Bolt", "Crin", "Dune", "Erg")]
    monkeypatch.setattr(rules, "CHUNK", 2)
    found = rules.select(LYON)
    assert [*found.chunks()] == [made[:2], made[2:4], made[4:]]
    assert [*found.chunks(3)] == [made[:2], made[2:3]]
    assert [row["id"] for row in found.rows()] == made


def test_who_was_deleted_since_is_left_out(company, contact):
    contact("lea@acme.fr")
    contact("marc@acme.fr")
    found = rules.select("contacts where email is known")
    Contact.objects.get(email="lea@acme.fr").delete()
    assert [row["email"] for row in found.rows()] == ["marc@acme.fr"]


def test_the_file_of_a_selection_is_that_of_an_export(company, contact):
    company("Acme", siren="732829320", city="Lyon", website="acme.fr")
    company("Bolt", city="Lyon")
    found = rules.select(LYON)
    assert [*exports.company_rows_of(found.chunks())] == [*exports.company_rows(Company.objects.all())]
    contact("lea@acme.fr", last_name="Morel")
    found = rules.select("contacts where email is known")
    assert [*exports.contact_rows_of(found.chunks())] == [*exports.contact_rows(Contact.objects.all())]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31T18:00+02:00", datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ("2026-03-31T18:00", datetime(2026, 3, 31, 16, tzinfo=UTC)),  # Paris, in summer
        ("2026-01-31 18:00", datetime(2026, 1, 31, 17, tzinfo=UTC)),  # and in winter
        ("2026-03-31", datetime(2026, 3, 30, 22, tzinfo=UTC)),
        ("2026-03-31T16:00Z", datetime(2026, 3, 31, 16, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_the_zone_of_the_workspace(home, text, instant):
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    with timezone.override(ZoneInfo("Europe/Paris")):
        assert rules.instant(text) == instant


@pytest.mark.parametrize("text", ["hier", "2026-02-30", "2026-03-31T25:00", "0001-01-01", "12", "٢٠٢٦-٠١-٠١"])
def test_what_is_no_instant_is_refused(home, text):
    with pytest.raises(Refused) as refused:
        rules.instant(text)
    assert refused.value.code == "rule.now"


def test_a_mistake_has_its_place_and_what_was_meant(home):
    with pytest.raises(RuleError) as wrong:
        rules.count('companies where city = "Lyon"\n  and hedcount > 3')
    place = wrong.value.place
    assert (place["line"], place["column"], place["start"], place["end"]) == (2, 7, 36, 44)
    assert place["hint"] == "headcount"
    assert wrong.value.shown.splitlines() == ["  and hedcount > 3", "      ^^^^^^^^"]


def test_an_explanation_is_of_one_of_the_rules_kind(home, company, contact):
    acme = company("Acme", siren="732829320")
    with pytest.raises(Refused) as refused:
        rules.explain(LYON, contact="lea@acme.fr")
    assert refused.value.code == "rule.who"
    with pytest.raises(NotFound):
        rules.explain(LYON, company="552100554")
    with pytest.raises(Refused):
        rules.explain("contacts where email is known", company=str(acme.pk))
