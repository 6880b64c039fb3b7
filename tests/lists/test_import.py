"""Importing a list: lines accepted, matched, waiting; companies sorted; versions brought back."""

import pytest
from cast import list_of

from tamis.app.models import Claim, ListLine, Move, Workspace
from tamis.app.services import companies, exports, list_imports, list_versions, lists
from tamis.errors import Refused, Unreadable

ACME, BOLT, CASA = "732829320", "552100554", "440546018"


def test_a_company_known_by_siren_moves_into_the_list(company, make_list, import_lines):
    acme, salons = company("Acme", siren=ACME), make_list("prospect", "salons")
    report = import_lines(salons, f"Acme;{ACME};;")
    assert list_of(acme) == "prospect-salons"
    assert (report.lines, report.accepted, report.matched, report.moved, report.version) == (1, 1, 1, 1, 1)


def test_a_company_is_known_by_its_registrable_domain(company, make_list, import_lines):
    acme = company("Acme", website="https://www.acme.fr/")
    report = import_lines(make_list("client", "or"), "N'importe quel nom;;mail.acme.fr;")
    assert report.matched == 1
    assert list_of(acme) == "client-or"


def test_a_company_is_known_by_its_folded_name_when_only_one_has_it(company, make_list, import_lines):
    acme = company("L'ATELIER DES ECOLIERS")
    report = import_lines(make_list("client", "or"), "l’Atelier des Écoliers;;atelier-exemple.fr;")
    assert report.matched == 1
    assert list_of(acme) == "client-or"


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ([{"name": "Acme"}, {"name": "ACME"}], "Acme;;acme-exemple.fr;"),
        ([{"name": "A", "website": "groupe.fr"}, {"name": "B", "website": "groupe.fr"}], "Groupe;;groupe.fr;"),
        ([{"name": "Acme", "siren": ACME, "website": "acme.fr"}], f"Acme;{BOLT};acme.fr;"),
        (
            [{"name": "Acme", "siren": ACME}, {"name": "Bolt", "siren": BOLT, "website": "bolt.fr"}],
            f"Acme;{ACME};bolt.fr;",
        ),
        ([{"name": "Acme", "website": "acme.fr"}, {"name": "Bolt", "website": "bolt.fr"}], "Acme;;acme.fr;bolt.fr"),
        ([{"name": "Acme", "website": "acme.fr"}], "Acme;;autre-domaine.fr;"),
        ([{"name": "Acme"}], f"Acme;{ACME};;"),
    ],
    ids=[
        "two of one name", "two at one domain", "domain with another SIREN", "SIREN says one, domain another",
        "mail says one, site another", "same name, another domain", "a company without SIREN fits",
    ],
)  # fmt: skip
def test_a_doubt_waits_for_review(company, make_list, import_lines, known, line):
    made = [company(**values) for values in known]
    report = import_lines(make_list("client", "or"), line)
    assert (report.matched, report.waiting, report.review, report.moved) == (0, 0, 1, 0)
    assert {list_of(each) for each in made} == {"prospect-default"}
    stored = ListLine.objects.get()
    assert stored.doubt_message is not None
    assert stored.candidates


def test_a_siren_nobody_has_waits_whatever_the_name_resembles(company, make_list, import_lines):
    company("Acme", siren=ACME)
    report = import_lines(make_list("client", "or"), f"Acme;{BOLT};;")
    assert (report.waiting, report.review) == (1, 0)


def test_free_mail_never_matches(company, make_list, import_lines):
    company("Dupont", website="dupont.free.fr")
    report = import_lines(make_list("client", "or"), "Martin;;;martin.free.fr")
    assert (report.matched, report.waiting) == (0, 1)


def test_a_waiting_line_claims_its_company_on_the_day_it_becomes_known(company, make_list, import_lines):
    report = import_lines(make_list("client", "or"), f"Acme;{ACME};;", "Bolt;;bolt.fr;", "Casa;;casa-exemple.fr;")
    assert report.waiting == 3
    known = [company("Tout autre nom", siren=ACME), company("Bolt SAS", email_domain="bolt.fr"), company("CASA")]
    assert [list_of(each) for each in known] == ["client-or"] * 3
    assert ListLine.objects.filter(status="matched").count() == 3


def test_the_claim_of_a_line_that_waited_is_as_old_as_its_import(alice, company, make_list, import_lines):
    first, second = make_list("client", "or"), make_list("concurrent", "veille")
    import_lines(first, f"Acme;{ACME};;")
    import_lines(second, "Groupe Acme;;acme.fr;")
    acme = company("Acme", siren=ACME)  # answers the older line
    assert list_of(acme) == "client-or"
    companies.edit(alice, acme, {"website": "acme.fr"})  # answers the later line
    assert list_of(acme) == "concurrent-veille"
    assert [claim.list.name for claim in companies.standing_claims(acme)] == ["concurrent-veille", "client-or"]


