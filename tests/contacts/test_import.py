"""Importing contacts: known by address, else by key; never doubled; older news never over newer; tied to companies."""

from datetime import date
from functools import partial

import pytest
from cast import counts

from tamis.app.models import Act, Contact
from tamis.app.services import contact_imports, contacts, custom_fields, exports, labels, statuses, tags
from tamis.app.services.contact_sheet import sheet
from tamis.app.services.subjects import CONTACT
from tamis.errors import Refused
from tamis.sources.writing import Format, write_table

ACME, BOLT = "732829320", "552100554"
FULL = (
    "Civilité;Prénom;Nom;E-mail;Portable;Ville;Pays;Société;SIREN;Secteur;Poste;Fonction;Niveau hiérarchique;Offre\n"
    f"Madame;Alice;Durand;Alice.Durand@ACME.fr;06 12 34 56 78;Lyon;France;Acme;{ACME};Bois;Acheteuse;Achats;Cadre;Pro\n"
)


@pytest.fixture
def import_contacts(import_text):
    """Imports the text of a file of contacts."""
    return partial(import_text, contact_imports)


def test_every_field_is_read_and_remembers_source_and_date(import_contacts, company):
    acme = company("Acme", siren=ACME)
    assert counts(import_contacts(FULL, as_of=date(2026, 3, 31))) == (1, 0, 0, 0)
    alice = Contact.objects.get()
    assert (alice.civility, alice.first_name, alice.last_name, alice.email, alice.email_key) == (
        "Mme", "Alice", "Durand", "Alice.Durand@acme.fr", "alice.durand@acme.fr",
    )  # fmt: skip
    assert (alice.phone, alice.country, alice.company, alice.linked_by) == ("+33612345678", "FR", acme, "siren")
    rows = {row["key"]: row for row in sheet(alice)["fields"]}
    for key in ("civility", "phone", "company_name", "job_title", "level", "offer"):
        assert (str(rows[key]["source"]), rows[key]["as_of"]) == ("import base.csv", date(2026, 3, 31)), key


def test_the_same_file_twice_changes_nothing(import_contacts, workspace):
    import_contacts(FULL)
    before = Contact.objects.values().get()
    assert counts(import_contacts(FULL)) == (0, 0, 1, 0)
    assert Contact.objects.values().get() == before
    assert Act.objects.filter(kind=Act.Kind.CONTACTS_IMPORTED).count() == 1


def test_a_dry_run_says_the_same_and_leaves_nothing(import_contacts, workspace):
    assert counts(import_contacts(FULL, dry_run=True)) == (1, 0, 0, 0)
    assert not Contact.objects.exists()


def test_older_news_never_overwrites_newer_and_fills_what_was_empty(import_contacts, workspace):
    import_contacts("E-mail;Poste;Ville\na@acme.fr;Directrice;\n", as_of=date(2026, 6, 1))
    import_contacts("E-mail;Poste;Ville\nA@ACME.FR;Stagiaire;Lyon\n", as_of=date(2025, 1, 1))
    contact = Contact.objects.get()
    assert (contact.job_title, contact.city) == ("Directrice", "Lyon")


def test_without_an_address_the_key_named_by_the_column_tells_who_it_is(import_contacts, workspace):
    text = "ID CRM;Nom;E-mail;Ville\nC-1;Durand;;Lyon\nC-2;Petit;p@bolt.fr;Lille\n;Roux;;Brest\n"
    report = import_contacts(text, key="ID CRM")
    assert counts(report) == (2, 0, 0, 1)
    assert report.told == [
        (4, "refused", "ni adresse e-mail ni clé : complétez la ligne, ou nommez la colonne de la clé (--key)")
    ]
    again = import_contacts("ID CRM;E-mail\nC-1;durand@acme.fr\n", key="ID CRM")
    assert counts(again) == (0, 1, 0, 0)
    assert Contact.objects.get(external_key="C-1").email == "durand@acme.fr"


def test_a_column_of_keys_that_is_not_there_is_refused_at_once(import_contacts, workspace):
    with pytest.raises(Refused, match="colonne « ID »"):
        import_contacts("E-mail\na@acme.fr\n", key="ID")


def test_a_key_of_another_contact_is_left_to_it(import_contacts, workspace):
    import_contacts("Clé externe;E-mail\nC-1;a@acme.fr\nC-2;b@acme.fr\n")
    report = import_contacts("Clé externe;E-mail;Ville\nC-2;a@acme.fr;Lyon\n")
    assert counts(report) == (0, 1, 0, 0)
    assert [what for _, what, _ in report.told] == ["dropped"]
    assert Contact.objects.get(email_key="a@acme.fr").external_key == "C-1"


