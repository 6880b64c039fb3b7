"""Lines whose keys nobody has: the company behind a badly written name, a question, or nobody."""

import pickle

import pytest
from cast import list_of
from django.db import connection

from tamis.app.models import Company, ListLine, NameChange
from tamis.app.services import companies, company_imports, merging, name_directory, review
from tamis.identity.names.reading import read_name
from tamis.messages import speaking

FREE_SIREN, OTHER_SIREN = "732829320", "552100554"


@pytest.fixture
def gold(make_list):
    return make_list("client", "or")


def line(name: str) -> ListLine:
    return ListLine.objects.get(name=name, removed_by=None)


def test_a_badly_written_name_finds_its_company_and_says_why(company, gold, import_lines):
    quarry = company("Menuiserie Vieuville et Fils", siren=FREE_SIREN)
    company("Menuiserie Castelnau", siren=OTHER_SIREN)
    report = import_lines(gold, "MENUIS. VIEUVILLE & FILS;;gmx-pas-libre.fr;")
    assert (report.matched, report.moved, list_of(quarry)) == (1, 1, "client-or")
    [choice] = review.choices(line("MENUIS. VIEUVILLE & FILS"))
    assert (choice.company, choice.method) == (quarry, "abbreviations")
    assert "menuis = menuiserie" in str(choice.evidence)
    with speaking("en"):
        assert str(choice.evidence).startswith("words in common: vieuville")


def test_names_that_are_near_each_other_are_a_question(company, gold, import_lines):
    one, other = company("Transports Vieuville Nord"), company("Transports Vieuville Sud")
    report = import_lines(gold, "Transp Vieuville;;vieuville-exemple.fr;")
    assert (report.matched, report.review) == (0, 1)
    assert {choice.company for choice in review.choices(line("Transp Vieuville"))} == {one, other}
    assert line("Transp Vieuville").doubt_message


def test_a_siren_nobody_has_waits_whatever_its_name_resembles(company, gold, import_lines):
    company("Menuiserie Vieuville et Fils", siren=FREE_SIREN)
    report = import_lines(gold, f"Menuis Vieuville et Fils;{OTHER_SIREN};;")
    assert (report.waiting, report.review) == (1, 0)


def test_a_siren_nobody_has_is_a_question_when_a_company_without_siren_fits(company, gold, import_lines):
    company("Menuiserie Castelnau", siren=FREE_SIREN)
    quarry = company("Menuiserie Vieuville et Fils")
    report = import_lines(gold, f"Menuis Vieuville et Fils;{OTHER_SIREN};;")
    assert (report.waiting, report.review) == (0, 1)
    assert [choice.company for choice in review.choices(line("Menuis Vieuville et Fils"))] == [quarry]


def test_a_near_name_at_another_domain_is_a_question(company, gold, import_lines):
    company("Menuiserie Vieuville et Fils", website="vieuville.fr")
    report = import_lines(gold, "Menuis Vieuville et Fils;;autre-exemple.fr;")
    assert (report.matched, report.review) == (0, 1)


def test_a_domain_and_a_name_that_disagree_are_a_question(company, gold, import_lines):
    site, name = company("Groupe Castelnau", website="castelnau.fr"), company("Menuiserie Vieuville")
    report = import_lines(gold, "Menuiserie Vieuville;;castelnau.fr;")
    assert (report.matched, report.review) == (0, 1)
    assert [choice.company for choice in review.choices(line("Menuiserie Vieuville"))] == [site, name]


def test_a_company_a_person_ruled_out_is_not_taken_again(alice, company, gold, import_lines):
    quarry = company("Menuiserie Vieuville et Fils")
    import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;")
    review.refuse(alice, line("Menuis Vieuville et Fils"), quarry)
    assert line("Menuis Vieuville et Fils").status == "waiting"
    report = import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;")
    assert (report.matched, report.waiting) == (0, 1)


def test_a_waiting_line_is_answered_by_a_company_whose_name_it_resembles(company, gold, import_lines):
    import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;", "Cabinet Castelnau;;castelnau-exemple.fr;")
    quarry = company("Menuiserie Vieuville et Fils")
    assert list_of(quarry) == "client-or"
    assert {each.name: each.status for each in ListLine.objects.all()} == {
        "Menuis Vieuville et Fils": "matched",
        "Cabinet Castelnau": "waiting",
    }


def test_a_file_of_companies_answers_waiting_lines_by_name_too(alice, gold, import_lines, tmp_path):
    import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;")
    file = tmp_path / "entreprises.csv"
    file.write_text(f"Raison sociale;SIREN\nMenuiserie Vieuville et Fils;{FREE_SIREN}\n")
    assert company_imports.import_file(alice, file).answered_lines == 1
    assert list_of(Company.objects.get()) == "client-or"