def test_a_waiting_line_of_a_deleted_list_claims_nobody(alice, company, make_list, import_lines):
    gold = make_list("client", "or")
    import_lines(gold, f"Acme;{ACME};;")
    lists.delete(alice, gold)
    assert list_of(company("Acme", siren=ACME)) == "prospect-default"


def test_an_import_replaces_what_the_list_held(company, make_list, import_lines):
    acme, bolt, gold = company("Acme", siren=ACME), company("Bolt", siren=BOLT), make_list("client", "or")
    import_lines(gold, f"Acme;{ACME};;")
    report = import_lines(gold, f"Bolt;{BOLT};;")
    assert (report.moved, report.released) == (1, 1)
    assert (list_of(acme), list_of(bolt)) == ("prospect-default", "client-or")


def test_a_released_company_goes_to_its_next_claim(company, make_list, import_lines):
    acme, gold, watch = company("Acme", siren=ACME), make_list("client", "or"), make_list("concurrent", "veille")
    import_lines(watch, f"Acme;{ACME};;")
    import_lines(gold, f"Acme;{ACME};;")
    import_lines(gold, f"Bolt;{BOLT};;")
    assert list_of(acme) == "concurrent-veille"


def test_a_repeated_import_renews_its_claims(company, make_list, import_lines):
    acme, gold, watch = company("Acme", siren=ACME), make_list("client", "or"), make_list("concurrent", "veille")
    import_lines(gold, f"Acme;{ACME};;")
    import_lines(watch, f"Acme;{ACME};;")
    report = import_lines(gold, f"Acme;{ACME};;")
    assert list_of(acme) == "client-or"
    assert report.moved == 1


def test_append_adds_and_does_not_double_what_it_repeats(company, make_list, import_lines):
    acme, bolt, gold = company("Acme", siren=ACME), company("Bolt", siren=BOLT), make_list("client", "or")
    import_lines(gold, f"Acme;{ACME};;", "Waits;;attend-exemple.fr;")
    report = import_lines(gold, f"Bolt;{BOLT};;", f"acme;{ACME};;", "WAITS;;attend-exemple.fr;", append=True)
    assert (report.moved, report.released) == (1, 0)
    assert {list_of(acme), list_of(bolt)} == {"client-or"}
    assert sorted(row[0] for row in exports.list_rows(gold)) == ["Bolt", "WAITS", "acme"]


def test_several_lines_of_one_company_make_one_claim(company, make_list, import_lines):
    acme = company("Acme", siren=ACME, website="acme.fr")
    report = import_lines(make_list("client", "or"), f"Acme;{ACME};;", "Acme Lyon;;acme.fr;")
    assert (report.matched, report.moved) == (2, 1)
    assert Claim.objects.filter(company=acme).count() == 1


def test_every_move_remembers_why_and_the_claims_that_stood(company, make_list, import_lines):
    acme, gold, watch = company("Acme", siren=ACME), make_list("client", "or"), make_list("concurrent", "veille")
    import_lines(gold, f"Acme;{ACME};;", file_name="clients.csv")
    import_lines(watch, "Titre;;;exemple.fr", f"Acme;{ACME};;", file_name="veille.csv")
    last, first = companies.past_moves(acme)
    assert (last.from_list.name, last.to_list.name) == ("client-or", "concurrent-veille")
    assert str(companies.reason(last.claim)) == "import veille.csv, ligne 3"
    assert [claim.list.name for claim in companies.claims_at(last)] == ["concurrent-veille", "client-or"]
    assert [claim.list.name for claim in companies.claims_at(first)] == ["client-or"]
    assert first.act.by == "alice"


def test_a_past_import_can_be_brought_back(alice, company, make_list, import_lines):
    acme, bolt, gold = company("Acme", siren=ACME), company("Bolt", siren=BOLT), make_list("client", "or")
    import_lines(gold, f"Acme;{ACME};;")
    import_lines(gold, f"Casa;{CASA};;", append=True)
    import_lines(gold, f"Bolt;{BOLT};;")
    report = list_imports.restore(alice, gold, 2)
    assert (report.version, report.accepted, report.moved, report.released) == (4, 2, 1, 1)
    assert (list_of(acme), list_of(bolt)) == ("client-or", "prospect-default")
    assert [row[1] for row in exports.list_rows(gold)] == [ACME, CASA]
    assert [row[1] for row in exports.list_rows(gold, 3)] == [BOLT]
    assert [version.number for version in list_versions.history(gold)] == [4, 3, 2, 1]


