"""Every page: nothing that axe finds serious, no sideways scrolling on a phone, a keyboard's way to the content."""

from pathlib import Path
from typing import Any

import pytest
from cast import start_jobs

from tamis.demo.sample import write_sample

PHONE = {"width": 390, "height": 800}
PAGES = (
    "/", "/lists/", "/lists/new/", "/lists/3/", "/lists/3/?status=waiting", "/lists/3/import/", "/lists/3/versions/",
    "/lists/3/versions/1/", "/lists/3/versions/1/restore/", "/lists/7/settings/", "/lists/7/delete/",
    "/lists/unlock/?list=3", "/companies/", "/companies/?segment=client&headcount_min=1", "/companies/?q=zzzz",
    "/companies/1/", "/companies/1/edit/", "/companies/new/", "/companies/1/merge/?with=2", "/nulle-part/",
    "/review/", "/review/answers/", "/review/quality/", "/jobs/", "/jobs/1/", "/jobs/2/", "/companies/import/",
)  # fmt: skip


@pytest.fixture
def furnished(console: Any, tmp_path: Path) -> None:
    """Two hundred companies, a client list with refused lines, a lock, a pin, and a very long name."""
    sample = write_sample(tmp_path / "sample", companies=200)
    console.shell("companies", "import", sample.folder / "entreprises.csv")
    console.shell("lists", "import", "client-default", sample.folder / "clients.csv")
    console.shell("lists", "lock", "client-default")
    console.shell("companies", "move", "client-default", "1", "2")
    console.shell("companies", "edit", "1", "name=" + "Établissements " * 6 + "X" * 60)
    start_jobs(console.shell, "company-rehearsal", sample.folder / "entreprises.csv")
    start_jobs(console.shell, "list-import", console.shell.file("y" * 80 + ".pdf", "%PDF-1.4"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Any, furnished: None, scheme: str) -> None:
    from axe_core_python.sync_playwright import Axe

    page = visit(None, color_scheme=scheme)
    found = [("/sign-in/", each) for each in _serious(Axe().run(page))]
    page = visit("editor", color_scheme=scheme)
    for address in PAGES:
        page.goto(address)
        found += [(address, each) for each in _serious(Axe().run(page))]
    assert found == []


def _serious(result: Any) -> list[tuple[str, Any]]:
    return [
        (each["id"], [node["target"] for node in each["nodes"]])
        for each in result["violations"]
        if each["impact"] in ("serious", "critical", "moderate")
    ]


def test_no_page_scrolls_sideways_on_a_phone(visit: Any, furnished: None) -> None:
    page = visit("editor", viewport=PHONE)
    wide = []
    for address in PAGES:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(address)
    assert wide == []


def test_the_first_tab_leads_to_the_content(visit: Any) -> None:
    page = visit("editor")
    page.goto("/lists/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_menu_opens_and_closes_by_keyboard(visit: Any) -> None:
    page = visit("editor")
    menu = page.locator("header details.menu")
    page.locator("header summary").focus()
    page.keyboard.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
