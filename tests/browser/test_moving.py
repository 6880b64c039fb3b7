"""Companies ticked and moved, pinned and released; lists locked; filters that answer while one types."""

from typing import Any

from playwright.sync_api import expect


def _three(console: Any) -> None:
    for name in ("Acme", "Morel", "Zinc"):
        console.shell("companies", "add", f"name={name}", f"city={name}ville")


def test_ticked_companies_are_moved_pinned_and_released(visit: Any, console: Any) -> None:
    _three(console)
    page = visit("editor")
    page.goto("/companies/")
    page.get_by_label("Cocher Acme").check()
    page.get_by_label("Cocher Zinc").check()
    assert page.inner_text("[data-ticked]") == "2"
    page.get_by_label("Déplacer vers").select_option(label="client-default")
    page.get_by_role("button", name="Déplacer").click()
    assert "2 entreprises épinglées" in page.inner_text("#flash")
    assert page.locator("tr", has_text="épinglée").count() == 2

    page.get_by_label("Cocher toute la page").check()
    page.get_by_role("button", name="Retirer l'épingle").click()
    assert "2 entreprises ont changé de liste" in page.inner_text("#flash")
    assert page.locator("tr", has_text="épinglée").count() == 0


def test_the_table_follows_what_one_types(visit: Any, console: Any) -> None:
    _three(console)
    page = visit("editor")
    page.goto("/companies/")
    page.get_by_label("Nom, SIREN ou domaine").press_sequentially("mor")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    assert page.url.endswith("/companies/?q=mor")
    page.get_by_label("Cocher Morel").check()
    assert page.inner_text("[data-ticked]") == "1"


def test_a_filter_that_cannot_be_read_is_said_beside_it(visit: Any, console: Any) -> None:
    _three(console)
    page = visit("editor")
    page.goto("/companies/")
    page.locator("#filter > summary").click()
    panel = page.locator("#filter")
    panel.locator(".builder.live").wait_for()
    panel.locator(".apart > summary").click()
    panel.locator("[name=o0]").select_option("contains")
    panel.locator("[name=v0]").fill("!!")
    panel.locator("form > .buttons button.primary").click()
    page.wait_for_selector("main .error")
    assert "donnez au moins une lettre ou un chiffre" in page.inner_text("main .error")
    assert page.locator("[name=v0]").input_value() == "!!"


def test_a_locked_list_is_seen_and_unlocked(visit: Any, console: Any) -> None:
    page = visit("editor")
    page.goto("/lists/")
    page.get_by_role("button", name="Verrouiller les listes de Client").click()
    row = page.locator("tr.locked")
    assert row.count() == 1
    assert "verrouillée" in row.inner_text()
    page.get_by_role("link", name="Déverrouiller les listes de Client").click()
    assert "Aucune entreprise ne partira" in page.inner_text("main")
    page.get_by_role("button", name="Déverrouiller").click()
    assert page.locator("tr.locked").count() == 0


def test_a_viewer_sees_no_button_and_changes_nothing(visit: Any, console: Any) -> None:
    _three(console)
    page = visit("viewer")
    for address in ("/", "/lists/", "/lists/1/", "/companies/", "/companies/1/"):
        page.goto(address)
        assert page.locator("main form[method=post]").count() == 0
        assert page.locator("main input[name=company]").count() == 0
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    given = {"csrfmiddlewaretoken": token, "company": "1", "list": "1"}
    answer = page.request.post("/companies/move/", form=given, headers={"Referer": page.url})
    assert answer.status == 403


def test_english_is_one_click_away_and_stays(visit: Any, console: Any) -> None:
    page = visit("editor")
    page.locator("header summary").click()
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/lists/")
    assert page.locator("html").get_attribute("lang") == "en"