def test_a_dry_run_says_the_same_and_changes_nothing(company, make_list, import_lines):
    acme, gold = company("Acme", siren=ACME), make_list("client", "or")
    lines = (f"Acme;{ACME};;", "Refusée;1;;", "Attend;;attend-exemple.fr;")
    rehearsed = import_lines(gold, *lines, dry_run=True, file_name="liste.csv").as_json()
    assert list_of(acme) == "prospect-default"
    assert {model.objects.count() for model in (Move, Claim, ListLine)} == {0}
    done = import_lines(gold, *lines, file_name="liste.csv").as_json()
    differing = {key for key in done if done[key] != rehearsed[key]}
    assert differing == {"dry_run", "applied", "version"}


def test_strict_applies_nothing_if_a_line_is_refused(company, make_list, import_lines):
    acme, gold = company("Acme", siren=ACME), make_list("client", "or")
    report = import_lines(gold, f"Acme;{ACME};;", "Refusée;1;;", strict=True)
    assert (report.applied, report.refused) == (False, 1)
    assert list_of(acme) == "prospect-default"
    assert not ListLine.objects.exists()


def test_the_quota_counts_the_lines_of_all_lists_waiting_ones_included(workspace, make_list, import_lines):
    Workspace.objects.update(plan="starter")
    first, second = make_list("client", "or"), make_list("client", "argent")
    import_lines(first, *(f"Attend {n};;attend{n}-exemple.fr;" for n in range(990)))
    with pytest.raises(Refused) as error:
        import_lines(second, *(f"Encore {n};;encore{n}-exemple.fr;" for n in range(11)))
    assert "10 lignes" in str(error.value)
    assert not second.versions.exists()
    import_lines(second, *(f"Encore {n};;encore{n}-exemple.fr;" for n in range(10)), "Refusée;1;;")
    assert lists.quota() == (1000, 1000)


def test_replacing_a_full_list_by_as_much_is_within_the_quota(workspace, make_list, import_lines):
    Workspace.objects.update(plan="starter")
    gold = make_list("client", "or")
    for round_ in ("a", "b"):
        import_lines(gold, *(f"{round_} {n};;{round_}{n}-exemple.fr;" for n in range(1000)))
    with pytest.raises(Refused, match=r"permet 1.000 lignes"):
        import_lines(gold, "De trop;;detrop-exemple.fr;", append=True)


@pytest.mark.parametrize(
    ("plan", "limit"),
    [("starter", 1000), ("business", 5000), ("premium", 10000), ("platinium", 20000), ("unlimited", None)],
)
def test_each_plan_has_its_limit(workspace, plan, limit):
    Workspace.objects.update(plan=plan)
    assert lists.quota() == (0, limit)


def test_a_second_import_at_once_into_one_list_is_told(alice, make_list, import_lines):
    from tamis.app.services.leases import lease

    gold, silver = make_list("client", "or"), make_list("client", "argent")
    with lease(f"list-import:{gold.pk}", "bruno"):
        with pytest.raises(Refused, match="bruno y travaille depuis"):
            import_lines(gold, f"Acme;{ACME};;")
        import_lines(silver, f"Acme;{ACME};;")  # another list is free
    import_lines(gold, f"Acme;{ACME};;")


def test_a_file_without_one_of_the_columns_is_refused_naming_it(alice, make_list, tmp_path):
    file = tmp_path / "liste.csv"
    file.write_text("Nom;Domaine email;Website\nAcme;acme.fr;\n")
    with pytest.raises(Unreadable, match="Colonne manquante : SIREN"):
        list_imports.import_file(alice, make_list("client", "or"), file)


def test_a_doubled_column_is_refused_naming_it(alice, make_list, tmp_path):
    file = tmp_path / "liste.csv"
    file.write_text("Nom;SIREN;siren;Domaine email;Website\nAcme;1;2;;\n")
    with pytest.raises(Unreadable, match="Colonne en double : SIREN"):
        list_imports.import_file(alice, make_list("client", "or"), file)


def test_what_is_exported_is_imported_the_same(alice, make_list, import_lines, tmp_path):
    from tamis.sources.lists import COLUMNS
    from tamis.sources.writing import Format, write_table

    gold, copy = make_list("client", "or"), make_list("client", "copie")
    formulas = ["=SOMME(A1);;a-exemple.fr;", "+33 SAS;;;b-exemple.fr", "-M-;;c-exemple.fr;", "@home;;d-exemple.fr;"]
    import_lines(gold, *formulas, "'=guillemet;;e-exemple.fr;", '"Dupont ; ""Fils""";005520176;;')
    before = [*exports.list_rows(gold)]
    assert len(before) == 6
    for form in Format:
        file = tmp_path / f"export-{form}.{'xlsx' if form is Format.XLSX else 'csv'}"
        write_table(file, COLUMNS, exports.list_rows(gold), form)
        list_imports.import_file(alice, copy, file)
        assert [*exports.list_rows(copy)] == before
