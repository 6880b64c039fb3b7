"""Conditions on companies: what each operator finds, worked by hand, and that both of its forms agree."""

from typing import Any

import pytest
from django.http import QueryDict

from tamis.app.models import CustomField, List
from tamis.app.services import companies, company_table, custom_fields, lists, merging, table_orders
from tamis.app.services.company_conditions import OPERATORS, operators_of
from tamis.app.services.company_filters import Filters, filtered
from tamis.messages import speaking


@pytest.fixture
def base(alice: Any, company: Any, make_list: Any, import_lines: Any) -> dict[str, Any]:
    """Three companies, one of them claimed twice and pinned."""
    custom_fields.add(alice, "ERP", CustomField.Type.CHOICE, choices=["SAP", "Sage"])
    custom_fields.add(alice, "Note", CustomField.Type.NUMBER)
    custom_fields.add(alice, "Remarque", CustomField.Type.TEXT)
    custom_fields.add(alice, "Revu", CustomField.Type.DATE)
    custom_fields.add(alice, "Abonné", CustomField.Type.YES_NO)
    made = {
        "acme": company("Acmé Logiciels", siren="732829320", naf="62.01Z", postal_code="69003", city="Lyon",
                        headcount="120", revenue="2,5 M€", website="acme.fr", size_class="PME", founded="31/03/2012",
                        erp="SAP", note="12,5", remarque="Très ÉLOIGNÉ", revu="2026-03-31", abonne="oui", brand="Zoé"),
        "morel": company("Atelier Morel", naf="25.62B", postal_code="42000", city="Saint-Étienne",
                         headcount_bracket="11", email_domain="morel.fr", address="2 Œillets d'Or", country="Belgique",
                         abonne="non"),
        "zinc": company("Zinc et Cie", naf="62.02A", postal_code="01000", city="LYON", headcount="8", revenue="90000"),
    }  # fmt: skip
    salons = make_list("prospect", "salons")
    import_lines(salons, "Acmé Logiciels;732829320;;")
    companies.move(alice, lists.find("client-default"), [made["acme"].pk])
    lists.lock(alice, [lists.find("client-default")])
    return made


def _found(query: str) -> set[str]:
    filters = Filters.read(QueryDict(query.format(**{each.label: each.pk for each in List.objects.all()})))
    names = {each.name for each in filtered(filters)}
    assert names == {each.name for each in companies.existing().filter(filters.companies(checked=True))}, "checked"
    assert names == {each.name for each in company_table.page(filters).companies}, "page"
    return {name.split()[0] for name in names}


