"""A file of sales is dropped, what was refused is read, and a contact's page tells what she bought."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any


def test_sales_come_in_by_a_file_and_show_on_the_contact(visit: Any, console: Any, tmp_path: Path) -> None:
    console.shell("contacts", "add", "email=lea@acme-exemple.fr", "first_name=Léa", "last_name=Martin")
    day = date.today() - timedelta(days=3)
    file = tmp_path / "ventes.csv"
    file.write_text(f"Date;E-mail;Produit;Montant HT\n{day};lea@acme-exemple.fr;Étau;1 234,50 €\nhier;lea@x.fr;Vis;3\n")
    page = visit("editor")
    page.locator("header details.menu summary").click()
    page.get_by_role("link", name="Événements", exact=True).click()
    page.get_by_role("link", name="Apporter un fichier").click()
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Voir les colonnes").click()
    page.get_by_label("Genre des lignes qui n'en disent pas").select_option("purchase")
    page.get_by_role("button", name="Essayer", exact=True).click()
    page.get_by_role("button", name="Recevoir ces événements").click(timeout=60_000)
    page.wait_for_selector('h2:has-text("Ce qui a été fait")', timeout=60_000)

    page.get_by_role("link", name="Voir les événements").click()
    refused = page.get_by_role("region", name="Derniers refusés").first
    assert "ts.form" in refused.inner_text()
    assert "« … » n'est pas un instant" in refused.inner_text()

    page.goto("/contacts/1/")
    sale = page.locator("#timeline li")
    sale.wait_for(timeout=60_000)
    assert "Achat" in sale.inner_text()
    assert "1\u202f234,50 EUR" in sale.inner_text()
    assert "par l'e-mail" in sale.inner_text()
    page.locator("#timeline:not(.htmx-request, .htmx-swapping, .htmx-settling)").wait_for()
    page.locator("#what").select_option("phase:before")
    page.get_by_text("Aucun événement de ce genre.").wait_for(timeout=60_000)
