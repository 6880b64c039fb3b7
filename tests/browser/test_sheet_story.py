"""A list follows a Google sheet that breaks overnight, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_google import FakeGoogle


@pytest.fixture
def google(tmp_path: Path) -> Iterator[FakeGoogle]:
    """Google, on a loopback port."""
    folder = tmp_path / "google"
    folder.mkdir()
    fake = FakeGoogle(folder)
    yield fake
    fake.close()


@pytest.fixture
def shell(shell: Any, google: FakeGoogle) -> Any:
    """A command line, and so a console, from which the Google of the tests is reached."""
    shell.env |= google.env
    return shell


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, {"width": 390, "height": 800}])
def test_followed_broken_overnight_and_mended(visit: Any, google: FakeGoogle, viewport: dict[str, int]) -> None:
    link = google.holds("Acme,732829320,,", "Bolt,552100554,,", "Sans clé,,,")
    page = visit("editor", viewport=viewport)
    page.goto("/lists/3/")
    page.get_by_role("link", name="Feuille Google").click()
    page.get_by_label("Adresse de la feuille").fill(link)
    page.get_by_role("button", name="Essayer la feuille").click()
    page.get_by_text("remplissez au moins une autre colonne").wait_for()
    page.get_by_role("button", name="Suivre cette feuille").click()
    page.get_by_text("2 lignes acceptées ; refusées : 1.").wait_for()

    google.says("")
    page.get_by_role("button", name="Lire maintenant").click()
    page.get_by_text("La liste reste comme elle était.").wait_for()
    page.goto("/lists/")
    assert page.get_by_text("feuille : pas à jour").count() == 1
    page.goto("/lists/3/")
    assert "Plus à jour depuis le" in page.locator(".sheet-state").inner_text()
    assert page.get_by_role("rowheader", name="Acme").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]

    google.holds("Acme,732829320,,", "Bolt,552100554,,", "Cirrus,,cirrus-exemple.fr,")
    page.get_by_role("button", name="Lire maintenant").click()
    page.get_by_text("3 lignes acceptées ; refusées : 0.").wait_for()
    page.goto("/lists/3/")
    assert "Suit une feuille Google, lue le" in page.locator(".sheet-state").inner_text()


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
