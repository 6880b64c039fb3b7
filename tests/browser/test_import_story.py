"""Whole stories of the guided import, in both languages, on a desk and on a phone."""

import re
from pathlib import Path
from typing import Any

from windows import BOTH, DESK, Words, fits

ACME, BOLT, CASA = "732829320", "552100554", "440546018"
DIRTY = "\r\n".join(
    [
        "Nom;SIREN;Domaine email;Website",
        f"Menuiserie Lefèvre;{ACME};;",
        "Transports Garnier;;contact@garnier-transports.fr;",
        "Atelier Morel;123456789;;",
        ";;;morel-atelier.fr",
        "",
    ]
)


def _figures(page: Any) -> list[int]:
    """The figures of a report: read, accepted, repaired, matched, waiting, to review, refused, then companies."""
    return [int(cell.inner_text()) for cell in page.locator("table.report td").all()]


def _give(page: Any, words: Words, file: Path) -> None:
    page.get_by_label(words("Fichier CSV ou Excel")).set_input_files(file)
    page.get_by_role("button", name=words("Vérifier ces lignes")).click()
    page.wait_for_selector("table.report")


@BOTH
def test_from_a_dirty_file_to_a_list_without_a_refused_line(
    reader: Any, tmp_path: Path, language: str, viewport: dict[str, int]
) -> None:
    page, words = reader(language, viewport)
    page.goto("/lists/3/import/")
    file = tmp_path / "salons.csv"
    file.write_bytes(DIRTY.encode("cp1252"))
    _give(page, words, file)
    assert _figures(page)[:7] == [4, 1, 0, 0, 1, 0, 3]
    fits(page)

    page.get_by_role("link", name=words("refusées").capitalize()).click()
    page.get_by_label(words("ligne %(number)s") % {"number": 4}).nth(1).fill(BOLT)
    page.get_by_role("button", name=words("Envoyer les lignes corrigées")).click()
    page.wait_for_selector(".flash")
    assert _figures(page)[6] == 2

    page.get_by_role("button", name=words("Appliquer")).click()
    page.wait_for_url("**/versions/1/**")
    fits(page)
    rows = page.locator("table.mend tbody tr")
    assert rows.count() == 2
    rows.nth(0).locator("input").nth(2).fill("garnier-transports.fr")
    rows.nth(1).locator("input").nth(3).fill("facebook.com/morel")
    page.get_by_role("button", name=words("Envoyer les lignes corrigées")).click()
    page.wait_for_selector("table.mend tbody tr:only-child")
    wrong = page.locator("table.mend tbody tr")
    assert wrong.locator("input").nth(3).input_value() == "facebook.com/morel"
    assert "facebook.com" in wrong.locator(".why").inner_text()

    wrong.locator("input").nth(0).fill("Morel")
    wrong.locator("input").nth(3).fill("morel-atelier.fr")
    page.get_by_role("button", name=words("Envoyer les lignes corrigées")).click()
    page.wait_for_url("**/versions/3/")
    page.get_by_role("link", name=words("Voir le contenu")).click()
    assert page.locator("tbody tr").count() == 4


@BOTH
def test_from_a_first_visit_to_a_sorted_base(
    reader: Any, console: Any, tmp_path: Path, language: str, viewport: dict[str, int]
) -> None:
    base = f"Raison sociale;SIREN\nAcme;{ACME}\nBolt;{BOLT}\nCasa;{CASA}\n"
    console.shell("companies", "import", console.shell.file("base.csv", base))
    page, words = reader(language, viewport)
    page.goto("/")
    fits(page)
    steps = page.locator("section.steps")
    assert steps.locator(".steps-list li").count() == 4

    steps.get_by_role("link", name="client-default").last.click()
    page.get_by_label(words("Ou collez des lignes")).fill(f"732 829 320\n{BOLT}\n")
    page.get_by_role("button", name=words("Vérifier ces lignes")).click()
    page.wait_for_selector("table.mapping")
    fits(page)
    assert page.locator("table.mapping select").input_value() == "SIREN"
    page.get_by_role("button", name=words("Vérifier ces lignes")).click()
    page.wait_for_selector("table.report")
    assert _figures(page)[3] == 2
    page.get_by_role("button", name=words("Appliquer")).click()
    page.wait_for_url("**/versions/1/**")

    page.goto("/")
    assert steps.locator(".steps-list li").count() == 3
    page.get_by_role("button", name=words("Verrouiller ces listes")).click()
    page.wait_for_selector(".flash")
    assert page.get_by_role("button", name=words("Verrouiller ces listes")).count() == 0
    assert page.locator(".bar.seg-client .n").inner_text() == "2"
    page.get_by_role("button", name=words("Fermer")).click()
    page.wait_for_function("!document.querySelector('section.steps')")


LOCKED = {
    "fr": ("reste dans client-default", "« client-default » est verrouillée", "1 entreprise partira"),
    "en": ("stays in client-default", "“client-default” is locked", "1 company will go"),
}


