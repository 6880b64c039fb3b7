"""Two people at one base: an editor who moves many companies and takes it back, a viewer who may only look."""

import csv
from typing import Any

import pytest
from windows import BOTH, DESK, PHONE, fits

ACME, BOLT, CASA = "732829320", "552100554", "440546018"
UNDO = {"fr": "Annuler", "en": "Undo"}
BACK = {"fr": "3 entreprises remises où elles étaient.", "en": "3 companies put back where they were."}


@pytest.fixture
def base(console: Any) -> Any:
    """Acme and Bolt in client-default through an import, Casa in prospect-default."""
    shell = console.shell
    shell(
        "companies", "import", shell.file("base.csv", f"Raison sociale;SIREN\nAcme;{ACME}\nBolt;{BOLT}\nCasa;{CASA}\n")
    )
    shell(
        "lists",
        "import",
        "client-default",
        shell.file("c.csv", f"Nom;SIREN;Domaine email;Website\nAcme;{ACME};;\nBolt;{BOLT};;\n"),
    )
    return shell


def places(shell: Any) -> list[str]:
    """Where Acme, Bolt and Casa are."""
    return [shell.json("companies", "show", siren)["list"] for siren in (ACME, BOLT, CASA)]


@BOTH
def test_many_are_moved_and_the_move_is_taken_back(
    reader: Any, base: Any, language: str, viewport: dict[str, int]
) -> None:
    page, words = reader(language, viewport)
    page.goto("/companies/")
    page.get_by_label(words("Cocher toute la page")).check()
    page.get_by_label(words("Déplacer vers")).select_option(label="partenaire-default")
    page.get_by_role("button", name=words("Déplacer"), exact=True).click()
    page.locator("#flash form").wait_for()
    assert places(base) == ["partenaire-default"] * 3
    fits(page)

    page.locator("#flash").get_by_role("button", name=UNDO[language]).click()
    page.get_by_text(BACK[language]).wait_for()
    assert places(base) == ["client-default", "client-default", "prospect-default"]
    page.goto("/companies/1/")
    assert page.locator("main").inner_text().count("partenaire-default") >= 2  # there, and back
    fits(page)


def test_a_move_is_taken_back_from_the_trail_a_day_later(reader: Any, base: Any) -> None:
    base("companies", "move", "partenaire-default", ACME, CASA)
    base("companies", "move", "fournisseur-default", CASA)
    page, _words = reader("fr", DESK, "admin")
    page.goto("/audit/")
    row = page.locator("tr", has_text="partenaire-default").first
    row.get_by_role("button", name="Annuler").click()
    page.get_by_text("1 a été déplacée ou relâchée depuis").wait_for()
    assert places(base) == ["client-default", "client-default", "fournisseur-default"]


@BOTH
def test_a_viewer_finds_everything_and_changes_nothing(
    reader: Any, base: Any, language: str, viewport: dict[str, int]
) -> None:
    page, words = reader(language, viewport, "viewer")
    page.goto("/companies/")
    page.get_by_label(words("Nom, SIREN ou domaine")).fill("acm")
    page.wait_for_url("**q=acm**")
    page.get_by_role("link", name="Acme").click()
    page.get_by_role("heading", name="Acme").wait_for()
    assert "client-default" in page.locator("main").inner_text()
    assert page.locator("main form[method=post], main input[type=checkbox]").count() == 0
    fits(page)

    for address in ("/lists/1/import/", "/companies/1/edit/", "/settings/users/", "/companies/import/"):
        answer = page.goto(address)
        assert answer.status == 403
        assert page.locator("h1").inner_text() == words("Pas autorisé")
        fits(page)
    page.goto("/companies/1/")
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    given = {"csrfmiddlewaretoken": token, "company": "1", "list": "1"}
    assert page.request.post("/companies/move/", form=given, headers={"Referer": page.url}).status == 403
    assert places(base) == ["client-default", "client-default", "prospect-default"]


def test_a_viewer_on_a_phone_may_take_a_file_away(reader: Any, base: Any) -> None:
    page, _words = reader("fr", PHONE, "viewer")
    page.goto("/companies/?segment=client")
    page.get_by_text("Exporter", exact=True).click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV pour Excel en français").click()
    text = waited.value.path().read_text(encoding="utf-8-sig")
    assert [row["Raison sociale"] for row in csv.DictReader(text.splitlines(), delimiter=";")] == ["Acme", "Bolt"]
