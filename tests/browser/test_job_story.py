"""Long work goes on while its page is left: it is told of elsewhere, and found again."""

from pathlib import Path
from typing import Any


def _file(folder: Path, count: int) -> Path:
    lines = "".join(f"Entreprise {n};entreprise-{n}-exemple.fr;Lyon\n" for n in range(count))
    file = folder / "salon.csv"
    file.write_text(f"Client;Site;Ville\n{lines}")
    return file


def _rehearse(page: Any, file: Path) -> None:
    page.get_by_role("link", name="Entreprises", exact=True).click()
    page.get_by_role("link", name="Importer", exact=True).first.click()
    page.get_by_label("Fichier CSV ou Excel").set_input_files(file)
    page.get_by_role("button", name="Voir les colonnes").click()
    page.get_by_label("Client", exact=True).select_option("name")
    page.get_by_role("button", name="Essayer l'import").click()


def test_an_import_is_left_told_of_elsewhere_and_found_done(visit: Any, tmp_path: Path) -> None:
    page = visit("editor")
    _rehearse(page, _file(tmp_path, 3000))
    page.get_by_role("button", name="Importer").click(timeout=60_000)
    page.wait_for_selector('h1:has-text("Import d\'entreprises")')
    job = page.url

    page.get_by_role("link", name="Listes", exact=True).click()
    notice = page.locator("#flash").get_by_text("« salon.csv » : terminé")
    notice.wait_for(timeout=60_000)
    assert page.locator("#my-jobs").inner_text() == ""
    assert page.locator("#flash").get_attribute("aria-live") == "polite"
    page.get_by_role("link", name="Voir le résultat").click()
    assert page.url == job
    figures = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator("tr").all()}
    assert figures["créées"] == "3\u202f000"

    page.get_by_role("link", name="Tous les travaux").click()
    assert page.locator("tbody tr").count() == 2


def test_axe_finds_nothing_serious_on_the_columns_nor_on_a_running_job(visit: Any, tmp_path: Path) -> None:
    from axe_core_python.sync_playwright import Axe

    page = visit("editor", viewport={"width": 390, "height": 800})
    page.goto("/companies/import/")
    page.get_by_label("Fichier CSV ou Excel").set_input_files(_file(tmp_path, 20_000))
    page.get_by_role("button", name="Voir les colonnes").click()
    page.get_by_role("button", name="Essayer l'import").wait_for()
    found = Axe().run(page)["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Client", exact=True).select_option("name")
    page.get_by_role("button", name="Essayer l'import").click()
    page.locator("progress").wait_for()
    found += Axe().run(page)["violations"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [(each["id"], each["nodes"][0]["target"]) for each in found if each["impact"] != "minor"] == []


def test_the_page_of_a_job_follows_it_to_its_end(visit: Any, tmp_path: Path) -> None:
    page = visit("editor")
    _rehearse(page, _file(tmp_path, 200))
    page.get_by_role("heading", name="Rien n'est encore changé").wait_for(timeout=60_000)
    assert page.locator("progress").count() == 0


def test_a_large_import_is_cancelled_by_keyboard(visit: Any, tmp_path: Path) -> None:
    page = visit("editor")
    _rehearse(page, _file(tmp_path, 30_000))
    page.get_by_role("button", name="Importer").click(timeout=60_000)
    page.locator("progress[max]:not([max='1'])").wait_for(timeout=60_000)
    page.locator("button.danger").focus()
    page.keyboard.press("Enter")
    page.get_by_text("annulé par editor").wait_for(timeout=60_000)
    assert "lignes au moins étaient déjà importées" in page.inner_text("main")


def test_everything_that_matches_is_moved_while_the_page_is_left_and_taken_back(
    visit: Any, console: Any, tmp_path: Path
) -> None:
    console.shell("companies", "import", _file(tmp_path, 5001), "--map", "Client=name")
    page = visit("editor")
    page.goto("/companies/selection/?city=Lyon")
    page.get_by_label("Déplacer vers").select_option(label="autre-default")
    page.get_by_role("button", name="Déplacer les 5").click()
    page.wait_for_url("**/companies/?city=Lyon", timeout=60_000)
    notice = page.locator("#flash")
    assert "5\u202f001 entreprises épinglées" in notice.inner_text()
    notice.get_by_role("button", name="Annuler").click()
    notice.get_by_text("remises où elles étaient").wait_for(timeout=60_000)