ACME, MOREL, ZINC = "Acmé", "Atelier", "Zinc"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("city=lyon", {ACME, ZINC}),
        ("city=SAINT-ETIENNE", {MOREL}),
        ("city.not=Lyon", {MOREL}),
        ("city.contains=éti", {MOREL}),
        ("city.starts-with=ly", {ACME, ZINC}),
        ("city.in=Lyon|Saint-Étienne", {ACME, MOREL, ZINC}),
        ("address.contains=oeillets d’or", {MOREL}),
        ("address.missing=", {ACME, ZINC}),
        ("name.contains=logiciels", {ACME}),
        ("name=zoe", {ACME}),
        ("name.not=zoe", {MOREL, ZINC}),
        ("brand.known=", {ACME}),
        ("brand.missing=", {MOREL, ZINC}),
        ("siren=732 829 320", {ACME}),
        ("siren.starts-with=7328", {ACME}),
        ("siren.missing=", {MOREL, ZINC}),
        ("siren.not=732829320", set()),
        ("naf=6201z", {ACME}),
        ("naf.starts-with=62", {ACME, ZINC}),
        ("naf.starts-with=6202", {ZINC}),
        ("naf.in=62.01Z|25.62B", {ACME, MOREL}),
        ("department=1", {ZINC}),
        ("country=be", {MOREL}),
        ("headcount=8", {ZINC}),
        ("headcount.at-least=10", {ACME, MOREL}),
        ("headcount.at-most=10", {MOREL, ZINC}),
        ("headcount.between=9..120", {ACME, MOREL}),
        ("headcount.not=8", {ACME, MOREL}),
        ("headcount.known=", {ACME, MOREL, ZINC}),
        ("headcount.missing=", set()),
        ("revenue.at-least=2,5 M€", {ACME}),
        ("revenue.between=90000..100000", {ZINC}),
        ("revenue.missing=", {MOREL}),
        ("size_class.in=PME|ETI", {ACME}),
        ("size_class.missing=", {MOREL, ZINC}),
        ("headcount_bracket=10 à 19 salariés", {MOREL}),
        ("founded=31/03/2012", {ACME}),
        ("founded.at-most=2012-03-30", set()),
        ("first_seen.at-least=2020-01-01", {ACME, MOREL, ZINC}),
        ("updated.at-most=2020-01-01", set()),
        ("updated.at-least=2020-01-01", {ACME, MOREL, ZINC}),
        ("website=https://www.acme.fr/contact", {ACME}),
        ("website.contains=cme", {ACME}),
        ("website.missing=", {MOREL, ZINC}),
        ("email_domain.known=", {MOREL}),
        ("segment=client", {ACME}),
        ("segment.not=client", {MOREL, ZINC}),
        ("segment.in=client|prospect", {ACME, MOREL, ZINC}),
        ("list={salons}", set()),
        ("list=prospect-default", {MOREL, ZINC}),
        ("locked=yes", {ACME}),
        ("locked=non", {MOREL, ZINC}),
        ("pinned=yes", {ACME}),
        ("pinned=no", {MOREL, ZINC}),
        ("claim={salons}", {ACME}),
        ("claim_import={salons}", {ACME}),
        ("claim_hand={salons}", set()),
        ("claim_hand=client-default", {ACME}),
        ("claim_import.known=&list.not={salons}", {ACME}),
        ("claim.missing=", {MOREL, ZINC}),
        ("claim_crm.known=", set()),
        ("own.erp=sap", {ACME}),
        ("own.erp.missing=", {MOREL, ZINC}),
        ("own.note.at-least=12,5", {ACME}),
        ("own.note.at-most=12", set()),
        ("own.remarque.contains=eloigne", {ACME}),
        ("own.revu.between=2026-03-31..2026-04-01", {ACME}),
        ("own.abonne=yes", {ACME}),
        ("own.abonne=non", {MOREL}),
        ("city=lyon&naf.starts-with=62&headcount.at-most=10", {ZINC}),
        ("city.contains=o&city.contains=n", {ACME, ZINC}),
        ("q=morel.fr", {MOREL}),
        ("q=mor&city=lyon", set()),
    ],
)
def test_what_each_condition_finds(base: Any, query: str, found: set[str]) -> None:
    assert _found(query) == found


def test_many_matches_are_found_as_few_are(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_orders, "FEW", 1)
    for query, found in (
        ("city=lyon", {ACME, ZINC}),
        ("headcount.at-least=1&sort=-headcount", {ACME, MOREL, ZINC}),
        ("naf.starts-with=62&sort=naf", {ACME, ZINC}),
        ("website.missing=&sort=-revenue", {MOREL, ZINC}),
        ("segment=prospect&sort=city", {MOREL, ZINC}),
    ):
        assert _found(query) == found
        monkeypatch.setattr(table_orders, "HORIZON", 0)  # nothing near enough: sorted after all
        assert _found(query) == found
        monkeypatch.setattr(table_orders, "HORIZON", 10_000)


