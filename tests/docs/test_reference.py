"""The reference says what the code does."""

import re
from pathlib import Path

import pytest

from tamis.sources import company_fields, contact_fields

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("fields", [company_fields, contact_fields], ids=["companies", "contacts"])
def test_the_headings_of_files_are_those_of_the_code(fields):
    companies, _, contacts = (ROOT / "docs/reference/fichiers.md").read_text(encoding="utf-8").partition("## Contacts")
    text = companies if fields is company_fields else contacts
    documented = {
        key: (heading, {other.strip() for other in others.split(",") if other.strip()})
        for key, heading, others in re.findall(r"^\| `(\w+)` \| ([^|]+?) \| ([^|]*?) \|$", text, re.MULTILINE)
    }
    assert documented == {field.key: (field.heading, set(field.others)) for field in fields.FIELDS}


@pytest.mark.parametrize("fields", [company_fields, contact_fields], ids=["companies", "contacts"])
def test_no_heading_means_two_fields(fields):
    for field in fields.FIELDS:
        assert {fields.field_of(heading) for heading in (field.key, field.heading, *field.others)} == {field}


def test_every_command_of_the_readme_and_the_tutorial_exists(bare_shell):
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/tutoriel/premiers-pas.md")]
    groups = "lists|sheets|companies|contacts|statuses|events|fields|users|settings"
    commands = {match for text in texts for match in re.findall(rf"tamis (init|serve|demo|(?:{groups}) [a-z-]+)", text)}
    assert len(commands) > 12
    for command in sorted(commands):
        assert "Usage: tamis" in bare_shell(*command.split(), "--help").out


def test_links_in_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_refusal_of_a_sheet_is_documented():
    text = (ROOT / "docs/reference/feuilles-google.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`((?:sheet|outgoing)\.[a-z-]+)`", text))
    sources = ("sources/google_*.py", "sources/outgoing.py", "app/services/sheet*.py")
    code = "".join(
        path.read_text(encoding="utf-8") for pattern in sources for path in (ROOT / "src/tamis").glob(pattern)
    )
    known = set(re.findall(r'"((?:sheet|outgoing)\.[a-z-]+)"', code))
    outcomes = {"sheet.applied", "sheet.unchanged", "sheet.none", "sheet.every"}
    assert documented == known - outcomes


def test_the_kinds_of_jobs_are_those_of_the_code():
    from tamis.app.services import jobs

    text = (ROOT / "docs/reference/travaux.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+-[a-z]+)` \|", text, re.MULTILINE)) == set(jobs.kinds())


def test_what_the_security_table_names_exists():
    text = (ROOT / "docs/reference/securite-asvs.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:app|identity|sources|accounts|api|pages|sheets|templates)/[\w/.-]*)`", text):
        places = (ROOT / "src/tamis" / path, ROOT / "src/tamis/app" / path, ROOT / "tests" / path)
        assert any(place.exists() for place in places), path
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in tests, name


def test_every_point_of_the_security_table_says_how_it_stands_and_why():
    text = (ROOT / "docs/reference/securite-asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+\.\d+\.\d+)[^|]* \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) > 120
    assert len({point for point, _state, _why in rows}) == len(rows)
    assert {state for _point, state, _why in rows} == {"tenu", "tenu en partie", "non tenu", "sans objet"}


def test_every_command_of_the_lake_and_its_events_exists(bare_shell):
    text = (ROOT / "docs/reference/lac.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"`tamis ((?:events|lake|backup|restore)(?: kinds)?(?: (?:[a-z]+))?)", text))
    assert len(commands) > 9
    for command in sorted(commands):
        assert "Usage: tamis" in bare_shell(*command.split(), "--help").out


def test_every_command_and_option_of_the_rules_exists():
    from click import Context

    from tamis.cli.shell import cli

    page = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    text = page.partition("## Asking")[2].partition("\n## ")[0]
    commands = {name: cli.get_command(Context(cli), name) for name in ("count", "select", "describe", "explain")}
    assert set(re.findall(r"`tamis ([a-z]+) RULE", text)) == set(commands)
    options = {option for command in commands.values() for each in command.params for option in each.opts}
    documented = set(re.findall(r"`(?:tamis \w+ RULE )?(--[a-z-]+)", text))
    assert documented == {each for each in options if each.startswith("--")}


def test_every_command_and_option_of_the_audiences_is_documented_and_exists():
    from click import Context

    from tamis.cli.audiences import audiences

    page = (ROOT / "docs/reference/audiences.md").read_text(encoding="utf-8")
    rows = {name: line for line in page.splitlines() for name in re.findall(r"`tamis audiences ([a-z]+)", line)
            if line.startswith("| `tamis")}  # fmt: skip
    commands = {name: audiences.get_command(Context(audiences), name) for name in audiences.list_commands(None)}
    assert set(rows) == set(commands)
    for name, command in commands.items():
        options = {each for parameter in command.params for each in parameter.opts if each.startswith("--")}
        assert set(re.findall(r"(--[a-z-]+)", rows[name])) == options - {"--json"}, name


def test_every_refusal_state_and_mode_of_the_audiences_is_documented():
    from tamis.app.models import AudienceRun, Mode
    from tamis.app.services.audience_history import Standing

    page = (ROOT / "docs/reference/audiences.md").read_text(encoding="utf-8")
    sources = [*(ROOT / "src/tamis").rglob("*audience*.py"), ROOT / "src/tamis/app/services/refreshing.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in {*sources, ROOT / "src/tamis/audiences/members.py"})
    assert set(re.findall(r"`(audience\.[a-z-]+)`", page)) == set(re.findall(r'"(audience\.[a-z-]+)"', code)) - {
        f"audience.{word}"
        for word in ("created", "changed", "deleted", "pinned", "confirmed", "acted", "entered", "left")
    }
    words = {*re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)}
    assert words == {*Mode.values, *(each.value for each in Standing), *AudienceRun.State.values,
                     *AudienceRun.Way.values, "busy"}  # fmt: skip


def test_every_command_of_the_tutorial_of_audiences_has_its_options():
    import shlex

    from click import Context

    from tamis.cli.audiences import audiences

    text = (ROOT / "docs/tutoriel/audiences.md").read_text(encoding="utf-8")
    lines = re.findall(r"^    tamis audiences (.+)$", text, re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        name, *arguments = shlex.split(line)
        command = audiences.get_command(Context(audiences), name)
        command.make_context(name, arguments)  # a wrong option or a missing argument raises
