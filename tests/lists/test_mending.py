"""Refused lines mended in place: the good ones join, the others stay as they were typed."""

import pytest
from cast import list_of

from tamis.app.models import Act, ListLine
from tamis.app.services import list_mending, list_versions
from tamis.app.services.leases import lease
from tamis.errors import Busy, Refused

ACME, BOLT, CASA = "732829320", "552100554", "440546018"


@pytest.fixture
def version(make_list, import_lines):
    """A version of prospect-salons with one line taken and two refused."""
    target = make_list("prospect", "salons")
    import_lines(target, f"Acme;{ACME};;", "Bolt;12;;", "Casa;;gmail.com;", file_name="salon.csv")
    return list_versions.find_version(target, 1)


def _open(version):
    return {row.number: row for row in list_versions.open_refusals(version)}


def test_a_good_line_joins_and_a_wrong_one_stays_as_typed(alice, version, company):
    bolt, rows = company("Bolt", siren=BOLT), _open(version)
    typed = {rows[3].pk: ("Bolt", BOLT, "", ""), rows[4].pk: ("Casa", "", "free.fr", "")}
    done = list_mending.mend(alice, version, typed)
    assert (done.version, done.accepted, done.wrong) == (2, 1, 1)
    assert list_of(bolt) == "prospect-salons"
    assert {number: row.cells for number, row in _open(version).items()} == {4: ["Casa", "", "free.fr", ""]}
    assert {*list_versions.content(version.list).values_list("name", flat=True)} == {"Acme", "Bolt"}
    assert list_versions.find_version(version.list, 2).kind == "append"


def test_nothing_good_makes_no_version_but_keeps_what_was_typed(alice, version):
    row = _open(version)[3]
    done = list_mending.mend(alice, version, {row.pk: ("Bolt", "13", "", "")})
    assert (done.version, done.accepted, done.wrong) == (None, 0, 1)
    assert _open(version)[3].cells == ["Bolt", "13", "", ""]
    assert version.list.versions.count() == 1


def test_a_mended_line_is_not_mended_twice(alice, version):
    row = _open(version)[3]
    typed = {row.pk: ("Bolt", BOLT, "", "")}
    list_mending.mend(alice, version, typed)
    with pytest.raises(Refused, match="déjà été corrigées"):
        list_mending.mend(alice, version, typed)
    assert ListLine.objects.filter(name="Bolt").count() == 1


def test_what_cannot_be_imported_changes_no_refused_line(alice, version, workspace, monkeypatch):
    from tamis.app.models import workspace as model

    monkeypatch.setitem(model._LINE_LIMITS, model.Plan.STARTER, 1)
    workspace.plan = "starter"
    workspace.save()
    rows = _open(version)
    with pytest.raises(Refused, match="abonnement"):
        list_mending.mend(alice, version, {rows[3].pk: ("Bolt", BOLT, "", "")})
    assert {*_open(version)} == {3, 4}
    assert version.list.versions.count() == 1


def test_nobody_mends_during_an_import(alice, version):
    rows = _open(version)
    with lease(f"list-import:{version.list_id}", "bob"), pytest.raises(Busy, match="bob"):
        list_mending.mend(alice, version, {rows[3].pk: ("Bolt", BOLT, "", "")})


def test_lines_set_aside_are_not_proposed_any_more(alice, version):
    assert list_mending.set_aside(alice, version) == 2
    assert not _open(version)
    assert Act.objects.latest("pk").kind == "lines.set-aside"
    with pytest.raises(Refused):
        list_mending.set_aside(alice, version)
