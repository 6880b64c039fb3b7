"""The builder while the server takes its time or does not answer: what is clicked and what is typed are both kept."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

PATIENCE = 60_000
READING = "**/rules/build/"
LYON = 'companies where city = "Lyon"'


@pytest.fixture
def builder(console: Any, reader: Any) -> Callable[[str], Any]:
    """The page of rules with a rule in the builder, read."""

    def opened(rule: str, language: str = "fr") -> Any:
        page, _words = reader(language)
        page.goto(f"/rules/?rule={rule}")
        expect(page.locator("[data-tree] li[data-item]").first).to_be_visible(timeout=PATIENCE)
        page.locator("[data-figures]:not(.stale) .headline").wait_for(timeout=PATIENCE)
        return page

    return opened


@pytest.fixture
def held() -> Callable[[Any], list[Any]]:
    """Has a page's questions to the reader of rules wait until they are let go."""

    def waiting(page: Any) -> list[Any]:
        routes: list[Any] = []
        page.route(READING, lambda route: routes.append(route))
        return routes

    return waiting


def text_is(page: Any, text: str) -> None:
    expect(page.locator("#rule")).to_have_value(text, timeout=PATIENCE)


def let_go(page: Any, routes: list[Any]) -> None:
    """The last question and all that follow it are answered; those before it were given up."""
    while not routes:
        page.wait_for_timeout(20)
    page.route(READING, lambda route: route.continue_())
    routes[-1].continue_()


def test_a_click_on_its_way_is_not_overtaken_by_typing(builder: Any, held: Any) -> None:
    page = builder(LYON)
    routes = held(page)
    page.locator("[data-tree]").get_by_label("Opérateur").select_option("is known")
    text, sentence = page.locator("#rule"), page.locator("[data-sentence]")
    for box in (text, sentence):
        expect(box).not_to_be_editable()
    text.focus()
    page.keyboard.type("zzz")
    let_go(page, routes)
    text_is(page, "companies where city is known")
    for box in (text, sentence):
        expect(box).to_be_editable()
    text.press("Control+End")
    text.press_sequentially(" and headcount > 3")
    text_is(page, "companies where city is known and headcount > 3")
    expect(page.locator("[data-tree] li[data-item]")).to_have_count(2, timeout=PATIENCE)


def test_typing_on_its_way_is_not_overtaken_by_a_click(builder: Any, held: Any) -> None:
    page = builder(LYON)
    routes = held(page)
    page.locator("#rule").fill("companies where headcount > 3 and city is known")
    tree = page.locator("[data-tree]")
    assert tree.evaluate("(tree) => tree.inert")
    tree.get_by_role("button", name="+ Condition").click(force=True)
    let_go(page, routes)
    expect(tree.locator("li[data-item]")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator("[data-sentence]")).to_have_value(
        "Entreprises dont l'effectif est de plus de 3 et dont on connaît la ville", timeout=PATIENCE
    )
    tree.get_by_role("button", name="+ Condition").click()
    expect(tree.locator("li[data-item]")).to_have_count(3)
    text_is(page, "companies where headcount > 3 and city is known")


def test_a_rule_that_has_not_been_read_yet_is_not_clicked_away(reader: Any, held: Any, console: Any) -> None:
    page, _words = reader("fr")
    routes = held(page)
    page.goto(f"/rules/?rule={LYON}")
    page.locator(".builder.live").wait_for()
    page.get_by_role("button", name="+ Condition").click(force=True)
    let_go(page, routes)
    expect(page.locator("[data-tree] li[data-item]")).to_have_count(1, timeout=PATIENCE)
    text_is(page, LYON)


def test_after_a_failure_the_form_sends_what_was_clicked(console: Any, visit: Any) -> None:
    page = visit("editor")
    page.goto(f"/audiences/new/?rule={LYON}")
    tree = page.locator("[data-tree]")
    expect(tree.locator("li[data-item]")).to_have_count(1, timeout=PATIENCE)
    page.route(READING, lambda route: route.fulfill(status=302, headers={"location": "/"}))
    tree.get_by_label("Valeur").fill("Albi")
    expect(page.get_by_role("button", name="Réessayer")).to_be_visible(timeout=PATIENCE)
    page.unroute(READING)
    text_is(page, LYON)  # what was clicked is in no text yet
    page.get_by_label("Nom", exact=True).fill("Albigeois")
    page.get_by_role("button", name="Créer l'audience").click()
    expect(page.locator("main pre, main code").first).to_have_text('companies where city = "Albi"', timeout=PATIENCE)


def test_after_a_failure_one_can_try_again(builder: Any) -> None:
    page = builder(LYON)
    page.route(READING, lambda route: route.fulfill(status=200, body="<h1>Travaux en cours</h1>"))  # as a proxy says it
    page.locator("#rule").fill("companies where city is known")
    expect(page.locator("[data-figures] .fault")).to_contain_text("Le serveur ne répond pas", timeout=PATIENCE)
    again = page.get_by_role("button", name="Réessayer")
    expect(again).to_be_visible(timeout=PATIENCE)
    page.unroute(READING)
    again.click()
    expect(page.locator("[data-sentence]")).to_have_value("Entreprises dont on connaît la ville", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [("en", "1,234", "1234"), ("en", "1,234.5", "1234.5"), ("fr", "1 234,5", "1234.5"), ("fr", "1,234", "1.234")],
)
def test_a_number_is_typed_as_people_write_it(builder: Any, language: str, typed: str, number: str) -> None:
    page = builder("companies where headcount > 3", language)
    page.locator("[data-tree] input.number").fill(typed)
    text_is(page, f"companies where headcount > {number}")


def test_a_preview_waits_for_what_was_clicked(console: Any, visit: Any, held: Any) -> None:
    console.shell("companies", "add", "name=Acme", "siren=732829320", "city=Lyon")
    page = visit("editor")
    page.goto(f"/audiences/new/?rule={LYON}")
    tree = page.locator("[data-tree]")
    expect(tree.locator("li[data-item]")).to_have_count(1, timeout=PATIENCE)
    text_is(page, LYON)
    routes = held(page)
    tree.get_by_label("Valeur").fill("Albi")
    page.get_by_role("button", name="Voir ce que cela ferait").click()
    let_go(page, routes)
    expect(page.locator("#preview dd").last).to_have_text("0", timeout=PATIENCE)  # in Lyon there is one
    text_is(page, 'companies where city = "Albi"')
