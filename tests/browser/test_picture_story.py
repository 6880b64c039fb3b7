"""From a rule to its people: built, previewed, saved, answered for, read from pictures, and asked why."""

from typing import Any

import pytest
from playwright.sync_api import expect
from windows import BOTH, PHONE, fits

EVENTS = """Date;Genre;E-mail;Montant HT;Formulaire
2026-01-05;form;lea@acme.fr;;demo
2026-01-09;purchase;lea@acme.fr;120;
"""
PATIENCE = 60_000
RULE = 'companies where headcount >= 10 and (city = "Lyon" or has contact (did form then purchase within 14 days))'


@pytest.fixture
def staged(console: Any) -> Any:
    """Acme, in Albi, of whom Léa filled in a form and bought; Bolt, in Lyon; Crin, of three people."""
    shell = console.shell
    shell("companies", "add", "name=Acme", "siren=732829320", "city=Albi", "headcount=12", "website=acme.fr")
    shell("companies", "add", "name=Bolt", "city=Lyon", "headcount=48")
    shell("companies", "add", "name=Crin", "city=Lyon", "headcount=3")
    shell("contacts", "add", "email=lea@acme.fr", "last_name=Morel")
    shell("contacts", "tie", "1", "1")
    shell("events", "append", shell.file("ventes.csv", EVENTS), "--map", "Montant HT=value", "--map", "Formulaire=form")
    return console


class Keyboard:
    """Hands that touch nothing but keys."""

    def __init__(self, page: Any) -> None:
        self.page, self.keys = page, page.keyboard

    @property
    def here(self) -> str:
        """What the element that has the focus is called."""
        return str(
            self.page.evaluate("""() => {
          const here = document.activeElement;
          const label = here.labels && here.labels.length ? here.labels[0].textContent : '';
          return (here.getAttribute('aria-label') || label || here.textContent).trim().replace(/\\s+/g, ' ');
        }""")
        )

    def to(self, name: str, most: int = 90) -> None:
        """Tab to the next element whose name begins so; those behind the last one are before the first."""
        for _ in range(most):
            self.keys.press("Tab")
            if self.here.startswith(name):
                return
        pytest.fail(f"no way to « {name} » by keyboard; the focus is on « {self.here} »")

    def press(self, name: str) -> None:
        """Tab to something and press Enter on it."""
        self.to(name)
        self.keys.press("Enter")

    def fill(self, name: str, text: str) -> None:
        """Tab to a field and type."""
        self.to(name)
        self.keys.type(text)


def serious(page: Any) -> list[Any]:
    from axe_core_python.sync_playwright import Axe

    found = Axe().run(page)["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found if each["impact"] != "minor"]


def test_a_rule_becomes_an_audience_and_its_pictures_lead_to_people_by_keyboard_alone(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    hand = Keyboard(page)
    hand.press("Audiences")
    page.wait_for_url("**/audiences/")
    hand.press("Définir la première")
    page.locator(".builder.live").wait_for()

    hand.fill("Nom", "Intéressées")
    hand.press("+ Condition")
    assert hand.here == "Sur quoi porte la condition"
    hand.keys.type("Effectif")
    hand.fill("Opérateur", "est au moins")
    hand.fill("Valeur", "10")
    hand.press("+ Groupe")
    hand.keys.type("Ville")
    hand.fill("Valeur", "Lyon")
    hand.press("+ Condition")
    hand.keys.type("Contacts de l")
    hand.fill("Sur quoi porte la condition", "Suite")
    hand.fill("Genre d'événement", "Formulaire envoyé")
    hand.fill("Genre d'événement", "Achat")
    expect(page.locator("#rule")).to_have_value(RULE, timeout=PATIENCE)
    expect(page.locator("[data-figures]:not(.stale) .headline strong")).to_have_text("2", timeout=PATIENCE)

    hand.fill("Attendre une personne", "20")
    hand.press("Voir ce que cela ferait")
    expect(page.locator(".preview")).to_contain_text("Acme", timeout=PATIENCE)
    hand.press("Créer l'audience")
    page.get_by_text("« Intéressées » : 2 en plus, 0 en moins, 2 en tout.").wait_for(timeout=PATIENCE)

    staged.shell("companies", "edit", "1", "headcount=9")
    staged.shell("audiences", "refresh", "Intéressées", ok=False)
    page.goto("/audiences/1/")
    page.locator(".waiting .preview").wait_for(timeout=PATIENCE)
    hand.press("Laisser sortir 1 membre")
    page.get_by_text("« Intéressées » : 0 en plus, 1 en moins, 1 en tout.").wait_for(timeout=PATIENCE)

    page.goto("/audiences/1/")
    page.locator("section[aria-labelledby=forecast]").wait_for(timeout=PATIENCE)
    picture = page.locator("svg[data-arrows]").nth(1)
    assert picture.locator("a[tabindex='0']").count() == 1
    while page.evaluate("document.activeElement.closest('svg[data-arrows]') === null"):
        hand.keys.press("Tab")
    hand.keys.press("Tab")  # the second picture; its last mark
    assert hand.here.endswith(": 1 sortie")
    hand.keys.press("ArrowLeft")
    assert hand.here.endswith(": 2 entrées")
    hand.keys.press("End")
    hand.keys.press("Enter")
    page.wait_for_url("**/edges/?edge=leave**")
    assert page.locator("tbody tr").count() == 1
    hand.press("Pourquoi Acme")
    page.locator(".why-tree").wait_for(timeout=PATIENCE)
    assert "Acme n'est pas dans « Intéressées »" in page.locator("#verdict").inner_text()
    assert "→ 9" in page.locator(".why-tree").inner_text()


@BOTH
def test_every_mark_of_a_life_is_pressed_and_shows_as_many_as_it_says(
    staged: Any, reader: Any, language: str, viewport: Any
) -> None:
    staged.shell("audiences", "create", "Intéressées", "--rule", RULE)
    staged.shell("audiences", "refresh", "Intéressées")
    page, _words = reader(language, viewport)
    page.goto("/audiences/1/")
    page.locator("section[aria-labelledby=forecast]").wait_for(timeout=PATIENCE)
    fits(page)
    assert serious(page) == []
    marks = page.locator(".life svg[data-arrows] a")
    assert marks.count() == 2
    for place in range(2):
        assert ": 2 " in marks.nth(place).get_attribute("aria-label").replace("\N{NO-BREAK SPACE}", " ").replace(
            " :", ":"
        )
        marks.nth(place).click()
        expect(page.locator("main tbody tr")).to_have_count(2)
        fits(page)
        page.go_back()
    page.get_by_text("The same in figures" if language == "en" else "Les mêmes en chiffres").click()
    page.locator("figure.life + details a").first.click()
    expect(page.locator("main tbody tr")).to_have_count(2)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_on_a_phone_the_count_stays_in_view_while_the_tree_grows(staged: Any, reader: Any, language: str) -> None:
    page, _words = reader(language, PHONE)
    page.goto(f"/rules/?rule={RULE}")
    count = page.locator("[data-figures] .headline")
    count.wait_for(timeout=PATIENCE)
    page.evaluate("scrollTo(0, 0)")
    tree = page.locator("[data-tree]").bounding_box()
    assert tree["y"] + tree["height"] > PHONE["height"]  # the tree alone is longer than the window
    expect(count).to_be_in_viewport()
    expect(count.locator("strong")).to_have_text("2", timeout=PATIENCE)
    fits(page)
    assert serious(page) == []
