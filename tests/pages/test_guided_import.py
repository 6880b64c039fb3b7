"""The guided import: columns confirmed, lines filtered by what becomes of them, refused ones mended before applying."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tamis.app.models import Company, ListLine
from tamis.app.services import list_background, lists

ACME, BOLT = "732829320", "552100554"


@pytest.fixture
def target(make_list: Any, company: Any) -> Any:
    company("Acme", siren=ACME)
    return make_list("prospect", "salons")


@pytest.fixture
def lengthen(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every file too long to be waited for, from now on."""
    return lambda: monkeypatch.setattr(list_background, "AT_ONCE", 0)


@pytest.fixture
def paste(edith: Client) -> Callable[..., Any]:
    """The editor pastes lines into a list's import page; the answer, redirects followed."""

    def pasted(target: Any, text: str, mode: str = "replace") -> Any:
        return edith.post(f"/lists/{target.pk}/import/", {"text": text, "mode": mode}, follow=True)

    return pasted


def _confirm(client: Client, page: Any, **columns: str) -> Any:
    """Confirm the columns of a page as it proposes them, but for those given by their number."""
    given = {f"column-{n}": chosen for n, _column, chosen in page.context["columns"]}
    given |= {"headed": "1"} if page.context["headed"] else {}
    return client.post(page.request["PATH_INFO"], given | columns, follow=True)


def _outcomes(page: Any) -> dict[str, str]:
    return {each["line"].cells[0]: each["line"].outcome for each in page.context["lines"]}


def test_known_headings_need_no_question(bring: Any, target: Any) -> None:
    assert bring(target, f"Acme;{ACME};;").redirect_chain[-1][0].endswith("/")
    assert "columns" not in bring(target, f"Acme;{ACME};;").request["PATH_INFO"]


def test_other_headings_are_recognised_by_their_cells_and_confirmed(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, f"Acme;{ACME};acme.fr", f"Bolt;{BOLT};bolt.fr", headings="Client;Identifiant;Messagerie")
    assert [chosen for _, _, chosen in page.context["columns"]] == ["Nom", "SIREN", "Domaine email"]
    assert page.context["headed"]
    checked = _confirm(edith, page)
    assert _outcomes(checked) == {"Acme": "moved", "Bolt": "waiting"}


def test_a_column_may_be_set_aside_and_another_taken(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, f"x1;Acme;{ACME}", headings="Code;Client;Identifiant")
    checked = _confirm(edith, page, **{"column-0": "", "column-1": "Nom"})
    assert _outcomes(checked) == {"Acme": "moved"}


def test_two_columns_for_one_are_refused_beside_the_form(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, f"x1;Acme;{ACME}", headings="Code;Client;Identifiant")
    answer = _confirm(edith, page, **{"column-0": "Nom", "column-1": "Nom"})
    assert answer.status_code == 409
    assert "« Code » et « Client » vont toutes deux dans Nom" in answer.content.decode()
    assert [chosen for _, _, chosen in answer.context["columns"]] == ["Nom", "Nom", "SIREN"]


def test_cells_pasted_from_a_sheet_without_headings(paste: Any, edith: Client, target: Any) -> None:
    page = paste(target, f"Acme\t{ACME}\r\nBolt\t{BOLT}\r\n")
    assert not page.context["headed"]
    checked = _confirm(edith, page)
    assert [(each["line"].number, each["line"].cells[0]) for each in checked.context["lines"]] == [
        (1, "Acme"), (2, "Bolt"),
    ]  # fmt: skip


def test_bare_siren_take_the_names_that_the_base_knows(paste: Any, edith: Client, target: Any) -> None:
    checked = _confirm(edith, paste(target, f"732 829 320\n{BOLT}\n12\n"))
    assert _outcomes(checked) == {"Acme": "moved", f"SIREN {BOLT}": "waiting", "": "refused"}
    edith.post(checked.request["PATH_INFO"])
    assert {*ListLine.objects.values_list("name", "siren")} == {("Acme", ACME), (f"SIREN {BOLT}", BOLT)}


def test_bare_names_take_the_keys_that_the_base_knows(paste: Any, edith: Client, target: Any) -> None:
    checked = _confirm(edith, paste(target, "Acme\nInconnue, et fils\n"))
    assert _outcomes(checked) == {"Acme": "moved", "Inconnue, et fils": "refused"}
    assert "remplissez au moins une autre colonne" in checked.content.decode()


def test_a_file_and_pasted_lines_together_are_refused_and_the_lines_stay(
    edith: Client, target: Any, list_file: Any
) -> None:
    given = {"file": list_file(f"Acme;{ACME};;"), "text": "Acme\t732829320", "mode": "append"}
    answer = edith.post(f"/lists/{target.pk}/import/", given)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "gardez l&#x27;un des deux" in page
    assert ">Acme\t732829320</textarea>" in page
    assert 'value="append" checked' in page


