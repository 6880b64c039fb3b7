"""The company table as people use it: filtered, kept as a view, ticked over pages, moved all at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from windows import BOTH, PHONE, fits


@pytest.fixture
def base(console: Any, tmp_path: Any) -> None:
    """Sixty companies in Lyon, one in Brest."""
    rows = [f"Société {n:02};Lyon;62.01Z" for n in range(60)] + ["Bolt;Brest;25.62B"]
    file = console.shell.file("base.csv", "\n".join(["Nom;Ville;Code NAF", *rows, ""]))
    console.shell("companies", "import", file)


def serious(page: Any) -> list[Any]:
    from axe_core_python.sync_playwright import Axe

    found = Axe().run(page)["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found if each["impact"] != "minor"]


WORDS = {
    "fr": {
        "add": "Filtrer", "apply": "Appliquer", "what": "Sur quoi porte la condition", "value": "Valeur",
        "chip": "Ville est lyon", "save": "Enregistrer la vue", "name": "Nom de la vue", "keep": "Enregistrer",
        "all": "Agir sur toutes celles qui correspondent", "count": "60 entreprises correspondent",
        "to": "Déplacer vers", "move": "Déplacer les 60 entreprises", "done": "60 entreprises épinglées",
    },
    "en": {
        "add": "Filter", "apply": "Apply", "what": "What the condition is about", "value": "Value",
        "chip": "City is lyon", "save": "Save the view", "name": "Name of the view", "keep": "Save",
        "all": "Act on all that match", "count": "60 companies match",
        "to": "Move to", "move": "Move the 60 companies", "done": "60 companies pinned",
    },
}  # fmt: skip


def opened(page: Any) -> Any:
    """The filter, opened and ready."""
    page.locator("#filter > summary").click()
    return ready(page)


def ready(page: Any) -> Any:
    panel = page.locator("#filter")
    panel.locator(".builder.live").wait_for()
    expect(panel.locator(":focus")).to_have_count(1)
    return panel


def apply(panel: Any) -> None:
    panel.locator("form > .buttons button.primary").click()


@BOTH
def test_filter_keep_the_view_and_move_all_that_match(visit: Any, base: None, language: str, viewport: Any) -> None:
    say = WORDS[language]
    page = visit("editor", viewport=viewport)
    if language == "en":
        page.locator("header summary").click()
        page.get_by_role("button", name="English").click()
    page.goto("/companies/")
    assert page.locator("#filter > summary").inner_text().strip() == say["add"]
    panel = opened(page)
    panel.locator("[data-tree] [data-key$=':add']").click()
    panel.get_by_label(say["what"]).select_option("field:city")
    panel.locator("[data-tree]").get_by_label(say["value"], exact=True).fill("lyon")
    assert panel.locator("form > .buttons button.primary").inner_text() == say["apply"]
    apply(panel)  # at once: what was typed last goes along
    page.wait_for_url("**/companies/?city=lyon")
    assert page.locator(".filter").inner_text().startswith(say["chip"])
    fits(page)

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
    keys = page.keyboard
    keys.press("f")
    panel = ready(page)
    keys.press("Escape")
    expect(page.locator("#filter > summary")).to_be_focused()
    keys.press("f")
    expect(panel).to_have_attribute("open", "")
    panel.locator("[data-tree] [data-key$=':add']").focus()
    keys.press("Enter")
    keys.type("Code NAF")
    keys.press("Tab")
    keys.type("commence")
    keys.press("Tab")
    keys.type("25")
    button = panel.locator("form > .buttons button.primary")
    for _ in range(40):
        if button.evaluate("(button) => button === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url("**/companies/?naf.starts-with=25")
    assert page.locator("tbody .name").all_inner_texts() == ["Bolt"]


def test_a_chip_opens_the_filters_as_a_tree(visit: Any, base: None) -> None:
    page = visit("viewer")
    page.goto("/companies/?city=Lyon&naf.starts-with=62&sort=-name")
    page.get_by_label("Nom, SIREN ou domaine").fill("société 0")
    page.wait_for_url("**q=soci**")
    page.get_by_role("link", name="Ville est Lyon", exact=True).click()
    panel = ready(page)
    expect(panel.locator("[data-tree] li[data-item]")).to_have_count(2)
    panel.locator("[data-tree]").get_by_label("Valeur", exact=True).nth(1).fill("Brest")
    apply(panel)
    page.wait_for_url("**/companies/?q=**naf.starts-with=62&city=Brest&sort=-name")  # what was searched stays
    assert "Aucune entreprise ne correspond" in page.inner_text("#results")


NESTED = 'companies where (city = "Brest" or city = "Lyon" and headcount is missing) and not in segment client'


@BOTH
def test_a_nested_rule_filters_and_becomes_an_audience(
    console: Any, reader: Any, base: None, language: str, viewport: Any
) -> None:
    page, words = reader(language, viewport)
    page.goto("/companies/?sort=-name")
    panel = opened(page)
    tree = panel.locator("[data-tree]")
    what, value = (
        tree.get_by_label(words("Sur quoi porte la condition")),
        tree.get_by_label(words("Valeur"), exact=True),
    )
    tree.locator("[data-key$=':addgroup']").click()
    what.nth(0).select_option("field:city")
    value.nth(0).fill("Brest")
    inner = tree.locator(".g-any")
    inner.locator("[data-key$=':addgroup']").click()
    inner.get_by_label(words("Combien de conditions du groupe")).nth(1).select_option("all")
    what.nth(1).select_option("field:city")
    value.nth(1).fill("Lyon")
    tree.locator(".g-any .g-all [data-key$=':add']").click()
    what.nth(2).select_option("field:headcount")
    tree.get_by_label(words("Opérateur")).nth(2).select_option("is missing")
    tree.locator("> .group > .buttons [data-key$=':add']").click()
    what.nth(3).select_option("segment")
    tree.get_by_label(words("Segment"), exact=True).last.select_option("client")
    row = tree.locator("> .group > ul > li").nth(1)
    row.locator("> .item-menu > summary").click()
    row.get_by_role("button", name=words("Inverser (sauf)")).click()
    expect(panel.locator("textarea[name=rule]")).to_have_value(NESTED, timeout=60_000)
    expect(panel.locator("[data-figures]:not(.stale) .headline strong")).to_have_text("61", timeout=60_000)
    fits(page)
    assert serious(page) == []
    apply(panel)
    page.wait_for_url("**/companies/?rule=**&sort=-name")
    assert page.locator("tbody .name").first.inner_text() == "Société 59"
    assert "61" in page.locator(".count").inner_text()
    assert words("En faire une audience") in page.locator("#chips").inner_text()
    fits(page)

    panel = opened(page)  # it opens as it was
    expect(panel.locator("textarea[name=rule]")).to_have_value(NESTED)
    panel.locator(".apart > summary").click()
    panel.locator(".apart-rows [name=o0]").select_option("contains")
    panel.locator(".apart-rows [name=v0]").fill("société 5")
    apply(panel)
    page.wait_for_url("**name.contains=**")
    expect(page.locator("tbody .name")).to_have_count(10)
    page.locator("#chips .off").first.click()
    page.wait_for_url("**/companies/?rule=**&sort=-name")
    page.get_by_role("link", name=words("En faire une audience")).click()
    page.wait_for_url("**/audiences/new/?rule=**")
    expect(page.locator("#rule")).to_have_value(NESTED)


def test_a_rule_that_cannot_be_read_opens_where_it_is_mended(visit: Any, base: None) -> None:
    page = visit("viewer")
    page.goto("/companies/?naf.starts-with=25&rule=companies where hedcount > 3 or naf is known")
    panel = ready(page)
    assert page.locator("tbody .name").all_inner_texts() == ["Bolt"]
    assert "Ligne 1, colonne 17" in panel.inner_text()
    panel.locator("textarea[name=rule]").fill("companies where headcount > 3 or naf is known")
    apply(panel)
    page.wait_for_url(re.compile("rule=companies(%20| )where(%20| )headcount"))
    assert page.locator("tbody .name").all_inner_texts() == ["Bolt"]
    assert page.locator("#chips .filter").count() == 2


def test_the_name_stays_in_sight_while_the_table_scrolls_on_a_phone(visit: Any, base: None) -> None:
    page = visit("editor", viewport=PHONE)
    page.goto("/companies/")
    page.locator(".box").evaluate("box => { box.scrollLeft = 300; }")
    assert page.locator("tbody .name").first.bounding_box()["x"] < 80