def test_two_lines_of_one_contact_make_one(import_contacts, workspace):
    report = import_contacts("E-mail;Ville;Poste\na@acme.fr;Lyon;\nA@acme.fr;;Acheteur\n")
    assert counts(report) == (1, 1, 0, 0)
    contact = Contact.objects.get()
    assert (contact.city, contact.job_title) == ("Lyon", "Acheteur")


def test_a_bad_cell_is_dropped_and_told_and_the_line_kept(import_contacts, workspace):
    report = import_contacts("E-mail;Portable;Pays\na@acme.fr;12;Atlantide\nb arobase;0612345678;\n")
    assert counts(report) == (1, 0, 0, 1)
    assert [(line, what) for line, what, _ in report.told] == [
        (2, "dropped"), (2, "dropped"), (3, "refused"), (3, "refused"),
    ]  # fmt: skip


def test_a_national_number_is_of_the_contacts_country(import_contacts, workspace):
    import_contacts("E-mail;Portable;Pays\na@acme.be;0475 12 34 56;Belgique\nb@acme.fr;612345678;\n")
    assert [*Contact.objects.order_by("pk").values_list("phone", flat=True)] == ["+32475123456", "+33612345678"]


def test_the_company_is_the_one_given_else_that_of_the_address(import_contacts, company):
    acme, bolt = company("Acme", siren=ACME, email_domain="acme.fr"), company("Bolt", siren=BOLT)
    text = (
        "E-mail;Société;SIREN\n"
        f"a@gmail.com;;{BOLT}\n"  # given by SIREN
        "b@gmail.com;BOLT;\n"  # given by name
        "c@acme.fr;;\n"  # by the address
        "d@gmail.com;;\n"  # a free provider says nothing
        "e@acme.fr;Bolt;\n"  # the name says one, the domain another: nobody guesses
        "f@acme.fr;Inconnue;\n"  # an unknown name leaves it to the domain
    )
    report = import_contacts(text)
    found = {each.email[0]: (each.company, each.linked_by) for each in Contact.objects.all()}
    assert found == {
        "a": (bolt, "siren"), "b": (bolt, "name"), "c": (acme, "domain"), "d": (None, ""), "e": (None, ""),
        "f": (acme, "domain"),
    }  # fmt: skip
    assert (report.linked, report.review) == (4, 1)
    assert report.told == [
        (6, "review", "sans entreprise : le domaine désigne une entreprise, le nom une autre")
    ]  # fmt: skip


def test_a_contact_waits_for_its_company_and_is_tied_when_it_is_known(import_contacts, company):
    import_contacts(f"E-mail;SIREN\na@gmail.com;{ACME}\nb@acme.fr;\nc@gmail.com;\n")
    acme = company("Acme", siren=ACME, website="acme.fr")
    ties = {each.email[0]: (each.company, each.linked_by) for each in Contact.objects.all()}
    assert ties == {"a": (acme, "siren"), "b": (acme, "domain"), "c": (None, "")}


def test_a_tie_by_hand_stays_until_newer_news_names_another_company(import_contacts, alice, company):
    bolt, acme = company("Bolt", siren=BOLT), company("Acme", siren=ACME)
    import_contacts("E-mail;Ville\na@gmail.com;Lyon\n")
    contacts.tie_to(alice, Contact.objects.get(), bolt)
    import_contacts("E-mail;Ville\na@gmail.com;Lille\n")
    assert (Contact.objects.get().company, Contact.objects.get().linked_by) == (bolt, "hand")
    import_contacts(f"E-mail;SIREN\na@gmail.com;{ACME}\n")
    assert (Contact.objects.get().company, Contact.objects.get().linked_by) == (acme, "siren")


def test_an_unknown_status_refuses_its_line_and_says_what_is_near(import_contacts, alice):
    statuses.add(alice, "Ancien client")
    report = import_contacts("E-mail;Statut\na@acme.fr;ancien client\nb@acme.fr;ancien clients\n")
    assert counts(report) == (1, 0, 0, 1)
    assert report.told == [
        (
            3,
            "refused",
            "Statut : aucun statut ne s'appelle « ancien clients ». Vouliez-vous dire « ancien client » ?",
        )
    ]
    assert Contact.objects.get().status.name == "Ancien client"