@BOTH
def test_a_locked_list_keeps_its_companies_against_a_later_import(
    reader: Any, console: Any, language: str, viewport: dict[str, int]
) -> None:
    console.shell("companies", "import", console.shell.file("base.csv", f"Raison sociale;SIREN\nAcme;{ACME}\n"))
    clients = console.shell.file("clients.csv", f"Nom;SIREN;Domaine email;Website\nAcme;{ACME};;\n")
    console.shell("lists", "import", "client-default", clients)
    stays, why, goes = LOCKED[language]
    page, words = reader(language, viewport)
    page.goto("/lists/")
    lock = words("Verrouiller les listes de %(segment)s") % {"segment": words("Client")}
    page.get_by_role("button", name=lock).click()
    page.wait_for_selector(".flash")

    page.goto("/lists/1/import/")
    _give(page, words, clients)
    assert stays in page.inner_text("#lines")
    assert why in page.inner_text("#lines")
    page.get_by_role("button", name=words("Appliquer")).click()
    page.wait_for_url("**/versions/1/**")
    page.goto("/companies/1/")
    assert "client-default" in page.inner_text("main")

    page.goto("/lists/unlock/?list=3")
    assert goes in page.inner_text("main")


def test_a_file_let_go_of_on_the_zone_is_chosen(reader: Any) -> None:
    page, words = reader("fr", DESK)
    page.goto("/lists/3/import/")
    drop = """text => {
        const carried = new DataTransfer();
        carried.items.add(new File([text], "salon.csv", { type: "text/csv" }));
        const zone = document.querySelector(".drop");
        for (const kind of ["dragover", "drop"])
            zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: carried }));
    }"""
    page.evaluate(drop, DIRTY)
    page.get_by_role("button", name=words("Vérifier ces lignes")).click()
    page.wait_for_selector("table.report")
    assert "« salon.csv »" in page.inner_text("h2 >> nth=0")


def test_the_path_is_walked_by_keyboard(reader: Any) -> None:
    page, _words = reader("fr", DESK)
    page.goto("/lists/3/import/")
    page.get_by_label("Ou collez des lignes").focus()
    page.keyboard.type(f"Acme\t{ACME}".replace("\t", ";"))
    for _ in range(2):  # the two choices of what happens to the content are one stop
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.mapping")
    page.get_by_label("La première ligne porte des titres").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("table.report")


def test_a_file_that_is_too_large_never_travels(visit: Any, console: Any, tmp_path: Path) -> None:
    page = visit("editor")
    page.goto("/lists/1/import/")
    file = tmp_path / "large.csv"
    file.write_bytes(b"x" * 20_000_001)
    page.get_by_label("Fichier CSV ou Excel").set_input_files(file)
    assert "20 Mo" in page.eval_on_selector("#file", "input => input.validationMessage")


@BOTH
def test_a_long_file_is_left_told_of_elsewhere_mended_and_applied(
    reader: Any, tmp_path: Path, language: str, viewport: dict[str, int]
) -> None:
    page, words = reader(language, viewport)
    file = tmp_path / "annuaire.csv"
    good = "".join(f"Société {n};;societe-{n}-exemple.fr;\n" for n in range(1500))
    file.write_text(f"Nom;SIREN;Domaine email;Website\n{good}Atelier Morel;123456789;;\n")
    page.goto("/lists/3/import/")
    page.get_by_label(words("Fichier CSV ou Excel")).set_input_files(file)
    page.route(re.compile(r"/jobs/\d+/$"), _seeing_no_end)
    page.get_by_role("button", name=words("Vérifier ces lignes")).click()
    page.wait_for_url("**/jobs/*/")
    page.goto("/lists/")
    page.unroute(re.compile(r"/jobs/\d+/$"))
    notice = page.locator("#flash").get_by_text("annuaire.csv")
    notice.wait_for(timeout=60_000)
    page.get_by_role("link", name=words("Voir le résultat")).click()
    page.wait_for_selector("table.report")
    assert _figures_of_many(page)[:2] == [1501, 1500]
    fits(page)

    page.get_by_role("link", name=words("refusées").capitalize()).click()
    page.get_by_label(words("ligne %(number)s") % {"number": 1502}).nth(1).fill(BOLT)
    page.get_by_role("button", name=words("Envoyer les lignes corrigées")).click()
    page.get_by_role("button", name=words("Appliquer")).wait_for(timeout=60_000)
    assert _figures_of_many(page)[:2] == [1501, 1501]

    page.get_by_role("button", name=words("Appliquer")).click()
    page.wait_for_url("**/versions/1/**", timeout=60_000)
    assert "annuaire.csv" in page.locator("#flash").inner_text()
    assert _figures_of_many(page)[:2] == [1501, 1501]
    fits(page)


def _seeing_no_end(route: Any) -> None:
    """Keep the page of a job from seeing that it has ended, so that it is left while it runs on any machine."""
    if route.request.resource_type == "document":
        route.continue_()
    else:
        route.fulfill(status=204)


def _figures_of_many(page: Any) -> list[int]:
    return [int("".join(filter(str.isdigit, cell.inner_text()))) for cell in page.locator("table.report td").all()]
