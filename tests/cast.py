"""Companies, lists and files that many stories start from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import launcher
import pytest

HEADINGS = "Nom;SIREN;Domaine email;Website"


@pytest.fixture
def company(alice: Any) -> Callable[..., Any]:
    """Types a company in: ``company("Acme", siren="732829320", website="acme.fr")``."""
    from tamis.app.services import companies

    def made(name: str, **values: str) -> Any:
        return companies.add(alice, {"name": name, **values})

    return made


@pytest.fixture
def make_list(alice: Any) -> Callable[[str, str], Any]:
    """Makes a list: ``make_list("prospect", "salons")``."""
    from tamis.app.services import lists

    return lambda segment, label: lists.create(alice, lists.find_segment(segment), label)


@pytest.fixture
def import_lines(alice: Any, tmp_path: Path) -> Callable[..., Any]:
    """Imports lines of four cells into a list: ``import_lines(target, "Acme;732829320;;")``."""
    from tamis.app.services import list_imports

    count = 0

    def imported(target: Any, *lines: str, **options: Any) -> Any:
        nonlocal count
        count += 1
        file = tmp_path / options.pop("file_name", f"import-{count}.csv")
        file.write_text("\n".join([HEADINGS, *lines]) + "\n", encoding="utf-8")
        return list_imports.import_file(alice, target, file, **options)

    return imported


@pytest.fixture
def import_text(alice: Any, tmp_path: Path) -> Callable[..., Any]:
    """Imports the text of a file by a service; gives the report, and what was told of lines in ``report.told``."""

    def imported(service: Any, text: str, name: str = "base.csv", **options: Any) -> Any:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        told: list[tuple[int, str, str]] = []
        report = service.import_file(
            alice, file, told=lambda line, what, why: told.append((line, what, str(why))), **options
        )
        report.told = told
        return report

    return imported


def counts(report: Any) -> tuple[int, int, int, int]:
    """What an import did with its lines."""
    return report.created, report.updated, report.unchanged, report.refused


def list_of(company: Any) -> str:
    """The name of the list a company is in now."""
    from tamis.app.models import Company

    return Company.objects.select_related("list").get(pk=company.pk).list.name


START = """
import sys
from tamis.cli.shell import django_ready
actor = django_ready()
from tamis.app.services import jobs
kind, file, count = sys.argv[1:]
for _ in range(int(count)):
    print(jobs.start(actor, kind, {"file_name": file.rpartition("/")[2], "list": 1}, {"file": open(file, "rb")}).pk)
"""


def start_jobs(shell: Any, kind: str, file: Path, count: int = 1) -> list[int]:
    """Put jobs of a kind with a file in the queue of a command line's workspace; their numbers."""
    done = launcher.run(["-c", START, kind, file, count], shell.env)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]
