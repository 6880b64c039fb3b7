"""Every page: nothing that axe finds serious, no sideways scrolling on a phone, a keyboard's way to the content."""

from pathlib import Path
from typing import Any

import pytest
from cast import start_jobs
from shells import Shell

from tamis.demo.sample import write_sample

PHONE = {"width": 390, "height": 800}
PAGES = (
    "/", "/lists/", "/lists/new/", "/lists/3/", "/lists/3/?status=waiting", "/lists/3/import/", "/lists/3/versions/",
    "/lists/3/sheet/", "/lists/3/versions/1/", "/lists/3/versions/1/restore/", "/lists/7/settings/", "/lists/7/delete/",
    "/lists/unlock/?list=3", "/companies/",
    "/companies/?segment=client&headcount.at-least=1", "/companies/?q=zzzz&city=Lyon",
    "/companies/?cols=name,address,website,siren,updated,own.note&density=compact", "/companies/filter/",
    "/companies/filter/?on=city%3DLyon%26claim.in%3D1%7C2%26name%3DAcme",
    "/companies/?rule=companies%20where%20not%20city%20%3D%20%22Lyon%22",
    "/companies/?city=Lyon&rule=companies%20where%20hedcount%20%3E%203",
    "/contacts/?rule=contacts%20where%20not%20email%20is%20missing",
    "/companies/selection/?segment=client", "/companies/views/new/?city=Lyon",
    "/companies/1/", "/companies/1/edit/", "/companies/new/", "/companies/1/merge/?with=2", "/nulle-part/",
    "/review/", "/review/answers/", "/review/quality/", "/review/matched/?method=siren",
    "/doubles/", "/doubles/?refused=1", "/lists/3/compare/",
    "/lists/4/compare/", "/audit/", "/audit/?kind=companies.moved", "/audit/9/",
    "/audit/?by=personne", "/account/", "/settings/tokens/", "/api/docs",
    "/jobs/", "/jobs/1/", "/jobs/2/", "/jobs/3/", "/companies/import/",
    "/contacts/", "/contacts/?tag=1&status=1", "/contacts/?q=zzzz&city=Lyon", "/contacts/filter/", "/contacts/import/",
    "/contacts/views/new/?city=Lyon",
    "/contacts/?cols=name,civility,email,phone,function,origin,created&density=compact", "/contacts/selection/?tag=1",
    "/contacts/filter/?on=tag.not%3D1%26name%3Ddurand", "/contacts/1/", "/contacts/1/edit/", "/contacts/new/",
    "/companies/1/events/", "/contacts/1/events/", "/contacts/1/events/?what=phase:after", "/events/",
    "/events/figures/?period=month", "/events/arrived/?from=2026-01-01&to=2999-01-01", "/events/import/",
    "/rules/", "/rules/?rule=companies%20where%20has%20contact%20(did%20form%20then%20purchase%20within%2014%20days)",
    "/rules/?rule=companies%20where%20city%20is%20known&do=show",
    "/rules/?rule=contacts%20where%20email%20is%20known&do=show", "/rules/?rule=companies%20where%20hedcount%20%3E%203",
    "/rules/?rule=contacts%20where%20did%20purchase%20or%20company%20(in%20segment%20client)&do=explain&who=a%40acme.fr",
    "/audiences/overlap/", "/audiences/overlap/?audience=1&audience=2", "/audiences/overlap/?audience=1",
    "/audiences/compare/", "/audiences/compare/?a=1", "/audiences/compare/?a=1&b=2", "/audiences/1/forecast/",
    "/segments/flows/", "/segments/flows/?stay=1", "/segments/flows/?from=hier",
    "/segments/flows/companies/?source=new&target=prospect",
    "/audiences/", "/audiences/?q=zzzz", "/audiences/new/", "/audiences/1/", "/audiences/1/edit/",
    "/audiences/1/delete/", "/audiences/1/members/", "/audiences/1/members/?as_of=2026-03-31T18:00",
    "/audiences/1/history/", "/audiences/1/waiting/", "/audiences/1/explain/?who=1", "/audiences/2/",
    "/audiences/1/edges/", "/audiences/1/edges/?edge=leave&from=2026-01-01&to=2999-12-31", "/audiences/1/edges/?run=1",
    "/audiences/1/diff/?from=2026-01-01T00:00&to=2030-01-01T00:00",
    "/audiences/2/exclusions/", "/audiences/3/", "/companies/1/audiences/", "/contacts/1/audiences/",
    "/audiences/1/actions/", "/audiences/2/actions/",
)  # fmt: skip


