"""The refused lines of a version, mended on its page; and two versions compared."""

from typing import Any

import pytest
from django.test import Client

from tamis.app.models import ListLine
from tamis.app.services import list_versions

ACME, BOLT = "732829320", "552100554"


@pytest.fixture
def target(make_list: Any, import_lines: Any) -> Any:
    made = make_list("prospect", "salons")
    import_lines(made, f"Acme;{ACME};;", "Bolt;12;;", "Casa;;gmail.com;", file_name="salon.csv")
    return made


def _rows(target: Any) -> dict[int, int]:
    return {row.number: row.pk for row in list_versions.open_refusals(list_versions.find_version(target, 1))}


def test_refused_lines_are_inputs_with_their_reason(edith: Client, target: Any) -> None:
    page = edith.get(f"/lists/{target.pk}/versions/1/").content.decode()
    assert f'name="cell-{_rows(target)[3]}-1" value="12"' in page
    assert 'aria-label="SIREN, ligne 3"' in page
    assert "Envoyer les lignes corrigées" in page


def test_what_is_good_is_imported_and_what_is_not_stays(edith: Client, target: Any) -> None:
    rows = _rows(target)
    good = {f"cell-{rows[3]}-0": "Bolt", f"cell-{rows[3]}-1": BOLT}
    wrong = {f"cell-{rows[4]}-0": "Casa", f"cell-{rows[4]}-2": "free.fr"}
    page = edith.post(f"/lists/{target.pk}/versions/1/mend/", good | wrong, follow=True)
    assert page.redirect_chain == [(f"/lists/{target.pk}/versions/1/#refused", 302)]
    text = page.content.decode()
    assert "1 ligne corrigée." in text
    assert "1 ligne est encore refusée" in text
    assert 'value="free.fr"' in text
    assert {*ListLine.objects.filter(removed_by=None).values_list("name", flat=True)} == {"Acme", "Bolt"}


def test_when_it_cannot_be_imported_now_nothing_typed_is_lost(edith: Client, target: Any) -> None:
    from tamis.app.services.leases import lease

    key = _rows(target)[3]
    with lease(f"list-import:{target.pk}", "bob"):
        given = {f"cell-{key}-0": "Bolt SA", f"cell-{key}-1": BOLT}
        answer = edith.post(f"/lists/{target.pk}/versions/1/mend/", given)
    assert answer.status_code == 409
    assert "bob" in answer.content.decode()
    assert 'value="Bolt SA"' in answer.content.decode()


def test_a_viewer_reads_the_reasons_and_mends_nothing(victor: Client, target: Any) -> None:
    page = victor.get(f"/lists/{target.pk}/versions/1/").content.decode()
    assert "messagerie gratuite" in page
    assert "<input name=" not in page


def test_lines_set_aside_leave_the_page(edith: Client, target: Any) -> None:
    page = edith.post(f"/lists/{target.pk}/versions/1/set-aside/", follow=True).content.decode()
    assert "2 lignes refusées ont depuis été corrigées ou écartées" in page


def test_two_versions_are_compared_and_exported(edith: Client, target: Any, import_lines: Any) -> None:
    import_lines(target, f"Acme;{ACME};;", f"Dune;{BOLT};;")
    page = edith.get(f"/lists/{target.pk}/compare/?from=1&to=2").content.decode()
    assert ">Dune</td>" in page
    assert "1 ligne inchangée" in page
    export = edith.get(f"/lists/{target.pk}/compare/export/?from=1&to=2")
    lines = export.getvalue().decode("utf-8-sig").splitlines()
    assert lines[1:] == [f"ajoutée,Dune,{BOLT},,,,,,"]


def test_one_version_has_nothing_to_compare_with(edith: Client, target: Any) -> None:
    assert "Rien à comparer" in edith.get(f"/lists/{target.pk}/compare/").content.decode()
    assert edith.get(f"/lists/{target.pk}/compare/export/").status_code == 409
