"""A dirty file into a new list: checked, applied, its refused lines mended and added, until every line is in."""

from pathlib import Path
from typing import Any

DIRTY = "\r\n".join(
    [
        "Nom;SIREN;Domaine email;Website",
        "Menuiserie Lefèvre;732829320;;",
        "Transports Garnier;;contact@garnier-transports.fr;",
        "Atelier Morel;123456789;;",
        ";;;morel-atelier.fr",
        "",
    ]
)
MENDED = {
    "contact@garnier-transports.fr": "garnier-transports.fr",
    "123456789": "552100554",
    ",,,morel-atelier.fr": "Morel,,,morel-atelier.fr",
}


def test_from_a_dirty_file_to_a_list_without_a_refused_line(visit: Any, tmp_path: Path) -> None:
    page = visit("editor")
    page.get_by_role("link", name="Listes", exact=True).click()
    page.get_by_role("link", name="Nouvelle liste", exact=True).click()
    page.get_by_label("Segment").select_option("prospect")
    page.get_by_label("Nom").fill("salons")
    page.get_by_role("button", name="Créer la liste").click()

    file = tmp_path / "salons.csv"
    file.write_bytes(DIRTY.encode("cp1252"))
    _check(page, file)
    assert _figures(page)["acceptées"] == "1"
    assert _figures(page)["refusées"] == "3"
    assert "rien n'est encore changé" in page.inner_text("main")

    page.get_by_role("button", name="Appliquer").click()
    assert "« salons.csv » importé." in page.inner_text("#flash")
    assert _figures(page)["refusées"] == "3"

    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger les lignes refusées").click()
    mended = tmp_path / "mended.csv"
    text = Path(download.value.path()).read_text("utf-8-sig")
    for wrong, right in MENDED.items():
        assert wrong in text
        text = text.replace(wrong, right, 1)
    mended.write_text(text, "utf-8")

    page.get_by_role("navigation", name="Dans cette liste").get_by_role("link", name="Importer").click()
    page.get_by_label("reste, le fichier s'ajoute").check()
    _check(page, mended)
    assert _figures(page)["refusées"] == "0"
    page.get_by_role("button", name="Appliquer").click()
    page.get_by_role("link", name="Voir le contenu").click()
    assert page.locator("tbody tr").count() == 4


def _check(page: Any, file: Path) -> None:
    page.get_by_label("Fichier CSV ou Excel").set_input_files(file)
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.wait_for_selector("table.report")


def _figures(page: Any) -> dict[str, str]:
    return {
        row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator("table.report tr").all()
    }


def test_a_file_that_is_too_large_never_travels(visit: Any, console: Any, tmp_path: Path) -> None:
    page = visit("editor")
    page.goto("/lists/1/import/")
    file = tmp_path / "large.csv"
    file.write_bytes(b"x" * 20_000_001)
    page.get_by_label("Fichier CSV ou Excel").set_input_files(file)
    assert "20 Mo" in page.eval_on_selector("#file", "input => input.validationMessage")