FOR_ADMINS = (
    "/settings/", "/settings/users/", "/settings/users/2/", "/settings/fields/", "/settings/fields/potentiel/",
    "/settings/fields/potentiel/delete/", "/settings/fields/?subject=contact", "/settings/statuses/",
    "/settings/statuses/1/", "/settings/tags/", "/settings/tags/1/", "/settings/tag-categories/1/",
    "/audit/?kind=user.signed-in", "/settings/event-kinds/", "/contacts/1/erase/", "/erasures/1/",
)  # fmt: skip
EVERYBODY_S = [("editor", address) for address in PAGES] + [("admin", address) for address in FOR_ADMINS]


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, staffed: tuple[Shell, dict[str, str]]) -> Shell:
    """Two hundred companies, a client list with refused lines, a lock, a pin, and a very long name, to be copied."""
    shell = Shell(tmp_path_factory.mktemp("furnished") / "home", staffed[0])
    sample = write_sample(shell.home.parent / "sample", companies=200)
    shell("companies", "import", sample.folder / "entreprises.csv")
    shell("fields", "add", "Potentiel", "--type", "choice", "--choice", "fort", "--choice", "faible")
    shell("lists", "import", "client-default", sample.folder / "clients.csv")
    shell("lists", "import", "client-default", sample.folder / "clients.csv")
    shell("lists", "lock", "client-default")
    shell("companies", "move", "client-default", "1", "2")
    shell("fields", "add", "Note", "--type", "number")
    shell("companies", "edit", "1", "name=" + "Établissements " * 6 + "X" * 60)
    people = "Prénom;Nom;E-mail;Société;Statut;Tag:Secteur\nAlice;Durand;a@acme.fr;Acme;Chaud;Bois\n;;b@gmail.com;;;\n"
    shell("statuses", "add", "Chaud")
    shell("statuses", "add", "Client", "--for", "companies")
    shell("contacts", "import", shell.file("contacts.csv", people), "--create-tags")
    shell("tags", "put", "Bois", "--company", "1")
    shell("contacts", "tie", "1", "1")
    events = "Date;Genre;E-mail;Montant HT\n2026-10-01;purchase;a@acme.fr;12,50\nhier;quote;a@acme.fr;1\n"
    shell("events", "append", shell.file("ventes.csv", events), "--map", "Montant HT=value")
    shell("contacts", "erase", "b@gmail.com", "--yes")
    _audiences(shell)
    start_jobs(shell, "contact-rehearsal", shell.file("autres.csv", people + "x;;;;;\n"))
    start_jobs(shell, "company-rehearsal", sample.folder / "entreprises.csv")
    start_jobs(shell, "list-import", shell.file("y" * 80 + ".pdf", "%PDF-1.4"))
    shell("worker", "--once")
    return shell


@pytest.fixture
def shell(tmp_path: Path, furnished: Shell) -> Shell:
    """A command line in a copy of that workspace."""
    return Shell(tmp_path / "home", furnished)


def _audiences(shell: Any) -> None:
    """One that was filled and whose next refresh waits for a person, one with an exclusion, one whose rule broke."""
    shell("audiences", "create", "Établissements", "--rule", 'companies where name contains "a"', "--most-leaving", "0")
    shell("audiences", "create", "Sans eux", "--rule", "companies where city is known", "--exclude", "Établissements")
    shell("tags", "add", "Secteur", "Passager")
    shell("audiences", "create", "Cassée", "--rule", 'contacts where has tag "Passager"')
    shell("audiences", "add", "Établissements", "1")
    for kind, target in (("list", "prospect-default"), ("status", "Client"), ("mail", "lea@exemple.fr")):
        shell("audiences", "actions", "add", "Établissements", f"--{kind}", target)
    shell("audiences", "actions", "add", "Établissements", "--webhook", "https://exemple.fr/tamis", "--on", "leave")
    shell("audiences", "refresh", "--all")
    shell("tags", "delete", "Passager", "--yes")
    shell("audiences", "edit", "Établissements", "--rule", 'companies where name contains "zzz"')
    shell("audiences", "refresh", "--all", ok=False)


@pytest.mark.parametrize(
    ("scheme", "asked"), [("light", {}), ("dark", {"runOnly": ["color-contrast"]})], ids=["light", "dark"]
)
def test_axe_finds_nothing_serious(visit: Any, scheme: str, asked: dict[str, Any]) -> None:
    """In the dark only the colours are others."""
    from axe_core_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], **asked}
    page = visit(None, color_scheme=scheme)
    found = [("/sign-in/", each) for each in _serious(Axe().run(page, options=options))]
    pages = {who: visit(who, color_scheme=scheme) for who in ("editor", "admin")}
    for who, address in EVERYBODY_S:
        page = pages[who]
        page.goto(address)
        found += [(address, each) for each in _serious(Axe().run(page, options=options))]
    assert found == []


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": PHONE}], ids=["dark", "phone"])
def test_axe_finds_nothing_serious_on_the_way_of_an_import(visit: Any, options: Any) -> None:
    from axe_core_python.sync_playwright import Axe

    page = visit("editor", **options)
    found = []

    def look(name: str) -> None:
        found.extend((name, each) for each in _serious(Axe().run(page)))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    page.goto("/lists/4/import/")
    page.get_by_label("Ou collez des lignes").fill("Acme;732829320\nBolt;12\nCasa;552100554")
    page.get_by_role("button", name="Vérifier ces lignes").click()
    page.wait_for_selector("table.mapping")
    look("columns")
    page.get_by_role("button", name="Vérifier ces lignes").click()
    page.wait_for_selector("table.report")
    look("checked")
    page.get_by_role("link", name="Refusées").click()
    page.wait_for_selector("table.mend")
    look("mending")
    page.get_by_role("button", name="Appliquer").click()
    page.wait_for_selector("table.mend")
    look("report")
    assert found == []


def _serious(result: Any) -> list[tuple[str, Any]]:
    return [
        (each["id"], [node["target"] for node in each["nodes"]])
        for each in result["violations"]
        if each["impact"] in ("serious", "critical", "moderate")
    ]


def test_no_page_scrolls_sideways_on_a_phone(visit: Any) -> None:
    pages = {who: visit(who, viewport=PHONE) for who in ("editor", "admin")}
    wide = []
    for who, address in EVERYBODY_S:
        page = pages[who]
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
