"""Importing companies: known ones updated by key, never doubled; older news never over newer."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from cast import counts

from tamis.app.models import Act, Company, CompanyDomain, CompanyIdentifier, CustomField
from tamis.app.services import company_imports, custom_fields
from tamis.app.services.company_sheet import sheet
from tamis.errors import Refused

ACME, BOLT = "732829320", "552100554"


@pytest.fixture
def import_companies(import_text):
    """Imports the text of a file of companies."""
    return partial(import_text, company_imports)


FULL = (
    "Raison sociale;Sigle;SIREN;SIRET siège;Site web;Domaine email;APE;Effectif;Tranche effectif;CA;Adresse;"
    "Code postal;Ville;Date de création;Maison mère\n"
    f"ACME FRANCE;AF;{ACME};73282932000074;https://www.acme.fr/;acme-mail.fr;6201z;12;20 à 49 salariés;1,2 M€;"
    f"1 rue de la Paix;1000;Bourg-en-Bresse;31/03/1998;{BOLT}\n"
)


def test_every_field_is_read(import_companies, workspace):
    assert counts(import_companies(FULL)) == (1, 0, 0, 0)
    acme = Company.objects.get()
    assert (acme.name, acme.siren, acme.naf, acme.headcount, acme.headcount_bracket) == (
        "ACME FRANCE", ACME, "62.01Z", 12, "12",
    )  # fmt: skip
    assert (acme.revenue, acme.postal_code, acme.department, acme.region) == (
        Decimal("1200000.00"), "01000", "01", "Auvergne-Rhône-Alpes",
    )  # fmt: skip
    assert (acme.founded, acme.parent_siren) == (date(1998, 3, 31), BOLT)
    assert {(name.kind, name.text) for name in acme.names.all()} == {("legal", "ACME FRANCE"), ("acronym", "AF")}
    assert set(CompanyDomain.objects.values_list("use", "host")) == {("website", "acme.fr"), ("email", "acme-mail.fr")}
    assert set(CompanyIdentifier.objects.values_list("type", "value")) == {("siret", "73282932000074")}


def test_each_field_remembers_source_and_date(import_companies, workspace):
    import_companies(FULL, as_of=date(2026, 3, 31))
    rows = {row["key"]: row for row in sheet(Company.objects.get())["fields"]}
    for key in ("siren", "headcount", "revenue", "name.legal", "domain.website", "siret", "department"):
        assert (str(rows[key]["source"]), rows[key]["as_of"]) == ("import base.csv", date(2026, 3, 31)), key


def test_the_same_file_twice_changes_nothing_and_says_so(import_companies, workspace):
    import_companies(FULL)
    before = Company.objects.values().get()
    assert counts(import_companies(FULL)) == (0, 0, 1, 0)
    assert Company.objects.values().get() == before
    assert Act.objects.filter(kind=Act.Kind.COMPANIES_IMPORTED).count() == 1


@pytest.mark.parametrize(
    "again",
    [
        f"SIREN;Effectif\n{ACME};13\n",
        "SIRET;Effectif\n732 829 320 00074;13\n",
        "Site;Effectif\nwww.acme.fr;13\n",
        "Domaine;Effectif\nacme-mail.fr;13\n",
        "Nom;Effectif\nAcme France;13\n",
        "N° TVA;Effectif\nFR44732829320;13\n",
    ],
    ids=["SIREN", "SIRET", "site", "mail domain", "name", "VAT"],
)
def test_a_known_company_is_updated_by_any_of_its_keys(import_companies, workspace, again):
    import_companies(FULL)
    assert counts(import_companies(again)) == (0, 1, 0, 0)
    assert Company.objects.get().headcount == 13


def test_older_news_never_overwrites_newer(import_companies, workspace):
    import_companies(f"Nom;SIREN;Effectif;Ville\nAcme;{ACME};12;\n", as_of=date(2026, 6, 1))
    report = import_companies(f"Nom;SIREN;Effectif;Ville\nAcme;{ACME};9;Lyon\n", as_of=date(2025, 1, 1))
    acme = Company.objects.get()
    assert (acme.headcount, acme.city) == (12, "Lyon")  # older news still fills what was empty
    assert report.updated == 1
    import_companies(f"SIREN;Effectif\n{ACME};15\n", as_of=date(2026, 6, 1))
    assert Company.objects.get().headcount == 15  # of the same day, the later word counts


def test_an_empty_cell_erases_nothing(import_companies, workspace):
    import_companies(FULL)
    assert counts(import_companies(f"SIREN;Effectif;Ville\n{ACME};;\n")) == (0, 0, 1, 0)


def test_a_bad_cell_is_dropped_and_told_and_the_line_kept(import_companies, workspace):
    report = import_companies(f"Nom;SIREN;Effectif;Site\nAcme;{ACME};env. 12;contact@acme.fr\nBolt;732829321;3;\n")
    assert counts(report) == (2, 0, 0, 0)
    assert report.dropped_cells == 3
    assert report.told == [
        (2, "dropped", "Effectif : « env. 12 » n'est pas un nombre entier"),
        (2, "dropped", "Site : « contact@acme.fr » : c'est une adresse e-mail, écrivez « acme.fr »"),
        (3, "dropped", "SIREN : le SIREN « 732829321 » ne passe pas le contrôle de l'INSEE : vérifiez les chiffres"),
    ]
    assert Company.objects.get(name="Bolt").siren is None


def test_a_line_is_refused_only_without_a_usable_name_or_key(import_companies, workspace):
    report = import_companies(f"Nom;SIREN;Site;Ville\n;{ACME};;Lyon\n;;acme.fr;Lyon\nBolt;;;\n;;;Paris\n--;;;\n")
    assert counts(report) == (3, 0, 0, 2)
    assert [line for line, what, _ in report.told if what == "refused"] == [5, 6, 6]


def test_two_lines_of_one_company_in_a_file_make_one_company(import_companies, workspace):
    report = import_companies(f"Nom;SIREN;Site;Effectif\nAcme;{ACME};acme.fr;3\nACME SAS;;acme.fr;4\nAcme;{ACME};;5\n")
    assert counts(report) == (1, 2, 0, 0)
    assert Company.objects.get().headcount == 5


def test_homonyms_with_their_own_siren_stay_apart(import_companies, workspace):
    assert counts(import_companies(f"Nom;SIREN\nDupont;{ACME}\nDUPONT;{BOLT}\n")) == (2, 0, 0, 0)


def test_a_name_that_several_companies_have_is_told_apart_by_place_or_left_alone(import_companies, workspace):
    import_companies(f"Nom;SIREN;Ville\nDupont;{ACME};Lyon\nDupont;{BOLT};Lille\n")
    report = import_companies("Nom;Ville;Effectif\nDupont;Lille;7\nDupont;;8\n")
    assert (report.updated, report.review, report.created) == (1, 1, 0)
    assert Company.objects.get(siren=BOLT).headcount == 7
    assert [(line, what) for line, what, _ in report.told] == [(3, "review")]


def test_a_company_without_siren_gets_the_one_that_comes_with_its_domain(import_companies, workspace):
    import_companies("Nom;Site\nAcme;acme.fr\n")
    assert counts(import_companies(f"Nom;Site;SIREN\nAcme SAS;acme.fr;{ACME}\n")) == (0, 1, 0, 0)
    assert Company.objects.get().siren == ACME


def test_an_unknown_heading_is_offered_as_a_new_field(import_companies, alice, workspace):
    text = f"Nom;SIREN;Note interne;Premium;Visites\nAcme;{ACME};bon;oui;12\n"
    report = import_companies(text)
    assert report.new_headings == [
        {"heading": "Note interne", "key": "note_interne", "type": "text"},
        {"heading": "Premium", "key": "premium", "type": "yes-no"},
        {"heading": "Visites", "key": "visites", "type": "number"},
    ]
    custom_fields.add(alice, "Visites", CustomField.Type.NUMBER)
    custom_fields.add(alice, "Note", CustomField.Type.TEXT)
    report = import_companies(text, mapping={"note interne": "note", "Premium": ""})
    assert report.new_headings == []
    assert Company.objects.get().extra == {"visites": 12, "note": "bon"}


def test_a_heading_can_be_sent_to_a_field(import_companies, workspace):
    import_companies(f"Client;Code\nAcme;{ACME}\n", mapping={"Client": "name", "Code": "siren"})
    assert Company.objects.get().siren == ACME


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"Absent": "siren"}, "pas de colonne « Absent »"),
        ({"Nom": "nimporte"}, "Aucun champ ne s'appelle « nimporte »"),
        ({"Autre": "headcount"}, "vont au même champ"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(import_companies, workspace, mapping, said):
    with pytest.raises(Refused, match=said):
        import_companies("Nom;Effectif;Autre\nAcme;1;2\n", mapping=mapping)


def test_a_dry_run_counts_the_same_and_changes_nothing(import_companies, workspace):
    text = f"Nom;SIREN;Effectif\nAcme;{ACME};3\nAcme;{ACME};4\n;;\nBolt;;env. 3\n"
    rehearsed = import_companies(text, dry_run=True)
    assert not Company.objects.exists()
    done = import_companies(text)
    assert counts(done) == counts(rehearsed) == (2, 1, 0, 0)
    assert done.told == rehearsed.told


def test_waiting_list_lines_are_answered(import_companies, make_list, import_lines):
    import_lines(make_list("client", "or"), f"Acme;{ACME};;", "Bolt;;bolt.fr;")
    report = import_companies(f"Nom;SIREN;Site\nX;{ACME};\nY;;bolt.fr\nZ;;z.fr\n")
    assert report.answered_lines == 2
    assert Company.objects.filter(list__name="client-or").count() == 2


def test_an_identifier_of_another_company_is_dropped_and_told(import_companies, workspace):
    import_companies(f"Nom;SIREN;LEI\nAcme;{ACME};969500UEQ3U3P21QNJ13\n")
    report = import_companies(f"Nom;SIREN;LEI\nBolt;{BOLT};969500UEQ3U3P21QNJ13\n")
    assert counts(report) == (1, 0, 0, 0)
    assert "appartient déjà à une autre entreprise" in report.told[0][2]


def test_several_values_in_a_cell_are_separated_by_a_bar(import_companies, workspace):
    head = "Nom;SIREN;Site;SIRET\n"
    import_companies(head + f"Acme | Acme Group;{ACME};acme.fr | acme.com;73282932000074|73282932000025\n")
    acme = Company.objects.get()
    assert acme.names.count() == 2
    assert acme.domains.count() == 2
    assert acme.identifiers.count() == 2
