"""The page of rules by keyboard: asked, mended, explained, in both languages, at the desk and on the phone."""

from typing import Any

from playwright.sync_api import expect


def test_a_rule_is_typed_counted_shown_and_explained(visit: Any, console: Any) -> None:
    console.shell("companies", "add", "name=Acme", "siren=732829320", "city=Lyon", "headcount=12")
    console.shell("companies", "add", "name=Bolt", "city=Albi")
    page = visit("viewer")
    page.get_by_role("link", name="Règles", exact=True).click()
    rule = page.get_by_label("Une règle")
    rule.press_sequentially('companies where city = "Lyon" and hedcount > 5')
    fault = page.locator("[data-tree] li.at-fault").get_by_text("Vouliez-vous dire « headcount »")
    fault.wait_for(timeout=60_000)

    rule.fill('companies where city = "Lyon" and headcount > 5')
    page.get_by_text("Entreprises dont la ville est « Lyon »").wait_for(timeout=60_000)
    expect(page.locator("[data-figures]:not(.stale) .headline strong")).to_have_text("1", timeout=60_000)

    page.get_by_role("button", name="Voir").focus()
    page.keyboard.press("Enter")
    page.locator("#answer").get_by_role("link", name="Acme").wait_for(timeout=60_000)

    page.keyboard.press("Tab")
    page.keyboard.type("732829320")
    page.keyboard.press("Enter")  # explains, although another button comes first
    page.locator(".why-tree").wait_for(timeout=60_000)
    tree = page.locator(".why-tree").inner_text()
    assert tree.count("✓ vrai") == 4
    assert "12" in tree
