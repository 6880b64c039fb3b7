"""Rules built by clicking, by typing and by keyboard alone, at the desk and on the phone, in both languages."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from windows import BOTH, PHONE, fits

EVENTS = """Date;Genre;E-mail;Montant HT;Formulaire
2026-01-05;form;lea@acme.fr;;demo
2026-01-09;purchase;lea@acme.fr;120;
2026-01-05;form;bob@bolt.fr;;contact
2026-03-09;purchase;bob@bolt.fr;80;
"""
PATIENCE = 60_000


@pytest.fixture
def staged(console: Any) -> Any:
    """Two companies with a contact each, who filled in a form and bought, one quickly, one late."""
    shell = console.shell
    shell("companies", "add", "name=Acme", "siren=732829320", "city=Lyon", "headcount=12", "website=acme.fr")
    shell("companies", "add", "name=Bolt", "city=Albi", "headcount=48", "website=bolt.fr")
    for who in ("email=lea@acme.fr", "email=bob@bolt.fr"):
        shell("contacts", "add", who, "last_name=Morel")
    shell("contacts", "tie", "1", "1")
    shell("contacts", "tie", "2", "2")
    shell("events", "append", shell.file("ventes.csv", EVENTS), "--map", "Montant HT=value", "--map", "Formulaire=form")
    return console


def at_rules(page: Any) -> None:
    page.goto("/rules/")
    page.locator(".builder.live").wait_for()


def text_is(page: Any, text: str) -> None:
    expect(page.locator("#rule")).to_have_value(text, timeout=PATIENCE)


def counted(page: Any, n: int) -> None:
    expect(page.locator("[data-figures]:not(.stale) .headline strong")).to_have_text(str(n), timeout=PATIENCE)


def serious(page: Any) -> list[Any]:
    from axe_core_python.sync_playwright import Axe

    found = Axe().run(page)["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found if each["impact"] != "minor"]


THREE_LEVELS = (
    'companies where headcount >= 10 and (city = "Lyon" or has contact '
    '(did form (form = "demo") then purchase within 14 days))'
)


@BOTH
def test_three_levels_and_a_sequence_are_built_by_clicking(
    staged: Any, reader: Any, language: str, viewport: Any
) -> None:  # fmt: skip
    page, words = reader(language, viewport)
    at_rules(page)
    tree = page.locator("[data-tree]")
    what = tree.get_by_label(words("Sur quoi porte la condition"))
    kind = tree.get_by_label(words("Genre d'événement"), exact=True)
    add = tree.get_by_role("button", name=f"+ {words('Condition')}")

    add.click()
    what.select_option("field:headcount")
    tree.get_by_label(words("Opérateur")).select_option(">=")
    tree.get_by_label(words("Valeur")).fill("10")
    text_is(page, "companies where headcount >= 10")
    counted(page, 2)

    tree.get_by_role("button", name=f"+ {words('Groupe')}").click()
    what.nth(1).select_option("field:city")
    tree.get_by_label(words("Valeur")).nth(1).fill("Lyon")
    add.first.click()
    what.nth(2).select_option("contact")
    what.nth(3).select_option("sequence")
    kind.nth(0).select_option("form")
    kind.nth(1).select_option("purchase")
    tree.get_by_role("button", name="+ " + words("Préciser l'événement")).first.click()
    what.nth(4).select_option("property:form")
    tree.get_by_label(words("Valeur")).last.fill("demo")
    text_is(page, THREE_LEVELS)
    counted(page, 1)
    assert page.locator("[data-sentence]").input_value().startswith(words("Entreprises"))
    expect(page.locator(".sieves li")).to_have_count(2, timeout=PATIENCE)
    page.locator("[data-near] :is(li, p, button)").first.wait_for(timeout=PATIENCE)  # a slow count is asked for more
    fits(page)
    assert serious(page) == []

    page.get_by_role("button", name=words("Voir")).click()  # what was built is what the form sends
    expect(page.locator("#answer .headline strong")).to_have_text("1", timeout=PATIENCE)


def test_what_is_typed_and_what_is_clicked_never_part_ways(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    at_rules(page)
    rule, rows = page.locator("#rule"), page.locator("[data-tree] li[data-item]")
    rule.fill('companies where city = "Lyon" and headcount > 9')
    expect(rows).to_have_count(2, timeout=PATIENCE)
    counted(page, 1)

    rows.nth(0).locator("summary").click()
    rows.nth(0).get_by_role("button", name="Désactiver").click()
    text_is(page, "companies where headcount > 9")
    counted(page, 2)
    expect(rows.nth(0).locator("[data-note]")).to_contain_text("perdue à l'enregistrement")
    rule.fill("companies where headcount > 20")  # what is switched off is in no text, and stays
    counted(page, 1)
    expect(page.locator("[data-tree] li.off")).to_have_count(1)

    rule.press_sequentially(" and hedcount > 3")
    fault = page.locator("[data-tree] li.at-fault .fault")
    expect(fault).to_contain_text("Vouliez-vous dire « headcount »", timeout=PATIENCE)
    rule.press_sequentially(" and (")
    expect(page.locator("[data-misread] pre")).to_contain_text("^", timeout=PATIENCE)
    assert page.locator("[data-tree]").evaluate("(tree) => tree.inert")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Revenir à la règle d'avant").click()
    text_is(page, "companies where headcount > 20 and hedcount > 3")

    page.locator("[data-tree]").get_by_label("Valeur").nth(1).focus()
    page.keyboard.press("Control+z")
    text_is(page, "companies where headcount > 20 and hedcount > 3 and (")
    for text in ("companies where headcount > 9", 'companies where city = "Lyon" and headcount > 9'):
        for _ in range(60):  # slowly typed letters are taken back one by one
            if rule.input_value() == text:
                break
            page.keyboard.press("Control+z")
        text_is(page, text)
    page.keyboard.press("Control+y")
    text_is(page, "companies where headcount > 9")
    counted(page, 2)


def test_what_was_left_unfinished_is_not_twice_there_when_it_is_taken_back(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    at_rules(page)
    page.locator("#rule").fill("companies where headcount > 20")
    rows = page.locator("[data-tree] li[data-item]")
    expect(rows).to_have_count(1, timeout=PATIENCE)
    page.locator("[data-tree]").get_by_label("Valeur").fill("")
    text_is(page, "")
    page.locator("[data-tree]").get_by_label("Valeur").focus()
    page.keyboard.press("Control+z")
    text_is(page, "companies where headcount > 20")
    counted(page, 1)
    expect(rows).to_have_count(1)
    page.locator("[data-tree]").get_by_role("button", name="+ Condition").click()
    text_is(page, "companies where headcount > 20")


def test_conditions_are_dragged_duplicated_and_put_into_groups(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    page.goto("/rules/?rule=companies where city is known and (headcount > 5 or revenue > 3) and founded is known")
    rows = page.locator("[data-tree] > .group > ul > li")
    expect(rows).to_have_count(3, timeout=PATIENCE)

    rows.nth(2).locator("> .grip").drag_to(rows.nth(0), target_position={"x": 40, "y": 3})
    text_is(page, "companies where founded is known and city is known and (headcount > 5 or revenue > 3)")
    rows.nth(1).locator("> details > summary").click()
    rows.nth(1).get_by_role("button", name="Mettre dans le groupe voisin").click()
    text_is(page, "companies where founded is known and (city is known or headcount > 5 or revenue > 3)")
    rows.nth(0).locator("> details > summary").click()
    rows.nth(0).get_by_role("button", name="Dupliquer").click()
    text_is(page, "companies where founded is known and founded is known "
                  "and (city is known or headcount > 5 or revenue > 3)")  # fmt: skip
    rows.nth(0).locator("> details > summary").click()
    rows.nth(0).get_by_role("button", name="Supprimer").click()
    rows.nth(0).locator("> details > summary").click()
    rows.nth(0).get_by_role("button", name="Inverser (sauf)").click()
    text_is(page, "companies where not founded is known and (city is known or headcount > 5 or revenue > 3)")
    page.get_by_label("Combien de conditions du groupe").nth(1).select_option("none")
    text_is(page, "companies where not founded is known and not (city is known or headcount > 5 or revenue > 3)")


def test_a_rule_is_built_by_keyboard_alone(staged: Any, reader: Any) -> None:
    page, _words = reader("fr")
    at_rules(page)
    keys = page.keyboard

    def focused() -> str:
        return str(
            page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent")
        )

    def tab_to(name: str, most: int = 40) -> None:
        for _ in range(most):
            keys.press("Tab")
            if focused().strip() == name:
                return
        pytest.fail(f"no way to {name} by keyboard")

    tab_to("+ Condition")
    keys.press("Enter")
    assert focused() == "Sur quoi porte la condition"
    keys.type("Effectif")
    keys.press("Tab")
    assert focused() == "Opérateur"
    keys.type("est plus")
    keys.press("Tab")
    keys.type("9")
    text_is(page, "companies where headcount > 9")
    tab_to("+ Condition")
    keys.press("Enter")
    keys.type("Suite")
    keys.press("Tab")
    keys.type("Formulaire envoyé")
    tab_to("Genre d'événement")
    keys.type("Achat")
    text_is(page, "companies where headcount > 9 and did form then purchase within 14 days")
    counted(page, 1)
    keys.press("Alt+ArrowUp")
    text_is(page, "companies where did form then purchase within 14 days and headcount > 9")
    assert focused().startswith("Actions de la condition")
    keys.press("Enter")
    tab_to("Supprimer")
    keys.press("Enter")
    text_is(page, "companies where headcount > 9")
    keys.press("Control+z")
    text_is(page, "companies where did form then purchase within 14 days and headcount > 9")


def test_a_template_fills_the_builder_and_values_are_suggested(staged: Any, reader: Any) -> None:
    page, _words = reader("fr", PHONE)
    at_rules(page)
    page.get_by_text("Partir d'un modèle").click()
    fits(page)
    page.get_by_text("PME du numérique autour de Lyon").click()
    expect(page.locator("#rule")).to_have_value(re.compile("^companies where naf starts with"), timeout=PATIENCE)
    expect(page.locator("[data-tree] li[data-item]")).to_have_count(3, timeout=PATIENCE)
    counted(page, 0)
    page.locator("[data-tree]").get_by_label("Supprimer : 69").click()
    expect(page.locator("#rule")).to_have_value(re.compile(r'department in \("01", "38", "42"\)'), timeout=PATIENCE)
    page.get_by_placeholder("ajouter une valeur").fill("81")
    page.keyboard.press("Enter")
    expect(page.locator("#rule")).to_have_value(re.compile(r'"42", "81"\)'), timeout=PATIENCE)
    page.locator("#rule").fill('companies where city = "Paris"')
    expect(page.locator("[data-tree] li[data-item]")).to_have_count(1, timeout=PATIENCE)
    city = page.locator("[data-tree]").get_by_label("Valeur")
    city.fill("ly")
    expect(page.locator("datalist option")).to_have_attribute("value", "Lyon", timeout=PATIENCE)


THERE_AND_BACK = """async (rules) => {
  const { asGroup, closed, opened } = await import(document.querySelector('script[src*="builder"]').src);
  const root = document.querySelector('[data-builder]');
  const token = document.querySelector('.rule [name=csrfmiddlewaretoken]').value;
  const post = async (given) => {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...given });
    return (await fetch(root.dataset.build, { method: 'POST', body })).json();
  };
  const others = [];
  for (const text of rules) {
    const told = await post({ text });
    const where = closed(asGroup(opened(told.tree.where, 'x')));
    const back = await post({ tree: JSON.stringify({ node: 'rule', subject: told.subject, where }) });
    if (back.text !== text || back.unfinished.length) others.push([text, back.text]);
  }
  return others;
}"""


def test_the_page_takes_every_rule_apart_and_puts_the_same_together(staged: Any, reader: Any) -> None:
    from tamis.rules.parsing import parse
    from tamis.rules.rendering import render
    from tamis.rules.templates import TEMPLATES

    examples = Path(__file__).parents[2] / "docs/reference/rule-examples.md"
    written = re.findall(r"```text\n(.+?)\n```", examples.read_text(encoding="utf-8"), re.DOTALL)
    odd = [
        "companies where not (city is known and headcount > 3) or not not city is known",
        "companies where not (not city is known or has no contact) and not (did form and in segment client)",
        "contacts where (city is known or email is known) and (city is known and (email is known or city is missing))",
        'contacts where did page_view (not (path = "/" or title is known)) at most 0 times before 2026-01-01',
        "contacts where not company (not city is known) and count(page_view) (path is known) in top 5%",
    ]
    rules = [render(parse(text)) for text in (*written, *odd, *(each.rule for each in TEMPLATES))]
    assert len(rules) > 60
    page, _words = reader("fr")
    at_rules(page)
    assert page.evaluate(THERE_AND_BACK, rules) == []
