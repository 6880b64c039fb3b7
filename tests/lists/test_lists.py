"""Lists: nine fixed segments, names, default lists, deletion."""

import pytest
from cast import list_of

from tamis.app.services import lists
from tamis.errors import NotFound, Refused

SEGMENTS = [
    "interne", "concurrent", "client", "distributeur", "prospect", "partenaire", "hors-cible", "fournisseur", "autre",
]  # fmt: skip


def test_a_new_workspace_has_the_nine_default_lists_and_two_for_prospects(workspace):
    names = [found.name for found in lists.existing()]
    assert names == [
        "interne-default", "concurrent-default", "client-default", "distributeur-default", "prospect-default",
        "prospect-importé", "prospect-in pipe", "partenaire-default", "hors-cible-default", "fournisseur-default",
        "autre-default",
    ]  # fmt: skip


def test_a_list_is_named_after_its_segment(make_list):
    assert make_list("prospect", "  salons   2026 ").name == "prospect-salons 2026"
    assert make_list("hors-cible", "mairies").name == "hors-cible-mairies"


@pytest.mark.parametrize("label", ["salons", "SALONS", "Sâlons", " salons "])
def test_a_name_is_taken_however_it_is_spelt(make_list, label):
    make_list("prospect", "salons")
    with pytest.raises(Refused, match="s'appelle déjà"):
        make_list("prospect", label)


def test_the_same_label_may_serve_two_segments(make_list):
    assert make_list("client", "salons").name != make_list("prospect", "salons").name


def test_default_is_a_name_taken_from_the_start(make_list):
    with pytest.raises(Refused, match="s'appelle déjà « client-default »"):
        make_list("client", "default")


@pytest.mark.parametrize("label", ["", "   ", "\u200b", "a\x00b", "x" * 81])
def test_a_label_must_be_a_name(make_list, label):
    with pytest.raises(Refused):
        make_list("client", label)


def test_an_unknown_segment_is_told_with_the_nearest_and_all_nine(workspace):
    with pytest.raises(NotFound) as error:
        lists.find_segment("prospects")
    assert "Vouliez-vous dire « prospect » ?" in str(error.value)
    assert all(segment in str(error.value) for segment in SEGMENTS)


def test_an_unknown_list_is_told_with_the_nearest(workspace):
    with pytest.raises(NotFound, match="Vouliez-vous dire « prospect-importé »"):
        lists.find("prospect-importe-")


def test_a_list_is_found_however_it_is_spelt(workspace):
    assert lists.find("PROSPECT-IMPORTE").name == "prospect-importé"


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_default_list_can_be_neither_renamed_nor_deleted(alice, workspace, segment):
    default = lists.find(f"{segment}-default")
    with pytest.raises(Refused, match="ne peut pas être renommée"):
        lists.rename(alice, default, "autre nom")
    with pytest.raises(Refused, match="ne peut pas être supprimée"):
        lists.delete(alice, default)


def test_a_renamed_list_keeps_its_companies(alice, company, make_list, import_lines):
    acme, salons = company("Acme", siren="732829320"), make_list("prospect", "salons")
    import_lines(salons, "Acme;732829320;;")
    lists.rename(alice, salons, "foires")
    assert list_of(acme) == "prospect-foires"
    with pytest.raises(NotFound):
        lists.find("prospect-salons")


def test_only_the_spelling_of_a_name_may_change_too(alice, make_list):
    assert lists.rename(alice, make_list("prospect", "salons"), "Salons").name == "prospect-Salons"


def test_deleting_says_first_where_the_companies_would_go(alice, company, make_list, import_lines):
    first, second = make_list("client", "or"), make_list("client", "argent")
    acme, bolt = company("Acme", siren="732829320"), company("Bolt", siren="552100554")
    import_lines(first, "Acme;732829320;;")
    import_lines(second, "Acme;732829320;;", "Bolt;552100554;;")

    planned = lists.rehearse_deletion(alice, second)
    assert planned.destinations == {"client-or": 1, "prospect-default": 1}
    assert list_of(acme) == list_of(bolt) == "client-argent"

    assert lists.delete(alice, second) == planned
    assert (list_of(acme), list_of(bolt)) == ("client-or", "prospect-default")


def test_a_deleted_list_frees_its_name(alice, make_list):
    lists.delete(alice, make_list("client", "or"))
    assert make_list("client", "or").name == "client-or"


def test_a_locked_list_is_not_deleted(alice, make_list):
    gold = make_list("client", "or")
    lists.lock(alice, [gold])
    with pytest.raises(Refused, match="déverrouillez-la"):
        lists.delete(alice, gold)
