"""Two versions of a list side by side."""

import pytest

from tamis.app.services import list_comparing, list_imports
from tamis.errors import NotFound, Refused

ACME, BOLT, CASA = "732829320", "552100554", "440546018"


@pytest.fixture
def target(make_list, import_lines, company):
    """Version 1: Acme, Bolt, Casa, Dune. Version 2: Acme by another domain, Bolt as it was, Casa gone, Eole new."""
    company("Acme", siren=ACME, website="acme.fr")
    made = make_list("prospect", "salons")
    import_lines(made, f"Acme;{ACME};;", f"Bolt;{BOLT};;", f"Casa;{CASA};;", "Dune;;dune.fr;")
    import_lines(made, "ACME SA;;acme.fr;", f"Bolt;{BOLT};;", "Éole;;eole.fr;", "Dune;;dune-conseil.fr;")
    return made


def _said(found):
    return {(each.what.value, (each.before or [""])[0], (each.after or [""])[0]) for each in found.changes}


def test_lines_are_added_removed_changed_or_the_same(target):
    found = list_comparing.compare(target, 1, 2)
    assert _said(found) == {
        ("changed", "Acme", "ACME SA"), ("removed", "Casa", ""), ("added", "", "Éole"), ("changed", "Dune", "Dune"),
    }  # fmt: skip
    assert found.unchanged == 1


def test_the_columns_that_differ_are_named(target):
    changed = {each.after[0]: each.columns for each in list_comparing.compare(target, 1, 2).changes if each.columns}
    assert changed == {"ACME SA": ("Nom", "SIREN", "Domaine email"), "Dune": ("Domaine email",)}


def test_the_other_way_round_what_came_goes(target):
    assert {(what, after, before) for what, before, after in _said(list_comparing.compare(target, 2, 1))} == {
        ("changed", "Acme", "ACME SA"), ("added", "Casa", ""), ("removed", "", "Éole"), ("changed", "Dune", "Dune"),
    }  # fmt: skip


def test_an_append_only_adds(target, import_lines):
    import_lines(target, "Fée;;fee.fr;", append=True)
    found = list_comparing.compare(target, 2, 3)
    assert _said(found) == {("added", "", "Fée")}
    assert found.unchanged == 4


def test_a_restored_version_is_the_one_it_restores(target, alice):
    list_imports.restore(alice, target, 1)
    found = list_comparing.compare(target, 1, 3)
    assert (found.changes, found.unchanged) == ([], 4)


def test_a_version_that_there_is_not_is_refused(target):
    with pytest.raises(NotFound):
        list_comparing.compare(target, 1, 9)
    with pytest.raises(Refused):
        list_comparing.compare(target, 1, 1)
