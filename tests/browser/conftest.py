"""A real console in a real browser: ``tamis serve`` on a home of its own, and Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from serving import serving
from shells import Shell
from windows import DESK, Words

from tamis.messages import Message, speaking

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for the session."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or say where it is with CHROMIUM=/path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Console:
    """The address of a served console, its command line, and the passwords of its three people."""

    url: str
    shell: Any
    passwords: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, dict[str, str]]:
    """A workspace with an admin, an editor and a viewer, to be copied, and their passwords."""
    made = Shell(tmp_path_factory.mktemp("staffed") / "home")
    passwords = {"admin": made.json("init")["password"]}
    for role in ("editor", "viewer"):
        passwords[role] = made.json("users", "add", role, "--role", role)["password"]
    return made, passwords


@pytest.fixture
def shell(tmp_path: Path, staffed: tuple[Shell, dict[str, str]]) -> Shell:
    """A command line in a workspace with an admin, an editor and a viewer."""
    return Shell(tmp_path / "home", staffed[0])


@pytest.fixture
def console(shell: Shell, staffed: tuple[Shell, dict[str, str]]) -> Iterator[Console]:
    """That workspace, served on a free port."""
    with serving(shell.env) as address:
        yield Console(address, shell, staffed[1])


@pytest.fixture
def visit(chromium: Any, console: Console) -> Iterator[Callable[..., Any]]:
    """Opens a browser window in which somebody has signed in; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(who: str | None, **options: Any) -> Any:
        context = chromium.new_context(base_url=console.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        if who:
            page.get_by_label("Nom de compte").fill(who)
            page.get_by_label("Mot de passe").fill(console.passwords[who])
            page.get_by_role("button", name="Se connecter").click()
            page.wait_for_url("**/")
        return page

    yield opened
    for context in contexts:
        context.close()
    expected = "the server responded with a status of 4"  # a refusal has its status
    assert [said for said in complaints if expected not in said] == []


@pytest.fixture
def reader(visit: Callable[..., Any]) -> Callable[..., tuple[Any, Words]]:
    """Somebody's window in a language, and the words of its pages in that language."""

    def opened(language: str, viewport: dict[str, int] = DESK, who: str = "editor") -> tuple[Any, Words]:
        page = visit(who, viewport=viewport)
        if language != "fr":
            page.locator("header summary").click()
            page.get_by_role("button", name="English").click()
            page.wait_for_selector('html[lang="en"]')

        def words(text: str, **values: Any) -> str:
            with speaking(language):
                return str(Message(text, values))

        return page, words

    return opened
