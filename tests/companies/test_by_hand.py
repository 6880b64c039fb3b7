"""Companies typed in, changed, moved and pinned by hand."""

import pytest
from cast import list_of

from tamis.app.models import Company, ListLine, Move
from tamis.app.services import companies, company_conditions, custom_fields, lists
from tamis.app.services.companies import BadFields
from tamis.errors import NotFound, Refused

ACME, BOLT = "732829320", "552100554"


def test_a_company_is_typed_in(company):
    acme = company("Acme", siren="732 829 320", website="www.acme.fr", headcount="12")
    assert (acme.siren, acme.headcount, list_of(acme)) == (ACME, 12, "prospect-default")


@pytest.mark.parametrize(
    ("values", "heading", "said"),
    [
        ({"name": "Acme", "siren": "732829321"}, "SIREN", "contrôle de l'INSEE"),
        ({"name": "Acme", "website": "acme"}, "Site web", "nom de domaine"),
        ({"name": "Acme", "email_domain": "gmail.com"}, "Domaine email", "messagerie gratuite ou jetable"),
        ({"name": "Acme", "headcount": "-3"}, "Effectif", "nombre entier"),
        ({"name": "Acme", "revenue": "1.234"}, "Chiffre d'affaires", "de deux façons"),
        ({"name": "Acme", "country": "Atlantide"}, "Pays", "pays connu"),
        ({"name": "", "siren": ACME}, "Raison sociale", "le nom manque"),
    ],
)
def test_a_bad_value_is_refused_naming_its_field(alice, workspace, values, heading, said):
    with pytest.raises(BadFields) as error:
        companies.add(alice, values)
    assert heading in [fault.column for fault in error.value.faults]
    assert said in str(error.value)
    assert not Company.objects.exists()


def test_an_identifier_already_known_is_refused_naming_its_company(company):
    company("Acme", siren=ACME)
    with pytest.raises(Refused, match="déjà celui de « Acme »"):
        company("Autre", siren=ACME)


def test_an_unknown_field_is_refused_with_the_nearest(alice, workspace):
    with pytest.raises(Refused, match="Vouliez-vous dire « headcount »"):
        companies.add(alice, {"name": "Acme", "headcoun": "3"})


def test_an_empty_value_empties_a_field(alice, company):
    acme = company("Acme", city="Lyon", headcount="3")
    assert companies.edit(alice, acme, {"city": "", "headcount": " "})
    acme.refresh_from_db()
    assert (acme.city, acme.headcount) == ("", None)
    assert not companies.edit(alice, acme, {"city": ""})


def test_a_brand_does_not_rename_a_company(alice, company):
    acme = company("Acme")
    companies.edit(alice, acme, {"brand": "Zorglub"})
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert {name.text for name in acme.names.all()} == {"Acme", "Zorglub"}


def test_a_wrong_siren_is_corrected_by_hand(alice, company, make_list, import_lines):
    acme = company("Acme", siren=BOLT)
    import_lines(make_list("client", "or"), f"Autre;{BOLT};;", f"Acme SA;{ACME};;")
    assert list_of(acme) == "client-or"
    companies.edit(alice, acme, {"siren": ACME})
    assert {line.name: line.status for line in ListLine.objects.all()} == {"Autre": "waiting", "Acme SA": "matched"}
    assert list_of(acme) == "client-or"
    companies.edit(alice, acme, {"siren": ""})
    assert Company.objects.get().siren is None
    assert list_of(acme) == "prospect-default"


def test_a_wrong_domain_and_a_wrong_name_are_taken_away_and_their_lines_wait_again(
    alice, company, make_list, import_lines
):
    acme = company("Acme", siren=ACME, website="vieuville.fr", email_domain="vieuville.fr", brand="Vieuville Conseil")
    import_lines(make_list("client", "or"), "Vieuville Cons. SARL;;vieuville.fr;")
    assert (ListLine.objects.get().method, list_of(acme)) == ("host", "client-or")
    companies.drop(alice, acme, "VIEUVILLE.fr")
    assert not acme.domains.exists()
    assert (ListLine.objects.get().method, list_of(acme)) == ("abbreviations", "client-or")
    companies.drop(alice, acme, "vieuville conseil")
    assert [name.text for name in acme.names.all()] == ["Acme"]
    assert (ListLine.objects.get().status, list_of(acme)) == ("waiting", "prospect-default")


