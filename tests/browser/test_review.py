"""The review queue by keyboard alone, by mouse, without scripts; and what axe and a phone say of its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from windows import PHONE, fits

ADDRESSES = ("/review/", "/review/1/other/?q=groupe", "/review/answers/", "/review/quality/", "/lists/3/")


@pytest.fixture
def doubts(console: Any) -> Callable[[int], None]:
    """So many lines of client-default, « Ligne 1 » first, each with two companies at its domain."""

    def made(n: int) -> None:
        cells = [f"Groupe {i} {city};g{i}.fr;{city}" for i in range(1, n + 1) for city in ("Lyon", "Lille")]
        for cell in cells:
            name, site, city = cell.split(";")
            console.shell("companies", "add", f"name={name}", f"website={site}", f"city={city}")
        lines = "\n".join(f"Ligne {i};;g{i}.fr;" for i in range(1, n + 1))
        file = console.shell.file("clients.csv", f"Nom;SIREN;Domaine email;Website\n{lines}\n")
        console.shell("lists", "import", "client-default", file)

    return made


@pytest.fixture
def queue(visit: Any, doubts: Any) -> Callable[..., Any]:
    """Opens the queue as the editor, with so many doubts."""

    def opened(n: int, **options: Any) -> Any:
        doubts(n)
        page = visit("editor", **options)
        page.goto("/review/")
        return page

    return opened


def _type(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _lines(page: Any) -> Any:
    return page.locator(".doubt")


def _current(page: Any) -> Any:
    return page.locator(".doubt[aria-current] h2")


def test_a_queue_is_emptied_by_keyboard_alone(queue: Any) -> None:
    page = queue(5)
    flash = page.locator("#flash")
    _type(page, "j", "ArrowDown", "k")
    expect(_current(page)).to_have_text("Ligne 2")
    expect(page.locator(".doubt:focus h2")).to_have_text("Ligne 2")

    _type(page, "2")
    expect(flash).to_contain_text("« Ligne 2 » est « Groupe 2 Lille »")
    expect(_lines(page)).to_have_count(4)
    expect(page.locator(".doubt:focus h2")).to_have_text("Ligne 3")
    expect(page.locator("#to-review")).to_have_text("4")

    _type(page, "x")
    expect(page.locator("#hint")).to_contain_text("refuser")
    _type(page, "1")
    expect(flash).to_contain_text("« Ligne 3 » n'est pas « Groupe 3 Lyon »")
    expect(_current(page)).to_have_text("Ligne 3")

    _type(page, "0")
    expect(flash).to_contain_text("« Ligne 3 » n'est aucune des entreprises proposées")
    expect(_lines(page)).to_have_count(3)

    _type(page, "u")
    expect(flash).to_contain_text("Réponse retirée pour « Ligne 3 »")
    expect(_current(page)).to_have_text("Ligne 3")
    _type(page, "u")
    expect(page.locator(".doubt[aria-current] .choices li")).to_have_count(2)

    _type(page, " ", "j", " ", "Shift+A")
    expect(page.locator("#confirm")).to_contain_text("2 lignes cochées")
    _type(page, "Enter")
    expect(flash).to_contain_text("2 lignes décidées")
    expect(_lines(page)).to_have_count(2)

    _type(page, "k", "k", " ", "Shift+N", "Enter")
    expect(flash).to_contain_text("« Ligne 1 » n'est aucune")
    _type(page, "1")
    expect(page.locator("#queue")).to_contain_text("Rien à vérifier")
    expect(page.locator("#to-review")).to_have_text("")


def test_it_is_emptied_by_keyboard_in_english_on_a_phone(reader: Any, doubts: Any) -> None:
    doubts(2)
    page, _words = reader("en", PHONE)
    page.goto("/review/")
    flash = page.locator("#flash")
    _type(page, "j", "2")
    expect(flash).to_contain_text("“Ligne 2” is “Groupe 2 Lille”")
    _type(page, "0")
    expect(flash).to_contain_text("“Ligne 1” is none of the proposed companies")
    _type(page, "u")
    expect(flash).to_contain_text("Answer withdrawn for “Ligne 1”")
    _type(page, "1")
    expect(page.locator("#queue")).to_contain_text("Nothing to review")
    fits(page)


def test_keys_typed_while_an_answer_travels_are_heeded_in_order(queue: Any) -> None:
    page = queue(4)
    _type(page, "1", "2", "j", "1")
    expect(_lines(page)).to_have_count(1)
    page.goto("/review/answers/")
    said = page.locator("tbody th").all_inner_texts()
    wanted = (
        "« Ligne 4 » est « Groupe 4 Lyon »",
        "« Ligne 2 » est « Groupe 2 Lille »",
        "« Ligne 1 » est « Groupe 1 Lyon »",
    )
    for sentence, text in zip(wanted, said, strict=True):
        assert sentence in text


def test_digits_of_a_french_keyboard_need_no_shift(queue: Any) -> None:
    page = queue(1)
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '&', code: 'Digit1', bubbles: true}))"
    )
    expect(page.locator("#flash")).to_contain_text("« Ligne 1 » est « Groupe 1 Lyon »")


def test_a_held_key_answers_once(queue: Any) -> None:
    page = queue(2)
    page.keyboard.down("1")
    page.keyboard.down("1")
    page.keyboard.down("1")
    page.keyboard.up("1")
    expect(_lines(page)).to_have_count(1)
    page.wait_for_timeout(300)
    assert _lines(page).count() == 1


def test_what_is_asked_of_many_lines_can_be_called_off(queue: Any) -> None:
    page = queue(2)
    _type(page, "Shift+A")
    expect(page.locator("#hint")).to_contain_text("Cochez d'abord")
    _type(page, " ", "Shift+A", "1", "Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    expect(page.locator(".doubt:focus h2")).to_have_text("Ligne 1")
    assert _lines(page).count() == 2


def test_typing_in_a_field_answers_nothing(queue: Any) -> None:
    page = queue(1)
    page.get_by_label("Liste", exact=True).focus()
    _type(page, "1", "0", "x", "1")
    page.goto("/review/1/other/")
    page.get_by_label("Nom, SIREN").press_sequentially("10 xu")
    page.goto("/review/")
    assert _lines(page).count() == 1


def test_the_keys_are_shown_and_hidden(queue: Any) -> None:
    page = queue(1)
    _type(page, "?")
    expect(page.get_by_text("c'est ce candidat", exact=True)).to_be_visible()
    _type(page, "?")
    expect(page.get_by_text("c'est ce candidat", exact=True)).to_be_hidden()


def test_the_mouse_answers_undoes_and_ticks_a_page(queue: Any) -> None:
    page = queue(3)
    page.get_by_role("button", name="C'est elle : Groupe 1 Lyon").click()
    expect(page.locator("#flash")).to_contain_text("« Ligne 1 » est « Groupe 1 Lyon »")
    page.get_by_role("button", name="Annuler").click()
    expect(_lines(page)).to_have_count(3)
    page.get_by_label("Cocher Ligne 2").check()
    page.get_by_role("button", name="Ce n'est pas elle : Groupe 1 Lille").click()
    expect(page.locator("#flash")).to_contain_text("n'est pas")
    expect(page.get_by_label("Cocher Ligne 2")).to_be_checked()
    page.get_by_label("Toute la page").check()
    expect(page.locator("[data-count]")).to_have_text("3")
    page.get_by_role("button", name="Le premier candidat").click()
    expect(page.locator("#flash")).to_contain_text("3 lignes décidées")


def test_another_company_is_found_and_accepted(queue: Any, console: Any) -> None:
    page = queue(1)
    console.shell("companies", "add", "name=Bolt")
    page.get_by_role("link", name="Une autre").click()
    page.get_by_label("Nom, SIREN").press_sequentially("bolt")
    page.get_by_role("button", name="C'est elle : Bolt").click()
    expect(page.locator("#flash")).to_contain_text("« Ligne 1 » est « Bolt »")


def test_everything_is_answered_without_scripts(doubts: Any, visit: Any) -> None:
    doubts(3)
    page = visit("editor", java_script_enabled=False)
    page.goto("/review/")
    page.get_by_role("button", name="C'est elle : Groupe 1 Lyon").click()
    assert "« Ligne 1 » est « Groupe 1 Lyon »" in page.inner_text("#flash")
    page.get_by_role("button", name="Annuler").click()
    assert _lines(page).count() == 3
    page.get_by_label("Cocher Ligne 1").check()
    page.get_by_label("Cocher Ligne 3").check()
    page.get_by_role("button", name="Aucune pour toutes").click()
    assert "2 lignes décidées" in page.inner_text("#flash")
    assert _lines(page).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_shows_it_all(queue: Any, scheme: str) -> None:
    from axe_core_python.sync_playwright import Axe

    page = queue(3, color_scheme=scheme, viewport=PHONE)
    page.get_by_role("button", name="Ce n'est pas elle : Groupe 3 Lyon").click()
    expect(page.locator("#flash")).to_contain_text("n'est pas")
    found = [("notice", each["id"]) for each in Axe().run(page)["violations"]]
    for address in ADDRESSES:
        page.goto(address)
        found += [(address, each["id"]) for each in Axe().run(page)["violations"] if each["impact"] != "minor"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    assert found == []