def test_lines_are_filtered_by_what_becomes_of_them(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, f"Acme;{ACME};;", f"Bolt;{BOLT};;", "Casa;12;;", "Dune;;gmail.com;")
    assert {key: n for key, _label, n in page.context["outcomes"]} == {
        "": 4, "moved": 1, "waiting": 1, "refused": 2, "matched": 1,
    }  # fmt: skip
    here = page.request["PATH_INFO"]
    assert _outcomes(edith.get(f"{here}?outcome=waiting")) == {"Bolt": "waiting"}
    assert _outcomes(edith.get(f"{here}?outcome=nonsense")) == _outcomes(page)


def test_lines_are_filtered_by_reason(bring: Any, edith: Client, target: Any) -> None:
    page = bring(target, "Acme;;gmail.com;", "Bolt;;free.fr;", ";;morel.fr;")
    reasons = {words: (key, n) for key, words, n in page.context["reasons"]}
    [(free, n)] = [each for words, each in reasons.items() if "messagerie gratuite" in words]
    assert n == 2
    assert {*_outcomes(edith.get(f"{page.request['PATH_INFO']}?reason={free}"))} == {"Acme", "Bolt"}


def test_what_is_kept_elsewhere_says_by_what(
    bring: Any, target: Any, company: Any, alice: Any, import_lines: Any
) -> None:
    from tamis.app.services import companies

    bolt, client = company("Bolt", siren=BOLT), lists.find("client-default")
    import_lines(client, f"Acme;{ACME};;")
    lists.lock(alice, [client])
    companies.move(alice, lists.find("partenaire-default"), [bolt.pk])
    page = bring(target, f"Acme;{ACME};;", f"Bolt;{BOLT};;")
    assert _outcomes(page) == {"Acme": "locked", "Bolt": "outranked"}
    assert "« client-default » est verrouillée" in page.content.decode()
    assert "à la main, par alice" in page.content.decode()
    assert (page.context["report"]["kept_locked"], page.context["report"]["outranked"]) == (1, 1)


def test_companies_that_would_leave_stand_below_the_lines(bring: Any, edith: Client, target: Any) -> None:
    edith.post(bring(target, f"Acme;{ACME};;").request["PATH_INFO"])
    page = bring(target, f"Bolt;{BOLT};;")
    assert [(each["line"].number, each["line"].outcome, each["line"].other_list) for each in page.context["lines"]] == [
        (2, "waiting", ""), (0, "released", "prospect-default"),
    ]  # fmt: skip


def test_refused_lines_are_mended_before_applying(bring: Any, edith: Client, target: Any) -> None:
    here = bring(target, f"Acme;{ACME};;", "Casa;12;;", "Dune;;gmail.com;").request["PATH_INFO"]
    given = {"action": "mend", "cell-3-0": "Casa", "cell-3-1": BOLT, "cell-4-0": "Dune", "cell-4-2": "free.fr"}
    page = edith.post(here, given, follow=True)
    assert page.context["report"]["refused"] == 1
    assert [(line.number, line.cells[2]) for line in page.context["mendable"]] == [(4, "free.fr")]
    assert not ListLine.objects.exists()
    edith.post(here)
    assert {*ListLine.objects.values_list("number", "name")} == {(2, "Acme"), (3, "Casa")}


def test_a_list_that_changed_meanwhile_is_shown_anew(bring: Any, edith: Client, target: Any, import_lines: Any) -> None:
    here = bring(target, f"Bolt;{BOLT};;").request["PATH_INFO"]
    import_lines(target, f"Acme;{ACME};;")
    answer = edith.post(here, follow=True)
    assert answer.redirect_chain == [(here, 302)]
    assert "a reçu un autre import depuis cette vérification" in answer.content.decode()
    assert answer.context["report"]["released"] == 1
    assert target.versions.count() == 1
    edith.post(here)
    assert target.versions.count() == 2


@pytest.mark.parametrize("long", [False, True], ids=["at once", "in the background"])
def test_a_quota_reached_while_mending_loses_nothing_typed(
    bring: Any, edith: Client, target: Any, workspace: Any, import_lines: Any, work: Any, lengthen: Any, long: bool
) -> None:
    workspace.plan = "starter"
    workspace.save()
    import_lines(lists.find("client-default"), *(f"Société {n};;societe-{n}.fr;" for n in range(999)))
    here = bring(target, f"Acme;{ACME};;", "Dune;;gmail.com;").request["PATH_INFO"]
    if long:
        lengthen()
    given = {"action": "mend", "cell-3-0": "Dune", "cell-3-2": "dune.fr"}
    edith.post(here, given, HTTP_REFERER=f"http://localhost{here}?outcome=refused", follow=long)
    work()
    answer = edith.get(f"{here}?outcome=refused")
    assert "L&#x27;abonnement permet 1\u202f000 lignes" in answer.content.decode()
    assert [line.cells[2] for line in answer.context["mendable"]] == ["dune.fr"]


def test_every_step_of_a_path_belongs_to_who_began_it(bring: Any, target: Any, admin: Any, client_as: Any) -> None:
    here = bring(target, f"Acme;{ACME};;").request["PATH_INFO"]
    other = client_as(admin)
    assert other.get(f"{here}columns/").status_code == 404
    assert other.post(f"{here}columns/", {"column-0": "Nom"}).status_code == 404
    assert Company.objects.get().list.name == "prospect-default"