def test_the_name_a_company_goes_by_is_not_taken_away(alice, company):
    acme = company("Acme")
    with pytest.raises(Refused, match="d'abord une autre raison sociale"):
        companies.drop(alice, acme, "ACME")
    with pytest.raises(NotFound, match="n'a ni nom"):
        companies.drop(alice, acme, "Zorglub")


def test_the_users_own_fields_are_edited_like_the_others(alice, company):
    custom_fields.add(alice, "Priorité", "choice", choices=["haute", "basse"])
    acme = company("Acme", priorite="HAUTE")
    assert acme.extra == {"priorite": "haute"}
    with pytest.raises(BadFields, match="haute, basse"):
        companies.edit(alice, acme, {"priorite": "moyenne"})
    companies.edit(alice, acme, {"priorite": ""})
    assert Company.objects.get().extra == {}


@pytest.mark.parametrize(
    ("label", "type", "options", "said"),
    [
        ("Ville", "text", {}, "déjà"),
        ("Code interne", "text", {"key": "siren"}, "déjà"),
        ("Priorité", "choice", {}, "choix"),
        ("Note", "text", {"choices": ["a"]}, "choix"),
        ("Note", "text", {"key": "Note 1"}, "doit commencer"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(alice, workspace, label, type, options, said):
    with pytest.raises(Refused, match=said):
        custom_fields.add(alice, label, type, **options)


def test_a_move_by_hand_pins_and_outranks_later_imports(alice, company, make_list, import_lines):
    acme = company("Acme", siren=ACME)
    companies.move(alice, lists.find("partenaire-default"), [acme.pk])
    import_lines(make_list("client", "or"), f"Acme;{ACME};;")
    assert list_of(acme) == "partenaire-default"
    assert [claim.get_kind_display() for claim in companies.standing_claims(acme)] == ["à la main", "import"]


def test_releasing_the_pin_lets_the_next_claim_show(alice, company, make_list, import_lines):
    acme = company("Acme", siren=ACME)
    companies.move(alice, lists.find("partenaire-default"), [acme.pk])
    companies.move(alice, lists.find("autre-default"), [acme.pk])
    import_lines(make_list("client", "or"), f"Acme;{ACME};;")
    assert companies.release(alice, [acme.pk]) == 1
    assert list_of(acme) == "client-or"  # not the earlier pin


def test_many_companies_move_at_once_or_none(alice, company):
    made = [company(f"C{n}") for n in range(5)]
    target = lists.find("client-default")
    with pytest.raises(NotFound, match="rien n'a été déplacé"):
        companies.move(alice, target, [*(each.pk for each in made), 999_999])
    assert {list_of(each) for each in made} == {"prospect-default"}
    done = companies.move(alice, target, [each.pk for each in made])
    assert (done.moved, done.already_there) == (5, 0)
    assert companies.move(alice, target, [made[0].pk]).already_there == 1
    assert Move.objects.count() == 5


@pytest.mark.parametrize("word", ["acme", "99999", "732829320", "", "9" * 40])
def test_an_unknown_company_is_told(workspace, word):
    with pytest.raises(NotFound):
        companies.find(word)


def test_a_company_is_found_by_number_or_siren(company):
    acme = company("Acme", siren=ACME)
    assert companies.find(str(acme.pk)) == companies.find("732 829 320") == acme


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("acm", {"Acmé"}),
        ("7328", {"Acmé"}),
        ("acme.fr", {"Acmé"}),
        ("BOLT", {"Bolt"}),
        ("zzz", set()),
        ("o", {"Bolt"}),
        ("!!", set()),
    ],
)
def test_search_looks_at_names_identifiers_and_domains(company, typed, found):
    company("Acmé", siren=ACME, website="acme.fr", email_domain="mail.acme.fr")
    company("Bolt", siren=BOLT)
    assert [each.name for each in Company.objects.filter(company_conditions.named(typed))] == sorted(found)
