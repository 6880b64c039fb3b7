"""Every example of the API's reference does what the page says, in order, against a real server."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/api.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNERS = {"sh": ["bash", "-eu", "-o", "pipefail", "-c"], "python": [sys.executable, "-c"]}


def _examples() -> list[tuple[str, str, str, str]]:
    """Each command with its language and what stands below it: the kind of answer, and the answer."""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    pairs = zip(blocks, [*blocks[1:], ("", "")], strict=True)
    return [(language, text, *after) for (language, text), after in pairs if language in RUNNERS]


def _holds(answer: Any, expected: Any) -> bool:
    """Whether an answer has everything that the page shows of it."""
    if isinstance(expected, dict):
        return all(key in answer and _holds(answer[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(answer) == len(expected) and all(map(_holds, answer, expected))
    return bool(answer == expected)


@pytest.fixture
def served(shell: Any) -> Iterator[dict[str, str]]:
    """The environment of somebody with a token, and a server."""
    from serving import serving

    token = shell.json("tokens", "create", "admin", "essai", "--right", "administer")["secret"]
    with serving(shell.env) as address:
        yield os.environ | {"TAMIS_URL": address, "TAMIS_TOKEN": token}


def test_every_example_gives_the_answer_below_it(served: dict[str, str], tmp_path: Path) -> None:
    examples = _examples()
    assert len(examples) > 15
    for language, text, kind, expected in examples:
        command = [*RUNNERS[language], text]
        ran = subprocess.run(command, env=served, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, (text, ran.stderr)
        if kind == "json":
            assert _holds(json.loads(ran.stdout), json.loads(expected)), (text, ran.stdout)
        else:
            assert kind == "text", text
            assert ran.stdout.replace("\r", "").removeprefix("\ufeff") == expected, text


def test_the_page_explains_every_status() -> None:
    from tamis.app.api.operations import REFUSALS

    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(status): meaning for status, meaning in rows} == dict(REFUSALS)


def _named(column: int) -> list[str]:
    """What stands in code in a column of the tables that set the console beside the API."""
    text = PAGE.read_text(encoding="utf-8").partition("## Console, API, command line")[2]
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith(("| `", "| — |"))]
    return [name for row in rows if len(row) > column for name in re.findall("`([^`]+)`", row[column])]


def test_every_page_of_the_console_has_its_row() -> None:
    from django.urls import URLPattern

    from tamis.app.urls import urlpatterns

    assert sorted(_named(0)) == sorted(each.name or "" for each in urlpatterns if isinstance(each, URLPattern))


def test_every_operation_stands_in_a_row() -> None:
    from tamis.app.api import v1

    known = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in v1.description()["paths"].items()
        for method in methods
    }
    assert {name for name in _named(1) if name.startswith(("GET", "POST", "PUT", "PATCH", "DELETE"))} == known


def test_every_command_of_a_row_exists() -> None:
    from tamis.cli.shell import cli

    for name in _named(2):
        if name.startswith("tamis"):
            command: Any = cli
            for word in name.split()[1:]:
                command = command.get_command(None, word)
                assert command is not None, name