@pytest.mark.parametrize("few", [1, 5000])
@pytest.mark.parametrize("horizon", [1, 10_000])
@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["Acmé Logiciels", "Atelier Morel", "Zinc et Cie"]),
        ("-name", ["Zinc et Cie", "Atelier Morel", "Acmé Logiciels"]),
        ("revenue", ["Zinc et Cie", "Acmé Logiciels", "Atelier Morel"]),
        ("-revenue", ["Acmé Logiciels", "Zinc et Cie", "Atelier Morel"]),
        ("-city", ["Atelier Morel", "Zinc et Cie", "Acmé Logiciels"]),
        ("founded", ["Acmé Logiciels", "Atelier Morel", "Zinc et Cie"]),
    ],
)
def test_pages_go_there_and_back_in_one_order(
    base: Any, monkeypatch: pytest.MonkeyPatch, few: int, horizon: int, sort: str, names: list[str]
) -> None:
    for name, value in (("FEW", few), ("HORIZON", horizon)):
        monkeypatch.setattr(table_orders, name, value)
    monkeypatch.setattr(company_table, "PAGE", 1)
    for query in (f"sort={sort}", f"sort={sort}&naf.known="):
        filters = Filters.read(QueryDict(query))
        first = company_table.page(filters)
        second = company_table.page(filters, 2, after=first.companies[0].pk)
        third = company_table.page(filters, 3, after=second.companies[0].pk)
        assert [each.companies[0].name for each in (first, second, third)] == names
        assert [each.has_next for each in (first, second, third)] == [True, True, False]
        back = company_table.page(filters, 2, before=third.companies[0].pk)
        assert [each.name for each in back.companies] == names[1:2]
        assert (back.has_previous, back.has_next) == (True, True)
        assert not company_table.page(filters, 1, before=second.companies[0].pk).has_previous


def test_a_merged_company_is_found_only_as_the_one_it_is_part_of(alice: Any, base: Any) -> None:
    merging.merge(alice, base["morel"], base["zinc"])
    assert _found("naf.starts-with=62") == {ACME}
    assert _found("name.contains=zinc") == {MOREL}


def test_what_is_edited_or_emptied_is_found_anew(alice: Any, base: Any) -> None:
    companies.edit(alice, base["acme"], {"city": "Brest", "note": "3", "erp": ""})
    assert _found("city=brest") == {ACME}
    assert _found("own.note=3") == {ACME}
    assert _found("own.erp.known=") == set()


def test_an_address_has_one_form(base: Any) -> None:
    one = Filters.read(QueryDict("revenue.at-least=2,5 M€&city=Lyon&naf=6201z&q=acme&sort=name&cols=name,city"))
    two = Filters.read(QueryDict("naf=62.01Z&city=Lyon&revenue.at-least=2500000&cols=name,city&q=acme&city=Lyon"))
    assert one.query() == two.query() == "q=acme&naf=62.01Z&revenue.at-least=2500000.00&city=Lyon&cols=name,city"
    assert Filters.read(QueryDict(one.query())) == one


def test_conditions_are_told_in_both_languages(base: Any) -> None:
    filters = Filters.read(QueryDict("naf.starts-with=62&city.in=Lyon|Brest&headcount.between=1..9&segment=client"))
    assert [str(each.sentence) for each in filters.conditions] == [
        "Segment est Client",
        "Code NAF commence par « 62 »",
        "Effectif entre 1 et 9",
        "Ville est parmi Lyon, Brest",
    ]
    with speaking("en"):
        assert str(filters.conditions[2].sentence).endswith("between 1 and 9")


def test_every_attribute_takes_operators_and_every_operator_is_taken(base: Any) -> None:
    from tamis.app.services.company_attributes import attributes

    taken = {operator for attribute in attributes() for operator in operators_of(attribute)}
    assert taken == {*OPERATORS}
    assert all(operators_of(attribute) for attribute in attributes())


def test_wildcards_are_letters_like_any_other(company: Any) -> None:
    company("Cent %", city="100 % Nature")
    company("Acme", city="100 fois Nature")
    assert _found("city.contains=100 %25") == {"Cent"}
    assert _found("city.contains=100 _") == set()
