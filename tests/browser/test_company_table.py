"""The company table as people use it: filtered, kept as a view, ticked over pages, moved all at once."""

import re
from typing import Any

import pytest

PHONE = {"width": 390, "height": 800}


@pytest.fixture
def base(console: Any, tmp_path: Any) -> None:
    """Sixty companies in Lyon, one in Brest."""
    rows = [f"Société {n:02};Lyon;62.01Z" for n in range(60)] + ["Bolt;Brest;25.62B"]
    file = console.shell.file("base.csv", "\n".join(["Nom;Ville;Code NAF", *rows, ""]))
    console.shell("companies", "import", file)


WORDS = {
    "fr": {
        "add": "Ajouter un filtre", "field": "Filtrer par", "type": "ville", "value": "Valeur", "apply": "Filtrer",
        "chip": "Ville est Lyon", "save": "Enregistrer la vue", "name": "Nom de la vue", "keep": "Enregistrer",
        "all": "Agir sur toutes celles qui correspondent", "count": "60 entreprises correspondent",
        "to": "Déplacer vers", "move": "Déplacer les 60 entreprises", "done": "60 entreprises épinglées",
    },
    "en": {
        "add": "Add a filter", "field": "Filter by", "type": "city", "value": "Value", "apply": "Filter",
        "chip": "City is Lyon", "save": "Save the view", "name": "Name of the view", "keep": "Save",
        "all": "Act on all that match", "count": "60 companies match",
        "to": "Move to", "move": "Move the 60 companies", "done": "60 companies pinned",
    },
}  # fmt: skip


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_filter_keep_the_view_and_move_all_that_match(visit: Any, base: None, language: str, size: Any) -> None:
    say = WORDS[language]
    page = visit("editor", **({"viewport": size} if size else {}))
    if language == "en":
        page.locator("header summary").click()
        page.get_by_role("button", name="English").click()
    page.goto("/companies/")
    page.get_by_text(say["add"]).click()
    page.locator("#find-field:focus").wait_for()
    page.get_by_label(say["field"]).fill(say["type"])
    page.keyboard.press("Enter")
    page.locator("#value:focus").wait_for()
    page.get_by_label(say["value"], exact=True).fill("lyon")
    page.get_by_role("button", name=say["apply"], exact=True).click()
    page.wait_for_url("**/companies/?city=lyon")
    assert page.locator(".filter").inner_text().startswith(say["chip"].replace("Lyon", "lyon"))

    page.get_by_role("link", name=say["save"]).click()
    page.get_by_label(say["name"]).fill("Lyon")
    page.get_by_role("button", name=say["keep"]).click()
    assert page.locator(".tabs [aria-current]").inner_text() == "Lyon"

    page.get_by_role("link", name=say["all"]).click()
    assert page.locator("h1").inner_text() == say["count"]
    page.get_by_label(say["to"]).select_option(label="client-default")
    page.get_by_role("button", name=say["move"]).click()
    page.wait_for_url("**/companies/?city=lyon")
    assert say["done"] in page.locator("#flash").inner_text()
    assert page.locator("tbody .chip").first.inner_text() == "client-default"


def test_ticks_survive_paging_and_searching(visit: Any, base: None) -> None:
    page = visit("editor")
    page.goto("/companies/")
    page.get_by_label("Cocher Bolt").check()
    page.get_by_role("link", name="Suivante").click()
    page.get_by_label("Cocher Société 59").check()
    assert page.locator(".tickbar strong").inner_text() == "2"
    assert "dont 1 sur d'autres pages" in page.locator(".tickbar").inner_text()
    page.get_by_label("Nom, SIREN ou domaine").fill("société 00")
    page.wait_for_url("**q=soci**")
    page.get_by_label("Cocher Société 00").check()
    assert page.locator(".tickbar strong").inner_text() == "3"
    page.get_by_label("Déplacer vers").select_option(label="client-default")
    page.get_by_role("button", name="Déplacer", exact=True).click()
    assert "3 entreprises épinglées" in page.locator("#flash").inner_text()
    assert page.locator(".tickbar strong").inner_text() == "0"


def test_a_refused_move_keeps_the_ticks(visit: Any, base: None) -> None:
    page = visit("editor")
    page.goto("/companies/")
    page.get_by_label("Cocher Bolt").check()
    page.get_by_role("button", name="Déplacer", exact=True).click()
    page.locator("#flash .error").wait_for()
    assert page.locator(".tickbar strong").inner_text() == "1"
    page.get_by_role("button", name="Tout décocher").click()
    assert not page.get_by_label("Cocher Bolt").is_checked()


def test_columns_are_chosen_and_moved_by_keyboard(visit: Any, base: None) -> None:
    page = visit("editor")
    page.goto("/companies/")
    page.get_by_text("Colonnes").click()
    page.get_by_label("NAF", exact=True).uncheck()
    page.get_by_label("Monter Ville").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_url(re.compile("cols=name,city,list,headcount"))
    assert page.locator("thead th").all_inner_texts()[1:4] == ["Entreprise", "Ville", "Liste"]


def test_a_filter_is_added_by_keyboard_alone(visit: Any, base: None) -> None:
    page = visit("viewer")
    page.goto("/companies/")
    page.locator("h1").click()
    page.keyboard.press("f")
    page.locator("#find-field:focus").fill("code naf")
    page.keyboard.press("Enter")
    page.locator("#value:focus").wait_for()
    with page.expect_response("**/companies/filter/?**operator=starts-with**"):
        page.locator("#operator").select_option("starts-with")
    page.locator("#value:focus").fill("25")
    page.keyboard.press("Enter")
    page.wait_for_url("**/companies/?naf.starts-with=25")
    assert page.locator("tbody .name").all_inner_texts() == ["Bolt"]


def test_a_chip_opens_its_own_filter_to_be_changed(visit: Any, base: None) -> None:
    page = visit("viewer")
    page.goto("/companies/?city=Lyon")
    page.get_by_role("link", name="Ville est Lyon", exact=True).click()
    page.locator("#value:focus").wait_for()
    page.wait_for_timeout(500)  # the list of fields, which opens with the menu, must not come after
    assert page.locator("#value").input_value() == "Lyon"
    page.locator("#value").fill("Brest")
    page.get_by_role("button", name="Changer le filtre").click()
    page.wait_for_url("**/companies/?city=Brest")


def test_the_name_stays_in_sight_while_the_table_scrolls_on_a_phone(visit: Any, base: None) -> None:
    page = visit("editor", viewport=PHONE)
    page.goto("/companies/")
    page.locator(".box").evaluate("box => { box.scrollLeft = 300; }")
    assert page.locator("tbody .name").first.bounding_box()["x"] < 80
