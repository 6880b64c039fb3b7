"""A list follows a Google sheet that breaks overnight, in a real browser."""

from typing import Any

import pytest
from fake_google import FakeGoogle
from windows import BOTH, fits


@pytest.fixture
def shell(shell: Any, google: FakeGoogle) -> Any:
    """A command line, and so a console, from which the Google of the tests is reached."""
    shell.env |= google.env
    return shell


SAID = {
    "fr": ("2 lignes acceptées ; refusées : 1.", "La liste reste comme elle était.", "feuille : pas à jour",
           "Plus à jour depuis le", "3 lignes acceptées ; refusées : 0.", "Suit une feuille Google, lue le"),
    "en": ("2 lines accepted; refused: 1.", "The list stays as it was.", "sheet: not up to date",
           "Not up to date since", "3 lines accepted; refused: 0.", "Follows a Google sheet, read on"),
}  # fmt: skip
"""What the console says of the first reading, of an empty sheet (three times), and of the mended one."""


@BOTH
def test_followed_broken_overnight_and_mended(
    reader: Any, google: FakeGoogle, language: str, viewport: dict[str, int]
) -> None:
    link = google.holds("Acme,732829320,,", "Bolt,552100554,,", "Sans clé,,,")
    followed, kept, stale, since, mended, fresh = SAID[language]
    page, words = reader(language, viewport)
    page.goto("/lists/3/")
    page.get_by_role("link", name=words("Feuille Google")).click()
    page.get_by_label(words("Adresse de la feuille")).fill(link)
    page.get_by_role("button", name=words("Essayer la feuille")).click()
    page.get_by_text(words("remplissez au moins une autre colonne : {columns}", columns="")).wait_for()
    page.get_by_role("button", name=words("Suivre cette feuille")).click()
    page.get_by_text(followed).wait_for()

    google.says("")
    page.get_by_role("button", name=words("Lire maintenant")).click()
    page.get_by_text(kept).wait_for()
    page.goto("/lists/")
    assert page.get_by_text(stale).count() == 1
    page.goto("/lists/3/")
    assert since in page.locator(".sheet-state").inner_text()
    assert page.get_by_role("rowheader", name="Acme").count() == 1
    fits(page)

    google.holds("Acme,732829320,,", "Bolt,552100554,,", "Cirrus,,cirrus-exemple.fr,")
    page.get_by_role("button", name=words("Lire maintenant")).click()
    page.get_by_text(mended).wait_for()
    page.goto("/lists/3/")
    assert fresh in page.locator(".sheet-state").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_a_stale_sheet(visit: Any, google: FakeGoogle, console: Any, scheme: str) -> None:
    from axe_core_python.sync_playwright import Axe

    console.shell("sheets", "follow", "client-default", google.holds("Acme,732829320,,"))
    google.says("")
    console.shell("sheets", "fetch", "client-default", ok=False)
    page = visit("editor", color_scheme=scheme)
    for address in ("/lists/", "/lists/3/", "/lists/3/sheet/"):
        page.goto(address)
        found = [
            each for each in Axe().run(page)["violations"] if each["impact"] in ("moderate", "serious", "critical")
        ]
        assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == [], address
