"""An audience from its definition to its members, by keyboard at the desk in French, by touch on a phone in English."""

from typing import Any

import pytest

PHONE = {"width": 390, "height": 800}


@pytest.fixture
def cast(console: Any) -> Any:
    """Acme and Crin are in Lyon, Bolt in Albi."""
    for name, city in (("Acme", "Lyon"), ("Crin", "Lyon"), ("Bolt", "Albi")):
        console.shell("companies", "add", f"name={name}", f"city={city}")
    return console.shell


def test_an_audience_is_tried_created_and_filled_by_keyboard(visit: Any, cast: Any) -> None:
    page = visit("editor")
    page.goto("/audiences/")
    page.get_by_role("link", name="Définir la première").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Nom").focus()
    page.keyboard.type("Lyonnaises")
    page.get_by_label("Une règle").focus()
    page.keyboard.type('companies where city = "Lyon"')
    page.locator(".figures-now .headline").wait_for(timeout=60_000)  # counted while it was typed
    page.get_by_role("button", name="Voir ce que cela ferait").focus()
    page.keyboard.press("Enter")
    preview = page.locator(".preview")
    preview.wait_for(timeout=60_000)
    assert "+2" in preview.inner_text()
    assert "Acme" in preview.inner_text()
    assert page.get_by_label("Nom").input_value() == "Lyonnaises"  # the form stays as it was typed

    page.get_by_role("button", name="Créer l'audience").focus()
    page.keyboard.press("Enter")
    page.get_by_text("« Lyonnaises » : 2 en plus, 0 en moins, 2 en tout.").wait_for(timeout=60_000)
    page.goto("/audiences/")
    page.get_by_role("link", name="Lyonnaises").focus()
    page.keyboard.press("Enter")
    assert page.locator(".headline strong").inner_text() == "2"
    page.get_by_role("link", name="Membres", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Expliquer Acme").focus()
    page.keyboard.press("Enter")
    page.locator(".why-tree").wait_for(timeout=60_000)
    assert "✓ vrai" in page.locator(".why-tree").inner_text()


def test_what_a_refresh_would_take_away_is_answered_on_a_phone_in_english(reader: Any, cast: Any) -> None:
    rule = 'companies where city = "Lyon"'
    cast("audiences", "create", "Lyonnaises", "--rule", rule, "--most-leaving", "20")
    cast("audiences", "refresh", "Lyonnaises")
    cast("companies", "edit", "1", "city=Albi")
    cast("audiences", "refresh", "Lyonnaises", ok=False)
    page, _words = reader("en", PHONE)
    page.goto("/audiences/1/")
    page.get_by_text("A refresh would let 1 member go: should it?").wait_for()
    page.locator(".waiting .preview").wait_for(timeout=60_000)
    assert "Acme" in page.locator(".waiting .preview").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Let 1 member go").click()
    page.get_by_text("“Lyonnaises”: 0 more, 1 fewer, 1 in all.").wait_for(timeout=60_000)
    page.goto("/companies/1/")
    page.get_by_text("In no audience.").wait_for(timeout=60_000)