def test_names_follow_every_change_of_the_base(alice, company, gold, import_lines):
    def found(name: str = "Menuis Vieuville et Fils;;exemple-libre.fr;") -> int:
        return import_lines(gold, name, dry_run=True).matched

    quarry = company("Menuiserie Vieuville et Fils", brand="Fenêtres Castelnau Habitat")
    assert found() == 1
    assert found("Fenetres Castelnau Habit;;exemple-libre.fr;") == 1
    companies.drop(alice, quarry, "Fenêtres Castelnau Habitat")
    assert found("Fenetres Castelnau Habit;;exemple-libre.fr;") == 0
    other = company("Groupe Roquebrune Distribution")
    merged = merging.merge(alice, other, quarry)
    import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;")
    assert line("Menuis Vieuville et Fils").company == other
    merging.split(alice, merged)
    assert line("Menuis Vieuville et Fils").company == quarry
    Company.objects.filter(pk=quarry.pk).delete()
    assert found() == 0


def test_a_rehearsal_leaves_no_name_behind(alice, company, gold, import_lines, tmp_path):
    company("Cabinet Castelnau")
    import_lines(gold, "Cabinet Castelnau;;castelnau-exemple.fr;", "Autre Vieuville;;exemple-libre.fr;")
    file = tmp_path / "entreprises.csv"
    file.write_text("Raison sociale\nMenuiserie Vieuville et Fils\n")
    company_imports.import_file(alice, file, dry_run=True)
    report = import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;", dry_run=True)
    assert (report.matched, report.waiting) == (0, 1)
    roquebrune = company("Transports Roquebrune")  # may get the id that the rehearsal had given
    assert import_lines(gold, "Menuis Vieuville et Fils;;exemple-libre.fr;", dry_run=True).matched == 0
    import_lines(gold, "Transp Roquebrune;;exemple-libre.fr;")
    assert line("Transp Roquebrune").company == roquebrune


@pytest.mark.parametrize(
    ("sql", "noted"),
    [
        ("UPDATE tamis_companyname SET text = 'Acmé' WHERE company_id = %s", True),
        ("UPDATE tamis_companyname SET kind = 'usual' WHERE company_id = %s", False),
        ("UPDATE tamis_company SET merged_into_id = id WHERE id = %s", True),
        ("UPDATE tamis_company SET city = 'Lyon' WHERE id = %s", False),
        ("DELETE FROM tamis_companyname WHERE company_id = %s", True),
    ],
)
def test_the_log_notes_names_whatever_path_wrote_them(company, sql, noted):
    acme = company("Acme")
    before = NameChange.objects.latest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute(sql, [acme.pk])
    changed = NameChange.objects.filter(pk__gt=before).values_list("company", flat=True)
    assert {*changed} == ({acme.pk} if noted else set())


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    name_directory.forget()
    yield tmp_path
    name_directory.forget()


@pytest.fixture
def kept(home, company, django_capture_on_commit_callbacks):
    """A directory of one company, written beside the database; the process has forgotten it."""
    quarry = company("Menuiserie Vieuville et Fils")
    with django_capture_on_commit_callbacks(execute=True):
        name_directory.keep()
    assert (home / "names.index").stat().st_mode & 0o077 == 0
    name_directory.forget()
    return quarry


def test_the_directory_is_read_where_it_was_written(kept, home, monkeypatch):
    monkeypatch.setattr(name_directory, "_names", None)  # it would be read anew with this
    assert len(name_directory.current()) == 1


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", pickle.dumps("nonsense")], ids=["empty", "other", "no directory"]
)
def test_a_spoilt_file_is_made_anew(kept, home, content):
    (home / "names.index").write_bytes(content)
    assert len(name_directory.current()) == 1


def test_a_file_of_another_database_is_made_anew(kept, company):
    last = NameChange.objects.order_by("-pk").first()
    NameChange.objects.filter(pk=last.pk).update(token=last.token ^ 1)
    castelnau = company("Cabinet Castelnau")
    Company.objects.filter(pk=kept.pk).delete()
    [found] = name_directory.current().candidates(read_name("Castelnau"))
    assert found.key == str(castelnau.pk)


def test_what_changed_after_the_file_was_written_is_followed(kept, company):
    company("Cabinet Castelnau")
    assert len(name_directory.current()) == 2


@pytest.mark.django_db(transaction=True)
def test_names_read_outside_a_transaction_are_written_at_once(home, company, monkeypatch):
    monkeypatch.setattr(name_directory, "UNSAVED_LEAST", 0)
    company("Menuiserie Vieuville et Fils")
    assert len(name_directory.current()) == 1  # writing takes the lock that reading had
    assert (home / "names.index").exists()