def test_an_older_status_never_replaces_a_newer_one(import_contacts, alice):
    froid, chaud = statuses.add(alice, "Froid"), statuses.add(alice, "Chaud")
    import_contacts("E-mail;Statut\na@acme.fr;Chaud\n", as_of=date(2026, 6, 1))
    assert counts(import_contacts("E-mail;Statut\na@acme.fr;Froid\n", as_of=date(2025, 1, 1))) == (0, 0, 1, 0)
    assert Contact.objects.get().status == chaud
    import_contacts("E-mail;Statut\na@acme.fr;Froid\n", as_of=date(2026, 7, 1))
    assert Contact.objects.get().status == froid


def test_unknown_tags_refuse_their_line_unless_they_are_to_be_made(import_contacts, alice):
    tags.add(alice, "Secteur", "Bois")
    text = "E-mail;Tag:Secteur;Tags\na@acme.fr;bois | Métal;Salon: Lyon\nb@acme.fr;Bois;\n"
    assert counts(import_contacts(text)) == (1, 0, 0, 1)
    assert counts(import_contacts(text, create_tags=True)) == (1, 0, 1, 0)
    first = Contact.objects.get(email="a@acme.fr")
    assert {(each.tag.category.name, each.tag.name, each.by) for each in first.tags.all()} == {
        ("Secteur", "Bois", 3), ("Secteur", "Métal", 3), ("Salon", "Lyon", 3),
    }  # fmt: skip
    assert counts(import_contacts(text, create_tags=True)) == (0, 0, 2, 0)


def test_an_import_takes_no_tag_off_and_leaves_a_hands_tag_a_hands(import_contacts, alice):
    bois = tags.add(alice, "Secteur", "Bois")
    import_contacts("E-mail\na@acme.fr\n")
    contact = Contact.objects.get()
    labels.put_tag(alice, CONTACT, [contact.pk], bois)
    import_contacts("E-mail;Tags\na@acme.fr;Bois\n")
    import_contacts("E-mail;Tags\na@acme.fr;\n")
    assert [each.by for each in contact.tags.all()] == [1]


def test_users_own_fields_are_the_contacts_own(import_contacts, alice):
    from tamis.app.models import CustomField

    custom_fields.add(alice, "Score", CustomField.Type.NUMBER)
    assert import_contacts("E-mail;Score\na@acme.fr;12\n").new_headings == [
        {"heading": "Score", "key": "score", "type": "number"}
    ]
    field = custom_fields.add(alice, "Score", CustomField.Type.NUMBER, subject="contact")
    import_contacts("E-mail;Score\na@acme.fr;12\n")
    assert Contact.objects.get().extra == {"score": 12}
    assert custom_fields.delete(alice, field) == 1
    assert Contact.objects.get().extra == {}
    assert custom_fields.find("score").subject == "company"


def test_what_goes_out_comes_in_again_the_same(import_contacts, alice, tmp_path):
    statuses.add(alice, "Chaud")
    import_contacts(
        "Prénom;Nom;E-mail;Portable;Poste;Statut;Tags;Clé externe\n"
        "=1+1;@x;a@acme.fr;+33612345678;-2;Chaud;Secteur: Bois | Secteur: Métal;'=k\n",
        create_tags=True,
    )
    before = Contact.objects.values(*(field for field in _PLAIN)).get()
    file = tmp_path / "sortie.csv"
    write_table(file, exports.contact_headings(), exports.contact_rows(contacts.existing()), Format.CSV)
    assert counts(contact_imports.import_file(alice, file)) == (0, 0, 1, 0)
    Contact.objects.all().delete()
    assert counts(contact_imports.import_file(alice, file)) == (1, 0, 0, 0)
    assert Contact.objects.values(*(field for field in _PLAIN)).get() == before
    assert {each.tag.name for each in Contact.objects.get().tags.all()} == {"Bois", "Métal"}


_PLAIN = ("first_name", "last_name", "email", "phone", "job_title", "external_key", "origin", "status__name")


@pytest.mark.soak
def test_twenty_thousand_contacts_come_in_once(import_contacts, workspace):
    lines = "".join(f"p{n}@soc{n % 3000}.fr;Nom {n};Société {n % 3000}\n" for n in range(20_000))
    assert counts(import_contacts("E-mail;Nom;Société\n" + lines)) == (20_000, 0, 0, 0)
    assert counts(import_contacts("E-mail;Nom;Société\n" + lines)) == (0, 0, 20_000, 0)
    assert Contact.objects.count() == 20_000
