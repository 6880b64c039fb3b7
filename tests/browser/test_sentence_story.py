"""The sentence of a rule, written in: tree, text and count follow; a mistake shows where; nothing parts ways."""

from typing import Any

import pytest
from playwright.sync_api import expect
from windows import DESK, PHONE, fits

PATIENCE = 60_000
RULE = 'companies where city = "Lyon" and headcount >= 10'


@pytest.fixture
def staged(console: Any) -> Any:
    """Three companies in Lyon with 12, 48 and 70 people."""
    for number, (name, headcount) in enumerate((("Acme", 12), ("Bolt", 48), ("Crin", 70)), 1):
        site = f"website=exemple-{number}.fr"
        console.shell("companies", "add", f"name={name}", "city=Lyon", f"headcount={headcount}", site)
    return console


def starting(page: Any, rule: str = RULE) -> Any:
    """The page of rules with a rule in it, and its sentence."""
    page.goto(f"/rules/?rule={rule}")
    page.locator(".builder.live").wait_for()
    sentence = page.locator("[data-sentence]")
    expect(sentence).not_to_have_value("", timeout=PATIENCE)
    return sentence


def text_is(page: Any, text: str) -> None:
    expect(page.locator("#rule")).to_have_value(text, timeout=PATIENCE)


def counted(page: Any, n: int) -> None:
    expect(page.locator("[data-figures]:not(.stale) .headline strong")).to_have_text(str(n), timeout=PATIENCE)


def serious(page: Any, without: str = "[data-nothing]") -> list[Any]:
    from axe_core_python.sync_playwright import Axe

    found = Axe().run(page, context={"exclude": [[without]]})["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found if each["impact"] != "minor"]


@pytest.mark.parametrize(
    ("language", "viewport", "typed", "told"),
    [
        ("fr", DESK, 'entreprises dont la ville est "Lyon" et dont effectif est au moins 40',
         "Entreprises dont la ville est « Lyon » et dont l'effectif est d'au moins 40"),
        ("en", PHONE, 'companies whose city is "Lyon" and whose headcount is at least 40',
         "Companies whose city is “Lyon” and whose headcount is at least 40"),
    ],
    ids=["fr-desk", "en-phone"],
)  # fmt: skip
def test_a_number_is_changed_in_the_sentence_and_everything_follows(
    staged: Any, reader: Any, language: str, viewport: Any, typed: str, told: str
) -> None:  # fmt: skip
    page, words = reader(language, viewport)
    sentence = starting(page)
    counted(page, 3)
    before = sentence.input_value()
    sentence.fill(before.replace("10", "20"))
    text_is(page, RULE.replace("10", "20"))
    counted(page, 2)
    expect(page.locator("[data-tree]").get_by_label(words("Valeur")).nth(1)).to_have_value("20")

    sentence.fill(typed)
    text_is(page, RULE.replace("10", "40"))
    assert sentence.input_value() == typed  # as it was written, while somebody writes
    page.locator("#rule").focus()
    expect(sentence).to_have_value(told)
    assert page.locator("[data-missaid]").is_hidden()
    fits(page)
    counted(page, 2)  # a number that is being counted anew is pale
    assert serious(page) == []

    page.locator("[data-tree]").get_by_label(words("Valeur")).nth(1).fill("60")  # and the other way round
    expect(sentence).to_have_value(told.replace("40", "60"), timeout=PATIENCE)
    counted(page, 1)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_a_mistake_in_the_sentence_shows_where_it_is(staged: Any, reader: Any, viewport: Any) -> None:
    page, words = reader("fr", viewport)
    sentence = starting(page)
    sentence.fill("Entreprises dont la vile est « Lyon »")
    mistake = page.locator("[data-missaid]")
    expect(mistake).to_contain_text("Ligne 1, colonne 21", timeout=PATIENCE)
    expect(mistake.locator("pre")).to_contain_text("^^^^")
    expect(mistake).to_contain_text("Vouliez-vous dire « ville » ?")
    expect(sentence).to_have_attribute("aria-invalid", "true")
    assert sentence.get_attribute("aria-describedby") == mistake.get_attribute("id")
    expect(page.locator("[data-figures]")).to_contain_text(words("La phrase ne se lit pas encore : le compte attend."))
    assert page.locator("[data-tree]").evaluate("(tree) => tree.inert")
    expect(page.locator("[data-tree] li[data-item]")).to_have_count(2)
    text_is(page, RULE)
    fits(page)
    assert serious(page, without="[data-tree]") == []  # which is inert, and looks so

    page.locator("#rule").focus()  # what was written is not lost by looking elsewhere, and is not sent
    expect(sentence).to_have_value("Entreprises dont la vile est « Lyon »")
    page.get_by_role("button", name="Voir").click()
    expect(sentence).to_be_focused()
    assert page.locator("#answer .headline").count() == 0

    page.get_by_role("button", name="Revenir à la règle d'avant").click()
    expect(sentence).to_have_value("Entreprises dont la ville est « Lyon » et dont l'effectif est d'au moins 10")
    expect(sentence).to_have_attribute("aria-invalid", "false")
    counted(page, 3)


def test_the_sentence_is_written_and_taken_back_by_keyboard_alone(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    page.goto("/rules/")
    page.locator(".builder.live").wait_for()
    keys = page.keyboard
    for _ in range(40):
        keys.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-sentence]')"):
            break
    keys.type('entreprises dont la ville est "Lyon"')
    text_is(page, 'companies where city = "Lyon"')
    counted(page, 3)
    keys.press("Enter")  # a sentence has one line
    page.wait_for_timeout(1_100)  # what is typed within a second is taken back together
    keys.type(" et dont l'effectif est plus de 50.")
    text_is(page, 'companies where city = "Lyon" and headcount > 50')
    counted(page, 1)
    sentence = page.locator("[data-sentence]")
    for _ in range(80):  # slowly typed letters are taken back one by one
        if page.locator("#rule").input_value() == 'companies where city = "Lyon"':
            break
        keys.press("Control+z")
    text_is(page, 'companies where city = "Lyon"')
    assert "effectif" not in sentence.input_value()
    counted(page, 3)


def test_an_audience_is_made_from_a_sentence(staged: Any, reader: Any) -> None:
    page, words = reader("fr")
    page.goto("/audiences/new/")
    page.locator(".builder.live").wait_for()
    page.get_by_label(words("Nom"), exact=True).fill("Lyonnais")
    page.locator("[data-sentence]").fill('entreprises dont la ville est "Lyon" et dont l\'effectif est plus de 40')
    text_is(page, 'companies where city = "Lyon" and headcount > 40')
    counted(page, 2)
    page.get_by_role("button", name="Créer", exact=False).first.click()
    page.wait_for_url("**/audiences/*/")
    expect(page.get_by_role("heading", name="Lyonnais").first).to_be_visible()
